"""The fast path: records in the layout that nearly all have, read at once and without a fault.

News services write the same fields in the same order, each in its own style. One pattern matches all fields of front
matter (`fast_yaml`), one struct takes all fields of JSON (`fast_json`), and few checks are left for this module. A
record in any other layout gives None and goes through the general readers, which give the same entry, only slower.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from graphkit.records.entry import Entry, Image
from graphkit.records.faults import FieldFault
from graphkit.records.text_values import plain_text, usual_text
from graphkit.urls.domains import domain_of
from graphkit.urls.web_address import MAX_URL, tidy

Pictures = Sequence[tuple[str, int, int]]
"""Images as they are written: URL, width and height, 0 where unknown."""


def entry_from(
    title: str,
    excerpt: str,
    published_at: datetime | None,
    original_url: str | None,
    web_url: str | None,
    amp_url: str | None,
    cdn_url: str | None,
    media: str,
    name: str,
    domain: str,
    quality: int | None,
    heat: int | None,
    status: str,
    topics: Sequence[str],
    images: Pictures,
    category: str,
    related: tuple[Entry, ...],
) -> Entry:
    """Return what fields say, as `decode_entry` does. Raises `ValueError` where that might find a fault."""
    site = _clean(domain)
    if not domain_of(site):
        raise ValueError("expected a domain that can be registered")
    notes: list[str] = []
    web, original = _url(web_url, "webUrl", notes), _url(original_url, "originalUrl", notes)
    amp = _url(amp_url, "ampWebUrl", notes) if amp_url is not None else ""
    cdn = _url(cdn_url, "cdnAmpWebUrl", notes) if cdn_url is not None else ""
    if heat is not None and heat < 0:
        notes.append("unknown heat")
        heat = None
    section = _clean(category) if category else ""
    return Entry(
        title=_line(title),
        excerpt=_clean(excerpt),
        published_at=published_at,
        media=_clean(media).lower(),
        quality=quality,
        heat=heat,
        status=status,
        categories=(section,) if section else (),
        web_url=web,
        original_url=original,
        amp_url=amp,
        cdn_url=cdn,
        provider_name=_line(name),
        provider_domain=site,
        topics=tuple(dict.fromkeys([_line(topic) for topic in topics])) if topics else (),
        images=tuple([_image_of(*image) for image in images]) if images else (),
        related=related,
        notes=tuple(notes) if notes else (),
    )


def _clean(text: str) -> str:
    """Return a text as records keep it. Raises `ValueError` for a character that no text may hold."""
    usual = usual_text(text)
    if usual is not None:
        return usual
    faults: list[FieldFault] = []
    text = plain_text(text, (), faults)
    if faults:
        raise ValueError(faults[0].expected)
    return text


def _line(text: str) -> str:
    """Return a text with its white space folded. Raises `ValueError` where nothing is left."""
    line = " ".join(_clean(text).split())
    if not line:
        raise ValueError("expected text, got nothing")
    return line


def _url(url: str | None, name: str, notes: list[str]) -> str:
    """Return an address. Raises `ValueError` for one that has to be changed, or cannot be used."""
    if url:
        if len(url) > MAX_URL or tidy(url) != url:
            raise ValueError("expected a web address that can stay as it is")
        return url
    if url is not None:
        notes.append(f"empty {name}")
    return ""


def _image_of(url: str, width: int, height: int) -> Image:
    if not url:
        raise ValueError("expected the address of an image, got nothing")
    return Image(_url(url, "", []), max(0, width), max(0, height))
