"""Build files: the names of the files that a build writes, and the formats that it can write."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from graphkit.errors import UsageError
from graphkit.exporters.registry import FILE_NAMES
from graphkit.files.atomic import json_text, remove, replacing, write_text
from graphkit.files.compression import GZ
from graphkit.files.manifest import PENDING, REPORT, own_files, with_manifest, written_file
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


OpenFile = Callable[[str], IO[bytes]]
"""Opens a file of an export by its name."""


@contextmanager
def replacing_export(folder: Path, report: Mapping[str, object], removed: list[Path]) -> Iterator[OpenFile]:
    """Open the files of an export, which take their places together when the block succeeds, the report last.

    Files of the last export that were not opened this time are removed and added to `removed`, if nobody changed them.
    While files take their places the new manifest lies beside them: a process that is killed then leaves it, and
    readers tell by it that the folder holds two builds. Raises `OutputError`.
    """
    opened: dict[str, IO[bytes]] = {}
    with ExitStack() as files:
        files.push(lambda kind, *_: remove(folder / PENDING) if kind is None else None)
        about = files.enter_context(replacing(folder / REPORT))

        def open_file(name: str) -> IO[bytes]:
            opened[name] = files.enter_context(replacing(folder / name))
            return opened[name]

        yield open_file
        written = {}
        for name, stream in opened.items():
            stream.flush()
            path = Path(stream.name)
            if stat.S_ISREG(path.stat().st_mode):  # a pipe cannot be read again
                written[name] = written_file(path)
        text = json_text(with_manifest(report, written))
        about.write(text.encode("utf-8", "replace"))
        others = own_files(folder, opened)
        remove(folder / PENDING)  # be it a link
        write_text(folder / PENDING, text)
        for name in others:
            remove(folder / name)
            removed.append(folder / name)
