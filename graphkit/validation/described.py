"""Described: RDF as all that is said of each subject, as it stands in the files.

The RDF engine's store writes numbers and times in its own way: `01` or `-00:00` would be gone before anybody looked.
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
Rows = dict[str, list[Term]]
"""The objects of each predicate, which is an IRI; each object once."""


class Described(NamedTuple):
    """What RDF says of its subjects, of all its graphs together.

    `base` is the base IRI of graphkit's ids, empty for RDF of others. `files` are those it was read from.
    """

    subjects: dict[Node, Rows]
    base: str
    files: tuple[Path, ...] = ()


def read(path: Path) -> Described:
    """Read an export's folder, an RDF file or a folder of them.

    Raises `NothingReadable` where there is no triple, and `UsageError` with line and column for what is no RDF.
    """
    files = find_rdf(path).paths
    subjects = _empty()
    seen = False
    with collector_paused():
        for file in files:
            for quad in quads_of(file):
                value = quad.object
                if isinstance(value, ox.Triple):
                    raise UsageError(f"{file}: expected RDF 1.1, got a triple as an object: {str(value)[:60]}…")
                subjects[quad.subject][quad.predicate.value].append(value)  # type: ignore[index]  # no triple is one
                seen = True
        if not seen:
            raise NothingReadable(f"{path}: expected triples, got none; `graphkit build SOURCES` writes exports/")
        found = _plain(subjects)
        return Described(found, base_of(found), files)


def described(quads: Iterable[ox.Triple | ox.Quad]) -> Described:
    """Return what triples or quads say.

    >>> found = described([ox.Triple(ox.NamedNode("urn:a"), ox.NamedNode("urn:b"), ox.Literal("c"))])
    >>> found.subjects[ox.NamedNode("urn:a")]["urn:b"][0].value
    'c'
    """
    subjects = _empty()
    for quad in quads:
        subjects[quad.subject][quad.predicate.value].append(quad.object)  # type: ignore[index]  # no RDF-star
    found = _plain(subjects)
    return Described(found, base_of(found))


def base_of(subjects: dict[Node, Rows]) -> str:
    """Return the base of an export's ids, by the dataset's description that every export has."""
    bases = [
        value.value
        for rows in subjects.values()
        if vocabulary.POLICY in rows
        for value in rows.get(vocabulary.URI_SPACE, ())
        if isinstance(value, ox.Literal)
    ]
    return min(bases, default="")


def _plain(subjects: defaultdict[Node, defaultdict[str, list[Term]]]) -> dict[Node, Rows]:
    """Return subjects with each object once, as a graph is a set, and with no more that come by being asked for."""
    subjects.default_factory = None
    for rows in subjects.values():
        rows.default_factory = None
        for predicate, values in rows.items():
            if len(values) > 1:
                rows[predicate] = list(dict.fromkeys(values))
    return cast("dict[Node, Rows]", subjects)


def _empty() -> defaultdict[Node, defaultdict[str, list[Term]]]:
    return defaultdict(lambda: defaultdict(list))
