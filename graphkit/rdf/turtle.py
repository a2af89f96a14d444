"""Turtle: descriptions as text, without building triples first.

The RDF engine can write Turtle too, but building its terms and triples only to turn them into text again takes most of
a build. The bytes are the same as the engine's: a property test compares them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import pyoxigraph as ox

from graphkit.rdf import vocabulary
from graphkit.rdf.descriptions import Description


class TurtleTerms:
    """The terms as Turtle writes them, with `prefixes` to abbreviate IRIs by."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        # The longest first, as one namespace may begin another.
        self.spaces = sorted(((space, name) for name, space in prefixes.items()), key=lambda pair: -len(pair[0]))
        self.starts = tuple(space for space, _ in self.spaces)
        self.datatypes: dict[str, str] = {}

    def iri(self, iri: str) -> str:
        """Return an IRI, by its prefix where it has one. Raises `ValueError` for what is none."""
        ox.NamedNode(iri)
        if self.starts and iri.startswith(self.starts):
            for space, name in self.spaces:
                if iri.startswith(space) and _LOCAL.fullmatch(iri, len(space)):
                    return f"{name}:{iri[len(space) :]}"
        return f"<{iri}>"

    def literal(self, text: str) -> str:
        """Return a plain literal."""
        if not text.isprintable():
            return f'"{_SPECIAL.sub(_escaped, text)}"'
        # Two looks are cheaper than a pattern, and most texts have neither.
        if "\\" in text:
            text = text.replace("\\", "\\\\")
        if '"' in text:
            text = text.replace('"', '\\"')
        return f'"{text}"'

    def typed(self, text: str, datatype: str) -> str:
        """Return a literal of a datatype; whole numbers stand for themselves."""
        if datatype == _INTEGER and _NUMBER.fullmatch(text):
            return text
        term = self.datatypes.get(datatype)
        if term is None:
            term = self.datatypes[datatype] = self.iri(datatype)
        return f"{self.literal(text)}^^{term}"


_INTEGER = vocabulary.XSD + "integer"
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
    return f"{subject} {_SEPARATOR.join(lines)} .\n"


_SEPARATOR = " ;\n\t"
_VERBS = {vocabulary.TYPE: "a"}


def document(subjects: Iterable[Description[str]], prefixes: Mapping[str, str]) -> bytes:
    """Return a whole file."""
    return header(prefixes) + b"".join([block(one).encode() for one in subjects])


def header(prefixes: Mapping[str, str]) -> bytes:
    """Return the lines that declare prefixes, in the engine's order."""
    if not prefixes:
        return b""
    anything = ox.NamedNode("urn:x:y")
    written = ox.serialize(
        [ox.Triple(anything, anything, anything)], format=ox.RdfFormat.TURTLE, prefixes=dict(prefixes)
    )
    return (written or b"").removesuffix(b"<urn:x:y> <urn:x:y> <urn:x:y> .\n")
