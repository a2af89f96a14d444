"""The output: files that are written beside their places and moved there when all of them are complete."""

from __future__ import annotations

import uuid
from typing import Any, Self

from graphkit.errors import OutputError
from graphkit.files.atomic import json_text
from graphkit.pipeline.spark.session import cause

NAMES = ("coverage.nt", "nodes", "edges", "report.json")
"""What a build on a cluster writes; the report comes last, so when it is there, everything is."""


class OutputFolder:
    """The folder to write to, on any file system that Spark knows."""

    def __init__(self, spark: Any, out: str) -> None:
        self.spark = spark
        self.hadoop = spark._jvm.org.apache.hadoop.fs
        self.out = out.rstrip("/")
        self.beside = f"{self.out}/_building-{uuid.uuid4().hex}"
        self.is_new = False
        self.system = self._path(self.out).getFileSystem(spark._jsc.hadoopConfiguration())

    def _path(self, name: str) -> Any:
        return self.hadoop.Path(name)

    def __enter__(self) -> Self:
        """Create the folder, so that one that cannot be written is reported before all the work."""
        from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]  # it has no types

        self.is_new = not self.system.exists(self._path(self.out))
        try:
            made = self.system.mkdirs(self._path(self.beside))
        except Py4JJavaError as error:
            reason = cause(error)
        else:
            reason = "" if made else "none"
        if reason:
            raise OutputError(f"{self.out}: expected a folder that can be written, got: {reason}")
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Move everything to its place if the build succeeded, and leave nothing else.

        The old report is removed first and the new one moved last: while there is one, everything beside it belongs to
        it.
        """
        try:
            if kind is None:
                for name in reversed(NAMES):
                    self.system.delete(self._path(f"{self.out}/{name}"), True)
                for name in NAMES:
                    if not self.system.rename(self._path(f"{self.beside}/{name}"), self._path(f"{self.out}/{name}")):
                        raise OutputError(f"{self.out}/{name}: expected a place that can be written, got none")
        finally:
            self.system.delete(self._path(self.beside), True)
            if kind is not None and self.is_new and not self.system.listStatus(self._path(self.out)):
                self.system.delete(self._path(self.out), False)

    def write_lines(self, texts: Any, name: str) -> None:
        """Write an RDD of N-Triples, each element some whole lines, as packed parts."""
        place = f"{self.beside}/{name}"
        lines = texts.filter(len).map(_without_end)
        lines.saveAsTextFile(place, "org.apache.hadoop.io.compress.GzipCodec")
        for status in self.system.listStatus(self._path(place)):
            path = status.getPath()
            if path.getName().startswith("part-"):
                renamed = f"{place}/{path.getName().removesuffix('.gz')}.nt.gz"
                self.system.rename(path, self._path(renamed))

    def write_table(self, rows: Any, schema: str, name: str) -> None:
        """Write an RDD of rows as Parquet."""
        self.spark.createDataFrame(rows, schema, verifySchema=False).write.parquet(f"{self.beside}/{name}")

    def write_report(self, report: dict[str, Any]) -> None:
        """Write the report."""
        stream = self.system.create(self._path(f"{self.beside}/report.json"), True)
        try:
            stream.write(bytearray(json_text(report).encode("utf-8", "replace")))
        finally:
            stream.close()


def _without_end(data: bytes) -> str:
    return data.decode().removesuffix("\n")
