"""Mutated record files: real layouts, broken in bytes, in lines, in the structure of YAML and in that of JSON."""

from __future__ import annotations

import base64
import json
import random
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import yaml


class FuzzedFile(NamedTuple):
    """A file: its name and content, and the ciphertexts that were in it before it was mutated."""

    name: str
    data: bytes
    secrets: tuple[str, ...]


Text = Callable[[random.Random, str], str]

_HOSTS = (
    "www.example.com",
    "example.org",
    "m.example.net",
    "news.example.co.uk",
    "amp.example.com",
    "youtu.be",
    "www.msn.com",
    "medium.com",
)
_NAMES = ("Example", "Example News", "Example on MSN", "The Daily Example", "YouTube", "Ärger & Co.", "日本新聞", "nan")
_TOPICS = ("AI", "C#", "Computer Vision", "Privacy", "日本", "null", "2021")
_TITLES = ("A title", "Two: a title", "Three 'quoted' \"words\"", "Vier Ünïcödé 日本", "- five", "# six", "seven & <b>eight</b>", "=1+1")  # fmt: skip
_WORDS = (
    "", " ", "~", "null", "yes", "No", "0", "-0", "102.0", "1e3", "0x1F", "12:30", "NaN", ".inf", "1_000", "9" * 400, "2021-08-23", "20210823T101500Z",
    "2021-08-23T10:15:00+8", "2021-13-45", "3 Mai", "[", "]", "{", "}", "[a, b]", "{a: b}", "*a", "&a b", "!t a", "!!python/object:os.system x",
    "|", ">", "|-", "|9", "%a", "@a", "`a`", "'", '"', '"""', "'''", "\\", '"\\uD83D\\uDE00"', '"\\ud800"', '"\\x00"', "a: b", "a #b", "- a", "? a",
    ": ", "---", "...", "--- # end", "<<: *a", "\t", "\u2028", "\u2029", "\x85", "\ufeff", "\x07", "\x1b[31m", "\u202e", "&amp;#39;", "<script>",
    "https://example.com/a b", "https://example.com/?a[]=b&amp;c", "http://[::1]/", "https://" + "a" * 3000 + ".example/", "javascript:alert(1)",
    "https://xn--a.example/%zz", "urn:x:1", "x" * 5000, "secured", "secured:", "related:", "type: topic", "taxonomy: organization", "weburl: x",
)  # fmt: skip
_KEYS = (
    "title", "excerpt", "publishedDateTime", "webUrl", "originalUrl", "ampWebUrl", "cdnAmpWebUrl", "type", "category", "quality", "heat", "published",
    "provider", "name", "domain", "topics", "tags", "images", "url", "width", "height", "related", "secured", "taxonomy", "date", "weburl", "byline",
    "value", "news", "isCached", "price", "other", "", "7", "null", "a b", "x" * 200,
)  # fmt: skip


def _ciphertext(chance: random.Random) -> str:
    data = chance.randbytes(chance.choice((24, 48, 90, 200)))
    style = chance.randrange(4)
    if style == 0:
        return base64.b64encode(data).decode() + ";" + base64.b64encode(chance.randbytes(16)).decode()
    if style == 1:
        return base64.urlsafe_b64encode(data).decode().rstrip("=")
    if style == 2:
        return ".".join(base64.urlsafe_b64encode(chance.randbytes(24)).decode().rstrip("=") for _ in range(3))
    return data.hex()


def _entry(chance: random.Random) -> dict[str, Any]:
    url = f"https://{chance.choice(_HOSTS)}/{chance.choice('abc')}/{chance.randrange(40)}"
    entry: dict[str, Any] = {
        "title": f"{chance.choice(_TITLES)} {chance.randrange(60)}",
        "excerpt": chance.choice(("", "Some words.", 'Words: with a colon, and "quotes" …')),
        "publishedDateTime": f"2021-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}T{chance.randrange(24):02}:00:00Z",
        "webUrl": url,
        "type": chance.choice(("article", "article", "video", "topic")),
        "provider": {"name": chance.choice(_NAMES), "domain": chance.choice(_HOSTS).removeprefix("www.")},
        "quality": chance.choice((0, 40, 102, -1)),
        "heat": chance.choice((-1, 12)),
    }
    if chance.random() < 0.4:
        entry["ampWebUrl"] = f"{url}/amp"
    if chance.random() < 0.4:
        entry["images"] = [{"url": f"https://example.com/{chance.randrange(9)}.jpg", "width": 1280, "height": 720}]
    return entry


def _record(chance: random.Random, secrets: list[str]) -> dict[str, Any]:
    if chance.random() < 0.08:
        record: dict[str, Any] = {
            "taxonomy": "topic",
            "name": chance.choice(_TOPICS),
            "title": "A topic",
            "parent": chance.choice(_TOPICS),
        }
    else:
        record = {
            **_entry(chance),
            "published": chance.random() < 0.5,
            "topics": chance.sample(_TOPICS, chance.randrange(3)),
        }
        if chance.random() < 0.6:
            record["related"] = [_entry(chance) for _ in range(chance.randint(1, 4))]
    if chance.random() < 0.85:
        secrets.append(_ciphertext(chance))
        record["secured"] = secrets[-1]
    return record


# Files as services and people write them


def _usual_yaml(record: dict[str, Any], indent: str = "") -> str:
    """Write a record as the services do: strings in double quotes, a field a line."""
    lines = []
    for key, value in record.items():
        if isinstance(value, dict):
            lines.append(f"{indent}{key}:\n{_usual_yaml(value, indent + '  ')}")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            items = (_usual_yaml(item, indent + "    ")[len(indent) + 4 :] for item in value)
            lines.append(f"{indent}{key}:\n" + "".join(f"{indent}  - {item}" for item in items))
        elif isinstance(value, list):
            lines.append(
                f"{indent}{key}:\n" + "".join(f"{indent}  - {item}\n" for item in value)
                if value
                else f"{indent}{key}: []\n"
            )
        elif isinstance(value, str) and key not in ("publishedDateTime", "type", "name", "domain", "taxonomy"):
            lines.append(f"{indent}{key}: {json.dumps(value, ensure_ascii=False)}\n")
        else:
            lines.append(f"{indent}{key}: {json.dumps(value) if not isinstance(value, str) else value}\n")
    return "".join(lines)


def _yaml(chance: random.Random, record: dict[str, Any]) -> str:
    if chance.random() < 0.7:
        return _usual_yaml(record)
    style = chance.choice((None, '"', "'", "|", ">"))
    return yaml.dump(record, default_style=style, default_flow_style=chance.random() < 0.2, allow_unicode=chance.random() < 0.7, width=chance.choice((40, 80, 10_000)))  # fmt: skip


def _whole(chance: random.Random, secrets: list[str]) -> tuple[str, str]:
    """Return the ending and the text of a file without a fault."""
    kind = chance.random()
    if kind < 0.5:
        end = chance.choice(("---\n", "---\n\nSome words.\n", "...\n", "---"))
        return "md", f"---\n{_yaml(chance, _record(chance, secrets))}{end}"
    if kind < 0.7:
        return chance.choice(("yaml", "yml")), _yaml(chance, _record(chance, secrets))
    records = [_record(chance, secrets) for _ in range(chance.randint(1, 4))]
    indent = chance.choice((None, None, 2))
    if kind < 0.85:
        return chance.choice(("jsonl", "ndjson")), "".join(
            json.dumps(one, ensure_ascii=chance.random() < 0.5) + "\n" for one in records
        )
    page: Any = chance.choice((records, records[0], {"value": records}, {"news": records, "location": "x"}))
    return "json", json.dumps(page, ensure_ascii=chance.random() < 0.5, indent=indent)


# Mutations of text


def _place(chance: random.Random, text: str) -> int:
    return chance.randrange(len(text) + 1)


def _span(chance: random.Random, text: str) -> tuple[int, int]:
    start = _place(chance, text)
    return start, min(len(text), start + chance.choice((1, 2, 5, 20, 80)))


def _drop_span(chance: random.Random, text: str) -> str:
    start, end = _span(chance, text)
    return text[:start] + text[end:]


def _repeat_span(chance: random.Random, text: str) -> str:
    start, end = _span(chance, text)
    return text[:end] + text[start:end] * chance.choice((1, 1, 3)) + text[end:]


def _insert_word(chance: random.Random, text: str) -> str:
    place = _place(chance, text)
    return text[:place] + chance.choice(_WORDS) + text[place:]


def _insert_sign(chance: random.Random, text: str) -> str:
    place = _place(chance, text)
    return text[:place] + chance.choice("\"'\\:#-,[]{}|>&*!%@`\t\n\r \0\x85\u2028\ufeff\xa0~?=") + text[place:]


def _cut(chance: random.Random, text: str) -> str:
    return text[: _place(chance, text)]


def _of_lines(change: Callable[[random.Random, list[str]], None]) -> Text:
    def mutate(chance: random.Random, text: str) -> str:
        lines = text.split("\n")
        change(chance, lines)
        return "\n".join(lines)

    return mutate


def _drop_line(chance: random.Random, lines: list[str]) -> None:
    del lines[chance.randrange(len(lines))]


def _repeat_line(chance: random.Random, lines: list[str]) -> None:
    lines.insert(chance.randrange(len(lines) + 1), chance.choice(lines))


def _move_line(chance: random.Random, lines: list[str]) -> None:
    lines.insert(chance.randrange(len(lines)), lines.pop(chance.randrange(len(lines))))


def _indent_line(chance: random.Random, lines: list[str]) -> None:
    at = chance.randrange(len(lines))
    step = chance.choice((" ", "  ", "    ", "\t", "- ", "-", "", "", "> ", "\xa0"))
    lines[at] = step + (lines[at] if step else lines[at][chance.randint(1, 4) :])


def _indent_all(chance: random.Random, lines: list[str]) -> None:
    start = chance.randrange(len(lines))
    for at in range(start, min(len(lines), start + chance.randint(2, 40))):
        lines[at] = "  " + lines[at]


def _join_lines(chance: random.Random, lines: list[str]) -> None:
    at = chance.randrange(len(lines))
    lines[at : at + 2] = [chance.choice(("", " ")).join(lines[at : at + 2])]


def _split_line(chance: random.Random, lines: list[str]) -> None:
    at = chance.randrange(len(lines))
    place = _place(chance, lines[at])
    lines[at : at + 1] = [lines[at][:place], chance.choice(("", "  ", "    ")) + lines[at][place:]]


def _other_value(chance: random.Random, lines: list[str]) -> None:
    at = chance.randrange(len(lines))
    key, colon, _ = lines[at].partition(":")
    lines[at] = f"{key}{colon} {chance.choice(_WORDS)}"


def _other_key(chance: random.Random, lines: list[str]) -> None:
    at = chance.randrange(len(lines))
    before, colon, value = lines[at].partition(":")
    indent = re.match(r"[\s-]*", before)
    lines[at] = f"{indent[0] if indent else ''}{chance.choice(_KEYS)}{colon or ':'}{value}"


def _without_quote(chance: random.Random, text: str) -> str:
    places = [match.start() for match in re.finditer("[\"'\\[\\]{},:]", text)]
    if not places:
        return text
    place = chance.choice(places)
    return text[:place] + text[place + 1 :]


def _line_ends(chance: random.Random, text: str) -> str:
    return text.replace("\n", chance.choice(("\r\n", "\r", "\n\n", "\x85", "\u2028", "\n ")), chance.choice((1, -1)))


# Mutations of the structure of YAML


def _wrapped_value(chance: random.Random, lines: list[str]) -> None:
    """Write the value of a field in another form: in a list, a mapping, behind a tag or an anchor, as a block."""
    fields = [at for at, line in enumerate(lines) if ":" in line]
    if not fields:
        return
    secured = [at for at in fields if "secured" in lines[at]]
    at = chance.choice(secured if secured and chance.random() < 0.5 else fields)
    key, _, value = lines[at].partition(":")
    value = value.strip()
    indent = " " * (len(key) - len(key.lstrip()) + 2)
    forms = (
        f"[{value}]", f"{{a: {value}}}", f"!t {value}", f"!!str {value}", f"&a {value}", f"&a !t [{value}]", f"|\n{indent}{value}", f">-\n{indent}{value}",
        f"|2\n{indent}- {value}", f"|\n{indent}[{value}]", f"|\n{indent}&a {value}", f"|\n{indent}!t {value}", f"|\n{indent}{{a: {value}}}",
        f"\n{indent}- {value}", f"\n{indent}a: {value}", f"\n{indent}? {value}\n{indent}: b", f"[\n{indent}{value}\n{indent}]", f"'{value}'", f'"{value}"', f"{value} # c",
        f"\n\n{indent}{value}", f'"{value}', f"{value}\n{indent}{value}",
    )  # fmt: skip
    lines[at] = f"{key}: {chance.choice(forms)}"


def _nested_field(chance: random.Random, lines: list[str]) -> None:
    """Put a line into the value of the one before it."""
    at = chance.randrange(len(lines))
    if at:
        lines[at - 1] = lines[at - 1].rstrip() + chance.choice(("", " |", " >", " {", " [", ' "'))
        lines[at] = "  " + lines[at]


def _second_document(chance: random.Random, lines: list[str]) -> None:
    lines.insert(
        chance.randrange(len(lines)), chance.choice(("---", "--- # end", "...", "--- !t", "  ---", "%YAML 1.2"))
    )


def _aliases(chance: random.Random, lines: list[str]) -> None:
    at = chance.randrange(len(lines))
    lines[at] = lines[at].replace(": ", ": &x ", 1)
    lines.insert(
        chance.randrange(len(lines)), chance.choice(("other: *x", "<<: *x", "title: *x", "related: [*x, *x]", "  - *x"))
    )


# Mutations of the structure of JSON


def _nodes(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each container with one of its keys or indexes."""
    if isinstance(value, dict):
        for key in list(value):
            yield value, key
            yield from _nodes(value[key])
    elif isinstance(value, list):
        for at in range(len(value)):
            yield value, at
            yield from _nodes(value[at])


def _json_value(chance: random.Random) -> Any:
    return chance.choice((
        None, True, 0, -1, 102.0, 1e300, 10**40, "", "\ud800", "\u0000", "nan", [], {}, [[]], [None], {"": ""}, {"secured": "x"}, chance.choice(_WORDS),
        [chance.choice(_WORDS)], {chance.choice(_KEYS): chance.choice(_WORDS)},
    ))  # fmt: skip


def _json_structure(chance: random.Random, text: str) -> str:
    try:
        roots = [json.loads(text)]
        many = False
    except ValueError:
        try:
            roots, many = [json.loads(line) for line in text.splitlines() if line.strip()], True
        except ValueError:
            return _without_quote(chance, text)
    for _ in range(chance.randint(1, 3)):
        places = list(_nodes(roots))
        if not places:
            break
        holder, key = chance.choice(places)
        change = chance.randrange(5)
        if change == 0:
            holder[key] = _json_value(chance)
        elif change == 1:
            del holder[key]
        elif change == 2 and isinstance(holder, dict):
            holder[chance.choice(_KEYS)] = holder.pop(key)
        elif change == 3:
            holder[key] = chance.choice(
                ([holder[key]], {"value": holder[key]}, {"secured": holder[key]}, [holder[key]] * 2)
            )
        elif isinstance(holder, dict):
            holder[chance.choice(("\ud800", "a\u0000", " title", "Title", "secured "))] = _json_value(chance)
    dumped = [json.dumps(root, ensure_ascii=chance.random() < 0.8 or "\\ud8" in json.dumps(root)) for root in roots]
    return "\n".join(dumped) if many else dumped[0] if dumped else ""


def _repeated_key(chance: random.Random, text: str) -> str:
    """Write a field twice into a mapping."""
    places = [match.end() for match in re.finditer("[{,]", text)]
    if not places:
        return text
    place, key = chance.choice(places), chance.choice(("\\ud800", "title", "secured", "related", "a\\u0000", ""))
    return text[:place] + f'"{key}":1,"{key}":{chance.choice((2, "[]", "null", chr(34) * 2))},' + text[place:]


_ANY: tuple[Text, ...] = (
    _drop_span, _repeat_span, _insert_word, _insert_word, _insert_sign, _insert_sign, _insert_sign, _cut, _without_quote, _without_quote, _line_ends,
    _of_lines(_drop_line), _of_lines(_repeat_line), _of_lines(_move_line), _of_lines(_join_lines), _of_lines(_split_line),
)  # fmt: skip
_OF_YAML: tuple[Text, ...] = (
    *_ANY, *map(_of_lines, (
        _indent_line, _indent_line, _indent_all, _other_value, _other_value, _other_key, _wrapped_value, _wrapped_value, _wrapped_value, _nested_field,
        _second_document, _aliases,
    )),
)  # fmt: skip
_OF_JSON: tuple[Text, ...] = (*_ANY, _repeated_key, _repeated_key, *(_json_structure for _ in range(12)))


def _mutated_bytes(chance: random.Random, data: bytes) -> bytes:
    place = chance.randrange(len(data) + 1)
    what = chance.randrange(6)
    if what == 0:
        return data[:place] + bytes([chance.randrange(256)]) + data[place + 1 :]
    if what == 1:
        return data[:place] + chance.randbytes(chance.randint(1, 6)) + data[place:]
    if what == 2:
        return chance.choice((b"\xef\xbb\xbf", b"\xff\xfe", b"\n\n", b" ", b"\0", b"\x1f\x8b")) + data
    if what == 3:
        return data.decode("utf-8", "replace").encode("utf-16" if chance.random() < 0.5 else "latin-1", "replace")
    if what == 4:
        return data[:place]
    return (
        data[:place]
        + chance.choice((b"\0", b"\xed\xa0\x80", b"\xc3", b"\xe2\x80\xa8", b"\r", b"\x1b[2J"))
        + data[place:]
    )


def fuzzed_file(chance: random.Random, number: int) -> FuzzedFile:
    """Return a file with one to five mutations, or none."""
    secrets: list[str] = []
    ending, text = _whole(chance, secrets)
    mutations = _OF_JSON if ending.startswith(("json", "ndjson")) else _OF_YAML
    for _ in range(chance.choice((0, 1, 1, 1, 2, 2, 3, 5))):
        text = chance.choice(mutations)(chance, text)
    data = text.encode("utf-8", "surrogatepass")
    if chance.random() < 0.15:
        data = _mutated_bytes(chance, data)
    return FuzzedFile(f"{number:04}.{ending}", data, tuple(secrets))


# Where a ciphertext has to be kept

_SECURED_LINE = re.compile(r"^(?P<indent>[ \t]*(?:-[ \t]+)*)[^\w\n]*secured[\"'\\\s]*:", re.MULTILINE)
_SECURED_KEY = re.compile(r'"secured"\s*:\s*')


def secured_text(file: FuzzedFile) -> tuple[str, str]:
    """Return what stands under the name `secured` in a file, and the rest of it.

    In YAML the name at the start of a line decides, and the lines below it that are indented more; in JSON the key, and
    the string or the line after it.
    """
    text = file.data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    kept, rest = [], []
    done = 0
    for start, end in _secured_json(text) if "json" in file.name else _secured_yaml(text):
        if start >= done:
            rest.append(text[done:start])
            kept.append(text[start:end])
            done = end
    return "\n".join(kept), "\n".join([*rest, text[done:]])


def _secured_yaml(text: str) -> Iterator[tuple[int, int]]:
    for match in _SECURED_LINE.finditer(text):
        end = text.find("\n", match.end())
        while end >= 0:
            following = text.find("\n", end + 1)
            line = text[end + 1 : following if following >= 0 else len(text)]
            if line.strip() and len(line) - len(line.lstrip(" \t")) <= len(match["indent"]):
                break
            end = following
        yield match.end(), end if end >= 0 else len(text)


def _secured_json(text: str) -> Iterator[tuple[int, int]]:
    for match in _SECURED_KEY.finditer(text):
        string = re.compile(r'"(?:[^"\\\n]|\\.)*"').match(text, match.end())
        if string:
            yield match.end(), string.end()
