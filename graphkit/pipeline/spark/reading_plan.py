"""The reading plan: by which of Spark's readers each file is read, and the contents of all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.files.compression import is_gzip_name
from graphkit.formats.json_lines import JSON_LINES, are_lines
from graphkit.formats.recognition import MAX_BYTES, format_of
from graphkit.pipeline.spark.file_contents import FileContent, broken_content
from graphkit.pipeline.spark.hadoop_paths import SourceFolder, escaped, is_readable
from graphkit.pipeline.spark.spark_readers import first_lines, line_contents, whole_contents, whole_files

LARGE = 64 << 20
"""A file of more bytes is read by itself."""

CUT = 4 << 20
"""A plain JSON Lines file of more bytes is cut into lines by Spark: Java holds a whole file several times."""

MAX_WHOLE = (1 << 31) - 1
"""The largest file that Spark's reader returns as a whole, in bytes."""

_PLAIN_LINES = rf"(?i)\.({'|'.join(JSON_LINES.endings)})$"


class ReadingPlan:
    """The files to read so far, by path as Spark shows it; `planned` are all of them, of `size` bytes.

    `apart` are those that Spark's readers do not read.
    """

    def __init__(self, spark: Any) -> None:
        self.spark = spark
        self.size = 0
        self.planned: set[str] = set()
        self.apart: set[str] = set()
        self._rdds: list[Any] = []
        self._large: dict[str, str] = {}
        self._cut: dict[str, str] = {}
        self._contents: list[FileContent] = []

    def add_contents(self, path: str, contents: Iterable[FileContent]) -> None:
        """Add a file that was read here, as Spark's readers ignore it."""
        self.apart.add(path)
        self._contents += contents

    def add(self, listed: Iterable[tuple[str, int]], names: Mapping[str, str]) -> dict[str, str]:
        """Add the listed files that `names` names; return those that can be read with others of their folder."""
        small = {}
        for path, size in listed:
            if path not in names:
                continue
            name = names[path]
            self.planned.add(path)
            self.size += size
            format = format_of(path) or "any"
            limit = min(MAX_BYTES[format], MAX_WHOLE)
            if format == "jsonlines" and size > CUT and not is_gzip_name(path):
                self._cut[path] = name
            elif size > limit:
                sizes = f"at most {limit >> 20:,} MiB", f"{size / (1 << 20):,.0f} MiB"
                fault = Diagnostic(name, 0, 0, "", "GK106", *sizes, rejects=True)
                self.add_contents(path, [broken_content(name, fault)])
            elif size > LARGE:
                self._large[path] = name
            else:
                small[path] = name
        return small

    def add_files(self, listed: Iterable[tuple[str, int]], names: Mapping[str, str]) -> None:
        """Add files that are read by their paths."""
        self._large |= self.add(listed, names)

    def add_folder(
        self, frame: Any, folder: SourceFolder, listed: list[tuple[str, int]], names: Mapping[str, str]
    ) -> None:
        """Add the files of a folder that `names` names, to be read from the frame that lists them."""
        small = self.add(listed, names)
        if small:
            chosen = frame.where(frame["length"] <= LARGE)  # Spark's reader knows this, and opens no larger ones
            if any(path in self._cut for path, _ in listed):
                chosen = chosen.where((frame["length"] <= CUT) | ~frame["path"].rlike(_PLAIN_LINES))
            other = {path: name for path, name in small.items() if name != folder.readable_name(path)}
            left_out = {path: "" for path, _ in listed if path not in small and is_readable(path)}
            self._rdds.append(whole_contents(chosen, folder, {**other, **left_out}))

    def contents(self) -> Any:
        """Return the contents of all files as an RDD.

        The content decides whether a file with the name of JSON Lines can be cut into lines.
        """
        context = self.spark.sparkContext
        rdds = list(self._rdds)
        for path in list(self._cut):
            if are_lines(first_lines(self.spark, path), whole=False) is False:
                self._large[path] = self._cut.pop(path)
        if self._large:
            frame = whole_files(self.spark).load([escaped(path) for path in self._large])
            rdds.append(whole_contents(frame, None, self._large))
        if self._cut:
            rdds.append(line_contents(self.spark, self._cut))
        if self._contents:
            rdds.append(context.parallelize(self._contents, min(len(self._contents), context.defaultParallelism)))
        return context.union(rdds) if rdds else context.emptyRDD()
