"""Entries: the fields of one record, or of one entry under `related`, checked and cleaned."""

from __future__ import annotations

import msgspec

from graphkit.records.attributes import Stated


class Image(msgspec.Struct, frozen=True, order=True, array_like=True):
    """An image; width and height in pixels, 0 where unknown."""

    url: str
    width: int = 0
    height: int = 0


class Entry(Stated, frozen=True):
    """What one record, or one entry under `related`, says of an article. Empty means unknown.

    `notes` names harmless oddities, to be counted in the report.
    """

    web_url: str = ""
    original_url: str = ""
    amp_url: str = ""
    cdn_url: str = ""
    provider_name: str = ""
    provider_domain: str = ""
    topics: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    related: tuple[Entry | None, ...] = ()
    notes: tuple[str, ...] = ()


class TopicEntry(msgspec.Struct, frozen=True, array_like=True, tag="topic"):
    """What a topic file says: its name, its other names, its parent's name and its keywords."""

    name: str
    labels: tuple[str, ...] = ()
    parent: str = ""
    keywords: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class ProviderEntry(msgspec.Struct, frozen=True, array_like=True, tag="provider"):
    """What a file of an organization says: its name and its domain, one of which may be empty."""

    name: str
    domain: str = ""
    notes: tuple[str, ...] = ()


RecordEntry = Entry | TopicEntry | ProviderEntry
"""What a record says: of an article, a topic or a provider."""
