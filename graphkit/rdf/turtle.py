"""Turtle: descriptions as text, without building triples first, which would take most of a build.

The bytes are the same as the RDF engine's: a property test compares them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache

import pyoxigraph as ox

from graphkit.rdf import vocabulary
from graphkit.rdf.descriptions import Description


class TurtleTerms:
    """Terms as Turtle writes them, with IRIs abbreviated by `prefixes`."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self.prefixes = _longest_first(prefixes)
        self.starts = tuple(prefixes.values())
        self.datatype: Callable[[str], str] = cache(self.iri)

    def iri(self, iri: str) -> str:
        """Return an IRI, abbreviated by its prefix if it has one. Raises `ValueError` if it is not valid."""
        ox.NamedNode(iri)
        if iri.startswith(self.starts):
            for name, space in self.prefixes:
                if iri.startswith(space) and _LOCAL.fullmatch(iri, len(space)):
                    return f"{name}:{iri[len(space) :]}"
        return f"<{iri}>"

    def literal(self, text: str) -> str:
        """Return a plain literal."""
        if not text.isprintable():
            return f'"{_SPECIAL.sub(_escaped, text)}"'
        # Most texts have neither, and two searches are cheaper than a pattern.
        if "\\" in text:
            text = text.replace("\\", "\\\\")
        if '"' in text:
            text = text.replace('"', '\\"')
        return f'"{text}"'

    def typed(self, text: str, datatype: str) -> str:
        """Return a literal of a datatype; an integer is written as a bare number."""
        if datatype == vocabulary.INTEGER and _NUMBER.fullmatch(text):
            return text
        return f"{self.literal(text)}^^{self.datatype(datatype)}"


_NUMBER = re.compile(r"[+-]?[0-9]+")
_LOCAL = re.compile("[A-Za-z0-9_]+")
_SPECIAL = re.compile('[\x00-\x1f"\\\\\x7f\ufffe\uffff]')
_SHORT = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


def _escaped(match: re.Match[str]) -> str:
    sign = match[0]
    return _SHORT.get(sign) or f"\\u{ord(sign):04X}"


def block(description: Description[str]) -> str:
    """Return a description as one Turtle statement."""
    _, subject, rows = description
    lines = [
        f"{_VERBS.get(predicate, term)} {terms[0] if len(terms) == 1 else ' , '.join(terms)}"
        for predicate, term, terms in rows
    ]
    return f"{subject} " + " ;\n\t".join(lines) + " .\n"


_VERBS = {vocabulary.TYPE: "a"}


def document(subjects: Iterable[Description[str]], prefixes: Mapping[str, str]) -> bytes:
    """Return a whole file."""
    return header(prefixes) + b"".join([block(one).encode() for one in subjects])


def header(prefixes: Mapping[str, str]) -> bytes:
    """Return the lines that declare prefixes, in the engine's order."""
    return "".join(f"@prefix {name}: <{space}> .\n" for name, space in _longest_first(prefixes)).encode()


def _longest_first(prefixes: Mapping[str, str]) -> list[tuple[str, str]]:
    """Sort prefixes by the length of their namespaces, as one namespace may begin another."""
    return sorted(prefixes.items(), key=lambda prefix: (-len(prefix[1]), prefix[0]))
