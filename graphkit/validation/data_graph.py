"""The data graph: the statements of RDF by subject, with every literal as it is written.

They are read from the files: the engine's store normalizes numbers and times, which would hide `01` and `-00:00`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple, cast

import pyoxigraph as ox

from graphkit.errors import NothingReadable, UsageError
from graphkit.garbage_collection import collector_paused
from graphkit.query.rdf_files import find_rdf
from graphkit.query.rdf_loading import quads_of
from graphkit.rdf import vocabulary

Node = ox.NamedNode | ox.BlankNode
Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
PropertyValues = dict[str, list[Term]]
"""The objects of each predicate, which is an IRI; each object once."""


class DataGraph(NamedTuple):
    """The statements of all graphs of some RDF, by subject.

    `base` is the base IRI of graphkit's ids, empty for other RDF. `files` are those that it was read from.
    """

    subjects: dict[Node, PropertyValues]
    base: str
    files: tuple[Path, ...] = ()


def read_data_graph(path: Path) -> DataGraph:
    """Read an export's folder, an RDF file or a folder of them.

    Raises `NothingReadable` where there are no triples, and `UsageError` with line and column where it is not RDF.
    """
    files = find_rdf(path).paths
    subjects = _no_statements()
    with collector_paused():
        for file in files:
            for quad in quads_of(file):
                value = quad.object
                if isinstance(value, ox.Triple):
                    raise UsageError(f"{file}: expected RDF 1.1, got a triple as an object: {str(value)[:60]}…")
                subjects[quad.subject][quad.predicate.value].append(value)  # type: ignore[index]  # no triple is one
        if not subjects:
            raise NothingReadable(f"{path}: expected triples, got none; `graphkit build SOURCES` writes exports/")
        found = _distinct(subjects)
        return DataGraph(found, base_of(found), files)


def data_graph_of(quads: Iterable[ox.Triple | ox.Quad]) -> DataGraph:
    """Return the data graph of triples or quads.

    >>> found = data_graph_of([ox.Triple(ox.NamedNode("urn:a"), ox.NamedNode("urn:b"), ox.Literal("c"))])
    >>> found.subjects[ox.NamedNode("urn:a")]["urn:b"][0].value
    'c'
    """
    subjects = _no_statements()
    for quad in quads:
        subjects[quad.subject][quad.predicate.value].append(quad.object)  # type: ignore[index]  # no RDF-star
    found = _distinct(subjects)
    return DataGraph(found, base_of(found))


def base_of(subjects: dict[Node, PropertyValues]) -> str:
    """Return the base IRI of an export's ids, from the description of the dataset that every export has."""
    bases = [
        value.value
        for rows in subjects.values()
        if vocabulary.POLICY in rows
        for value in rows.get(vocabulary.URI_SPACE, ())
        if isinstance(value, ox.Literal)
    ]
    return min(bases, default="")


def _distinct(subjects: defaultdict[Node, defaultdict[str, list[Term]]]) -> dict[Node, PropertyValues]:
    """Return statements with each object once, in dictionaries that raise `KeyError`."""
    subjects.default_factory = None
    for rows in subjects.values():
        rows.default_factory = None
        for predicate, values in rows.items():
            if len(values) > 1:
                rows[predicate] = list(dict.fromkeys(values))
    return cast("dict[Node, PropertyValues]", subjects)


def _no_statements() -> defaultdict[Node, defaultdict[str, list[Term]]]:
    return defaultdict(lambda: defaultdict(list))
