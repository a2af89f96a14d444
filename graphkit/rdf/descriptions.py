"""Descriptions: the statements about one subject, in the order in which they are written.

Predicates are sorted by IRI, with rdf:type first, and objects by their texts, so that one changed record changes a few
lines. No triples are compared for that: each table is sorted once, and the attributes of the graph are sorted already.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Generic, NamedTuple

from graphkit.graph.node_attributes import article_attributes, provider_attributes, topic_attributes
from graphkit.merge.articles import Article
from graphkit.merge.providers import Provider
from graphkit.merge.topics import Topic
from graphkit.rdf import vocabulary
from graphkit.rdf.objects import Data, Objects, class_of, objects_of
from graphkit.rdf.properties import row_order, uses_of
from graphkit.rdf.terms import GraphTerms, T, Terms


class Description(NamedTuple, Generic[T]):
    """A subject: its IRI, its term, and a row for each predicate: the predicate's IRI, its term and its objects."""

    iri: str
    subject: T
    rows: list[tuple[str, T, Sequence[T]]]


# RDF/XML cannot hold every file name; the texts of records are clean already.
_NO_XML = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class Describer(GraphTerms[T]):
    """Describes subjects, and counts the triples of each property and the subjects of each class."""

    def __init__(self, terms: Terms[T], base: str, provider_names: Mapping[str, str]) -> None:
        super().__init__(terms, base, provider_names)
        self.properties: Counter[str] = Counter()
        self.classes: Counter[str] = Counter()
        self._tables = {kind: [(*row, self.term(row[0])) for row in rows] for kind, rows in _TABLES.items()}

    def describe(self, iri: str, subject: T, data: Data, *, count: bool = True) -> Description[T]:
        """Describe a subject from its `data`, and count its triples and its class if `count` is true."""
        kind = data["kind"]
        rows = []
        get = data.get
        properties: Counter[str] = self.properties if count else Counter()
        for predicate, attribute, objects, node in self._tables[kind]:
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
        """Describe a node of the graph by its id."""
        return self.describe(self.base + node, self.node(node), data)

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
            yield self.describe(url, image, data, count=count)

    def describe_source(self, name: str) -> Description[T]:
        """Describe a source file."""
        iri, node = self.source_term(name)
        return self.describe(iri, node, {"kind": "source", "name": _NO_XML.sub("\ufffd", name)})

    def describe_scheme(self) -> Description[T]:
        """Describe the scheme of all topics."""
        return self.describe_node("topics", {"kind": "scheme", "label": "Topics"})


_TABLES: Mapping[str, list[tuple[str, str, Objects]]] = {
    kind: [(iri, use.attribute, objects_of(use)) for iri, use in sorted(uses_of(kind), key=row_order)]
    for kind in vocabulary.CLASSES
}
"""The properties of each kind with their attributes and objects, in the order in which they are written."""
