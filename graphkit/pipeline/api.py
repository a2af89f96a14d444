"""The pipeline: the doors to building. It knows the order of the stages, or has the engine know it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from functools import lru_cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import msgspec

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.errors import NothingReadable, UsageError
from graphkit.exporters.registry import FILE_NAMES
from graphkit.files.atomic import json_text, remove, remove_left, replacing, write_text
from graphkit.files.compression import GZ, compressing
from graphkit.garbage_collection import collector_paused
from graphkit.pipeline.local import in_memory
from graphkit.pipeline.local.blob_store import Damaged
from graphkit.pipeline.local.build_options import BuildOptions, StageProgress
from graphkit.pipeline.local.build_result import BuildResult
from graphkit.pipeline.local.build_steps import local_build
from graphkit.pipeline.local.in_memory import RecordsRead
from graphkit.pipeline.local.turtle_writer import export_stamp
from graphkit.rdf.dataset import about
from graphkit.rdf.serialization import check_base, convert, description, rdf_bytes, write_rdf
from graphkit.rdf.syntaxes import EXPORT_SYNTAXES, QUADS
from graphkit.rdf.vocabulary import DEFAULT_BASE
from graphkit.sources import contents, finding

if TYPE_CHECKING:
    import networkx as nx

Source = str | Path
Sources = Source | Iterable[Source]
Progress = Callable[[int, int], None]
"""Called with the number of files read so far and the number of all."""

PATCH = ("coverage.patch.rq", "coverage.removed.nq", "coverage.added.nq")
"""The names of what tells the difference to the last build."""

VOID = "void"
"""The format that is the dataset's description by itself."""

EXPORTED = frozenset(
    {"coverage.html", *PATCH, *FILE_NAMES}
    | {
        f"{name}{end}"
        for name in ("void.ttl", *(f"coverage.{format}" for format in EXPORT_SYNTAXES))
        for end in ("", GZ)
    }
)
"""The names that an export may have, besides ``report.json``: those of the forms of other tools too."""

PAGE_NODES = 100_000
"""A page of more nodes than this is written only where it is asked for: it would have more than 12 MB."""


class Build(msgspec.Struct, frozen=True):
    """What a build gives: the graph, the report (plain values, ready for JSON) and all diagnostics, sorted."""

    graph: nx.MultiDiGraph[str]
    report: dict[str, Any]
    diagnostics: tuple[Diagnostic, ...]

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the graph to explore, in a frame that can reach nothing else."""
        from graphkit.page.notebook import framed

        return framed(self.graph)


class Published(msgspec.Struct, frozen=True):
    """What was built and written: the report, all diagnostics, sorted, and the files.

    `read` is the number of files that had to be decoded, `reused` that of the others. `page_left_out` tells that the
    graph was too large for a page. The graph is there if it was made.
    """

    report: dict[str, Any]
    diagnostics: tuple[Diagnostic, ...]
    written: tuple[Path, ...]
    read: int
    reused: int
    page_left_out: bool
    graph: nx.MultiDiGraph[str] | None = None


def build(
    sources: Sources,
    *,
    published_only: bool = False,
    leave_out: Iterable[Source] = (),
    progress: Progress | None = None,
    jobs: int = 1,
) -> Build:
    """Build the graph of all records in `sources`: files, folders, patterns, or ``-`` for standard input.

    With `published_only`, records that say they are not published, or removed, are left out. `jobs` is the number of
    processes; a script that wants several must be importable, with ``if __name__ == "__main__":`` around the call.
    Raises `NothingReadable` where no record could be read; every other fault is a diagnostic.

    >>> import graphkit
    >>> graphkit.build("seeds").graph.number_of_nodes() > 100
    True
    """
    from graphkit.graph.construction import to_graph

    options = BuildOptions(
        jobs=_checked(jobs),
        published_only=published_only,
        turtle=False,
        wants_articles=lambda _: True,
        leave_out=tuple(map(str, leave_out)),
    )
    with collector_paused(), local_build(_listed(sources), options, progress=_reading(progress)) as built:
        _check_reported(built.report, built.diagnostics)
        assert built.merged is not None
        return Build(to_graph(built.merged), built.report, built.diagnostics)


def _reading(progress: Progress | None) -> StageProgress:
    """Return what tells `progress` of the first stage only."""

    def tell(stage: str, done: int, total: int) -> None:
        if progress is not None and stage == "Reading":
            progress(done, total)

    return tell


def _checked(jobs: int) -> int:
    if jobs < 1:
        raise UsageError(f"jobs: expected 1 or more processes, got {jobs}")
    return jobs


def _listed(names: Sources) -> tuple[Source, ...]:
    return (names,) if isinstance(names, str | Path) else tuple(names)


def _check_reported(told: dict[str, Any], diagnostics: tuple[Diagnostic, ...]) -> None:
    records = told["records"]
    _check_some(records["added"] + records["merged"], records, told["files"], diagnostics)


def _check_some(
    records: int, counts: dict[str, int], files: dict[str, int], diagnostics: tuple[Diagnostic, ...]
) -> None:
    """Raise `NothingReadable` where there is no record."""
    if records:
        return
    number = files["found"]
    first = f"; the first fault: {diagnostics[0]}" if diagnostics else ""
    left_out = f", {counts['left_out']:,} left out" if counts.get("left_out") else ""
    words = f"{number:,} file{'' if number == 1 else 's'}"
    raise NothingReadable(f"expected records in the sources, got none in {words}{left_out}{first}")


def check(names: Sources, *, progress: Progress | None = None) -> RecordsRead:
    """Read all records and nothing more. Raises `NothingReadable` where there was no record."""
    found = in_memory.read(finding.find(_listed(names)), published_only=False, progress=_reading(progress))
    records = len(found.corpus.mentions) + len(found.corpus.topics)
    _check_some(records, found.totals.counts, found.files, found.diagnostics)
    return found


def export(
    built: Build,
    folder: Source,
    *,
    formats: Iterable[str] = (),
    gzip: bool = False,
    base: str = DEFAULT_BASE,
    page: bool = True,
    title: str = "",
    licence: str = "",
    creators: Iterable[str] = (),
) -> list[Path]:
    """Write ``coverage.ttl``, ``coverage.html``, ``report.json`` and the other formats; return what was written.

    Of the RDF syntaxes only Turtle is written unless `formats` names more; ``void`` is the dataset's description by
    itself. `title`, `licence` (an IRI or an identifier of SPDX) and `creators` (names or IRIs) stand in it.
    With `gzip` the RDF files are compressed and end in ``.gz``. Each file is replaced as a whole; what an earlier
    export has left under a name that is not written this time is removed, so that a folder holds one build. Raises
    `OutputError` where a file cannot be written.
    """
    from graphkit.page.explorer import explore

    target, wanted = _target(folder, formats, base)
    said = about(title=title, licence=licence, creators=creators)
    written: list[Path] = []
    for format in wanted:
        path = target / _file_name(format, gzip=gzip)
        if format == VOID:
            with replacing(path) as stream, compressing(stream, gzip=gzip) as text:
                text.write(description(written[0], base, gzip=gzip))
        else:
            write_rdf(built.graph, path, format=format, base=base, gzip=gzip, about=said)
        written.append(path)
    if page:
        written.append(write_text(target / "coverage.html", explore(built.graph)))
    written.append(write_text(target / finding.REPORT, json_text(built.report)))
    _remove_others(target, written)
    return written


def publish(
    names: Sources,
    folder: Source,
    *,
    formats: Iterable[str] = (),
    gzip: bool = False,
    base: str = DEFAULT_BASE,
    page: bool | None = None,
    graph: bool | None = None,
    published_only: bool = False,
    jobs: int = 1,
    cache: bool = True,
    patch: bool = False,
    title: str = "",
    licence: str = "",
    creators: Iterable[str] = (),
    progress: StageProgress | None = None,
) -> Published:
    """Build from the sources and write what `export` writes, the same bytes, without holding the graph if it can.

    `title`, `licence` and `creators` are those of `export`. With `cache`, what was read is remembered in the folder, in
    a file ``.cache``, so that the next build reads only what changed. `page` None writes the page unless the graph has
    more than PAGE_NODES nodes. The graph is made where something is made of it, always with `graph`, and never where
    that is False: then memory stays bounded. `jobs` is the number of processes; see `build`. With `patch`, the
    difference to the last build is written too, see `write_patch`. Raises `NothingReadable` where no record could be
    read and `OutputError` where a file cannot be written.
    """
    target, wanted = _target(folder, formats, base)
    wants_quads = any(format in QUADS for format in wanted)
    if graph is False and (page or wants_quads):
        raise UsageError("no graph: expected neither a page nor nq nor trig, which are made of it, got one of them")
    options = BuildOptions(
        jobs=_checked(jobs),
        published_only=published_only,
        base=base,
        about=about(title=title, licence=licence, creators=creators),
        wants_articles=lambda nodes: (
            (bool(page or wants_quads) or (page is not False and nodes <= PAGE_NODES)) if graph is None else graph
        ),
        leave_out=(str(target), str(target / finding.REPORT)),
        read_stdin=lru_cache(maxsize=1)(contents.read_bytes),
    )

    def attempt(*, ignore_cached: bool) -> Published:
        with (
            collector_paused(),
            local_build(
                _listed(names), options, cache=target if cache else None, ignore_cached=ignore_cached, progress=progress
            ) as built,
            ExitStack() as files,
        ):
            return _written(built, files, target, wanted, options, gzip=gzip, page=page, graph=graph, patch=patch)

    remove_left(target)
    try:
        made = attempt(ignore_cached=False)
    except Damaged:  # what was remembered: without it everything is read again
        made = attempt(ignore_cached=True)
    _remove_others(target, made.written)
    return made


def _written(
    built: BuildResult,
    files: ExitStack,
    target: Path,
    wanted: list[str],
    options: BuildOptions,
    *,
    gzip: bool,
    page: bool | None,
    graph: bool | None,
    patch: bool,
) -> Published:
    """Write what was built; `files` puts all of it in its place in the end, when everything is written."""
    _check_reported(built.report, built.diagnostics)
    made = None
    if built.merged is not None:
        from graphkit.graph.construction import to_graph

        made = to_graph(built.merged)
    turtle = target / _file_name("ttl", gzip=gzip)
    written = [turtle]
    stream = files.enter_context(replacing(turtle))
    with compressing(stream, gzip=gzip) as text:
        exported = built.write(text, None if gzip else turtle)
    stream.flush()
    stamp = () if gzip else export_stamp(stream.fileno())
    if patch:
        from graphkit.rdf.patch import write_patch

        # Before the new export takes the place of the old one: a patch leads from what is there.
        old = next((path for path in (turtle, *_other_turtle(target, gzip=gzip)) if path.is_file()), None)
        written += write_patch(old, Path(stream.name), target, gzip=gzip).written
    for format in wanted:
        if format != "ttl":
            path = target / _file_name(format, gzip=gzip)
            _write_other(stream, files.enter_context(replacing(path)), format, made, options, gzip=gzip)
            written.append(path)
    with_page = page is not False and made is not None and bool(page or made.number_of_nodes() <= PAGE_NODES)
    if with_page and made is not None:
        from graphkit.page.explorer import explore

        path = target / "coverage.html"
        files.enter_context(replacing(path)).write(explore(made).encode("utf-8", "replace"))
        written.append(path)
    path = target / finding.REPORT
    files.enter_context(replacing(path)).write(json_text(built.report).encode("utf-8", "replace"))
    written.append(path)
    built.save_cache(exported, stamp)
    left_out = page is None and graph is not False and not with_page
    return Published(built.report, built.diagnostics, tuple(written), built.read, built.reused, left_out, made)


def _other_turtle(target: Path, *, gzip: bool) -> tuple[Path, ...]:
    return (target / _file_name("ttl", gzip=not gzip),)


def _write_other(
    turtle: IO[bytes],
    stream: IO[bytes],
    format: str,
    graph: nx.MultiDiGraph[str] | None,
    options: BuildOptions,
    *,
    gzip: bool,
) -> None:
    """Write another format: quads from the graph, all else from the Turtle that stands in an open file."""
    if format == VOID:
        with compressing(stream, gzip=gzip) as text:
            text.write(description(Path(turtle.name), options.base, gzip=gzip))
    elif format not in QUADS:
        convert(Path(turtle.name), stream, format, gzip=gzip)
    elif graph is not None:
        with compressing(stream, gzip=gzip) as text:
            text.write(rdf_bytes(graph, format=format, base=options.base, about=options.about))


def check_formats(formats: Iterable[str]) -> list[str]:
    """Return the formats to write, each once, Turtle first. Raises `UsageError` for one that is none."""
    wanted = list(dict.fromkeys(("ttl", *formats)))
    for format in wanted:
        if format != VOID and format not in EXPORT_SYNTAXES:
            raise UsageError(f"format: expected one of {', '.join((*EXPORT_SYNTAXES, VOID))}, got {format!r}")
    return wanted


def _target(folder: Source, formats: Iterable[str], base: str) -> tuple[Path, list[str]]:
    """Return the folder to write to and the formats, Turtle first."""
    target = Path(folder)
    wanted = check_formats((formats,) if isinstance(formats, str) else formats)
    check_base(base)
    if target.exists() and not target.is_dir():
        raise UsageError(f"{target}: expected a folder to write to, got a file")
    return target, wanted


def _file_name(format: str, *, gzip: bool) -> str:
    return ("void.ttl" if format == VOID else f"coverage.{format}") + (GZ if gzip else "")


def _remove_others(target: Path, written: Iterable[Path]) -> None:
    for name in sorted(EXPORTED - {path.name for path in written}):
        remove(target / name)
