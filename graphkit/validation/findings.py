"""Findings: what a validation found wrong, as plain values."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

SH = "http://www.w3.org/ns/shacl#"
VIOLATION = f"{SH}Violation"


class Place(msgspec.Struct, frozen=True, order=True, array_like=True):
    """A place in a file; line and column count from 1 and are 0 where they are not known."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """Render as ``file:line:column``, as far as it is known."""
        return ":".join([self.file, *(str(number) for number in (self.line, self.column) if number)])


class Finding(msgspec.Struct, frozen=True, order=True):
    """One result of a validation: which node breaks which rule, and by which value.

    `focus` and `value` are terms as N-Triples writes them, `path` is what stands after ``sh:path`` in Turtle; `value`
    and `path` may be empty. `shape` is the IRI of the rule, `constraint` the name of its part without its namespace,
    such as ``MaxCount``. `at` is where the validated file says it, `sources` are the places that it was made from.
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
    """Return findings in the order of what they say, each once."""
    return tuple(sorted(set(findings)))
