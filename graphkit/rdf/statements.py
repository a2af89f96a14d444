"""Statements: a graph as RDF, the dataset's description first, then all other subjects sorted by IRI."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import TYPE_CHECKING, Generic, NamedTuple

import pyoxigraph as ox

from graphkit.rdf.dataset import NOTHING_STATED, About
from graphkit.rdf.descriptions import Describer, Description
from graphkit.rdf.terms import T, Term, Terms
from graphkit.rdf.void import describe_dataset

if TYPE_CHECKING:
    import networkx as nx


class Statements(NamedTuple, Generic[T]):
    """A description of each subject, and the namespaces that no prefix may abbreviate (see `GraphTerms`)."""

    subjects: list[Description[T]]
    spaces: frozenset[str]


def triples_of(subjects: Iterable[Description[Term]]) -> Iterator[ox.Triple]:
    """Yield the triples of descriptions, each made when it is read, as that copies three texts."""
    triple = ox.Triple
    for _, subject, rows in subjects:
        for _, predicate, terms in rows:
            for term in terms:
                yield triple(subject, predicate, term)  # type: ignore[arg-type]  # subjects and predicates are nodes


def statements(graph: nx.MultiDiGraph[str], base: str, terms: Terms[T], about: About = NOTHING_STATED) -> Statements[T]:
    """Return the statements of the graph."""
    names = {node: data["name"] for node, data in graph.nodes(data=True) if data["kind"] == "provider"}
    describer = Describer(terms, base, names)
    found: list[Description[T]] = []
    for node, by_target in graph.adjacency():
        edges: dict[str, list[str]] = defaultdict(list)
        for target, by_kind in by_target.items():
            for kind in by_kind:
                edges[kind].append(target)
        for targets in edges.values():
            targets.sort()
        if "publisher" in edges:
            edges["publisher label"] = [by_target[edges["publisher"][0]]["publisher"].get("label", "")]
        found.append(describer.describe_node(node, {**graph.nodes[node], **edges}))
    found += describer.describe_images()
    found += map(describer.describe_source, list(describer.sources))
    found.append(describer.describe_scheme())
    found.sort(key=attrgetter("iri"))
    description = describe_dataset(describer, graph.graph.get("policy", ""), about)
    return Statements([*description, *found], frozenset(describer.spaces))
