"""Front matter text: random lines as people, editors and broken scripts write them."""

from collections.abc import Callable

from hypothesis import strategies as st

WORDS = (
    "foo", "a b", "yes", "No", "on", "y", "TRUE", "tRUE", "true", "False", "null", "Null", "nULL", "~", "", " ", "inf", ".inf",
    ".nan", "NaN", "0", "-0", "-1", "007", "0o17", "0x1F", "0b1", "1_000", "1e3", "1.5", "12:30", "1:2:3", "+1", "12345678901234567890",
    "2021-08-23", "2021-08-23T11:22:33Z", "2021-08-23t11:22:33z", "2021-13-45T99:99:99Z", "2021-08-23 11:22", "3 Mai", "4.5 foo", "=", "<<",
    "C#", "C++", "a: b", "a :b", "a #b", "#a", "- a", "-", "? a", "[a, b]", "{a: b}", "[", "*a", "&a b", "!t a", "!!int 3", "|", ">", "|-",
    "%a", "@a", "`a`", "it's", "'a'", "'a", "''", '"a"', '"a', '""', '"a\\"b"', '"a\\nb"', '"a\\/b"', '"a\\tb"', '"a\\x41"', '"a: b"', '"a #b"',
    '"\u00e9\U0001f600"', "\u00e9", '"\xa0"', "\xa0", '"\x85"', '"a\u2028b"', "a\u2029", '"\ufeff"', '"\x07"', '"\t"', "a\tb", "a -", "a ?", "a!",
    '"https://example.org/a?b=c&d"', "https://example.org/", "example.org", '"AbC+/=;09"', "AbC+/=;09", "\u212a", "\u0130nf", "https://a.org/?b=c&d=%20", "https://a.org/#b", "https://a: b", "2021-08-23T11:22:33+02:00", "\u00e9 yes", "\u00e9 #b", "\u00e9: b", "a\u00a0", "\u4e00", "---", "...",
)  # fmt: skip
KEYS = (
    "title", "webUrl", "excerpt", "type", "quality", "heat", "published", "provider", "name", "domain", "topics", "images", "url", "width",
    "related", "secured", "taxonomy", "publishedDateTime", "other", "Y", "no", "null", "a-b", "a b", '"title"', "'title'", "7", "x" * 99, "x" * 1100,
)  # fmt: skip
INDENTS = ("", "", "", " ", "  ", "  ", "    ", "    ", "   ", "      ", "\t")
DASHES = ("", "", "", "- ", "- ", "-", "-  ", "- - ")
ENDS = ("", "", "", "", "", " ", "  ", " # c", "\t", "\r")

line = st.builds(
    lambda indent, dash, key, word, end: f"{indent}{dash}{key}{word}{end}",
    st.sampled_from(INDENTS),
    st.sampled_from(DASHES),
    st.one_of(
        st.just(""),
        st.sampled_from(KEYS).flatmap(lambda key: st.sampled_from((f"{key}: ", f"{key}:", f"{key} : "))),
    ),
    st.sampled_from(WORDS),
    st.sampled_from(ENDS),
)
plain_line = st.one_of(
    st.builds(
        lambda indent, key, word: f"{indent}{key}:{word and ' '}{word}",
        st.sampled_from(("", "", "", "  ", "    ", "  - ", "  - ", "      - ", "- ", "   ", " ")),
        st.sampled_from(KEYS[:19]),
        st.sampled_from(("", "", "foo", "a b", '"a"', '"https://example.org/a"', "article", "40", "-1", "true", "null", "2021-08-23T11:22:33Z")),
    ),
    st.sampled_from(
        ("", "", "   ", "related:", "related:", "topics:", "images:", "provider:", "  - title: foo", "    type: article", "  - foo", "  - ", "- foo",
         "    provider:", "      name: foo", "      domain: example.org", 'secured: "AbC+/=;09"', 'webUrl: "https://example.org/a"', "title: foo",
         "provider:\n  name: foo\n  domain: example.org", "taxonomy: topic", "name: foo"),
    ),
)  # fmt: skip
front_matter = st.one_of(
    st.lists(st.one_of(plain_line, plain_line, plain_line, line), min_size=1, max_size=14),
    st.lists(plain_line, min_size=1, max_size=14).map(
        lambda lines: ["title: foo", "provider:", "  name: foo", "  domain: example.org", *lines]
    ),
    st.lists(plain_line, min_size=1, max_size=8).map(
        lambda lines: [
            "title: foo",
            "related:",
            "  - title: bar",
            "    provider:",
            "      name: foo",
            "      domain: example.org",
            *lines,
            "provider:",
            "  name: foo",
            "  domain: example.org",
        ]
    ),
).map(lambda lines: "\n".join(lines) + "\n")

BASE = """\
category: news
title: "A title"
excerpt: "Words, \\"quoted\\""
publishedDateTime: 2021-08-23T17:08:00Z
webUrl: "https://example.org/a"
type: article
quality: 40
heat: -1
published: false

provider:
  name: Morning Star
  domain: example.org

topics:
  - Computer Vision
  - null

images:
  - url: "https://example.org/a.jpg"
    width: 12
    isCached: true

related:
  - title: "Another"
    webUrl: "https://example.org/b"
    provider:
      name: Forbes
      domain: example.org
    quality: 87
    images:
      - url: "https://example.org/b.jpg"
        width: 12
  - title: A third
    provider:
      name: 7 News
      domain: example.org

secured: "AbC+/=;09"
""".splitlines()


@st.composite
def changed_records(draw: st.DrawFn) -> str:
    """Return a good record of which some lines were taken away, written twice, moved, moved in or out, or changed."""
    lines = list(BASE)
    for _ in range(draw(st.integers(0, 3))):
        del lines[draw(st.integers(0, len(lines) - 1))]
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(lines) - 1))
        change = draw(
            st.sampled_from(("insert", "insert odd", "twice", "move", "indent", "indent rest", "value", "value", "end"))
        )
        if change == "insert":
            lines.insert(at, draw(plain_line))
        elif change == "insert odd":
            lines.insert(at, draw(line))
        elif change == "twice":
            lines.insert(draw(st.integers(0, len(lines))), lines[at])
        elif change == "move":
            lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(at))
        elif change in ("indent", "indent rest"):
            by = draw(st.integers(-4, 4))
            for i in range(at, len(lines) if change == "indent rest" else at + 1):
                lines[i] = " " * by + lines[i] if by > 0 else lines[i].removeprefix(" " * -by)
        elif change == "value":
            head, colon, _ = lines[at].partition(": ")
            lines[at] = f"{head}{colon}{draw(st.sampled_from(WORDS))}"
        else:
            lines[at] += draw(st.sampled_from(ENDS))
    return "\n".join(lines) + draw(st.sampled_from(("\n", "\n", "", "\n\n", "\n ")))


_TEXTS = (
    "foo",
    "A b",
    '"a b"',
    '"a  \\"b\\" "',
    '"Zürich\\r\\nSecond line"',
    '"\xa0a\u4e00"',
    "3 Mai",
    '"é😀\\\\\\/"',
    '"40"',
)
_URLS = ('"https://example.org/a"', '"http://www.example.org/B?c=d&e=1"', '""')
_NUMBERS = ("0", "40", "-1", "123456789012345678")
_DATES = ("2021-08-23T11:22:33Z", "2021-08-23T01:22:33+02:00", "0001-01-02T00:00:00-05:30")
_FLAGS = ("true", "false")
_DOMAINS = ("example.org", '"www.example.co.uk"', "Example.ORG")
_PICTURES = ('"https://example.org/a.jpg"', '"http://cdn.example.org/i?w=3"')


@st.composite
def usual_records(draw: st.DrawFn, *, odd: bool = True) -> str:
    """Return a record with its fields in the usual order, many of them missing; if `odd`, some with any value."""

    def value(*usual: str) -> str:
        return draw(st.sampled_from(WORDS)) if odd and draw(st.integers(0, 39)) == 0 else draw(st.sampled_from(usual))

    def maybe(name: str, *usual: str) -> list[str]:
        return [f"{name}: {value(*usual)}"] if draw(st.booleans()) else []

    def pictures(indent: str) -> list[str]:
        lines = []
        for _ in range(draw(st.integers(1, 3))):
            lines.append(f"{indent}- url: {value(*_PICTURES)}")
            lines += [f"{indent}  {line}" for line in (*maybe("width", *_NUMBERS), *maybe("height", *_NUMBERS))]
            lines += [f"{indent}  {line}" for line in maybe("isCached", *_FLAGS)]
        return lines

    def beginning() -> list[str]:
        lines = [f"title: {value(*_TEXTS)}", *maybe("excerpt", *_TEXTS), *maybe("publishedDateTime", *_DATES)]
        for name in ("originalUrl", "webUrl", "ampWebUrl", "cdnAmpWebUrl"):
            lines += maybe(name, *_URLS)
        return [*lines, *maybe("type", *_TEXTS)]

    def provider() -> list[str]:
        return ["provider:", f"  name: {value(*_TEXTS)}", f"  domain: {value(*_DOMAINS)}"]

    def numbers() -> list[str]:
        return [*maybe("quality", *_NUMBERS), *maybe("heat", *_NUMBERS), *maybe("published", *_FLAGS)]

    def lists() -> list[str]:
        topics = [f"  - {value(*_TEXTS)}" for _ in range(draw(st.integers(0, 3)))]
        return [
            *(["topics:", *topics] if topics else []),
            *(["images:", *pictures("  ")] if draw(st.booleans()) else []),
        ]

    blank = draw(st.sampled_from(([], [""], ["", ""])))
    logos = ["  images:", *pictures("    ")] if draw(st.integers(0, 3)) == 0 else []
    featured = maybe("featuredContent", *_TEXTS) if draw(st.integers(0, 3)) == 0 else []
    early = draw(st.booleans())
    lines = [*maybe("category", *_TEXTS), *beginning(), *numbers(), *(featured if early else []), *blank]
    lines += [*provider(), *logos, *blank, *lists(), *blank, *([] if early else featured)]
    entries = []
    for _ in range(draw(st.integers(0, 3))):
        first, *others = [*beginning(), *provider(), *numbers(), *lists()]
        entries += [f"  - {first}", *(f"    {line}" for line in others)]
    if entries:
        lines += ["related:", *entries]
    return "\n".join([*lines, *blank]) + "\n"


_JSON_ODD = (
    "null", "true", "1.5", "1e3", "123456789012345678901", "-9223372036854775808", '""', '" "', '"a\\u0007b"', '"\\ud800"', '"a\\r\\nb"', "[]",
    "{}", "[null]", '[""]', '{"url": null}', '{"name": "A"}', '"x\\":y"', '"javascript:alert(1)"', '"2021-13-01T00:00:00Z"', '"2021-08-23"',
)  # fmt: skip
_JSON_TEXTS = ('"foo"', '" A  b "', '"Zürich 😀"', '"a\\"b\\": c"', '"a\\nb"')


@st.composite
def usual_json(draw: st.DrawFn, *, odd: bool = True) -> str:
    """Return a record in JSON with the usual fields, many of them missing; if `odd`, some with any value, or twice."""

    def value(*usual: str) -> str:
        return draw(st.sampled_from(_JSON_ODD if odd and draw(st.integers(0, 39)) == 0 else usual))

    def mapping(fields: list[tuple[str, str]]) -> str:
        kept = [
            field
            for field in fields
            if field[0] in ("title", "provider", "name", "domain", "url") or draw(st.booleans())
        ]
        if odd and kept and draw(st.integers(0, 49)) == 0:
            kept.append(draw(st.sampled_from([*kept, ("other", '"x"'), ("secured", '"AbC+/=;09"')])))
        return "{" + ", ".join(f'"{name}": {text}' for name, text in draw(st.permutations(kept))) + "}"

    def sequence(make: Callable[[], str]) -> str:
        return "[" + ", ".join(make() for _ in range(draw(st.integers(0, 3)))) + "]"

    def picture() -> str:
        return mapping(
            [
                ("url", value(*_PICTURES)),
                ("width", value(*_NUMBERS)),
                ("height", value(*_NUMBERS)),
                ("isCached", value(*_FLAGS)),
            ]
        )

    def fields() -> list[tuple[str, str]]:
        provider = [("name", value(*_JSON_TEXTS)), ("domain", value('"example.org"', '"www.example.co.uk"'))]
        return [
            *((name, value(*_JSON_TEXTS)) for name in ("category", "title", "excerpt", "type")),
            *((name, value(*_URLS)) for name in ("originalUrl", "webUrl", "ampWebUrl", "cdnAmpWebUrl")),
            *((name, value(*_NUMBERS)) for name in ("quality", "heat")),
            ("publishedDateTime", value('"2021-08-23T11:22:33Z"', '"2021-08-23T01:22:33+02:00"')),
            ("published", value(*_FLAGS)),
            ("provider", mapping([*provider, ("images", sequence(picture))])),
            ("topics", sequence(lambda: value(*_JSON_TEXTS))),
            ("images", sequence(picture)),
        ]

    related = sequence(lambda: mapping(fields()))
    return mapping(
        [*fields(), ("featuredContent", value(*_JSON_TEXTS)), ("secured", '"AbC+/=;09"'), ("related", related)]
    )
