"""The files of an export: several formats at once, all replaced together."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

from graphkit.errors import MissingExtra, UsageError
from graphkit.exporters.registry import FORMATS, ExportOptions, checked_format, missing_package
from graphkit.files.atomic import remove_left, replacing
from graphkit.files.manifest import exclusive
from graphkit.files.written_beginnings import check_alike
from graphkit.rdf.vocabulary import DEFAULT_BASE

if TYPE_CHECKING:
    import networkx as nx


class WrittenFiles(NamedTuple):
    """The files that were written, and notes on them for the user."""

    files: tuple[Path, ...]
    notes: tuple[str, ...]


def write_formats(
    graph: nx.MultiDiGraph[str],
    folder: str | Path,
    formats: Iterable[str],
    *,
    base: str = DEFAULT_BASE,
    bom: bool = False,
    force: bool = False,
) -> WrittenFiles:
    """Write the graph in some of `registry.FORMATS`. All files are replaced together, when everything is written.

    `base` is that of the IRIs in JSON-LD and quads. With `bom`, CSV begins with a byte order mark. Raises `UsageError`
    for an unknown format or a graph that a format cannot hold, `OutputError` if a file cannot be written, if another
    command writes to the folder or, unless `force`, if a file there begins otherwise than the new one, and
    `MissingExtra` if a format needs a package that is not installed.
    """
    wanted = [checked_format(name) for name in dict.fromkeys(formats)]
    for missing in filter(None, map(missing_package, wanted)):
        raise MissingExtra(missing)
    options = ExportOptions(base, bom)
    written: list[Path] = []
    notes = []
    remove_left(Path(folder))
    with exclusive(Path(folder)), ExitStack() as stack:
        streams: dict[Path, IO[bytes]] = {}
        for name in wanted:
            module, names, _ = FORMATS[name]
            paths = [Path(folder) / file for file in names]
            files = {path.name: stack.enter_context(replacing(path)) for path in paths}
            try:
                note = import_module(f"graphkit.exporters.{module}").write(graph, files, options)
            except OverflowError as error:
                raise UsageError(
                    f"{name}: expected whole numbers of at most 64 bits in the graph, got {error}"
                ) from error
            written += paths
            streams.update(zip(paths, files.values(), strict=True))
            notes += [f"{paths[0]}: {note}"] if note else []
        for path, stream in streams.items():
            stream.flush()
            check_alike(path, Path(stream.name), force=force)
    return WrittenFiles(tuple(written), tuple(notes))
