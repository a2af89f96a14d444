"""An upload that is killed, or whose store is, comes to the same end as one that is not."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from foreign.triple_stores import Fuseki, Oxigraph, TripleStore
from foreign.uploads import each, held, said, start, started, upload
from processes.waiting import WHOLE_RUN, wait_for

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module", params=each(Oxigraph, Fuseki))
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TripleStore]:
    yield from started(request.param, tmp_path_factory.mktemp(request.param.name))


@pytest.fixture
def much(tmp_path: Path) -> Path:
    """A file of five parts."""
    path = tmp_path / "much.nt"
    with path.open("w") as stream:
        stream.writelines(
            f'<http://example.org/{n:06}> <http://example.org/p> "{str(n) * 300}" .\n' for n in range(12_000)
        )
    return path


def journal(path: Path) -> Path | None:
    return next(path.parent.glob(".graphkit-upload-*"), None)


def wait_for_a_part(path: Path, process: subprocess.Popen[str]) -> None:
    """Wait until the store has taken some of it."""

    def is_taken() -> bool:
        assert process.poll() is None, process.communicate()[0]
        found = journal(path)
        with suppress(FileNotFoundError):  # it went since it was found
            return found is not None and bool(json.loads(found.read_bytes())["triples"])
        return False

    wait_for(is_taken, "the store to take a part", pause=0.005)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_an_upload_that_is_killed_is_gone_on_with(store: TripleStore, much: Path, number: signal.Signals) -> None:
    process = start(store.url, str(much), "--replace")
    wait_for_a_part(much, process)
    process.send_signal(number)
    told, _ = process.communicate()
    assert process.returncode == (130 if number == signal.SIGINT else -number)
    assert ("interrupted; the same command goes on from there" in told) == (number == signal.SIGINT)
    assert journal(much) is not None
    done = upload(store, much, "--replace")
    assert done.returncode == 0, done.stderr
    assert "were there from the run before" in done.stderr
    assert held(store) == said(much)
    assert journal(much) is None


def test_a_store_that_is_killed_and_started_again_has_all_in_the_end(store: TripleStore, much: Path) -> None:
    process = start(store.url, str(much), "--replace")
    wait_for_a_part(much, process)
    store.kill()
    store.start()
    told, _ = process.communicate(timeout=WHOLE_RUN)
    assert process.returncode == 0, told
    assert "trying again in" in told
    assert held(store) == said(much)


def test_a_store_that_lost_everything_meanwhile_gets_it_from_the_start(store: TripleStore, much: Path) -> None:
    process = start(store.url, str(much), "--append")
    wait_for_a_part(much, process)
    process.kill()
    process.communicate()
    nothing = much.with_name("nothing.nt")
    nothing.write_text('<http://example.org/x> <http://example.org/p> "x" .\n')
    assert upload(store, nothing, "--replace").returncode == 0
    done = upload(store, much, "--append")
    assert done.returncode == 0, done.stderr
    assert held(store) == said(much) | said(nothing)


def test_a_file_that_changed_meanwhile_is_sent_from_the_start(store: TripleStore, much: Path) -> None:
    process = start(store.url, str(much), "--replace")
    wait_for_a_part(much, process)
    process.kill()
    process.communicate()
    much.write_text(much.read_text().replace("/000001>", "/0000001>", 1))
    done = upload(store, much, "--replace")
    assert done.returncode == 0, done.stderr
    assert "from the run before" not in done.stderr
    assert held(store) == said(much)
