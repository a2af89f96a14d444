"""Segments: Turtle cut into sorted ranges of subjects, each of which can be assembled apart from the others."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

import msgspec

from graphkit.garbage_collection import collector_paused
from graphkit.pipeline.local.blob_store import BlobStore, Extent, checksum
from graphkit.pipeline.local.cached_state import SegmentedText
from graphkit.pipeline.local.worker_context import WorkerContext
from graphkit.rdf.descriptions import Describer

SubjectText = tuple[str, bytes, tuple[int, int] | None]
"""A subject's IRI and its Turtle; for an image also its size, as several partitions may describe the same one."""


def splitters(samples: Iterable[str], wanted: int) -> list[str]:
    """Return the IRIs at which to cut, so that the segments hold about as many samples each."""
    ordered = sorted(set(samples))
    return sorted({ordered[len(ordered) * number // wanted] for number in range(1, wanted)}) if ordered else []


def stored_text(
    subjects: Iterable[SubjectText], splitters: list[str], describer: Describer[str], store: BlobStore
) -> SegmentedText:
    """Cut the text of subjects into segments and append it to the store; the describer has counted it."""
    ordered = sorted(subjects)
    iris = [iri for iri, _, _ in ordered]
    cuts = [0, *(bisect_left(iris, splitter) for splitter in splitters), len(iris)]
    segments = [_packed(ordered[start:end]) if start < end else b"" for start, end in pairwise(cuts)]
    return SegmentedText(
        store.append(b"".join(segments)),
        [(len(one), checksum(one)) for one in segments],
        dict(describer.classes),
        dict(describer.properties),
    )


def _packed(subjects: list[SubjectText]) -> bytes:
    """Return the length of an index, the index, and the texts of the subjects."""
    iris, texts, sizes = zip(*subjects, strict=True)
    index = _ENCODE((iris, list(map(len, texts)), sizes))
    return b"".join([len(index).to_bytes(4, "little"), index, *texts])


def changed_segments(old: Iterable[SegmentedText], new: Iterable[SegmentedText]) -> set[int]:
    """Return the numbers of the segments in which some text differs from the old one."""
    changed: set[int] = set()
    for before, after in zip(old, new, strict=True):
        if before is not after:
            known = before.segments or [(0, 0)] * len(after.segments)
            pairs = zip(known, after.segments, strict=True)
            changed.update(number for number, (one, other) in enumerate(pairs) if one != other)
    return changed


class AssembleTask(NamedTuple):
    """A segment to assemble from its parts; `spill` leaves the text in the scratch store."""

    number: int
    parts: tuple[Extent, ...]
    spill: bool


class AssembleResult(NamedTuple):
    """The text of a segment; the number of images in it, of those with a width, and of those with a height."""

    text: bytes | Extent
    images: int
    widths: int
    heights: int


def assemble(context: WorkerContext, task: AssembleTask) -> AssembleResult:
    """Sort the subjects of a segment; of an image that several partitions describe, keep the largest."""
    with collector_paused():
        iris: list[str] = []
        texts: list[memoryview] = []
        sizes: list[tuple[int, int] | None] = []
        for part in task.parts:
            data = context.store.read(part)
            end = 4 + int.from_bytes(data[:4], "little")
            some_iris, lengths, some_sizes = _INDEX(data[4:end])
            iris += some_iris
            sizes += some_sizes
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
        return AssembleResult(context.scratch.append(text) if task.spill else text, len(images), widths, heights)


_ENCODE = msgspec.msgpack.Encoder().encode
_INDEX = msgspec.msgpack.Decoder(tuple[list[str], list[int], list[tuple[int, int] | None]]).decode
