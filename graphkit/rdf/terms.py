"""Terms: IRIs and literals, as nodes of the RDF engine or as the text of a file.

One set of tables describes the graph in every syntax: what a term is, a `Terms` decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import quote

import pyoxigraph as ox

from graphkit.rdf import vocabulary
from graphkit.records.dates import utc_text

Term = ox.NamedNode | ox.Literal
T = TypeVar("T")
Made_co = TypeVar("Made_co", covariant=True)


class Terms(Protocol[Made_co]):
    """Makes terms of one kind."""

    def iri(self, iri: str, /) -> Made_co:
        """Return the term of an IRI. Raises `ValueError` for what is none."""

    def literal(self, text: str, /) -> Made_co:
        """Return a plain literal."""

    def typed(self, text: str, datatype: str, /) -> Made_co:
        """Return a literal of a datatype, which is an IRI."""


class OxigraphTerms:
    """The terms of the RDF engine."""

    def __init__(self) -> None:
        self.iri: Callable[[str], Term] = ox.NamedNode
        self.literal: Callable[[str], Term] = ox.Literal
        self.datatypes: dict[str, ox.NamedNode] = {}

    def typed(self, text: str, datatype: str, /) -> Term:
        """Return a literal of a datatype."""
        node = self.datatypes.get(datatype)
        if node is None:
            node = self.datatypes[datatype] = ox.NamedNode(datatype)
        return ox.Literal(text, datatype=node)


_SPACES = tuple(vocabulary.PREFIXES.values())
_LOCAL = re.compile("[A-Za-z0-9_]+")


class GraphTerms(Generic[T]):
    """The terms of a graph, in terms of one kind, each made once.

    `spaces` are the namespaces of PREFIXES in which some address of a record lies, such as
    https://schema.org/docs/faq.html, that no prefix should abbreviate: Virtuoso 7 keeps the backslash of an escape in a
    local name, so no export has any. `images` are those named so far, by URL, each with the larger of its sizes;
    `sources` the source files.
    """

    def __init__(self, terms: Terms[T], base: str, provider_names: Mapping[str, str]) -> None:
        self.base = base
        self.provider_names = provider_names
        self.spaces: set[str] = set()
        self.images: dict[str, tuple[T, int, int]] = {}
        self.sources: dict[str, tuple[str, T]] = {}
        self.iri = terms.iri
        self.literal = terms.literal
        self.typed = terms.typed
        self._nodes: dict[str, T] = {}
        self._terms: dict[str, T] = {}

    def node(self, node: str) -> T:
        """Return the term of a node of the graph."""
        term = self._nodes.get(node)
        if term is None:
            term = self._nodes[node] = self.iri(self.base + node)
        return term

    def term(self, iri: str) -> T:
        """Return the term of a word of the vocabulary."""
        term = self._terms.get(iri)
        if term is None:
            term = self._terms[iri] = self.iri(iri)
        return term

    def address(self, url: str) -> T:
        """Return the term of a foreign address."""
        if url.startswith(_SPACES):
            self.spaces.update(
                space for space in _SPACES if url.startswith(space) and not _LOCAL.fullmatch(url, len(space))
            )
        return self.iri(url)

    def integer(self, number: int) -> T:
        """Return a whole number."""
        return self.typed(str(number), vocabulary.XSD + "integer")

    def moment(self, moment: datetime) -> T:
        """Return a date and time."""
        return self.typed(utc_text(moment), vocabulary.XSD + "dateTime")

    def source_term(self, name: str) -> tuple[str, T]:
        """Return the IRI and the term of a source file."""
        known = self.sources.get(name)
        if known is None:
            iri = source_iri(self.base, name)
            known = self.sources[name] = (iri, self.iri(iri))
        return known

    def image(self, image: Mapping[str, Any]) -> T:
        """Return the term of an image, and keep the larger of its sizes."""
        url = image["url"]
        size = (image.get("width", 0), image.get("height", 0))
        known = self.images.get(url)
        node = self.address(url) if known is None else known[0]
        if known is None or known[1:] < size:
            self.images[url] = (node, *size)
        return node


def source_iri(base: str, name: str) -> str:
    """Return the IRI of a source file by its name."""
    if not _SAFE_NAME.fullmatch(name):
        name = quote(name, safe="/-._~!$&'()*+,;=:@", errors="replace")
    return f"{base}source/{name}"


_SAFE_NAME = re.compile(r"[A-Za-z0-9/._~-]*")
