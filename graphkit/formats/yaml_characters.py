"""Characters of YAML text that its parsers refuse, or read in a way that no writer meant."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from graphkit.diagnostics.quoting import characters
from graphkit.formats.yaml_faults import SafeLoader, YamlFault
from graphkit.records.positions import Lines
from graphkit.records.text_values import SECURED_NAME

_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|(?!\\A)\ufeff")

# Where `secured` comes next, the line has to begin there for all parsers.
_LINE_SEPARATOR = re.compile(rf"[\x85\u2028\u2029](?!{SECURED_NAME})")


def replace_forbidden(text: str, faults: list[YamlFault]) -> str:
    """Replace each character that YAML forbids by U+FFFD, with one fault at the first of them.

    U+0085, U+2028 and U+2029 become spaces: they end a line in YAML 1.1, but not in YAML 1.2, nor in most editors.
    """
    if text.isascii() and text.isprintable():
        return text
    text = _LINE_SEPARATOR.sub(" ", text)
    first = _FORBIDDEN.search(text)
    if first is None:
        return text
    cleaned, count = _FORBIDDEN.subn("\ufffd", text)
    faults.append(_replaced(text, first.start(), characters(first[0], count)))
    return cleaned


def _replaced(text: str, offset: int, got: str) -> YamlFault:
    line, column = Lines(text).place(offset)
    return YamlFault("GK208", line, column, "", "characters that YAML allows", got)


_SURROGATE = "(?:u|U0000)[dD]"
_ANY_SURROGATE = re.compile(rf"\\{_SURROGATE}[89a-fA-F]")
_ESCAPE = re.compile(
    rf"\\(?:{_SURROGATE}(?P<high>[89abAB][0-9a-fA-F]{{2}})\\{_SURROGATE}(?P<low>[c-fC-F][0-9a-fA-F]{{2}})"
    rf"|{_SURROGATE}(?P<half>[89a-fA-F][0-9a-fA-F]{{2}})|.)",
    re.DOTALL,
)


def with_pairs_joined(text: str, faults: list[YamlFault]) -> str:
    """Join each pair of surrogates between double quotes, two escapes for one character, as JSON writes it.

    Half a pair becomes U+FFFD, with one fault at the first of them. What follows the quotes stays in its column.
    """
    if _ANY_SURROGATE.search(text) is None:
        return text
    parts: list[str] = []
    halves: list[re.Match[str]] = []
    done = 0
    for start, end in _double_quoted(text):
        quoted = text[start:end]
        halves += [match for match in _ESCAPE.finditer(text, start, end) if match["half"]]
        joined = _ESCAPE.sub(_joined, quoted)
        parts += [text[done:start], joined, " " * (len(quoted) - len(joined))]
        done = end
    if halves:
        first = chr(int(f"D{halves[0]['half']}", 16))
        faults.append(_replaced(text, halves[0].start(), characters(first, len(halves))))
    return "".join([*parts, text[done:]])


def _joined(match: re.Match[str]) -> str:
    if match["half"]:
        return "\\uFFFD"
    if match["high"] is None:
        return match[0]
    pair = bytes.fromhex(f"D{match['high']}D{match['low']}").decode("utf-16-be")
    return f"\\U{ord(pair):08X}"


def _double_quoted(text: str) -> Iterator[tuple[int, int]]:
    """Yield where texts between double quotes with a surrogate begin and end, as far as the text can be scanned."""
    # The scanner refuses surrogates, so it gets other letters of the same length.
    loader = SafeLoader(_ESCAPE.sub(_without_surrogates, text))
    try:
        while (token := loader.get_token()) is not None:
            if isinstance(token, yaml.ScalarToken) and token.style == '"':
                start, end = token.start_mark.index, token.end_mark.index
                if _ANY_SURROGATE.search(text, start, end):
                    yield start, end
    except yaml.YAMLError:
        return  # the loader will report it
    finally:
        loader.dispose()


def _without_surrogates(match: re.Match[str]) -> str:
    return re.sub(r"\\(u|U0000)[dD]", r"\\\1e", match[0]) if match["high"] or match["half"] else match[0]
