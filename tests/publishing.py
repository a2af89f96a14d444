"""Publishing: builds by the engine whose corpora are cut finely, and what they leave in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import graphkit
from graphkit.engine import building, heap
from graphkit.engine.home import CACHE
from graphkit.rdf import FORMATS


@contextmanager
def cut_finely(
    *, share: int = 500, range_size: int = 300, batch: int = 400, files: int = 2, group: int = 1
) -> Iterator[None]:
    """Have small corpora built as large ones are: by the engine, in many shares, ranges and batches."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(heap, "LARGEST", -1)
        patch.setattr(building, "_WORTH_A_CREW", -1)
        patch.setattr(building, "_SHARE", share)
        patch.setattr(building, "_RANGE", range_size)
        patch.setattr(building, "_BATCH", batch)
        patch.setattr(building, "_BATCH_FILES", files)
        patch.setattr(building, "_GROUP", group)
        yield


def files_in(folder: Path) -> dict[str, bytes]:
    """Return all files in a folder, but for the cache."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.name != CACHE}


def published(sources: Any, folder: Path, **options: Any) -> dict[str, bytes]:
    """Publish without a page, and return the files; nothing where there was no record."""
    try:
        graphkit.publish(sources, folder, page=False, **options)
    except graphkit.NothingReadable:
        return {}
    return files_in(folder)


def exported(sources: Any, folder: Path, *, published_only: bool = False, **options: Any) -> dict[str, bytes]:
    """Build the graph in one heap, export it without a page, and return the files."""
    try:
        built = graphkit.build(sources, published_only=published_only)
    except graphkit.NothingReadable:
        return {}
    graphkit.export(built, folder, page=False, **options)
    return files_in(folder)


ALL_FORMATS = tuple(FORMATS)
BASES = (
    "https://w3id.org/graphkit/id/",
    "http://localhost:8000/id/",
    "https://schema.org/",
    "https://w3id.org/graphkit/ns#",
    "urn:x:",
    "https://example.com/",
)
