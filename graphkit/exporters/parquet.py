"""Parquet, by pyarrow: nodes and edges, with the columns and types that a build on a cluster writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import IO, TYPE_CHECKING

from graphkit.exporters import tables
from graphkit.records.attributes import ValueType

if TYPE_CHECKING:
    import networkx as nx

    from graphkit.exporters.export_options import ExportOptions, Files

ROW_GROUP = 100_000
"""Rows to a group, which is what a reader takes in at once."""


def write(graph: nx.MultiDiGraph[str], files: Files, options: ExportOptions) -> str:
    """Write the tables of nodes and edges."""
    nodes, edges = files.values()
    policy = {"graphkit.policy": str(graph.graph.get("policy", ""))}
    _write(nodes, tables.NODES, tables.node_rows(graph), policy)
    _write(edges, tables.EDGES, tables.edge_rows(graph), policy)
    return ""


def _write(
    stream: IO[bytes], columns: Iterable[tables.Column], rows: Iterator[tables.Row], about: Mapping[str, str]
) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    place = pa.struct([("file", pa.string()), ("pointer", pa.string())])
    variant = pa.struct([("relation", pa.string()), ("url", pa.string())])
    image = pa.struct([("url", pa.string()), ("width", pa.int64()), ("height", pa.int64())])
    types = {
        ValueType.TEXT: pa.string(),
        ValueType.INTEGER: pa.int64(),
        ValueType.SMALL_INTEGER: pa.int32(),
        ValueType.MOMENT: pa.timestamp("us", tz="UTC"),
        ValueType.TEXTS: pa.list_(pa.string()),
        ValueType.VARIANTS: pa.list_(variant),
        ValueType.IMAGES: pa.list_(image),
        ValueType.PLACES: pa.list_(place),
    }
    schema = pa.schema([(column.name, types[column.type]) for column in columns], metadata=dict(about))
    with parquet.ParquetWriter(stream, schema, compression="zstd") as writer:
        while group := list(islice(rows, ROW_GROUP)):
            writer.write_table(pa.Table.from_pylist(group, schema=schema), row_group_size=ROW_GROUP)
