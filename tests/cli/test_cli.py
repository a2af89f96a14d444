"""The command line as a person uses it: arguments, exit codes, what goes to which stream."""

from __future__ import annotations

import gzip
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
from paths import SEEDS
from processes.command import graphkit
from processes.waiting import PATIENCE

from graphkit.cli import app

RECORD = """---
category: news
title: "Cameras on Mill Lane"
publishedDateTime: 2021-08-23T17:08:00Z
webUrl: "https://harbour-gazette.example/mill-lane"
type: article
quality: 40
published: {published}
provider:
  name: Harbour Gazette
  domain: harbour-gazette.example
topics:
  - Privacy
---
"""


@pytest.fixture
def records(tmp_path: Path) -> Path:
    folder = tmp_path / "records"
    folder.mkdir()
    (folder / "good.md").write_text(RECORD.format(published="true"))
    (folder / "bad.md").write_text("no front matter here\n")
    return folder


def test_help_names_every_command_and_fits_80_columns() -> None:
    run = graphkit("--help")
    assert run.returncode == 0
    for command in ("build", "check", "stats", "explain", "draw"):
        assert f"\n  {command} " in run.stdout
    assert max(map(len, run.stdout.splitlines())) <= 80


def test_no_arguments_print_the_help() -> None:
    assert "Usage: graphkit" in graphkit().stdout + graphkit().stderr


def test_version_is_the_packages_own() -> None:
    import graphkit as package

    assert graphkit("--version").stdout == f"graphkit {package.__version__}\n"


@pytest.mark.engine
def test_build_writes_three_files_beside_its_cache_and_nothing_to_standard_output(tmp_path: Path) -> None:
    run = graphkit("build", SEEDS, "--out", tmp_path / "out")
    assert (run.returncode, run.stdout) == (0, "")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        ".cache",
        "coverage.html",
        "coverage.ttl",
        "report.json",
    ]
    records = json.loads((tmp_path / "out" / "report.json").read_text())["records"]
    assert records["read"] == records["added"] + records["merged"] + records["rejected"] > 50
    assert "files     59 read, 0 reused" in run.stderr
    assert f"{records['read']} read = {records['added']} added" in run.stderr
    assert "\x1b" not in run.stderr, "plain lines in a pipe"
    assert max(map(len, run.stderr.splitlines())) <= 80 or "wrote" in run.stderr


@pytest.mark.engine
def test_build_without_options_writes_to_exports(records: Path, tmp_path: Path) -> None:
    run = graphkit("build", "records", cwd=tmp_path)
    assert run.returncode == 0
    assert (tmp_path / "exports" / "coverage.ttl").stat().st_size > 0


@pytest.mark.engine
def test_build_leaves_its_own_exports_out_of_its_sources(records: Path, tmp_path: Path) -> None:
    first = graphkit("build", ".", cwd=records)
    before = (records / "exports" / "coverage.ttl").read_bytes()
    second = graphkit("build", ".", cwd=records)
    assert "2 read, 0 reused" in first.stderr
    assert first.stderr.replace("2 read, 0 reused", "0 read, 2 reused") == second.stderr
    assert (records / "exports" / "coverage.ttl").read_bytes() == before


@pytest.mark.engine
def test_build_into_the_folder_that_is_read_does_not_read_its_own_report(records: Path) -> None:
    first = graphkit("build", ".", "--out", ".", "--no-cache", cwd=records)
    second = graphkit("build", ".", "--out", ".", "--no-cache", cwd=records)
    assert first.returncode == 0
    assert first.stderr == second.stderr


@pytest.mark.engine
def test_without_a_cache_everything_is_read_again_and_nothing_remembered(records: Path, tmp_path: Path) -> None:
    cached = graphkit("build", records, "-o", tmp_path / "cached")
    for _ in range(2):
        run = graphkit("build", records, "-o", tmp_path / "out", "--no-cache")
        assert "files     2 read, 0 reused" in run.stderr
    assert run.stderr.replace(str(tmp_path / "out"), str(tmp_path / "cached")) == cached.stderr
    assert not (tmp_path / "out" / ".cache").exists()
    for name in ("coverage.ttl", "coverage.html", "report.json"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "cached" / name).read_bytes()


@pytest.mark.parametrize("jobs", ["-1", "two"])
def test_a_number_of_processes_that_is_none_ends_with_2(jobs: str, records: Path, tmp_path: Path) -> None:
    run = graphkit("build", records, "-o", tmp_path / "out", "--jobs", jobs)
    assert run.returncode == 2
    assert "Traceback" not in run.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.engine
def test_without_a_graph_there_is_no_page_and_none_can_be_asked_for(records: Path, tmp_path: Path) -> None:
    run = graphkit("build", records, "-o", tmp_path / "out", "--no-graph")
    assert run.returncode == 0, run.stderr
    assert (tmp_path / "out" / "coverage.ttl").exists()
    assert not (tmp_path / "out" / "coverage.html").exists()
    for asked in (("--page",), ("--format", "nq")):
        run = graphkit("build", records, "-o", tmp_path / "other", "--no-graph", *asked)
        assert run.returncode == 2
        assert "neither a page nor nq nor trig" in run.stderr
        assert not (tmp_path / "other").exists()


@pytest.mark.engine
def test_every_format_can_be_asked_for_and_compressed(tmp_path: Path) -> None:
    run = graphkit("build", SEEDS, "-o", tmp_path, "--format", "ttl,nt,nq,trig,rdf,jsonld", "--gzip", "--no-page")
    assert run.returncode == 0, run.stderr
    triples = {}
    for ending, syntax in {
        "ttl": ox.RdfFormat.TURTLE,
        "nt": ox.RdfFormat.N_TRIPLES,
        "nq": ox.RdfFormat.N_QUADS,
        "trig": ox.RdfFormat.TRIG,
        "rdf": ox.RdfFormat.RDF_XML,
        "jsonld": ox.RdfFormat.JSON_LD,
    }.items():
        data = (tmp_path / f"coverage.{ending}.gz").read_bytes()
        assert data[4:8] == b"\0\0\0\0", "no time in the gzip header"
        triples[ending] = {quad.triple for quad in ox.parse(gzip.decompress(data), syntax)}
    assert len(triples["ttl"]) > 500
    assert all(found == triples["ttl"] for found in triples.values())
    assert not (tmp_path / "coverage.html").exists()


@pytest.mark.engine
def test_base_is_the_beginning_of_every_resource(records: Path, tmp_path: Path) -> None:
    run = graphkit("build", records / "good.md", "-o", tmp_path / "out", "--base", "http://localhost:8000/id/")
    assert run.returncode == 0
    assert (
        "<http://localhost:8000/id/provider/harbour-gazette.example>" in (tmp_path / "out" / "coverage.ttl").read_text()
    )


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (("--base", "not an iri"), "base: expected an absolute IRI"),
        (("--format", "docx"), "format: expected one of ttl, nt, nq, trig, rdf, jsonld, void, got 'docx'"),
    ],
)
def test_wrong_options_end_with_2_before_anything_is_read(
    arguments: tuple[str, ...], sentence: str, tmp_path: Path
) -> None:
    run = graphkit("build", SEEDS, "-o", tmp_path / "out", *arguments)
    assert run.returncode == 2
    assert sentence in run.stderr
    assert "Traceback" not in run.stderr
    assert not (tmp_path / "out").exists()


def test_unknown_options_and_commands_end_with_2() -> None:
    assert graphkit("build", "seeds", "--nonsense").returncode == 2
    assert graphkit("bulid").returncode == 2


@pytest.mark.engine
def test_strict_ends_with_1_after_everything_is_written(records: Path, tmp_path: Path) -> None:
    run = graphkit("build", records, "-o", tmp_path / "out", "--strict")
    assert run.returncode == 1
    assert "bad.md:1:1: expected front matter" in run.stderr
    assert (tmp_path / "out" / "coverage.ttl").exists()
    assert graphkit("build", records, "-o", tmp_path / "out").returncode == 0
    assert graphkit("build", records / "good.md", "-o", tmp_path / "out", "--strict").returncode == 0


@pytest.mark.engine
def test_nothing_readable_ends_with_3_and_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for source in (tmp_path / "empty", tmp_path / "missing"):
        run = graphkit("build", source, "-o", tmp_path / "out")
        assert run.returncode == 3
        assert run.stderr.splitlines()[-1].startswith("graphkit: expected records in the sources, got none")
        assert not (tmp_path / "out").exists()
    assert graphkit("check", tmp_path / "missing").returncode == 3


def test_an_output_that_is_a_file_ends_with_2(records: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    run = graphkit("build", records, "-o", tmp_path / "out")
    assert run.returncode == 2
    assert f"graphkit: {tmp_path / 'out'}: expected a folder to write to, got a file" in run.stderr
    assert (tmp_path / "out").read_text() == "mine"


@pytest.mark.engine
def test_published_only_leaves_drafts_out_and_says_so(records: Path, tmp_path: Path) -> None:
    (records / "draft.md").write_text(RECORD.format(published="false").replace("mill-lane", "draft"))
    run = graphkit("build", records, "-o", tmp_path / "out", "--published-only")
    assert "1 added" in run.stderr
    assert "1 left out" in run.stderr
    assert "harbour-gazette.example/draft" not in (tmp_path / "out" / "coverage.ttl").read_text()


@pytest.mark.engine
def test_quiet_prints_nothing(records: Path, tmp_path: Path) -> None:
    run = graphkit("build", records, "-o", tmp_path / "out", "--quiet")
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


@pytest.mark.engine
def test_check_prints_diagnostics_as_data_and_writes_nothing(records: Path, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    run = graphkit("check", records, cwd=tmp_path)
    assert run.returncode == 0
    assert run.stdout.splitlines() == [
        f"{records}/bad.md:1:1: expected front matter that opens with ---, got 'no front matter here' [GK202]"
    ]
    assert "2 files, 1 good record, 1 rejected, 1 diagnostic" in run.stderr
    assert graphkit("check", records, "--strict", cwd=tmp_path).returncode == 1
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.engine
def test_records_come_from_standard_input(tmp_path: Path) -> None:
    run = graphkit("build", "-", "-o", tmp_path, stdin=RECORD.format(published="true").encode())
    assert run.returncode == 0
    assert "Cameras on Mill Lane" in (tmp_path / "coverage.ttl").read_text()


@pytest.mark.engine
def test_stats_are_the_same_from_records_and_from_their_export(tmp_path: Path) -> None:
    graphkit("build", SEEDS, "-o", tmp_path, "--no-page", "--quiet")
    from_records = graphkit("stats", SEEDS, "--json")
    from_folder = graphkit("stats", tmp_path, "--json")
    from_file = graphkit("stats", tmp_path / "coverage.ttl", "--json")
    assert from_records.stdout == from_folder.stdout == from_file.stdout
    numbers = json.loads(from_records.stdout)
    assert numbers["nodes"]["article"] > 50
    assert len(numbers["providers"]) == 10
    assert numbers["published"]["first"] < numbers["published"]["last"]


@pytest.mark.engine
def test_stats_table_fits_80_columns_and_shows_control_characters(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(RECORD.format(published="true").replace("- Privacy", '- "Red\\e[31m alert"'))
    run = graphkit("stats", tmp_path, "--quiet")
    assert run.returncode == 0
    assert "Harbour Gazette" in run.stdout
    assert "\x1b" not in run.stdout
    assert max(map(len, run.stdout.splitlines())) <= 80
    assert graphkit("stats", SEEDS, "--top", "3").stdout.count("\n") < graphkit("stats", SEEDS).stdout.count("\n")


@pytest.mark.engine
def test_stats_of_a_file_that_is_no_export_end_with_2(tmp_path: Path) -> None:
    (tmp_path / "coverage.ttl").write_text("<http://a.example/s> <http://a.example/p> 1 .\n")
    run = graphkit("stats", tmp_path)
    assert run.returncode == 2
    assert "without its dataset description" in run.stderr
    (tmp_path / "coverage.ttl").write_text("this is no Turtle")
    run = graphkit("stats", tmp_path / "coverage.ttl")
    assert run.returncode == 2
    assert "expected RDF that graphkit made" in run.stderr


@pytest.mark.engine
def test_explain_shows_the_receipt() -> None:
    run = graphkit("explain", "http://www.Forbes.com/a/amp/?utm_source=x#top")
    assert run.returncode == 0
    lines = dict(line.split(maxsplit=1) for line in run.stdout.splitlines() if line[0] != " ")
    assert lines["canonical"] == "https://www.forbes.com/a/"
    assert lines["key"] == "forbes.com/a"
    assert lines["id"].startswith("article/forbes.com/")
    for rule in ("https", "tracking", "amp-path", "fragment", "key-host"):
        assert f" {rule}: " in run.stdout
    as_json = json.loads(graphkit("explain", "http://www.Forbes.com/a/amp/?utm_source=x#top", "--json").stdout)
    assert as_json["id"] == lines["id"]
    assert "none fired" in graphkit("explain", "https://forbes.com/a").stdout
    assert "amp " not in graphkit("explain", "https://forbes.com/a").stdout


def test_explain_calls_an_amp_page_one() -> None:
    page, copy = "https://a.example/1/b.amp.html", "https://www.google.com/amp/s/a.example/1/b.html"
    assert "amp        an AMP page of the publisher\n" in graphkit("explain", page).stdout
    assert "amp        a copy in an AMP cache or viewer\n" in graphkit("explain", copy).stdout
    assert json.loads(graphkit("explain", page, "--json").stdout)["amp"] == "amphtml"


def test_explain_compares_two_addresses() -> None:
    short, long = "https://youtu.be/dQw4w9WgXcQ?t=3", "https://www.youtube.com/watch?v=dQw4w9WgXcQ&feature=share"
    run = graphkit("explain", short, long)
    assert run.stdout.count("\ngiven ") == 1
    assert run.stdout.endswith("\none article: both have the same canonical URL, by minted-id, key-host.\n")
    run = graphkit("explain", "https://a.example/x?id=1", "https://a.example/x?id=2&utm_source=mail")
    assert "\ntwo articles: they differ in their parameter id (1, 2)." in run.stdout
    assert max(map(len, run.stdout.splitlines())) <= 80
    found = json.loads(graphkit("explain", short, long, "--json").stdout)
    assert [each["given"] for each in found["addresses"]] == [short, long]
    assert found["one_article"] is True
    found = json.loads(graphkit("explain", short, "https://a.example/", "--json").stdout)
    assert found["one_article"] is False
    assert found["reason"].startswith("they differ in their host (youtube.com, a.example), ")


def test_explain_takes_a_provider_with_one_address_only() -> None:
    run = graphkit("explain", "https://a.example/", "https://b.example/", "--provider", "A")
    assert (run.returncode, run.stdout) == (2, "")
    assert "expected one address with --provider or --domain, got two" in run.stderr


def test_explain_says_that_redirectors_have_no_end() -> None:
    run = graphkit("explain", "https://href.li/?" * 50 + "https://a.example/")
    assert run.returncode == 2, run.stderr
    assert "redirectors" in run.stderr


def test_explain_refuses_what_is_no_address() -> None:
    run = graphkit("explain", "javascript:alert(1)")
    assert run.returncode == 2
    assert run.stderr == "graphkit: URL: expected a web address (http or https), got 'javascript:alert(1)'\n"


@pytest.mark.engine
def test_draw_draws_around_an_id_a_url_and_a_title(tmp_path: Path) -> None:
    url = "https://news.sky.com/story/civil-liberties-groups-demand-government-bans-facial-recognition-cameras-12388513"
    node = json.loads(graphkit("explain", url, "--json").stdout)["id"]
    title = "civil liberties groups demand government bans facial recognition cameras"
    pages = set()
    for around in (node, f"{url}?utm_source=x", title):
        run = graphkit("draw", SEEDS, "--around", around, "--hops", "1", "--out", tmp_path / "a.html")
        assert run.returncode == 0, run.stderr
        pages.add((tmp_path / "a.html").read_text())
    assert len(pages) == 1
    assert "Sky" in pages.pop()


@pytest.mark.engine
def test_draw_around_something_unknown_ends_with_2(tmp_path: Path) -> None:
    run = graphkit("draw", SEEDS, "--around", "no such thing at all", "--out", tmp_path / "a.html")
    assert run.returncode == 2
    assert "no such thing at all" in run.stderr
    assert not (tmp_path / "a.html").exists()


@pytest.mark.engine
def test_a_terminal_sees_a_progress_bar(tmp_path: Path) -> None:
    controller, terminal = pty.openpty()
    with os.fdopen(controller, "rb", buffering=0) as screen:
        process = subprocess.Popen(
            [sys.executable, "-m", "graphkit", "build", str(SEEDS), "-o", str(tmp_path), "--no-page"],
            stdout=subprocess.PIPE,
            stderr=terminal,
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
        assert process.stdout is not None
        assert process.stdout.read() == b""
        process.stdout.close()
        assert process.wait() == 0
    assert b"Reading" in shown
    assert b"\x1b[" in shown
    assert b"63 read" in shown


@pytest.mark.engine
def test_a_closed_pipe_ends_quietly_as_the_shell_expects(tmp_path: Path) -> None:
    for number in range(50):  # of each file the first 100 diagnostics are printed
        (tmp_path / f"many{number}.jsonl").write_text('{"title": 1}\n' * 100)
    run = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m graphkit check {tmp_path} | head -n 1; echo ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.splitlines()[1] == "141"
    assert run.stderr == "Checking: 50 files\n"


def test_output_goes_on_where_the_terminal_knows_few_characters(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(RECORD.format(published="true").replace("2021-08-23T17:08:00Z", "3 Mäi"))
    run = graphkit("check", tmp_path, PYTHONIOENCODING="ascii")
    assert run.returncode == 0
    assert r"got '3 M\xe4i'" in run.stdout


@pytest.mark.engine
def test_an_export_folder_holds_one_build(records: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    graphkit("build", SEEDS, "-o", out, "--format", "nt,jsonld", "--quiet")
    (out / "mine.txt").write_text("mine")
    graphkit("build", records, "-o", out, "--gzip", "--no-page", "--quiet")
    assert sorted(path.name for path in out.iterdir()) == [".cache", "coverage.ttl.gz", "mine.txt", "report.json"]
    assert json.loads(graphkit("stats", out, "--json").stdout)["nodes"]["article"] == 1


@pytest.mark.engine
def test_a_report_of_an_earlier_build_is_no_record(records: Path) -> None:
    before = graphkit("check", ".", cwd=records)
    graphkit("build", ".", cwd=records)
    assert graphkit("check", ".", cwd=records).stdout == before.stdout
    assert graphkit("build", ".", "-o", "other", cwd=records).stderr.count("1 rejected") == 1


@pytest.mark.engine
def test_published_only_leaves_out_related_articles_that_are_not() -> None:
    related = """related:
  - title: "Removed"
    webUrl: "https://harbour-gazette.example/removed"
    removed: true
    provider: {name: Harbour Gazette, domain: harbour-gazette.example}
  - title: "Kept"
    webUrl: "https://harbour-gazette.example/kept"
    provider: {name: Harbour Gazette, domain: harbour-gazette.example}
---
"""
    text = RECORD.format(published="true").removesuffix("---\n") + related
    everything = json.loads(graphkit("stats", "-", "--json", stdin=text.encode()).stdout)
    assert everything["nodes"]["article"] == 3
    from graphkit.pipeline import api

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        built = api.build("-", published_only=True)
    assert sorted(data["title"] for _, data in built.graph.nodes(data=True) if data["kind"] == "article") == [
        "Cameras on Mill Lane",
        "Kept",
    ]


def test_explain_refuses_an_address_that_a_build_would_not_use() -> None:
    run = graphkit("explain", "https://a.example/" + "b" * 2_500)
    assert run.returncode == 2
    assert "expected at most 1,900 characters, got 2,518" in run.stderr


def test_an_interrupt_ends_without_a_traceback() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "graphkit", "check", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    # More than a pipe holds: when it is written, the command is reading.
    process.stdin.write(b"---\n" + b"# waiting\n" * 100_000)
    process.stdin.flush()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert err == b""


def test_every_command_has_help_that_says_what_it_does() -> None:
    assert all(command.callback.__doc__ for command in app.registered_commands if command.callback)


def test_related_entries_of_a_rejected_record_are_counted_as_rejected(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(
        '---\nexcerpt: "Neither title nor address"\nrelated:\n'
        '  - title: "One"\n    provider: {name: A, domain: a.example}\n'
        '  - title: "Two"\n    provider: {name: A, domain: a.example}\n---\n'
    )
    (tmp_path / "b.md").write_text(RECORD.format(published="true"))
    graphkit("build", tmp_path, "-o", tmp_path / "out", "--no-page")
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["records"]["rejected"] == 1
    assert report["related"] == {"read": 2, "added": 0, "merged": 0, "rejected": 2, "to_itself": 0}


MOON = """{"title": "Tide", "webUrl": "https://msn.com/tide", "provider": {"name": "The Moon on MSN", "domain": "msn.com"}}"""


@pytest.mark.engine
def test_identity_toml_corrects_a_build_and_unused_rules_are_printed(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.json").write_text(MOON)
    (tmp_path / "in/identity.toml").write_text('[labels]\n"The Moon on MSN" = "moon.example"\n"Sun" = "sun.example"\n')
    run = graphkit("build", "in", "--out", "out", "--no-page", cwd=tmp_path)
    assert run.returncode == 0
    assert (
        "identity  1 rule of identity.toml used, 1 not\n          not used: labels: Sun: provider/sun.example\n"
        in run.stderr + run.stdout
    )
    assert "provider/moon.example" in (tmp_path / "out/coverage.ttl").read_text("utf-8")
    stats = json.loads(graphkit("stats", "in", "--json", "--quiet", cwd=tmp_path).stdout)
    assert [one["id"] for one in stats["providers"]] == ["provider/moon.example"]
    (tmp_path / "other.toml").write_text("")
    stats = json.loads(graphkit("stats", "in", "--json", "--quiet", "--identity", "other.toml", cwd=tmp_path).stdout)
    assert [one["id"] for one in stats["providers"]] == ["provider/msn.com/the-moon"]
    refused = graphkit("stats", "out", "--identity", "other.toml", cwd=tmp_path)
    assert refused.returncode == 2
    assert "expected records to build from" in refused.stderr


@pytest.mark.engine
def test_a_fault_of_identity_toml_ends_every_command_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.json").write_text(MOON)
    (tmp_path / "in/identity.toml").write_text("[labels]\nx = 1\n[label]\n")
    for command in (["build", "in", "--out", "out"], ["check", "in"], ["stats", "in"]):
        run = graphkit(*command, cwd=tmp_path)
        assert run.returncode == 2
        assert "in/identity.toml:2:1: labels.x: expected a provider, as text, got 1 [GK403]" in run.stderr
        assert "in/identity.toml:3:1: label: expected one of the tables" in run.stderr
        assert "Traceback" not in run.stderr


def test_explain_names_the_rule_that_found_the_provider(tmp_path: Path) -> None:
    (tmp_path / "identity.toml").write_text('[labels]\nWire = "wire.example"\n[parameters]\n"a.example" = ["gclid"]\n')
    url = "https://a.example/p?gclid=1"
    found = json.loads(
        graphkit("explain", url, "--provider", "AFP via Yahoo News UK", "--domain", "yahoo.com", "--json").stdout
    )
    assert (found["publisher"], found["distributor"]) == ("provider/yahoo.com/afp", "provider/yahoo.com")
    assert found["decided"].startswith("aggregator-label: ")
    assert found["canonical"] == "https://a.example/p"
    run = graphkit("explain", url, "--identity", "identity.toml", "--provider", "Wire", cwd=tmp_path)
    assert "canonical  https://a.example/p?gclid=1\n" in run.stdout
    assert "publisher  provider/wire.example\n" in run.stdout
    assert "decided    identity.toml: labels: Wire: provider/wire.example\n" in run.stdout
    assert "identity-parameters: gclid kept" in run.stdout


def test_explain_names_the_rule_that_keeps_two_pages_apart(tmp_path: Path) -> None:
    pages = ["https://a.example/p", "https://a.example/p/amp"]
    (tmp_path / "identity.toml").write_text(f"[[different]]\narticles = {json.dumps(pages)}\n")
    assert json.loads(graphkit("explain", *pages, "--json").stdout)["one_article"] is True
    found = json.loads(graphkit("explain", *pages, "--identity", "identity.toml", "--json", cwd=tmp_path).stdout)
    assert found["one_article"] is False
    assert found["reason"].startswith("identity.toml says that they are never the same (different: ")


@pytest.mark.engine
def test_diagnostics_and_skipped_files_are_shown_with_paths_that_can_be_opened(records: Path, tmp_path: Path) -> None:
    for name in ("notes.doc", "deep/a.csv", "deep/b.png", "deep/c.zip"):
        (records / name).parent.mkdir(exist_ok=True)
        (records / name).touch()
    skipped = "skipped   4 files without the ending of a record file: records/deep/a.csv, records/deep/b.png, "
    fault = "records/bad.md:1:1: expected front matter that opens with ---"
    run = graphkit("check", "records", cwd=tmp_path)
    assert run.stdout.startswith(fault)
    assert f"{skipped}records/deep/c.zip and 1 more\n" in run.stderr
    for _ in range(2):  # from the cache too
        run = graphkit("build", "records", cwd=tmp_path)
        assert fault in run.stderr
        assert skipped in run.stderr
    (listed,) = json.loads((tmp_path / "exports/report.json").read_text())["diagnostics"]["list"]
    assert listed.startswith("bad.md:1:1: ")
    (records / "good.md").unlink()
    assert fault in graphkit("check", "records", cwd=tmp_path).stderr
