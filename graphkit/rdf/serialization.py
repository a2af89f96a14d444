"""Serialization: the graph in any RDF syntax, from one sorted stream of triples."""

from __future__ import annotations

import io
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import nullcontext, suppress
from itertools import chain, takewhile
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pyoxigraph as ox

from graphkit.errors import UsageError
from graphkit.files.atomic import replacing
from graphkit.files.compression import compressing, ending_of, is_gzip_name, open_decompressed
from graphkit.garbage_collection import collector_paused
from graphkit.rdf import vocabulary
from graphkit.rdf.dataset import NOTHING_STATED, About
from graphkit.rdf.descriptions import Description
from graphkit.rdf.statements import statements, triples_of
from graphkit.rdf.syntaxes import EXPORT_SYNTAXES, QUADS
from graphkit.rdf.terms import OxigraphTerms, Term, source_iri
from graphkit.rdf.turtle import TurtleTerms, document

if TYPE_CHECKING:
    import networkx as nx
    import rdflib

# The prefixes that an export uses: not rdf, as Turtle writes rdf:type as `a`.
_PREFIXES = {name: space for name, space in vocabulary.PREFIXES.items() if name not in ("rdf", "iana")}


def check_base(base: str) -> str:
    """Return `base`, or raise `UsageError` if no IRI can begin with it."""
    with suppress(ValueError):
        ox.NamedNode(f"{base}id")
        if re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]+[/#:]", base):
            return base
    raise UsageError(f"base: expected an absolute IRI of ASCII characters that ends with /, # or :, got {base!r}")


def triples(
    graph: nx.MultiDiGraph[str], *, base: str = vocabulary.DEFAULT_BASE, about: About = NOTHING_STATED
) -> Iterator[ox.Triple]:
    """Yield all triples of the graph: the dataset's description, then all others, both sorted."""
    check_base(base)
    yield from triples_of(statements(graph, base, OxigraphTerms(), about).subjects)


def rdf_bytes(
    graph: nx.MultiDiGraph[str],
    *,
    format: str = "ttl",
    base: str = vocabulary.DEFAULT_BASE,
    about: About = NOTHING_STATED,
) -> bytes:
    """Return the graph in one of EXPORT_SYNTAXES; in QUADS with a named graph for each source file."""
    if format not in EXPORT_SYNTAXES:
        raise UsageError(f"format: expected one of {', '.join(EXPORT_SYNTAXES)}, got {format!r}")
    check_base(base)
    with collector_paused():
        if format == "ttl":
            return _turtle(graph, base, about)
        found = statements(graph, base, OxigraphTerms(), about)
        quads = _quads(graph, found.subjects, base) if format in QUADS else triples_of(found.subjects)
        # Not to a stream: pyoxigraph writes to Python's in small pieces.
        return ox.serialize(quads, format=EXPORT_SYNTAXES[format], prefixes=prefixes_for(base, found.spaces)) or b""


def lines_of(subjects: Iterable[Description[Term]]) -> bytes:
    """Return descriptions as N-Triples."""
    return ox.serialize(triples_of(subjects), format=ox.RdfFormat.N_TRIPLES) or b""


def prefixes_for(base: str, spaces: Collection[str]) -> dict[str, str]:
    """Return the prefixes of a file by name, without those of the namespaces `spaces`."""
    return {name: space for name, space in _PREFIXES.items() if space not in spaces and not base.startswith(space)}


def _turtle(graph: nx.MultiDiGraph[str], base: str, about: About) -> bytes:
    prefixes = prefixes_for(base, ())
    found = statements(graph, base, TurtleTerms(prefixes), about)
    if not found.spaces.isdisjoint(prefixes.values()):
        prefixes = prefixes_for(base, found.spaces)
        found = statements(graph, base, TurtleTerms(prefixes), about)
    return document(found.subjects, prefixes)


def write_rdf(
    graph: nx.MultiDiGraph[str],
    path: str | Path,
    *,
    format: str | None = None,
    base: str = vocabulary.DEFAULT_BASE,
    gzip: bool = False,
    about: About = NOTHING_STATED,
) -> None:
    """Write the graph to a file in the given format, by default the one that the file's ending names.

    The file is compressed, without a time stamp, if `gzip` is true or its name ends in ``.gz``. Raises `UsageError` for
    an unknown format or base and `OutputError` if the file cannot be written.
    """
    path = Path(path)
    data = rdf_bytes(graph, format=ending_of(path.name) if format is None else format, base=base, about=about)
    with replacing(path) as stream, compressing(stream, gzip=gzip or is_gzip_name(path.name)) as text:
        text.write(data)


def convert(turtle: Path, stream: IO[bytes], format: str, *, gzip: bool = False) -> None:
    """Convert a Turtle export to another format of triples, one by one, with the same prefixes, into an open file."""
    with open_decompressed(turtle, gzip=gzip) as source, compressing(stream, gzip=gzip) as text:
        parser = ox.parse(source, ox.RdfFormat.TURTLE)
        first = next(parser)  # the parser knows all prefixes then
        triples = (quad.triple for quad in chain([first], parser))
        # pyoxigraph writes to a path much faster than to a stream, but does not compress.
        with io.BufferedWriter(text, 1 << 20) if gzip else nullcontext(stream.name) as target:
            ox.serialize(triples, target, EXPORT_SYNTAXES[format], prefixes=parser.prefixes)


def description(turtle: Path, base: str, *, gzip: bool = False) -> bytes:
    """Return the beginning of a Turtle export: its prefixes and the description of the dataset."""
    starts = (b"@prefix ", b"\t", f"<{base}dataset>".encode(), f"<{base}dataset/".encode())
    with open_decompressed(turtle, gzip=gzip) as stream:
        return b"".join(takewhile(lambda line: bytes(line).startswith(starts), stream))


def to_rdflib(graph: nx.MultiDiGraph[str], *, base: str = vocabulary.DEFAULT_BASE) -> rdflib.Graph:
    """Return the same triples as an rdflib graph."""
    import rdflib

    result = rdflib.Graph()
    for prefix, space in _PREFIXES.items():
        result.bind(prefix, space)
    for triple in triples(graph, base=base):
        value = triple.object
        subject = rdflib.URIRef(triple.subject.value)  # type: ignore[union-attr]  # no term is a blank node
        predicate = rdflib.URIRef(triple.predicate.value)
        if isinstance(value, ox.Literal):
            kind = None if value.datatype.value == vocabulary.XSD + "string" else rdflib.URIRef(value.datatype.value)
            result.add((subject, predicate, rdflib.Literal(value.value, datatype=kind, normalize=False)))
        else:
            result.add((subject, predicate, rdflib.URIRef(value.value)))  # type: ignore[union-attr]
    return result


def _quads(graph: nx.MultiDiGraph[str], subjects: Iterable[Description[Term]], base: str) -> Iterator[ox.Quad]:
    """Yield quads, sorted by graph: statements about an article are in the graph of each source file that mentions it.

    A relation is only in the graphs of the files that list it, and each graph names only its own file as the source.
    Providers, topics, sources and the dataset are in the default graph.
    """
    named: dict[str, list[tuple[Any, Any, Term]]] = defaultdict(list)
    files: dict[str, set[str]] = defaultdict(set)
    listed: dict[tuple[str, str], set[str]] = {}
    for node, data in graph.nodes(data=True):
        names = {source_iri(base, name) for name, _ in data.get("sources", ())}
        files[base + node] |= names
        for image in data.get("images", ()):
            files[image["url"]] |= names
    for start, target, kind, data in graph.edges(keys=True, data=True):
        if kind == "related":
            listed[base + start, base + target] = {source_iri(base, name) for name, _ in data.get("sources", ())}
    for iri, subject, rows in subjects:
        everywhere = files.get(iri) or {""}
        for predicate, predicate_node, terms in rows:
            for term in terms:
                places = everywhere
                if predicate == vocabulary.DERIVED_FROM:
                    places = {term.value}
                elif predicate == vocabulary.RELATED:
                    places = listed[iri, term.value] or everywhere
                for place in places:
                    named[place].append((subject, predicate_node, term))
    for name in sorted(named):
        place_node = ox.NamedNode(name) if name else ox.DefaultGraph()
        for subject, predicate_node, term in named[name]:
            yield ox.Quad(subject, predicate_node, term, place_node)
