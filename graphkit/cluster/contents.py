"""Contents: what the sources hold, read by Spark's own readers from any file system that it knows."""

from __future__ import annotations

import io
import re
import tarfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from graphkit.errors import Diagnostic, UsageError
from graphkit.sources import FORMS, REPORT, SourceError, SourceFile, form_of, printable, unpacked

LARGE = 64 << 20
"""A file of JSON Lines of more bytes is cut into lines by Spark."""

_LINES = 2_000
_ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz")
_RECORDS = "|".join(re.escape(ending.removeprefix(".")) for ending in FORMS)
_READ = rf"(?i)\.((({_RECORDS})(\.gz)?)|zip|tar|tar\.gz|tgz)$"


class Content(NamedTuple):
    """Some content to read: the name of its source, its form, and its bytes after so many lines; or what is wrong."""

    name: str
    form: str
    data: bytes
    lines_before: int = 0
    diagnostic: Diagnostic | None = None


class Found(NamedTuple):
    """What the sources hold: contents as an RDD, numbers of files, and what is wrong with the sources themselves."""

    contents: Any
    files: int
    skipped: int
    size: int
    diagnostics: list[Diagnostic]


def find(spark: Any, sources: Sequence[str]) -> Found:
    """Find the files of all sources. Files and folders whose names begin with ``.`` or ``_`` are left aside."""
    parts, diagnostics = [], []
    files = skipped = size = 0
    seen: set[str] = set()
    for source in dict.fromkeys(sources):
        root, is_folder = _resolved(spark, source)
        if root is None:
            name = source.rstrip("/").rpartition("/")[2]
            diagnostics.append(Diagnostic(printable(name), 0, 0, "", "GK104", "a file or folder", "nothing"))
            continue
        frame = spark.read.format("binaryFile").option("recursiveFileLookup", "true").load(source)
        listed = [(row.path, row.length) for row in frame.select("path", "length").collect()]
        wanted, left = _wanted(listed, root, is_folder=is_folder)
        twice = seen & set(wanted.values())
        if twice:
            raise UsageError(f"sources: expected files of different names, got {min(twice)} twice; name one folder")
        seen.update(wanted.values())
        files, skipped = files + len(wanted), skipped + left
        size += sum(length for path, length in listed if path in wanted)
        large = [path for path, length in listed if path in wanted and _is_large(path, length)]
        exports = _exports(listed)
        parts.append(_whole(frame, root, exports, large, is_folder=is_folder))
        parts += [_lines(spark, path, wanted[path]) for path in large]
    contents = spark.sparkContext.union(parts) if parts else spark.sparkContext.emptyRDD()
    return Found(contents, files, skipped, size, diagnostics)


def _resolved(spark: Any, source: str) -> tuple[str | None, bool]:
    """Return a source's full path, and whether it is a folder; None where there is nothing."""
    path = spark._jvm.org.apache.hadoop.fs.Path(source)
    system = path.getFileSystem(spark._jsc.hadoopConfiguration())
    if not system.exists(path):
        return None, False
    status = system.getFileStatus(path)
    return status.getPath().toString(), status.isDirectory()


def _name(path: str, root: str, *, is_folder: bool) -> str:
    """Return the name of a source: its path below the folder that was given."""
    return printable(path[len(root.rstrip("/")) + 1 :] if is_folder else path.rpartition("/")[2])


def _exports(listed: list[tuple[str, int]]) -> set[str]:
    """Return the folders that hold exports, beside which a report has no records."""
    return {path.rpartition("/")[0] for path, _ in listed if path.rpartition("/")[2].startswith("coverage.")}


def _wanted(listed: list[tuple[str, int]], root: str, *, is_folder: bool) -> tuple[dict[str, str], int]:
    """Return the files to read by path, with their names, and how many others there are."""
    exports = _exports(listed)
    wanted, left = {}, 0
    for path, _ in listed:
        folder, _, last = path.rpartition("/")
        name = _name(path, root, is_folder=is_folder)
        if any(part.startswith(".") for part in name.split("/")):
            continue
        if (last == REPORT and folder in exports) or (is_folder and not re.search(_READ, last)):
            left += 1
        else:
            wanted[path] = name
    return wanted, left


def _is_large(path: str, length: int) -> bool:
    return path.lower().endswith(".jsonl") and length > LARGE


def _whole(frame: Any, root: str, exports: set[str], large: list[str], *, is_folder: bool) -> Any:
    """Return the contents of files that are read as a whole; `exports` are folders whose report holds no records."""
    from pyspark.sql import functions as sql

    chosen = frame.select("path", "content")
    if is_folder:
        chosen = chosen.where(sql.col("path").rlike(_READ))
    if large:
        chosen = chosen.where(~sql.col("path").isin(large))

    def contents(rows: Iterable[Any]) -> Iterator[Content]:
        for row in rows:
            name = _name(row.path, root, is_folder=is_folder)
            folder, _, last = row.path.rpartition("/")
            if any(part.startswith(".") for part in name.split("/")) or (last == REPORT and folder in exports):
                continue
            yield from members(name, bytes(row.content))

    return chosen.rdd.mapPartitions(contents)


def members(name: str, data: bytes) -> Iterator[Content]:
    """Yield the content of a file, or those of an archive's members, which are named below it."""
    if not name.lower().endswith(_ARCHIVES):
        yield _unpacked(name, form_of(name) or "any", data)
        return
    fault = Diagnostic(name, 0, 0, "", "GK107", "a whole archive", "damaged data", rejects=True)
    try:
        for member, content in sorted(_members(name, data)):
            if not any(part.startswith(".") for part in member.split("/")):
                form = form_of(member)
                if form is not None:
                    yield _unpacked(printable(f"{name}/{member}"), form, content)
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError):
        yield Content(name, "any", b"", 0, fault)


def _members(name: str, data: bytes) -> list[tuple[str, bytes]]:
    if name.lower().endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return [(item.filename, archive.read(item)) for item in archive.infolist() if not item.is_dir()]
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        found = []
        for item in archive:
            stream = archive.extractfile(item) if item.isreg() else None
            if stream is not None:
                found.append((item.name.removeprefix("./"), stream.read()))
        return found


def _unpacked(name: str, form: str, data: bytes) -> Content:
    try:
        return Content(name, form, unpacked(SourceFile(name, name, form), data))
    except SourceError as error:
        return Content(name, form, b"", 0, error.diagnostic)


def _lines(spark: Any, path: str, name: str) -> Any:
    """Return the content of a large file of JSON Lines, cut into runs of lines, each with its place."""
    from pyspark.sql import functions as sql

    frame = spark.read.option("lineSep", "\n").text(path)
    rows = frame.select(
        sql.col("value").cast("binary").alias("line"), sql.expr("input_file_block_start()").alias("start")
    ).rdd

    def counted(found: Iterable[Any]) -> Iterator[tuple[int, int]]:
        counts: dict[int, int] = {}
        for row in found:
            counts[row.start] = counts.get(row.start, 0) + 1
        yield from counts.items()

    before, total = {}, 0
    for start, number in sorted(rows.mapPartitions(counted).collect()):
        before[start] = total
        total += number

    def contents(found: Iterable[Any]) -> Iterator[Content]:
        places = dict(before)
        run: list[bytes] = []
        first = start = -1
        for row in found:
            if run and (row.start != start or len(run) == _LINES):
                yield Content(name, "jsonlines", b"\n".join(run), first)
                run = []
            if not run:
                start, first = row.start, places[row.start]
            run.append(bytes(row.line))
            places[row.start] += 1
        if run:
            yield Content(name, "jsonlines", b"\n".join(run), first)

    return rows.mapPartitions(contents)
