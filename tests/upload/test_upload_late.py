"""A request may be carried out after its sender has gone, or given up: nothing is lost and nothing too much in the end."""

from __future__ import annotations

import itertools
import threading
from pathlib import Path

import msgspec
import pytest
from foreign.hostile_store import Answer, Asked, Fault, HangUp, HostileStore, Late, hostile_store
from foreign.uploads import said
from processes.waiting import PATIENCE

from graphkit.errors import StoreError, UsageError
from graphkit.rdf.patch import write_patch
from graphkit.upload.detection import detect_store
from graphkit.upload.http_client import RetryPolicy, StoreConnection
from graphkit.upload.journal import UploadMode
from graphkit.upload.loading import UploadResult
from graphkit.upload.loading import upload as load
from graphkit.upload.parts import find_source
from graphkit.upload.patching import PatchResult, apply_patch
from graphkit.upload.store_address import Store
from graphkit.upload.store_graph import StoreGraph

pytestmark = pytest.mark.engine

IMPATIENT = RetryPolicy(tries=1)


def lines(path: Path, *numbers: int, word: str = "") -> Path:
    """Write a file of triples."""
    path.write_text("".join(f'<http://example.org/{n:05}> <http://example.org/p> "{word}{n}" .\n' for n in numbers))
    return path


def sent(
    hostile: HostileStore,
    path: Path,
    mode: UploadMode,
    *,
    at_once: bool = False,
    retries: RetryPolicy = IMPATIENT,
    timeout: float = 30,
) -> UploadResult:
    """Upload a file in parts of 900 bytes; it goes away like one that is killed where nothing answers."""
    with StoreConnection(retries=retries, timeout=timeout) as connection:
        store = detect_store(hostile.url, connection)
        small = Store(msgspec.structs.replace(store.kind, part_size=900), store.base)
        return load(find_source(path), StoreGraph(small, "", connection), mode=mode, at_once=at_once, settling_time=0)


def on_write(number: int, fault: Answer | HangUp | Late) -> Fault:
    count = itertools.count(1)
    return lambda asked: fault if asked.writes and next(count) == number else None


def landing(hostile: HostileStore, number: int) -> Fault:
    """Carry out what is late before the `number`th request from now on."""
    count = itertools.count(1)

    def at(_: Asked) -> None:
        if next(count) == number:
            hostile.land()

    return at


@pytest.mark.untraced
@pytest.mark.parametrize("at_once", [False, True], ids=["parts", "at once"])
@pytest.mark.parametrize("late", [1, 2, 3])
@pytest.mark.parametrize("mode", [UploadMode.REPLACE, UploadMode.APPEND])
def test_the_last_request_of_a_killed_upload_does_no_harm_whenever_it_is_carried_out(
    tmp_path: Path, mode: UploadMode, late: int, at_once: bool
) -> None:
    older = lines(tmp_path / "older.nt", *range(500, 540))
    path = lines(tmp_path / "newer.nt", *range(40))
    wanted = said(path) if mode is UploadMode.REPLACE else said(path) | said(older)
    for number in itertools.count(1):
        with hostile_store() as hostile:
            sent(hostile, older, UploadMode.FILL)
            hostile.fault = on_write(1 if at_once else late, Late())
            with pytest.raises(StoreError):
                sent(hostile, path, mode, at_once=at_once)
            assert len(hostile.late) == 1
            hostile.fault = landing(hostile, number)
            sent(hostile, path, mode, at_once=at_once)
            assert hostile.triples() == wanted
            if hostile.late:
                break
    assert number > 5


@pytest.mark.untraced
@pytest.mark.parametrize("late", [1, 2, 3])
def test_a_late_request_of_an_older_file_leaves_nothing_in_the_newer_one(tmp_path: Path, late: int) -> None:
    path = tmp_path / "file.nt"
    for number in itertools.count(1):
        with hostile_store() as hostile:
            sent(hostile, lines(path, *range(500, 540)), UploadMode.FILL)
            hostile.fault = on_write(late, Late())
            with pytest.raises(StoreError):
                sent(hostile, lines(path, *range(40), word="old "), UploadMode.REPLACE)
            hostile.fault = landing(hostile, number)
            sent(hostile, lines(path, *range(40), word="new "), UploadMode.REPLACE)
            assert hostile.triples() == said(path)
            if hostile.late:
                break
    assert number > 5


@pytest.mark.parametrize("late", [1, 2])
def test_a_request_that_is_sent_again_and_carried_out_twice_does_no_harm(tmp_path: Path, late: int) -> None:
    path = lines(tmp_path / "file.nt", *range(40))
    for number in itertools.count(1):
        with hostile_store() as hostile:
            sent(hostile, lines(tmp_path / "older.nt", *range(500, 540)), UploadMode.FILL)
            writes, others = on_write(late, Late()), itertools.count(1)

            def fault(asked: Asked) -> Late | None:
                found = writes(asked)  # noqa: B023  # it is called in this turn only
                if hostile.late and next(others) == number:  # noqa: B023
                    hostile.land()
                return found  # type: ignore[return-value]  # it is that one

            hostile.fault = fault
            done = sent(hostile, path, UploadMode.REPLACE, retries=RetryPolicy(tries=3, first=0.001))
            assert done.losses == 1
            assert hostile.triples() == said(path)
            if hostile.late:
                break
    assert number > 5


def test_a_first_upload_that_is_killed_in_its_first_request_is_gone_on_with(tmp_path: Path) -> None:
    path = lines(tmp_path / "file.nt", *range(40))
    with hostile_store(on_write(1, HangUp(after=True))) as hostile:
        with pytest.raises(StoreError):
            sent(hostile, path, UploadMode.FILL)
        assert hostile.triples() < said(path)
        assert hostile.triples()
        sent(hostile, path, UploadMode.FILL)
        assert hostile.triples() == said(path)
    assert list(tmp_path.iterdir()) == [path]


def test_a_graph_that_somebody_filled_after_a_killed_upload_is_left_alone(tmp_path: Path) -> None:
    path = lines(tmp_path / "file.nt", *range(50))
    with hostile_store(on_write(1, HangUp())) as hostile:
        with pytest.raises(StoreError):
            sent(hostile, path, UploadMode.FILL)
        other = lines(tmp_path / "other.nt", *range(500, 600))
        sent(hostile, other, UploadMode.FILL)
        with pytest.raises(UsageError, match="got 100 triples of something else"):
            sent(hostile, path, UploadMode.FILL)
        assert hostile.triples() == said(other)


def test_an_empty_graph_is_not_cleared(tmp_path: Path) -> None:
    path = lines(tmp_path / "file.nt", *range(40))
    with hostile_store() as hostile:
        sent(hostile, path, UploadMode.REPLACE)
        assert {one.method for one in hostile.writes} == {"POST"}
        sent(hostile, path, UploadMode.REPLACE)
        assert [one.method for one in hostile.writes].count("PUT") == 1


def test_what_clears_a_graph_is_not_sent_again_while_the_store_may_be_at_it(tmp_path: Path) -> None:
    path = lines(tmp_path / "file.nt", *range(40))
    with hostile_store() as hostile:
        sent(hostile, path, UploadMode.FILL)
        before = len(hostile.writes)
        hostile.fault = on_write(1, Late(told=True))
        with pytest.raises(StoreError, match=r"got 504 Gateway Timeout; .* whether anything is loaded is not known"):
            sent(hostile, path, UploadMode.REPLACE, retries=RetryPolicy(tries=4, first=0.001))
        assert len(hostile.writes) == before + 1
        ended = threading.Event()

        def slow(asked: Asked) -> None:
            if asked.writes:
                ended.wait(PATIENCE)

        hostile.fault = slow
        with pytest.raises(StoreError, match=r"got: no answer in 3 s \(--timeout\); the store may still be at it"):
            sent(hostile, path, UploadMode.REPLACE, retries=RetryPolicy(tries=4, first=0.001), timeout=3)
        ended.set()
        assert len(hostile.writes) == before + 2


def test_blank_nodes_are_not_added_twice(tmp_path: Path) -> None:
    path = tmp_path / "blank.nt"
    path.write_text('<http://example.org/s> <http://example.org/p> _:a .\n_:a <http://example.org/p> "x" .\n')
    several = RetryPolicy(tries=3, first=0.001)
    with hostile_store() as hostile:
        sent(hostile, lines(tmp_path / "file.nt", 1), UploadMode.FILL)
        hostile.fault = on_write(1, HangUp())
        with pytest.raises(StoreError, match="whether anything is loaded is not known"):
            sent(hostile, path, UploadMode.APPEND, retries=several)
        assert len(hostile.triples()) == 1
        hostile.fault = on_write(1, HangUp(after=True))  # nothing came of the first: the second is sent
        with pytest.raises(StoreError, match="whether anything is loaded is not known"):
            sent(hostile, path, UploadMode.APPEND, retries=several)
        assert len(hostile.triples()) == 3
        with pytest.raises(UsageError, match=r"with 1 triples, got 3: .* remove .*\.graphkit-upload-"):
            sent(hostile, path, UploadMode.APPEND, retries=several)
        assert len(hostile.triples()) == 3


@pytest.mark.parametrize("fault", [HangUp(), HangUp(after=True), Late()], ids=["lost", "made", "late"])
def test_a_patch_that_is_killed_is_gone_on_with(tmp_path: Path, fault: HangUp | Late) -> None:
    old, new = lines(tmp_path / "old.nt", *range(40)), lines(tmp_path / "new.nt", *range(20, 3_160))
    patch = tmp_path / "coverage.patch.rq"
    write_patch(old, new, tmp_path)

    def patched(hostile: HostileStore) -> PatchResult:
        with StoreConnection(retries=IMPATIENT) as connection:
            return apply_patch(patch, StoreGraph(detect_store(hostile.url, connection), "", connection))

    for number in itertools.count(1):
        count = itertools.count(1)

        def at(asked: Asked) -> HangUp | Late | None:
            return fault if asked.path == "/update" and next(count) == number else None  # noqa: B023  # in this turn

        with hostile_store() as hostile:
            sent(hostile, old, UploadMode.FILL)
            hostile.fault = at
            try:
                patched(hostile)
                break
            except StoreError:
                hostile.fault = landing(hostile, 3)
            assert patched(hostile).there == 3_140
            assert hostile.triples() == said(new)
    assert number > 3
