"""Description: the phase that writes Turtle about what is in no partition: source files, providers and topics."""

from __future__ import annotations

import zlib
from typing import NamedTuple

import msgspec

from graphkit.merge.resolution import Resolution
from graphkit.pipeline.local.blob_store import Extent
from graphkit.pipeline.local.build_context import BuildContext
from graphkit.pipeline.local.cached_state import Descriptions, SegmentedText, unpacked_result
from graphkit.pipeline.local.file_reading import FilesRead
from graphkit.pipeline.local.reduction import Reduction, Tables
from graphkit.pipeline.local.segments import stored_text
from graphkit.pipeline.local.worker_context import WorkerContext
from graphkit.rdf.descriptions import Describer
from graphkit.rdf.turtle import TurtleTerms, block

_GROUP = 400
"""About the number of source files that are described together."""
_MAX_GROUPS = 256


class SourcesTask(NamedTuple):
    """A group of source files to describe, by name."""

    number: int
    names: tuple[str, ...]
    tables: Extent


def describe_group(context: WorkerContext, task: SourcesTask) -> SegmentedText:
    """Describe a group of source files."""
    tables = context.shared(task.tables, _TABLES)
    describer = Describer(TurtleTerms(tables.prefixes), context.settings.base, {})
    described = [describer.describe_source(name) for name in task.names]
    subjects = [(one.iri, block(one).encode(), None) for one in described]
    return stored_text(subjects, tables.splitters, describer, context.store)


def describe(build: BuildContext, read: FilesRead, resolution: Resolution, reduction: Reduction) -> Descriptions:
    """Describe source files, providers and topics, if Turtle is wanted."""
    if not build.options.turtle:
        return Descriptions()
    return Descriptions(_sources(build, read, reduction), _providers_and_topics(build, resolution, reduction))


def _sources(build: BuildContext, read: FilesRead, reduction: Reduction) -> list[SegmentedText]:
    """Describe the source files in groups, and only those groups in which a file changed."""
    cached = build.cached
    if cached is None or not cached.descriptions.sources or reduction.prefixes != cached.prefixes:
        texts = [SegmentedText()] * min(_MAX_GROUPS, len(read.files) // _GROUP + 1)
        changed = set(range(len(texts)))
    else:
        texts = list(cached.descriptions.sources)
        names = {*read.gone, *read.renamed, *read.renamed.values(), *read.decoded}
        changed = {_group(name, len(texts)) for name in names}
    groups: dict[int, set[str]] = {number: set() for number in changed}
    for file in read.files if changed else ():
        number = _group(file.name, len(texts))
        if number in changed and unpacked_result(file.result).outcome.own:
            groups[number].add(file.name)
    tasks = (SourcesTask(number, tuple(names), reduction.tables) for number, names in groups.items())
    for task, text in build.pool.run(describe_group, tasks):
        texts[task.number] = text
    return texts


def _group(name: str, groups: int) -> int:
    return zlib.crc32(name.encode("utf-8", "surrogatepass")) % groups


def _providers_and_topics(build: BuildContext, resolution: Resolution, reduction: Reduction) -> SegmentedText:
    describer = Describer(TurtleTerms(reduction.prefixes), build.options.base, reduction.provider_names)
    described = describer.describe_providers_and_topics(resolution.providers, resolution.topics)
    subjects = ((one.iri, block(one).encode(), None) for one in described)
    return stored_text(subjects, reduction.splitters, describer, build.store)


_TABLES = msgspec.msgpack.Decoder(Tables).decode
