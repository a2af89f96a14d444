"""Validation: any RDF checked against the shapes of an export, and where each finding came from."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from graphkit.validation.findings import Finding as Finding
from graphkit.validation.findings import Place as Place


class Validation(msgspec.Struct, frozen=True):
    """The result of a validation: all findings, sorted, and the size of the RDF.

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
    from graphkit.validation.conformance import check_conformance
    from graphkit.validation.data_graph import read_data_graph
    from graphkit.validation.rdf_lines import locate_in_rdf
    from graphkit.validation.record_lines import RecordSearch
    from graphkit.validation.shapes import bundled

    graph = read_data_graph(Path(data))
    findings = check_conformance(graph, bundled())
    if findings:
        at = locate_in_rdf(findings, graph.files)
        sources = RecordSearch(graph, (records,) if isinstance(records, str | Path) else records).places(findings)
        findings = tuple(
            msgspec.structs.replace(finding, at=at[finding], sources=sources[finding]) for finding in findings
        )
    return Validation(
        findings,
        len(graph.subjects),
        sum(len(values) for rows in graph.subjects.values() for values in rows.values()),
        graph.base,
    )
