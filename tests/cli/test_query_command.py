"""Asking on the command line, as a person and as a program does."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest
from paths import ROOT
from processes.command import graphkit as run_graphkit
from processes.waiting import PATIENCE, wait_for

from graphkit.query.questions import bundled

EXPORTS = ROOT / "exports"
SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


def graphkit(*args: object, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
    """Run the real command; the line ends of its CSV are written as those of other formats."""
    run = run_graphkit(*args, stdin=stdin)
    return subprocess.CompletedProcess(run.args, run.returncode, run.stdout.replace("\r\n", "\n"), run.stderr)


def ask(text: str, *args: object) -> subprocess.CompletedProcess[str]:
    """Ask a query from standard input."""
    return graphkit("query", "-", *args, stdin=text.encode())


def on_a_terminal(*args: object) -> str:
    """Run the command with a terminal for its output and return what the terminal got."""
    controller, terminal = pty.openpty()
    with os.fdopen(controller, "rb", buffering=0) as screen:
        process = subprocess.Popen(
            [sys.executable, "-m", "graphkit", *map(str, args)],
            stdout=terminal,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env={**os.environ, "TERM": "xterm", "COLUMNS": "80"},
        )
        os.close(terminal)
        shown = b""
        while True:
            try:
                part = screen.read(65536)
            except OSError:  # Linux: the terminal's other side is closed
                break
            if not part:
                break
            shown += part
        assert process.wait(timeout=PATIENCE) == 0
    return shown.decode()


# The list


def test_queries_lists_each_question_on_a_line_that_fits() -> None:
    run = graphkit("queries")
    lines = run.stdout.splitlines()
    assert [line.split()[0] for line in lines] == [question.name for question in bundled()]
    assert max(map(len, lines)) <= 80
    assert next(line for line in lines if line.startswith("topic-timeline ")).endswith("Topic timeline · topic=any")


def test_queries_as_json_holds_everything() -> None:
    listed = json.loads(graphkit("queries", "--json").stdout)
    assert [question["name"] for question in listed] == [question.name for question in bundled()]
    one = json.loads(graphkit("queries", "topic-timeline", "--json").stdout)
    assert one in listed
    assert one["parameters"][0]["type"] == "text"


@pytest.mark.engine
def test_one_question_is_shown_whole_and_its_text_can_be_asked() -> None:
    shown = graphkit("queries", "topic-timeline").stdout
    assert shown.startswith("How many articles about a topic were published each day?\n  -p topic=… (text, any) ")
    assert "\n  gives day (date), " in shown
    text = shown.partition("\n\n")[2]
    assert ask(text).stdout == graphkit("query", "topic-timeline").stdout


def test_an_unknown_question_ends_with_2_and_the_near_ones() -> None:
    for command in ("query", "queries"):
        run = graphkit(command, "top-provders")
        assert run.returncode == 2
        assert "got 'top-provders' (near: top-providers" in run.stderr
        assert "`graphkit queries` lists them" in run.stderr


# What can be asked, and of what


def test_a_bundled_question_is_asked_of_exports_by_default() -> None:
    run = graphkit("query", "top-providers")
    assert (run.returncode, run.stderr) == (0, "")
    rows = list(csv.DictReader(io.StringIO(run.stdout)))
    assert rows[0]["name"] == "Harbour Gazette"
    assert run.stdout == graphkit("query", "top-providers", EXPORTS / "coverage.ttl", "--format", "csv").stdout


@pytest.mark.engine
def test_a_query_comes_from_a_file_or_standard_input(tmp_path: Path) -> None:
    (tmp_path / "my.rq").write_text("\ufeffSELECT (1 + 1 AS ?two) {}")
    (tmp_path / "noending").write_text("SELECT (1 + 1 AS ?two) {}")
    for query in (tmp_path / "my.rq", tmp_path / "noending"):
        assert graphkit("query", query).stdout == "two\n2\n"
    assert ask("SELECT (1 + 1 AS ?two) {}").stdout == "two\n2\n"


@pytest.mark.engine
def test_data_is_a_file_a_folder_or_a_store(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text('<urn:s> <urn:p> "ü" .')
    made = ox.Store(str(tmp_path / "made"))
    made.load(path=str(tmp_path / "a.ttl"))
    made.flush()
    del made
    for data in (tmp_path / "a.ttl", tmp_path, tmp_path / "made"):
        assert ask("SELECT ?o { ?s ?p ?o }", data).stdout == "o\nü\n"


@pytest.mark.parametrize(
    "value", ["Privacy", 'Privacy"', "Privacy' } #", "Privacy\n}", "\x1b[31m", "\u202ePrivacy", "{}", "\\", ""]
)
def test_a_parameter_finds_what_is_equal_and_nothing_else(value: str) -> None:
    run = graphkit("query", "topic-timeline", "-p", f"topic={value}", "-f", "json")
    assert run.returncode == 0
    rows = json.loads(run.stdout)["results"]["bindings"]
    assert {row["label"]["value"] for row in rows} == ({"Privacy"} if value == "Privacy" else set())
    assert ("no rows" in run.stderr) is (not rows)


def test_a_variable_of_a_query_of_ones_own_can_be_set() -> None:
    text = "SELECT ?topic ?label { ?topic <http://www.w3.org/2004/02/skos/core#prefLabel> ?label }"
    assert (
        ask(text, "-p", "label=Privacy").stdout == "topic,label\nhttps://w3id.org/graphkit/id/topic/privacy,Privacy\n"
    )


@pytest.mark.parametrize(
    "args, stdin, code, expected",
    [
        (("topic-timeline", "-p", "topc=x"), "", 2, "topic-timeline: parameter: expected one of topic, got 'topc'"),
        (("topic-timeline", "-p", "topic"), "", 2, "parameter: expected NAME=VALUE, got 'topic'"),
        (("articles-between", "-p", "since=3 Mai"), "", 2, "expected a date such as 2021-08-23, got '3 Mai'"),
        (("-",), "SELECT *\n{ ?s ?p", 2, "graphkit: standard input:2:8: "),
        (("-",), "DROP ALL", 2, "standard input: expected a query, got an update: the data is only read"),
        (("-",), "ASK { SERVICE <urn:x> {} }", 2, "expected a query without SERVICE"),
        (("-",), "ASK FROM <http://localhost:9/> {}", 2, "expected a graph of the data, got http://localhost:9/"),
        (("-",), "\udcff", 2, "standard input:1: expected a query in UTF-8"),
        (("-", "nowhere"), "ASK {}", 3, "nowhere: expected RDF, got nothing there"),
        (("-", "README.md"), "ASK {}", 2, "README.md: expected a file that ends with one of ttl"),
        (("missing.rq",), "", 2, "missing.rq: expected a file with a query, got: no such file or directory"),
        (("seeds/",), "", 2, "seeds/: expected a file with a query, got: is a directory"),
        (("-", "-f", "docx"), "ASK {}", 2, "format: expected one of table, csv"),
        (("-", "-f", "ttl"), "ASK {}", 2, "format: expected one of table, csv, tsv, json, xml, markdown for such"),
        (("-", "-o", "out.docx"), "ASK {}", 2, "out.docx: expected --format, or a name that ends with one of table"),
    ],
)
def test_what_cannot_be_served_is_one_sentence(args: tuple[str, ...], stdin: str, code: int, expected: str) -> None:
    run = graphkit("query", *args, stdin=stdin.encode("utf-8", "surrogateescape"))
    assert run.returncode == code
    assert expected in run.stderr
    assert run.stdout == ""
    assert run.stderr.count("\n") == 1
    assert "Traceback" not in run.stderr


# What is printed


def test_a_terminal_gets_a_table_with_short_names() -> None:
    shown = on_a_terminal("query", "top-providers")
    assert "provider/harbour-gazette.example" in shown
    assert "https://w3id.org" not in shown
    assert max(map(len, shown.splitlines())) <= 80


@pytest.mark.engine
def test_a_terminal_obeys_nothing_in_the_data(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text('<urn:s> <urn:p> "a\\u001B[31mb\\u202Ec\\u0007d\\u009Be" .')
    (tmp_path / "a.rq").write_text("SELECT ?o { ?s ?p ?o }")
    for format in ("table", "csv", "tsv", "json", "xml", "markdown", "spreadsheet"):
        shown = on_a_terminal("query", tmp_path / "a.rq", tmp_path / "a.ttl", "-f", format)
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        assert "\x07" not in shown
        assert "\x9b" not in shown
    (tmp_path / "a.rq").write_text("CONSTRUCT WHERE { ?s ?p ?o }")
    assert "\u202e" not in on_a_terminal("query", tmp_path / "a.rq", tmp_path / "a.ttl", "-f", "ttl")
    assert "\u202e" in graphkit("query", tmp_path / "a.rq", tmp_path / "a.ttl", "-f", "ttl").stdout


@pytest.mark.engine
def test_no_rows_and_cut_tables_are_said_on_standard_error() -> None:
    run = ask("SELECT ?x { ?x <urn:none> ?y }")
    assert (run.returncode, run.stdout, run.stderr) == (0, "x\n", "standard input: no rows\n")
    assert ask("SELECT ?x { ?x <urn:none> ?y }", "--quiet").stderr == ""
    assert ask("DESCRIBE <urn:none>").stderr == "standard input: no triples\n"
    run = ask("SELECT ?s { ?s ?p ?o }", "-f", "table")
    assert run.stderr == "… the first 1,000 rows; --format csv prints them all\n"


@pytest.mark.engine
def test_a_construct_is_turtle_and_always_the_same_bytes() -> None:
    runs = {graphkit("query", "co-coverage-network").stdout for _ in range(3)}
    assert len(runs) == 1
    assert "@prefix schema: <https://schema.org/> ." in runs.pop()


@pytest.mark.parametrize(
    "name, format", [("a.json", "json"), ("a.md", "markdown"), ("a.srx", "xml"), ("deep/a.csv", "csv")]
)
def test_a_file_is_written_in_the_format_of_its_ending(name: str, format: str, tmp_path: Path) -> None:
    run = graphkit("query", "top-providers", "-o", tmp_path / name)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", f"wrote {tmp_path / name}\n")
    expected = graphkit("query", "top-providers", "-f", format).stdout
    assert (tmp_path / name).read_bytes().decode().replace("\r\n", "\n") == expected
    assert [path.name for path in (tmp_path / name).parent.iterdir()] == [Path(name).name]


def test_a_place_that_cannot_be_written_ends_with_2(tmp_path: Path) -> None:
    run = graphkit("query", "top-providers", "-f", "csv", "-o", tmp_path)
    assert run.returncode == 2
    assert "expected a file to write, got a folder" in run.stderr
    with Path("/dev/full").open("wb") as full:
        process = subprocess.run(
            [sys.executable, "-m", "graphkit", "query", "-", "-f", "csv"],
            input=b"SELECT * { ?s ?p ?o }",
            stdout=full,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            check=False,
        )
    assert process.returncode == 2
    assert process.stderr == b"graphkit: output: expected a place that can be written, got: no space left on device\n"


@pytest.mark.engine
def test_a_closed_pipe_ends_quietly_as_the_shell_expects() -> None:
    for format in ("csv", "spreadsheet"):
        run = subprocess.run(
            ["bash", "-c", f"{sys.executable} -m graphkit query - -f {format} | head -n 1; echo ${{PIPESTATUS[0]}}"],
            input="SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 100000",
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
        )
        assert run.stdout.split() == ["a,b,c,d,e,f" if format == "csv" else "\ufeffa,b,c,d,e,f", "141"]
        assert run.stderr == ""


@pytest.mark.engine
@pytest.mark.parametrize("args", [("-f", "csv"), ("-o", "out.csv")])
def test_ctrl_c_ends_a_query_that_would_run_for_hours(args: tuple[str, ...], tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "graphkit", "query", "-", str(EXPORTS), *args],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
    )
    assert process.stdin is not None
    process.stdin.write(SLOW.encode())
    process.stdin.close()
    told = Path(f"/proc/{process.pid}")

    def is_at_the_query() -> bool:
        assert process.poll() is None
        used = sum(map(int, (told / "stat").read_text().rpartition(")")[2].split()[11:13]))
        caught = int((told / "status").read_text().partition("SigCgt:")[2].split()[0], 16)
        # Python, which catches Ctrl-C, has started long ago, and the engine, which cannot, is at work.
        return used > 2 * os.sysconf("SC_CLK_TCK") and not caught >> (signal.SIGINT - 1) & 1

    wait_for(is_at_the_query, "the query to begin")
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=PATIENCE) == -signal.SIGINT, "which the shell shows as 130"
    assert process.stdout is not None
    assert process.stderr is not None
    assert (process.stdout.read(), process.stderr.read()) == (b"", b"")
    process.stdout.close()
    process.stderr.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.engine
def test_a_long_result_takes_no_more_memory_than_a_short_one(tmp_path: Path) -> None:
    # What the system counts for a process that ended is no less than what the one that started it held.
    program = """
import sys
from graphkit.cli import app
try:
    app(prog_name="graphkit")
finally:
    sys.stderr.write(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
"""
    peaks = []
    for limit in (1_000, 400_000):
        with (tmp_path / "rows").open("wb") as rows:
            run = subprocess.run(
                [sys.executable, "-c", program, "query", "-", str(EXPORTS), "-f", "csv"],
                input=f"SELECT * {{ ?a ?b ?c . ?d ?e ?f }} LIMIT {limit}".encode(),
                stdout=rows,
                stderr=subprocess.PIPE,
                check=True,
            )
        peaks.append(int(run.stderr))
    assert (tmp_path / "rows").stat().st_size > 40_000_000
    assert peaks[1] < peaks[0] + 20_000, "kilobytes"


@pytest.mark.engine
def test_a_large_file_is_kept_beside_it_unless_that_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.nt"
    path.write_text("".join(f'<urn:s{number}> <urn:p> "{"x" * 200}" .\n' for number in range(42_000)))
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    assert ask(count, path, "--no-keep").stdout == "n\n42000\n"
    assert not (tmp_path / ".store").exists()
    for _ in range(2):
        run = ask(count, path)
        assert (run.stdout, run.stderr) == ("n\n42000\n", "")
    assert len(list((tmp_path / ".store").glob("*.json"))) == 1


def test_help_costs_no_engine() -> None:
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "graphkit", "query", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "pyoxigraph" not in run.stderr
    assert "graphkit.cli.query" in run.stderr
    assert max(map(len, run.stdout.splitlines())) <= 100


def test_the_list_of_questions_costs_no_engine() -> None:
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "graphkit", "queries"], capture_output=True, text=True, check=True
    )
    assert "pyoxigraph" not in run.stderr
    assert "graphkit.query.questions" in run.stderr
