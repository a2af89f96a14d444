"""Map the tables with maplib: python by_maplib.py TABLES OUTPUT."""

import json
import sys
from pathlib import Path

import maplib
import polars as pl

if __name__ == "__main__":
    tables, output = Path(sys.argv[1]), Path(sys.argv[2])
    model = maplib.Model()
    for table in json.loads((tables / "tables.json").read_text()):
        frame = pl.read_csv(table["file"], infer_schema=False)
        kind = table["kind"]
        is_number = kind.endswith("#integer")
        value = "xsd:integer" if is_number else None
        if is_number:
            frame = frame.with_columns(pl.col("said").cast(pl.Int64))
        if kind.endswith("#dateTime"):
            frame = frame.with_columns(pl.col("said").str.to_datetime(time_zone="UTC"))
        objects = (
            "ottr:IRI" if kind == "iri" else value or ("xsd:dateTime" if kind.endswith("#dateTime") else "xsd:string")
        )
        name = f"t:T{Path(table['file']).stem}"
        model.add_template(
            "@prefix t: <urn:t:> . @prefix ottr: <http://ns.ottr.xyz/0.4/> . "
            "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
            f"{name} [ ottr:IRI ?about, {objects} ?said ] :: "
            f"{{ ottr:Triple(?about, <{table['predicate']}>, ?said) }} ."
        )
        model.map(name.replace("t:", "urn:t:"), frame)
    model.write(str(output), format="ntriples")
