"""Make the triples of the tables with kglab: python by_kglab.py TABLES OUTPUT."""

import json
import sys
from pathlib import Path

import kglab
import rdflib


def term(value: str, kind: str) -> rdflib.term.Node:
    """Return the term of a value."""
    if kind == "iri":
        return rdflib.URIRef(value)
    return rdflib.Literal(value, datatype=None if kind == "text" else rdflib.URIRef(kind), normalize=False)


if __name__ == "__main__":
    tables, output = Path(sys.argv[1]), Path(sys.argv[2])
    graph = kglab.KnowledgeGraph(name="coverage")
    for table in json.loads((tables / "tables.json").read_text()):
        columns = [(rdflib.URIRef(predicate), kind, name) for predicate, kind, name in table["columns"]]
        for row in json.loads(Path(table["file"]).read_text(encoding="utf-8")):
            for predicate, kind, name in columns:
                if name in row:
                    graph.add(rdflib.URIRef(row["about"]), predicate, term(row[name], kind))
    graph.save_rdf(str(output), format="nt")
