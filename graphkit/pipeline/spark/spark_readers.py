"""Spark's readers: whole files and lines of files, from any file system that Spark knows, as file contents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby, islice
from operator import itemgetter
from typing import Any
from urllib.parse import unquote

from graphkit.formats.json_lines import LOOKED_AT
from graphkit.pipeline.spark.file_contents import FileContent, contents_of
from graphkit.pipeline.spark.hadoop_paths import SourceFolder, escaped

_LINES = 2_000


def whole_files(spark: Any) -> Any:
    """Return Spark's reader of whole files. It leaves out files that fail; the reading account reports these."""
    reader = spark.read.format("binaryFile")
    return reader.option("ignoreCorruptFiles", "true").option("ignoreMissingFiles", "true")


def folder_frame(spark: Any, path: str) -> tuple[Any, list[tuple[str, int]]]:
    """Return the frame of all files in a folder that Spark's readers take, with their paths and sizes."""
    frame = whole_files(spark).option("recursiveFileLookup", "true").load(escaped(path))
    return frame, [(row.path, row.length) for row in frame.select("path", "length").collect()]


def whole_contents(frame: Any, folder: SourceFolder | None, names: Mapping[str, str]) -> Any:
    """Return the contents of files that are read as a whole.

    `names` has the names of files that are not named by their path below `folder`, and empty ones for files to leave
    out.
    """
    shown = frame.sparkSession.sparkContext.broadcast(names)

    def contents(rows: Iterable[Any]) -> Iterator[FileContent]:
        known = shown.value
        for path, data in rows:
            name = known.get(path)
            if name is None and folder is not None:
                name = folder.readable_name(path)
            if name:
                yield from contents_of(name, path, bytes(data))

    return frame.select("path", "content").rdd.mapPartitions(contents)


def first_lines(spark: Any, path: str) -> bytes:
    """Return the first lines of a file, at most as many as show whether it is JSON Lines."""
    frame = spark.read.option("lineSep", "\n").option("ignoreMissingFiles", "true").text([escaped(path)])
    return b"".join(bytes(row[0]) + b"\n" for row in frame.select(frame["value"].cast("binary")).head(LOOKED_AT))


def line_contents(spark: Any, names: Mapping[str, str]) -> Any:
    """Return the contents of JSON Lines files, cut into runs of lines, each with the number of lines before it.

    Spark cuts files into blocks; the lines before each block are counted first.
    """
    from pyspark.sql import functions as sql

    reader = spark.read.option("lineSep", "\n").option("ignoreMissingFiles", "true")
    places = [sql.col(f"_metadata.{name}") for name in ("file_path", "file_block_start")]
    frame = reader.text([escaped(path) for path in names]).select(*places, sql.col("value").cast("binary"))
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
