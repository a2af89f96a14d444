"""The in-memory build: a small corpus in one process, where packing and spilling would cost more than they save."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO, Any, NamedTuple

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.identity.identity_rules import IdentityRules
from graphkit.merge.articles import Merged, merge
from graphkit.merge.extraction import ExtractedContent, Totals, read_content, unreadable_outcome
from graphkit.merge.mentions import Corpus, Mention, TopicMention
from graphkit.pipeline.local.build_options import BuildOptions, StageProgress
from graphkit.pipeline.local.build_result import BuildResult
from graphkit.pipeline.local.content_batches import FileToRead, batches
from graphkit.pipeline.local.stamped_files import UNSETTLED, StampedFile
from graphkit.pipeline.report import Size, report
from graphkit.rdf.descriptions import Describer, Description
from graphkit.rdf.serialization import prefixes_for
from graphkit.rdf.turtle import TurtleTerms, block, header
from graphkit.rdf.void import describe_dataset
from graphkit.sources import contents
from graphkit.sources.finding import SourceListing, shown
from graphkit.sources.source_file import SourceFile
from graphkit.urls.canonical_url import POLICY_VERSION

LARGEST = 64 << 20
"""The most bytes to read for a build in memory by one process."""


class RecordsRead(NamedTuple):
    """What reading gave, before any merging; see `Totals` for the counts. Each file has its first diagnostics here."""

    corpus: Corpus
    diagnostics: tuple[Diagnostic, ...]
    listing: SourceListing
    totals: Totals

    @property
    def diagnostic_count(self) -> int:
        """The number of all diagnostics."""
        return sum(self.totals.by_code.values()) + len(self.listing.diagnostics)


def fits(files: Iterable[SourceFile], largest: int) -> bool:
    """Return whether files have at most so many bytes, all together."""
    left = largest
    return all((left := left - contents.size_of(file)) >= 0 for file in files)


def read(
    listing: SourceListing, *, published_only: bool, progress: StageProgress, rules: IdentityRules | None = None
) -> RecordsRead:
    """Read all records in files, each into its mentions."""
    diagnostics = list(listing.diagnostics)
    mentions: list[Mention] = []
    topics: list[TopicMention] = []
    totals = Totals()
    for number, content in enumerate(_contents(listing.files, rules, published_only=published_only), 1):
        totals.add(content.outcome)
        diagnostics += content.outcome.diagnostics
        for found in content.mentions:
            mentions += found
        topics += content.topics
        progress("Reading", number, len(listing.files))
    return RecordsRead(Corpus(tuple(mentions), tuple(topics)), shown(diagnostics, listing), listing, totals)


def _contents(
    files: Iterable[SourceFile], rules: IdentityRules | None, *, published_only: bool
) -> Iterator[ExtractedContent]:
    for batch in batches(FileToRead(StampedFile(file, UNSETTLED, 0)) for file in files):
        for ((file, *_), *_), data in batch:
            if isinstance(data, bytes):
                yield read_content(data, file.name, file.format, published_only=published_only, rules=rules)
            elif isinstance(data, Diagnostic):
                yield ExtractedContent(unreadable_outcome(data), [], [])


def build(listing: SourceListing, options: BuildOptions, progress: StageProgress) -> BuildResult:
    """Build from all files, without a cache."""
    found = read(listing, published_only=options.published_only, progress=progress, rules=options.rules)
    merged = merge(found.corpus, options.rules)
    nodes = len(merged.articles) + len(merged.providers) + len(merged.topics)
    return BuildResult(
        _report(found, merged, options.rules),
        found.diagnostics,
        merged if options.wants_articles(nodes) else None,
        len(listing.files),
        0,
        lambda stream, _: _write(merged, options, stream),
        lambda _export, _descriptor: None,
        listing,
    )


def _report(found: RecordsRead, merged: Merged, rules: IdentityRules | None) -> dict[str, Any]:
    size = Size(
        len(merged.articles),
        len(merged.providers),
        len(merged.topics),
        sum(len(article.related) for article in merged.articles),
    )
    return report(
        size,
        found=len(found.listing.files),
        skipped=found.listing.skipped,
        totals=found.totals,
        merged=merged.counts,
        disagreements=merged.disagreements,
        diagnostics=found.diagnostics,
        rules=rules,
        of_sources=found.listing.diagnostics,
    )


def _write(merged: Merged, options: BuildOptions, stream: IO[bytes]) -> None:
    prefixes = prefixes_for(options.base, ())
    texts, namespaces = _texts(merged, options, prefixes)
    if not namespaces.isdisjoint(prefixes.values()):
        prefixes = prefixes_for(options.base, namespaces)
        texts, _ = _texts(merged, options, prefixes)
    stream.write(header(prefixes) + b"".join(texts))


def _texts(merged: Merged, options: BuildOptions, prefixes: dict[str, str]) -> tuple[list[bytes], set[str]]:
    """Return the Turtle of all subjects, the dataset first, and the namespaces that no prefix may abbreviate."""
    names = {provider.id: provider.name for provider in merged.providers}
    describer = Describer(TurtleTerms(prefixes), options.base, names)
    # As text at once: to keep the descriptions until they are sorted takes three times the memory.
    subjects = sorted((one.iri, block(one).encode()) for one in _descriptions(merged, describer))
    dataset = [block(one).encode() for one in describe_dataset(describer, POLICY_VERSION, options.about)]
    return [*dataset, *(text for _, text in subjects)], describer.spaces


def _descriptions(merged: Merged, describer: Describer[str]) -> Iterator[Description[str]]:
    for article in merged.articles:
        yield describer.describe_article(article)
    yield from describer.describe_images()
    for name in list(describer.sources):
        yield describer.describe_source(name)
    yield from describer.describe_providers_and_topics(merged.providers, merged.topics)
