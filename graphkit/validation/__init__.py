"""Validation: the shapes asked of any RDF, and where what they find wrong came from."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from graphkit.validation.findings import Finding as Finding
from graphkit.validation.findings import Place as Place


class Validation(msgspec.Struct, frozen=True):
    """What a validation gave: all findings, sorted, and the size of the RDF.

    `base` is the base IRI of the ids in an export, empty for other RDF.
    """

    findings: tuple[Finding, ...]
    subjects: int
    triples: int
    base: str = ""


def validate(data: str | Path = "exports", *, records: str | Path | Iterable[str | Path] = ()) -> Validation:
    """Validate an export's folder, an RDF file or a folder of RDF files against the shapes of an export.

    `records` are the sources of the build: with them a finding names lines of records, without them only their files.
    Raises `NothingReadable` where there is no RDF and `UsageError` where it cannot be read.

    >>> import graphkit
    >>> graphkit.validate("exports").findings
    ()
    """
    from graphkit.validation import checking, described
    from graphkit.validation.lines import placed
    from graphkit.validation.origins import Origins
    from graphkit.validation.shapes import bundled

    found = described.read(Path(data))
    findings = checking.check(found, bundled())
    if findings:
        at = placed(findings, found.files)
        sources = Origins(found, (records,) if isinstance(records, str | Path) else records).of(findings)
        findings = tuple(
            msgspec.structs.replace(finding, at=at[finding], sources=sources[finding]) for finding in findings
        )
    return Validation(
        findings,
        len(found.subjects),
        sum(len(values) for rows in found.subjects.values() for values in rows.values()),
        found.base,
    )
