"""The public verbs: build a graph, check sources, export a graph, publish sources."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import msgspec

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.errors import UsageError
from graphkit.files.atomic import remove_left
from graphkit.files.compression import compressing
from graphkit.files.manifest import REPORT, check_replaceable, exclusive
from graphkit.garbage_collection import collector_paused
from graphkit.identity.identity_file import identity_paths, identity_rules
from graphkit.pipeline.build_files import PAGE, PATCH, VOID, OpenFile, check_formats, file_name, replacing_export
from graphkit.pipeline.local import in_memory
from graphkit.pipeline.local.blob_store import Damaged
from graphkit.pipeline.local.build_options import BuildOptions, StageProgress
from graphkit.pipeline.local.build_result import BuildResult
from graphkit.pipeline.local.in_memory import RecordsRead
from graphkit.pipeline.local.local_build import local_build
from graphkit.pipeline.report import check_records
from graphkit.rdf.dataset import about
from graphkit.rdf.serialization import check_base, convert, description, rdf_bytes
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
    was too large for a page. `listing` are the files read from. The graph is None unless it was made. `removed` are
    files of an earlier build.
    """

    report: dict[str, Any]
    diagnostics: tuple[Diagnostic, ...]
    written: tuple[Path, ...]
    read: int
    reused: int
    page_left_out: bool
    listing: finding.SourceListing
    graph: nx.MultiDiGraph[str] | None = None
    removed: tuple[Path, ...] = ()


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
    force: bool = False,
) -> list[Path]:
    """Write ``coverage.ttl``, ``coverage.html``, ``report.json`` and the other formats; return what was written.

    Of the RDF syntaxes only Turtle is written unless `formats` names more; ``void`` is the dataset's description by
    itself. It has the `title`, `licence` (an IRI or an SPDX identifier) and `creators` (names or IRIs).
    With `gzip` the RDF files are compressed and end in ``.gz``. All files are replaced together, and files of an
    earlier export that are not written this time are removed, so that a folder holds one build. Raises `OutputError`
    where a file cannot be written, where another command writes to the folder and, unless `force`, where a file of
    such a name is not as graphkit wrote it.
    """
    from graphkit.page.explorer import explore

    target, wanted = _target(folder, formats, base)
    dataset = about(title=title, licence=licence, creators=creators)
    names = [*(file_name(format, gzip=gzip) for format in wanted), *([PAGE] if page else [])]
    with exclusive(target):
        check_replaceable(target, [*names, REPORT], force=force)
        with replacing_export(target, built.report, []) as open_file:
            streams = {name: open_file(name) for name in names}
            for format in wanted:
                stream = streams[file_name(format, gzip=gzip)]
                with compressing(stream, gzip=gzip) as text:
                    if format == VOID:
                        text.write(description(Path(streams[names[0]].name), base, gzip=gzip))
                    else:
                        text.write(rdf_bytes(built.graph, format=format, base=base, about=dataset))
                stream.flush()
            if page:
                streams[PAGE].write(explore(built.graph).encode("utf-8", "replace"))
    return [target / name for name in (*names, REPORT)]


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
    force: bool = False,
) -> Published:
    """Build from the sources and write what `export` writes, the same bytes, without holding the graph if possible.

    `title`, `licence`, `creators` and `force` are those of `export`, `follow_links`, `jobs` and `identity` those of
    `build`. With `cache`, a file ``.cache`` in the folder keeps what was read, so that the next build reads only what
    changed. `page` None writes the page unless the graph has more than PAGE_NODES nodes. The graph is made if something
    needs it, always with `graph`, and never if that is False: then memory stays bounded. With `patch`, the difference
    to the last build is written too, see `write_patch`. Raises `NothingReadable` if no record could be read, and
    `OutputError` as `export` does.
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
        leave_out=(str(target), str(target / REPORT), *identity_paths(sources, identity)),
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
        ):
            return _written(built, target, wanted, options, gzip=gzip, page=page, graph=graph, patch=patch)

    replaced = [REPORT, *(file_name(format, gzip=gzip) for format in wanted)]
    replaced += [*([PAGE] if page is not False and graph is not False else []), *(PATCH if patch else [])]
    with exclusive(target):
        check_replaceable(target, replaced, force=force)
        remove_left(target)
        try:
            return attempt(ignore_cached=False)
        except Damaged:  # the cache: without it everything is read again
            return attempt(ignore_cached=True)


def _written(
    built: BuildResult,
    target: Path,
    wanted: list[str],
    options: BuildOptions,
    *,
    gzip: bool,
    page: bool | None,
    graph: bool | None,
    patch: bool,
) -> Published:
    """Write the result; the files take their places after all of them are written."""
    _check_reported(built)
    made = None
    if built.merged is not None:
        from graphkit.graph.construction import to_graph

        made = to_graph(built.merged)
    removed: list[Path] = []
    with replacing_export(target, built.report, removed) as open_file:
        names = _write_files(built, made, open_file, target, wanted, options, gzip=gzip, page=page, patch=patch)
    left_out = page is None and graph is not False and PAGE not in names
    written = tuple(target / name for name in (*names, REPORT))
    return Published(
        built.report,
        built.diagnostics,
        written,
        built.read,
        built.reused,
        left_out,
        built.listing,
        made,
        tuple(removed),
    )


def _write_files(
    built: BuildResult,
    graph: nx.MultiDiGraph[str] | None,
    open_file: OpenFile,
    target: Path,
    wanted: list[str],
    options: BuildOptions,
    *,
    gzip: bool,
    page: bool | None,
    patch: bool,
) -> list[str]:
    """Write all files but the report, save the cache, and return the files' names."""
    names = [file_name("ttl", gzip=gzip)]
    stream = open_file(names[0])
    with compressing(stream, gzip=gzip) as text:
        exported = built.write(text, None if gzip else target / names[0])
    stream.flush()
    if patch:
        from graphkit.rdf.patch import write_patch_to

        # A patch leads from the export that is there still.
        ends = (file_name("ttl", gzip=one) for one in (gzip, not gzip))
        old = next((target / name for name in ends if (target / name).is_file()), None)
        write_patch_to([open_file(name) for name in PATCH], old, Path(stream.name), gzip=gzip)
        names += PATCH
    for format in wanted:
        if format != "ttl":
            names.append(file_name(format, gzip=gzip))
            _write_other(stream, open_file(names[-1]), format, graph, options, gzip=gzip)
    if page is not False and graph is not None and (page or graph.number_of_nodes() <= PAGE_NODES):
        from graphkit.page.explorer import explore

        names.append(PAGE)
        open_file(PAGE).write(explore(graph).encode("utf-8", "replace"))
    built.save_cache(exported, None if gzip else stream.fileno())
    return names


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
