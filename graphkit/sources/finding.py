"""Sources: from what a person names (files, folders, patterns, ``-``) to files, and from a file to its bytes.

A source is named by its path below the folder that was given, so that the name is the same from any working
directory and tells nothing of the machine.
"""

from __future__ import annotations

import errno
import glob
import hashlib
import os
import re
import stat
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import IO, NamedTuple

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.files.compression import ending_of, estimated_size, is_gzip
from graphkit.files.folders import FolderLoop, walk
from graphkit.files.patterns import matches, split_pattern

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

MIN_UNPACKED = 64 << 20
MAX_RATIO = 256
"""gzip data may unpack to MIN_UNPACKED bytes, or to MAX_RATIO times its size. Text shrinks to a tenth."""

STDIN = "-"
REPORT = "report.json"
"""A build's own report, which stands beside its ``coverage.ttl`` and holds no records."""
NO_RECORDS = frozenset({REPORT, "coverage.d3.json", "coverage.node-link.json"})
"""What stands in a folder of exports and holds no records, though its ending says so."""


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
    dot = name.rfind(".")
    if dot > 0 and name[dot - 1] not in "/.":  # as nearly all are
        form = FORMS.get(name[dot:])
        if form is not None:
            return form
    return FORMS.get(f".{ending_of(name)}")


def find(sources: Iterable[str | Path], *, leave_out: Iterable[str | Path] = ()) -> Listing:
    """Find the files that `sources` name; a file reached twice is found once, by its longest name.

    Folders are searched to any depth, hidden files and folders and the paths in `leave_out` excepted.
    """
    search = _SourceSearch({os.path.realpath(path) for path in leave_out})
    for source in dict.fromkeys(os.fspath(source) for source in sources):
        search.add(source)
    return Listing(tuple(_named_apart(search.found)), len(search.skipped), tuple(sorted(set(search.diagnostics))))


class _SourceSearch:
    """The state of one search: what was found, by real path."""

    def __init__(self, leave_out: set[str]) -> None:
        self.found: dict[str, SourceFile] = {}
        self.skipped: set[str] = set()
        self.diagnostics: list[Diagnostic] = []
        self.leave_out = leave_out

    def add(self, source: str) -> None:
        if source == STDIN:
            self.found[STDIN] = SourceFile(STDIN, STDIN, "any")
        elif os.path.isdir(source):
            name = os.path.basename(os.path.abspath(source)) or "/"
            if not self.add_folder(source, "", name):
                self.fault(name, "GK103", "record files", "none of them")
        elif os.path.lexists(source):
            self.add_file(source, os.path.basename(source), form_of(source) or "any", os.path.realpath(source))
        elif glob.has_magic(source):
            self.add_pattern(source)
        else:
            self.fault(os.path.basename(source.rstrip("/")) or source, "GK104", "a file or folder", "nothing")

    def add_pattern(self, pattern: str) -> None:
        # glob's own ** follows links without end where two of them lead to a folder that holds them.
        parts = pattern.split("/")
        deep = parts.index("**") if "**" in parts else len(parts)
        fixed, _ = split_pattern(pattern)
        count = 0
        for path in glob.glob("/".join(parts[:deep]) or ("/" if pattern.startswith("/") else ".")):
            if self.is_left_out(path, fixed):
                continue
            name = os.path.relpath(path, fixed)
            below = "" if name == os.curdir else f"{name}/"
            if os.path.isdir(path):
                count += self.add_folder(path, below, name, parts[deep:])
            elif deep == len(parts):
                count += 1
                self.add_entry(path, name, os.path.realpath(path))
        if not count:
            self.fault(os.path.relpath(pattern, fixed), "GK104", "files that match the pattern", "none")

    def is_left_out(self, path: str, fixed: str) -> bool:
        """Tell whether a path that a pattern gave is in a folder to leave out, below the pattern's own."""
        root = os.path.realpath(fixed)
        real = os.path.realpath(path)
        return any(f"{real}/".startswith(f"{left}/") and left.startswith(f"{root}/") for left in self.leave_out)

    def add_folder(self, folder: str, below: str, shown: str, pattern: Sequence[str] = ()) -> int:
        """Find the files in a folder that match `pattern` and return how many files and faults there are.

        `below` begins the names of the files, `shown` names the folder itself.
        """
        count = 0
        for visited in walk(folder, self.leave_out):
            if visited.fault is not None:
                name = f"{below}{visited.below}".rstrip("/") or shown
                if isinstance(visited.fault, FolderLoop):
                    self.fault(name, "GK102", "a folder of its own", "a link to one that holds it")
                else:
                    self.fault(name, "GK101", "a readable folder", _reason(visited.fault))
                count += 1
            is_export = any(entry.name.startswith("coverage.") for entry in visited.entries)
            for entry in visited.entries:
                if entry.is_folder or entry.name.startswith("."):
                    continue
                if is_export and entry.name in NO_RECORDS:
                    self.skipped.add(entry.real)
                    continue
                name = visited.below + entry.name
                if entry.real not in self.leave_out and (not pattern or matches(name.split("/"), pattern)):
                    count += 1
                    self.add_entry(entry.path, below + name, entry.real)
        return count

    def add_entry(self, path: str, name: str, real: str) -> None:
        """Add a file that was not named itself, so that only its ending can tell if it holds records."""
        form = form_of(path)
        if form is None:
            self.skipped.add(real)
        else:
            self.add_file(path, name, form, real)

    def add_file(self, path: str, name: str, form: str, real: str) -> None:
        if real in self.leave_out:
            return
        found = SourceFile(printable(name), path, form)
        known = self.found.setdefault(real, found)
        # The longest name, then the larger: a rule that no order of the sources changes.
        if known is not found and (len(known.name), known) < (len(found.name), found):
            self.found[real] = found

    def fault(self, name: str, code: str, expected: str, got: str) -> None:
        self.diagnostics.append(Diagnostic(printable(name), 0, 0, "", code, expected, got))


def printable(name: str) -> str:
    r"""Return a file's name with the bytes that are not UTF-8 written as escapes: no export could hold them.

    >>> printable("caf\udce9.md")
    'caf\\xe9.md'
    """
    return name if name.isascii() else _SURROGATE.sub(_escaped, name)


_SURROGATE = re.compile("[\ud800-\udfff]")


def _escaped(match: re.Match[str]) -> str:
    number = ord(match[0])
    return f"\\x{number - 0xDC00:02x}" if 0xDC80 <= number <= 0xDCFF else f"\\u{number:04x}"


_file_name: Callable[[SourceFile], str] = attrgetter("name")


def _named_apart(found: dict[str, SourceFile]) -> Iterator[SourceFile]:
    """Yield the files sorted by name; different files of one name get a mark of their content after it.

    Copies keep one name: what stands in them stands in one place.
    """
    for name, alike in groupby(sorted(found.values(), key=_file_name), key=_file_name):
        same = list(alike)
        if len(same) == 1:
            yield same[0]
            continue
        marked = sorted((_digest(file), file) for file in same)
        apart = marked[0][0] != marked[-1][0]
        yield from (file._replace(name=f"{name}~{digest}") if apart else file for digest, file in marked)


def _digest(file: SourceFile) -> str:
    try:
        return hashlib.sha256(read_bytes(file)).hexdigest()[:8]
    except SourceError:
        return "unreadable"


def size_of(file: SourceFile) -> int:
    """Return how many bytes of text a file has, about; 0 where only reading it can tell."""
    try:
        return estimated_size(file.path, os.stat(file.path).st_size) if file.path != STDIN else 0
    except OSError:
        return 0


def read_bytes(file: SourceFile) -> bytes:
    """Return the content of a file, unpacked. Raises `SourceError`."""
    limit = MAX_BYTES[file.form]
    try:
        data = _read_stdin(limit) if file.path == STDIN else _read_file(file, limit)
    except OSError as error:
        raise SourceError(_fault(file, "GK101", "a readable file", _reason(error))) from error
    return unpacked(file, data)


def unpacked(file: SourceFile, data: bytes) -> bytes:
    """Return a file's content, unpacked if it is gzip data. Raises `SourceError` where it is over the limits."""
    limit = MAX_BYTES[file.form]
    if is_gzip(data):
        limit = min(limit, max(MIN_UNPACKED, MAX_RATIO * len(data)))
        data = _unpacked(file, data, limit)
    if len(data) > limit:
        raise SourceError(_fault(file, "GK106", f"at most {limit >> 20:,} MiB", "more"))
    return data


class Portion(NamedTuple):
    """A part of a file of JSON Lines, whole lines of it, after so many others."""

    lines_before: int
    data: bytes


def portions(file: SourceFile, size: int = 16 << 20) -> Iterator[Portion]:
    """Yield the content of a file of JSON Lines, unpacked, in portions of about `size` bytes.

    The file is read twice: before anything is yielded it is known to be whole. Raises `SourceError`.
    """
    for _ in _streamed(file, size):
        pass
    rest: list[bytes] = []
    lines = 0
    for data in _streamed(file, size):
        end = data.rfind(b"\n") + 1
        if not end:
            rest.append(data)
            continue
        portion = b"".join([*rest, data[:end]])
        # Without the last line end, which would begin one more line.
        yield Portion(lines, portion[:-1])
        lines += portion.count(b"\n")
        rest = [data[end:]]
    yield Portion(lines, b"".join(rest))


def _streamed(file: SourceFile, size: int) -> Iterator[bytes]:
    """Yield the content of a regular file, unpacked, within the limits. Raises `SourceError`."""
    limit = MAX_BYTES[file.form]
    try:
        with open(file.path, "rb") as stream:
            packed = is_gzip(stream.peek(2))
            status = os.fstat(stream.fileno())
            if packed:
                limit = min(limit, max(MIN_UNPACKED, MAX_RATIO * status.st_size))
            total = 0
            for data in _members(file, stream, size) if packed else iter(lambda: stream.read(size), b""):
                total += len(data)
                if total > limit:
                    raise SourceError(_fault(file, "GK106", f"at most {limit >> 20:,} MiB", "more"))
                yield data
    except OSError as error:
        raise SourceError(_fault(file, "GK101", "a readable file", _reason(error))) from error


def _members(file: SourceFile, stream: IO[bytes], size: int) -> Iterator[bytes]:
    """Yield what gzip data of any number of members unpacks to, `size` bytes at a time."""
    member = zlib.decompressobj(31)
    rest = b""
    try:
        while True:
            rest = rest or stream.read(1 << 20)
            if member.eof:
                rest = rest.lstrip(b"\0")
                if rest:
                    member = zlib.decompressobj(31)
                elif not (rest := stream.read(1 << 20)):
                    return
                else:
                    continue
            elif not rest:
                raise SourceError(_fault(file, "GK107", "whole gzip data", "data that ends too early"))
            data = member.decompress(rest, size)
            rest = member.unused_data if member.eof else member.unconsumed_tail
            if data:
                yield data
    except zlib.error:
        raise SourceError(_fault(file, "GK107", "gzip data", "damaged data")) from None


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
