"""Make the triples of the tables with kglab: python by_kglab.py TABLES OUTPUT."""

import csv
import json
import sys
from pathlib import Path

import kglab
import rdflib

if __name__ == "__main__":
    tables, output = Path(sys.argv[1]), Path(sys.argv[2])
    graph = kglab.KnowledgeGraph(name="coverage")
    for table in json.loads((tables / "tables.json").read_text()):
        predicate, kind = rdflib.URIRef(table["predicate"]), table["kind"]
        datatype = rdflib.URIRef(kind) if kind not in ("iri", "text") else None
        with Path(table["file"]).open(newline="", encoding="utf-8") as stream:
            for row in csv.DictReader(stream):
                value = row["said"]
                term = (
                    rdflib.URIRef(value) if kind == "iri" else rdflib.Literal(value, datatype=datatype, normalize=False)
                )
                graph.add(rdflib.URIRef(row["about"]), predicate, term)
    graph.save_rdf(str(output), format="nt")
