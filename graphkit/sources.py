"""Sources: from what a person names (files, folders, patterns, ``-``) to the files to read, and from a file to bytes.

A source is named by its path below the folder that was given, so that the name is the same from any working
directory and tells nothing of the machine.
"""

from __future__ import annotations

import errno
import glob
import hashlib
import os
import stat
import sys
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from graphkit.errors import Diagnostic

FORMS = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "markdown",
    ".json": "json",
    ".jsonl": "jsonlines",
    ".yaml": "yaml",
    ".yml": "yaml",
}
"""File endings and the form of record each stands for; each may be followed by .gz."""

MAX_BYTES = {"markdown": 16 << 20, "yaml": 16 << 20, "json": 1 << 30, "jsonlines": 1 << 33, "any": 1 << 30}
"""The largest file of each form that is read, in bytes, unpacked."""

STDIN = "-"


class SourceFile(NamedTuple):
    """A file to read: its name in every export, the path to open, and the form of its records."""

    name: str
    path: str
    form: str


class Listing(NamedTuple):
    """The files found, sorted by name, with what was left aside and what was wrong."""

    files: tuple[SourceFile, ...]
    skipped: int
    diagnostics: tuple[Diagnostic, ...]


class SourceError(Exception):
    """A file that cannot be read; `diagnostic` says why."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(str(diagnostic))
        self.diagnostic = diagnostic


def form_of(name: str) -> str | None:
    """Return the form that a file's ending stands for, or None.

    >>> form_of("a.md"), form_of("b.JSONL.gz"), form_of("c.png")
    ('markdown', 'jsonlines', None)
    """
    return FORMS.get(os.path.splitext(name.lower().removesuffix(".gz"))[1])


def find(sources: Iterable[str | Path], *, leave_out: Iterable[str | Path] = ()) -> Listing:
    """Find the files that `sources` name; a file reached twice is found once, by its longest name.

    Folders are searched to any depth, hidden files and folders and the paths in `leave_out` excepted.
    """
    walk = _Walk({os.path.realpath(path) for path in leave_out})
    for source in sources:
        walk.add(os.fspath(source))
    return Listing(tuple(_named_apart(walk.found)), walk.skipped, tuple(sorted(walk.diagnostics)))


class _Walk:
    """The state of one search: what was found, by real path."""

    def __init__(self, leave_out: set[str]) -> None:
        self.found: dict[str, SourceFile] = {}
        self.diagnostics: list[Diagnostic] = []
        self.leave_out = leave_out
        self.seen_folders: set[tuple[int, int]] = set()
        self.skipped = 0

    def add(self, source: str) -> None:
        if source == STDIN:
            self.found[STDIN] = SourceFile(STDIN, STDIN, "any")
        elif os.path.isdir(source):
            self.add_folder(source)
        elif os.path.lexists(source):
            self.add_file(source, os.path.basename(source), form_of(source) or "any")
        elif glob.has_magic(source):
            self.add_pattern(source)
        else:
            self.fault(os.path.basename(source) or source, "GK104", "a file or folder", "nothing")

    def add_folder(self, folder: str) -> None:
        self.seen_folders = set()
        before = len(self.found) + self.skipped
        name = os.path.basename(os.path.abspath(folder)) or "/"
        self.walk(folder, "", (), name)
        if len(self.found) + self.skipped == before and not self.diagnostics:
            self.fault(name, "GK103", "record files", "none of them")

    def add_pattern(self, pattern: str) -> None:
        paths = sorted(glob.glob(pattern, recursive=True))
        if not paths:
            self.fault(pattern if not os.path.isabs(pattern) else os.path.basename(pattern), "GK104",
                       "files that match the pattern", "none")
        fixed = pattern[: len(pattern) - len(pattern.lstrip("/"))]
        parts = []
        for part in pattern.split("/")[:-1]:
            if glob.has_magic(part):
                break
            parts.append(part)
        fixed = "/".join(parts) or ("/" if pattern.startswith("/") else ".")
        for path in paths:
            if os.path.isdir(path):
                continue
            form = form_of(path)
            if form is None:
                self.skipped += 1
            else:
                self.add_file(path, os.path.relpath(path, fixed).replace(os.sep, "/"), form)

    def walk(self, folder: str, below: str, ancestors: tuple[tuple[int, int], ...], shown: str) -> None:
        try:
            status = os.stat(folder)
            identity = (status.st_dev, status.st_ino)
            if identity in ancestors:
                self.fault(below.rstrip("/") or shown, "GK102", "a folder of its own", "a link to one that holds it")
                return
            if identity in self.seen_folders:
                return
            self.seen_folders.add(identity)
            with os.scandir(folder) as entries:
                # Real folders before links, so that a folder's own name counts, not that of a link to it.
                listed = sorted(entries, key=lambda entry: (entry.is_symlink(), entry.name))
        except OSError as error:
            self.fault(below.rstrip("/") or shown, "GK101", "a readable folder", _reason(error))
            return
        for entry in listed:
            if entry.name.startswith(".") or (self.leave_out and os.path.realpath(entry.path) in self.leave_out):
                continue
            name = below + entry.name
            try:
                is_folder = entry.is_dir()
            except OSError:
                is_folder = False
            if is_folder:
                self.walk(entry.path, f"{name}/", (*ancestors, identity), shown)
                continue
            form = form_of(entry.name)
            if form is None:
                self.skipped += 1
            else:
                self.add_file(entry.path, name, form, link=entry.is_symlink())

    def add_file(self, path: str, name: str, form: str, *, link: bool = True) -> None:
        real = os.path.realpath(path) if link else os.path.abspath(path)
        if real in self.leave_out:
            return
        known = self.found.get(real)
        # The longest name, then the larger: a rule that no order of the sources changes.
        if known is None or (len(known.name), known.name) < (len(name), name):
            self.found[real] = SourceFile(name, path, form)

    def fault(self, name: str, code: str, expected: str, got: str) -> None:
        self.diagnostics.append(Diagnostic(name, 0, 0, "", code, expected, got))


def _named_apart(found: dict[str, SourceFile]) -> Iterator[SourceFile]:
    """Yield the files sorted by name; different files of one name get a mark of their content after it."""
    by_name: dict[str, list[SourceFile]] = {}
    for file in found.values():
        by_name.setdefault(file.name, []).append(file)
    for name in sorted(by_name):
        same = by_name[name]
        if len(same) == 1:
            yield same[0]
            continue
        marked = {}
        for file in same:
            try:
                digest = hashlib.sha256(read_bytes(file)).hexdigest()[:8]
            except SourceError:
                digest = "unreadable"
            marked[digest] = file._replace(name=f"{name}~{digest}")
        yield from (marked[digest] for digest in sorted(marked))


def read_bytes(file: SourceFile) -> bytes:
    """Return the content of a file, unpacked. Raises `SourceError`."""
    limit = MAX_BYTES[file.form]
    try:
        data = _read_stdin(limit) if file.path == STDIN else _read_file(file, limit)
    except OSError as error:
        raise SourceError(_fault(file, "GK101", "a readable file", _reason(error))) from error
    if data[:2] == b"\x1f\x8b":
        data = _unpacked(file, data, limit)
    if len(data) > limit:
        raise SourceError(_fault(file, "GK106", f"at most {limit >> 20:,} MiB", f"more, so it is not read"))
    return data


def _read_stdin(limit: int) -> bytes:
    return sys.stdin.buffer.read(limit + 1)


def _read_file(file: SourceFile, limit: int) -> bytes:
    # O_NONBLOCK: opening a pipe that nobody writes to must not hang. It means nothing for a regular file.
    descriptor = os.open(file.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            if file.form != "any":
                raise SourceError(_fault(file, "GK105", "a regular file", "a pipe, socket or device"))
            os.set_blocking(descriptor, True)
        size = status.st_size
        if size > limit:
            raise SourceError(_fault(file, "GK106", f"at most {limit >> 20:,} MiB", f"{size / (1 << 20):,.0f} MiB"))
        data = os.read(descriptor, size + 1)
        if len(data) == size and size:
            return data
        parts = [data]
        total = len(data)
        while parts[-1] and total <= limit:
            parts.append(os.read(descriptor, 1 << 20))
            total += len(parts[-1])
        return b"".join(parts)
    finally:
        os.close(descriptor)


def _unpacked(file: SourceFile, data: bytes, limit: int) -> bytes:
    """Unpack gzip data of any number of members, but no more than `limit` and one bytes of it."""
    parts: list[bytes] = []
    total = 0
    rest = data
    try:
        while rest and total <= limit:
            member = zlib.decompressobj(31)
            part = member.decompress(rest, limit + 1 - total)
            parts.append(part)
            total += len(part)
            if total <= limit and not member.eof:
                raise SourceError(_fault(file, "GK107", "whole gzip data", "data that ends too early"))
            rest = member.unused_data.lstrip(b"\0")
    except zlib.error:
        raise SourceError(_fault(file, "GK107", "gzip data", "damaged data")) from None
    return b"".join(parts)


def _fault(file: SourceFile, code: str, expected: str, got: str) -> Diagnostic:
    return Diagnostic(file.name, 0, 0, "", code, expected, got, rejects=True)


def _reason(error: OSError) -> str:
    if error.errno == errno.ELOOP:
        return "a link that leads to itself"
    return (error.strerror or type(error).__name__).lower()
