"""The pipeline: the one place that knows the order of the stages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import networkx as nx

from graphkit import forms, sources
from graphkit.errors import Diagnostic, NothingReadable, UsageError
from graphkit.files import json_text, remove, write_text
from graphkit.graph import collector_paused, to_graph
from graphkit.mentions import Corpus, Mention, TopicMention, mentions_of
from graphkit.merge import Merged, merge
from graphkit.page import explore, framed
from graphkit.rdf import FORMATS, check_base, check_format, write_rdf
from graphkit.records import Entry, TopicEntry
from graphkit.sources import SourceError
from graphkit.urls import POLICY_VERSION
from graphkit.vocab import DEFAULT_BASE

Source = str | Path
Sources = Source | Iterable[Source]
Progress = Callable[[int, int], None]
"""Called with the number of files read so far and the number of all."""

UNPUBLISHED = frozenset({"draft", "removed"})
"""The statuses that `published_only` leaves out."""

EXPORTED = frozenset({"coverage.html", *(f"coverage.{name}{packed}" for name in FORMATS for packed in ("", ".gz"))})
"""The names that an export may have, besides ``report.json``."""


class Build(msgspec.Struct, frozen=True):
    """What a build gives: the graph, the report (plain values, ready for JSON) and all diagnostics, sorted."""

    graph: nx.MultiDiGraph[str]
    report: dict[str, Any]
    diagnostics: tuple[Diagnostic, ...]

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the graph to explore, in a frame that can reach nothing else."""
        return framed(self.graph)


class Read(msgspec.Struct, frozen=True):
    """What reading gave, before any merging."""

    corpus: Corpus
    diagnostics: tuple[Diagnostic, ...]
    files: dict[str, int]
    rejected: int
    rejected_related: int
    left_out: int
    notes: dict[str, int]


def build(
    sources: Sources,
    *,
    published_only: bool = False,
    leave_out: Iterable[Source] = (),
    progress: Progress | None = None,
) -> Build:
    """Build the graph of all records in `sources`: files, folders, patterns, or ``-`` for standard input.

    With `published_only`, records that say they are not published, or removed, are left out. Raises
    `NothingReadable` where no record could be read; every other fault is a diagnostic.

    >>> import graphkit
    >>> graphkit.build("seeds").graph.number_of_nodes() > 100
    True
    """
    with collector_paused():
        found = read(sources, published_only=published_only, leave_out=leave_out, progress=progress)
        _check_some(found)
        merged = merge(found.corpus)
        return Build(to_graph(merged), _report(found, merged), found.diagnostics)


def _check_some(found: Read) -> None:
    """Raise `NothingReadable` where there is no record."""
    if found.corpus.mentions or found.corpus.topics:
        return
    number = found.files["found"]
    first = f"; the first fault: {found.diagnostics[0]}" if found.diagnostics else ""
    left_out = f", {found.left_out:,} left out" if found.left_out else ""
    files = f"{number:,} file{'' if number == 1 else 's'}"
    raise NothingReadable(f"expected records in the sources, got none in {files}{left_out}{first}")


def read(
    names: Sources,
    *,
    published_only: bool = False,
    leave_out: Iterable[Source] = (),
    progress: Progress | None = None,
) -> Read:
    """Read all records in the sources, each into its mentions."""
    if isinstance(names, str | Path):
        names = (names,)
    listing = sources.find(names, leave_out=leave_out)
    diagnostics = list(listing.diagnostics)
    mentions: list[Mention] = []
    topics: list[TopicMention] = []
    notes: Counter[str] = Counter()
    tally: Counter[str] = Counter()
    for number, (file, reading) in enumerate(_readings(listing.files, diagnostics), 1):
        if reading is None:
            tally["unreadable"] += 1
        for pointer, record in reading.records if reading else (("", None),):
            if record is None:
                tally["rejected"] += 1
            elif isinstance(record, TopicEntry):
                topics.append(TopicMention(file.name, pointer, record))
                notes.update(record.notes)
            elif published_only and record.status in UNPUBLISHED:
                tally["left_out"] += 1
            else:
                found = mentions_of(record, file.name, pointer)
                mentions.extend(_published(found) if published_only else found)
                _count_notes(record, notes)
        if progress is not None:
            progress(number, len(listing.files))
    return Read(
        Corpus(tuple(mentions), tuple(topics)),
        tuple(sorted(diagnostics)),
        {"found": len(listing.files), "unreadable": tally["unreadable"], "skipped": listing.skipped},
        tally["rejected"],
        # Each related entry that is lost, also with its whole record, has a diagnostic of its own.
        sum(one.rejects and "related[" in one.field for one in diagnostics),
        tally["left_out"],
        dict(sorted(notes.items())),
    )


BATCH_FILES = 64
BATCH_BYTES = 32 << 20


def _readings(
    files: Iterable[sources.SourceFile], diagnostics: list[Diagnostic]
) -> Iterator[tuple[sources.SourceFile, forms.Reading | None]]:
    """Yield each file with its records, None where it cannot be read.

    Files are read some at a time and then decoded: each call to the system cools the processor's caches.
    """
    batch: list[tuple[sources.SourceFile, bytes | None]] = []
    size = 0
    for file in files:
        try:
            data = sources.read_bytes(file)
            size += len(data)
        except SourceError as error:
            diagnostics.append(error.diagnostic)
            data = None
        batch.append((file, data))
        if len(batch) == BATCH_FILES or size > BATCH_BYTES:
            yield from _decoded(batch, diagnostics)
            batch, size = [], 0
    yield from _decoded(batch, diagnostics)


def _decoded(
    batch: list[tuple[sources.SourceFile, bytes | None]], diagnostics: list[Diagnostic]
) -> list[tuple[sources.SourceFile, forms.Reading | None]]:
    readings: list[tuple[sources.SourceFile, forms.Reading | None]] = []
    for file, data in batch:
        reading = None if data is None else forms.read(data, file.form, file.name)
        if reading is not None:
            diagnostics.extend(reading.diagnostics)
        readings.append((file, reading))
    return readings


def _published(mentions: Iterable[Mention]) -> Iterator[Mention]:
    """Yield the mentions that are not marked unpublished or removed, nor listed by one that is."""
    left_out: tuple[str, ...] = ()
    for mention in mentions:
        if mention.facts.status in UNPUBLISHED:
            left_out = (*left_out, f"{mention.pointer}/")
        elif not (left_out and mention.pointer.startswith(left_out)):
            yield mention


def _count_notes(entry: Entry, notes: Counter[str]) -> None:
    for note in entry.notes:
        notes[note] += 1
    for related in entry.related:
        if related is not None and (related.notes or related.related):
            _count_notes(related, notes)


def _report(found: Read, merged: Merged) -> dict[str, Any]:
    """Return the report: only counts that the same input always gives."""
    counts = Counter(merged.counts)
    topics = counts["topic_records"]
    records = counts["own"] + topics
    added = counts["articles_own"] + counts["topics_own"]
    related_added = len(merged.articles) - counts["articles_own"]
    by_code = Counter(diagnostic.code for diagnostic in found.diagnostics)
    return {
        "policy": POLICY_VERSION,
        "files": found.files,
        "records": {
            "read": records + found.rejected,
            "added": added,
            "merged": records - added,
            "rejected": found.rejected,
            "left_out": found.left_out,
        },
        "related": {
            "read": counts["related"] + found.rejected_related,
            "added": related_added,
            "merged": counts["related"] - related_added,
            "rejected": found.rejected_related,
            "to_itself": counts["related_to_itself"],
        },
        "without_url": {
            "found": counts["without_url_found"],
            "ambiguous": counts["without_url_ambiguous"],
            "alone": counts["without_url_alone"],
        },
        "graph": {
            "articles": len(merged.articles),
            "providers": len(merged.providers),
            "topics": len(merged.topics),
            "related": sum(len(article.related) for article in merged.articles),
        },
        "disagreements": merged.disagreements,
        "notes": found.notes,
        "diagnostics": {
            "by_code": dict(sorted(by_code.items())),
            "list": [str(diagnostic) for diagnostic in found.diagnostics],
        },
    }


def check(names: Sources, *, progress: Progress | None = None) -> Read:
    """Read all records and nothing more. Raises `NothingReadable` where there was no record."""
    found = read(names, progress=progress)
    _check_some(found)
    return found


def export(
    built: Build,
    folder: Source,
    *,
    formats: Iterable[str] = (),
    gzip: bool = False,
    base: str = DEFAULT_BASE,
    page: bool = True,
) -> list[Path]:
    """Write ``coverage.ttl``, ``coverage.html``, ``report.json`` and the other formats; return what was written.

    With `gzip` the RDF files are compressed and end in ``.gz``. Each file is replaced as a whole; what an earlier
    export has left under a name that is not written this time is removed, so that a folder holds one build. Raises
    `OutputError` where a file cannot be written.
    """
    target = Path(folder)
    wanted = dict.fromkeys(("ttl", *((formats,) if isinstance(formats, str) else formats)))
    for format in wanted:
        check_format(format)
    check_base(base)
    if target.exists() and not target.is_dir():
        raise UsageError(f"{target}: expected a folder to write to, got a file")
    written = []
    for format in wanted:
        path = target / (f"coverage.{format}" + (".gz" if gzip else ""))
        write_rdf(built.graph, path, format=format, base=base, gzip=gzip)
        written.append(path)
    if page:
        written.append(write_text(target / "coverage.html", explore(built.graph)))
    written.append(write_text(target / sources.REPORT, json_text(built.report)))
    for name in sorted(EXPORTED - {path.name for path in written}):
        remove(target / name)
    return written
