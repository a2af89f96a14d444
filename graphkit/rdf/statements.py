"""Statements: all that the graph says as RDF, sorted, in terms of any kind.

The dataset's description comes first, then all other subjects in the order of their IRIs. The predicates of a subject
are sorted by IRI, with rdf:type first, and objects by their texts, so that one changed record changes a few lines. The
tables of `properties` are sorted once and the attributes of the graph are sorted already: no triple is ever compared
with another.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, NamedTuple

import pyoxigraph as ox

from graphkit.graph.attributes import article_attributes, provider_attributes, topic_attributes
from graphkit.identity.identification import slug
from graphkit.merge.articles import Article
from graphkit.merge.resolution import Provider, Topic
from graphkit.rdf import vocabulary
from graphkit.rdf.dataset import About, is_iri
from graphkit.rdf.objects import Data, Objects, class_of, objects_of
from graphkit.rdf.properties import row_order, uses_of
from graphkit.rdf.terms import GraphTerms, T, Term, Terms

if TYPE_CHECKING:
    import networkx as nx


class Description(NamedTuple, Generic[T]):
    """What is said of one subject, in the order in which it is written: its IRI, its term, and rows.

    A row is a predicate's IRI, its term and its objects.
    """

    iri: str
    subject: T
    rows: list[tuple[str, T, Sequence[T]]]


_NOTHING_SAID = About()
# File names may hold what RDF/XML cannot; texts of records are clean already.
_NO_XML = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class Describer(GraphTerms[T]):
    """Describes subjects in terms of one kind, and counts what the dataset's description needs.

    `properties` and `classes` count the triples of each property and the subjects of each class.
    """

    def __init__(self, terms: Terms[T], base: str, provider_names: Mapping[str, str]) -> None:
        super().__init__(terms, base, provider_names)
        self.properties: Counter[str] = Counter()
        self.classes: Counter[str] = Counter()
        self._tables = {
            kind: tuple((attribute, predicate, self.term(predicate), objects) for predicate, attribute, objects in rows)
            for kind, rows in _TABLES.items()
        }

    def said(self, kind: str, iri: str, subject: T, data: Data, *, count: bool = True) -> Description[T]:
        """Say all there is of a subject of a kind."""
        rows = []
        get = data.get
        properties: Counter[str] = self.properties if count else Counter()
        for attribute, predicate, node, objects in self._tables[kind]:
            value = get(attribute)
            if value is not None:
                terms = objects(value, data, self)
                if terms:
                    rows.append((predicate, node, terms))
                    properties[predicate] += len(terms)
        if count:
            self.classes[class_of(kind, data)] += 1
        return Description(iri, subject, rows)

    def entity(self, node: str, data: Data) -> Description[T]:
        """Say all there is of an article, provider or topic."""
        return self.said(data["kind"], self.base + node, self.node(node), data)

    def article(self, article: Article) -> Description[T]:
        """Say all there is of an article."""
        data = article_attributes(article)
        data["about"] = article.topics
        data["related"] = [link.target for link in article.related]
        if article.publisher:
            data["publisher"] = (article.publisher,)
            data["publisher label"] = (article.publisher_label,)
        if article.distributor:
            data["distributor"] = (article.distributor,)
        return self.entity(article.id, data)

    def others(self, providers: Iterable[Provider], topics: Iterable[Topic]) -> Iterator[Description[T]]:
        """Say all there is of providers, topics and their scheme."""
        for provider in providers:
            yield self.entity(provider.id, provider_attributes(provider))
        for topic in topics:
            yield self.entity(topic.id, {**topic_attributes(topic), "broader": topic.broader})
        yield self.scheme()

    def all_images(self, *, count: bool = True) -> Iterator[Description[T]]:
        """Say what there is of the images so far."""
        for url, (image, width, height) in self.images.items():
            data = {"kind": "image", "node": image, "width": width or None, "height": height or None}
            yield self.said("image", url, image, data, count=count)

    def source(self, name: str) -> Description[T]:
        """Say what there is of a source file."""
        iri, node = self.source_term(name)
        return self.said("source", iri, node, {"kind": "source", "name": _NO_XML.sub("\ufffd", name)})

    def scheme(self) -> Description[T]:
        """Say what there is of the scheme of all topics."""
        iri = f"{self.base}topics"
        return self.said("scheme", iri, self.iri(iri), {"kind": "scheme", "label": "Topics"})

    def dataset(self, policy: str, about: About) -> list[Description[T]]:
        """Return the description of the dataset and its partitions, of all that was counted so far, in order."""
        return sorted(self._dataset(policy, about), key=subject_iri)

    def _dataset(self, policy: str, about: About) -> Iterator[Description[T]]:
        parts: dict[str, list[T]] = {vocabulary.CLASS_PARTITION: [], vocabulary.PROPERTY_PARTITION: []}
        for counter, kind, points_to, what, number in (
            (self.classes, "class", vocabulary.CLASS_PARTITION, vocabulary.CLASS, vocabulary.ENTITIES),
            (self.properties, "property", vocabulary.PROPERTY_PARTITION, vocabulary.PROPERTY, vocabulary.TRIPLES),
        ):
            for iri in sorted(counter, key=_part_name):
                if not counter[iri]:
                    continue
                part_iri = f"{self.base}dataset/{kind}/{_part_name(iri)}"
                part = self.iri(part_iri)
                parts[points_to].append(part)
                yield self._described(
                    part_iri, part, [(what, [self.term(iri)]), (number, [self.integer(counter[iri])])]
                )
        # A name stands at a node of its own, for it is a person or an organisation that has made the dataset.
        makers = {one if is_iri(one) else f"{self.base}dataset/creator/{slug(one)}": one for one in about.creators}
        for maker, name in makers.items():
            if maker != name:
                rows = [(vocabulary.TYPE, [self.term(vocabulary.AGENT)]), (vocabulary.LABEL, [self.literal(name)])]
                yield self._described(maker, self.iri(maker), rows)
        iri = f"{self.base}dataset"
        rows = [
            (
                vocabulary.TYPE,
                [self.term(vocabulary.DATASET), self.term(vocabulary.DCAT_DATASET)],
            ),  # in the order of their IRIs
            (vocabulary.TITLE, [self.literal(about.title)]),
            (vocabulary.LICENCE, [self.iri(about.licence)] if about.licence else []),
            (vocabulary.CREATOR, [self.iri(maker) for maker in sorted(makers)]),
            (vocabulary.URI_SPACE, [self.literal(self.base)]),
            (vocabulary.POLICY, [self.literal(policy)]),
            (vocabulary.TRIPLES, [self.integer(self.properties.total())]),
            (vocabulary.ENTITIES, [self.integer(self.classes.total())]),
            *parts.items(),
        ]
        yield self._described(iri, self.iri(iri), rows)

    def _described(self, iri: str, subject: T, rows: list[tuple[str, list[T]]]) -> Description[T]:
        rows.sort(key=lambda row: row_order(row[0]))
        return Description(
            iri, subject, [(predicate, self.term(predicate), values) for predicate, values in rows if values]
        )


def _part_name(iri: str) -> str:
    return vocabulary.compact(iri).replace(":", "-")


class Statements(NamedTuple, Generic[T]):
    """All that a graph says: first of the dataset, then of all others, each sorted by the subjects' IRIs.

    See `Describer` for the namespaces not to abbreviate.
    """

    subjects: list[Description[T]]
    spaces: frozenset[str]


def triples_of(subjects: Iterable[Description[Term]]) -> Iterator[ox.Triple]:
    """Yield the triples of what is said.

    They are made as they are read: making one copies three texts, and most are written and forgotten.
    """
    triple = ox.Triple
    for _, subject, rows in subjects:
        for _, predicate, terms in rows:
            for term in terms:
                yield triple(subject, predicate, term)  # type: ignore[arg-type]  # subjects and predicates are nodes


def statements(graph: nx.MultiDiGraph[str], base: str, terms: Terms[T], about: About = _NOTHING_SAID) -> Statements[T]:
    """Return all that the graph says, the dataset's description before everything else."""
    names = {node: data["name"] for node, data in graph.nodes(data=True) if data["kind"] == "provider"}
    speaker = Describer(terms, base, names)
    found = []
    for node, by_target in graph.adjacency():
        edges: dict[str, list[str]] = {}
        for target, by_kind in by_target.items():
            for kind in by_kind:
                edges.setdefault(kind, []).append(target)
        for targets in edges.values():
            targets.sort()
        if "publisher" in edges:
            edges["publisher label"] = [by_target[edges["publisher"][0]]["publisher"].get("label", "")]
        found.append(speaker.entity(node, {**graph.nodes[node], **edges}))
    found += speaker.all_images()
    found += [speaker.source(name) for name in list(speaker.sources)]
    found.append(speaker.scheme())
    found.sort(key=subject_iri)
    description = speaker.dataset(graph.graph.get("policy", ""), about)
    return Statements([*description, *found], frozenset(speaker.spaces))


def subject_iri(said: Description[Any]) -> str:
    """Return the IRI of which something is said."""
    return said.iri


def _table(kind: str) -> tuple[tuple[str, str, Objects], ...]:
    """Return the properties of a kind with their attributes and objects, in the order in which they are written."""
    rows = [(iri, use.attribute, objects_of(use)) for iri, use in uses_of(kind)]
    return tuple(sorted(rows, key=lambda row: row_order(row[0])))


_TABLES = {kind: _table(kind) for kind in ("article", "provider", "topic", "image", "source", "scheme")}
