"""Statements: the graph as RDF, sorted, in terms of any kind.

The dataset's description comes first, then all other subjects in the order of their IRIs; a subject's predicates with
rdf:type first and then in the order of their IRIs; objects in the order of their texts: so one changed record changes a
few lines. Each kind of subject has a table of its predicates, each with the function that gives its objects; the tables
are sorted once, and the attributes of the graph are sorted already, so no triple is ever compared with another.

What a term is, `Terms` decides: a node of the engine, or the text that stands in a file. So one set of tables speaks
every syntax.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar
from urllib.parse import quote

import pyoxigraph as ox

from graphkit.graph.attributes import article_attributes, provider_attributes, topic_attributes
from graphkit.identity.identification import slug, utc_text
from graphkit.merge.articles import Article
from graphkit.merge.resolution import Provider, Topic
from graphkit.rdf import vocabulary
from graphkit.rdf.dataset import About, is_iri

if TYPE_CHECKING:
    import networkx as nx

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


class Description(NamedTuple, Generic[T]):
    """What is said of one subject, in the order in which it is written: its IRI, its term, and rows.

    A row is a predicate's IRI, its term and its objects.
    """

    iri: str
    subject: T
    rows: list[tuple[str, T, Sequence[T]]]


Data = Mapping[str, Any]
"""A subject's attributes, and the ids that its edges lead to, sorted, by the edges' kinds."""
Objects = Callable[[Any, Data, "Describer[Any]"], Sequence[Any]]
"""From the value of one attribute, and all of them, to the objects of one predicate."""
Rows = tuple[tuple[str, str, Objects], ...]
"""Predicates, each with the attribute that it needs to be there."""

_NOTHING_SAID = About()
_SPACES = tuple(vocabulary.PREFIXES.values())
_LOCAL = re.compile("[A-Za-z0-9_]+")

# File names may hold what RDF/XML cannot; texts of records are clean already.
_NO_XML = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class Describer(Generic[T]):
    """Says what there is to say, in terms of one kind, and counts it for the dataset's description.

    `properties` and `classes` count the triples of each property and the subjects of each class. `spaces` are the
    namespaces of PREFIXES in which some address of a record lies, such as https://schema.org/docs/faq.html, that no
    prefix should abbreviate: Virtuoso 7 keeps the backslash of an escape in a local name, so no export has any.
    `images` are those of the articles so far, by URL, each with the larger of its sizes; `sources` their files.
    """

    def __init__(self, terms: Terms[T], base: str, provider_names: Mapping[str, str]) -> None:
        self.base = base
        self.provider_names = provider_names
        self.properties: Counter[str] = Counter()
        self.classes: Counter[str] = Counter()
        self.spaces: set[str] = set()
        self.images: dict[str, tuple[T, int, int]] = {}
        self.sources: dict[str, tuple[str, T]] = {}
        self.iri = terms.iri
        self.literal = terms.literal
        self.typed = terms.typed
        self._nodes: dict[str, T] = {}
        self._terms: dict[str, T] = {}
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
        rows.sort(key=_row_order)
        return Description(
            iri, subject, [(predicate, self.term(predicate), values) for predicate, values in rows if values]
        )

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


def class_of(kind: str, data: Data) -> str:
    """Return the class of a subject of a kind."""
    if kind == "article":
        return vocabulary.MEDIA_CLASSES.get(data.get("media", ""), vocabulary.CREATIVE_WORK)
    return _CLASSES[kind]


_CLASSES = {
    "provider": vocabulary.ORGANIZATION,
    "topic": vocabulary.CONCEPT,
    "image": vocabulary.IMAGE_OBJECT,
    "source": vocabulary.ENTITY,
    "scheme": vocabulary.CONCEPT_SCHEME,
}


def _part_name(iri: str) -> str:
    return vocabulary.compact(iri).replace(":", "-")


def _row_order(row: tuple[Any, ...]) -> str:
    return "" if row[0] == vocabulary.TYPE else row[0]


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


def source_iri(base: str, name: str) -> str:
    """Return the IRI of a source file by its name."""
    if not _SAFE_NAME.fullmatch(name):
        name = quote(name, safe="/-._~!$&'()*+,;=:@", errors="replace")
    return f"{base}source/{name}"


_SAFE_NAME = re.compile(r"[A-Za-z0-9/._~-]*")


def _literal(value: Any, data: Data, speaker: Describer[Any]) -> Sequence[Any]:
    return (speaker.literal(value),) if value else ()


def _integer(value: Any, data: Data, speaker: Describer[Any]) -> Sequence[Any]:
    return (speaker.integer(value),)


def _moment(value: Any, data: Data, speaker: Describer[Any]) -> Sequence[Any]:
    return (speaker.moment(value),)


def _texts(*, but: str = "") -> Objects:
    """Return the function that gives sorted texts, but for the one that another attribute has."""

    def objects(values: Any, data: Data, speaker: Describer[Any]) -> Sequence[Any]:
        left_out = data.get(but)
        # Most often there is nothing else: one look is cheaper than a list.
        if len(values) == 1 and values[0] == left_out:
            return ()
        return [speaker.literal(value) for value in values if value and value != left_out]

    return objects


def _nodes(targets: Any, data: Data, speaker: Describer[Any]) -> Sequence[Any]:
    return [speaker.node(target) for target in targets]


def _variants(relation: str) -> Objects:
    def objects(variants: Any, data: Data, speaker: Describer[Any]) -> Sequence[Any]:
        return [speaker.address(url) for kind, url in variants if kind == relation]

    return objects


def _class(kind: Any, data: Data, speaker: Describer[Any]) -> Sequence[Any]:
    return (speaker.term(class_of(kind, data)),)


def _other_media(media: Any, data: Data, speaker: Describer[Any]) -> Sequence[Any]:
    return (speaker.literal(media),) if media and media not in vocabulary.MEDIA_CLASSES else ()


def _status(status: Any, data: Data, speaker: Describer[Any]) -> Sequence[Any]:
    return (speaker.term(vocabulary.STATUSES[status]),) if status else ()


def _address(url: Any, data: Data, speaker: Describer[Any]) -> Sequence[Any]:
    return (speaker.address(url),)


def _itself(node: Any, data: Data, speaker: Describer[Any]) -> Sequence[Any]:
    return (node,)


def _images(images: Any, data: Data, speaker: Describer[Any]) -> Sequence[Any]:
    # An address of ours names another resource already; it is no image.
    return [speaker.image(image) for image in images if not image["url"].startswith(speaker.base)]


def _sources(sources: Any, data: Data, speaker: Describer[Any]) -> Sequence[Any]:
    if len(sources) == 1:
        return (speaker.source_term(sources[0][0])[1],)
    found = [speaker.source_term(name) for name in dict(sources)]
    found.sort(key=_first)
    return [term for _, term in found]


def _first(pair: tuple[str, Any]) -> str:
    return pair[0]


def _publisher_label(labels: Any, data: Data, speaker: Describer[Any]) -> Sequence[Any]:
    """Give the label as written where it is not the publisher's name."""
    label = labels[0]
    return (speaker.literal(label),) if label and label != speaker.provider_names[data["publisher"][0]] else ()


def _home_page(domain: Any, data: Data, speaker: Describer[Any]) -> Sequence[Any]:
    return () if "platform" in data else (speaker.address(f"https://{domain}/"),)


def _scheme(kind: Any, data: Data, speaker: Describer[Any]) -> Sequence[Any]:
    return (speaker.term(f"{speaker.base}topics"),)


def _sorted(*rows: tuple[str, str, Objects]) -> Rows:
    """Return a table in the order of predicates, rdf:type first."""
    return tuple(sorted(rows, key=_row_order))


_ARTICLE = _sorted(
    (vocabulary.TYPE, "kind", _class),
    (vocabulary.LABEL, "title", _literal),
    (vocabulary.HEADLINE, "title", _literal),
    (vocabulary.ALTERNATIVE_HEADLINE, "titles", _texts(but="title")),
    (vocabulary.DESCRIPTION, "excerpt", _literal),
    (vocabulary.DATE_PUBLISHED, "published_at", _moment),
    (vocabulary.DATE_MODIFIED, "updated_at", _moment),
    (vocabulary.URL, "url", _address),
    (vocabulary.AMP_PAGE, "variants", _variants("amphtml")),
    (vocabulary.CACHED_COPY, "variants", _variants("cachedCopy")),
    (vocabulary.SAME_AS, "variants", _variants("original")),
    (vocabulary.MEDIA_TYPE, "media", _other_media),
    (vocabulary.QUALITY, "quality", _integer),
    (vocabulary.HEAT, "heat", _integer),
    (vocabulary.STATUS, "status", _status),
    (vocabulary.SECTION, "categories", _texts()),
    (vocabulary.LANGUAGE, "language", _literal),
    (vocabulary.IMAGE, "images", _images),
    (vocabulary.PUBLISHER, "publisher", _nodes),
    (vocabulary.PUBLISHER_LABEL, "publisher label", _publisher_label),
    (vocabulary.DISTRIBUTOR, "distributor", _nodes),
    (vocabulary.ABOUT, "about", _nodes),
    (vocabulary.RELATED, "related", _nodes),
    (vocabulary.DERIVED_FROM, "sources", _sources),
)
_PROVIDER = _sorted(
    (vocabulary.TYPE, "kind", _class),
    (vocabulary.NAME, "name", _literal),
    (vocabulary.LABEL, "name", _literal),
    (vocabulary.ALTERNATE_NAME, "names", _texts(but="name")),
    (vocabulary.DOMAIN, "domain", _literal),
    (vocabulary.PLATFORM, "platform", _literal),
    (vocabulary.URL, "domain", _home_page),
)
_TOPIC = _sorted(
    (vocabulary.TYPE, "kind", _class),
    (vocabulary.PREF_LABEL, "label", _literal),
    (vocabulary.ALT_LABEL, "labels", _texts(but="label")),
    (vocabulary.HIDDEN_LABEL, "keywords", _texts()),
    (vocabulary.BROADER, "broader", _nodes),
    (vocabulary.IN_SCHEME, "kind", _scheme),
)
_IMAGE = _sorted(
    (vocabulary.TYPE, "kind", _class),
    (vocabulary.CONTENT_URL, "node", _itself),
    (vocabulary.WIDTH, "width", _integer),
    (vocabulary.HEIGHT, "height", _integer),
)
_SOURCE = _sorted((vocabulary.TYPE, "kind", _class), (vocabulary.LABEL, "name", _literal))
_SCHEME = _sorted((vocabulary.TYPE, "kind", _class), (vocabulary.LABEL, "label", _literal))
_TABLES = {
    "article": _ARTICLE,
    "provider": _PROVIDER,
    "topic": _TOPIC,
    "image": _IMAGE,
    "source": _SOURCE,
    "scheme": _SCHEME,
}
