"""Sinks: where the bytes of query results go."""

from __future__ import annotations

import codecs
import re
from typing import Protocol

from graphkit.diagnostics.quoting import reason_of, visible
from graphkit.errors import OutputError

CHUNK = 1 << 16


class Sink(Protocol):
    """Anything that takes bytes."""

    def write(self, data: bytes, /) -> object:
        """Take some bytes."""


class BufferedSink:
    """Collects the small pieces that the engine writes into chunks."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._parts: list[bytes] = []
        self._size = 0
        self.passed_on = False

    def write(self, data: bytes) -> int:
        """Take some bytes."""
        self._parts.append(data)
        self._size += len(data)
        if self._size >= CHUNK:
            self.pass_on()
        return len(data)

    def flush(self) -> None:
        """Do nothing: the engine flushes at its end, and the whole of a short result can then still be looked at."""

    def pass_on(self) -> None:
        """Write what was collected. Raises `OutputError`, and `BrokenPipeError` as it is."""
        if self._parts:
            try:
                self._sink.write(b"".join(self._parts))
            except BrokenPipeError:
                raise
            except OSError as error:
                raise OutputError(f"output: expected a place that can be written, got: {reason_of(error)}") from error
            self._parts.clear()
            self._size = 0
            self.passed_on = True

    def held(self) -> bytes:
        """Return what was collected since the last chunk."""
        return b"".join(self._parts)


class TerminalSink:
    """Writes to a terminal; control and direction characters, except line ends and tabs, become escapes."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""

    def write(self, data: bytes, /) -> None:
        """Take some bytes of UTF-8; an incomplete character or line end waits for the next ones."""
        text = self._held + self._decoder.decode(data)
        self._held = "\r" if text.endswith("\r") else ""
        self._show(text.removesuffix("\r"))

    def end(self) -> None:
        """Write what is still waiting."""
        self._show(self._held + self._decoder.decode(b"", final=True))
        self._held = ""

    def _show(self, text: str) -> None:
        kept = {"\n": "\n", "\t": "\t", "\r\n": "\n"}
        shown = "".join(kept.get(part) or visible(part) for part in _KEPT.split(text))
        self._sink.write(shown.encode())


_KEPT = re.compile(r"(\r\n|\n|\t)")
