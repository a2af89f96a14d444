"""The usual form: a record of coverage as nearly all are written, in front matter and in JSON, read at once.

News services write the same fields in the same order, each in a form of its own. One pattern finds them all in front
matter, one struct takes them all from JSON, and what they find needs few checks more. Whatever is written otherwise
gives None, and goes the ways that read anything; what is read here is what they would read, without any fault.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from graphkit.formats.yaml_text import DATE, NUMBER, PLAIN, QUOTED
from graphkit.records.entry import Entry, Image
from graphkit.records.faults import FieldFault
from graphkit.records.fields import MAX_INTEGER, plain_text, status_of
from graphkit.urls.canonical_url import MAX_URL, domain_of, tidy

T = TypeVar("T")

Pictures = Sequence[tuple[str, int, int]]
"""Images as they are written: URL, width and height, 0 where unknown."""


def _entry(
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
    """Return what fields say, as `records.decode_entry` does. Raises `ValueError` where that may find a fault."""
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
    if text.isprintable():
        return text.strip()
    faults: list[FieldFault] = []
    text = plain_text(text, (), faults)
    if faults:
        raise ValueError(faults[0].expected)
    return text


def _line(text: str) -> str:
    """Return a text with its white space folded. Raises `ValueError` where nothing is left."""
    line = " ".join((text if text.isprintable() else _clean(text)).split())
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


def _moment(written: str) -> datetime:
    moment = datetime.fromisoformat(written)
    return moment if written[-1] == "Z" else moment.astimezone(UTC)


_MOMENT = re.compile(DATE)


# Front matter


# What stands in a line is looked at once it is found: so the pattern stays small, and compiles at once.
_VALUE = ".+"
_SAFE = r'"[ !#-\[\]-~]*"'
_FLAG = "(?:true|false)"


def _fields(indent: str, **forms: str) -> str:
    """Match fields in this order, any of which may be missing."""
    return "".join(rf"(?:{indent}{name}: ({form})\n)?" for name, form in forms.items())


def _beginning(indent: str) -> str:
    return rf"title: ({_VALUE})\n" + _fields(
        indent,
        excerpt=_VALUE,
        publishedDateTime=DATE,
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
    """Read the YAML of a record without its related entries, which are given; None if it is not in the usual form."""
    match = _RECORD.match(text)
    if match is None:
        return None
    category, *first, quality, heat, published, featured, name, domain, topics, url, width, height, images, again = (
        match.groups()
    )
    if featured and again:
        return None
    written = (*first, name, domain, quality, heat, published, topics, url, width, height, images)
    return _written(written, category, featured or again, related)


def related_of(text: str) -> Entry | None:
    """Read the YAML of a related entry, without its dash; None if it is not in the usual form."""
    match = _RELATED.match(text)
    return None if match is None else _written(match.groups(), None, None, ())


def _written(
    groups: tuple[str | None, ...], category: str | None, featured: str | None, related: tuple[Entry, ...]
) -> Entry | None:
    """Return the entry that is written in lines; None where their values are not in the usual form."""
    title, excerpt, published_at, original_url, web_url, amp_url, cdn_url, media, name, domain = groups[:10]
    quality, heat, published, topics, url, width, height, images = groups[10:]
    pictures: Pictures = ()
    try:
        if url:
            others = _IMAGE.findall(images) if images else ()
            pictures = [
                (_address(one) or "", int(wide or 0), int(high or 0))
                for one, wide, high in ((url, width, height), *others)
            ]
        if featured:
            _scalar(featured)  # of which nothing is kept
        return _entry(
            _scalar(title),
            _scalar(excerpt),
            _moment(published_at) if published_at else None,
            _address(original_url),
            _address(web_url),
            _address(amp_url),
            _address(cdn_url),
            _scalar(media),
            _scalar(name),
            _scalar(domain),
            None if quality is None else int(quality),
            None if heat is None else int(heat),
            status_of(None if published is None else published == "true"),
            [_scalar(line.lstrip(" ")[2:]) for line in topics[:-1].split("\n")] if topics else (),
            pictures,
            _scalar(category),
            related,
        )
    except (ValueError, OverflowError):
        return None


def _scalar(written: str | None) -> str:
    """Return the text that a scalar is. Raises `ValueError` for one that every YAML parser need not read alike."""
    if written is None:
        return ""
    return _quoted(written) if written[0] == '"' else _plain(written)


@lru_cache(maxsize=16_384)
def _plain(written: str) -> str:
    if _PLAIN.fullmatch(f"{written}\n") is None:
        raise ValueError("expected text that stands for itself")
    return written


def _address(written: str | None) -> str | None:
    """Return what stands between quotes. In an address that need not be changed there is nothing to unescape."""
    if written is None:
        return None
    if len(written) < 2 or written[0] != '"' or written[-1] != '"':
        raise ValueError("expected an address between quotes")
    return written[1:-1]


def _quoted(written: str) -> str:
    text = written[1:-1]
    is_quoted = written[0] == written[-1] == '"' and len(written) > 1
    # Nearly all are such; the others are looked at letter by letter.
    if is_quoted and '"' not in text and "\\" not in text and text.isprintable():
        return text
    if _QUOTED.fullmatch(written) is None:
        raise ValueError("expected text between quotes")
    return _ESCAPE.sub(_unescaped, text)


def _unescaped(match: re.Match[str]) -> str:
    sign = match[1]
    return "\n" if sign == "n" else "\r" if sign == "r" else sign


# JSON


class _Picture(msgspec.Struct, forbid_unknown_fields=True, rename="camel", gc=False):
    url: str
    width: int | UnsetType | None = UNSET
    height: int | UnsetType | None = UNSET
    is_cached: bool | UnsetType | None = UNSET


class _Provider(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    name: str
    domain: str
    images: list[_Picture] | UnsetType | None = UNSET


class _Related(msgspec.Struct, forbid_unknown_fields=True, rename="camel", gc=False):
    title: str
    provider: _Provider
    category: str | UnsetType | None = UNSET
    excerpt: str | UnsetType | None = UNSET
    published_date_time: str | UnsetType | None = UNSET
    original_url: str | UnsetType | None = UNSET
    web_url: str | UnsetType | None = UNSET
    amp_web_url: str | UnsetType | None = UNSET
    cdn_amp_web_url: str | UnsetType | None = UNSET
    type: str | UnsetType | None = UNSET
    quality: int | UnsetType | None = UNSET
    heat: int | UnsetType | None = UNSET
    published: bool | UnsetType | None = UNSET
    topics: list[str] | UnsetType | None = UNSET
    images: list[_Picture] | UnsetType | None = UNSET


class _Record(_Related, forbid_unknown_fields=True, rename="camel", gc=False):
    featured_content: str | UnsetType | None = UNSET
    secured: str | UnsetType | None = UNSET
    related: list[msgspec.Raw] | UnsetType | None = UNSET


_JSON_RECORD = msgspec.json.Decoder(_Record).decode
_JSON_RELATED = msgspec.json.Decoder(_Related).decode
_ENCODE = msgspec.json.Encoder().encode


def record_of_json(data: bytes) -> Entry | None:
    """Read a record in JSON; None if it is not in the usual form."""
    try:
        read = _JSON_RECORD(data)
        related = []
        for raw in read.related or ():
            entry = _related_of_json(bytes(raw))
            if entry is None:
                return None
            related.append(entry)
        return _taken(read, data, tuple(related))
    except (ValueError, OverflowError, RecursionError):
        return None


@lru_cache(maxsize=16_384)
def _related_of_json(data: bytes) -> Entry | None:
    try:
        return _taken(_JSON_RELATED(data), data, ())
    except (ValueError, OverflowError, RecursionError):
        return None


def _taken(read: _Related, data: bytes, related: tuple[Entry, ...]) -> Entry:
    """Return the entry that a struct holds. Raises `ValueError` where it is not in the usual form."""
    # Each key stands before `":`. What repeats is lost in the struct, and so in what is written from it.
    if data.count(b'":') != _ENCODE(read).count(b'":'):
        raise ValueError("expected each key once")
    return _entry(
        read.title,
        read.excerpt or "",
        _date(read.published_date_time),
        _known(read.original_url),
        _known(read.web_url),
        _known(read.amp_web_url),
        _known(read.cdn_amp_web_url),
        read.type or "",
        read.provider.name,
        read.provider.domain,
        _number(read.quality),
        _number(read.heat),
        status_of(_known(read.published)),
        read.topics or (),
        [(one.url, _number(one.width) or 0, _number(one.height) or 0) for one in read.images or ()],
        read.category or "",
        related,
    )


def _date(value: str | UnsetType | None) -> datetime | None:
    if not value:
        return None
    if _MOMENT.fullmatch(value) is None:
        raise ValueError("expected a date and time with seconds and a zone")
    return _moment(value)


def _known(value: T | UnsetType | None) -> T | None:
    return None if value is UNSET else value


def _number(value: int | UnsetType | None) -> int | None:
    number = _known(value)
    if number is not None and not -MAX_INTEGER <= number <= MAX_INTEGER:
        raise ValueError("expected a number of 64 bits")
    return number
