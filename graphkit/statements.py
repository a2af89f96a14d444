"""Statements: the graph as RDF triples, sorted.

Subjects come in the order of their IRIs, a subject's predicates with rdf:type first and then in the order of their
IRIs, objects in the order of their texts, so that one changed record changes a few lines. Each kind of subject has a
table of its predicates, each with the function that gives its objects; the tables are sorted once, and the
attributes of the graph are sorted already, so no triple is ever compared with another.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import quote

import networkx as nx
import pyoxigraph as ox

from graphkit import vocab
from graphkit.identity import utc_text

Term = ox.NamedNode | ox.Literal
Row = tuple[str, ox.NamedNode, Sequence[Term]]
"""A predicate's IRI, its node and its objects."""


class Said(NamedTuple):
    """What is said of one subject, in the order in which it is written."""

    subject: ox.NamedNode
    rows: list[Row]


class Statements(NamedTuple):
    """All that a graph says: each subject's IRI with its rows, sorted by IRI.

    Triples are made as they are read: making one copies three texts, and most are written and forgotten.

    `spaces` are the namespaces of PREFIXES in which some address of a record lies, such as
    https://schema.org/docs/faq.html, that no prefix should abbreviate: Virtuoso 7 keeps the backslash of an escape in
    a local name, so no export has any.
    """

    subjects: list[tuple[str, Said]]
    spaces: frozenset[str]

    def triples(self) -> Iterator[ox.Triple]:
        """Yield all triples, sorted."""
        triple = ox.Triple
        for _, (subject, rows) in self.subjects:
            for _, predicate, terms in rows:
                for term in terms:
                    yield triple(subject, predicate, term)


Data = Mapping[str, Any]
Edges = Mapping[str, list[str]]
Objects = Callable[["Data", "Edges", "_Names"], Sequence[Term]]
"""From a subject's attributes and its edges, targets by kind, to the objects of one predicate."""
Table = tuple[tuple[str, ox.NamedNode, Objects], ...]


class _Names:
    """The nodes of a graph and its sources, made once each."""

    def __init__(self, graph: nx.MultiDiGraph[str], base: str) -> None:
        self.base = base
        self.nodes = {node: ox.NamedNode(base + node) for node in graph}
        self.provider_names = {
            node: data["name"] for node, data in graph.nodes(data=True) if data["kind"] == "provider"
        }
        self.sources: dict[str, ox.NamedNode] = {}
        self.images: dict[str, tuple[ox.NamedNode, int, int]] = {}
        self.spaces: set[str] = set()

    def address(self, url: str) -> ox.NamedNode:
        """Return the node of a foreign address."""
        if url.startswith(_SPACES):
            self.spaces.update(
                space for space in _SPACES if url.startswith(space) and not _LOCAL.fullmatch(url, len(space))
            )
        return ox.NamedNode(url)

    def source(self, name: str) -> ox.NamedNode:
        """Return the node of a source file."""
        node = self.sources.get(name)
        if node is None:
            node = self.sources[name] = ox.NamedNode(source_iri(self.base, name))
        return node

    def image(self, image: Mapping[str, Any]) -> ox.NamedNode:
        """Return the node of an image, and keep the larger of its sizes."""
        url = image["url"]
        size = (image.get("width", 0), image.get("height", 0))
        known = self.images.get(url)
        node = self.address(url) if known is None else known[0]
        if known is None or known[1:] < size:
            self.images[url] = (node, *size)
        return node


_SPACES = tuple(vocab.PREFIXES.values())
_LOCAL = re.compile("[A-Za-z0-9_]+")
_TERMS: dict[str, ox.NamedNode] = {}
_INTEGER = ox.NamedNode(vocab.XSD + "integer")
_DATE_TIME = ox.NamedNode(vocab.XSD + "dateTime")

# File names may hold what RDF/XML cannot; texts of records are clean already.
_NO_XML = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def source_iri(base: str, name: str) -> str:
    """Return the IRI of a source file by its name."""
    if not _SAFE_NAME.fullmatch(name):
        name = quote(name, safe="/-._~!$&'()*+,;=:@", errors="replace")
    return f"{base}source/{name}"


_SAFE_NAME = re.compile(r"[A-Za-z0-9/._~-]*")


def statements(graph: nx.MultiDiGraph[str], base: str) -> Statements:
    """Return all triples of the graph, the dataset's description among them."""
    names = _Names(graph, base)
    found: dict[str, Said] = {}
    properties: Counter[str] = Counter()
    classes: Counter[str] = Counter()

    def describe(iri: str, subject: ox.NamedNode, table: Table, data: Data, edges: Edges) -> None:
        rows: list[Row] = []
        for predicate, node, objects in table:
            terms = objects(data, edges, names)
            if terms:
                rows.append((predicate, node, terms))
                properties[predicate] += len(terms)
        classes[rows[0][2][0].value] += 1  # rdf:type comes first
        found[iri] = Said(subject, rows)

    for node, by_target in graph.adjacency():
        edges: dict[str, list[str]] = {}
        for target, by_kind in by_target.items():
            for kind in by_kind:
                edges.setdefault(kind, []).append(target)
        for targets in edges.values():
            targets.sort()
        data = graph.nodes[node]
        if "publisher" in edges:
            edges["publisher label"] = [by_target[edges["publisher"][0]]["publisher"].get("label", "")]
        describe(base + node, names.nodes[node], _TABLES[data["kind"]], data, edges)
    for url, (image, width, height) in names.images.items():
        describe(url, image, _IMAGE, {"node": image, "width": width or None, "height": height or None}, {})
    for name, source in names.sources.items():
        describe(source.value, source, _SOURCE, {"name": _NO_XML.sub("\ufffd", name)}, {})
    scheme = ox.NamedNode(f"{base}topics")
    describe(scheme.value, scheme, _SCHEME, {"label": "Topics"}, {})
    for said in _dataset(base, graph.graph.get("policy", ""), len(found), classes, properties):
        found[said.subject.value] = said
    return Statements(sorted(found.items(), key=_iri), frozenset(names.spaces))


def _iri(item: tuple[str, Said]) -> str:
    return item[0]


def _term(iri: str) -> ox.NamedNode:
    """Return the node of a vocabulary term, made once."""
    node = _TERMS.get(iri)
    if node is None:
        node = _TERMS[iri] = ox.NamedNode(iri)
    return node


def _integer(number: int) -> ox.Literal:
    return ox.Literal(str(number), datatype=_INTEGER)


def _moment(moment: datetime) -> ox.Literal:
    return ox.Literal(utc_text(moment), datatype=_DATE_TIME)


def _constant(iri: str) -> Objects:
    terms = (_term(iri),)
    return lambda *_: terms


def _one(name: str, make: Callable[[Any], Term]) -> Objects:
    """Return the function that gives the one object which `make` makes of an attribute, if it is there."""

    def objects(data: Data, edges: Edges, names: _Names) -> Sequence[Term]:
        value = data.get(name)
        return () if value is None or value == "" else (make(value),)

    return objects


def _texts(name: str, *, but: str = "") -> Objects:
    """Return the function that gives the texts of a sorted attribute, but for the one that another attribute has."""

    def objects(data: Data, edges: Edges, names: _Names) -> Sequence[Term]:
        values = data.get(name, ())
        left_out = data.get(but)
        # Most often there is nothing else: one look is cheaper than a list.
        if not values or (len(values) == 1 and values[0] == left_out):
            return ()
        return [ox.Literal(value) for value in values if value and value != left_out]

    return objects


def _targets(kind: str) -> Objects:
    """Return the function that gives the nodes at the ends of edges of one kind."""

    def objects(data: Data, edges: Edges, names: _Names) -> Sequence[Term]:
        targets = edges.get(kind)
        if targets is None:
            return ()
        nodes = names.nodes
        return [nodes[target] for target in targets]

    return objects


def _variants(relation: str) -> Objects:
    def objects(data: Data, edges: Edges, names: _Names) -> Sequence[Term]:
        variants = data.get("variants")
        if variants is None:
            return ()
        address = names.address
        return [address(url) for kind, url in variants if kind == relation]

    return objects


def _article_class(data: Data, edges: Edges, names: _Names) -> Sequence[Term]:
    return (_term(vocab.MEDIA_CLASSES.get(data.get("media", ""), vocab.CREATIVE_WORK)),)


def _other_media(data: Data, edges: Edges, names: _Names) -> Sequence[Term]:
    media = data.get("media")
    return (ox.Literal(media),) if media and media not in vocab.MEDIA_CLASSES else ()


def _address(data: Data, edges: Edges, names: _Names) -> Sequence[Term]:
    return (names.address(data["url"]),) if "url" in data else ()


def _images(data: Data, edges: Edges, names: _Names) -> Sequence[Term]:
    # An address of ours names another resource already; it is no image.
    return [names.image(image) for image in data.get("images", ()) if not image["url"].startswith(names.base)]


def _sources(data: Data, edges: Edges, names: _Names) -> Sequence[Term]:
    found = [names.source(name) for name in {name for name, _ in data.get("sources", ())}]
    if len(found) > 1:
        found.sort(key=_value)
    return found


def _value(node: ox.NamedNode) -> str:
    return node.value


def _publisher_label(data: Data, edges: Edges, names: _Names) -> Sequence[Term]:
    """Give the label as written where it is not the publisher's name."""
    for label in edges.get("publisher label", ()):
        if label and label != names.provider_names[edges["publisher"][0]]:
            return (ox.Literal(label),)
    return ()


def _home_page(data: Data, edges: Edges, names: _Names) -> Sequence[Term]:
    if "domain" not in data or "platform" in data:
        return ()
    return (names.address(f"https://{data['domain']}/"),)


def _scheme(data: Data, edges: Edges, names: _Names) -> Sequence[Term]:
    return (ox.NamedNode(f"{names.base}topics"),)


def _sorted(*rows: tuple[str, Objects]) -> Table:
    """Return a table in the order of predicates, rdf:type first."""
    ordered = sorted(rows, key=lambda row: "" if row[0] == vocab.TYPE else row[0])
    return tuple((predicate, _term(predicate), objects) for predicate, objects in ordered)


_ARTICLE = _sorted(
    (vocab.TYPE, _article_class),
    (vocab.LABEL, _one("title", ox.Literal)),
    (vocab.HEADLINE, _one("title", ox.Literal)),
    (vocab.ALTERNATIVE_HEADLINE, _texts("titles", but="title")),
    (vocab.DESCRIPTION, _one("excerpt", ox.Literal)),
    (vocab.DATE_PUBLISHED, _one("published_at", _moment)),
    (vocab.DATE_MODIFIED, _one("updated_at", _moment)),
    (vocab.URL, _address),
    (vocab.AMP_PAGE, _variants("amphtml")),
    (vocab.CACHED_COPY, _variants("cachedCopy")),
    (vocab.SAME_AS, _variants("original")),
    (vocab.MEDIA_TYPE, _other_media),
    (vocab.QUALITY, _one("quality", _integer)),
    (vocab.HEAT, _one("heat", _integer)),
    (vocab.STATUS, _one("status", lambda status: _term(vocab.STATUSES[status]))),
    (vocab.SECTION, _texts("categories")),
    (vocab.LANGUAGE, _one("language", ox.Literal)),
    (vocab.IMAGE, _images),
    (vocab.PUBLISHER, _targets("publisher")),
    (vocab.PUBLISHER_LABEL, _publisher_label),
    (vocab.DISTRIBUTOR, _targets("distributor")),
    (vocab.ABOUT, _targets("about")),
    (vocab.RELATED, _targets("related")),
    (vocab.DERIVED_FROM, _sources),
)
_PROVIDER = _sorted(
    (vocab.TYPE, _constant(vocab.ORGANIZATION)),
    (vocab.NAME, _one("name", ox.Literal)),
    (vocab.LABEL, _one("name", ox.Literal)),
    (vocab.ALTERNATE_NAME, _texts("names", but="name")),
    (vocab.DOMAIN, _one("domain", ox.Literal)),
    (vocab.PLATFORM, _one("platform", ox.Literal)),
    (vocab.URL, _home_page),
)
_TOPIC = _sorted(
    (vocab.TYPE, _constant(vocab.CONCEPT)),
    (vocab.PREF_LABEL, _one("label", ox.Literal)),
    (vocab.ALT_LABEL, _texts("labels", but="label")),
    (vocab.HIDDEN_LABEL, _texts("keywords")),
    (vocab.BROADER, _targets("broader")),
    (vocab.IN_SCHEME, _scheme),
)
_IMAGE = _sorted(
    (vocab.TYPE, _constant(vocab.IMAGE_OBJECT)),
    (vocab.CONTENT_URL, lambda data, *_: (data["node"],)),
    (vocab.WIDTH, _one("width", _integer)),
    (vocab.HEIGHT, _one("height", _integer)),
)
_SOURCE = _sorted((vocab.TYPE, _constant(vocab.ENTITY)), (vocab.LABEL, _one("name", ox.Literal)))
_SCHEME = _sorted((vocab.TYPE, _constant(vocab.CONCEPT_SCHEME)), (vocab.LABEL, _one("label", ox.Literal)))
_TABLES = {"article": _ARTICLE, "provider": _PROVIDER, "topic": _TOPIC}


def _dataset(base: str, policy: str, entities: int, classes: Counter[str], properties: Counter[str]) -> Iterator[Said]:
    """Yield the description of the dataset and its partitions; the counts are of everything but the description."""
    parts: dict[str, list[ox.NamedNode]] = {vocab.CLASS_PARTITION: [], vocab.PROPERTY_PARTITION: []}
    for counter, kind, points_to, what, number in (
        (classes, "class", vocab.CLASS_PARTITION, vocab.CLASS, vocab.ENTITIES),
        (properties, "property", vocab.PROPERTY_PARTITION, vocab.PROPERTY, vocab.TRIPLES),
    ):
        for iri, count in counter.items():
            part = ox.NamedNode(f"{base}dataset/{kind}/{vocab.compact(iri).replace(':', '-')}")
            parts[points_to].append(part)
            pairs: list[tuple[str, Term]] = [(what, _term(iri)), (number, _integer(count))]
            yield Said(part, _rows(pairs))
    dataset = ox.NamedNode(f"{base}dataset")
    about: list[tuple[str, Term]] = [
        (vocab.TYPE, _term(vocab.DATASET)),
        (vocab.TYPE, _term(vocab.DCAT_DATASET)),
        (vocab.TITLE, ox.Literal("Coverage graph")),
        (vocab.URI_SPACE, ox.Literal(base)),
        (vocab.POLICY, ox.Literal(policy)),
        (vocab.TRIPLES, _integer(properties.total())),
        (vocab.ENTITIES, _integer(entities)),
        *((predicate, part) for predicate, nodes in parts.items() for part in nodes),
    ]
    yield Said(dataset, _rows(about))


def _rows(pairs: list[tuple[str, Term]]) -> list[Row]:
    return [(predicate, _term(predicate), (value,)) for predicate, value in sorted(pairs, key=_predicate)]


def _predicate(pair: tuple[str, Term]) -> tuple[str, str]:
    predicate, value = pair
    return ("" if predicate == vocab.TYPE else predicate), value.value
