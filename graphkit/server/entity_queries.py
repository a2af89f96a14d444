"""The SPARQL queries behind a node's page, and links to the query page that list what the page leaves out.

The queries run with `?entity` bound to the node's IRI.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

import pyoxigraph as ox

from graphkit.rdf import vocabulary

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Row = Mapping[str, Term]
"""A solution: its terms by variable, without unbound variables."""


NOT_IN_IRIS = re.compile(r'[\x00-\x20<>"{}|^`\\\x7f-\x9f\ud800-\udfff]')
"""Characters that end an IRI in SPARQL. NamedNode refuses them; results from elsewhere might hold them."""

MOST = 200
"""Rows shown of one property."""
MOST_ROWS = 2_000
"""Rows shown of all properties together."""
_MOST_SORTED = 100_000  # nodes of one property that are sorted, which takes a second; any more are ignored

_NAMES = "rdfs:label|skos:prefLabel|schema:headline|schema:name|dcterms:title"
_PROLOGUE = f"""\
PREFIX dcterms: <{vocabulary.DCTERMS}>
PREFIX rdfs: <{vocabulary.RDFS}>
PREFIX schema: <{vocabulary.SCHEMA}>
PREFIX skos: <{vocabulary.SKOS}>
"""


def _rows_text(node: str, pattern: str) -> str:
    """Return the query for the rows of each property: one more than are shown, the latest first if they have dates.

    LATERAL, an extension of SPARQL 1.1, evaluates its group for each row before it. Without it, only the rows of all
    properties together could be limited, and one busy property would hide the others.
    """
    order = f"DESC(?date) STR({node}) LANG({node}) STR(DATATYPE({node}))"
    return f"""{_PROLOGUE}
SELECT ?entity ?property {node} ?label ?date WHERE {{
  {{ SELECT DISTINCT ?entity ?property WHERE {{ {pattern} }} }}
  LATERAL {{
    SELECT ?entity ?property {node} ?date WHERE {{
      {{ SELECT DISTINCT ?entity ?property {node} WHERE {{ {pattern} }} LIMIT {_MOST_SORTED} }}
      OPTIONAL {{ {node} schema:datePublished ?date }}
    }}
    ORDER BY {order} LIMIT {MOST + 1}
  }}
  LATERAL {{ SELECT {node} (MIN(?name) AS ?label) WHERE {{ OPTIONAL {{ {node} {_NAMES} ?name }} }} GROUP BY {node} }}
}}
ORDER BY ?property {order} LIMIT {MOST_ROWS + 1}
"""


OUTGOING = _rows_text("?value", "?entity ?property ?value")
"""The triples with `?entity` as subject: rows of `property`, `value`, and the value's `label` and `date`."""
INCOMING = _rows_text("?node", "?node ?property ?entity")
"""The triples with `?entity` as object: rows of `property`, `node`, and the node's `label` and `date`."""
RDF = """\
CONSTRUCT { ?entity ?property ?value . ?node ?relation ?entity }
WHERE { { ?entity ?property ?value } UNION { ?node ?relation ?entity } }
"""
"""All triples with `?entity` as subject or object, as a graph."""


def outgoing_query_path(iri: str) -> str:
    """Return the path that lists all triples with this subject."""
    return query_page_path(f"SELECT ?property ?value\nWHERE {{ <{iri}> ?property ?value }}\nORDER BY ?property ?value")


def incoming_query_path(iri: str) -> str:
    """Return the path that lists all triples with this object."""
    return query_page_path(f"SELECT ?node ?property\nWHERE {{ ?node ?property <{iri}> }}\nORDER BY ?property ?node")


def property_query_path(iri: str, name: str, *, incoming: bool) -> str:
    """Return the path that lists all nodes or values of one property, empty if no query can name it."""
    if not iri or NOT_IN_IRIS.search(iri + name):
        return ""
    found, pattern = ("?node", f"?node <{name}> <{iri}>") if incoming else ("?value", f"<{iri}> <{name}> ?value")
    label = f"OPTIONAL {{ {found} <{vocabulary.LABEL}>|<{vocabulary.PREF_LABEL}> ?label }}"
    return query_page_path(f"SELECT {found} ?label\nWHERE {{\n  {pattern}\n  {label}\n}}\nORDER BY {found}")


def query_page_path(query: str) -> str:
    """Return the path of the query page with a query in it, which runs when the reader asks for it."""
    return f"/#query={quote(query, safe='', errors='replace')}"
