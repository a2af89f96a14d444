"""The standard streams: closed ones lead nowhere, and what becomes of their output is known at the end."""

from __future__ import annotations

import errno
import io
import os
import sys
from contextlib import suppress
from typing import Any, TextIO


class _WatchedFile(io.FileIO):
    """An open standard stream that remembers the first fault of writing to it.

    Libraries of the command line turn such faults into exit codes of their own, and forget them.
    """

    fault: OSError | None = None

    def write(self, data: Any, /) -> int:
        """Write, or remember why that failed."""
        try:
            return super().write(data)
        except OSError as error:
            self.fault = self.fault or error
            raise


class _MessageFile(_WatchedFile):
    """Standard error: a message that cannot be written changes nothing, unless its reader has gone."""

    def write(self, data: Any, /) -> int:
        """Write, or drop what cannot be written."""
        try:
            return super().write(data)
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise
            return memoryview(data).nbytes


class StandardStreams:
    """Standard output and standard error of this process, opened anew."""

    def __init__(self) -> None:
        """Open them, and the null device in the place of those that are closed: a file would get their numbers."""
        for number in range(3):
            try:
                os.fstat(number)
            except OSError:
                opened = os.open(os.devnull, os.O_RDWR)
                if opened != number:
                    os.dup2(opened, number)
                    os.close(opened)
        if sys.stdin is None:
            sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
        self._out = _WatchedFile(1, "w", closefd=False)
        self._messages = _MessageFile(2, "w", closefd=False)
        sys.stdout = _text(self._out, sys.stdout)
        sys.stderr = _text(self._messages, sys.stderr)

    def flush(self) -> None:
        """Write what is still buffered; what fails is remembered."""
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()

    @property
    def reader_has_gone(self) -> bool:
        """Return whether somebody stopped reading, as `head` does."""
        faults = (self._out.fault, self._messages.fault)
        return any(fault is not None and fault.errno == errno.EPIPE for fault in faults)

    @property
    def output_fault(self) -> OSError | None:
        """Return why standard output could not be written."""
        return self._out.fault

    def abandon(self) -> None:
        """Send what is still buffered nowhere, so that the interpreter does not try again."""
        with suppress(OSError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            for number in (1, 2):
                os.dup2(nowhere, number)
            os.close(nowhere)


def _text(file: io.FileIO, before: TextIO | None) -> io.TextIOWrapper:
    """Return a stream of text in the encoding of the one before; a terminal that knows no ü still shows something."""
    encoding = getattr(before, "encoding", None) or "utf-8"
    lines = file.isatty() or file.fileno() == 2
    return io.TextIOWrapper(io.BufferedWriter(file), encoding=encoding, errors="backslashreplace", line_buffering=lines)
