"""SERVICE in a query, found by the engine's own parser.

The engine's grammar has no tokens of its own: the same text may be read in several ways, so any other reader could miss
a call. Here every occurrence of the word, plain or escaped, becomes a word that is no keyword. In names, variables,
strings, IRIs and comments the query stays well-formed; where it was the keyword, the query becomes malformed.
"""

from __future__ import annotations

import re
from itertools import product
from string import ascii_lowercase

_KEYWORD = "service"


def _spelled(letter: str) -> str:
    codes = "|".join(f"{ord(one):02x}" for one in (letter, letter.upper()))
    return rf"(?:[{letter}{letter.upper()}]|\\(?:u00|U000000)(?i:{codes}))"


_LETTER = re.compile(r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}|.", re.DOTALL)
_WRITTEN = re.compile("".join(map(_spelled, _KEYWORD)))
_GRAPH = re.compile(rf"(?P<service>{_WRITTEN.pattern})(?P<gap>(?:\s|\#[^\r\n]*+)*+)(?i:silent)?")


def without_service(text: str) -> str | None:
    r"""Return a query whose every word SERVICE is another word, or None if it has none. It has as many characters.

    >>> without_service("ASK { SERVICE ?service {} }")
    'ASK { QAAAAAA ?qaaaaaa {} }'
    >>> without_service("ASK {}")
    """
    if not _WRITTEN.search(text):
        return None
    used = _LETTER.sub(lambda match: _decoded(match[0]), text).lower()
    words = ("q" + "".join(letters) for letters in product(ascii_lowercase, repeat=len(_KEYWORD) - 1))
    word = next(word for word in words if word not in used)
    return _WRITTEN.sub(lambda match: _respelled(match[0], word), text)


def with_graph(text: str) -> str:
    """Return a query whose every SERVICE is GRAPH, which the grammar lets stand in the same places.

    >>> with_graph("ASK { SERVICE SILENT ?where {} }")
    'ASK { GRAPH  ?where {} }'
    """
    return _GRAPH.sub(lambda match: f"GRAPH{match['gap']}", text)


def _respelled(written: str, word: str) -> str:
    """Return a word spelled as another is: with the same capitals and escapes."""
    found = []
    for piece, letter in zip(_LETTER.findall(written), word, strict=True):
        capital = letter.upper() if _decoded(piece).isupper() else letter
        found.append(capital if len(piece) == 1 else f"{piece[:-2]}{ord(capital):02x}")
    return "".join(found)


def _decoded(piece: str) -> str:
    number = int(piece.lstrip("\\uU"), 16) if len(piece) > 1 else ord(piece)
    return chr(number) if number <= 0x10FFFF else piece
