"""Receipts: what became of an address, and by which rules."""

from __future__ import annotations

import msgspec


class Rule(msgspec.Struct, frozen=True):
    """One rule that changed an address, and what it did."""

    name: str
    detail: str


class Receipt(msgspec.Struct, frozen=True):
    """A canonical URL with what led to it.

    `url`, `key` and `host` are empty where the text is no web address. `host` is the host of the match key.
    `amp` tells which kind of AMP address it was: ``amphtml`` (the publisher's), ``cachedCopy`` (a cache's) or empty.
    """

    url: str
    key: str
    host: str
    rules: tuple[Rule, ...] = ()
    amp: str = ""


NO_ADDRESS = Receipt("", "", "")
