"""CSV with the headers of ``neo4j-admin database import``, and a file with its arguments.

Every text is quoted, as the importer trims unquoted text and reads an empty one as unknown. Elements of an array are
separated by U+001F, which no record's text holds.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from graphkit.exporters import tables
from graphkit.records.attributes import NODE_ATTRIBUTES, ValueType
from graphkit.records.dates import utc_text

if TYPE_CHECKING:
    import networkx as nx

    from graphkit.exporters.registry import ExportOptions, Files

SEPARATOR = "\x1f"

Cell = str | int | list[str] | None
Header = tuple[tuple[str, str, Callable[[Any], Cell]], ...]
"""The name of each column, the attribute that it states, and the function from a known value to its cell."""


class CellWriter:
    """Writes cells; `replaced` counts the elements of arrays in which U+FFFD replaces the separator."""

    def __init__(self) -> None:
        self.replaced = 0

    def line(self, header: Header, row: tables.Row) -> str:
        """Return a line of the file."""
        cells = (None if row[name] is None else cell(row[name]) for _, name, cell in header)
        return ",".join(map(self._cell, cells)) + "\n"

    def _cell(self, cell: Cell) -> str:
        if cell is None or cell == []:
            return ""
        if isinstance(cell, int):
            return str(cell)
        text = SEPARATOR.join(map(self._element, cell)) if isinstance(cell, list) else cell
        return '"' + text.replace('"', '""') + '"'

    def _element(self, text: str) -> str:
        self.replaced += SEPARATOR in text
        return text.replace(SEPARATOR, "\ufffd")


def write(graph: nx.MultiDiGraph[str], files: Files, options: ExportOptions) -> str | None:
    """Write articles, providers, topics, relationships and the arguments."""
    cells = CellWriter()
    *node_files, relationship_file, _ = files
    *streams, arguments = files.values()
    texts = [io.TextIOWrapper(stream, encoding="utf-8", newline="") for stream in streams]
    by_kind = dict(zip(HEADERS, texts, strict=True))
    for kind, text in by_kind.items():
        text.write(",".join(name for name, *_ in HEADERS[kind]) + "\n")
    for row in tables.node_rows(graph):
        by_kind[row["kind"]].write(cells.line(HEADERS[row["kind"]], row))
    for row in tables.edge_rows(graph):
        by_kind["relationship"].write(cells.line(HEADERS["relationship"], row))
    for text in texts:
        text.detach()
    lines = [
        *(f"--nodes={name}" for name in node_files),
        f"--relationships={relationship_file}",
        "--array-delimiter=U+001F",
        "--multiline-fields=true",
    ]
    arguments.write("".join(f"{line}\n" for line in lines).encode())
    number = cells.replaced
    return f"U+FFFD stands for U+001F, which parts elements, in {number:,} texts of arrays" if number else None


def _addresses(relation: str) -> Callable[[Any], Cell]:
    return lambda variants: [url for of, url in variants if of == relation]


def _of_images(name: str) -> Callable[[Any], Cell]:
    """Return the function from images to one field of each; an unknown size is 0."""
    return lambda images: [str(image.get(name, 0)) for image in images]


def _pointers(places: Iterable[tuple[str, str]]) -> Cell:
    """Return JSON Pointers as fragments, which are never empty; None if no pointer is known."""
    pointers = [f"#{pointer}" for _, pointer in places]
    return pointers if set(pointers) - {"#"} else None


_COLUMNS: Mapping[ValueType, tuple[tuple[str, Callable[[Any], Cell]], ...]] = {
    ValueType.TEXT: (("{}:string", str),),
    ValueType.TEXTS: (("{}:string[]", list),),
    ValueType.INTEGER: (("{}:long", int),),
    ValueType.SMALL_INTEGER: (("{}:long", int),),
    ValueType.MOMENT: (("{}:datetime", utc_text),),
    ValueType.VARIANTS: (
        ("amp_pages:string[]", _addresses("amphtml")),
        ("cached_copies:string[]", _addresses("cachedCopy")),
        ("originals:string[]", _addresses("original")),
    ),
    ValueType.IMAGES: (
        ("images:string[]", _of_images("url")),
        ("image_widths:long[]", _of_images("width")),
        ("image_heights:long[]", _of_images("height")),
    ),
    ValueType.PLACES: (
        ("sources:string[]", lambda places: [name for name, _ in places]),
        ("source_pointers:string[]", _pointers),
    ),
}
"""The columns of each type of values: several if the importer has no such type."""


def _header(start: Header, columns: Iterable[tables.Column]) -> Header:
    ends = ((title.format(name), name, cell) for name, type, _ in columns for title, cell in _COLUMNS[type])
    return (*start, *ends)


HEADERS: Mapping[str, Header] = {
    **{
        kind: _header(
            (("id:ID", "id", str), (":LABEL", "kind", str.capitalize)),
            (column for column in tables.NODES if column.of == kind),
        )
        for kind in NODE_ATTRIBUTES
    },
    "relationship": _header(
        ((":START_ID", "src", str), (":END_ID", "dst", str), (":TYPE", "kind", str.upper)),
        (column for column in tables.EDGES if column.of),
    ),
}
"""The columns of each file. A relationship's sources are the files that list it."""
