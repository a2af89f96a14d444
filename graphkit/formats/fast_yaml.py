"""The fast path through front matter: one pattern for a record, and one for a related entry."""

from __future__ import annotations

import re
from functools import lru_cache

from graphkit.formats.fast_path import Pictures, entry_from
from graphkit.formats.plain_yaml import NUMBER, PLAIN, QUOTED
from graphkit.records.dates import FULL_DATE, full_date
from graphkit.records.entry import Entry
from graphkit.records.fields import status_of

# Values are checked once the lines are found, so that the pattern stays small and compiles quickly.
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
        publishedDateTime=FULL_DATE,
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
    """Read the YAML of a record without its related entries, which are given; None if it has another layout."""
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
    """Read the YAML of a related entry, without its dash; None if it has another layout."""
    match = _RELATED.match(text)
    return None if match is None else _written(match.groups(), None, None, ())


def _written(
    groups: tuple[str | None, ...], category: str | None, featured: str | None, related: tuple[Entry, ...]
) -> Entry | None:
    """Return the entry in these lines; None where a value needs the general way."""
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
        return entry_from(
            _scalar(title),
            _scalar(excerpt),
            full_date(published_at) if published_at else None,
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
    """Return the text of a scalar. Raises `ValueError` for one that YAML parsers may read differently."""
    if written is None:
        return ""
    return _quoted(written) if written[0] == '"' else _plain(written)


@lru_cache(maxsize=16_384)
def _plain(written: str) -> str:
    if _PLAIN.fullmatch(f"{written}\n") is None:
        raise ValueError("expected text that stands for itself")
    return written


def _address(written: str | None) -> str | None:
    """Return the text between quotes. An address that need not be changed has nothing to unescape."""
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
