"""Publishing: builds by the engine whose corpora are cut finely, and what they leave in a folder."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import graphkit
from graphkit.pipeline.local import (
    build_options,
    build_steps,
    file_batches,
    file_reading,
    in_memory,
    source_descriptions,
)
from graphkit.rdf.syntaxes import EXPORT_SYNTAXES


@contextmanager
def cut_finely(
    *,
    partition: int = 500,
    segment: int = 300,
    batch: int = 400,
    files: int = 2,
    group: int = 1,
    largest_in_memory: int = -1,
) -> Iterator[None]:
    """Have small corpora built as large ones are: in many partitions, segments and batches."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(in_memory, "LARGEST", largest_in_memory)
        patch.setattr(build_options, "POOL_BYTES", -1)
        patch.setattr(build_steps, "_PARTITION_BYTES", partition)
        patch.setattr(build_steps, "_SEGMENT_BYTES", segment)
        patch.setattr(file_reading, "_BATCH_BYTES", batch)
        patch.setattr(file_reading, "_BATCH_FILES", files)
        patch.setattr(source_descriptions, "_GROUP", group)
        patch.setattr(file_batches, "SAMPLE_EVERY", 1)
        yield


def files_in(folder: Path) -> dict[str, bytes]:
    """Return all files in a folder, but for the cache and what a killed build may have left."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.name[0] != "."}


def without_manifest(report: bytes) -> dict[str, Any]:
    """Return a report without its list of files, which differs where other formats were asked for."""
    found: dict[str, Any] = json.loads(report)
    del found["written"]
    return found


def published(sources: Any, folder: Path, **options: Any) -> dict[str, bytes]:
    """Publish without a page, and return the files; nothing where there was no record."""
    try:
        graphkit.publish(sources, folder, page=False, **options)
    except graphkit.NothingReadable:
        return {}
    return files_in(folder)


def exported(sources: Any, folder: Path, *, published_only: bool = False, **options: Any) -> dict[str, bytes]:
    """Build the graph in memory, export it without a page, and return the files."""
    try:
        built = graphkit.build(sources, published_only=published_only)
    except graphkit.NothingReadable:
        return {}
    graphkit.export(built, folder, page=False, **options)
    return files_in(folder)


def limited(code: str, folder: Path, *, most: int = 20_000) -> subprocess.CompletedProcess[str]:
    """Run Python code that may not write a file of more than so many bytes: as on a disk with no more room."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    # Nor could a measurement of coverage be written.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        preexec_fn=limit,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


ALL_FORMATS = (*EXPORT_SYNTAXES, "void")
BASES = (
    "https://w3id.org/graphkit/id/",
    "http://localhost:8000/id/",
    "https://schema.org/",
    "https://w3id.org/graphkit/ns#",
    "urn:x:",
    "https://example.com/",
)
