"""SPARQL queries as text: what form a query has and what it uses, before it is run.

The engine parses queries; nothing here decides whether one is well-formed. The token rules are those of SPARQL 1.1,
section 19.8.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urljoin

import msgspec

MAX_DEPTH = 500
"""Deeper nested brackets are refused: the parser recurses, and its stack overflows beyond about a thousand."""

UPDATES = frozenset({"INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"})
FORMS = frozenset({"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"})
VOLATILE = frozenset({"NOW", "RAND", "UUID", "STRUUID", "BNODE"})
"""Functions whose value differs at each call, so that a result cannot be cached."""


class Token(NamedTuple):
    """A token of a query: `kind` is a group of the token rules, `start` the offset in characters."""

    kind: str
    text: str
    start: int


class QueryAnalysis(msgspec.Struct, frozen=True):
    """What a query is: its `form` (UPDATE for any update, empty if none was found), and what it uses.

    `volatile` says that its result may change though the data does not. `graphs` are the IRIs after FROM and FROM
    NAMED, None for one that cannot be resolved; `depth` is the nesting of its brackets.
    """

    form: str
    graphs: tuple[str | None, ...]
    volatile: bool
    depth: int


class SyntaxFault(msgspec.Struct, frozen=True):
    """Where a query cannot be parsed: `line` and `column` count from 1; both are 0 where the engine names no place."""

    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.message}" if self.line else self.message


_TOKEN = re.compile(
    r"""
    (?: \s++ | \#[^\r\n]*+ )*+
    (?: (?P<iri> <[^<>"{}|^`\\\x00-\x20]*+> )
    | (?P<string> \"{3} (?: \\. | (?!\"{3}) [^\\] )*+ \"{3}
                | '{3} (?: \\. | (?!'{3}) [^\\] )*+ '{3}
                | "  (?: \\. | [^"\\\r\n] )*+ "
                | '  (?: \\. | [^'\\\r\n] )*+ ' )
    | (?P<variable> [?$]\w++ )
    | (?P<language> @[A-Za-z]++(?:-[A-Za-z0-9]++)*+ )
    | (?P<name> (?: [^\W\d_] (?: [\w.-]{0,255}+ (?<!\.) )? | _ )? : (?: (?: [\w:] | %[0-9A-Fa-f]{2} | \\[^\w\s] ) (?: [\w:-] | %[0-9A-Fa-f]{2} | \\[^\w\s] | \.(?=[\w:%\\.-]) )*+ )? )
    | (?P<number> \d++(?:\.\d*+)?(?:[eE][+-]?\d++)? | \.\d++(?:[eE][+-]?\d++)? )
    | (?P<word> [^\W\d]\w*+ )
    | (?P<sign> \^\^ | && | \|\| | [<>!]= | . )
    | (?P<end> \Z ) )
    """,  # noqa: E501 - a token rule on one line
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")

_PLACE = re.compile(r"error at (\d+):(\d+): ")
# The items of the engine's list: quoted signs, character classes, and words.
_ITEM = re.compile(r"""\s*("(?:\\.|[^"\\])*"|\[(?:'(?:\\.[^']*|[^'])'|[^\]'])*\]|[^,]+),?""")
SHOWN = 6
"""The number of alternatives that a message names."""


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of any text, without white space and comments.

    >>> [token.text for token in tokens("ASK { ?s a <x> } # all")]
    ['ASK', '{', '?s', 'a', '<x>', '}']
    """
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        if kind != "end":
            yield Token(kind, match[kind], match.start(kind))


def values_blocks(pieces: list[Token], name: str) -> list[tuple[int, int]]:
    """Return the offsets of the braces of each ``VALUES ?name { … }``, and behind them."""
    found = []
    for index, piece in enumerate(pieces[:-3]):
        if piece.kind != "word" or piece.text.upper() != "VALUES":
            continue
        variable, opening = pieces[index + 1 : index + 3]
        if variable.kind != "variable" or variable.text[1:] != name or opening.text != "{":
            continue
        closing = next((later for later in pieces[index + 3 :] if later.kind == "sign" and later.text == "}"), None)
        if closing is not None:
            found.append((opening.start, closing.start + 1))
    return found


def analyse(text: str, *, base: str = "") -> QueryAnalysis:
    """Analyse a query. Relative IRIs are resolved against `base`, as with BASE.

    >>> analyse("PREFIX g: <http://g/> SELECT * FROM g:one { ?s ?p ?o }")
    QueryAnalysis(form='SELECT', graphs=('http://g/one',), volatile=False, depth=1)
    """
    plain = _ESCAPE.sub(_unescaped, text) if "\\" in text else text
    form, last = "", ""
    prefixes: dict[str, str] = {}
    graphs: list[str | None] = []
    depth = deepest = 0
    volatile = False
    declared = ""
    for match in _TOKEN.finditer(plain):
        kind = match.lastgroup or ""
        piece = match[kind]
        word = piece.upper() if kind == "word" else ""
        if kind == "sign":
            if piece in "([{":
                depth += 1
                deepest = max(deepest, depth)
            elif piece in ")]}":
                depth -= 1
        elif word and not form and (word in FORMS or word in UPDATES):
            form = word if word in FORMS else "UPDATE"
        elif word in VOLATILE:
            volatile = True
        elif kind in ("iri", "name") and depth == 0:
            if not form:  # the prologue
                if kind == "name":
                    declared = piece
                elif last == "BASE":
                    base = _resolved(base, piece[1:-1]) or base
                else:
                    prefixes[declared] = _resolved(base, piece[1:-1]) or ""
            elif last in ("FROM", "FROM NAMED"):
                graphs.append(_iri(kind, piece, base, prefixes))
        last = f"{last} {word}" if (last, word) == ("FROM", "NAMED") else word
    return QueryAnalysis(form, tuple(graphs), volatile, deepest)


def syntax_fault(text: str, message: str) -> SyntaxFault:
    """Return the engine's message about a query as a sentence, with the token at the place.

    >>> str(syntax_fault("ASK {", 'error at 1:6: expected one of "(", "}", [_]'))
    'line 1, column 6: expected "(" or "}", got the end of the query'
    >>> str(syntax_fault("", "no such thing"))
    'no such thing'
    """
    placed = _PLACE.match(message)
    if placed is None:
        return SyntaxFault(0, 0, " ".join(message.split()))
    line, column = int(placed[1]), int(placed[2])
    found = text.split("\n")[line - 1 :]
    rest = "\n".join([found[0][column - 1 :], *found[1:]]).strip() if found else ""
    got = repr(next(tokens(rest)).text[:40]) if next(tokens(rest), None) else "the end of the query"
    expected = " ".join(message[placed.end() :].split()).removeprefix("expected ").removeprefix("one of ")
    names = [item for item in dict.fromkeys(_ITEM.findall(expected)) if not item.startswith("[")]
    prose = next((item for item in names if " " in item and not item.startswith('"')), "")
    if prose:
        return SyntaxFault(line, column, prose[:1].lower() + prose[1:] if prose[1:2].islower() else prose)
    more = f" or one of {len(names) - SHOWN} others" if len(names) > SHOWN else ""
    alternatives = " or ".join(names[:SHOWN]) or "another word"
    return SyntaxFault(line, column, f"expected {alternatives}{more}, got {got}")


def _unescaped(match: re.Match[str]) -> str:
    number = int(match[1] or match[2], 16)
    return chr(number) if number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF else match[0]


def _iri(kind: str, piece: str, base: str, prefixes: dict[str, str]) -> str | None:
    if kind == "iri":
        return _resolved(base, piece[1:-1])
    prefix, _, local = piece.partition(":")
    space = prefixes.get(f"{prefix}:")
    return None if space is None else space + re.sub(r"\\(.)", r"\1", local)


def _resolved(base: str, iri: str) -> str | None:
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", iri):
        return iri
    return urljoin(base, iri) if base else None
