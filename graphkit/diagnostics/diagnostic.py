"""A diagnostic: one fault of the input. It is reported, and the build goes on."""

from __future__ import annotations

import msgspec

from graphkit.diagnostics.quoting import for_terminal


class Diagnostic(msgspec.Struct, frozen=True, order=True, array_like=True):
    """One fault of the input: where it is, what was expected and what was found.

    `line` and `column` count from 1, and are 0 if the fault has no position. `field` is a path such as
    ``related[2].publishedDateTime``, empty for a whole file. `rejects` says that the record is not in the graph.
    """

    source: str
    line: int
    column: int
    field: str
    code: str
    expected: str
    got: str
    rejects: bool = False

    def __str__(self) -> str:
        """Render as ``path:line:column: field: expected …, got … [code]``, safe for a terminal."""
        place = f"{self.source}:{self.line}:{self.column}" if self.line else self.source
        field = f"{self.field}: " if self.field else ""
        return for_terminal(f"{place}: {field}expected {self.expected}, got {self.got} [{self.code}]")
