"""Graph reader: the graph of an export, read back from its RDF.

All nodes, edges and attributes come back except what no triple states: the rank of a related edge, the position of a
record in its file, and the size that each article gives for an image, which gets the largest one that any article
gives. A publisher without a label gets its name as the label. Only quads state which files list a related edge.
"""

from __future__ import annotations

import io
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pyoxigraph as ox

from graphkit.errors import UsageError
from graphkit.files.compression import GZ, ending_of, is_gzip_name, open_decompressed
from graphkit.files.manifest import check_whole, listed_files
from graphkit.rdf import vocabulary
from graphkit.rdf.properties import PROPERTIES, Form, uses_of
from graphkit.rdf.rdf_nesting import MAX_NESTING, text_nests_too_deeply
from graphkit.rdf.syntaxes import EXPORT_SYNTAXES, FASTEST
from graphkit.records.attributes import NODE_ATTRIBUTES

if TYPE_CHECKING:
    import networkx as nx

Objects = dict[str, list[str]]
Listed = dict[tuple[str, str], set[str]]
"""The IRIs of the files that list a relation, by the IRIs of the two articles."""

_MEDIA = {iri: media for media, iri in vocabulary.MEDIA_CLASSES.items()}
_KINDS = dict.fromkeys(_MEDIA, "article") | {vocabulary.CLASSES[kind]: kind for kind in NODE_ATTRIBUTES}
_STATUS = {iri: name for name, iri in vocabulary.STATUSES.items()}
_EDGES = {one.iri: use.attribute for one in PROPERTIES for use in one.uses if use.form is Form.NODES}


def find_export(folder: Path, endings: Iterable[str] = FASTEST) -> Path | None:
    """Return the RDF file of an export in `folder` with the first of `endings` that exists, or None.

    Where a manifest lists one of them, only those that it lists are of the export. Raises `UsageError` for a folder
    with files of two builds.
    """
    check_whole(folder)
    names = [f"coverage.{ending}{gz}" for ending in endings for gz in ("", GZ)]
    names = [name for name in names if (folder / name).is_file()]
    listed = listed_files(folder) or frozenset()
    return next((folder / name for name in (*filter(listed.__contains__, names), *names)), None)


def read_graph(path: str | Path) -> nx.MultiDiGraph[str]:
    """Return the graph that an exported RDF file holds. Raises `UsageError` if the file is not an export."""
    return read_export(path)[0]


def read_export(path: str | Path) -> tuple[nx.MultiDiGraph[str], str]:
    """Return the graph that an exported RDF file holds, and the base of its IRIs. Raises as `read_graph` does."""
    path = Path(path)
    ending = ending_of(path.name)
    if ending not in EXPORT_SYNTAXES:
        raise UsageError(f"{path}: expected a file that ends with one of {', '.join(EXPORT_SYNTAXES)}")
    subjects: dict[str, Objects] = defaultdict(lambda: defaultdict(list))
    listed: Listed = defaultdict(set)
    try:
        with open_decompressed(path, gzip=is_gzip_name(path.name)) as stream:
            data = stream.read()
        if text_nests_too_deeply(io.BytesIO(data), json=ending == "jsonld"):
            raise UsageError(f"{path}: expected at most {MAX_NESTING} levels of nesting, got more")
        default = ox.DefaultGraph()
        for quad in ox.parse(data, EXPORT_SYNTAXES[ending]):
            value = quad.object.value
            subject, predicate = quad.subject.value, quad.predicate.value
            subjects[subject][predicate].append(value)
            if predicate == vocabulary.RELATED and quad.graph_name != default:
                listed[subject, value].add(quad.graph_name.value)
    # An AttributeError: a quoted triple has no value.
    except (OSError, EOFError, zlib.error, SyntaxError, ValueError, AttributeError) as error:
        raise UsageError(f"{path}: expected RDF that graphkit made, got {error}") from error
    base = next((o[vocabulary.URI_SPACE][0] for o in subjects.values() if vocabulary.URI_SPACE in o), "")
    if not base:
        raise UsageError(f"{path}: expected RDF that graphkit made, got a file without its dataset description")
    try:
        return _graph(subjects, listed, base), base
    except (LookupError, ValueError) as error:
        raise UsageError(f"{path}: expected RDF that graphkit made, got other statements of the same kind") from error


def _graph(subjects: dict[str, Objects], listed: Listed, base: str) -> nx.MultiDiGraph[str]:
    import networkx as nx  # it takes a tenth of a second, and finding an export does not need it

    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(policy=subjects[f"{base}dataset"][vocabulary.POLICY][0])
    edges = []
    for iri in sorted(subjects):
        stated = subjects[iri]
        types = stated.get(vocabulary.TYPE, ())
        kind = next((kind for type, kind in _KINDS.items() if type in types), "")
        if not kind:
            continue
        node = iri.removeprefix(base)
        graph.add_node(node, kind=kind, **_attributes(kind, stated, subjects, base))
        for predicate, kind in _EDGES.items():
            edges += [(node, end.removeprefix(base), kind, stated) for end in sorted(set(stated.get(predicate, ())))]
    for start, target, kind, stated in edges:
        if target not in graph:
            raise LookupError(target)
        graph.add_edge(start, target, kind)
        if kind == "publisher":
            label = stated.get(vocabulary.PUBLISHER_LABEL) or [graph.nodes[target]["name"]]
            graph[start][target][kind]["label"] = label[0]
    for (start, target), places in listed.items():
        ends = (start.removeprefix(base), target.removeprefix(base))
        if graph.has_edge(*ends, "related"):
            graph.edges[*ends, "related"]["sources"] = _places(places, subjects, base)
    return graph


def _places(places: Iterable[str], subjects: Mapping[str, Objects], base: str) -> tuple[tuple[str, str], ...]:
    """Return source files as places sorted by name; the position in the file is unknown."""
    names = {
        subjects[place][vocabulary.LABEL][0] if place in subjects else unquote(place.removeprefix(f"{base}source/"))
        for place in places
    }
    return tuple((name, "") for name in sorted(names))


def _attributes(kind: str, stated: Objects, subjects: dict[str, Objects], base: str) -> dict[str, Any]:
    """Return the attributes of a node from its properties, each in the form in which it is written."""
    found: dict[str, Any] = {}
    for iri, (_, attribute, form, argument) in uses_of(kind):
        values: Sequence[str] = stated.get(iri, ())
        if not values and form is not Form.TEXTS:
            continue
        match form:
            case Form.CLASS if media := next((_MEDIA[one] for one in values if one in _MEDIA), ""):
                found["media"] = media
            case Form.TEXT | Form.ADDRESS | Form.MEDIA:
                found[attribute] = values[0]
            case Form.INTEGER:
                found[attribute] = int(values[0])
            case Form.MOMENT:
                found[attribute] = datetime.fromisoformat(values[0])
            case Form.STATUS:
                found[attribute] = _STATUS[values[0]]
            case Form.TEXTS if others := {*values, *([found[argument]] if argument in found else ())}:
                found[attribute] = tuple(sorted(others))
            case Form.VARIANT:
                found[attribute] = tuple(sorted({*found.get(attribute, ()), *((argument, url) for url in values)}))
            case Form.SOURCES:
                found[attribute] = _places(values, subjects, base)
            case Form.IMAGES:
                found[attribute] = tuple(_image(url, subjects.get(url, {})) for url in sorted(set(values)))
    if kind != "article" and NODE_ATTRIBUTES[kind][0].name not in found:
        raise LookupError("a name")
    return {one.name: found[one.name] for one in NODE_ATTRIBUTES[kind] if one.name in found}


def _image(url: str, stated: Objects) -> dict[str, Any]:
    sizes = (("width", vocabulary.WIDTH), ("height", vocabulary.HEIGHT))
    return {"url": url, **{name: int(stated[term][0]) for name, term in sizes if term in stated}}
