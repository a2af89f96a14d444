"""Exports taken to real stores are there afterwards, whole and unchanged."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import termios
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from foreign.triple_stores import STORES, Fuseki, FusekiWithDigest, Oxigraph, TripleStore
from foreign.uploads import each, held, run, said, started, upload
from processes.server import serving
from processes.waiting import PATIENCE

import graphkit
from graphkit.query import parameters, questions
from graphkit.rdf.vocabulary import DEFAULT_BASE

pytestmark = pytest.mark.engine

OTHER = "http://example.org/other"


@pytest.fixture(scope="module", params=each(*STORES))
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TripleStore]:
    """A running store of each kind."""
    yield from started(request.param, tmp_path_factory.mktemp(request.param.name))


@pytest.fixture
def exports(exported: Path, tmp_path: Path) -> Path:
    """A folder of exports of its own, as an upload may leave a journal in it."""
    return Path(shutil.copytree(exported, tmp_path / "exports"))


def with_last_statements_gone(exports: Path, folder: Path) -> Path:
    """Return another folder of exports, in which less is said."""
    folder.mkdir()
    text = (exports / "coverage.ttl").read_text("utf-8")
    statements = text.split(" .\n")
    (folder / "coverage.ttl").write_text(" .\n".join(statements[:-20]) + " .\n", "utf-8")
    return folder


def test_what_is_uploaded_is_there_to_the_last_triple(store: TripleStore, exports: Path) -> None:
    done = upload(store, exports, "--replace")
    assert done.returncode == 0, done.stderr
    given = said(exports / "coverage.ttl")
    assert held(store, store.graph) == given
    assert f"checked   {len(given):,} triples there" in done.stderr
    assert store.title.split()[0] in done.stderr.splitlines()[0]
    assert not list(exports.glob(".graphkit-upload*")), "the journal stays behind"


def test_a_second_upload_finds_it_there_and_sends_nothing(store: TripleStore, exports: Path) -> None:
    assert upload(store, exports, "--replace").returncode == 0
    again = upload(store, exports)
    assert again.returncode == 0
    assert "sent      nothing: all" in again.stderr
    assert held(store, store.graph) == said(exports / "coverage.ttl")


def test_a_graph_that_holds_something_else_is_left_alone(store: TripleStore, exports: Path, tmp_path: Path) -> None:
    assert upload(store, exports, "--replace").returncode == 0
    refused = upload(store, with_last_statements_gone(exports, tmp_path / "less"))
    assert refused.returncode == 2
    assert "to be empty, got" in refused.stderr
    assert "--replace or --append" in refused.stderr
    assert held(store, store.graph) == said(exports / "coverage.ttl")


def test_replacing_leaves_nothing_of_what_was_there(store: TripleStore, exports: Path, tmp_path: Path) -> None:
    assert upload(store, exports, "--replace").returncode == 0
    less = with_last_statements_gone(exports, tmp_path / "less")
    assert upload(store, less, "--replace").returncode == 0
    assert held(store, store.graph) == said(less / "coverage.ttl") < said(exports / "coverage.ttl")


def test_appending_keeps_what_was_there_and_twice_is_once(store: TripleStore, exports: Path, tmp_path: Path) -> None:
    more = tmp_path / "more.nt"
    more.write_text("".join(f'<http://example.org/{n}> <http://example.org/p> "{n}" .\n' for n in range(300)))
    assert upload(store, exports, "--replace").returncode == 0
    for _ in range(2):
        done = upload(store, more, "--append")
        assert done.returncode == 0, done.stderr
        assert held(store, store.graph) == said(exports / "coverage.ttl") | said(more)


def test_a_named_graph_is_apart_from_the_others(store: TripleStore, exports: Path, tmp_path: Path) -> None:
    less = with_last_statements_gone(exports, tmp_path / "less")
    assert upload(store, exports, "--replace").returncode == 0
    done = run(store.url, str(less), "--replace", "--graph", OTHER, *store.options[:2], **store.environment)
    assert done.returncode == 0, done.stderr
    assert held(store, OTHER) == said(less / "coverage.ttl")
    assert upload(store, exports).stderr.count("are there already") == 1, "the first graph has changed"


@pytest.mark.parametrize("form", ["nt", "rdf", "jsonld"])
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
def test_every_form_of_an_export_comes_to_the_same(
    store: TripleStore, exports: Path, tmp_path: Path, form: str, packed: bool
) -> None:
    if form != "nt" and store.name != "oxigraph":
        pytest.skip("such a form goes over as N-Triples, to one store as to another")
    if packed and store.name in ("fuseki", "rdf4j"):
        pytest.skip("what is packed is unpacked before it goes over, to one store as to another")
    graphkit.export(graphkit.build("seeds"), tmp_path / "other", formats=(form,), page=False)
    path = tmp_path / "other" / f"coverage.{form}"
    if packed:
        target = path.with_name(f"{path.name}.gz")
        target.write_bytes(gzip.compress(path.read_bytes()))
        path = target
    done = upload(store, path, "--replace")
    assert done.returncode == 0, done.stderr
    assert held(store, store.graph) == said(exports / "coverage.ttl")


def test_packed_requests_and_one_request_come_to_the_same(store: TripleStore, exports: Path) -> None:
    given = said(exports / "coverage.ttl")
    assert upload(store, exports, "--replace", "--at-once").returncode == 0
    assert held(store, store.graph) == given
    done = upload(store, exports, "--replace", "--gzip")
    if store.name == "virtuoso":  # it takes such a body for plain text
        assert done.returncode == 2
        assert "a store that takes gzip" in done.stderr
    else:
        assert done.returncode == 0, done.stderr
    assert held(store, store.graph) == given


def patched(folder: Path, seeds: Path) -> tuple[Path, Path, Path]:
    """Return an export, the one after a change of the records, and the patch between them."""
    records = folder / "records"
    shutil.copytree(seeds, records)
    graphkit.publish(records, folder / "out", page=False)
    before = Path(shutil.copytree(folder / "out", folder / "before"))
    news = sorted((records / "news").glob("*.md"))
    news[0].unlink()
    news[1].write_text(re.sub(r"(?m)^title: .*", 'title: "Another \\\\u0041 title 😀"', news[1].read_text("utf-8")))
    graphkit.publish(records, folder / "out", page=False, patch=True)
    return before, folder / "out", folder / "out" / "coverage.patch.rq"


def test_a_patch_brings_a_store_from_one_build_to_the_next(store: TripleStore, seeds: Path, tmp_path: Path) -> None:
    before, after, patch = patched(tmp_path, seeds)
    assert said(before / "coverage.ttl") != said(after / "coverage.ttl")
    assert upload(store, before, "--replace").returncode == 0
    done = upload(store, "--patch", patch)
    assert done.returncode == 0, done.stderr
    assert held(store, store.graph) == said(after / "coverage.ttl")
    again = upload(store, "--patch", patch)
    assert again.returncode == 0, again.stderr
    assert held(store, store.graph) == said(after / "coverage.ttl")


def test_a_patch_for_another_graph_is_told(store: TripleStore, seeds: Path, tmp_path: Path) -> None:
    before, _, patch = patched(tmp_path, seeds)
    less = with_last_statements_gone(before, tmp_path / "less")
    (less / "coverage.ttl").write_text(
        re.sub(r"(?s)<https://w3id.org/graphkit/id/article/.*?> \.\n", "", (less / "coverage.ttl").read_text("utf-8"))
    )
    assert upload(store, less, "--replace").returncode == 0
    done = upload(store, "--patch", patch)
    assert done.returncode == 4
    assert "not the one that the patch is for" in done.stderr or "is still there" in done.stderr


def rows(body: bytes) -> Counter[tuple[tuple[str, ...], ...]]:
    """Return the rows of an answer as a bag; the dialects of JSON results do not count."""
    answer = json.loads(body)
    if "boolean" in answer:
        return Counter([(("boolean", str(answer["boolean"]).lower()),)])
    if answer["head"]["vars"] == ["__ASK_RETVAL"]:  # so Virtuoso says yes
        return Counter(
            [(("boolean", "true" if answer["results"]["bindings"][0]["__ASK_RETVAL"]["value"] == "1" else "false"),)]
        )
    return Counter(
        tuple(sorted((name, term["value"], term.get("xml:lang", ""), _datatype(term)) for name, term in row.items()))
        for row in answer["results"]["bindings"]
    )


def _datatype(term: dict[str, str]) -> str:
    datatype = term.get("datatype", "").rpartition("#")[2]
    return "" if datatype == "string" else datatype


def test_the_bundled_questions_have_the_answers_of_the_engine(store: TripleStore, exports: Path) -> None:
    assert upload(store, exports, "--replace").returncode == 0
    data = graphkit.open_data(exports)
    different = {}
    compared = 0
    for question in questions.bundled():
        bound = parameters.bind(question, {})
        found = data.query(bound.text, bound.substitutions, name=bound.name)
        if isinstance(found, ox.QueryTriples):
            continue
        mine = rows(found.serialize(format=ox.QueryResultsFormat.JSON) or b"")
        for _ in range(5 if store.name == "virtuoso" else 1):  # now and then it gives one group as two
            theirs = rows(store.select(f"BASE <{DEFAULT_BASE}>\n{bound.text}", graph=store.graph or store.default))
            if theirs == mine:
                break
        compared += 1
        if mine != theirs:
            different[question.name] = (list((mine - theirs).items())[:2], list((theirs - mine).items())[:2])
    assert not different
    assert compared >= 20


@pytest.mark.tools
def test_digest_authentication_lets_in_who_is_named(exports: Path, tmp_path: Path) -> None:
    for store in started(FusekiWithDigest, tmp_path / "fuseki"):
        done = upload(store, exports)
        assert done.returncode == 0, done.stderr
        assert "triples there" in done.stderr
        wrong = upload(store, exports, GRAPHKIT_PASSWORD="another")
        assert wrong.returncode == 4
        assert "as 'editor', got 401" in wrong.stderr
        file = tmp_path / "password"
        file.write_text(f"{store.password}\n")
        by_file = run(store.url, str(exports), "--user", store.user, "--password-file", str(file))
        assert by_file.returncode == 0, by_file.stderr
        assert "are there already" in by_file.stderr


def test_graphkit_serve_is_told_apart_and_nothing_is_sent(exports: Path) -> None:
    with serving(exports) as server:
        for address in (server.url, f"{server.url}/sparql"):
            done = upload(address, exports)
            assert done.returncode == 4
            assert "got graphkit serve, which only answers questions" in done.stderr
            assert done.stderr.count("\n") == 1


def test_a_store_of_no_known_kind_is_written_by_either_protocol(exports: Path, tmp_path: Path) -> None:
    given = said(exports / "coverage.ttl")
    for store in started(Oxigraph, tmp_path / "data"):
        by_graphs = run(f"{store.url}/store", str(exports), "--kind", "gsp")
        assert by_graphs.returncode == 0, by_graphs.stderr
        assert held(store) == given
        assert "are there already" in run(f"{store.url}/store", str(exports), "--kind", "gsp").stderr


@pytest.mark.tools
def test_a_store_that_only_takes_updates_is_written_by_them(exports: Path, tmp_path: Path) -> None:
    hostile = tmp_path / "hostile.nt"
    with (exports / "coverage.ttl").open("rb") as stream:
        hostile.write_text("".join(f"{quad.triple} .\n" for quad in ox.parse(stream, ox.RdfFormat.TURTLE)), "utf-8")
    with hostile.open("a", encoding="utf-8") as stream:
        for number, text in enumerate(
            ("\\u0022 } DROP ALL", "\\\\U0001F600", '"""', "\r\n\t\x01", "😀 é } ; {", "' . }")
        ):
            stream.write(f"<http://example.org/{number}> <http://example.org/p> {ox.Literal(text)} .\n")
    for store in started(Fuseki, tmp_path / "data"):
        for graph in ("", OTHER):
            options = ["--graph", graph] if graph else []
            done = run(store.url, str(hostile), "--kind", "sparql", "--replace", *options)
            assert done.returncode == 0, done.stderr
            assert held(store, graph) == said(hostile)
            again = run(store.url, str(exports), "--kind", "sparql", "--replace", *options)
            assert again.returncode == 0, again.stderr
            assert held(store, graph) == said(exports / "coverage.ttl")


@pytest.mark.tools
def test_a_terminal_shows_a_bar_and_asks_for_the_password(exports: Path, tmp_path: Path) -> None:
    for store in started(FusekiWithDigest, tmp_path / "data"):
        reader, terminal = os.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "graphkit", "upload", store.url, str(exports), "--user", store.user],
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            env={name: value for name, value in os.environ.items() if name != "GRAPHKIT_PASSWORD"} | {"TERM": "xterm"},
        )
        os.close(terminal)
        shown = b""
        while b"Password" not in shown:
            shown += os.read(reader, 4096)
        end = time.monotonic() + PATIENCE
        while termios.tcgetattr(reader)[3] & termios.ECHO:  # what is typed before it listens is thrown away
            assert time.monotonic() < end
            time.sleep(0.01)
        os.write(reader, f"{store.password}\n".encode())
        with contextlib.suppress(OSError):  # as a terminal ends
            while piece := os.read(reader, 4096):
                shown += piece
        assert process.wait(PATIENCE) == 0, shown
        os.close(reader)
        assert store.password.encode() not in shown
        assert b"Sending" in shown
        assert b"triples there" in shown
