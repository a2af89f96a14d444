"""UTF-8 text: from a file's bytes to its characters, with the place of the first invalid byte."""

from __future__ import annotations

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.diagnostics.found_diagnostics import FoundDiagnostics


def text_of(data: bytes, source: str, diagnostics: FoundDiagnostics) -> str | None:
    r"""Return the text of a file without a byte order mark, its lines ended by ``\n``; None after a diagnostic."""
    text = decoded(data, source, diagnostics)
    if text is None:
        return None
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.removeprefix("\ufeff")


def decoded(data: bytes, source: str, diagnostics: FoundDiagnostics, *, lines_before: int = 0) -> str | None:
    """Return the characters of data that begins after so many lines of its file; None after a diagnostic."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line, column = place_of(data[: error.start].decode("utf-8"), error.start)
        got = f"the byte 0x{data[error.start]:02X}"
        diagnostics.append(Diagnostic(source, line + lines_before, column, "", "GK201", "UTF-8", got, rejects=True))
        return None


def place_of(text: str, offset: int) -> tuple[int, int]:
    """Return line and column of an offset, from 1; a lone carriage return ends a line too."""
    before = text[:offset].replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    return before.count("\n") + 1, len(before) - before.rfind("\n")
