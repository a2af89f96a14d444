"""Contents: what the sources hold, read by Spark's own readers from any file system that it knows."""

from __future__ import annotations

import os
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.errors import UsageError
from graphkit.files.compression import is_gzip, is_gzip_name
from graphkit.files.patterns import is_pattern, split_pattern
from graphkit.pipeline.spark import archives
from graphkit.sources import finding
from graphkit.sources.finding import (
    FORMS,
    MAX_BYTES,
    NO_RECORDS,
    REPORT,
    SourceError,
    SourceFile,
    form_of,
    portions,
    printable,
    unpacked,
)

LARGE = 64 << 20
"""A file of more bytes is read by itself."""

CUT = 4 << 20
"""A file of plain JSON Lines of more bytes is cut into lines by Spark: Java holds a whole file several times."""

MAX_WHOLE = (1 << 31) - 1
"""The largest file that Spark's reader gives as a whole, in bytes."""

_PACKED_LINES = 4 << 20
_LINES = 2_000
_PLAIN_LINES = rf"(?i)({'|'.join(re.escape(ending) for ending, form in FORMS.items() if form == 'jsonlines')})$"


class FileContent(NamedTuple):
    """Some content to read: the name of its source, its form, and its bytes after so many lines; or what is wrong.

    `file` is the file it came from, and one content of each file that was listed counts it. `found` and `skipped` count
    files in archives, which no listing shows.
    """

    name: str
    form: str
    data: bytes
    lines_before: int = 0
    diagnostic: Diagnostic | None = None
    file: str = ""
    listed: int = 0
    found: int = 0
    skipped: int = 0


class FoundSources(NamedTuple):
    """What the sources hold: contents as an RDD, numbers of files, and what is wrong with the sources themselves.

    `names` are the files whose contents come from Spark's readers, each of which must turn up.
    """

    contents: Any
    files: int
    skipped: int
    size: int
    diagnostics: list[Diagnostic]
    names: frozenset[str]


class Root(NamedTuple):
    """A folder to read, by its full path, and what the names of files in it begin with."""

    path: str
    below: str


def find_sources(spark: Any, names: Sequence[str], out: str = "") -> FoundSources:
    """Find the files of all sources, but for what is in the folder `out`.

    What is on this machine is found, and named, as the local engine does it; elsewhere folders are read and patterns
    followed by the same rules.
    """
    search = _Search(spark, out)
    local = []
    for name in dict.fromkeys(names):
        if name == finding.STDIN:
            raise UsageError("sources: expected files or folders that a cluster can read, got standard input")
        if search.is_local(name):
            local.append(name.removeprefix("file://").removeprefix("file:"))
        else:
            search.add_remote(name)
    if local:
        search.add_local(local)
    return search.found()


class _Search:
    """The state of one search. Paths are those that Spark shows; `wanted` are the files to read, with their names."""

    def __init__(self, spark: Any, out: str) -> None:
        self.spark = spark
        self.hadoop = spark._jvm.org.apache.hadoop.fs
        self.wanted: dict[str, str] = {}
        self.parts: list[Any] = []
        self.large: dict[str, str] = {}
        self.cut: dict[str, str] = {}
        self.by_hand: dict[str, str] = {}  # what Spark's readers leave aside, or do not find
        self.counted: set[str] = set()
        self.files = self.skipped = self.size = 0
        self.diagnostics: list[Diagnostic] = []
        self.told: list[FileContent] = []
        self.out = self.full(out) if out else ""

    def path(self, name: str) -> Any:
        return self.hadoop.Path(name)

    def system(self, path: Any) -> Any:
        return path.getFileSystem(self.spark._jsc.hadoopConfiguration())

    def full(self, name: str) -> str:
        path = self.path(name)
        return str(self.system(path).makeQualified(path).toString())

    def is_local(self, name: str) -> bool:
        if name.startswith("/") or "://" not in name:  # a colon may be part of a file's name
            name = name if name.startswith("file:") else "/"
        return str(self.system(self.path(name)).getUri().getScheme()) == "file"

    def fault(self, name: str, code: str, expected: str, got: str) -> None:
        self.diagnostics.append(Diagnostic(printable(name), 0, 0, "", code, expected, got))

    # On this machine

    def add_local(self, names: list[str]) -> None:
        out = self.out.removeprefix("file:")
        listing = finding.find(names, leave_out=(out, f"{out}/{REPORT}") if out else ())
        self.diagnostics += listing.diagnostics
        by_path = {_shown(file.path): file for file in listing.files}
        self.wanted.update((path, file.name) for path, file in by_path.items())
        self.files += sum(not _is_archive(path) for path in by_path)
        self.skipped += listing.skipped
        # Links that lead to where they are would have Spark go round and round.
        if not any(fault.code == "GK102" for fault in listing.diagnostics):
            for name in names:
                if Path(name).is_dir():
                    self.add_folder(Root(_shown(name), ""), by_path)
        rest = {path: file for path, file in by_path.items() if path not in self.counted}
        explicit = []
        for path, file in rest.items():
            if _is_left_aside(path) or not Path(file.path).is_file():
                self.by_hand[path] = file.name
                self.told += _by_hand(file)
            else:
                explicit.append((path, Path(file.path).stat().st_size))
        self.add_listed(explicit, {path: file.name for path, file in rest.items()})

    def add_folder(self, root: Root, by_path: Mapping[str, SourceFile]) -> None:
        """Read a folder of this machine, and those in it that Spark's readers leave aside for their names."""
        frame, listed = self.listed(root.path)
        names: dict[str, str] = {}
        for path, _ in listed:
            if path in by_path and path not in self.counted and not _is_left_aside(path):
                names[path] = by_path[path].name
            elif _is_archive(path) and path not in self.counted and not self.is_out(path):
                # The local engine knows no archives, and has counted them among what it skips.
                names[path] = self.wanted[path] = _name(path, root)
                self.skipped -= 1
        self.add_listed(listed, names, frame, root)
        aside = {
            f"{root.path}/{aside}"
            for path in by_path
            if path.startswith(f"{root.path}/") and path not in self.counted
            for aside in [_first_aside(path[len(root.path) + 1 :])]
            if aside
        }
        for folder in sorted(aside):
            self.add_folder(Root(folder, _name(folder, root) + "/"), by_path)

    # Elsewhere

    def add_remote(self, name: str) -> None:
        path = self.path(name)
        system = self.system(path)
        last = name.rstrip("/").rpartition("/")[2]
        if system.exists(path):
            matches = [system.getFileStatus(path)]
            pattern = ""
        else:
            if "**" in name.split("/"):
                raise UsageError(f"sources: expected a pattern without **, which Hadoop does not know, got {name}")
            hidden = [part.startswith(".") for part in name.split("/")]
            matches = [
                status
                for status in system.globStatus(path) or ()
                if not any(map(_shows_hidden, reversed(str(status.getPath()).split("/")), reversed(hidden)))
            ]
            pattern, _ = split_pattern(name)
        if not matches:
            self.fault(last, "GK104", *_NOTHING[bool(pattern) and is_pattern(name)])
            return
        fixed = self.full(pattern) if pattern else ""
        before = self.files
        for status in matches:
            full = str(status.getPath().toString())
            shown = full[len(fixed) + 1 :] if fixed else ""
            if status.isDirectory():
                self.add_remote_folder(Root(full, f"{shown}/" if shown else ""))
            elif not fixed or form_of(full):
                self.add_remote_files([(full, status.getLen())], {full: printable(shown or last)})
            else:
                self.skipped += 1
        if self.files == before and not pattern and matches[0].isDirectory():
            self.fault(last, "GK103", "record files", "none of them")

    def add_remote_folder(self, root: Root) -> None:
        frame, listed = self.listed(root.path)
        exports = _exports(root, listed)
        names = {}
        for path, _ in listed:
            name = _name(path, root)
            if any(part.startswith(".") for part in name.split("/")) or path in self.counted or self.is_out(path):
                continue
            folder, _, last = path.rpartition("/")
            if (last in NO_RECORDS and folder in exports) or not _is_readable(last):
                self.skipped += 1
            else:
                names[path] = name
        self.add_remote_files(listed, names, frame, root)
        for status in self.aside(root):
            path = str(status.getPath().toString())
            name = _name(path, root)
            if self.is_out(path) or any(part.startswith(".") for part in name.split("/")):
                continue
            if status.isDirectory():
                self.add_remote_folder(Root(path, f"{name}/"))
            elif _is_readable(name):
                self.add_remote_files([(path, status.getLen())], {path: name})
            else:
                self.skipped += 1

    def add_remote_files(
        self, listed: list[tuple[str, int]], names: dict[str, str], frame: Any = None, root: Root | None = None
    ) -> None:
        """Read files, those by hand that Spark's readers leave aside for their names."""
        self.wanted.update(names)
        self.files += sum(not _is_archive(path) for path in names)
        readable = dict(names)
        for path in filter(_is_left_aside, names):
            self.counted.add(path)
            self.by_hand[path] = readable.pop(path)
            self.told += self.opened(path, names[path])
        self.add_listed(listed, readable, frame, root)

    def opened(self, path: str, name: str) -> Iterator[FileContent]:
        """Yield the content of a file that Spark's readers would not take."""
        from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]  # it has no types
        from pyspark.errors import PySparkException

        try:
            stream = self.system(self.path(path)).open(self.path(path))
            data = bytes(self.spark._jvm.org.apache.commons.io.IOUtils.toByteArray(stream))
            stream.close()
        except (Py4JJavaError, PySparkException):
            yield _broken(name, unread_file(name))
        else:
            for one in contents_of(name, path, data):
                yield one._replace(listed=0)

    def aside(self, root: Root) -> Iterator[Any]:
        """Yield what Spark's readers leave aside for its name, the topmost of each path."""
        from pyspark.errors import PySparkException

        system = self.system(self.path(root.path))
        found: list[Any] = []
        level = _escaped(root.path)
        try:
            while len(system.globStatus(self.path(f"{level}/*")) or ()):
                found += system.globStatus(self.path(f"{level}/_*")) or ()
                level += "/*"
        except PySparkException:  # Hadoop's patterns stumble over names with a colon
            yield from self.walked(system, self.path(root.path))
            return
        for status in found:
            name = str(status.getPath().toString())[len(root.path) + 1 :]
            if _first_aside(f"{name}/") == name:
                yield status

    def walked(self, system: Any, folder: Any) -> Iterator[Any]:
        """Yield what `aside` yields, from a look at each file: it takes a millisecond for each."""
        for status in system.listStatus(folder):
            last = str(status.getPath().getName())
            if last.startswith("_") and "=" not in last:
                yield status
            elif status.isDirectory():
                yield from self.walked(system, status.getPath())

    # Reading

    def listed(self, path: str) -> tuple[Any, list[tuple[str, int]]]:
        """Return the frame of all files in a folder that Spark's readers take, with their paths and sizes."""
        frame = _binary(self.spark).option("recursiveFileLookup", "true").load(_escaped(path))
        return frame, [(row.path, row.length) for row in frame.select("path", "length").collect()]

    def is_out(self, path: str) -> bool:
        return bool(self.out) and path.startswith(f"{self.out}/")

    def add_listed(
        self, listed: list[tuple[str, int]], names: Mapping[str, str], frame: Any = None, root: Root | None = None
    ) -> None:
        """Read the files that `names` names, from the frame of the folder `root` that lists them, or by their paths."""
        small = {}
        for path, size in listed:
            if path not in names:
                continue
            name = names[path]
            self.counted.add(path)
            self.size += size
            form = form_of(path) or "any"
            limit = min(MAX_BYTES[form], MAX_WHOLE)
            if form == "jsonlines" and size > CUT and not is_gzip_name(path):
                self.cut[path] = name
            elif size > limit:
                fault = f"at most {limit >> 20:,} MiB", f"{size / (1 << 20):,.0f} MiB"
                self.by_hand[path] = name
                self.told.append(_broken(name, Diagnostic(name, 0, 0, "", "GK106", *fault, rejects=True)))
            elif root is None or size > LARGE:
                self.large[path] = name
            else:
                small[path] = name
        if small and root is not None:
            chosen = frame.where(frame["length"] <= LARGE)  # Spark's reader is told, and opens no larger ones
            if any(path in self.cut for path, _ in listed):
                chosen = chosen.where((frame["length"] <= CUT) | ~frame["path"].rlike(_PLAIN_LINES))
            other = {path: name for path, name in small.items() if name != _expected(path, root)}
            left = {path: "" for path, _ in listed if path not in small and _is_readable(path)}
            self.parts.append(_whole(chosen, root, {**other, **left}))

    def found(self) -> FoundSources:
        by_name: dict[str, str] = {}
        for path, name in self.wanted.items():
            other = by_name.setdefault(name, path)
            if other != path:
                raise UsageError(f"sources: expected files of different names, got {name} twice; name one folder")
        if self.large:
            frame = _binary(self.spark).load([_escaped(path) for path in self.large])
            self.parts.append(_whole(frame, None, self.large))
        if self.cut:
            self.parts.append(_lines(self.spark, self.cut))
        context = self.spark.sparkContext
        if self.told:
            self.parts.append(context.parallelize(self.told, min(len(self.told), context.defaultParallelism)))
        contents = context.union(self.parts) if self.parts else context.emptyRDD()
        names = frozenset(name for path, name in self.wanted.items() if path not in self.by_hand)
        return FoundSources(contents, self.files, self.skipped, self.size, self.diagnostics, names)


_NOTHING = (("a file or folder", "nothing"), ("files that match the pattern", "none"))


def _binary(spark: Any) -> Any:
    """Return Spark's reader of whole files. Those that fail are left aside, and told of by who misses them."""
    reader = spark.read.format("binaryFile")
    return reader.option("ignoreCorruptFiles", "true").option("ignoreMissingFiles", "true")


def _escaped(path: str) -> str:
    """Return a path for Spark, which takes all paths for patterns."""
    return re.sub(r"([*?\[\]{}\\])", r"\\\1", path)


def _shows_hidden(part: str, is_asked_for: bool) -> bool:  # noqa: FBT001 - it is mapped
    """Tell whether a part of a path that fits a pattern is hidden; ``*`` does not stand for such a name."""
    return part.startswith(".") and not is_asked_for


def _shown(path: str) -> str:
    """Return a path of this machine as Spark shows it."""
    return f"file:{os.path.abspath(path)}"


def _is_archive(path: str) -> bool:
    return path.lower().endswith(archives.ENDINGS)


def _is_readable(path: str) -> bool:
    return form_of(path) is not None or _is_archive(path)


def _is_left_aside(path: str) -> bool:
    """Tell whether Spark's readers leave a file aside for its name, or cannot name it."""
    last = path.rpartition("/")[2]
    return (last.startswith((".", "_")) and "=" not in last) or printable(path) != path or ":" in _SCHEME.sub("", path)


_SCHEME = re.compile(r"^[^/]*:(//[^/]*)?")


def _name(path: str, root: Root) -> str:
    """Return the name of a file: its path below the folder that was given."""
    return printable(root.below + path[len(root.path.rstrip("/")) + 1 :])


def _first_aside(path: str) -> str:
    """Return the topmost folder in a path that Spark's readers leave aside for its name, or nothing."""
    parts = path.split("/")[:-1]
    for index, part in enumerate(parts):
        if part.startswith("_") and "=" not in part:
            return "/".join(parts[: index + 1])
    return ""


def _exports(root: Root, listed: list[tuple[str, int]]) -> set[str]:
    """Return the folders that hold exports, beside which a report has no records."""
    found = set()
    for path, _ in listed:
        parts = path[len(root.path) + 1 :].split("/")
        for index, part in enumerate(parts):
            if part.startswith("coverage."):
                found.add("/".join((root.path, *parts[:index])))
    return found


def _whole(frame: Any, root: Root | None, names: dict[str, str]) -> Any:
    """Return the contents of files that are read as a whole.

    `names` has the names of files that are not named by their path below `root`, empty ones for files to leave aside.
    """
    shown = frame.sparkSession.sparkContext.broadcast(names)

    def contents(rows: Iterable[Any]) -> Iterator[FileContent]:
        known = shown.value
        for path, data in rows:
            name = known.get(path)
            if name is None and root is not None:
                name = _expected(path, root)
            if name:
                yield from contents_of(name, path, bytes(data))

    return frame.select("path", "content").rdd.mapPartitions(contents)


def _expected(path: str, root: Root) -> str:
    """Return the name of a file in a folder, or nothing for one that has no records as far as its name tells."""
    hidden = any(part.startswith(".") for part in path[len(root.path) + 1 :].split("/"))
    return _name(path, root) if _is_readable(path) and not hidden else ""


def contents_of(name: str, path: str, data: bytes) -> Iterator[FileContent]:
    """Yield the content of a file, or those of an archive's members, which are named below it.

    A large packed file of JSON Lines comes in portions, so that no process holds what it unpacks to.
    """
    if not _is_archive(path):
        yield from _unpacked(
            SourceFile(name, path, form_of(path) or "any"), data, FileContent(name, "", b"", file=name, listed=1)
        )
        return
    skipped = 0
    try:
        for below, content in archives.members(name, data):
            form = form_of(below)
            member = printable(f"{name}/{below}")
            if form is None:
                skipped += 1
            elif isinstance(content, Diagnostic):
                yield FileContent(member, form, b"", 0, content, name, found=1)
            else:
                yield from _unpacked(
                    SourceFile(member, below, form), content, FileContent(member, "", b"", file=name, found=1)
                )
    except SourceError as error:
        yield _broken(name, error.diagnostic)._replace(listed=1, found=1)
    else:
        yield FileContent(name, "", b"", file=name, listed=1, skipped=skipped)


def unread_file(name: str) -> Diagnostic:
    """Return what there is to say of a file that Spark's readers did not give."""
    return Diagnostic(name, 0, 0, "", "GK101", "a readable file", "an error", rejects=True)


def _broken(name: str, fault: Diagnostic) -> FileContent:
    return FileContent(name, "any", b"", 0, fault, name)


def _by_hand(file: SourceFile) -> Iterator[FileContent]:
    """Yield the content of a file of this machine that Spark's readers would not take."""
    try:
        data = finding.read_bytes(file) if not _is_archive(file.path) else Path(file.path).read_bytes()
    except SourceError as error:
        yield _broken(file.name, error.diagnostic)
    else:
        for one in contents_of(file.name, file.path, data):
            yield one._replace(listed=0)


def _unpacked(file: SourceFile, data: bytes, counts: FileContent) -> Iterator[FileContent]:
    """Yield the content of a file, unpacked; the first one with what `counts` counts."""
    try:
        if file.form == "jsonlines" and is_gzip(data) and len(data) > _PACKED_LINES:
            with tempfile.NamedTemporaryFile() as packed:
                packed.write(data)
                packed.flush()
                for lines_before, lines in portions(file._replace(path=packed.name)):
                    yield counts._replace(form=file.form, data=lines, lines_before=lines_before)
                    counts = FileContent(file.name, "", b"", file=counts.file)
        else:
            yield counts._replace(form=file.form, data=unpacked(file, data))
    except SourceError as error:
        yield counts._replace(diagnostic=error.diagnostic)


def _lines(spark: Any, names: Mapping[str, str]) -> Any:
    """Return the contents of files of JSON Lines, cut into runs of lines, each with its place.

    Spark cuts files into blocks; how many lines are before each block is counted first.
    """
    from pyspark.sql import functions as sql

    reader = spark.read.option("lineSep", "\n").option("ignoreMissingFiles", "true")
    places = [sql.col(f"_metadata.{name}") for name in ("file_path", "file_block_start")]
    frame = reader.text([_escaped(path) for path in names]).select(*places, sql.col("value").cast("binary"))
    before: dict[tuple[str, int], tuple[str, int]] = {}
    total = Counter[str]()
    for path, start, number in sorted(frame.groupBy(*places).count().collect()):
        name = names[unquote(path)]  # Spark shows it as a URI here
        before[path, start] = name, total[path]
        total[path] += number

    def contents(found: Iterable[Any]) -> Iterator[FileContent]:
        for block, rows in groupby(found, itemgetter(0, 1)):
            name, place = before[block]
            while run := [bytes(row[2]) for row in islice(rows, _LINES)]:
                yield FileContent(name, "jsonlines", b"\n".join(run), place, file=name, listed=int(not place))
                place += len(run)

    return frame.rdd.mapPartitions(contents)
