"""The SPARQL 1.1 Service Description of the endpoint, and the query for the data's own VoID description."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from urllib.parse import quote

import pyoxigraph as ox

from graphkit.rdf import vocabulary

SD = "http://www.w3.org/ns/sparql-service-description#"
FORMATS = "http://www.w3.org/ns/formats/"

PREFIXES = MappingProxyType({"sd": SD, "formats": FORMATS, "void": vocabulary.VOID})
"""Prefixes for the service description."""

MOST_GRAPHS = 1_000
"""If there are more named graphs than this, none is listed: readers would take part of a list for all of it."""

_RESULT_FORMATS = (
    *("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV"),
    *("Turtle", "N-Triples", "N-Quads", "TriG", "RDF_XML", "JSON-LD", "N3"),
)

VOID = f"""\
PREFIX dcat: <{vocabulary.DCAT}>
PREFIX dcterms: <{vocabulary.DCTERMS}>
PREFIX void: <{vocabulary.VOID}>
CONSTRUCT {{ ?node ?property ?value }}
WHERE {{
  {{
    SELECT DISTINCT ?node WHERE {{
      {{ ?node a void:Dataset }} UNION {{ ?node a dcat:Dataset }}
      UNION {{ ?whole void:classPartition|void:propertyPartition|void:subset ?node }}
      UNION {{ ?whole a void:Dataset ; dcterms:creator ?node }}
    }}
  }}
  ?node ?property ?value
}}
ORDER BY ?node ?property ?value
"""
"""The query for the dataset description in the data: counts of everything, by class and by property."""


def service(endpoint: str, *, graphs: Sequence[str], union: bool, dataset: str | None) -> list[ox.Triple]:
    """Describe the service at `endpoint`, its URL, in triples without blank nodes, in a fixed order.

    `graphs` are the names of the named graphs; `union` means that the default graph is all of them together.
    `dataset` is the IRI by which the data describes itself. The terms are those of the W3C Recommendation
    "SPARQL 1.1 Service Description".

    >>> for triple in service("http://localhost/sparql", graphs=[], union=False, dataset=None)[:2]:
    ...     print(triple.predicate.value, triple.object.value)
    http://www.w3.org/1999/02/22-rdf-syntax-ns#type http://www.w3.org/ns/sparql-service-description#Service
    http://www.w3.org/ns/sparql-service-description#endpoint http://localhost/sparql
    """
    this, whole, default = f"{endpoint}#service", f"{endpoint}#dataset", f"{endpoint}#default-graph"
    said = [
        (this, vocabulary.TYPE, f"{SD}Service"),
        (this, f"{SD}endpoint", endpoint),
        (this, f"{SD}supportedLanguage", f"{SD}SPARQL11Query"),
        *((this, f"{SD}resultFormat", FORMATS + name) for name in _RESULT_FORMATS),
        *([(this, f"{SD}feature", f"{SD}UnionDefaultGraph")] if union else []),
        (this, f"{SD}defaultDataset", whole),
        (whole, vocabulary.TYPE, f"{SD}Dataset"),
        (whole, f"{SD}defaultGraph", default),
        (default, vocabulary.TYPE, f"{SD}Graph"),
    ]
    if len(graphs) <= MOST_GRAPHS:
        for name in sorted(set(graphs)):
            graph = f"{endpoint}#graph={quote(name, safe='')}"
            said += [
                (whole, f"{SD}namedGraph", graph),
                (graph, vocabulary.TYPE, f"{SD}NamedGraph"),
                (graph, f"{SD}name", name),
            ]
    if dataset is not None:
        said += [
            (dataset, vocabulary.TYPE, vocabulary.DATASET),
            (dataset, f"{vocabulary.VOID}sparqlEndpoint", endpoint),
        ]
    return [ox.Triple(*map(ox.NamedNode, triple)) for triple in said]
