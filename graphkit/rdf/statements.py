"""Statements: a graph as RDF, the dataset's description first, then all other subjects by IRI."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Generic, NamedTuple

import pyoxigraph as ox

from graphkit.rdf.dataset import NOTHING_STATED, About
from graphkit.rdf.descriptions import Describer, Description, iri_of
from graphkit.rdf.terms import T, Term, Terms
from graphkit.rdf.void import describe_dataset

if TYPE_CHECKING:
    import networkx as nx


class Statements(NamedTuple, Generic[T]):
    """The statements of a graph: the dataset's, then those of all other subjects, sorted by IRI.

    See `Describer` for the namespaces not to abbreviate.
    """

    subjects: list[Description[T]]
    spaces: frozenset[str]


def triples_of(subjects: Iterable[Description[Term]]) -> Iterator[ox.Triple]:
    """Yield the triples of descriptions.

    They are made as they are read: making one copies three texts, and most are written and forgotten.
    """
    triple = ox.Triple
    for _, subject, rows in subjects:
        for _, predicate, terms in rows:
            for term in terms:
                yield triple(subject, predicate, term)  # type: ignore[arg-type]  # subjects and predicates are nodes


def statements(graph: nx.MultiDiGraph[str], base: str, terms: Terms[T], about: About = NOTHING_STATED) -> Statements[T]:
    """Return the statements of the graph, the dataset's description first."""
    names = {node: data["name"] for node, data in graph.nodes(data=True) if data["kind"] == "provider"}
    describer = Describer(terms, base, names)
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
        found.append(describer.describe_node(node, {**graph.nodes[node], **edges}))
    found += describer.describe_images()
    found += [describer.describe_source(name) for name in list(describer.sources)]
    found.append(describer.describe_scheme())
    found.sort(key=iri_of)
    description = describe_dataset(describer, graph.graph.get("policy", ""), about)
    return Statements([*description, *found], frozenset(describer.spaces))
