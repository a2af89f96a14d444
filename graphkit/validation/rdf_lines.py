"""Lines of RDF files: where a file states what a finding is about.

RDF parsers report no positions, so the text is searched again, line by line: for subjects where a statement begins, for
predicates where a line begins. In a file with another layout the nearest line before is reported.
"""

from __future__ import annotations

import html
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from graphkit.files.compression import ending_of, is_gzip_name, open_decompressed
from graphkit.rdf.syntaxes import ENDINGS, RDF
from graphkit.rdf.vocabulary import TYPE
from graphkit.validation.findings import Finding, Place


class _Line(NamedTuple):
    """A line of a statement: its subject, the predicate that it begins with, if any, and its text."""

    number: int
    column: int
    subject: str
    predicate: str
    text: str


def locate_in_rdf(findings: Iterable[Finding], files: Iterable[Path]) -> dict[Finding, Place]:
    """Return the place in the files of each finding, as near as possible; without a line where none is found."""
    wanted: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        wanted[finding.focus.strip("<>")].append(finding)
    best: dict[Finding, tuple[int, Place]] = {}
    files = tuple(files)
    for file in files:
        shown = shown_path(file)
        for line in _lines(file):
            for finding in wanted.get(line.subject, ()):
                rank = _distance(line, finding)
                if finding not in best or rank < best[finding][0]:
                    best[finding] = (rank, Place(shown, line.number, line.column))
    alone = Place(shown_path(files[0])) if len(files) == 1 else Place("")
    return {finding: best[finding][1] if finding in best else alone for known in wanted.values() for finding in known}


def shown_path(path: str | Path) -> str:
    """Return a path as a person would write it: relative if it is below the working directory."""
    path = Path(path)
    if path.is_absolute() and path.is_relative_to(Path.cwd()):
        path = path.relative_to(Path.cwd())
    return path.as_posix()


def _distance(line: _Line, finding: Finding) -> int:
    """Return how far a line is from what a finding is about; 0 is the very statement."""
    if not finding.path or finding.path != f"<{line.predicate}>":
        return 2
    value = re.sub(r'^[<"]|[>"][^>"]*$', "", finding.value)
    return 0 if value and re.split(r"[/#]", value)[-1] in line.text else 1


def _lines(path: Path) -> Iterator[_Line]:
    read = _READERS.get(ENDINGS[ending_of(path.name)], _turtle)
    with open_decompressed(path, gzip=is_gzip_name(path.name)) as stream:
        yield from read(line.decode("utf-8", "replace") for line in stream)


_TERM = re.compile(r"<(?P<iri>[^>]*)>|(?P<prefix>[\w.-]*):(?P<local>(?:[\w:.%-]|\\.)*)|(?P<a>a)(?=\s)")
_PREFIX = re.compile(r"\s*@?prefix\s+(?P<name>[\w.-]*):\s*<(?P<space>[^>]*)>", re.IGNORECASE)
_LONG = re.compile('"""|' + "'''")
_END = re.compile(r"(?:[.{}]|^)\s*(?:#.*)?$")


def _turtle(lines: Iterable[str]) -> Iterator[_Line]:
    """Yield the lines of Turtle, TriG, N-Triples and N-Quads that begin with a subject or a predicate."""
    prefixes: dict[str, str] = {}
    subject = ""
    ended, next_predicate, in_text = True, False, False
    for number, line in enumerate(lines, 1):
        long_quotes = len(_LONG.findall(line))
        was_in_text, in_text = in_text, in_text ^ (long_quotes % 2 == 1)
        start = len(line) - len(line.lstrip())
        if was_in_text or not line.strip() or line[start] == "#":
            continue
        declared = _PREFIX.match(line)
        if declared is not None:
            prefixes[declared["name"]] = declared["space"]
            continue
        column = start
        if ended:
            match = _TERM.match(line, start)
            subject = _resolved(match, prefixes) if match is not None else ""
            after = match.end() if match is not None else start
            column = after + len(line[after:]) - len(line[after:].lstrip())
        if ended or next_predicate:
            match = _TERM.match(line, column)
            if subject:
                yield _Line(number, start + 1, subject, _resolved(match, prefixes) if match else "", line)
        rest = line.rstrip()
        ended = not in_text and _END.search(rest) is not None
        next_predicate = rest.endswith(";")


def _resolved(match: re.Match[str], prefixes: dict[str, str]) -> str:
    if match["iri"] is not None:
        return match["iri"]
    if match["a"] is not None:
        return TYPE
    return prefixes.get(match["prefix"], f"{match['prefix']}:") + match["local"].replace("\\", "")


_ABOUT = re.compile(r"rdf:about=(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)')")
_ID = re.compile(r'"@id"\s*:\s*(?P<text>"(?:[^"\\]|\\.)*")(?!\s*\})')


def _xml(lines: Iterable[str]) -> Iterator[_Line]:
    for number, line in enumerate(lines, 1):
        for match in _ABOUT.finditer(line):
            yield _Line(number, match.start() + 1, html.unescape(match["double"] or match["single"] or ""), "", line)


def _json(lines: Iterable[str]) -> Iterator[_Line]:
    for number, line in enumerate(lines, 1):
        for match in _ID.finditer(line):
            yield _Line(number, match.start() + 1, json.loads(match["text"], strict=False), "", "")


_READERS = {RDF["rdf"]: _xml, RDF["jsonld"]: _json}
