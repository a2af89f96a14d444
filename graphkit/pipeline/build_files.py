"""Build files: the names of the files that a build writes, and the formats that it can write."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from graphkit.errors import UsageError
from graphkit.exporters.registry import FILE_NAMES
from graphkit.files.atomic import remove
from graphkit.files.compression import GZ
from graphkit.rdf.syntaxes import EXPORT_SYNTAXES

PAGE = "coverage.html"
PATCH = ("coverage.patch.rq", "coverage.removed.nq", "coverage.added.nq")
"""The files with the difference to the last build."""

VOID = "void"
"""The format that is the dataset's description by itself."""

FORMATS = (*EXPORT_SYNTAXES, VOID)


def file_name(format: str, *, gzip: bool) -> str:
    """Return the name of the file in a format."""
    return ("void.ttl" if format == VOID else f"coverage.{format}") + (GZ if gzip else "")


BUILD_FILES = frozenset(
    {PAGE, *PATCH, *FILE_NAMES} | {file_name(format, gzip=gzip) for format in FORMATS for gzip in (False, True)}
)
"""The names that an export may have, besides ``report.json``: those in formats of other tools too."""


def check_formats(formats: Iterable[str]) -> list[str]:
    """Return the formats to write, each once, Turtle first. Raises `UsageError` for one that is none."""
    wanted = list(dict.fromkeys(("ttl", *formats)))
    for format in wanted:
        if format not in FORMATS:
            raise UsageError(f"format: expected one of {', '.join(FORMATS)}, got {format!r}")
    return wanted


def remove_others(folder: Path, written: Iterable[Path]) -> None:
    """Remove the files of earlier builds that were not written this time."""
    for name in sorted(BUILD_FILES - {path.name for path in written}):
        remove(folder / name)
