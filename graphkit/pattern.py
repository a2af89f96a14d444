"""Pattern: a record of coverage in the form that nearly all have, read at once.

News services write the same fields in the same order, each in a form of its own. One pattern finds them all, and what
it finds needs few checks more. Whatever is written otherwise gives None, and goes the ways that read any YAML; what
is read here is what they would read, without any fault.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from graphkit.records import Entry, Fault, Image, plain_text
from graphkit.urls import MAX_URL, domain_of, tidy
from graphkit.yamltext import NUMBER, PLAIN, QUOTED

# What stands in a line is looked at once it is found: so the pattern stays small, and compiles at once.
_VALUE = ".+"
_SAFE = r'"[ !#-\[\]-~]*"'
_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:Z|[+-][0-9]{2}:[0-9]{2})"
_FLAG = "(?:true|false)"


def _fields(indent: str, **forms: str) -> str:
    """Match fields in this order, any of which may be missing."""
    return "".join(rf"(?:{indent}{name}: ({form})\n)?" for name, form in forms.items())


def _beginning(indent: str) -> str:
    return rf"title: ({_VALUE})\n" + _fields(
        indent,
        excerpt=_VALUE,
        publishedDateTime=_DATE,
        originalUrl=_VALUE,
        webUrl=_VALUE,
        ampWebUrl=_VALUE,
        cdnAmpWebUrl=_VALUE,
        type=_VALUE,
    )


def _provider(indent: str) -> str:
    logos = rf"{indent}  images:\n(?:{_image(indent + '  ', url=_SAFE)})+"
    return rf"{indent}provider:\n{indent}  name: ({_VALUE})\n{indent}  domain: ({_VALUE})\n(?:{logos})?"


def _image(indent: str, *, url: str = _VALUE, size: str = f"(?:{NUMBER})") -> str:
    return (
        rf"{indent}  - url: {url}\n(?:{indent}    width: {size}\n)?(?:{indent}    height: {size}\n)?"
        rf"(?:{indent}    isCached: {_FLAG}\n)?"
    )


def _lists(indent: str, between: str) -> str:
    """Match topics and images: all topics, the fields of the first image, and all other images."""
    first = _image(indent, url=f"({_VALUE})", size=f"({NUMBER})")
    other = _image(indent)
    topics = rf"{between}{indent}topics:\n((?:{indent}  - {_VALUE}\n)+)"
    return rf"(?:{topics})?(?:{between}{indent}images:\n{first}((?:{other})*))?"


_FEATURED = rf"(?:\n*featuredContent: ({_VALUE})\n)?"
_RECORD = re.compile(
    r"\n*"
    + _fields("", category=_VALUE)
    + _beginning("")
    + _fields("", quality=NUMBER, heat=NUMBER, published=_FLAG)
    + _FEATURED
    + r"\n*"
    + _provider("")
    + _lists("", r"\n*")
    + _FEATURED
    + r"\n*\Z"
)
_RELATED = re.compile(
    _beginning("    ")
    + _provider("    ")
    + _fields("    ", quality=NUMBER, heat=NUMBER, published=_FLAG)
    + _lists("    ", "")
    + r"\Z"
)
_IMAGE = re.compile(rf"- url: ({_VALUE})\n(?: +width: ({NUMBER})\n)?(?: +height: ({NUMBER})\n)?")
_PLAIN = re.compile(rf"{PLAIN}\n")
_QUOTED = re.compile(QUOTED)
_ESCAPE = re.compile(r"\\(.)")


def record_of(text: str, related: tuple[Entry, ...]) -> Entry | None:
    """Read a record, but for its related entries, which are given; None where it is not in the usual form."""
    match = _RECORD.match(text)
    if match is None:
        return None
    category, *first, quality, heat, published, featured, name, domain, topics, url, width, height, images, again = (
        match.groups()
    )
    if featured and again:
        return None
    written = (*first, name, domain, quality, heat, published, topics, url, width, height, images)
    return _entry(written, category, featured or again, related)


def related_of(text: str) -> Entry | None:
    """Read a related entry, without the dash before it; None where it is not in the usual form."""
    match = _RELATED.match(text)
    return None if match is None else _entry(match.groups(), None, None, ())


def _entry(
    written: Sequence[str | None], category: str | None, featured: str | None, related: tuple[Entry, ...]
) -> Entry | None:
    """Return what fields say, as `records.decode_entry` does; None where it might find a fault."""
    title, excerpt, published_at, original_url, web_url, amp_url, cdn_url, media, name, domain = written[:10]
    quality, heat, published, topics, image, width, height, images = written[10:]
    notes: list[str] = []
    try:
        site = _text(domain)
        _text(featured)  # of which nothing is kept
        if not domain_of(site):
            return None
        web, original = _url(web_url, "webUrl", notes), _url(original_url, "originalUrl", notes)
        amp, cdn = _url(amp_url, "ampWebUrl", notes), _url(cdn_url, "cdnAmpWebUrl", notes)
        warmth = None if heat is None else int(heat)
        if warmth is not None and warmth < 0:
            notes.append("unknown heat")
            warmth = None
        section = _text(category)
        return Entry(
            _line(title),
            _text(excerpt),
            _moment(published_at) if published_at else None,
            None,
            web,
            original,
            amp,
            cdn,
            _text(media).lower(),
            int(quality) if quality else None,
            warmth,
            "" if published is None else "published" if published == "true" else "draft",
            (section,) if section else (),
            "",
            _line(name),
            site,
            tuple(dict.fromkeys(_line(line.lstrip(" ")[2:]) for line in topics[:-1].split("\n"))) if topics else (),
            _images(image, width, height, images) if image else (),
            related,
            tuple(notes),
        )
    except (ValueError, OverflowError):  # what would be a fault
        return None


def _moment(written: str) -> datetime:
    moment = datetime.fromisoformat(written)
    return moment if written[-1] == "Z" else moment.astimezone(UTC)


def _text(written: str | None) -> str:
    """Return the text that stands in a field. Raises `ValueError` where that is not plain, or has a fault."""
    if written is None:
        return ""
    if written[0] != '"':
        if _PLAIN.fullmatch(f"{written}\n") is None:
            raise ValueError("expected text that stands for itself")
        return written
    text = written[1:-1]
    # Nearly all are such; the others are looked at letter by letter.
    if written[-1] == '"' and len(written) > 1 and '"' not in text and "\\" not in text and text.isprintable():
        return text.strip()
    if _QUOTED.fullmatch(written) is None:
        raise ValueError("expected text between quotes")
    faults: list[Fault] = []
    text = plain_text(_ESCAPE.sub(_unescaped, text), (), faults)
    if faults:
        raise ValueError(faults[0].expected)
    return text


def _unescaped(match: re.Match[str]) -> str:
    sign = match[1]
    return "\n" if sign == "n" else "\r" if sign == "r" else sign


def _line(written: str | None) -> str:
    """Return a text with its white space folded. Raises `ValueError` where nothing is left."""
    line = " ".join(_text(written).split())
    if not line:
        raise ValueError("expected text, got nothing")
    return line


def _url(written: str | None, name: str, notes: list[str]) -> str:
    """Return a quoted address. Raises `ValueError` for one that has to be changed, or cannot be used."""
    if written is None:
        return ""
    url = written[1:-1]
    if written[0] != '"' or written[-1] != '"' or len(written) == 1:
        raise ValueError("expected an address between quotes")
    if not url:
        notes.append(f"empty {name}")
    elif len(url) > MAX_URL or tidy(url) != url:
        raise ValueError("expected a web address that can stay as it is")
    return url


def _images(url: str, width: str | None, height: str | None, others: str | None) -> tuple[Image, ...]:
    first = (url, width, height)
    found = [first, *_IMAGE.findall(others)] if others else [first]
    notes: list[str] = []
    images = tuple(Image(_url(url, "", notes), _pixels(wide), _pixels(high)) for url, wide, high in found)
    if notes:
        raise ValueError("expected the address of an image, got nothing")
    return images


def _pixels(number: str | None) -> int:
    return max(0, int(number)) if number else 0
