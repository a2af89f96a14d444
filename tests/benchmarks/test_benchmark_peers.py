"""What peers are given to map are graphkit's triples, and what they do with it is told as it is."""

import json
import os
import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from io import FileIO
from pathlib import Path
from types import ModuleType

import pyoxigraph as ox
import pytest
from paths import ROOT
from processes.waiting import PATIENCE

import graphkit
from graphkit.rdf.serialization import triples

FOLDER = ROOT / "benchmarks" / "peers" / "rdf"
RR = "http://www.w3.org/ns/r2rml#"
RML = "http://semweb.mmlab.be/ns/rml#"
EXACT = 'prefix : <urn:> :s :p "a\\"b" ; :at "2021-08-24T19:12:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime> .'

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


def _loaded(name: str) -> ModuleType:
    """Load a program from its file: benchmarks are no package."""
    spec = spec_from_file_location(name, FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def runner() -> Iterator[ModuleType]:
    """Return the program that runs the peers."""
    before = sys.path[:]
    sys.path.insert(0, str(FOLDER))
    yield _loaded("run")
    sys.path[:] = before


@pytest.fixture(scope="module")
def tables(any_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the tables of a corpus."""
    folder = tmp_path_factory.mktemp("tables")
    _loaded("prepare").prepare(any_corpus, folder)
    return folder


@pytest.mark.engine
@pytest.mark.parametrize("name", ["mapping.ttl", "mapping-templates.ttl"])
def test_the_tables_and_each_mapping_of_them_give_graphkits_triples(name: str, tables: Path, any_corpus: Path) -> None:
    assert set(_mapped((tables / name).read_bytes())) == set(triples(graphkit.build(any_corpus).graph))


def test_no_value_of_a_table_is_mapped_twice(tables: Path) -> None:
    found = list(_mapped((tables / "mapping.ttl").read_bytes()))
    assert len(found) == len(set(found))


def test_the_mappings_name_no_predicate_by_the_short_form(tables: Path) -> None:
    for path in tables.glob("*.ttl"):
        assert f"{RR}predicate" not in {
            quad.predicate.value for quad in ox.parse(path.read_bytes(), ox.RdfFormat.TURTLE)
        }


def test_a_moment_spelled_otherwise_is_another_triple_that_says_the_same(runner: ModuleType, tmp_path: Path) -> None:
    expected = _written(runner, tmp_path / "expected.ttl", EXACT)
    got = _written(runner, tmp_path / "got.ttl", EXACT.replace("12:00Z", "12:00+00:00"))
    assert runner.compared(expected, got)._asdict() == {
        "triples": 2,
        "same": 1,
        "missing": 1,
        "extra": 1,
        "respelled": 1,
    }


def test_a_moment_of_another_time_is_not_the_same_otherwise_spelled(runner: ModuleType, tmp_path: Path) -> None:
    expected = _written(runner, tmp_path / "expected.ttl", EXACT)
    got = _written(runner, tmp_path / "got.ttl", EXACT.replace("12:00Z", "12:00+01:00"))
    assert runner.compared(expected, got).respelled == 0


def test_a_line_that_is_no_triple_is_an_extra_one(runner: ModuleType, tmp_path: Path) -> None:
    expected = _written(runner, tmp_path / "expected.ttl", "<urn:s> <urn:p> <urn:o> .")
    got = _written(runner, tmp_path / "got.nt", "<urn:s> <urn:p> <urn:o> .\n<urn:s> <urn:p> <urn: o> .\n")
    assert runner.compared(expected, got)[:4] == (2, 1, 0, 1)


@pytest.mark.parametrize(
    "program, failure",
    [
        ("import sys; sys.exit('no such\\nmapping')", "exit code 1: mapping"),
        ("import sys; sys.exit(3)", "exit code 3"),
        ("print('well', flush=True); raise ValueError('bad\\n  in line 3')", "exit code 1: ValueError: bad in line 3"),
        ("try: 1 / 0\nexcept OSError: pass", "exit code 1: ZeroDivisionError: division by zero"),
        ("import os; os.abort()", "exit code -6"),
    ],
)
def test_a_program_that_fails_is_reported_with_its_last_words(
    program: str, failure: str, runner: ModuleType, tmp_path: Path
) -> None:
    run = runner.measured([sys.executable, "-c", program], tmp_path, 60)
    assert run.failure == failure


def test_no_reason_has_a_path_of_the_machine(runner: ModuleType, tmp_path: Path) -> None:
    said = f"no such file: {tmp_path}/out.nt, asked for by {FOLDER}/run.py\n"
    assert runner.reason(said, 1, tmp_path) == (
        "exit code 1: no such file: out.nt, asked for by benchmarks/peers/rdf/run.py"
    )


def test_a_program_that_takes_too_long_is_ended_with_its_children(
    runner: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    child = (
        f"import time; pipe = open({str(pipe)!r}, 'wb', 0); pipe.write(b'here'); time.sleep(120); pipe.write(b'late')"
    )
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    opened: list[FileIO] = []

    def memory(_: int) -> int:
        if not opened:
            opened.append(pipe.open("rb", buffering=0))
            assert opened[0].read(4) == b"here"
        return 0

    monkeypatch.setattr(runner, "memory", memory)
    run = runner.measured([sys.executable, "-c", parent], tmp_path, 0)
    assert run.failure == "not done after 0 s"
    with opened[0] as stream:
        # The stream ends when nobody is left who could write to it.
        assert stream.read() == b""


def test_what_a_child_holds_counts_as_memory_of_its_parent(
    runner: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold = "import sys; held = bytearray(b'x' * 200_000_000); print(flush=True); sys.stdin.read()"
    parent = (
        "import subprocess, sys, time; from pathlib import Path\n"
        f"child = subprocess.Popen([sys.executable, '-c', {hold!r}], stdin=-1, stdout=-1)\n"
        "child.stdout.readline(); Path('held').touch()\n"
        "while not Path('seen').exists(): time.sleep(0.01)\n"
        "child.communicate()"
    )
    seen = runner.memory

    def memory(pid: int) -> int:
        found: int = seen(pid)
        if (tmp_path / "held").exists() and found > 200e6:
            (tmp_path / "seen").touch()
        return found

    monkeypatch.setattr(runner, "memory", memory)
    run = runner.measured([sys.executable, "-c", parent], tmp_path, PATIENCE)
    assert not run.failure
    assert run.memory > 200


def test_one_round_that_failed_is_what_is_told_of_all(runner: ModuleType) -> None:
    good, bad = runner.Run(1, 1, 1), runner.Run(2, 0, 0, "exit code 1")
    assert runner.median([good, bad, good]) == bad
    assert runner.median([good, runner.Run(3, 5, 7), runner.Run(9, 9, 9)]) == runner.Run(3, 5, 7)


def test_the_report_tells_costs_triples_and_failures_in_eighty_columns(runner: ModuleType) -> None:
    run = runner.Run(12_345.678, 23_456.789, 24_000.0)._asdict() | runner.Counts(*[12_345_678] * 5)._asdict()
    failed = runner.Run(900, 0, 0, "exit code 1: " + "why " * 40)._asdict()
    lines = list(
        runner.table(
            {
                "corpus": "made",
                "records": 1_000_000,
                "triples": 28_000_000,
                "rounds": 3,
                "runs": {"graphkit": run, "plain program": run, "SDM-RDFizer": failed},
            }
        )
    )
    assert max(map(len, lines)) <= 80
    assert any(line.startswith("plain program") and "12,345.68" in line and "1.00" in line for line in lines)
    assert lines[-1].startswith("SDM-RDFizer     exit code 1: why why")


def test_every_peer_has_a_program_and_a_pinned_package(runner: ModuleType) -> None:
    pins = [line.split("==")[0] for line in (FOLDER / "requirements.txt").read_text().splitlines() if "==" in line]
    assert sorted(pins) == sorted(runner.PACKAGES.values())
    assert {path.stem for path in FOLDER.glob("by_*.py")} == {f"by_{module}" for module in runner.PEERS.values()}


def _written(runner: ModuleType, path: Path, text: str) -> set[ox.Triple | str]:
    path.write_text(text)
    found: set[ox.Triple | str] = runner.triples(path)
    return found


def _mapped(turtle: bytes) -> Iterator[ox.Triple]:
    """Yield the triples of an RML mapping of JSON tables: the part of RML that the mappings use, and no other."""
    graph = ox.Store()
    graph.load(turtle, ox.RdfFormat.TURTLE)

    def values(subject: Term, term: str) -> list[Term]:
        assert isinstance(subject, ox.NamedNode | ox.BlankNode)
        return [quad.object for quad in graph.quads_for_pattern(subject, ox.NamedNode(term), None)]

    def one(subject: Term, term: str) -> Term:
        (value,) = values(subject, term)
        return value

    def text(subject: Term, term: str) -> str:
        value = one(subject, term)
        assert isinstance(value, ox.Literal | ox.NamedNode)
        return value.value

    for quad in graph.quads_for_pattern(None, None, ox.NamedNode(RR + "TriplesMap")):
        source = one(quad.subject, RML + "logicalSource")
        assert text(source, RML + "iterator") == "$[*]"
        about = text(one(quad.subject, RR + "subjectMap"), RML + "reference")
        columns = []
        for pair in values(quad.subject, RR + "predicateObjectMap"):
            predicate = one(one(pair, RR + "predicateMap"), RR + "constant")
            assert isinstance(predicate, ox.NamedNode)
            column = one(pair, RR + "objectMap")
            references = [value.value for value in values(column, RML + "reference") if isinstance(value, ox.Literal)]
            name = references[0] if references else text(column, RR + "template").strip("{}")
            columns.append(
                (predicate, name, _term_of(values(column, RR + "termType"), values(column, RR + "datatype")))
            )
        for row in json.loads(Path(text(source, RML + "source")).read_text(encoding="utf-8")):
            for predicate, name, (is_iri, datatype) in columns:
                if name in row:
                    term = ox.NamedNode(row[name]) if is_iri else ox.Literal(row[name], datatype=datatype)
                    yield ox.Triple(ox.NamedNode(row[about]), predicate, term)


def _term_of(types: list[Term], datatypes: list[Term]) -> tuple[bool, ox.NamedNode | None]:
    """Return whether a value is an IRI, and which datatype it has."""
    datatype = datatypes[0] if datatypes else None
    assert datatype is None or isinstance(datatype, ox.NamedNode)
    return types == [ox.NamedNode(RR + "IRI")], datatype
