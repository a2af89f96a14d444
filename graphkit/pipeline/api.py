"""The public verbs: build a graph, check sources, export a graph, publish sources."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from functools import lru_cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import msgspec

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.errors import UsageError
from graphkit.files.atomic import json_text, remove_left, replacing, write_text
from graphkit.files.compression import compressing
from graphkit.garbage_collection import collector_paused
from graphkit.identity.identity_file import identity_paths, identity_rules
from graphkit.pipeline.build_files import PAGE, VOID, check_formats, file_name, remove_others
from graphkit.pipeline.local import in_memory
from graphkit.pipeline.local.blob_store import Damaged
from graphkit.pipeline.local.build_options import BuildOptions, StageProgress
from graphkit.pipeline.local.build_result import BuildResult
from graphkit.pipeline.local.in_memory import RecordsRead
from graphkit.pipeline.local.local_build import local_build
from graphkit.pipeline.report import check_records
from graphkit.rdf.dataset import about
from graphkit.rdf.serialization import check_base, convert, description, rdf_bytes, write_rdf
from graphkit.rdf.syntaxes import QUADS
from graphkit.rdf.vocabulary import DEFAULT_BASE
from graphkit.sources import contents, finding

if TYPE_CHECKING:
    import networkx as nx

Source = str | Path
Sources = Source | Iterable[Source]
Progress = Callable[[int, int], None]
"""Called with the number of files read so far and the number of all."""

PAGE_NODES = 100_000
"""A page of more nodes than this is written only on request: it would have more than 12 MB."""


class Build(msgspec.Struct, frozen=True):
    """What a build gives: the graph, the report (plain values, ready for JSON) and diagnostics, sorted.

    Of each file the first 100 diagnostics are there; the report counts all. `listing` are the files.
    """

    graph: nx.MultiDiGraph[str]
    report: dict[str, Any]
    diagnostics: tuple[Diagnostic, ...]
    listing: finding.SourceListing

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the graph to explore, in a frame that can reach nothing else."""
        from graphkit.page.notebook import framed

        return framed(self.graph)


class Published(msgspec.Struct, frozen=True):
    """What was built and written: the report, the first diagnostics of each file, sorted, and the files.

    `read` is the number of files that were decoded, `reused` the number of the others. With `page_left_out` the graph
    was too large for a page. `listing` are the files read from. The graph is None unless it was made.
    """

    report: dict[str, Any]
    diagnostics: tuple[Diagnostic, ...]
    written: tuple[Path, ...]
    read: int
    reused: int
    page_left_out: bool
    listing: finding.SourceListing
    graph: nx.MultiDiGraph[str] | None = None


def build(
    sources: Sources,
    *,
    published_only: bool = False,
    leave_out: Iterable[Source] = (),
    follow_links: bool = False,
    progress: Progress | None = None,
    jobs: int = 1,
    identity: Source | None = None,
) -> Build:
    """Build the graph of all records in `sources`: files, folders, patterns, or ``-`` for standard input.

    With `published_only`, records that say they are not published, or removed, are left out. A link in a folder that
    leads out of it is a diagnostic, unless `follow_links`. `identity` is a file such as identity.toml, by default the
    one beside the records. `jobs` is the number of processes; a script that wants several must be importable, with
    ``if __name__ == "__main__":`` around the call.
    Raises `NothingReadable` where no record could be read; every other fault is a diagnostic.

    >>> import graphkit
    >>> graphkit.build("seeds").graph.number_of_nodes() > 100
    True
    """
    from graphkit.graph.construction import to_graph

    names = _listed(sources)
    options = BuildOptions(
        jobs=_checked(jobs),
        published_only=published_only,
        turtle=False,
        wants_articles=lambda _: True,
        leave_out=(*map(str, leave_out), *identity_paths(names, identity)),
        rules=identity_rules(names, identity),
        follow_links=follow_links,
    )
    with collector_paused(), local_build(names, options, progress=_reading(progress)) as built:
        _check_reported(built)
        assert built.merged is not None
        return Build(to_graph(built.merged), built.report, built.diagnostics, built.listing)


def _reading(progress: Progress | None) -> StageProgress:
    """Return a function that calls `progress` for the first stage only."""

    def report(stage: str, done: int, total: int) -> None:
        if progress is not None and stage == "Reading":
            progress(done, total)

    return report


def _checked(jobs: int) -> int:
    if jobs < 1:
        raise UsageError(f"jobs: expected 1 or more processes, got {jobs}")
    return jobs


def _listed(names: Sources) -> tuple[Source, ...]:
    return (names,) if isinstance(names, str | Path) else tuple(names)


def _check_reported(result: BuildResult) -> None:
    counts = result.report["records"]
    check_records(
        counts["added"] + counts["merged"],
        files=result.report["files"]["found"],
        left_out=counts["left_out"],
        diagnostics=finding.placed(result.diagnostics[:1], result.listing),
    )


def check(
    names: Sources,
    *,
    follow_links: bool = False,
    progress: Progress | None = None,
    identity: Source | None = None,
) -> RecordsRead:
    """Read all records, and identity.toml, and do nothing else. Raises `NothingReadable` where there is no record."""
    sources = _listed(names)
    rules = identity_rules(sources, identity)
    listing = finding.find(sources, leave_out=identity_paths(sources, identity), follow_links=follow_links)
    found = in_memory.read(listing, published_only=False, progress=_reading(progress), rules=rules)
    records = len(found.corpus.mentions) + len(found.corpus.topics)
    check_records(
        records, files=len(found.listing.files), left_out=0, diagnostics=finding.placed(found.diagnostics[:1], listing)
    )
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
    itself. It has the `title`, `licence` (an IRI or an SPDX identifier) and `creators` (names or IRIs).
    With `gzip` the RDF files are compressed and end in ``.gz``. Each file is replaced as a whole; what an earlier
    export has left under a name that is not written this time is removed, so that a folder holds one build. Raises
    `OutputError` where a file cannot be written.
    """
    from graphkit.page.explorer import explore

    target, wanted = _target(folder, formats, base)
    dataset = about(title=title, licence=licence, creators=creators)
    written: list[Path] = []
    for format in wanted:
        path = target / file_name(format, gzip=gzip)
        if format == VOID:
            with replacing(path) as stream, compressing(stream, gzip=gzip) as text:
                text.write(description(written[0], base, gzip=gzip))
        else:
            write_rdf(built.graph, path, format=format, base=base, gzip=gzip, about=dataset)
        written.append(path)
    if page:
        written.append(write_text(target / PAGE, explore(built.graph)))
    written.append(write_text(target / finding.REPORT, json_text(built.report)))
    remove_others(target, written)
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
    follow_links: bool = False,
    jobs: int = 1,
    cache: bool = True,
    patch: bool = False,
    title: str = "",
    licence: str = "",
    creators: Iterable[str] = (),
    progress: StageProgress | None = None,
    identity: Source | None = None,
) -> Published:
    """Build from the sources and write what `export` writes, the same bytes, without holding the graph if possible.

    `title`, `licence` and `creators` are those of `export`. With `cache`, a file ``.cache`` in the folder keeps what
    was read, so that the next build reads only what changed. `page` None writes the page unless the graph has more than
    PAGE_NODES nodes. The graph is made if something needs it, always with `graph`, and never if that is False: then
    memory stays bounded. For `follow_links`, `jobs` and `identity` see `build`. With `patch`, the difference to the
    last build is written too, see `write_patch`. Raises `NothingReadable` if no record could be read and `OutputError`
    if a file cannot be written.
    """
    target, wanted = _target(folder, formats, base)
    sources = _listed(names)
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
        leave_out=(str(target), str(target / finding.REPORT), *identity_paths(sources, identity)),
        rules=identity_rules(sources, identity),
        follow_links=follow_links,
        read_stdin=lru_cache(maxsize=1)(contents.read_bytes),
    )

    def attempt(*, ignore_cached: bool) -> Published:
        with (
            collector_paused(),
            local_build(
                sources, options, cache=target if cache else None, ignore_cached=ignore_cached, progress=progress
            ) as built,
            ExitStack() as files,
        ):
            return _written(built, files, target, wanted, options, gzip=gzip, page=page, graph=graph, patch=patch)

    remove_left(target)
    try:
        made = attempt(ignore_cached=False)
    except Damaged:  # the cache: without it everything is read again
        made = attempt(ignore_cached=True)
    remove_others(target, made.written)
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
    """Write the result; the files take their places when `files` is closed, after all of them are written."""
    _check_reported(built)
    made = None
    if built.merged is not None:
        from graphkit.graph.construction import to_graph

        made = to_graph(built.merged)
    turtle = target / file_name("ttl", gzip=gzip)
    written = [turtle]
    stream = files.enter_context(replacing(turtle))
    with compressing(stream, gzip=gzip) as text:
        exported = built.write(text, None if gzip else turtle)
    stream.flush()
    if patch:
        from graphkit.rdf.patch import write_patch

        # Before the new export takes the place of the old one: a patch leads from what is there.
        names = (file_name("ttl", gzip=one) for one in (gzip, not gzip))
        old = next((target / name for name in names if (target / name).is_file()), None)
        written += write_patch(old, Path(stream.name), target, gzip=gzip).written
    for format in wanted:
        if format != "ttl":
            path = target / file_name(format, gzip=gzip)
            _write_other(stream, files.enter_context(replacing(path)), format, made, options, gzip=gzip)
            written.append(path)
    with_page = page is not False and made is not None and bool(page or made.number_of_nodes() <= PAGE_NODES)
    if with_page and made is not None:
        from graphkit.page.explorer import explore

        path = target / PAGE
        files.enter_context(replacing(path)).write(explore(made).encode("utf-8", "replace"))
        written.append(path)
    path = target / finding.REPORT
    files.enter_context(replacing(path)).write(json_text(built.report).encode("utf-8", "replace"))
    written.append(path)
    built.save_cache(exported, None if gzip else stream.fileno())
    left_out = page is None and graph is not False and not with_page
    return Published(
        built.report, built.diagnostics, tuple(written), built.read, built.reused, left_out, built.listing, made
    )


def _write_other(
    turtle: IO[bytes],
    stream: IO[bytes],
    format: str,
    graph: nx.MultiDiGraph[str] | None,
    options: BuildOptions,
    *,
    gzip: bool,
) -> None:
    """Write another format: quads from the graph, all others from the Turtle in an open file."""
    if format == VOID:
        with compressing(stream, gzip=gzip) as text:
            text.write(description(Path(turtle.name), options.base, gzip=gzip))
    elif format not in QUADS:
        convert(Path(turtle.name), stream, format, gzip=gzip)
    elif graph is not None:
        with compressing(stream, gzip=gzip) as text:
            text.write(rdf_bytes(graph, format=format, base=options.base, about=options.about))


def _target(folder: Source, formats: Iterable[str], base: str) -> tuple[Path, list[str]]:
    """Return the folder to write to and the formats, Turtle first."""
    target = Path(folder)
    wanted = check_formats((formats,) if isinstance(formats, str) else formats)
    check_base(base)
    if target.exists() and not target.is_dir():
        raise UsageError(f"{target}: expected a folder to write to, got a file")
    return target, wanted
