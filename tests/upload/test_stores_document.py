"""The commands in docs/stores.md do what they say, against the stores that are here."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from foreign.triple_stores import STORES, Fuseki, Oxigraph, TripleStore, Virtuoso
from foreign.uploads import Triples, each, held, said, started
from paths import ROOT, TOOLS
from processes.waiting import WHOLE_RUN

import graphkit
from graphkit.upload.store_kinds import STORE_KINDS

TEXT = (ROOT / "docs" / "stores.md").read_text("utf-8")
COMMANDS = re.findall(r"^<!-- run: ([a-z0-9 ]+) -->\n```sh\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
PORTS = {"oxigraph": 7878, "fuseki": 3030, "rdf4j": 8080, "virtuoso": 8890}


@pytest.fixture(scope="module")
def store_programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the programs under the names that people know."""
    folder = tmp_path_factory.mktemp("programs")
    classes = TOOLS / "fuseki" / "lib"
    for name, line in {
        "graphkit": f'PYTHONPATH={ROOT} exec {sys.executable} -m graphkit "$@"',
        "oxigraph": f'exec {Oxigraph.program()} "$@"',
        "tdb2.tdbloader": f'exec java -cp "{classes}/*" tdb2.tdbloader "$@"',
        "tdb2.tdbdump": f'exec java -cp "{classes}/*" tdb2.tdbdump "$@"',
    }.items():
        (folder / name).write_text(f"#!/bin/sh\n{line}\n")
        (folder / name).chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def exports(seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exports") / "exports"
    graphkit.export(graphkit.build(seeds), folder, formats=("ttl", "nq"), page=False)
    return folder


@pytest.fixture(scope="module", params=each(*STORES))
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TripleStore]:
    yield from started(request.param, tmp_path_factory.mktemp(request.param.name))


def run(
    command: str, folder: Path, programs: Path, store: TripleStore | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command of the document, at the ports where the store listens."""
    if store is not None:
        command = command.replace(f"localhost:{PORTS[store.name]}", f"127.0.0.1:{store.port}")
        if isinstance(store, Virtuoso):
            command = command.replace("isql-vt 1111 ", f"isql-vt 127.0.0.1:{store.sql_port} ")
    assert command.startswith(("graphkit ", "GRAPHKIT_PASSWORD=", "curl ", "oxigraph ", "tdb2.tdbloader ", "isql-vt "))
    environment = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    program = next(word for word in command.split() if "=" not in word)
    if shutil.which(program, path=environment["PATH"]) is None:
        pytest.skip(f"{program} is not installed (Debian packages: curl, virtuoso-opensource-7-bin)")
    return subprocess.run(
        ["sh", "-ec", command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=WHOLE_RUN,
    )


def cleared(store: TripleStore) -> None:
    """Empty a store."""
    from graphkit.upload.authentication import Credentials
    from graphkit.upload.http_client import StoreConnection
    from graphkit.upload.store_address import store_at
    from graphkit.upload.store_graph import StoreGraph
    from graphkit.upload.store_kinds import store_kind

    credentials = Credentials(store.user, store.password) if store.user else None
    with StoreConnection(credentials=credentials) as connection:
        found = store_at(store.url, store_kind(store.name))
        StoreGraph(found, "", connection).update(f"CLEAR SILENT {f'GRAPH <{store.graph}>' if store.graph else 'ALL'}")
    assert not held(store, store.graph)


@pytest.mark.tools
def test_each_command_loads_all_of_the_export(
    store: TripleStore, exports: Path, store_programs: Path, tmp_path: Path
) -> None:
    shutil.copytree(exports, tmp_path / "exports")
    commands = [command for name, command in COMMANDS if name == store.name]
    assert len(commands) >= 2
    for command in commands:
        cleared(store)
        done = run(command, tmp_path, store_programs, store)
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        assert held(store, store.graph) == said(exports / "coverage.ttl"), command


@pytest.mark.tools
def test_each_command_for_named_graphs_loads_them(
    store: TripleStore, exports: Path, store_programs: Path, tmp_path: Path
) -> None:
    shutil.copytree(exports, tmp_path / "exports")
    commands = [command for name, command in COMMANDS if name == f"{store.name} quads"]
    assert bool(commands) == (store.name != "virtuoso")
    with (exports / "coverage.nq").open("rb") as stream:
        quads = {str(quad) for quad in ox.parse(stream, ox.RdfFormat.N_QUADS)}
    named = (
        len({quad.graph_name for quad in ox.parse((exports / "coverage.nq").read_bytes(), ox.RdfFormat.N_QUADS)}) - 1
    )
    for command in commands:
        cleared(store)
        done = run(command, tmp_path, store_programs, store)
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        rows = store.select(
            "SELECT (COUNT(*) AS ?n) (COUNT(DISTINCT ?g) AS ?graphs) WHERE { GRAPH ?g { ?s ?p ?o } }", accept="text/csv"
        )
        count, graphs = map(int, rows.split()[-1].decode().split(","))
        assert graphs == named
        assert count + len(held(store)) == len(quads)


@pytest.mark.tools
def test_oxigraph_loads_the_export_without_a_server(exports: Path, store_programs: Path, tmp_path: Path) -> None:
    if Oxigraph.missing():
        pytest.skip("oxigraph is not installed")
    shutil.copytree(exports, tmp_path / "exports")
    (command,) = (command for name, command in COMMANDS if name == "oxigraph load")
    assert run(command, tmp_path, store_programs).returncode == 0
    loaded = ox.Store.read_only(str(tmp_path / "oxigraph-data"))
    assert as_triples(loaded) == said(exports / "coverage.ttl")


@pytest.mark.tools
def test_jena_loads_the_export_without_a_server(exports: Path, store_programs: Path, tmp_path: Path) -> None:
    if Fuseki.missing():
        pytest.skip(f"Jena is not installed: there is no {Fuseki.missing()}")
    shutil.copytree(exports, tmp_path / "exports")
    (command,) = (command for name, command in COMMANDS if name == "fuseki load")
    done = run(command, tmp_path, store_programs)
    assert done.returncode == 0, done.stderr
    dump = subprocess.run(
        [store_programs / "tdb2.tdbdump", "--loc", "tdb2-data"], cwd=tmp_path, capture_output=True, check=True
    )
    assert as_triples(ox.parse(dump.stdout, ox.RdfFormat.N_QUADS)) == said(exports / "coverage.ttl")


def as_triples(quads: object) -> Triples:
    return frozenset((str(quad.subject), str(quad.predicate), str(quad.object)) for quad in quads)  # type: ignore[attr-defined]  # they are quads


def test_every_store_that_upload_knows_is_described() -> None:
    titles = re.findall(r"^## (.+)", TEXT, re.MULTILINE)
    for kind in STORE_KINDS.values():
        if kind.name not in ("gsp", "sparql"):
            assert any(title in kind.title or kind.title.split()[-1] in title for title in titles), kind.title


def test_every_command_to_run_is_run() -> None:
    assert {name.split()[0] for name, _ in COMMANDS} == {kind.name for kind in STORES}
    assert {name for name, _ in COMMANDS if " " in name} == {
        "oxigraph load",
        "fuseki load",
        "oxigraph quads",
        "fuseki quads",
        "rdf4j quads",
    }


def test_the_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", TEXT):
        assert target.startswith("https://") or (ROOT / "docs" / target).exists(), target
