"""A trial: what must hold of a build of mutated files, however it is made."""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import pyoxigraph as ox
import pytest
import rdflib
from oracles.page_text import exported_text
from processes.builds import cut_finely, without_manifest

from fuzzing.mutations import FuzzedFile, secured_text
from graphkit.cli.terminal import print_diagnostics
from graphkit.errors import NothingReadable
from graphkit.exporters.export_files import write_formats
from graphkit.exporters.registry import OF_ANY_GRAPH
from graphkit.formats import front_matter, json_lines, yaml_record
from graphkit.pipeline import api
from graphkit.rdf.graph_reader import read_export
from graphkit.sources.finding import SourceListing, find

PIECE = 16
"""Characters of a ciphertext that no output may hold in a row."""

_RUN = re.compile(r"[A-Za-z0-9+/=_.;-]{16,}")


class Fault(NamedTuple):
    """What did not hold: a short name of the kind, and what was seen."""

    kind: str
    seen: str


@contextmanager
def general_readers() -> Iterator[None]:
    """Have everything read by PyYAML, and field by field: without the fast paths."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (yaml_record, front_matter):
            patch.setattr(module, "read_plain", lambda _: None)
        patch.setattr(json_lines, "record_of_json", lambda _: None)
        yield


class Trial:
    """Builds of one folder of files after another, by every path; the cache stays from one to the next."""

    def __init__(self, work: Path) -> None:
        self.work = work
        self.sources = work / "sources"
        self.sources.mkdir(parents=True)

    def faults(self, files: Sequence[FuzzedFile], *, thorough: bool) -> list[Fault]:
        """Write files, those that are called as others instead of them, and return what does not hold of their builds.

        A `thorough` trial looks into the page, all other formats and what a terminal shows, too.
        """
        for file in files:
            (self.sources / file.name).write_bytes(file.data)
        found: list[Fault] = []
        plain = self._built("plain", found, page=thorough)
        if plain is None:
            return found
        diagnostics, outputs = plain
        report = json.loads(outputs["report.json"])
        found += _account_faults(report)
        ways: tuple[tuple[str, Callable[[], Any]], ...] = (
            ("processes", lambda: self._cut(found, jobs=2, cache=False)),
            ("cache", lambda: self._cut(found, jobs=1, cache=True)),
            ("general", lambda: self._generally(found)),
        )
        for name, build in ways:
            other = build()
            if other is not None:
                found += _differences(name, outputs, other[1])
        texts = {name: data.decode("utf-8", "replace") for name, data in outputs.items() if name != "coverage.html"}
        texts |= {
            "cache": b"".join(
                path.read_bytes() for path in (self.work / "cache").glob(".cache*") if path.is_file()
            ).decode("latin-1")
        }
        texts["terminal"] = _shown(diagnostics, report, find([self.sources]))
        if thorough:
            texts |= self._other_formats(found)
        found += _leaks(files, texts)
        found += _rdf_faults(self.work / "plain/coverage.ttl")
        return found

    def _built(self, name: str, found: list[Fault], **options: Any) -> tuple[Any, dict[str, bytes]] | None:
        out = self.work / name
        if not options.get("cache"):
            shutil.rmtree(out, ignore_errors=True)
        options = {"page": False, "cache": False, **options}
        try:
            published = api.publish(self.sources, out, **options)
        except NothingReadable:
            return None
        except Exception as error:  # noqa: BLE001  # whatever it is, it is what the fuzzer looks for
            found.append(Fault("traceback", f"{name}: {type(error).__name__}: {str(error)[:200]}"))
            return None
        written = {path.name: path.read_bytes() for path in sorted(out.iterdir()) if path.name[0] != "."}
        return published.diagnostics, written

    def _cut(self, found: list[Fault], *, jobs: int, cache: bool) -> tuple[Any, dict[str, bytes]] | None:
        """Build in partitions."""
        with cut_finely(partition=100_000, segment=60_000, batch=200_000, files=1_000, group=50):
            return self._built("cache" if cache else "processes", found, jobs=jobs, cache=cache)

    def _generally(self, found: list[Fault]) -> tuple[Any, dict[str, bytes]] | None:
        with general_readers():
            return self._built("general", found)

    def _other_formats(self, found: list[Fault]) -> dict[str, str]:
        """Return the texts of the page and of the formats of other tools."""
        folder = self.work / "formats"
        shutil.rmtree(folder, ignore_errors=True)
        try:
            graph, base = read_export(self.work / "plain/coverage.ttl")
            write_formats(graph, folder, [name for name in OF_ANY_GRAPH if name != "parquet"], base=base, bom=False)
        except Exception as error:  # noqa: BLE001
            found.append(Fault("traceback", f"export: {type(error).__name__}: {str(error)[:200]}"))
            return {}
        texts = {path.name: path.read_text("utf-8", "replace") for path in folder.rglob("*") if path.is_file()}
        page = self.work / "plain/coverage.html"
        return {**texts, "page": exported_text(page)} if page.exists() else texts


def _account_faults(report: dict[str, Any]) -> list[Fault]:
    found = []
    for name in ("records", "related"):
        counts = report[name]
        total = counts["added"] + counts["merged"] + counts["rejected"] + counts.get("left_out", 0)
        if counts["read"] != total:
            found.append(Fault("account", f"{name}: {counts}"))
    return found


def _differences(way: str, expected: dict[str, bytes], got: dict[str, bytes]) -> list[Fault]:
    return [
        Fault(way, f"{name} differs: {_first_difference(expected[name], got.get(name, b''))}")
        for name in ("coverage.ttl", "report.json")
        if _comparable(name, expected[name]) != _comparable(name, got.get(name, b""))
    ]


def _comparable(name: str, data: bytes) -> Any:
    """Return the bytes of a file, and of a report its values without the list of files: not every way has a page."""
    return without_manifest(data) if name == "report.json" and data else data


def _first_difference(one: bytes, other: bytes) -> str:
    pairs = zip(one.split(b"\n"), other.split(b"\n"), strict=False)
    lines = next((pair for pair in pairs if pair[0] != pair[1]), (b"", b""))
    return f"{lines[0][:150]!r} against {lines[1][:150]!r}"


def _shown(diagnostics: Any, report: dict[str, Any], listing: SourceListing) -> str:
    shown = io.StringIO()
    with redirect_stderr(shown), redirect_stdout(shown):
        print_diagnostics(diagnostics, report, listing, quiet=False)
    shown.writelines(f"{diagnostic}\n" for diagnostic in diagnostics)  # as `graphkit check` does
    return shown.getvalue()


def _pieces(text: str) -> Iterator[str]:
    return (text[at : at + PIECE] for at in range(len(text) - PIECE + 1))


def _leaks(files: Sequence[FuzzedFile], texts: dict[str, str]) -> list[Fault]:
    """Return the ciphertexts of which a piece is in an output, though it stands under `secured` only."""
    pieces: dict[str, str] = {}
    free: list[str] = []
    for file in files:
        kept, rest = secured_text(file)
        free.append(rest)
        of_secrets = {piece for secret in file.secrets for piece in _pieces(secret)}
        pieces |= {piece: file.name for run in _RUN.findall(kept) for piece in _pieces(run) if piece in of_secrets}
    for rest in free:
        for run in _RUN.findall(rest):
            for piece in _pieces(run):
                pieces.pop(piece, None)
    found: dict[tuple[str, str], str] = {}
    for name, text in texts.items():
        for run in _RUN.findall(text):
            for piece in _pieces(run):
                if piece in pieces:
                    found.setdefault((name, pieces[piece]), run[:60])
    return [Fault("secured", f"{file} in {name}: {run}") for (name, file), run in found.items()]


def _rdf_faults(path: Path) -> list[Fault]:
    """Return where rdflib and pyoxigraph read different triples."""
    data = path.read_bytes()
    try:
        ours = {tuple(map(_term, quad.triple)) for quad in ox.parse(data, ox.RdfFormat.TURTLE)}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(rdflib, "NORMALIZE_LITERALS", value=False)  # it would write +00:00 for Z
            graph = rdflib.Graph().parse(data=data, format="turtle")
    except Exception as error:  # noqa: BLE001
        return [Fault("rdf", f"{type(error).__name__}: {str(error)[:200]}")]
    theirs = {tuple(map(_rdflib_term, triple)) for triple in graph}
    return [Fault("rdf", f"triples differ: {sorted(map(str, ours ^ theirs))[:2]}")] if ours != theirs else []


def _term(term: Any) -> tuple[str, ...]:
    if isinstance(term, ox.Literal):
        return term.value, term.language or term.datatype.value
    return (term.value,)


_STRING = "http://www.w3.org/2001/XMLSchema#string"


def _rdflib_term(term: Any) -> tuple[str, ...]:
    if isinstance(term, rdflib.Literal):
        return str(term), term.language or str(term.datatype or _STRING)
    return (str(term),)
