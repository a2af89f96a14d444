"""JSON-LD for consumers of schema.org: each article a tree, with a context of its own, so that nothing is fetched.

It holds the triples of the Turtle file and, of each topic, two more, by which those who know schema.org alone know it:
that it is a schema:DefinedTerm, and its schema:name. Publishers, topics and images stand inside each article that has
them; related articles and sources are named by their IRIs. What no article has inside (sources, topics above others,
the dataset's description) follows the articles.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from graphkit.exporters.json_arrays import member, write_rows
from graphkit.rdf import vocabulary
from graphkit.rdf.descriptions import Description
from graphkit.rdf.statements import statements

if TYPE_CHECKING:
    import networkx as nx

    from graphkit.exporters.export_options import ExportOptions, Files

DEFINED_TERM = vocabulary.SCHEMA + "DefinedTerm"

_INTEGERS = 2**53 - 1  # larger ones are no numbers in JavaScript
_ARTICLES = frozenset({vocabulary.NEWS_ARTICLE, vocabulary.VIDEO_OBJECT, vocabulary.CREATIVE_WORK})
_INSIDE = frozenset({vocabulary.PUBLISHER, vocabulary.DISTRIBUTOR, vocabulary.ABOUT, vocabulary.IMAGE})

_WORDS = (vocabulary.CONCEPT, vocabulary.CONCEPT_SCHEME, vocabulary.ENTITY)
_ONE = (
    *(
        vocabulary.LABEL,
        vocabulary.PREF_LABEL,
        vocabulary.PUBLISHER_LABEL,
        vocabulary.QUALITY,
        vocabulary.HEAT,
        vocabulary.MEDIA_TYPE,
    ),
    *(vocabulary.DOMAIN, vocabulary.PLATFORM),
)
_ONE_ADDRESS = (vocabulary.URL, vocabulary.CONTENT_URL, vocabulary.STATUS, vocabulary.IN_SCHEME)
_ONE_MOMENT = (vocabulary.DATE_PUBLISHED, vocabulary.DATE_MODIFIED)
_MANY = (
    *(
        vocabulary.ABOUT,
        vocabulary.ALT_LABEL,
        vocabulary.ALTERNATE_NAME,
        vocabulary.ALTERNATIVE_HEADLINE,
        vocabulary.HIDDEN_LABEL,
    ),
    *(vocabulary.IMAGE, vocabulary.SECTION),
)
_MANY_ADDRESSES = (
    *(
        vocabulary.AMP_PAGE,
        vocabulary.BROADER,
        vocabulary.CACHED_COPY,
        vocabulary.RELATED,
        vocabulary.SAME_AS,
        vocabulary.DERIVED_FROM,
    ),
)


def _word(iri: str) -> str:
    return vocabulary.compact(iri).partition(":")[2]


def _definition(iri: str, *, type: str = "", many: bool = False) -> str | dict[str, str]:
    if not (type or many):
        return iri
    return {"@id": iri} | ({"@type": type} if type else {}) | ({"@container": "@set"} if many else {})


# A word for each term that is not schema.org's own. None is a prefix: no address is taken for an abbreviation.
CONTEXT: Mapping[str, Any] = MappingProxyType(
    {"@version": 1.1, "@vocab": vocabulary.SCHEMA}
    | {_word(iri): _definition(iri) for iri in (*_WORDS, *_ONE)}
    | {_word(iri): _definition(iri, type="@id") for iri in _ONE_ADDRESS}
    | {_word(iri): _definition(iri, type=vocabulary.XSD + "dateTime") for iri in _ONE_MOMENT}
    | {_word(iri): _definition(iri, many=True) for iri in _MANY}
    | {_word(iri): _definition(iri, type="@id", many=True) for iri in _MANY_ADDRESSES}
)
_TYPES = {
    definition["@id"]: definition.get("@type", "") for definition in CONTEXT.values() if isinstance(definition, dict)
}
_SETS = frozenset((*_MANY, *_MANY_ADDRESSES))
_KNOWN = frozenset((*_WORDS, *_ONE, *_ONE_ADDRESS, *_ONE_MOMENT, *_SETS))


class Address(NamedTuple):
    """A term that is an IRI."""

    iri: str


class Typed(NamedTuple):
    """A literal of a datatype."""

    text: str
    datatype: str


class TreeTerms:
    """Terms as this module takes them."""

    iri = Address
    typed = Typed

    @staticmethod
    def literal(text: str) -> str:
        """Return a plain literal."""
        return text


Term = Address | Typed | str


def write(graph: nx.MultiDiGraph[str], files: Files, options: ExportOptions) -> str:
    """Write the graph as a document of trees, an article to a line."""
    (stream,) = files.values()
    stream.write(b"{\n" + member("@context", dict(CONTEXT)))
    write_rows(stream, "@graph", trees(statements(graph, options.base, TreeTerms()).subjects))
    stream.write(b"\n}\n")
    return ""


def trees(subjects: list[Description[Any]]) -> Iterator[dict[str, Any]]:
    """Yield the tree of each article, then all that stands in none of them."""
    articles = [said for said in subjects if _is_article(said)]
    others = {said.iri: _node(said, {}) for said in subjects if not _is_article(said)}
    inside: set[str] = set()
    for said in articles:
        inside.update(term.iri for predicate, _, terms in said.rows if predicate in _INSIDE for term in terms)
        yield _node(said, others)
    yield from (node for iri, node in others.items() if iri not in inside)


def _is_article(said: Description[Any]) -> bool:
    return any(predicate == vocabulary.TYPE and term.iri in _ARTICLES for predicate, _, (term, *_) in said.rows)


def _node(said: Description[Any], others: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    node: dict[str, Any] = {"@id": said.iri}
    for predicate, _, terms in said.rows:
        if predicate == vocabulary.TYPE:
            kinds = [_key(term.iri) for term in terms]
            if vocabulary.CONCEPT in {term.iri for term in terms}:
                kinds.insert(0, _key(DEFINED_TERM))
            node["@type"] = kinds if len(kinds) > 1 else kinds[0]
            continue
        kind = _TYPES.get(predicate, "")
        values = [
            others[term.iri] if predicate in _INSIDE and term.iri in others else _value(term, kind) for term in terms
        ]
        node[_key(predicate)] = values if len(values) > 1 or predicate in _SETS else values[0]
        if predicate == vocabulary.PREF_LABEL:
            node[_key(vocabulary.NAME)] = values[0]
    return node


def _key(iri: str) -> str:
    """Return the word for a term, or the IRI of a term that has none."""
    return _word(iri) if iri in _KNOWN or iri.startswith(vocabulary.SCHEMA) else iri


def _value(term: Term, kind: str) -> Any:
    """Return a value, with nothing in it that the context says."""
    if isinstance(term, Address):
        return term.iri if kind == "@id" else {"@id": term.iri}
    if isinstance(term, str):
        return {"@value": term} if kind else term
    if term.datatype == kind:
        return term.text
    if term.datatype == vocabulary.XSD + "integer" and abs(int(term.text)) <= _INTEGERS:
        return int(term.text)
    return {"@value": term.text, "@type": term.datatype}
