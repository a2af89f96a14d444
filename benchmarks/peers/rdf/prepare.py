"""Prepare what the peers map: JSON as a person who maps coverage would have it, decoded, identified and merged.

    python benchmarks/peers/rdf/prepare.py FOLDER TABLES

Mapping engines start where records are decoded and merged, and have no identity of articles. So graphkit builds the
graph, and what it says is handed to them as plain values, IRIs among them. None of that is timed, which favours them:
they read and write, where graphkit decodes, identifies and merges too. There is a table of objects for each class, with
the properties that have one value, and a table of pairs for each property that may have several.

`tables.json` names the tables, their properties and kinds of values. Two RML mappings say the same of all of them.
`mapping.ttl` refers to a value that is an IRI. `mapping-templates.ttl` is for SDM-RDFizer, which writes such an IRI
with `%2F` for each slash: there it is a template of nothing but the value, which other engines would encode. Neither
has `rr:predicate`, which is short for a constant predicate map: SDM-RDFizer pairs each of these with all references of
the mapping, and then spends nearly all of its time on that.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pyoxigraph as ox

import graphkit
from graphkit.rdf import vocabulary
from graphkit.rdf.serialization import triples

XSD_STRING = "http://www.w3.org/2001/XMLSchema#string"

Values = dict[tuple[str, str], list[str]]


def prepare(folder: Path, target: Path) -> int:
    """Write the tables, and return how many triples they hold."""
    target.mkdir(parents=True, exist_ok=True)
    subjects: dict[str, Values] = defaultdict(dict)
    count = 0
    for triple in triples(graphkit.build(folder).graph):
        value, subject = triple.object, triple.subject
        assert isinstance(subject, ox.NamedNode)
        assert isinstance(value, ox.NamedNode | ox.Literal)
        kind = "iri"
        if isinstance(value, ox.Literal):
            kind = "text" if value.datatype.value == XSD_STRING else value.datatype.value
        subjects[subject.value].setdefault((triple.predicate.value, kind), []).append(value.value)
        count += 1
    classes: dict[str, dict[str, Values]] = defaultdict(dict)
    for iri, values in subjects.items():
        name = values.get((vocabulary.TYPE, "iri"), ["none"])[0]
        classes[name][iri] = values
    tables: list[dict[str, Any]] = []
    for _, members in sorted(classes.items()):
        write_class(members, target, tables)
    (target / "tables.json").write_text(json.dumps(tables, indent=1), encoding="utf-8")
    for name, iri in (("mapping.ttl", 'rml:reference "{}"'), ("mapping-templates.ttl", 'rr:template "{{{}}}"')):
        (target / name).write_text(mapping(tables, iri=iri), encoding="utf-8")
    return count


def write_class(members: dict[str, Values], target: Path, tables: list[dict[str, Any]]) -> None:
    """Write the table of a class, and those of its properties that have several values."""
    single: set[tuple[str, str]] = set()
    several: set[tuple[str, str]] = set()
    for values in members.values():
        for column, found in values.items():
            (single if len(found) == 1 else several).add(column)
    columns = {column: f"p{number}" for number, column in enumerate(sorted(single - several))}
    rows = [
        {"about": iri, **{columns[column]: found[0] for column, found in values.items() if column in columns}}
        for iri, values in members.items()
    ]
    if columns:
        add_table(rows, columns, target, tables)
    for column in sorted(several):
        pairs = [{"about": iri, "p0": value} for iri, values in members.items() for value in values.get(column, ())]
        add_table(pairs, {column: "p0"}, target, tables)


def add_table(
    rows: list[dict[str, str]],
    columns: dict[tuple[str, str], str],
    target: Path,
    tables: list[dict[str, Any]],
) -> None:
    """Write one table."""
    path = target / f"table{len(tables):03}.json"
    path.write_text(json.dumps(rows), encoding="utf-8")
    described = [[predicate, kind, name] for (predicate, kind), name in columns.items()]
    tables.append({"file": str(path.resolve()), "columns": described})


def mapping(tables: list[dict[str, Any]], *, iri: str) -> str:
    """Return the RML mapping of the tables; `iri` is how the value of a column is had that is an IRI."""
    lines = [
        "@prefix rr: <http://www.w3.org/ns/r2rml#> .",
        "@prefix rml: <http://semweb.mmlab.be/ns/rml#> .",
        "@prefix ql: <http://semweb.mmlab.be/ns/ql#> .",
    ]
    for number, table in enumerate(tables):
        objects = []
        for predicate, kind, name in table["columns"]:
            value = f'rml:reference "{name}" ; rr:datatype <{kind}>'
            if kind == "iri":
                value = f"{iri.format(name)} ; rr:termType rr:IRI"
            elif kind == "text":
                value = f'rml:reference "{name}" ; rr:termType rr:Literal'
            objects.append(
                f"  rr:predicateObjectMap [ rr:predicateMap [ rr:constant <{predicate}> ] ; rr:objectMap [ {value} ] ]"
            )
        source = f'rml:source "{table["file"]}" ; rml:referenceFormulation ql:JSONPath ; rml:iterator "$[*]"'
        lines.append(
            f"<urn:map:{number}> a rr:TriplesMap ;\n  rml:logicalSource [ {source} ] ;\n"
            f'  rr:subjectMap [ rml:reference "about" ; rr:termType rr:IRI ] ;\n' + " ;\n".join(objects) + " .\n"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    print(prepare(Path(sys.argv[1]), Path(sys.argv[2])))
