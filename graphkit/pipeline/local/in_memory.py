"""Heap: a small build in one process and one heap, where packing and spilling would cost more than they save."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any, NamedTuple

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.merge.articles import Merged
from graphkit.merge.extraction import Content, Totals, read_content, unreadable
from graphkit.merge.mentions import Corpus, Mention, TopicMention
from graphkit.pipeline.report import Size, report
from graphkit.rdf.dataset import About
from graphkit.rdf.serialization import prefixes_for
from graphkit.rdf.statements import Describer, Description
from graphkit.rdf.turtle import TurtleTerms, block, header
from graphkit.sources import finding
from graphkit.sources.finding import Listing, SourceError, SourceFile
from graphkit.urls.canonical_url import POLICY_VERSION

Progress = Callable[[str, int, int], None]
"""Called with the name of a stage, what is done of it and how much there is."""

LARGEST = 64 << 20
"""The most bytes that are worth a heap."""

_BATCH_FILES = 64
_BATCH_BYTES = 32 << 20


class Read(NamedTuple):
    """What reading gave, before any merging; see `Totals` for the counts."""

    corpus: Corpus
    diagnostics: tuple[Diagnostic, ...]
    files: dict[str, int]
    totals: Totals


def fits(files: Iterable[SourceFile]) -> bool:
    """Tell whether files are small enough, all together, for a heap."""
    left = LARGEST
    return all((left := left - finding.size_of(file)) >= 0 for file in files)


def read(listing: Listing, *, published_only: bool, progress: Progress) -> Read:
    """Read all records in files, each into its mentions."""
    diagnostics = list(listing.diagnostics)
    mentions: list[Mention] = []
    topics: list[TopicMention] = []
    totals = Totals()
    for number, content in enumerate(_contents(listing.files, published_only=published_only), 1):
        totals.add(content.outcome)
        diagnostics += content.outcome.diagnostics
        for found in content.mentions:
            mentions += found
        topics += content.topics
        progress("Reading", number, len(listing.files))
    files = {
        "found": len(listing.files),
        "unreadable": totals.counts.get("unreadable", 0),
        "skipped": listing.skipped,
    }
    return Read(Corpus(tuple(mentions), tuple(topics)), tuple(sorted(diagnostics)), files, totals)


def _contents(files: Iterable[SourceFile], *, published_only: bool) -> Iterator[Content]:
    """Yield what each file says.

    Files are read some at a time and then decoded: each call to the system cools the processor's caches.
    """
    batch: list[tuple[SourceFile, bytes | Diagnostic]] = []
    size = 0

    def decoded() -> Iterator[Content]:
        for file, data in batch:
            if isinstance(data, Diagnostic):
                yield Content(unreadable(data), [], [])
            else:
                yield read_content(data, file.name, file.form, published_only=published_only)

    for file in files:
        try:
            data = finding.read_bytes(file)
            size += len(data)
            batch.append((file, data))
        except SourceError as error:
            batch.append((file, error.diagnostic))
        if len(batch) == _BATCH_FILES or size > _BATCH_BYTES:
            yield from decoded()
            batch, size = [], 0
    yield from decoded()


def told(found: Read, merged: Merged) -> dict[str, Any]:
    """Return the report."""
    size = Size(
        len(merged.articles),
        len(merged.providers),
        len(merged.topics),
        sum(len(article.related) for article in merged.articles),
    )
    return report(
        found.files,
        found.totals.counts,
        merged.counts,
        size,
        disagreements=merged.disagreements,
        notes=found.totals.notes,
        diagnostics=found.diagnostics,
    )


def write(merged: Merged, base: str, about: About, stream: IO[bytes]) -> None:
    """Write the Turtle."""
    prefixes = prefixes_for(base, ())
    texts, spaces = _texts(merged, base, about, prefixes)
    if not spaces.isdisjoint(prefixes.values()):
        prefixes = prefixes_for(base, spaces)
        texts, _ = _texts(merged, base, about, prefixes)
    stream.write(header(prefixes) + b"".join(texts))


def _texts(merged: Merged, base: str, about: About, prefixes: dict[str, str]) -> tuple[list[bytes], set[str]]:
    """Return the texts of all subjects, the dataset's first, and the namespaces that no prefix should abbreviate."""
    names = {provider.id: provider.name for provider in merged.providers}
    speaker = Describer(TurtleTerms(prefixes), base, names)
    # Text at once: to keep all that is said until it is sorted takes three times the memory.
    pieces = sorted((said.iri, block(said).encode()) for said in _said(merged, speaker))
    description = [block(said).encode() for said in speaker.dataset(POLICY_VERSION, about)]
    return [*description, *(text for _, text in pieces)], speaker.spaces


def _said(merged: Merged, speaker: Describer[str]) -> Iterator[Description[str]]:
    for article in merged.articles:
        yield speaker.article(article)
    yield from speaker.all_images()
    for name in list(speaker.sources):
        yield speaker.source(name)
    yield from speaker.others(merged.providers, merged.topics)
