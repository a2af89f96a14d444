"""Prepare what the peers map: one table of subjects and objects for each predicate.

    python benchmarks/peers/rdf/prepare.py FOLDER TABLES

Mapping engines start where records are decoded, identified and merged. All of that is done for them, and is not timed:
what is left to them is to make triples of rows, which favours them. `tables.json` names each table's predicate, and
whether its objects are addresses, plain texts or of a datatype.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import pyoxigraph as ox

import graphkit
from graphkit.rdf import triples

XSD_STRING = "http://www.w3.org/2001/XMLSchema#string"


def prepare(folder: Path, target: Path) -> int:
    """Write the tables, and return how many triples they hold."""
    target.mkdir(parents=True, exist_ok=True)
    rows: dict[tuple[str, str], list[tuple[str, str]]] = {}
    count = 0
    for triple in triples(graphkit.build(folder).graph):
        value, subject = triple.object, triple.subject
        assert isinstance(subject, ox.NamedNode)
        assert isinstance(value, ox.NamedNode | ox.Literal)
        kind = "iri"
        if isinstance(value, ox.Literal):
            kind = "text" if value.datatype.value == XSD_STRING else value.datatype.value
        rows.setdefault((triple.predicate.value, kind), []).append((subject.value, value.value))
        count += 1
    tables = []
    for number, ((predicate, kind), found) in enumerate(sorted(rows.items())):
        path = target / f"table{number:03}.csv"
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream)
            writer.writerow(("about", "said"))
            writer.writerows(found)
        tables.append({"file": str(path.resolve()), "predicate": predicate, "kind": kind})
    (target / "tables.json").write_text(json.dumps(tables, indent=1), encoding="utf-8")
    (target / "mapping.ttl").write_text(mapping(tables), encoding="utf-8")
    return count


def mapping(tables: list[dict[str, str]]) -> str:
    """Return the RML mapping of the tables."""
    lines = [
        "@prefix rr: <http://www.w3.org/ns/r2rml#> .",
        "@prefix rml: <http://semweb.mmlab.be/ns/rml#> .",
        "@prefix ql: <http://semweb.mmlab.be/ns/ql#> .",
    ]
    for number, table in enumerate(tables):
        kind = table["kind"]
        terms = "rr:termType rr:IRI" if kind == "iri" else "rr:termType rr:Literal"
        if kind not in ("iri", "text"):
            terms = f"rr:datatype <{kind}>"
        lines.append(
            f"<urn:map:{number}> a rr:TriplesMap ;\n"
            f'  rml:logicalSource [ rml:source "{table["file"]}" ; rml:referenceFormulation ql:CSV ] ;\n'
            f'  rr:subjectMap [ rml:reference "about" ; rr:termType rr:IRI ] ;\n'
            f"  rr:predicateObjectMap [ rr:predicate <{table['predicate']}> ;\n"
            f'    rr:objectMap [ rml:reference "said" ; {terms} ] ] .'
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(prepare(Path(sys.argv[1]), Path(sys.argv[2])))
