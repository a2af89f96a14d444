"""Descriptions: the statements about one subject, in the order in which they are written.

The predicates of a subject are sorted by IRI, with rdf:type first, and objects by their texts, so that one changed
record changes a few lines. The tables of `properties` are sorted once and the attributes of the graph are sorted
already: no triple is ever compared with another.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Generic, NamedTuple

from graphkit.graph.node_attributes import article_attributes, provider_attributes, topic_attributes
from graphkit.merge.articles import Article
from graphkit.merge.providers import Provider
from graphkit.merge.topics import Topic
from graphkit.rdf.objects import Data, Objects, class_of, objects_of
from graphkit.rdf.properties import row_order, uses_of
from graphkit.rdf.terms import GraphTerms, T, Terms


class Description(NamedTuple, Generic[T]):
    """A subject: its IRI, its term, and rows in the order in which they are written.

    A row is a predicate's IRI, its term and its objects.
    """

    iri: str
    subject: T
    rows: list[tuple[str, T, Sequence[T]]]


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

    def describe(self, kind: str, iri: str, subject: T, data: Data, *, count: bool = True) -> Description[T]:
        """Describe a subject of a kind; with `count`, its triples and its class are counted."""
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

    def describe_node(self, node: str, data: Data) -> Description[T]:
        """Describe an article, provider or topic."""
        return self.describe(data["kind"], self.base + node, self.node(node), data)

    def describe_article(self, article: Article) -> Description[T]:
        """Describe an article."""
        data = article_attributes(article)
        data["about"] = article.topics
        data["related"] = [link.target for link in article.related]
        if article.publisher:
            data["publisher"] = (article.publisher,)
            data["publisher label"] = (article.publisher_label,)
        if article.distributor:
            data["distributor"] = (article.distributor,)
        return self.describe_node(article.id, data)

    def describe_providers_and_topics(
        self, providers: Iterable[Provider], topics: Iterable[Topic]
    ) -> Iterator[Description[T]]:
        """Describe providers, topics and their scheme."""
        for provider in providers:
            yield self.describe_node(provider.id, provider_attributes(provider))
        for topic in topics:
            yield self.describe_node(topic.id, {**topic_attributes(topic), "broader": topic.broader})
        yield self.describe_scheme()

    def describe_images(self, *, count: bool = True) -> Iterator[Description[T]]:
        """Describe the images named so far."""
        for url, (image, width, height) in self.images.items():
            data = {"kind": "image", "node": image, "width": width or None, "height": height or None}
            yield self.describe("image", url, image, data, count=count)

    def describe_source(self, name: str) -> Description[T]:
        """Describe a source file."""
        iri, node = self.source_term(name)
        return self.describe("source", iri, node, {"kind": "source", "name": _NO_XML.sub("\ufffd", name)})

    def describe_scheme(self) -> Description[T]:
        """Describe the scheme of all topics."""
        iri = f"{self.base}topics"
        return self.describe("scheme", iri, self.iri(iri), {"kind": "scheme", "label": "Topics"})


def iri_of(description: Description[Any]) -> str:
    """Return the IRI of the subject."""
    return description.iri


def _table(kind: str) -> tuple[tuple[str, str, Objects], ...]:
    """Return the properties of a kind with their attributes and objects, in the order in which they are written."""
    rows = [(iri, use.attribute, objects_of(use)) for iri, use in uses_of(kind)]
    return tuple(sorted(rows, key=lambda row: row_order(row[0])))


_TABLES = {kind: _table(kind) for kind in ("article", "provider", "topic", "image", "source", "scheme")}
