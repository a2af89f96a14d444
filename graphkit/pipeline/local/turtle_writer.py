"""Writing: all that is said of a corpus as one sorted file, of which only the ranges that changed are made anew."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, NamedTuple

from graphkit.merge.resolution import Resolution
from graphkit.pipeline.local import tasks
from graphkit.pipeline.local.blob_store import BlobStore, Extent
from graphkit.pipeline.local.build_cache import ExportMemory, TextMemory
from graphkit.pipeline.local.worker_pool import WorkerPool
from graphkit.rdf import vocabulary
from graphkit.rdf.dataset import About
from graphkit.rdf.statements import Describer
from graphkit.rdf.turtle import TurtleTerms, block, header
from graphkit.urls.canonical_url import POLICY_VERSION

_HELD = 16
"""So many ranges may be held in memory until they are written."""


class Range(NamedTuple):
    """A range of subjects as it is written: bytes, images, and how many of these have a width and a height."""

    length: int
    images: int
    widths: int
    heights: int


def splitters(samples: Iterable[str], wanted: int) -> list[str]:
    """Return where ranges of subjects end, so that they are about as large."""
    ordered = sorted(set(samples))
    return sorted({ordered[len(ordered) * number // wanted] for number in range(1, wanted)}) if ordered else []


def rebased(cuts: Iterable[str], old: str, new: str) -> list[str]:
    """Return splitters for another base."""
    return sorted({new + cut.removeprefix(old) if cut.startswith(old) else cut for cut in cuts})


def differing(old: TextMemory, new: TextMemory) -> set[int]:
    """Return the ranges in which two texts differ."""
    before = old.ranges or [(0, 0)] * len(new.ranges)
    return {number for number, (one, other) in enumerate(zip(before, new.ranges, strict=True)) if one != other}


class Writer(NamedTuple):
    """What is needed to write: the texts of shares and sources, what is settled, and the last export.

    `changed` are the ranges that are not as in that export, None where all may be others.
    """

    pool: WorkerPool
    store: BlobStore
    scratch: BlobStore
    base: str
    prefixes: dict[str, str]
    splitters: Sequence[str]
    texts: Sequence[TextMemory]
    told: TextMemory
    resolution: Resolution
    about: About
    export: ExportMemory | None
    changed: set[int] | None
    progress: Callable[[str, int, int], None]

    def write(self, stream: IO[bytes], old: Path | None) -> ExportMemory:
        """Write the Turtle to `stream`; `old` is the file that may be the last export. Return what was written."""
        number = len(self.splitters) + 1
        last = self._opened(old)
        try:
            kept = set(range(number)) - self.changed if last >= 0 and self.changed is not None else set()
            ranges, texts = self._assembled(sorted(set(range(number)) - kept), number)
            if self.export is not None:
                for one in kept:
                    ranges[one] = Range(*self.export.ranges[one])
            start = header(self.prefixes)
            described = self._described(ranges.values())
            stream.write(start)
            stream.write(described)
            offsets = _offsets(self.export) if self.export is not None else []
            for one in range(number):
                if one in kept:
                    _copy(last, stream, offsets[one], ranges[one].length)
                else:
                    found = texts[one]
                    stream.write(found if isinstance(found, bytes) else self.scratch.read(found))
        finally:
            if last >= 0:
                os.close(last)
        return ExportMemory((), len(start), len(described), [(*ranges[one],) for one in range(number)])

    def _opened(self, old: Path | None) -> int:
        """Return a descriptor of the last export if it is as it was written then, else −1."""
        if old is None or self.export is None:
            return -1
        with suppress(OSError):
            descriptor = os.open(old, os.O_RDONLY | os.O_CLOEXEC)
            if export_stamp(descriptor) == self.export.stamp:
                return descriptor
            os.close(descriptor)
        return -1

    def _assembled(self, wanted: list[int], number: int) -> tuple[dict[int, Range], dict[int, bytes | Extent]]:
        """Assemble ranges from the parts of all texts."""
        parts: dict[int, list[Extent]] = {one: [] for one in wanted}
        for text in self.texts:
            _add_parts(parts, text)
        _add_parts(parts, self.told)
        spill = self.pool.jobs > 1 or len(wanted) > _HELD
        queue = (tasks.AssembleTask(one, tuple(found), spill) for one, found in parts.items())
        ranges: dict[int, Range] = {}
        texts: dict[int, bytes | Extent] = {}
        for place, done in enumerate(self.pool.run(tasks.assemble, queue), number - len(wanted) + 1):
            length = len(done.text) if isinstance(done.text, bytes) else done.text.length
            ranges[done.number] = Range(length, done.images, done.widths, done.heights)
            texts[done.number] = done.text
            self.progress("Writing", place, number)
        return ranges, texts

    def _described(self, ranges: Iterable[Range]) -> bytes:
        """Say what the dataset holds; images are counted where ranges are assembled, each once."""
        classes, properties = Counter[str](), Counter[str]()
        for text in (*self.texts, self.told):
            classes.update(text.classes)
            properties.update(text.properties)
        for one in ranges:
            classes[vocabulary.IMAGE_OBJECT] += one.images
            properties[vocabulary.TYPE] += one.images
            properties[vocabulary.CONTENT_URL] += one.images
            properties[vocabulary.WIDTH] += one.widths
            properties[vocabulary.HEIGHT] += one.heights
        speaker = Describer(TurtleTerms(self.prefixes), self.base, {})
        speaker.classes, speaker.properties = classes, properties
        return "".join(map(block, speaker.dataset(POLICY_VERSION, self.about))).encode()


def tell(resolution: Resolution, base: str, prefixes: dict[str, str], cuts: list[str], store: BlobStore) -> TextMemory:
    """Say what there is of providers and topics, into the depot."""
    names = {provider.id: provider.name for provider in resolution.providers}
    speaker = Describer(TurtleTerms(prefixes), base, names)
    said = speaker.others(resolution.providers, resolution.topics)
    pieces: list[tasks.Piece] = sorted((one.iri, block(one).encode(), None) for one in said)
    return tasks.text_of(pieces, cuts, speaker, store)


def _add_parts(parts: dict[int, list[Extent]], text: TextMemory) -> None:
    if text.extent is None:
        return
    start = text.extent.offset
    for number, (length, checksum) in enumerate(text.ranges):
        if length and number in parts:
            parts[number].append(Extent(start, length, checksum))
        start += length


def _offsets(export: ExportMemory) -> list[int]:
    """Return where each range begins in an export."""
    offsets, place = [], export.header + export.dataset
    for one in export.ranges:
        offsets.append(place)
        place += one[0]
    return offsets


def _copy(source: int, stream: IO[bytes], offset: int, length: int) -> None:
    """Copy a part of a file, in the kernel."""
    stream.flush()
    while length:
        copied = os.sendfile(stream.fileno(), source, offset, length)
        if not copied:
            raise OSError(f"expected {length:,} bytes more of the last export, got its end")
        offset, length = offset + copied, length - copied
    stream.seek(0, os.SEEK_END)


def export_stamp(descriptor: int) -> tuple[int, int, int]:
    """Return the system's word for what an export holds; it stays the same when the file is renamed."""
    status = os.fstat(descriptor)
    return status.st_size, status.st_mtime_ns, status.st_ino
