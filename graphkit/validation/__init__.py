"""Validation: the shapes asked of any RDF, and where what they find wrong came from."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from graphkit.errors import UsageError
from graphkit.validation.findings import Finding as Finding
from graphkit.validation.findings import Place as Place

ENGINES = ("auto", "builtin", "pyshacl")


class Validation(msgspec.Struct, frozen=True):
    """What a validation gave: all findings, sorted, the engine that found them, and the size of what it looked at.

    `base` is the base IRI of the ids in an export, empty for other RDF.
    """

    findings: tuple[Finding, ...]
    engine: str
    subjects: int
    triples: int
    base: str = ""


def validate(
    data: str | Path = "exports", *, records: str | Path | Iterable[str | Path] = (), engine: str = "auto"
) -> Validation:
    """Hold an export's folder, an RDF file or a folder of RDF files against the shapes of an export.

    `records` are the sources of the build: with them, findings tell lines of records, else only names of files. The
    engine is ``builtin``, ``pyshacl``, or ``auto`` for the first on exports and the second on all other RDF. Raises
    `NothingReadable` where there is no RDF, `UsageError` where it cannot be read and `MissingExtra` without pyshacl.

    >>> import graphkit
    >>> graphkit.validate("exports").findings
    ()
    """
    from graphkit.validation import checking, described, shacl
    from graphkit.validation.lines import placed
    from graphkit.validation.origins import Origins
    from graphkit.validation.shapes import bundled

    if engine not in ENGINES:
        raise UsageError(f"engine: expected one of {', '.join(ENGINES)}, got {engine!r}")
    found = described.read(Path(data))
    if engine == "auto":
        engine = "builtin" if found.base else "pyshacl"
    check = checking.check if engine == "builtin" else shacl.check
    findings = check(found, bundled())
    if findings:
        at = placed(findings, found.files)
        sources = Origins(found, (records,) if isinstance(records, str | Path) else records).of(findings)
        findings = tuple(
            msgspec.structs.replace(finding, at=at[finding], sources=sources[finding]) for finding in findings
        )
    return Validation(
        findings,
        engine,
        len(found.subjects),
        sum(len(values) for rows in found.subjects.values() for values in rows.values()),
        found.base,
    )
