"""CSV with the headers of ``neo4j-admin database import``, and a file with its arguments.

Every text is quoted, as the importer trims unquoted text and reads an empty one as unknown. Elements of an array are
separated by U+001F, which no record's text holds.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from graphkit.exporters import tables
from graphkit.exporters.tables import Row
from graphkit.records.attributes import ARTICLE, PROVIDER, TOPIC, Attribute, ValueType
from graphkit.records.dates import utc_text

if TYPE_CHECKING:
    import networkx as nx

    from graphkit.exporters.export_options import ExportOptions, Files

SEPARATOR = "\x1f"

Cell = str | int | list[str] | None
Header = tuple[tuple[str, Callable[[Row], Cell]], ...]
"""The name of each column, and the function from a row to its cell."""


class CellWriter:
    """Writes cells; `replaced` counts the elements of arrays in which U+FFFD replaces the separator."""

    def __init__(self) -> None:
        self.replaced = 0

    def line(self, cells: Iterable[Cell]) -> str:
        """Return a line of the file."""
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


def write(graph: nx.MultiDiGraph[str], files: Files, options: ExportOptions) -> str:
    """Write articles, providers, topics, relationships and the arguments."""
    cells = CellWriter()
    *node_files, relationship_file, _ = files
    *streams, arguments = files.values()
    texts = [io.TextIOWrapper(stream, encoding="utf-8", newline="") for stream in streams]
    by_kind = dict(zip(HEADERS, texts, strict=True))
    for kind, text in by_kind.items():
        text.write(",".join(name for name, _ in HEADERS[kind]) + "\n")
    for row in tables.node_rows(graph):
        kind = row["kind"]
        by_kind[kind].write(cells.line(cell(row) for _, cell in HEADERS[kind]))
    for row in tables.edge_rows(graph):
        by_kind["relationship"].write(cells.line(cell(row) for _, cell in HEADERS["relationship"]))
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
    return f"U+FFFD stands for U+001F, which parts elements, in {number:,} texts of arrays" if number else ""


def _of(name: str) -> Callable[[Row], Cell]:
    def cell(row: Row) -> Cell:
        value = row[name]
        return list(value) if isinstance(value, tuple) else value

    return cell


def _moment(name: str) -> Callable[[Row], Cell]:
    return lambda row: row[name] and utc_text(row[name])


def _variants(relation: str) -> Callable[[Row], Cell]:
    return lambda row: [url for of, url in row["variants"] or () if of == relation]


def _images(name: str) -> Callable[[Row], Cell]:
    """Return the function from a row to one field of all its images; an unknown size is 0."""
    return lambda row: [str(image.get(name, 0)) for image in row["images"] or ()]


def _files(row: Row) -> Cell:
    return [name for name, _ in row["sources"] or ()]


def _pointers(row: Row) -> Cell:
    """Return JSON Pointers as fragments, which are never empty; None if no pointer is known."""
    pointers = [f"#{pointer}" for _, pointer in row["sources"] or ()]
    return pointers if set(pointers) - {"#"} else None


def _columns(attribute: Attribute) -> Header:
    """Return the columns of an attribute: several if the importer has no type for its values."""
    name = attribute.name
    match attribute.type:
        case ValueType.VARIANTS:
            return (
                ("amp_pages:string[]", _variants("amphtml")),
                ("cached_copies:string[]", _variants("cachedCopy")),
                ("originals:string[]", _variants("original")),
            )
        case ValueType.IMAGES:
            return (
                ("images:string[]", _images("url")),
                ("image_widths:long[]", _images("width")),
                ("image_heights:long[]", _images("height")),
            )
        case ValueType.PLACES:
            return _SOURCES
        case ValueType.MOMENT:
            return ((f"{name}:datetime", _moment(name)),)
        case kind:
            return ((f"{name}:{_TYPES[kind]}", _of(name)),)


_TYPES = {ValueType.TEXT: "string", ValueType.TEXTS: "string[]", ValueType.INTEGER: "long"}
_SOURCES: Header = (("sources:string[]", _files), ("source_pointers:string[]", _pointers))


def _nodes(label: str, attributes: Iterable[Attribute]) -> Header:
    columns = (column for attribute in attributes for column in _columns(attribute))
    return (("id:ID", _of("id")), (":LABEL", lambda _: label), *columns)


HEADERS: Mapping[str, Header] = {
    "article": _nodes("Article", ARTICLE),
    "provider": _nodes("Provider", PROVIDER),
    "topic": _nodes("Topic", TOPIC),
    "relationship": (
        (":START_ID", _of("src")),
        (":END_ID", _of("dst")),
        (":TYPE", lambda row: row["kind"].upper()),
        ("label:string", _of("label")),
        ("rank:long", _of("rank")),
        *_SOURCES,
    ),
}
"""The columns of each file. A relationship's sources are the files that list it."""
