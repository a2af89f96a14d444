"""The Turtle writer: assembles segments into one sorted file, and copies unchanged ones from the last export."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO, NamedTuple

from graphkit.pipeline.local.blob_store import Extent
from graphkit.pipeline.local.build_context import BuildContext
from graphkit.pipeline.local.cached_state import SegmentedText, WrittenExport
from graphkit.pipeline.local.segments import AssembleTask, assemble
from graphkit.rdf import vocabulary
from graphkit.rdf.descriptions import Describer
from graphkit.rdf.turtle import TurtleTerms, block, header
from graphkit.rdf.void import describe_dataset
from graphkit.urls.canonical_url import POLICY_VERSION

_HELD = 16
"""The most segments that are held in memory until they are written; more go through the scratch store."""


class Segment(NamedTuple):
    """A segment as written: the number of bytes, of images, of those with a width, and of those with a height."""

    length: int
    images: int
    widths: int
    heights: int


class TurtleWriter(NamedTuple):
    """All Turtle of a build, to be written.

    `export` is the last export, and `changed` the segments that differ from it; None where all may.
    """

    build: BuildContext
    prefixes: dict[str, str]
    segments: int
    texts: list[SegmentedText]
    export: WrittenExport | None
    changed: set[int] | None

    def write(self, stream: IO[bytes], old: Path | None) -> WrittenExport:
        """Write the Turtle to `stream`, with help of the file `old` if that is still the last export."""
        last = self._opened(old)
        try:
            every = set(range(self.segments))
            kept = every - self.changed if last >= 0 and self.changed is not None else set()
            segments, texts = self._assembled(sorted(every - kept))
            if self.export is not None:
                segments |= {number: Segment(*self.export.segments[number]) for number in kept}
            start = header(self.prefixes)
            dataset = self._dataset(segments.values())
            stream.write(start)
            stream.write(dataset)
            offsets = _offsets(self.export) if self.export is not None else []
            for number in range(self.segments):
                if number in kept:
                    _copy(last, stream, offsets[number], segments[number].length)
                else:
                    text = texts[number]
                    stream.write(text if isinstance(text, bytes) else self.build.scratch.read(text))
        finally:
            if last >= 0:
                os.close(last)
        return WrittenExport((), len(start), len(dataset), [(*segments[number],) for number in range(self.segments)])

    def _opened(self, old: Path | None) -> int:
        """Return a descriptor of the last export if nobody changed it since, else -1."""
        if old is None or self.export is None:
            return -1
        with suppress(OSError):
            descriptor = os.open(old, os.O_RDONLY | os.O_CLOEXEC)
            if export_stamp(descriptor) == self.export.stamp:
                return descriptor
            os.close(descriptor)
        return -1

    def _assembled(self, wanted: list[int]) -> tuple[dict[int, Segment], dict[int, bytes | Extent]]:
        """Assemble segments from the parts of all texts."""
        pool = self.build.pool
        parts: dict[int, list[Extent]] = {number: [] for number in wanted}
        for text in self.texts:
            _add_parts(parts, text)
        spill = pool.jobs > 1 or len(wanted) > _HELD
        tasks = (AssembleTask(number, tuple(found), spill) for number, found in parts.items())
        segments: dict[int, Segment] = {}
        texts: dict[int, bytes | Extent] = {}
        for done, (task, result) in enumerate(pool.run(assemble, tasks), self.segments - len(wanted) + 1):
            length = len(result.text) if isinstance(result.text, bytes) else result.text.length
            segments[task.number] = Segment(length, result.images, result.widths, result.heights)
            texts[task.number] = result.text
            self.build.progress("Writing", done, self.segments)
        return segments, texts

    def _dataset(self, segments: Iterable[Segment]) -> bytes:
        """Describe the dataset; each image is counted once, where its segment was assembled."""
        options = self.build.options
        describer = Describer(TurtleTerms(self.prefixes), options.base, {})
        for text in self.texts:
            describer.classes.update(text.classes)
            describer.properties.update(text.properties)
        for segment in segments:
            describer.classes[vocabulary.IMAGE_OBJECT] += segment.images
            describer.properties[vocabulary.TYPE] += segment.images
            describer.properties[vocabulary.CONTENT_URL] += segment.images
            describer.properties[vocabulary.WIDTH] += segment.widths
            describer.properties[vocabulary.HEIGHT] += segment.heights
        return "".join(map(block, describe_dataset(describer, POLICY_VERSION, options.about))).encode()


def _add_parts(parts: dict[int, list[Extent]], text: SegmentedText) -> None:
    if text.extent is None:
        return
    start = text.extent.offset
    for number, (length, checksum) in enumerate(text.segments):
        if length and number in parts:
            parts[number].append(Extent(start, length, checksum))
        start += length


def _offsets(export: WrittenExport) -> list[int]:
    """Return where each segment begins in an export."""
    offsets, offset = [], export.header + export.dataset
    for length, *_ in export.segments:
        offsets.append(offset)
        offset += length
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
    """Return what identifies the content of an export; it stays the same when the file is renamed."""
    status = os.fstat(descriptor)
    return status.st_size, status.st_mtime_ns, status.st_ino
