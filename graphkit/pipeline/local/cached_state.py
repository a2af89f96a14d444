"""The cached state: what a build keeps for the next one, so that it reads only what changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.files.stamps import PACKED_SIZE
from graphkit.merge.census import Census
from graphkit.merge.extraction import ReadingOutcome, Totals
from graphkit.merge.mentions import TopicMention
from graphkit.pipeline.local.blob_store import Extent

DIGEST = 16
"""The number of bytes of a content's hash."""


class FileResult(msgspec.Struct, frozen=True, array_like=True):
    """What reading a file gave: the partitions that hold its mentions, and its outcome without diagnostics."""

    partitions: tuple[int, ...]
    outcome: ReadingOutcome


class CachedFile(NamedTuple):
    """A file that was read: its packed stamp, the hash of its content, and its packed `FileResult`."""

    name: str
    stamp: bytes
    digest: bytes
    result: msgspec.Raw


class FileColumns(msgspec.Struct, frozen=True, array_like=True):
    """Files by column, which decode faster than rows; each result is decoded when it is needed."""

    names: list[str]
    stamps: bytes
    digests: bytes
    results: list[msgspec.Raw]

    def rows(self) -> list[CachedFile]:
        """Return the files."""
        stamps, digests = _cut(self.stamps, PACKED_SIZE), _cut(self.digests, DIGEST)
        return list(map(CachedFile._make, zip(self.names, stamps, digests, self.results, strict=True)))


def _cut(column: bytes, width: int) -> list[bytes]:
    return [column[start : start + width] for start in range(0, len(column), width)]


class SegmentedText(msgspec.Struct, frozen=True, array_like=True):
    """Turtle in the blob store: the length and checksum of each segment, and the classes and properties in it.

    Images are not counted, as several texts may describe the same one.
    """

    extent: Extent | None = None
    segments: list[tuple[int, int]] = []
    classes: dict[str, int] = {}
    properties: dict[str, int] = {}


class WrittenExport(msgspec.Struct, frozen=True, array_like=True):
    """The Turtle file as last written: its stamp, and the bytes of its header, of the dataset and of each segment.

    A segment also has its number of images, of those with a width, and of those with a height.
    """

    stamp: tuple[int, ...]
    header: int
    dataset: int
    segments: list[tuple[int, int, int, int]]


class CachedPartition(msgspec.Struct, frozen=True, array_like=True):
    """A partition: its packed mentions, its census, the hashes of its titles, and what reducing it gave.

    `arrived` is the hash of the entries without URL that were resolved to its articles, `listed_title_keys` are those
    that its articles list. `moved` holds its articles instead of the chunks where some of them move here or away.
    """

    chunks: list[Extent] = []
    moved: Extent | None = None
    census: Extent | None = None
    title_hashes: Extent | None = None
    arrived: bytes = b""
    listed_title_keys: list[str] = []
    text: SegmentedText = SegmentedText()
    articles: int = 0
    links: int = 0
    counts: dict[str, int] = {}
    disagreements: dict[str, int] = {}
    namespaces: list[str] = []


class Descriptions(msgspec.Struct, frozen=True, array_like=True):
    """The Turtle about what is in no partition: source files, in groups, and providers with topics."""

    sources: list[SegmentedText] = []
    providers_and_topics: SegmentedText = SegmentedText()


class CachedState(msgspec.Struct, frozen=True, array_like=True):
    """Everything that is cached, but for the blobs. The last partition holds the entries without URL."""

    key: str
    files: FileColumns
    totals: Totals
    faults: list[Diagnostic]
    topics: list[TopicMention]
    partitions: list[CachedPartition]
    census: Census
    title_hashes: bytes
    provider_ids: dict[str, str]
    provider_names: dict[str, str]
    final_keys: dict[str, str]
    moves: dict[str, str]
    base: str
    prefixes: dict[str, str]
    splitters: list[str]
    descriptions: Descriptions
    export: WrittenExport | None

    @property
    def partition_count(self) -> int:
        """The number of partitions, without that of the entries without URL."""
        return len(self.partitions) - 1

    def extents(self) -> Iterator[Extent]:
        """Yield where every cached blob is."""
        for partition in self.partitions:
            yield from partition.chunks
            yield from filter(None, (partition.moved, partition.census, partition.title_hashes))
        yield from (text.extent for text in all_texts(self.partitions, self.descriptions) if text.extent is not None)


def all_texts(partitions: Iterable[CachedPartition], descriptions: Descriptions) -> list[SegmentedText]:
    """Return all Turtle, in an order that builds with the same prefixes share."""
    return [*(partition.text for partition in partitions), *descriptions.sources, descriptions.providers_and_topics]


def relocated(state: CachedState, move: Callable[[Extent], Extent]) -> CachedState:
    """Return the state with each blob at the place that `move` returns."""

    def text(old: SegmentedText) -> SegmentedText:
        return old if old.extent is None else replace(old, extent=move(old.extent))

    partitions = [
        replace(
            partition,
            chunks=list(map(move, partition.chunks)),
            moved=partition.moved and move(partition.moved),
            census=partition.census and move(partition.census),
            title_hashes=partition.title_hashes and move(partition.title_hashes),
            text=text(partition.text),
        )
        for partition in state.partitions
    ]
    old = state.descriptions
    descriptions = Descriptions(list(map(text, old.sources)), text(old.providers_and_topics))
    return replace(state, partitions=partitions, descriptions=descriptions)


def rebased(state: CachedState, base: str) -> CachedState:
    """Return the state for a build with another base IRI: without the Turtle, and with segments that end alike."""
    if state.base == base:
        return state
    old = state.base
    return replace(
        state,
        partitions=[replace(partition, text=SegmentedText()) for partition in state.partitions],
        base=base,
        prefixes={},
        splitters=sorted({base + end.removeprefix(old) if end.startswith(old) else end for end in state.splitters}),
        descriptions=Descriptions(),
        export=None,
    )


def file_columns(files: Iterable[CachedFile]) -> FileColumns:
    """Return files as columns, sorted by name."""
    rows = sorted(files, key=lambda file: (file.name, file.digest))
    return FileColumns(
        [file.name for file in rows],
        b"".join([file.stamp for file in rows]),
        b"".join([file.digest for file in rows]),
        [file.result for file in rows],
    )


_ENCODE = msgspec.msgpack.Encoder().encode
_STATE = msgspec.msgpack.Decoder(CachedState).decode

packed_state: Callable[[CachedState], bytes] = _ENCODE
unpacked_result: Callable[[msgspec.Raw], FileResult] = msgspec.msgpack.Decoder(FileResult).decode


def packed_result(result: FileResult) -> msgspec.Raw:
    """Return a file's result as it is cached."""
    return msgspec.Raw(_ENCODE(result))


def unpacked_state(data: bytes) -> CachedState | None:
    """Return the state that bytes hold, None where they hold anything else."""
    try:
        return _STATE(data)
    except msgspec.DecodeError:
        return None
