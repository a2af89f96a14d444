"""Work: the tasks of a build. Each is a function of its task and of blobs in the depot, and may be done anywhere."""

from __future__ import annotations

import hashlib
import zlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

import msgspec

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.garbage_collection import collector_paused
from graphkit.identity.identification import article_id, is_card
from graphkit.merge.articles import Article, reduce_partition
from graphkit.merge.extraction import Outcome, read_content, unreadable
from graphkit.merge.mentions import TopicMention
from graphkit.merge.packing import MARK, census_of_chunks, changed, marks_of, pack, unpack
from graphkit.merge.resolution import Resolution
from graphkit.pipeline.local.blob_store import BlobStore, Extent
from graphkit.pipeline.local.build_cache import DIGEST, TextMemory
from graphkit.pipeline.local.worker_context import WorkerContext
from graphkit.rdf.statements import Describer
from graphkit.rdf.turtle import TurtleTerms, block
from graphkit.sources import finding
from graphkit.sources.finding import Portion, SourceError, SourceFile

SAMPLED = 64
"""Of so many facts one is a sample of where subjects lie."""


_ENCODE = msgspec.msgpack.Encoder().encode
_NAMES = msgspec.msgpack.Decoder(dict[bytes, str]).decode


# Reading


class ToRead(NamedTuple):
    """A file to read, with the hash that its content had, if any; standard input comes with its content."""

    file: SourceFile
    digest: bytes = b""
    content: bytes | Diagnostic | Portion | None = None


class ReadTask(NamedTuple):
    """Files to read, and the hashes of contents that are known from files that are gone, with those files' names."""

    number: int
    files: tuple[ToRead, ...]
    gone: Extent | None = None


class FileRead(NamedTuple):
    """What a file is: unchanged, another file under a new name, or something new in these shares."""

    digest: bytes
    outcome: Outcome | None = None
    partitions: tuple[int, ...] = ()
    renamed_from: str = ""


class ReadDone(NamedTuple):
    """What the files of a task gave, in their order; the chunks of each share."""

    number: int
    files: list[FileRead]
    chunks: dict[int, Extent]
    topics: list[TopicMention]
    samples: list[str]


BATCH_FILES = 64
BATCH_BYTES = 32 << 20


def read(context: WorkerContext, task: ReadTask) -> ReadDone:
    """Read files, decode their records, and pack the mentions by share."""
    with collector_paused():
        gone = context.shared(task.gone, _NAMES) if task.gone else {}
        done = ReadDone(task.number, [], {}, [], [])
        for batch in _batches(task.files):
            for wanted, data in batch:
                done.files.append(_read_file(context, wanted, data, gone, done))
        done.chunks.update((number, context.store.append(chunk)) for number, chunk in context.packer.take().items())
        return done


def _batches(files: Iterable[ToRead]) -> Iterator[list[tuple[ToRead, bytes | Diagnostic | Portion]]]:
    """Read files some at a time: each call to the system cools the processor's caches for what decodes."""
    batch: list[tuple[ToRead, bytes | Diagnostic | Portion]] = []
    size = 0
    for wanted in files:
        data = wanted.content
        if data is None:
            try:
                data = finding.read_bytes(wanted.file)
            except SourceError as error:
                data = error.diagnostic
        if not isinstance(data, Diagnostic):
            size += len(data.data if isinstance(data, Portion) else data)
        batch.append((wanted, data))
        if len(batch) == BATCH_FILES or size > BATCH_BYTES:
            yield batch
            batch, size = [], 0
    yield batch


def _read_file(
    context: WorkerContext,
    wanted: ToRead,
    data: bytes | Diagnostic | Portion,
    gone: Mapping[bytes, str],
    done: ReadDone,
) -> FileRead:
    if isinstance(data, Diagnostic):
        return FileRead(b"", unreadable(data))
    file = wanted.file
    if isinstance(data, Portion):
        return _content_read(context, file, data.data, data.lines_before, b"", done)
    digest = hashlib.blake2b(data, digest_size=DIGEST, person=file.form.encode()).digest()
    if digest == wanted.digest:
        return FileRead(digest)
    if digest in gone:
        return FileRead(digest, renamed_from=gone[digest])
    return _content_read(context, file, data, 0, digest, done)


def _content_read(
    context: WorkerContext, file: SourceFile, data: bytes, lines_before: int, digest: bytes, done: ReadDone
) -> FileRead:
    content = read_content(
        data, file.name, file.form, published_only=context.settings.published_only, lines_before=lines_before
    )
    done.topics.extend(content.topics)
    partitions: set[int] = set()
    for found in content.mentions:
        partitions |= context.packer.add(found)
        if not context.packer.mentions % SAMPLED or not done.samples:
            done.samples.append(context.settings.base + article_id(found[0].facts.key))
            done.samples.extend(image.url for image in found[0].facts.images[:1])
    return FileRead(digest, content.outcome, tuple(sorted(partitions)))


# Counting


class CountTask(NamedTuple):
    """A share to count: its chunks so far, what sources are gone or have new names, and its new chunks."""

    number: int
    chunks: tuple[Extent, ...]
    new: tuple[Extent, ...] = ()
    gone: frozenset[str] = frozenset()
    renamed: Mapping[str, str] = {}
    marks: Extent | None = None


class CountDone(NamedTuple):
    """The share's chunks now, its census, packed, and the marks of its titles."""

    number: int
    chunks: list[Extent]
    census: bytes
    marks: bytes


def count(context: WorkerContext, task: CountTask) -> CountDone:
    """Take the census of a share, after bringing its chunks up to date."""
    with collector_paused():
        store = context.store
        chunks = [*task.chunks, *task.new]
        packed = [store.read(extent) for extent in chunks]
        if task.gone or task.renamed:
            old = changed(unpack(packed[: len(task.chunks)]), task.gone, task.renamed)
            packed = [pack(old), *packed[len(task.chunks) :]]
            packed = [pack(unpack(packed))]
            chunks = [store.append(packed[0])]
        census = census_of_chunks(packed, context.shared(task.marks, marks_in) if task.marks else ())
        return CountDone(task.number, chunks, _ENCODE(census), b"".join(sorted(marks_of(packed))))


def marks_in(column: bytes) -> frozenset[bytes]:
    """Return the marks that stand in a column."""
    return frozenset(column[start : start + MARK] for start in range(0, len(column), MARK))


# Reducing


class Tables(msgspec.Struct, frozen=True, array_like=True):
    """What a share needs to know of all others, and where ranges of subjects end."""

    shown: dict[str, str]
    final_key: dict[str, str]
    provider_names: dict[str, str]
    prefixes: dict[str, str]
    splitters: list[str]


_TABLES = msgspec.msgpack.Decoder(Tables).decode


class ReduceTask(NamedTuple):
    """A share to reduce: its chunks, a chunk of what cards were found to be in it, and what is wanted of it."""

    number: int
    chunks: tuple[Extent, ...]
    moved: bytes
    tables: Extent
    text: bool
    articles: bool


class ReduceDone(NamedTuple):
    """What a share gave; see `PartitionMemory`. `found` are its articles, packed, in the scratch file."""

    number: int
    text: TextMemory | None
    found: Extent | None
    awaited: list[str]
    articles: int
    links: int
    counts: dict[str, int]
    disagreements: dict[str, int]
    spaces: list[str]


def reduce(context: WorkerContext, task: ReduceTask) -> ReduceDone:
    """Merge the mentions of a share into articles, and say all there is of them."""
    with collector_paused():
        tables = context.shared(task.tables, _TABLES)
        chunks = [context.store.read(extent) for extent in task.chunks]
        partition = unpack([*chunks, task.moved] if task.moved else chunks)
        resolution = Resolution(tables.shown, tables.final_key, (), (), {})
        reduced = reduce_partition(partition, resolution)
        speaker = Describer(TurtleTerms(tables.prefixes), context.settings.base, tables.provider_names)
        text = None
        if task.text:
            pieces = sorted(_pieces(reduced.articles, speaker))
            text = text_of(pieces, tables.splitters, speaker, context.store)
        return ReduceDone(
            task.number,
            text,
            context.scratch.append(_ENCODE(reduced.articles)) if task.articles else None,
            sorted({one.target for listed in partition.listings.values() for one in listed if is_card(one.target)}),
            len(reduced.articles),
            sum(len(article.related) for article in reduced.articles),
            dict(reduced.counts),
            dict(reduced.disagreements),
            sorted(speaker.spaces),
        )


Piece = tuple[str, bytes, tuple[int, int] | None]
"""A subject's IRI and its text; of an image also its size, as the same one may be said in several shares."""


def _pieces(articles: Iterable[Article], speaker: Describer[str]) -> Iterator[Piece]:
    for article in articles:
        said = speaker.article(article)
        yield said.iri, block(said).encode(), None
    for said in speaker.all_images(count=False):
        yield said.iri, block(said).encode(), speaker.images[said.iri][1:]


def text_of(pieces: list[Piece], splitters: list[str], speaker: Describer[str], store: BlobStore) -> TextMemory:
    """Put sorted pieces into the depot, cut into ranges."""
    iris = [iri for iri, _, _ in pieces]
    places = [0, *(bisect_left(iris, splitter) for splitter in splitters), len(iris)]
    ranges: list[bytes] = []
    for start, end in pairwise(places):
        if end == start:
            ranges.append(b"")
            continue
        texts = [text for _, text, _ in pieces[start:end]]
        index = _ENCODE((iris[start:end], list(map(len, texts)), [size for _, _, size in pieces[start:end]]))
        ranges.append(b"".join([len(index).to_bytes(4, "little"), index, *texts]))
    return TextMemory(
        store.append(b"".join(ranges)),
        [(len(one), zlib.crc32(one)) for one in ranges],
        dict(speaker.classes),
        dict(speaker.properties),
    )


# Saying what is not in a share


class SourcesTask(NamedTuple):
    """A group of sources to say, by their names."""

    number: int
    names: tuple[str, ...]
    tables: Extent


class SourcesDone(NamedTuple):
    """The text of a group of sources."""

    number: int
    text: TextMemory


def say_sources(context: WorkerContext, task: SourcesTask) -> SourcesDone:
    """Say what there is of source files."""
    tables = context.shared(task.tables, _TABLES)
    speaker = Describer(TurtleTerms(tables.prefixes), context.settings.base, {})
    said = [speaker.source(name) for name in task.names]
    pieces: list[Piece] = sorted((one.iri, block(one).encode(), None) for one in said)
    return SourcesDone(task.number, text_of(pieces, tables.splitters, speaker, context.store))


# Assembling


class AssembleTask(NamedTuple):
    """A range of subjects, with the parts that lie in it; `spill` tells to leave the text in the scratch file."""

    number: int
    parts: tuple[Extent, ...]
    spill: bool


class AssembleDone(NamedTuple):
    """The text of a range; how many images it has, with width, and with height."""

    number: int
    text: bytes | Extent
    images: int
    widths: int
    heights: int


_INDEX = msgspec.msgpack.Decoder(tuple[list[str], list[int], list[tuple[int, int] | None]]).decode


def assemble(context: WorkerContext, task: AssembleTask) -> AssembleDone:
    """Sort the subjects of a range; of one that several shares speak of, an image, the larger size counts."""
    with collector_paused():
        iris: list[str] = []
        texts: list[memoryview] = []
        sizes: list[tuple[int, int] | None] = []
        for part in task.parts:
            data = context.store.read(part)
            end = 4 + int.from_bytes(data[:4], "little")
            found, lengths, measured = _INDEX(data[4:end])
            iris += found
            sizes += measured
            view = memoryview(data)
            for length in lengths:
                texts.append(view[end : end + length])
                end += length
        chosen: list[int] = []
        for number in sorted(range(len(iris)), key=iris.__getitem__):
            if chosen and iris[chosen[-1]] == iris[number]:
                if (sizes[number] or (0, 0)) > (sizes[chosen[-1]] or (0, 0)):
                    chosen[-1] = number
            else:
                chosen.append(number)
        images = [size for size in (sizes[number] for number in chosen) if size is not None]
        text = b"".join([texts[number] for number in chosen])
        widths, heights = sum(width > 0 for width, _ in images), sum(height > 0 for _, height in images)
        return AssembleDone(
            task.number, context.scratch.append(text) if task.spill else text, len(images), widths, heights
        )
