"""Faults of a record, each at the path of its field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple, Self

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.diagnostics.found_diagnostics import KEPT
from graphkit.diagnostics.quoting import visible, without_long_words

FieldPath = tuple[str | int, ...]
"""The way to a value in a record: names of fields and indexes of lists."""


class FieldFault(NamedTuple):
    """One thing that is wrong at `path` of a record."""

    code: str
    path: FieldPath
    expected: str
    got: str
    rejects: bool = False


class FoundFaults(list[FieldFault]):
    """A list to which the faults of one record are added: it keeps the first KEPT, and counts the others in `omitted`.

    They are counted by code and by whether they reject a related entry.
    """

    def __init__(self) -> None:
        super().__init__()
        self.omitted: Counter[tuple[str, bool]] = Counter()

    def append(self, fault: FieldFault) -> None:
        """Add a fault."""
        if len(self) < KEPT:
            super().append(fault)
        else:
            self.omitted[tallied(fault)] += 1

    def extend(self, found: Iterable[FieldFault]) -> None:
        """Add faults."""
        for fault in found:
            self.append(fault)

    def __iadd__(self, found: Iterable[FieldFault]) -> Self:  # type: ignore[override, misc]  # not a bare list
        self.extend(found)
        return self


def tallied(fault: FieldFault) -> tuple[str, bool]:
    """Return what is counted of a fault that is not kept: its code, and whether it rejects a related entry."""
    return fault.code, fault.rejects and "related" in fault.path


def diagnosed(fault: FieldFault, source: str, line: int, column: int) -> Diagnostic:
    """Return the diagnostic of a fault at a place of its file."""
    return Diagnostic(
        source, line, column, field_name(fault.path), fault.code, fault.expected, fault.got, fault.rejects
    )


def field_name(path: FieldPath) -> str:
    """Write a path the way people write it.

    >>> field_name(("related", 2, "title"))
    'related[2].title'
    """
    return "".join(f"[{part}]" if isinstance(part, int) else f".{_shown(part)}" for part in path).removeprefix(".")


def _shown(key: object) -> str:
    """Return a key of foreign data as a message may show it: cut, and without long words.

    A long word may be a piece of a ciphertext, and half a surrogate pair is in no text that can be written.
    """
    return _LONG_NAME if key == _LONG_NAME else visible(without_long_words(str(key)[:64]))


_LONG_NAME = "publishedDateTime"
