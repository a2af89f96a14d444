"""Finding: from what a person names (files, folders, patterns, ``-``) to the files to read.

A file is named by its path below the folder that was given, so that the name is the same from any working directory
and reveals nothing about the machine.
"""

from __future__ import annotations

import glob
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.diagnostics.found_diagnostics import first_of_each_source
from graphkit.files.folders import FolderLoop, FolderOutside, walk
from graphkit.files.manifest import REPORT
from graphkit.files.patterns import matches, split_pattern
from graphkit.formats.recognition import ANY, format_of
from graphkit.sources.contents import read_bytes
from graphkit.sources.source_file import STDIN, SourceError, SourceFile, printable, reason_of
from graphkit.sources.trees import SourceTrees, source_trees, without_quotes

NO_RECORDS = frozenset({REPORT, "coverage.d3.json", "coverage.node-link.json"})
"""Files of an export that contain no records, though their ending is that of a record file."""


class SourceListing(NamedTuple):
    """The files found, sorted by name, with the number of files skipped and the diagnostics.

    `outside` are the names of files that are outside of the folders that were named, where a link led. `unread` are the
    paths of the first files skipped, without those that an export consists of; there are `unread_count` of them.
    `fault_paths` are the paths of what is not a file, by the names in `diagnostics`.
    """

    files: tuple[SourceFile, ...]
    skipped: int
    diagnostics: tuple[Diagnostic, ...]
    outside: frozenset[str] = frozenset()
    unread: tuple[str, ...] = ()
    unread_count: int = 0
    fault_paths: dict[str, str] = {}  # noqa: RUF012 - as in any named tuple, nobody changes it


SHOWN_UNREAD = 3
"""The number of files not read that are named on the terminal."""


def find(
    sources: Iterable[str | Path], *, leave_out: Iterable[str | Path] = (), follow_links: bool = False
) -> SourceListing:
    """Find the files that `sources` name; a file reached twice is found once, by its longest name.

    Folders are searched to any depth, hidden files and folders and the paths in `leave_out` excepted. A link that leads
    out of the folders that `sources` name is a fault, unless `follow_links`.
    """
    names = tuple(dict.fromkeys(os.fspath(source) for source in sources))
    left_out = {os.path.realpath(path) for path in leave_out}
    search = _SourceSearch(left_out, source_trees(names), follow_links=follow_links)
    for source in names:
        search.add(source)
    files = tuple(_named_apart(search.found))
    paths = {search.found[real].path for real in search.outside}
    outside = frozenset(file.name for file in files if file.path in paths) if paths else frozenset()
    unread = sorted(filter(None, search.skipped.values()))
    return SourceListing(
        files,
        len(search.skipped),
        tuple(sorted(set(search.diagnostics))),
        outside,
        tuple(map(printable, unread[:SHOWN_UNREAD])),
        len(unread),
        search.fault_paths,
    )


def placed(diagnostics: Iterable[Diagnostic], listing: SourceListing) -> tuple[Diagnostic, ...]:
    """Return diagnostics with paths that can be opened from the working directory where exports have names."""
    found = tuple(diagnostics)
    wanted = {one.source for one in found}
    paths = listing.fault_paths | {file.name: file.path for file in listing.files if file.name in wanted}
    return tuple(replace(one, source=printable(paths.get(one.source, one.source))) for one in found)


def shown(diagnostics: Iterable[Diagnostic], listing: SourceListing) -> tuple[Diagnostic, ...]:
    """Return the first diagnostics of each file, without anything quoted of files outside of the named folders."""
    first = first_of_each_source(diagnostics)
    if not listing.outside:
        return tuple(first)
    return tuple(sorted(without_quotes(diagnostic, listing.outside) for diagnostic in first))


class _SourceSearch:
    """The state of one search: what was found, by real path."""

    def __init__(self, leave_out: set[str], trees: SourceTrees, *, follow_links: bool) -> None:
        self.found: dict[str, SourceFile] = {}
        self.outside: set[str] = set()
        self.skipped: dict[str, str] = {}
        """The paths of files skipped, empty for those of an export, by real path."""
        self.diagnostics: list[Diagnostic] = []
        self.fault_paths: dict[str, str] = {}
        self.leave_out = leave_out
        self.trees = trees
        self.follow_links = follow_links

    def add(self, source: str) -> None:
        if source == STDIN:
            self.found[STDIN] = SourceFile(STDIN, STDIN, ANY)
        elif os.path.isdir(source):
            name = os.path.basename(os.path.abspath(source)) or "/"
            if not self.add_folder(source, "", name):
                self.fault(name, source, "GK103", "record files", "none of them")
        elif os.path.lexists(source):
            self.add_file(source, os.path.basename(source), format_of(source) or ANY, os.path.realpath(source))
        elif glob.has_magic(source):
            self.add_pattern(source)
        else:
            self.fault(os.path.basename(source.rstrip("/")) or source, source, "GK104", "a file or folder", "nothing")

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
            if os.path.isdir(path) and not self.may_visit(os.path.realpath(path)):
                count += 1
                self.fault_of_link(name, path)
            elif os.path.isdir(path):
                count += self.add_folder(path, below, name, parts[deep:])
            elif deep == len(parts):
                count += 1
                self.add_entry(path, name, os.path.realpath(path))
        if not count:
            self.fault(os.path.relpath(pattern, fixed), pattern, "GK104", "files that match the pattern", "none")

    def is_left_out(self, path: str, fixed: str) -> bool:
        """Return whether a path that a pattern gave is in a folder to leave out, below the pattern's own."""
        root = os.path.realpath(fixed)
        real = os.path.realpath(path)
        return any(f"{real}/".startswith(f"{left}/") and left.startswith(f"{root}/") for left in self.leave_out)

    def add_folder(self, folder: str, below: str, shown: str, pattern: Sequence[str] = ()) -> int:
        """Find the files in a folder that match `pattern` and return how many files and faults there are.

        `below` begins the names of the files, `shown` names the folder itself.
        """
        count = 0
        for visited in walk(folder, self.leave_out, self.may_visit):
            if visited.fault is not None:
                name = f"{below}{visited.below}".rstrip("/") or shown
                path = os.path.join(folder, visited.below).rstrip("/") or folder
                if isinstance(visited.fault, FolderLoop):
                    self.fault(name, path, "GK102", "a folder of its own", "a link to one that holds it")
                elif isinstance(visited.fault, FolderOutside):
                    self.fault_of_link(name, path)
                else:
                    self.fault(name, path, "GK101", "a readable folder", reason_of(visited.fault))
                count += 1
            is_export = any(entry.name.startswith("coverage.") for entry in visited.entries)
            for entry in visited.entries:
                if entry.is_folder or entry.name.startswith("."):
                    continue
                if is_export and entry.name in NO_RECORDS:
                    self.skipped[entry.real] = ""
                    continue
                name = visited.below + entry.name
                if entry.real not in self.leave_out and (not pattern or matches(name.split("/"), pattern)):
                    count += 1
                    self.add_entry(entry.path, below + name, entry.real)
                    if is_export and entry.name.startswith("coverage.") and entry.real in self.skipped:
                        self.skipped[entry.real] = ""
        return count

    def add_entry(self, path: str, name: str, real: str) -> None:
        """Add a file that was not named itself, so that only its ending can tell if it holds records."""
        format = format_of(path)
        if format is None:
            self.skipped.setdefault(real, path)
        elif real in self.leave_out:
            pass
        elif not self.may_visit(real):
            self.fault_of_link(name, path)
        else:
            if self.follow_links and not self.trees.hold(real):
                self.outside.add(real)
            self.add_file(path, name, format, real)

    def add_file(self, path: str, name: str, format: str, real: str) -> None:
        if real in self.leave_out:
            return
        found = SourceFile(printable(name), path, format)
        known = self.found.setdefault(real, found)
        # The longest name, then the larger: a rule that no order of the sources changes.
        if known is not found and (len(known.name), known) < (len(found.name), found):
            self.found[real] = found

    def may_visit(self, real: str) -> bool:
        return self.follow_links or self.trees.hold(real)

    def fault_of_link(self, name: str, path: str) -> None:
        self.fault(
            name, path, "GK110", "a link within the folder", "one that leads out of it; --follow-links follows it"
        )

    def fault(self, name: str, path: str, code: str, expected: str, got: str) -> None:
        self.fault_paths[printable(name)] = path
        self.diagnostics.append(Diagnostic(printable(name), 0, 0, "", code, expected, got))


_file_name: Callable[[SourceFile], str] = attrgetter("name")


def _named_apart(found: dict[str, SourceFile]) -> Iterator[SourceFile]:
    """Yield the files sorted by name; different files of one name get a hash of their content appended.

    Copies share one name: they contain the same records.
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
