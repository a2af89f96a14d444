"""Content negotiation: which of the formats on offer a client wants (RFC 9110, section 12.5.1)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from graphkit.server.result_formats import BOOLEANS, GRAPHS, SOLUTIONS, ResultFormat

NAMED = 1e-4
"""Added to the quality of a type that is named, to win against equals; qualities have three digits."""

MAX_ACCEPT = 4096
"""Characters of a header that are read; the rest is ignored."""


@lru_cache(maxsize=512)
def accepted(header: str) -> tuple[str, str, str]:
    """Return the names of the formats for solutions, for booleans and for graphs, empty if none is acceptable.

    >>> accepted("text/csv;q=0.9, text/turtle, application/json;q=0.1")
    ('csv', 'csv', 'ttl')
    >>> accepted("image/png")
    ('', '', '')
    """
    wanted = _ranges(header)
    return _best(wanted, SOLUTIONS), _best(wanted, BOOLEANS), _best(wanted, GRAPHS)


@lru_cache(maxsize=512)
def quality(header: str, media_type: str) -> float:
    """Return the quality that a client gives a media type, from 0 to 1.

    >>> quality("text/html, */*;q=0.1", "text/html"), quality("text/html, */*;q=0.1", "text/turtle")
    (1.0, 0.1)
    """
    return _quality(_ranges(header), media_type)


def wants_page(header: str) -> bool:
    """Return whether a client prefers HTML to any graph format, as browsers do.

    >>> wants_page("text/html, */*;q=0.8"), wants_page("*/*"), wants_page("text/html;q=0.5, application/ld+json")
    (True, False, False)
    """
    if "text/html" not in header:
        return False
    graphs = (format.media_type.partition(";")[0] for format in GRAPHS.values())
    return quality(header, "text/html") >= max(quality(header, one) for one in graphs)


def takes_gzip(header: str) -> bool:
    """Return whether an Accept-Encoding header allows gzip.

    >>> takes_gzip("br, gzip;q=0.5"), takes_gzip("gzip;q=0, *"), takes_gzip("")
    (True, False, False)
    """
    wanted = _weighed(header)
    return wanted.get("gzip", wanted.get("*", 0.0)) > 0


def _ranges(header: str) -> dict[str, float]:
    """Return each media range with its quality. No header, or an empty one, accepts everything."""
    return {name: number for name, number in _weighed(header).items() if "/" in name} or {"*/*": 1.0}


def _weighed(header: str) -> dict[str, float]:
    """Return the items of a header, each with its quality, the higher one if it is listed twice."""
    wanted: dict[str, float] = {}
    for part in header[:MAX_ACCEPT].lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        if name:
            number = next((_number(one[1:]) for one in parameters if one.startswith("q")), 1.0)
            wanted[name] = max(wanted.get(name, 0.0), number)
    return wanted


def _number(text: str) -> float:
    """Return the quality after a `q`, 1 if it is not a number."""
    digits = text.strip().removeprefix("=").strip()
    plain = digits.replace(".", "", 1)
    return min(float(digits), 1.0) if plain.isascii() and plain.isdigit() and len(digits) < 20 else 1.0


def _quality(wanted: Mapping[str, float], media_type: str) -> float:
    """Return the quality of the most specific range that fits."""
    kind = media_type.partition("/")[0]
    for name in (media_type, f"{kind}/*", "*/*"):
        if name in wanted:
            return wanted[name]
    return 0.0


def _best(wanted: Mapping[str, float], offers: Mapping[str, ResultFormat[Any]]) -> str:
    best, name = 0.0, ""
    for offer, format in offers.items():
        own = format.media_type.partition(";")[0]
        # A format's other media types count only by name. A name wins against a wildcard: `application/json, */*`
        # selects JSON.
        found = max(_quality(wanted, own), *(wanted.get(one, 0.0) for one in ("", *format.also)))
        found += NAMED * (found > 0 and any(one in wanted for one in (own, *format.also)))
        if found > best:
            best, name = found, offer
    return name
