"""Found diagnostics: the first of one file in order, and the number of all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter
from typing import Self

from graphkit.diagnostics.diagnostic import Diagnostic

KEPT = 100
"""The number of diagnostics of one file that are kept, the first in order; all are counted."""

LISTED = 100_000
"""The number of diagnostics that a report lists, the first in order; all are counted."""


class FoundDiagnostics(list[Diagnostic]):
    """A list to which the diagnostics of one file are added, which forgets all but the first KEPT in order.

    `by_code` counts all of them, `rejected_related` those that reject a related entry. The memory that it takes does
    not depend on how many are added, so a file of any content can be read.
    """

    def __init__(self) -> None:
        super().__init__()
        self.by_code: Counter[str] = Counter()
        self.rejected_related = 0

    def append(self, one: Diagnostic) -> None:
        """Add a diagnostic."""
        self.count_also(Counter({(one.code, one.rejects and "related[" in one.field): 1}))
        super().append(one)
        if len(self) >= 4 * KEPT:
            self[:] = sorted(self)[:KEPT]

    def extend(self, found: Iterable[Diagnostic]) -> None:
        """Add diagnostics."""
        for one in found:
            self.append(one)

    def __iadd__(self, found: Iterable[Diagnostic]) -> Self:  # type: ignore[override, misc]  # not a bare list
        self.extend(found)
        return self

    def count_also(self, omitted: Counter[tuple[str, bool]]) -> None:
        """Count diagnostics that nobody made: their codes, and whether they reject a related entry."""
        for (code, rejects_related), number in omitted.items():
            if number:
                self.by_code[code] += number
                self.rejected_related += number if rejects_related else 0

    def first(self) -> tuple[Diagnostic, ...]:
        """Return the first diagnostics."""
        return tuple(self if len(self) <= KEPT else sorted(self)[:KEPT])


def first_of_each_source(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return the first diagnostics of each source, sorted, and of all at most as many as a report lists."""
    found: list[Diagnostic] = []
    for _, ones in groupby(sorted(diagnostics), attrgetter("source")):
        found += list(ones)[:KEPT]
    return found[:LISTED]
