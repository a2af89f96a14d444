"""CSV for people and their spreadsheets (RFC 4180, UTF-8): no cell is a formula, and a list is a JSON array."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import IO, TYPE_CHECKING, Any

from graphkit.exporters import tables
from graphkit.exporters.plain_values import one_line_json, plain
from graphkit.files.spreadsheet_cells import harmless

if TYPE_CHECKING:
    import networkx as nx

    from graphkit.exporters.export_options import ExportOptions, Files


def write(graph: nx.MultiDiGraph[str], files: Files, options: ExportOptions) -> str:
    """Write the tables of nodes and edges, with `bom` after the mark by which old spreadsheets know UTF-8."""
    nodes, edges = files.values()
    _write(nodes, tables.NODES, tables.node_rows(graph), bom=options.bom)
    _write(edges, tables.EDGES, tables.edge_rows(graph), bom=options.bom)
    return ""


def _write(stream: IO[bytes], columns: Iterable[tables.Column], rows: Iterable[tables.Row], *, bom: bool) -> None:
    text = io.TextIOWrapper(stream, encoding="utf-8-sig" if bom else "utf-8", newline="")
    writer = csv.writer(text)
    writer.writerow([column.name for column in columns])
    for row in rows:
        writer.writerow([_cell(value) for value in row.values()])
    text.detach()


def _cell(value: Any) -> str | int | None:
    """Return the text or number of a cell, None if the value is unknown."""
    value = plain(value)
    if isinstance(value, list):
        return one_line_json(value) if value else None
    return harmless(value) if isinstance(value, str) else value
