"""Dataset: the title, licence and creators of an export, as the user states them."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec
import pyoxigraph as ox

from graphkit.diagnostics.quoting import quoted
from graphkit.errors import UsageError

TITLE = "Coverage graph"
SPDX = "https://spdx.org/licenses/"


class About(msgspec.Struct, frozen=True):
    """An export's title, the IRI of its licence, and its creators, each an IRI or a name, sorted; empty if unknown."""

    title: str = TITLE
    licence: str = ""
    creators: tuple[str, ...] = ()


NOTHING_STATED = About()


def about(*, title: str = "", licence: str = "", creators: Iterable[str] = ()) -> About:
    """Return the metadata of an export. Raises `UsageError` for a licence or creator that is not valid.

    >>> about(licence="CC-BY-4.0", creators=["The Harbour Desk"])
    About(title='Coverage graph', licence='https://spdx.org/licenses/CC-BY-4.0', creators=('The Harbour Desk',))
    """
    named = (creators,) if isinstance(creators, str) else creators
    title = _text("title", title or TITLE)
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.+-]*", licence):
        licence = SPDX + licence
    elif licence:
        licence = _iri("licence", licence, "an IRI or an identifier of SPDX such as CC-BY-4.0")
    makers = {_iri("creator", one) if is_iri(one) else _text("creator", one) for one in named}
    return About(title, licence, tuple(sorted(makers)))


def is_iri(text: str) -> bool:
    """Return whether a creator is given as an IRI, not as a name."""
    return re.match(r"(?:https?|mailto|urn|did):", text) is not None


def _iri(name: str, text: str, expected: str = "an IRI") -> str:
    try:
        return ox.NamedNode(text).value
    except ValueError:
        raise UsageError(f"{name}: expected {expected}, got {quoted(text)}") from None


def _text(name: str, text: str) -> str:
    words = " ".join(text.split())
    if not words or not words.isprintable():
        raise UsageError(f"{name}: expected words without control characters, got {quoted(text)}")
    return words
