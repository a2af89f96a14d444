"""Interchange: the graph in the forms that other tools read, a module for each.

graph ─┬─▶ flat, naming ─┬─▶ graphml, gexf          texts and numbers; a list is the text of a JSON array
       │                 └─▶ nodelink, cytoscape    JSON, a line for each node and each edge
       ├─▶ tables ─────────▶ csv, neo4j, parquet    rows and columns
       ├─▶ statements ─────▶ jsonld                 trees of schema.org
       └─▶ rdf                                      quads, where --provenance asks for them
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, NamedTuple

from graphkit.errors import MissingExtra, UsageError
from graphkit.files.atomic import remove_left, replacing
from graphkit.rdf.vocabulary import DEFAULT_BASE

if TYPE_CHECKING:
    import networkx as nx

Files = Sequence[IO[bytes]]


class ExportOptions(NamedTuple):
    """What is to be written: the graph, the base of its IRIs, and whether CSV begins with a byte order mark."""

    graph: nx.MultiDiGraph[str]
    base: str
    bom: bool


class Form(NamedTuple):
    """A form: the names of its files, and what writes them, which returns what there is to tell."""

    names: tuple[str, ...]
    write: Callable[[ExportOptions, Files], str]


class Written(NamedTuple):
    """The files that were written, and what there is to tell of them."""

    files: tuple[Path, ...]
    notes: tuple[str, ...]


def write_forms(
    graph: nx.MultiDiGraph[str],
    folder: str | Path,
    forms: Iterable[str],
    *,
    base: str = DEFAULT_BASE,
    bom: bool = False,
) -> Written:
    """Write the graph in some of FORMS. All files are replaced together, when everything is written.

    `base` is that of the IRIs in JSON-LD. With `bom`, CSV begins with a byte order mark. Raises `UsageError` for an
    unknown form or a graph that a form cannot hold, `OutputError` where a file cannot be written and `MissingExtra`
    where a form needs a package that is not installed.
    """
    wanted = [check_form(form) for form in dict.fromkeys(forms)]
    options = ExportOptions(graph, base, bom)
    written: list[Path] = []
    notes = []
    remove_left(Path(folder))
    with ExitStack() as files:
        for form in wanted:
            names, write = FORMS[form]
            paths = [Path(folder) / name for name in names]
            try:
                note = write(options, [files.enter_context(replacing(path)) for path in paths])
            except OverflowError as error:
                raise UsageError(
                    f"{form}: expected whole numbers of at most 64 bits in the graph, got {error}"
                ) from error
            written += paths
            notes += [f"{paths[0]}: {note}"] if note else []
    return Written(tuple(written), tuple(notes))


def check_form(form: str) -> str:
    """Return `form`, or raise `UsageError` where it is none of FORMS."""
    if form not in FORMS:
        raise UsageError(f"format: expected one of {', '.join(FORMS)}, got {form!r}")
    return form


def lack(form: str) -> str:
    """Return in a sentence what must be installed before a form can be written; nothing where nothing must."""
    if form != "parquet":
        return ""
    from graphkit.exporters import parquet

    try:
        parquet.check()
    except MissingExtra as error:
        return str(error)
    return ""


# What each form needs is imported where it is written: most exports want one or two of them.


def _graphml(options: ExportOptions, files: Files) -> str:
    from graphkit.exporters import graphml

    return _told(graphml.write(options.graph, files[0]))


def _gexf(options: ExportOptions, files: Files) -> str:
    from graphkit.exporters import gexf

    return _told(gexf.write(options.graph, files[0]))


def _told(number: int) -> str:
    if not number:
        return ""
    texts = "1 text holds" if number == 1 else f"{number:,} texts hold"
    return f"{texts} characters that XML does not keep; NAME.json has the exact text, as JSON"


def _cytoscape(options: ExportOptions, files: Files) -> str:
    from graphkit.exporters import cytoscape

    cytoscape.write(options.graph, files[0])
    return ""


def _nodelink(options: ExportOptions, files: Files) -> str:
    from graphkit.exporters import nodelink

    nodelink.write(options.graph, files[0])
    return ""


def _d3(options: ExportOptions, files: Files) -> str:
    from graphkit.exporters import nodelink

    nodelink.write_d3(options.graph, files[0])
    return ""


def _csv(options: ExportOptions, files: Files) -> str:
    from graphkit.exporters import csv

    csv.write(options.graph, *files, bom=options.bom)
    return ""


def _neo4j(options: ExportOptions, files: Files) -> str:
    from graphkit.exporters import neo4j

    number = neo4j.write(options.graph, FORMS["neo4j"].names, files)
    return f"U+FFFD stands for U+001F, which parts elements, in {number:,} texts of arrays" if number else ""


def _parquet(options: ExportOptions, files: Files) -> str:
    from graphkit.exporters import parquet

    parquet.write(options.graph, *files)
    return ""


def _jsonld(options: ExportOptions, files: Files) -> str:
    from graphkit.exporters import jsonld

    jsonld.write(options.graph, files[0], base=options.base)
    return ""


def _provenance(options: ExportOptions, files: Files) -> str:
    from graphkit.rdf.serialization import rdf_bytes

    edges = options.graph.edges(keys=True, data=True)
    related = [bool(data.get("sources")) for *_, kind, data in edges if kind == "related"]
    if not all(related):
        without = related.count(False)
        raise UsageError(
            "provenance: expected relations that tell which files list them, as coverage.nq and coverage.trig do, got "
            f"{without:,} of {len(related):,} that do not; graphkit build --provenance writes both files"
        )
    for name, stream in zip(FORMS["provenance"].names, files, strict=True):
        stream.write(rdf_bytes(options.graph, format=name.rpartition(".")[2], base=options.base))
    return ""


FORMS: Mapping[str, Form] = MappingProxyType(
    {
        "graphml": Form(("coverage.graphml",), _graphml),
        "gexf": Form(("coverage.gexf",), _gexf),
        "cytoscape": Form(("coverage.cyjs",), _cytoscape),
        "node-link": Form(("coverage.node-link.json",), _nodelink),
        "csv": Form(("coverage.nodes.csv", "coverage.edges.csv"), _csv),
        "neo4j": Form(
            (
                *(f"coverage.neo4j.{what}.csv" for what in ("articles", "providers", "topics", "relationships")),
                "coverage.neo4j.args",
            ),
            _neo4j,
        ),
        "parquet": Form(("coverage.nodes.parquet", "coverage.edges.parquet"), _parquet),
        "jsonld": Form(("coverage.schema.jsonld",), _jsonld),
        "d3": Form(("coverage.d3.json",), _d3),
        "provenance": Form(("coverage.trig", "coverage.nq"), _provenance),
    }
)
"""Forms by their names, each with its files."""

ALL = tuple(form for form in FORMS if form != "provenance")
"""The forms that any graph can have: provenance needs to know which file lists a relation."""

NAMES = frozenset(name for form in FORMS.values() for name in form.names)
"""The names of all files that a form has."""
