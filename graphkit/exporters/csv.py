"""CSV for people and their spreadsheets (RFC 4180, UTF-8): no cell is a formula, and a list is a JSON array."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from graphkit.exporters import tables
from graphkit.exporters.plain_values import one_line_json, plain
from graphkit.files.spreadsheet_cells import harmless

if TYPE_CHECKING:
    import networkx as nx

    from graphkit.exporters.registry import ExportOptions, Files


def write(graph: nx.MultiDiGraph[str], files: Files, options: ExportOptions) -> None:
    """Write the tables of nodes and edges, after a byte order mark for old spreadsheets if `options.bom` is true."""
    for stream, (columns, rows) in zip(files.values(), tables.both_tables(graph), strict=True):
        text = io.TextIOWrapper(stream, encoding="utf-8-sig" if options.bom else "utf-8", newline="")
        writer = csv.writer(text)
        writer.writerow([column.name for column in columns])
        writer.writerows([_cell(value) for value in row.values()] for row in rows)
        text.detach()


def _cell(value: Any) -> str | int | None:
    """Return the text or number of a cell, None if the value is unknown."""
    value = plain(value)
    if isinstance(value, list):
        return one_line_json(value) if value else None
    return harmless(value) if isinstance(value, str) else value
