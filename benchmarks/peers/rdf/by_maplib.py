"""Map the tables with maplib: python by_maplib.py TABLES OUTPUT."""

import json
import sys
from pathlib import Path

import maplib
import polars as pl

PREFIXES = (
    "@prefix t: <urn:t:> . @prefix ottr: <http://ns.ottr.xyz/0.4/> . "
    "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
)

if __name__ == "__main__":
    tables, output = Path(sys.argv[1]), Path(sys.argv[2])
    model = maplib.Model()
    for number, table in enumerate(json.loads((tables / "tables.json").read_text())):
        names = ["about", *(name for _, _, name in table["columns"])]
        frame = pl.read_json(table["file"], schema=dict.fromkeys(names, pl.String))
        parameters, triples = ["ottr:IRI ?about"], []
        for predicate, kind, name in table["columns"]:
            of = {"iri": "ottr:IRI", "text": "xsd:string"}.get(kind) or f"xsd:{kind.rpartition('#')[2]}"
            if of == "xsd:integer":
                frame = frame.with_columns(pl.col(name).cast(pl.Int64))
            if of == "xsd:dateTime":
                frame = frame.with_columns(pl.col(name).str.to_datetime(time_zone="UTC"))
            parameters.append(f"? {of} ?{name}")
            triples.append(f"ottr:Triple(?about, <{predicate}>, ?{name})")
        model.add_template(f"{PREFIXES}t:T{number} [ {', '.join(parameters)} ] :: {{ {', '.join(triples)} }} .")
        model.map(f"urn:t:T{number}", frame)
    model.write(str(output), format="ntriples")
