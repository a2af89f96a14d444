"""Records: what one entry says, decoded from a plain mapping and cleaned, field by field.

Decoding never raises on data. A field that is not what it should be gives a `Fault`; what is valid is kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, NamedTuple, Self

import msgspec

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.diagnostics.quoting import quoted, quoted_words
from graphkit.records.attributes import ARTICLE, Stated
from graphkit.urls.canonical_url import MAX_URL, domain_of, tidy

Path = tuple[str | int, ...]
Raw = Mapping[Any, Any]

MAX_RELATED_DEPTH = 8
MAX_INTEGER = 2**63 - 1


class Spelled(str):
    """A plain scalar that YAML 1.1 takes for a number or a boolean, but that is written in an unusual way.

    It is the text as written (``yes``, ``017``, ``1e3``); `value` is what YAML 1.1 makes of it.
    """

    __slots__ = ("value",)
    value: object

    def __new__(cls, text: str, value: object) -> Self:
        """Keep `text` with the value that YAML 1.1 reads in it."""
        self = super().__new__(cls, text)
        self.value = value
        return self


class Fault(NamedTuple):
    """One thing that is wrong at `path` of a record."""

    code: str
    path: Path
    expected: str
    got: str
    rejects: bool = False


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


class TopicEntry(msgspec.Struct, frozen=True, array_like=True):
    """What a topic file says: its name, its other names, its parent's name and its keywords."""

    name: str
    labels: tuple[str, ...] = ()
    parent: str = ""
    keywords: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


RECORD_FIELDS = frozenset(name for attribute in ARTICLE for name in attribute.fields) | {
    "provider",
    "topics",
    "related",
    "featuredContent",
    "secured",
    "path",
}
TOPIC_FIELDS = frozenset(
    "taxonomy _id name shortname parent keywords hashtags images services secured".split()  # noqa: SIM905 - a list of words
)


def decode(raw: Raw, faults: list[Fault]) -> Entry | TopicEntry | None:
    """Decode one record; None where nothing in it can be kept. Faults are appended to `faults`."""
    if raw.get("taxonomy") == "topic":
        return _decode_topic(raw, faults)
    entry = decode_entry(raw, (), faults)
    if entry is None:
        _lose_related(raw, (), "GK314", "an entry around it with a web address or a title", "neither", faults)
    return entry


def decode_entry(raw: Raw, path: Path, faults: list[Fault]) -> Entry | None:
    """Decode a record of coverage, or an entry under `related` at `path` of its record."""
    get = raw.get
    notes: list[str] = []
    if not raw.keys() <= RECORD_FIELDS:
        notes += _unknown(raw, RECORD_FIELDS)
    field = _Fields(raw, path, faults)
    title = field.line("title")
    entry_url, original_url = field.url("webUrl", notes), field.url("originalUrl", notes)
    amp_url, cdn_url = field.url("ampWebUrl", notes), field.url("cdnAmpWebUrl", notes)
    if not title:
        if not (entry_url or original_url or amp_url or cdn_url):
            faults.append(Fault("GK314", path, "a web address or a title", "neither", rejects=True))
            return None
        if not isinstance(get("title"), dict | list):  # which has its fault already
            faults.append(Fault("GK315", (*path, "title"), "a title", quoted(get("title") or None)))
    heat = field.integer("heat")
    if heat is not None and heat < 0:
        notes.append("unknown heat")
        heat = None
    name, domain = _provider(get("provider"), path, faults)
    topics = field.labels("topics", notes) if "topics" in raw else ()
    category = field.text("category")
    categories = field.labels("categories", notes) if "categories" in raw else ()
    if category and category not in categories:
        categories = (category, *categories)
    return Entry(
        title=title,
        published_at=field.date("publishedDateTime"),
        updated_at=field.date("updatedDateTime"),
        web_url=entry_url,
        original_url=original_url,
        amp_url=amp_url,
        cdn_url=cdn_url,
        media=field.text("type").lower(),
        quality=field.integer("quality"),
        heat=heat,
        status=field.status(),
        categories=categories,
        provider_name=name,
        provider_domain=domain,
        topics=topics,
        images=_images(get("images"), path, faults, notes),
        related=_related(get("related"), path, faults) if "related" in raw else (),
        notes=tuple(notes),
        **{name: field.text(source) for name, source in _PLAIN},
    )


_PLAIN = tuple((attribute.name, attribute.fields[0]) for attribute in ARTICLE if attribute.is_plain)


def _decode_topic(raw: Raw, faults: list[Fault]) -> TopicEntry | None:
    field = _Fields(raw, (), faults)
    name = field.line("name")
    if not name:
        faults.append(Fault("GK317", ("name",), "a topic's name", quoted(raw.get("name")), rejects=True))
        return None
    notes = _unknown(raw, TOPIC_FIELDS)
    short = field.line("shortname")
    return TopicEntry(
        name=name,
        labels=(short,) if short and short != name else (),
        parent=field.line("parent"),
        keywords=field.labels("keywords", notes),
        notes=tuple(notes),
    )


def _unknown(raw: Raw, known: frozenset[str]) -> list[str]:
    """Name the fields that say something and that no rule reads."""
    return [
        f"unknown field: {name if isinstance(name, str) and _IDENTIFIER.fullmatch(name) else '…'}"
        for name, value in raw.items()
        if name not in known and value is not None
    ]


# Other keys are not named: where a quote is missing, a piece of a ciphertext may be taken for one.
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,31}")


class _Fields:
    """The fields of one mapping, each read by the form it should have."""

    __slots__ = ("faults", "path", "raw")

    def __init__(self, raw: Raw, path: Path, faults: list[Fault]) -> None:
        self.raw = raw
        self.path = path
        self.faults = faults

    def fault(self, code: str, name: str | int, expected: str, value: object) -> None:
        self.faults.append(Fault(code, (*self.path, name), expected, quoted(value)))

    def text(self, name: str) -> str:
        value = self.raw.get(name)
        if value is None:
            return ""
        if type(value) is str and value.isprintable():  # as nearly all are
            return value.strip()
        return plain_text(value, (*self.path, name), self.faults)

    def line(self, name: str) -> str:
        """Return a text with its white space folded, line ends too."""
        return " ".join(self.text(name).split())

    def url(self, name: str | int, notes: list[str]) -> str:
        value = self.raw.get(name)
        if value is None:
            return ""
        if value == "":
            notes.append(f"empty {name}")
            return ""
        if isinstance(value, str):
            url = tidy(value)
            if url and len(url) <= MAX_URL:
                if url != value and _UNFIT.search(value.strip()):
                    self.fault("GK318", name, "a web address without characters to encode", value)
                return url
            if url:
                expected = f"a web address of at most {MAX_URL:,} characters"
                self.faults.append(Fault("GK310", (*self.path, name), expected, f"{len(url):,}"))
                return ""
        self.fault("GK309", name, "a web address (http or https)", value)
        return ""

    def integer(self, name: str) -> int | None:
        value = self.raw.get(name)
        number = value.value if type(value) is Spelled else value
        if number is None or (type(number) is int and -MAX_INTEGER <= number <= MAX_INTEGER):
            return number
        self.fault("GK302", name, "a whole number", value)
        return None

    def date(self, name: str) -> datetime | None:
        value = self.raw.get(name)
        if value is None:
            return None
        if type(value) is str and _COMMON_DATE.fullmatch(value):
            with suppress(ValueError):
                return datetime.fromisoformat(value)
        return _date(value, (*self.path, name), self.faults)

    def flag(self, name: str) -> bool | None:
        value = self.raw.get(name)
        if value is None or type(value) is bool:
            return value
        if type(value) is Spelled and type(value.value) is bool:
            return value.value
        self.fault("GK303", name, "true or false", value)
        return None

    def status(self) -> str:
        if self.flag("removed"):
            return "removed"
        return status_of(self.flag("published"))

    def labels(self, name: str, notes: list[str]) -> tuple[str, ...]:
        value = self.raw.get(name)
        if value is None:
            return ()
        if type(value) is not list:
            self.faults.append(Fault("GK307", (*self.path, name), "a list", quoted_words(value)))
            if isinstance(value, dict):
                return ()
            value = [value]
        labels: dict[str, None] = {}
        for index, item in enumerate(value):
            if item is None:
                notes.append(f"null in {name}")
                continue
            label = " ".join(plain_text(item, (*self.path, name, index), self.faults).split())
            if label:
                labels[label] = None
            else:
                notes.append(f"empty {name}")
        return tuple(labels)


def status_of(published: bool | None) -> str:  # noqa: FBT001 - the value of a field
    """Return the status of a record that is not removed; None where it does not say whether it is published."""
    return "" if published is None else "published" if published else "draft"


# What no address may hold as it is. Letters beyond ASCII are fine: browsers show them so.
_UNFIT = re.compile(r"[\s<>\"{}|\\^`\[\]\x00-\x1f\x7f]")

# What XML 1.0 cannot hold, no literal may hold: RDF/XML is one of the exports.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


def plain_text(value: object, path: Path, faults: list[Fault]) -> str:
    """Return a value as text that any export can hold, without white space around it."""
    if type(value) is str:
        text = value
    elif isinstance(value, dict | list):
        faults.append(Fault("GK301", path, "text", quoted(value)))
        return ""
    else:
        text = str(value).lower() if type(value) is bool else str(value)
        faults.append(Fault("GK301", path, "text", f"{_kind(value)} {text[:60]}"))
    if not text.isprintable():
        first = _FORBIDDEN.search(text)
        if first:
            text, count = _FORBIDDEN.subn("\ufffd", text)
            faults.append(Fault("GK316", path, "text without control characters", characters(first[0], count)))
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.strip()


def characters(first: str, count: int) -> str:
    r"""Name the first of some characters that cannot be shown, and how many there are.

    >>> characters("\x07", 3)
    'U+0007 and 2 more'
    """
    return f"U+{ord(first):04X}" + (f" and {count - 1:,} more" if count > 1 else "")


def _kind(value: object) -> str:
    inner = value.value if isinstance(value, Spelled) else value
    return "the boolean" if isinstance(inner, bool) else "the number"


_ISO_DATE = re.compile(
    r"\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?: ?(?P<zone>[Zz]|[+-]\d\d(?::?\d\d)?))?)?",
    re.ASCII,
)
# How nearly all are written: nothing to fold, and a zone that needs no change.
_COMMON_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


def _date(value: object, path: Path, faults: list[Fault]) -> datetime | None:
    text = value.strip() if isinstance(value, str) else str(value)
    if not text:
        return None
    match = _ISO_DATE.fullmatch(text)
    if not match:
        faults.append(Fault("GK304", path, "an ISO 8601 date", quoted(value)))
        return None
    try:
        moment = datetime.fromisoformat(text.upper().replace(" Z", "Z").replace(" +", "+").replace(" -", "-"))
        if match["zone"]:
            return moment.astimezone(UTC)
        faults.append(Fault("GK305", path, "a date with a time zone", quoted(value)))
        return moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        faults.append(Fault("GK306", path, "a date that exists", quoted(value)))
        return None


def _provider(value: object, path: Path, faults: list[Fault]) -> tuple[str, str]:
    here = (*path, "provider")
    if isinstance(value, dict):
        field = _Fields(value, here, faults)
        name, domain = field.line("name"), field.text("domain")
        if not name and not domain:
            faults.append(Fault("GK311", here, "a provider's name and domain", "neither"))
        elif not domain:
            faults.append(Fault("GK312", here, "a provider's domain", "nothing"))
        elif not domain_of(domain):
            faults.append(Fault("GK312", (*here, "domain"), "a domain that can be registered", quoted(domain)))
        return name, domain
    if value is None or value == "":
        faults.append(Fault("GK311", here, "a provider", "nothing"))
        return "", ""
    faults.append(Fault("GK308", here, "a mapping with name and domain", quoted_words(value)))
    return (" ".join(plain_text(value, here, []).split()), "") if isinstance(value, str) else ("", "")


def _list(value: object, path: Path, faults: list[Fault]) -> list[Any]:
    if value is None:
        return []
    if type(value) is list:
        return value
    faults.append(Fault("GK307", path, "a list", quoted_words(value)))
    return [value] if isinstance(value, dict) else []


def _images(value: object, path: Path, faults: list[Fault], notes: list[str]) -> tuple[Image, ...]:
    if value is None:
        return ()
    here = (*path, "images")
    images = []
    for index, item in enumerate(_list(value, here, faults)):
        if type(item) is dict:
            field = _Fields(item, (*here, index), faults)
            url = field.url("url", notes)
            if url:
                images.append(Image(url, _pixels(field, "width"), _pixels(field, "height")))
            elif "url" not in item:
                field.fault("GK309", "url", "a web address", None)
        elif isinstance(item, str):
            field = _Fields({index: item}, here, faults)
            url = field.url(index, notes)
            if url:
                images.append(Image(url))
        elif item is None:
            notes.append("null in images")
        else:
            faults.append(Fault("GK308", (*here, index), "a mapping with url, width and height", quoted(item)))
    return tuple(images)


def _pixels(field: _Fields, name: str) -> int:
    number = field.integer(name)
    return number if number is not None and number > 0 else 0


def _related(value: object, path: Path, faults: list[Fault]) -> tuple[Entry | None, ...]:
    here = (*path, "related")
    if path and value:
        faults.append(Fault("GK313", here, "no related entries inside a related entry", quoted(value)))
    if len(path) >= 2 * MAX_RELATED_DEPTH:
        expected = f"at most {MAX_RELATED_DEPTH} levels of related entries"
        return (None,) * _lose_related({"related": value}, path, "GK205", expected, "more", faults)
    entries: list[Entry | None] = []
    lost = 0
    for index, item in enumerate(_list(value, here, faults)):
        place = (*here, index)
        if isinstance(item, dict):
            entry = decode_entry(item, place, faults)
            if entry is None:
                expected = "an entry around it with a web address or a title"
                lost += _lose_related(item, place, "GK314", expected, "neither", faults)
            entries.append(entry)
        else:
            faults.append(Fault("GK210", place, "a mapping", quoted_words(item), rejects=True))
            entries.append(None)
    return (*entries, *[None] * lost)  # those lost come last, for the others to keep their ranks


def _lose_related(raw: Raw, path: Path, code: str, expected: str, got: str, faults: list[Fault]) -> int:
    """Tell of each entry under `related`, however deep, that it is lost with the one around it; return how many."""
    value = raw.get("related")
    if value is None:
        return 0
    here = (*path, "related")
    lost = 0
    for index, item in enumerate(_list(value, here, faults)):
        faults.append(Fault(code, (*here, index), expected, got, rejects=True))
        lost += 1
        if isinstance(item, dict):
            lost += _lose_related(item, (*here, index), code, expected, got, faults)
    return lost


def diagnosed(fault: Fault, source: str, line: int, column: int) -> Diagnostic:
    """Return the diagnostic of a fault at a place of its file."""
    return Diagnostic(
        source, line, column, field_name(fault.path), fault.code, fault.expected, fault.got, fault.rejects
    )


def field_name(path: Path) -> str:
    """Write a path the way people write it.

    >>> field_name(("related", 2, "title"))
    'related[2].title'
    """
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")
