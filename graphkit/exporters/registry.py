"""The export formats: their files, the module that writes each, and what it is given."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from types import MappingProxyType
from typing import IO, NamedTuple

from graphkit.errors import UsageError

Files = Mapping[str, IO[bytes]]
"""The open files of a format by their names, in the order of its row in `FORMATS`."""


class ExportOptions(NamedTuple):
    """The base of the IRIs in JSON-LD and quads, and whether CSV begins with a byte order mark."""

    base: str
    bom: bool


class ExportFormat(NamedTuple):
    """A format: the module here that writes it, the names of its files, and the package that it needs, if any.

    The module has a function ``write(graph, files, options)``, which returns a note for the user, or None.
    """

    module: str
    files: tuple[str, ...]
    package: str = ""


FORMATS: Mapping[str, ExportFormat] = MappingProxyType(
    {
        "graphml": ExportFormat("graphml", ("coverage.graphml",)),
        "gexf": ExportFormat("gexf", ("coverage.gexf",)),
        "cytoscape": ExportFormat("cytoscape", ("coverage.cyjs",)),
        "node-link": ExportFormat("node_link", ("coverage.node-link.json",)),
        "csv": ExportFormat("csv", ("coverage.nodes.csv", "coverage.edges.csv")),
        "neo4j": ExportFormat(
            "neo4j",
            (
                *(f"coverage.neo4j.{what}.csv" for what in ("articles", "providers", "topics", "relationships")),
                "coverage.neo4j.args",
            ),
        ),
        "parquet": ExportFormat("parquet", ("coverage.nodes.parquet", "coverage.edges.parquet"), "pyarrow"),
        "jsonld": ExportFormat("jsonld", ("coverage.schema.jsonld",)),
        "d3": ExportFormat("d3", ("coverage.d3.json",)),
        "provenance": ExportFormat("provenance", ("coverage.trig", "coverage.nq")),
    }
)
"""The formats by their names."""

OF_ANY_GRAPH = tuple(name for name in FORMATS if name != "provenance")
"""The formats that every graph can be written in: provenance needs to know which files list a relation."""

FILE_NAMES = frozenset(name for format in FORMATS.values() for name in format.files)
"""The names of the files of all formats."""


def checked_format(name: str) -> str:
    """Return the name of a format. Raises `UsageError` if there is no such format."""
    if name not in FORMATS:
        raise UsageError(f"format: expected one of {', '.join(FORMATS)}, got {name!r}")
    return name


def missing_package(name: str) -> str:
    """Return a sentence about the package that must be installed to write a format, or ""."""
    package = FORMATS[name].package
    if not package or find_spec(package):
        return ""
    return f"{name.capitalize()} needs the package {package}: pip install {package}"
