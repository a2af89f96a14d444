"""Terms: IRIs and literals, as nodes of the RDF engine or as text, so that one set of tables serves every syntax."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
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
        """Return the term of an IRI. Raises `ValueError` if it is not valid."""

    def literal(self, text: str, /) -> Made_co:
        """Return a plain literal."""

    def typed(self, text: str, datatype: str, /) -> Made_co:
        """Return a literal of a datatype, which is an IRI."""


class OxigraphTerms:
    """The terms of the RDF engine."""

    def __init__(self) -> None:
        self.iri: Callable[[str], Term] = ox.NamedNode
        self.literal: Callable[[str], Term] = ox.Literal
        self.datatype: Callable[[str], ox.NamedNode] = cache(ox.NamedNode)

    def typed(self, text: str, datatype: str, /) -> Term:
        """Return a literal of a datatype."""
        return ox.Literal(text, datatype=self.datatype(datatype))


_SPACES = tuple(vocabulary.PREFIXES.values())
_LOCAL = re.compile("[A-Za-z0-9_]+")


class GraphTerms(Generic[T]):
    """The terms of a graph, in terms of one kind.

    `node` returns the term of a node of the graph, and `term` that of an IRI of the vocabulary, each made once.
    `spaces` are the namespaces of PREFIXES that some address of a record, such as https://schema.org/docs/faq.html,
    begins with. No prefix may abbreviate it: that takes an escape, and Virtuoso 7 keeps the backslash of an escape in a
    local name. `images` are the images seen so far by URL, each with its largest size; `sources` the source files.
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
        self.node: Callable[[str], T] = cache(lambda node: terms.iri(base + node))
        self.term: Callable[[str], T] = cache(terms.iri)

    def address(self, url: str) -> T:
        """Return the term of a foreign address."""
        if url.startswith(_SPACES):
            self.spaces.update(
                space for space in _SPACES if url.startswith(space) and not _LOCAL.fullmatch(url, len(space))
            )
        return self.iri(url)

    def integer(self, number: int) -> T:
        """Return a whole number."""
        return self.typed(str(number), vocabulary.INTEGER)

    def moment(self, moment: datetime) -> T:
        """Return a date and time."""
        return self.typed(utc_text(moment), vocabulary.DATE_TIME)

    def source_term(self, name: str) -> tuple[str, T]:
        """Return the IRI and the term of a source file."""
        known = self.sources.get(name)
        if known is None:
            iri = source_iri(self.base, name)
            known = self.sources[name] = (iri, self.iri(iri))
        return known

    def image(self, image: Mapping[str, Any]) -> T:
        """Return the term of an image, and record its size if it is the largest so far."""
        url = image["url"]
        size = (image.get("width", 0), image.get("height", 0))
        known = self.images.get(url)
        node = self.address(url) if known is None else known[0]
        if known is None or known[1:] < size:
            self.images[url] = (node, *size)
        return node


def source_iri(base: str, name: str) -> str:
    """Return the IRI of a source file."""
    if not _SAFE_NAME.fullmatch(name):
        name = quote(name, safe="/-._~!$&'()*+,;=:@", errors="replace")
    return f"{base}source/{name}"


_SAFE_NAME = re.compile(r"[A-Za-z0-9/._~-]*")
