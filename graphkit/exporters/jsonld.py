"""JSON-LD for consumers of schema.org: each article a tree, with a context of its own, so that nothing is fetched.

It holds the triples of the Turtle file, and two more of each topic for readers that know schema.org alone: that it is a
schema:DefinedTerm, and its schema:name. Publishers, topics and images are nested in each article that has them; related
articles and sources are IRIs. What is nested nowhere (sources, broader topics, the dataset's description) follows the
articles. The context follows from `graphkit.rdf.properties`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from graphkit.exporters.json_arrays import write_object
from graphkit.rdf import vocabulary
from graphkit.rdf.descriptions import Description
from graphkit.rdf.properties import PROPERTIES, Form
from graphkit.rdf.statements import statements

if TYPE_CHECKING:
    import networkx as nx

    from graphkit.exporters.registry import ExportOptions, Files

Term = dict[str, str] | str

DEFINED_TERM = vocabulary.SCHEMA + "DefinedTerm"

_INTEGERS = 2**53 - 1  # larger ones are no numbers in JavaScript
_ARTICLES = frozenset({vocabulary.NEWS_ARTICLE, vocabulary.VIDEO_OBJECT, vocabulary.CREATIVE_WORK})
_CLASSES = (vocabulary.CONCEPT, vocabulary.CONCEPT_SCHEME, vocabulary.ENTITY)
_ONE_INSIDE = frozenset({vocabulary.PUBLISHER, vocabulary.DISTRIBUTOR})
_INSIDE = _ONE_INSIDE | {vocabulary.ABOUT, vocabulary.IMAGE}
_SETS = frozenset({Form.TEXTS, Form.VARIANT, Form.NODES, Form.IMAGES, Form.SOURCES})
_IRIS = frozenset(
    {Form.ADDRESS, Form.VARIANT, Form.STATUS, Form.NODES, Form.IMAGES, Form.SOURCES, Form.SCHEME, Form.ITSELF}
)


def _word(iri: str) -> str:
    return vocabulary.compact(iri).partition(":")[2]


def _definition(iri: str, form: Form) -> dict[str, str]:
    """Return what a context says about a property whose values have this form."""
    definition = {"@id": iri}
    if form is Form.MOMENT:
        definition["@type"] = vocabulary.DATE_TIME
    elif form in _IRIS and iri not in _INSIDE:
        definition["@type"] = "@id"
    if form in _SETS and iri not in _ONE_INSIDE:
        definition["@container"] = "@set"
    return definition


_DEFINITIONS = {iri: {"@id": iri} for iri in _CLASSES} | {
    one.iri: _definition(one.iri, one.uses[0].form) for one in PROPERTIES if one.uses and one.iri != vocabulary.TYPE
}
# None of the words is a prefix: no address is taken for an abbreviation.
CONTEXT: Mapping[str, Any] = MappingProxyType(
    {"@version": 1.1, "@vocab": vocabulary.SCHEMA}
    | {
        _word(iri): definition if len(definition) > 1 else iri
        for iri, definition in _DEFINITIONS.items()
        if len(definition) > 1 or not iri.startswith(vocabulary.SCHEMA)
    }
)


class TreeTerms:
    """Terms as JSON-LD writes them where the context says nothing about their type."""

    def iri(self, iri: str, /) -> Term:
        """Return the term of an IRI."""
        return {"@id": iri}

    def literal(self, text: str, /) -> Term:
        """Return a plain literal."""
        return text

    def typed(self, text: str, datatype: str, /) -> Term:
        """Return a literal of a datatype."""
        return {"@value": text, "@type": datatype}


def write(graph: nx.MultiDiGraph[str], files: Files, options: ExportOptions) -> None:
    """Write the graph as a document of trees, an article to a line."""
    (stream,) = files.values()
    subjects = statements(graph, options.base, TreeTerms()).subjects
    write_object(stream, {"@context": dict(CONTEXT)}, {"@graph": trees(subjects)})


def trees(subjects: list[Description[Any]]) -> Iterator[dict[str, Any]]:
    """Yield the tree of each article, then the nodes that are in none of them."""
    articles = [subject for subject in subjects if _is_article(subject)]
    others = {subject.iri: _node(subject, {}) for subject in subjects if not _is_article(subject)}
    inside: set[str] = set()
    for article in articles:
        inside.update(term["@id"] for predicate, _, terms in article.rows if predicate in _INSIDE for term in terms)
        yield _node(article, others)
    yield from (node for iri, node in others.items() if iri not in inside)


def _is_article(subject: Description[Any]) -> bool:
    return any(predicate == vocabulary.TYPE and term["@id"] in _ARTICLES for predicate, _, (term, *_) in subject.rows)


def _node(subject: Description[Any], others: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    node: dict[str, Any] = {"@id": subject.iri}
    for predicate, _, terms in subject.rows:
        if predicate == vocabulary.TYPE:
            kinds = [_key(term["@id"]) for term in terms]
            if vocabulary.CONCEPT in {term["@id"] for term in terms}:
                kinds.insert(0, _key(DEFINED_TERM))
            node["@type"] = kinds if len(kinds) > 1 else kinds[0]
            continue
        definition = _DEFINITIONS.get(predicate, {})
        nested = others if predicate in _INSIDE else {}
        values = [_value(term, definition.get("@type", ""), nested) for term in terms]
        node[_key(predicate)] = values if len(values) > 1 or "@container" in definition else values[0]
        if predicate == vocabulary.PREF_LABEL:
            node[_key(vocabulary.NAME)] = values[0]
    return node


def _key(iri: str) -> str:
    """Return the word for a term, or the IRI of a term that has none."""
    return _word(iri) if iri in _DEFINITIONS or iri.startswith(vocabulary.SCHEMA) else iri


def _value(term: Term, type: str, nested: Mapping[str, dict[str, Any]]) -> Any:
    """Return a value, without what the context says about values of this type."""
    match term:
        case {"@id": iri} if iri in nested:
            return nested[iri]
        case {"@id": iri} if type == "@id":
            return iri
        case {"@value": text, "@type": datatype} if datatype == type:
            return text
        case {"@value": text, "@type": vocabulary.INTEGER} if abs(int(text)) <= _INTEGERS:
            return int(text)
        case str() if type:
            return {"@value": term}
    return term
