"""Exported: the graph back from the RDF of an export.

All that the RDF holds comes back: nodes, edges and attributes, but for a related edge's rank, for the position of a
record in its file and for the size of an image as each article gives it, which no triple tells. An image has the
largest size that any article gives, and a publisher without a label is given its name for one. Which files list a
related edge comes back from quads alone.
"""

from __future__ import annotations

import gzip
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote

import pyoxigraph as ox

from graphkit.errors import UsageError
from graphkit.rdf import vocabulary

if TYPE_CHECKING:
    import networkx as nx

Objects = dict[str, list[str]]
Listed = dict[tuple[str, str], set[str]]
"""The files that list a relation, as IRIs, by those of the two articles."""

_MEDIA = {vocabulary.NEWS_ARTICLE: "article", vocabulary.VIDEO_OBJECT: "video", vocabulary.CREATIVE_WORK: ""}
_STATUS = {iri: name for name, iri in vocabulary.STATUSES.items()}
_TEXTS = {
    vocabulary.HEADLINE: "title",
    vocabulary.DESCRIPTION: "excerpt",
    vocabulary.URL: "url",
    vocabulary.LANGUAGE: "language",
    vocabulary.MEDIA_TYPE: "media",
}
_EDGES = {
    vocabulary.PUBLISHER: "publisher",
    vocabulary.DISTRIBUTOR: "distributor",
    vocabulary.ABOUT: "about",
    vocabulary.RELATED: "related",
    vocabulary.BROADER: "broader",
}


FASTEST = ("nt", "ttl", "nq", "trig", "rdf", "jsonld")
"""The endings of exports, the fastest to read first."""
QUADS = ("nq", "trig")
"""Those that tell which files list a relation."""


class Exported(NamedTuple):
    """A graph, and the base of its IRIs."""

    graph: nx.MultiDiGraph[str]
    base: str


def find_export(folder: Path, endings: Iterable[str] = FASTEST) -> Path | None:
    """Return the RDF file of an export in `folder`, by the first of `endings` that is there, or None."""
    for ending in endings:
        for name in (f"coverage.{ending}", f"coverage.{ending}.gz"):
            if (folder / name).is_file():
                return folder / name
    return None


def read_graph(path: str | Path) -> nx.MultiDiGraph[str]:
    """Return the graph that an exported RDF file holds. Raises `UsageError` where the file is none."""
    return read_export(path).graph


def read_export(path: str | Path) -> Exported:
    """Return the graph that an exported RDF file holds, and its base. Raises `UsageError` where the file is none."""
    from graphkit.rdf.serialization import FORMATS

    path = Path(path)
    ending = path.name.removesuffix(".gz").rpartition(".")[2]
    if ending not in FORMATS:
        raise UsageError(f"{path}: expected a file that ends with one of {', '.join(FORMATS)}")
    subjects: dict[str, Objects] = defaultdict(lambda: defaultdict(list))
    listed: Listed = defaultdict(set)
    try:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        default = ox.DefaultGraph()
        for quad in ox.parse(data, FORMATS[ending]):
            value = quad.object.value
            subject, predicate = quad.subject.value, quad.predicate.value
            subjects[subject][predicate].append(value)
            if predicate == vocabulary.RELATED and quad.graph_name != default:
                listed[subject, value].add(quad.graph_name.value)
    # A quoted triple has no value, which is an AttributeError.
    except (OSError, EOFError, zlib.error, SyntaxError, ValueError, AttributeError) as error:
        raise UsageError(f"{path}: expected RDF that graphkit made, got {error}") from error
    base = next((o[vocabulary.URI_SPACE][0] for o in subjects.values() if vocabulary.URI_SPACE in o), "")
    if not base:
        raise UsageError(f"{path}: expected RDF that graphkit made, got a file without its dataset description")
    try:
        return Exported(_graph(subjects, listed, base), base)
    except (LookupError, ValueError) as error:
        raise UsageError(f"{path}: expected RDF that graphkit made, got other statements of the same kind") from error


def _graph(subjects: dict[str, Objects], listed: Listed, base: str) -> nx.MultiDiGraph[str]:
    import networkx as nx  # a tenth of a second that finding an export need not wait for

    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(policy=subjects[f"{base}dataset"][vocabulary.POLICY][0])
    edges = []
    for iri in sorted(subjects):
        said = subjects[iri]
        types = said.get(vocabulary.TYPE, ())
        attributes: dict[str, Any]
        if any(kind in _MEDIA for kind in types):
            attributes = _article(said, types, subjects, base)
        elif vocabulary.ORGANIZATION in types:
            attributes = _named(said, "provider", "name", vocabulary.NAME, vocabulary.ALTERNATE_NAME)
            for term, name in ((vocabulary.DOMAIN, "domain"), (vocabulary.PLATFORM, "platform")):
                if term in said:
                    attributes[name] = said[term][0]
        elif vocabulary.CONCEPT in types:
            attributes = _named(said, "topic", "label", vocabulary.PREF_LABEL, vocabulary.ALT_LABEL)
            if vocabulary.HIDDEN_LABEL in said:
                attributes["keywords"] = tuple(sorted(set(said[vocabulary.HIDDEN_LABEL])))
        else:
            continue
        node = iri.removeprefix(base)
        graph.add_node(node, **attributes)
        for predicate, kind in _EDGES.items():
            for target in sorted(set(said.get(predicate, ()))):
                edges.append((node, target.removeprefix(base), kind, said))
    for start, target, kind, said in edges:
        if target not in graph:
            raise LookupError(target)
        graph.add_edge(start, target, kind)
        if kind == "publisher":
            label = said.get(vocabulary.PUBLISHER_LABEL) or [graph.nodes[target]["name"]]
            graph[start][target][kind]["label"] = label[0]
    for (start, target), places in listed.items():
        ends = (start.removeprefix(base), target.removeprefix(base))
        if graph.has_edge(*ends, "related"):
            graph.edges[*ends, "related"]["sources"] = _places(places, subjects, base)
    return graph


def _places(places: Iterable[str], subjects: Mapping[str, Objects], base: str) -> tuple[tuple[str, str], ...]:
    """Return files, by their names, as places; of where in a file a record stands nothing is known."""
    names = {
        subjects[place][vocabulary.LABEL][0] if place in subjects else unquote(place.removeprefix(f"{base}source/"))
        for place in places
    }
    return tuple((name, "") for name in sorted(names))


def _named(said: Objects, kind: str, name: str, term: str, other_term: str) -> dict[str, Any]:
    value = said[term][0]
    return {"kind": kind, name: value, f"{name}s": tuple(sorted({value, *said.get(other_term, ())}))}


def _article(said: Objects, types: Any, subjects: dict[str, Objects], base: str) -> dict[str, Any]:
    attributes: dict[str, Any] = {"kind": "article"}
    media = next((_MEDIA[kind] for kind in types if _MEDIA.get(kind)), "")
    if media:
        attributes["media"] = media
    for term, name in _TEXTS.items():
        if term in said:
            attributes[name] = said[term][0]
    for term, name in ((vocabulary.QUALITY, "quality"), (vocabulary.HEAT, "heat")):
        if term in said:
            attributes[name] = int(said[term][0])
    for term, name in ((vocabulary.DATE_PUBLISHED, "published_at"), (vocabulary.DATE_MODIFIED, "updated_at")):
        if term in said:
            attributes[name] = datetime.fromisoformat(said[term][0])
    if vocabulary.STATUS in said:
        attributes["status"] = _STATUS[said[vocabulary.STATUS][0]]
    titles = {*said.get(vocabulary.HEADLINE, ()), *said.get(vocabulary.ALTERNATIVE_HEADLINE, ())}
    variants = {(kind, address) for kind, term in vocabulary.VARIANTS.items() for address in said.get(term, ())}
    for name, values in (
        ("titles", titles),
        ("variants", variants),
        ("categories", set(said.get(vocabulary.SECTION, ()))),
        ("sources", _places(said.get(vocabulary.DERIVED_FROM, ()), subjects, base)),
    ):
        if values:
            attributes[name] = tuple(sorted(values))
    if vocabulary.IMAGE in said:
        attributes["images"] = tuple(_image(url, subjects.get(url, {})) for url in sorted(set(said[vocabulary.IMAGE])))
    return attributes


def _image(url: str, said: Objects) -> dict[str, Any]:
    image: dict[str, Any] = {"url": url}
    for term, name in ((vocabulary.WIDTH, "width"), (vocabulary.HEIGHT, "height")):
        if term in said:
            image[name] = int(said[term][0])
    return image
