"""The source search: the files of all sources, on any file system that Spark knows.

Folders of this machine are walked by `graphkit.sources`; others are listed here, as only Hadoop can reach them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.errors import UsageError
from graphkit.files.manifest import REPORT
from graphkit.files.patterns import is_pattern, split_pattern
from graphkit.formats.recognition import format_of
from graphkit.pipeline.spark.file_contents import FileContent, broken_content, contents_of, local_contents, unread_file
from graphkit.pipeline.spark.hadoop_paths import (
    SourceFolder,
    escaped,
    export_folders,
    ignored_folder,
    is_archive,
    is_hidden,
    is_ignored,
    is_readable,
    local_path,
)
from graphkit.pipeline.spark.reading_plan import ReadingPlan
from graphkit.pipeline.spark.spark_readers import folder_frame
from graphkit.sources import finding
from graphkit.sources.finding import NO_RECORDS
from graphkit.sources.source_file import STDIN, SourceFile, printable


class FoundSources(NamedTuple):
    """What the sources hold: contents as an RDD, numbers of files, the size, and faults of the sources themselves.

    `names` are the files whose contents come from Spark's readers; each must turn up.
    """

    contents: Any
    files: int
    skipped: int
    size: int
    diagnostics: list[Diagnostic]
    names: frozenset[str]


def find_sources(spark: Any, names: Sequence[str], out: str = "", leave_out: Sequence[str] = ()) -> FoundSources:
    """Find the files of all sources, except for what is in the folder `out` and for the local files `leave_out`.

    Files of this machine are found and named as the local build does it; elsewhere folders and patterns follow the same
    rules.
    """
    search = _Search(spark, out, leave_out)
    local = []
    for name in dict.fromkeys(names):
        if name == STDIN:
            raise UsageError("sources: expected files or folders that a cluster can read, got standard input")
        if search.is_local(name):
            local.append(name.removeprefix("file://").removeprefix("file:"))
        else:
            search.add_remote(name)
    if local:
        search.add_local(local)
    return search.found()


class _Search:
    """The state of one search. Paths are as Spark shows them; `wanted` are the files to read, with their names."""

    def __init__(self, spark: Any, out: str, leave_out: Sequence[str]) -> None:
        self.leave_out = leave_out
        self.spark = spark
        self.hadoop = spark._jvm.org.apache.hadoop.fs
        self.plan = ReadingPlan(spark)
        self.wanted: dict[str, str] = {}
        self.files = self.skipped = 0
        self.diagnostics: list[Diagnostic] = []
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

    def is_out(self, path: str) -> bool:
        return bool(self.out) and path.startswith(f"{self.out}/")

    def fault(self, name: str, code: str, expected: str, got: str) -> None:
        self.diagnostics.append(Diagnostic(printable(name), 0, 0, "", code, expected, got))

    # On this machine

    def add_local(self, names: list[str]) -> None:
        out = self.out.removeprefix("file:")
        listing = finding.find(names, leave_out=(*self.leave_out, *((out, f"{out}/{REPORT}") if out else ())))
        self.diagnostics += listing.diagnostics
        by_path = {local_path(file.path): file for file in listing.files}
        self.wanted.update((path, file.name) for path, file in by_path.items())
        self.files += sum(not is_archive(path) for path in by_path)
        self.skipped += listing.skipped
        # Links that form a loop would have Spark go round and round, and it would follow those that lead out.
        if not any(fault.code in {"GK102", "GK110"} for fault in listing.diagnostics):
            for name in names:
                if Path(name).is_dir():
                    self.add_local_folder(SourceFolder(local_path(name), ""), by_path)
        rest = {path: file for path, file in by_path.items() if path not in self.plan.planned}
        explicit = []
        for path, file in rest.items():
            if is_ignored(path) or not Path(file.path).is_file():
                self.plan.add_contents(path, local_contents(file))
            else:
                explicit.append((path, Path(file.path).stat().st_size))
        self.plan.add_files(explicit, {path: file.name for path, file in rest.items()})

    def add_local_folder(self, folder: SourceFolder, by_path: Mapping[str, SourceFile]) -> None:
        """Read a folder of this machine, and those in it that Spark's readers ignore because of their names."""
        frame, listed = folder_frame(self.spark, folder.path)
        planned = self.plan.planned
        names: dict[str, str] = {}
        for path, _ in listed:
            if path in by_path and path not in planned and not is_ignored(path):
                names[path] = by_path[path].name
            elif is_archive(path) and path not in planned and not self.is_out(path):
                # The local build knows no archives, and has counted them among those it skips.
                names[path] = self.wanted[path] = folder.name(path)
                self.skipped -= 1
        self.plan.add_folder(frame, folder, listed, names)
        ignored = {
            f"{folder.path}/{below}"
            for path in by_path
            if path.startswith(f"{folder.path}/") and path not in planned
            for below in [ignored_folder(folder.below(path))]
            if below
        }
        for path in sorted(ignored):
            self.add_local_folder(SourceFolder(path, folder.name(path) + "/"), by_path)

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
                self.add_remote_folder(SourceFolder(full, f"{shown}/" if shown else ""))
            elif not fixed or format_of(full):
                self.add_remote_files([(full, status.getLen())], {full: printable(shown or last)})
            else:
                self.skipped += 1
        if self.files == before and not pattern and matches[0].isDirectory():
            self.fault(last, "GK103", "record files", "none of them")

    def add_remote_folder(self, folder: SourceFolder) -> None:
        frame, listed = folder_frame(self.spark, folder.path)
        exports = export_folders(folder, [path for path, _ in listed])
        names = {}
        for path, _ in listed:
            name = folder.name(path)
            if is_hidden(name) or path in self.plan.planned or self.is_out(path):
                continue
            parent, _, last = path.rpartition("/")
            if (last in NO_RECORDS and parent in exports) or not is_readable(last):
                self.skipped += 1
            else:
                names[path] = name
        self.plan.add_folder(frame, folder, listed, self.readable(names))
        for status in self.ignored(folder):
            path = str(status.getPath().toString())
            name = folder.name(path)
            if self.is_out(path) or is_hidden(name):
                continue
            if status.isDirectory():
                self.add_remote_folder(SourceFolder(path, f"{name}/"))
            elif is_readable(name):
                self.add_remote_files([(path, status.getLen())], {path: name})
            else:
                self.skipped += 1

    def add_remote_files(self, listed: list[tuple[str, int]], names: dict[str, str]) -> None:
        self.plan.add_files(listed, self.readable(names))

    def readable(self, names: dict[str, str]) -> dict[str, str]:
        """Return the files that Spark's readers take, after reading the others here."""
        self.wanted.update(names)
        self.files += sum(not is_archive(path) for path in names)
        for path in filter(is_ignored, names):
            self.plan.planned.add(path)
            self.plan.add_contents(path, self.opened(path, names[path]))
        return {path: name for path, name in names.items() if not is_ignored(path)}

    def opened(self, path: str, name: str) -> Iterator[FileContent]:
        """Yield the content of a file that Spark's readers ignore."""
        from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]  # it has no types
        from pyspark.errors import PySparkException

        try:
            stream = self.system(self.path(path)).open(self.path(path))
            data = bytes(self.spark._jvm.org.apache.commons.io.IOUtils.toByteArray(stream))
            stream.close()
        except (Py4JJavaError, PySparkException):
            yield broken_content(name, unread_file(name))
        else:
            for one in contents_of(name, path, data):
                yield one._replace(listed=0)

    def ignored(self, folder: SourceFolder) -> Iterator[Any]:
        """Yield what Spark's readers ignore because of its name, the topmost of each path."""
        from pyspark.errors import PySparkException

        system = self.system(self.path(folder.path))
        found: list[Any] = []
        level = escaped(folder.path)
        try:
            while len(system.globStatus(self.path(f"{level}/*")) or ()):
                found += system.globStatus(self.path(f"{level}/_*")) or ()
                level += "/*"
        except PySparkException:  # Hadoop's patterns fail for names with a colon
            yield from self.walked(system, self.path(folder.path))
            return
        for status in found:
            name = folder.below(str(status.getPath().toString()))
            if ignored_folder(f"{name}/") == name:
                yield status

    def walked(self, system: Any, folder: Any) -> Iterator[Any]:
        """Yield what `ignored` yields by looking at each file, which takes a millisecond for each."""
        for status in system.listStatus(folder):
            last = str(status.getPath().getName())
            if last.startswith("_") and "=" not in last:
                yield status
            elif status.isDirectory():
                yield from self.walked(system, status.getPath())

    def found(self) -> FoundSources:
        by_name: dict[str, str] = {}
        for path, name in self.wanted.items():
            other = by_name.setdefault(name, path)
            if other != path:
                raise UsageError(f"sources: expected files of different names, got {name} twice; name one folder")
        plan = self.plan
        names = frozenset(name for path, name in self.wanted.items() if path not in plan.apart)
        return FoundSources(plan.contents(), self.files, self.skipped, plan.size, self.diagnostics, names)


_NOTHING = (("a file or folder", "nothing"), ("files that match the pattern", "none"))


def _shows_hidden(part: str, is_asked_for: bool) -> bool:  # noqa: FBT001 - it is mapped
    """Return whether a part of a path that fits a pattern is hidden; ``*`` does not match such a name."""
    return part.startswith(".") and not is_asked_for
