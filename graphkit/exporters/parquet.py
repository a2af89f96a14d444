"""Parquet, written by pyarrow: nodes and edges, with the columns and types that a Spark build writes."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from graphkit.exporters import tables
from graphkit.records.attributes import ValueType

if TYPE_CHECKING:
    import networkx as nx

    from graphkit.exporters.registry import ExportOptions, Files

ROW_GROUP = 100_000
"""Rows in a group, which readers load as a whole."""


def write(graph: nx.MultiDiGraph[str], files: Files, options: ExportOptions) -> None:
    """Write the tables of nodes and edges."""
    import pyarrow as pa
    from pyarrow import parquet

    text, long = pa.string(), pa.int64()
    types = {
        ValueType.TEXT: text,
        ValueType.INTEGER: long,
        ValueType.SMALL_INTEGER: pa.int32(),
        ValueType.MOMENT: pa.timestamp("us", tz="UTC"),
        ValueType.TEXTS: pa.list_(text),
        ValueType.VARIANTS: pa.list_(pa.struct({"relation": text, "url": text})),
        ValueType.IMAGES: pa.list_(pa.struct({"url": text, "width": long, "height": long})),
        ValueType.PLACES: pa.list_(pa.struct({"file": text, "pointer": text})),
    }
    policy = {"graphkit.policy": str(graph.graph.get("policy", ""))}
    for stream, (columns, rows) in zip(files.values(), tables.both_tables(graph), strict=True):
        schema = pa.schema([(column.name, types[column.type]) for column in columns], metadata=policy)
        with parquet.ParquetWriter(stream, schema, compression="zstd") as writer:
            while group := list(islice(rows, ROW_GROUP)):
                writer.write_table(pa.Table.from_pylist(group, schema=schema), row_group_size=ROW_GROUP)
