"""Findings: the results of a validation as plain values."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

SH = "http://www.w3.org/ns/shacl#"
VIOLATION = f"{SH}Violation"


class Place(msgspec.Struct, frozen=True, order=True, array_like=True):
    """A place in a file; line and column count from 1, and are 0 where unknown."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """Render as ``file:line:column``, without what is unknown."""
        return ":".join([self.file, *(str(number) for number in (self.line, self.column) if number)])


class Finding(msgspec.Struct, frozen=True, order=True):
    """One result of a validation: the node that violates a rule, and the value that does so.

    `focus` and `value` are terms in N-Triples, `path` is the value of ``sh:path`` in Turtle; `value` and `path` may be
    empty. `shape` is the IRI of the rule, `constraint` its component without namespace, such as ``MaxCount``. `at` is
    the place in the validated file, `sources` are the places in records that it was made from.
    """

    focus: str
    shape: str
    constraint: str
    path: str = ""
    value: str = ""
    message: str = ""
    severity: str = VIOLATION
    at: Place = Place("")
    sources: tuple[Place, ...] = ()

    @property
    def rule(self) -> str:
        """The name of the shape, without its namespace."""
        return self.shape.rpartition("#")[2]

    @property
    def component(self) -> str:
        """The IRI of the constraint's component."""
        return f"{SH}{self.constraint}ConstraintComponent"


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings sorted by their fields, each once."""
    return tuple(sorted(set(findings)))
