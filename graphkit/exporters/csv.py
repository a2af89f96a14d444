"""CSV for people and their spreadsheets (RFC 4180, UTF-8): no cell is a formula, and a list is a JSON array."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import IO, TYPE_CHECKING, Any

from graphkit.exporters import tables
from graphkit.exporters.flat import json_text, plain
from graphkit.files.spreadsheet_cells import harmless

if TYPE_CHECKING:
    import networkx as nx


def write(graph: nx.MultiDiGraph[str], nodes: IO[bytes], edges: IO[bytes], *, bom: bool) -> None:
    """Write the tables of nodes and edges, with `bom` after the mark by which old spreadsheets know UTF-8."""
    _write(nodes, tables.NODES, tables.node_rows(graph), bom=bom)
    _write(edges, tables.EDGES, tables.edge_rows(graph), bom=bom)


def _write(stream: IO[bytes], columns: Iterable[tables.Column], rows: Iterable[tables.Row], *, bom: bool) -> None:
    text = io.TextIOWrapper(stream, encoding="utf-8-sig" if bom else "utf-8", newline="")
    writer = csv.writer(text)
    writer.writerow([column.name for column in columns])
    for row in rows:
        writer.writerow([_cell(value) for value in row.values()])
    text.detach()


def _cell(value: Any) -> str | int | None:
    """Return what stands in a cell; what is unknown leaves it empty."""
    value = plain(value)
    if isinstance(value, list):
        return json_text(value) if value else None
    return harmless(value) if isinstance(value, str) else value
