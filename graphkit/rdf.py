"""RDF: the graph as triples, in one sorted stream, and that stream in any syntax.

Subjects come in the order of their IRIs, a subject's predicates with rdf:type first and then in the order of their
IRIs, so that one changed record changes a few lines. pyoxigraph does all serialising and parsing.
"""

from __future__ import annotations

import gzip as gzip_codec
import io
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import quote

import networkx as nx
import pyoxigraph as ox

from graphkit import vocab
from graphkit.errors import MissingExtra, UsageError
from graphkit.files import replacing
from graphkit.graph import collector_paused
from graphkit.identity import utc_text

if TYPE_CHECKING:
    import rdflib

Graph = nx.MultiDiGraph

FORMATS: Mapping[str, ox.RdfFormat] = MappingProxyType(
    {
        "ttl": ox.RdfFormat.TURTLE,
        "nt": ox.RdfFormat.N_TRIPLES,
        "nq": ox.RdfFormat.N_QUADS,
        "trig": ox.RdfFormat.TRIG,
        "rdf": ox.RdfFormat.RDF_XML,
        "jsonld": ox.RdfFormat.JSON_LD,
    }
)
"""File endings and the syntax each stands for."""

_QUADS = frozenset({"nq", "trig"})

# The prefixes that are of use in an export: not rdf, which Turtle writes as `a`.
_PREFIXES = {name: space for name, space in vocab.PREFIXES.items() if name not in ("rdf", "iana")}

_NODES: dict[str, ox.NamedNode] = {}


def _term(iri: str) -> ox.NamedNode:
    """Return the node of a vocabulary term, made once."""
    node = _NODES.get(iri)
    if node is None:
        node = _NODES[iri] = ox.NamedNode(iri)
    return node


# File names may hold what RDF/XML cannot; texts of records are clean already.
_NO_XML = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

_INTEGER = ox.NamedNode(vocab.XSD + "integer")
_DATE_TIME = ox.NamedNode(vocab.XSD + "dateTime")


def check_base(base: str) -> str:
    """Return `base`, or raise `UsageError` where it cannot begin an IRI."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]+[/#:]", base):
        raise UsageError(f"base: expected an absolute IRI that ends with / or #, got {base!r}")
    return base


def source_iri(base: str, name: str) -> str:
    """Return the IRI of a source file by its name."""
    return f"{base}source/" + quote(name, safe="/-._~!$&'()*+,;=:@", errors="replace")


def triples(graph: Graph[str], *, base: str = vocab.DEFAULT_BASE) -> Iterator[ox.Triple]:
    """Yield all triples of the graph, sorted, the dataset's description among them."""
    for _, statements in _subjects(graph, base):
        yield from statements


def rdf_bytes(graph: Graph[str], *, format: str = "ttl", base: str = vocab.DEFAULT_BASE) -> bytes:
    """Return the graph in one of FORMATS. In nq and trig each source file names the graph of what it speaks of."""
    buffer = io.BytesIO()
    _serialise(graph, buffer, format, base)
    return buffer.getvalue()


def write_rdf(
    graph: Graph[str],
    path: str | Path,
    *,
    format: str | None = None,
    base: str = vocab.DEFAULT_BASE,
    gzip: bool = False,
) -> None:
    """Write the graph to a file, in the format its ending names unless `format` does.

    With `gzip` the file is compressed (with no time in it); its name is taken as it is. Raises `UsageError` for an
    unknown format or base and `OutputError` where the file cannot be written.
    """
    path = Path(path)
    if format is None:
        format = path.name.removesuffix(".gz").rpartition(".")[2]
        gzip = gzip or path.suffix == ".gz"
    check_format(format)
    with replacing(path) as stream:
        if gzip:
            with gzip_codec.GzipFile(filename="", mode="wb", fileobj=stream, mtime=0) as packed:
                _serialise(graph, packed, format, base)
        else:
            _serialise(graph, stream, format, base)


def check_format(format: str) -> str:
    """Return `format`, or raise `UsageError` where it is none of FORMATS."""
    if format not in FORMATS:
        raise UsageError(f"format: expected one of {', '.join(FORMATS)}, got {format!r}")
    return format


def to_rdflib(graph: Graph[str], *, base: str = vocab.DEFAULT_BASE) -> rdflib.Graph:
    """Return the same triples as an rdflib graph."""
    try:
        import rdflib
    except ImportError as error:  # pragma: no cover - rdflib is a dependency
        raise MissingExtra("to_rdflib needs the package rdflib: pip install rdflib") from error
    result = rdflib.Graph()
    for prefix, space in _PREFIXES.items():
        result.bind(prefix, space)
    for triple in triples(graph, base=base):
        value = triple.object
        subject = rdflib.URIRef(triple.subject.value)  # type: ignore[union-attr]  # no term is a blank node
        predicate = rdflib.URIRef(triple.predicate.value)
        if isinstance(value, ox.Literal):
            kind = None if value.datatype.value == vocab.XSD + "string" else rdflib.URIRef(value.datatype.value)
            result.add((subject, predicate, rdflib.Literal(value.value, datatype=kind, normalize=False)))
        else:
            result.add((subject, predicate, rdflib.URIRef(value.value)))  # type: ignore[union-attr]
    return result


def _serialise(graph: Graph[str], stream: IO[bytes] | gzip_codec.GzipFile, format: str, base: str) -> None:
    check_format(format)
    check_base(base)
    with collector_paused():
        statements = _quads(graph, base) if format in _QUADS else triples(graph, base=base)
        ox.serialize(statements, stream, FORMATS[format], prefixes=_PREFIXES)


def _quads(graph: Graph[str], base: str) -> Iterator[ox.Quad]:
    """Yield quads: what is said of an article stands in the graph of each file that speaks of it.

    A relation stands only in the graphs of the files that list it, and each graph names only its own file as the
    source. Providers, topics, sources and the dataset stand in the default graph. Graphs come in the order of their
    IRIs.
    """
    named: dict[str, list[ox.Triple]] = defaultdict(list)
    files: dict[str, set[str]] = defaultdict(set)
    listed: dict[tuple[str, str], set[str]] = {}
    for node, data in graph.nodes(data=True):
        names = {source_iri(base, name) for name, _ in data.get("sources", ())}
        if names:
            files[base + node] |= names
        for image in data.get("images", ()):
            files[image["url"]] |= names
    for start, target, kind, data in graph.edges(keys=True, data=True):
        if kind == "related":
            listed[base + start, base + target] = {source_iri(base, name) for name, _ in data.get("sources", ())}
    for subject, statements in _subjects(graph, base):
        everywhere = files.get(subject) or {""}
        for triple in statements:
            places = everywhere
            if triple.predicate.value == vocab.DERIVED_FROM:
                places = {triple.object.value}  # type: ignore[union-attr]  # a source is a named node
            elif triple.predicate.value == vocab.RELATED:
                places = listed[subject, triple.object.value] or everywhere  # type: ignore[union-attr]
            for place in places:
                named[place].append(triple)
    for name in sorted(named):
        place_node = ox.NamedNode(name) if name else ox.DefaultGraph()
        for triple in named[name]:
            yield ox.Quad(triple.subject, triple.predicate, triple.object, place_node)


Statements = list[ox.Triple]


def _subjects(graph: Graph[str], base: str) -> list[tuple[str, Statements]]:
    """Return all subjects, sorted by IRI, each with its sorted triples."""
    check_base(base)
    found: dict[str, Statements] = {}
    make: dict[str, Callable[..., Statements]] = {
        "article": _article_triples,
        "provider": _provider_triples,
        "topic": _topic_triples,
    }
    nodes = {node: ox.NamedNode(base + node) for node in graph}
    adjacent = graph.adj
    images: dict[str, tuple[int, int]] = {}
    sources: dict[str, ox.NamedNode] = {}
    for node, data in graph.nodes(data=True):
        edges = defaultdict(list)
        for target, by_kind in adjacent[node].items():
            for kind in by_kind:
                edges[kind].append(target)
        for name, _ in data.get("sources", ()):
            if name not in sources:
                sources[name] = ox.NamedNode(source_iri(base, name))
        for image in data.get("images", ()):
            if image["url"].startswith(base):
                continue
            size = (image.get("width", 0), image.get("height", 0))
            images[image["url"]] = max(size, images.get(image["url"], size))
        writer = _Statements(nodes[node])
        make[data["kind"]](writer, data, edges, nodes, sources, graph, base)
        found[base + node] = writer.sorted()
    for url, (width, height) in images.items():
        writer = _Statements(ox.NamedNode(url))
        writer.iri(vocab.TYPE, vocab.IMAGE_OBJECT)
        writer.node(vocab.CONTENT_URL, writer.subject)
        writer.integer(vocab.WIDTH, width or None)
        writer.integer(vocab.HEIGHT, height or None)
        found.setdefault(url, []).extend(writer.sorted())
    for name, source in sources.items():
        writer = _Statements(source)
        writer.iri(vocab.TYPE, vocab.ENTITY)
        writer.text(vocab.LABEL, _NO_XML.sub("\ufffd", name))
        found[source.value] = writer.sorted()
    scheme = _Statements(ox.NamedNode(f"{base}topics"))
    scheme.iri(vocab.TYPE, vocab.CONCEPT_SCHEME)
    scheme.text(vocab.LABEL, "Topics")
    found[scheme.subject.value] = scheme.sorted()
    for statements in _dataset(found, base, graph.graph.get("policy", "")):
        found[statements[0].subject.value] = statements  # type: ignore[union-attr]
    return sorted(found.items(), key=lambda item: item[0])


class _Statements:
    """Gathers the triples of one subject."""

    __slots__ = ("pairs", "subject")

    def __init__(self, subject: ox.NamedNode) -> None:
        self.subject = subject
        self.pairs: list[tuple[str, str, ox.NamedNode | ox.Literal]] = []

    def iri(self, predicate: str, iri: str) -> None:
        self.pairs.append((predicate, iri, _term(iri)))

    def address(self, predicate: str, iri: str) -> None:
        self.pairs.append((predicate, iri, ox.NamedNode(iri)))

    def node(self, predicate: str, node: ox.NamedNode) -> None:
        self.pairs.append((predicate, node.value, node))

    def text(self, predicate: str, text: str | None) -> None:
        if text:
            self.pairs.append((predicate, text, ox.Literal(text)))

    def integer(self, predicate: str, number: int | None) -> None:
        if number is not None:
            text = str(number)
            self.pairs.append((predicate, text, ox.Literal(text, datatype=_INTEGER)))

    def moment(self, predicate: str, moment: datetime | None) -> None:
        if moment is not None:
            text = utc_text(moment)
            self.pairs.append((predicate, text, ox.Literal(text, datatype=_DATE_TIME)))

    def sorted(self) -> Statements:
        """Return the triples, rdf:type first, then by predicate and object."""
        subject = self.subject
        self.pairs.sort(key=_pair_order)
        return [ox.Triple(subject, _term(predicate), value) for predicate, _, value in self.pairs]


def _pair_order(pair: tuple[str, str, Any]) -> tuple[str, str]:
    predicate = pair[0]
    return ("" if predicate == vocab.TYPE else predicate), pair[1]


def _article_triples(
    out: _Statements,
    data: dict[str, Any],
    edges: Mapping[str, list[str]],
    nodes: Mapping[str, ox.NamedNode],
    sources: Mapping[str, ox.NamedNode],
    graph: Graph[str],
    base: str,
) -> Statements:
    get = data.get
    media = get("media", "")
    out.iri(vocab.TYPE, vocab.MEDIA_CLASSES.get(media, vocab.CREATIVE_WORK))
    if media not in vocab.MEDIA_CLASSES:
        out.text(vocab.MEDIA_TYPE, media)
    title = get("title")
    if title:
        literal = ox.Literal(title)
        out.pairs.append((vocab.HEADLINE, title, literal))
        out.pairs.append((vocab.LABEL, title, literal))
    for other in get("titles", ()):
        if other != title:
            out.text(vocab.ALTERNATIVE_HEADLINE, other)
    out.text(vocab.DESCRIPTION, get("excerpt"))
    out.moment(vocab.DATE_PUBLISHED, get("published_at"))
    out.moment(vocab.DATE_MODIFIED, get("updated_at"))
    if "url" in data:
        out.address(vocab.URL, data["url"])
    for relation, address in get("variants", ()):
        out.address(vocab.VARIANTS[relation], address)
    out.integer(vocab.QUALITY, get("quality"))
    out.integer(vocab.HEAT, get("heat"))
    if "status" in data:
        out.iri(vocab.STATUS, vocab.STATUSES[data["status"]])
    for category in get("categories", ()):
        out.text(vocab.SECTION, category)
    out.text(vocab.LANGUAGE, get("language"))
    for image in get("images", ()):
        # An address of ours names another resource already; it is no image.
        if not image["url"].startswith(base):
            out.address(vocab.IMAGE, image["url"])
    subject = out.subject.value[len(base) :]
    for provider in edges.get("publisher", ()):
        out.node(vocab.PUBLISHER, nodes[provider])
        label = graph[subject][provider]["publisher"].get("label")
        if label != graph.nodes[provider].get("name"):
            out.text(vocab.PUBLISHER_LABEL, label)
    for kind, predicate in (
        ("distributor", vocab.DISTRIBUTOR),
        ("about", vocab.ABOUT),
        ("related", vocab.RELATED),
    ):
        for target in edges.get(kind, ()):
            out.node(predicate, nodes[target])
    for name in {name for name, _ in get("sources", ())}:
        out.node(vocab.DERIVED_FROM, sources[name])
    return out.sorted()


def _provider_triples(out: _Statements, data: dict[str, Any], *_: object) -> Statements:
    name = data["name"]
    out.iri(vocab.TYPE, vocab.ORGANIZATION)
    out.text(vocab.NAME, name)
    out.text(vocab.LABEL, name)
    for other in data.get("names", ()):
        if other != name:
            out.text(vocab.ALTERNATE_NAME, other)
    domain = data.get("domain")
    out.text(vocab.DOMAIN, domain)
    out.text(vocab.PLATFORM, data.get("platform"))
    if domain and "platform" not in data:
        out.address(vocab.URL, f"https://{domain}/")
    return out.sorted()


def _topic_triples(
    out: _Statements,
    data: dict[str, Any],
    edges: Mapping[str, list[str]],
    nodes: Mapping[str, ox.NamedNode],
    sources: object,
    graph: object,
    base: str,
) -> Statements:
    label = data["label"]
    out.iri(vocab.TYPE, vocab.CONCEPT)
    out.text(vocab.PREF_LABEL, label)
    for other in data.get("labels", ()):
        if other != label:
            out.text(vocab.ALT_LABEL, other)
    for keyword in data.get("keywords", ()):
        out.text(vocab.HIDDEN_LABEL, keyword)
    for broader in edges.get("broader", ()):
        out.node(vocab.BROADER, nodes[broader])
    out.address(vocab.IN_SCHEME, f"{base}topics")
    return out.sorted()


def _dataset(found: Mapping[str, Statements], base: str, policy: str) -> Iterator[Statements]:
    """Yield the description of the dataset and its partitions; the counts are of everything but the description."""
    classes: Counter[str] = Counter()
    properties: Counter[str] = Counter()
    for statements in found.values():
        for triple in statements:
            predicate = triple.predicate.value
            properties[predicate] += 1
            if predicate == vocab.TYPE:
                classes[triple.object.value] += 1  # type: ignore[union-attr]  # a class is a named node
    dataset = _Statements(ox.NamedNode(f"{base}dataset"))
    dataset.iri(vocab.TYPE, vocab.DATASET)
    dataset.iri(vocab.TYPE, vocab.DCAT_DATASET)
    dataset.text(vocab.TITLE, "Coverage graph")
    dataset.text(vocab.URI_SPACE, base)
    dataset.text(vocab.POLICY, policy)
    dataset.integer(vocab.TRIPLES, properties.total())
    dataset.integer(vocab.ENTITIES, len(found))
    for counter, kind, points_to, what, number in (
        (classes, "class", vocab.CLASS_PARTITION, vocab.CLASS, vocab.ENTITIES),
        (properties, "property", vocab.PROPERTY_PARTITION, vocab.PROPERTY, vocab.TRIPLES),
    ):
        for iri, count in counter.items():
            part = _Statements(ox.NamedNode(f"{base}dataset/{kind}/{vocab.compact(iri).replace(':', '-')}"))
            part.iri(what, iri)
            part.integer(number, count)
            dataset.node(points_to, part.subject)
            yield part.sorted()
    yield dataset.sorted()


