"""The blob store: what was committed is there after any crash, and damage is always found."""

from __future__ import annotations

import errno
import multiprocessing
import os
from collections.abc import Iterator
from itertools import pairwise, product
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples.examples import examples

from graphkit.errors import OutputError
from graphkit.pipeline.local import blob_store as blob_store_module
from graphkit.pipeline.local.blob_store import BlobStore, Damaged, Extent


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "store")


def flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 0x10]) + data[place + 1 :]


def test_what_is_appended_is_read_by_any_that_opened_the_store(path: str) -> None:
    with BlobStore(path, create=True) as one, BlobStore(path) as other:
        blobs = [b"first", b"", b"x" * 100_000, bytes(range(256))]
        extents = [store.append(blob) for store, blob in zip((one, other, one, other), blobs, strict=True)]
        for store in (one, other):
            assert [store.read(extent) for extent in extents] == blobs
        assert one.size == other.size == Path(path).stat().st_size
        assert one.size >= sum(map(len, blobs))


def test_a_part_is_read_by_an_extent_of_its_own(path: str) -> None:
    with BlobStore(path, create=True) as store, BlobStore(path) as other:
        whole = store.append(b"one two")
        part = other.append(b"two")
        assert store.read(Extent(whole.offset + 4, 3, part.checksum)) == b"two"


def test_a_store_is_made_only_where_nothing_is_and_opened_only_where_one_is(path: str) -> None:
    with pytest.raises(FileNotFoundError):
        BlobStore(path)
    BlobStore(path, create=True).close()
    with pytest.raises(FileExistsError):
        BlobStore(path, create=True)


def test_the_state_is_that_of_the_last_commit(path: str) -> None:
    with BlobStore(path, create=True) as store:
        assert store.state() is None
        store.append(b"not part of any state")
        assert store.state() is None
        for number in range(5):
            state = b"state %d" % number
            store.commit(state)
            store.append(b"forgotten")
            assert store.state() == state
            with BlobStore(path) as other:
                assert other.state() == state


def test_damage_in_any_byte_of_a_blob_is_found(path: str) -> None:
    with BlobStore(path, create=True) as store:
        extent = store.append(b"some words")
        before = Path(path).read_bytes()
        for place in range(extent.offset, extent.offset + extent.length):
            Path(path).write_bytes(flipped(before, place))
            with pytest.raises(Damaged):
                store.read(extent)
        for length in range(extent.offset, extent.offset + extent.length):
            Path(path).write_bytes(before[:length])
            with pytest.raises(Damaged):
                store.read(extent)
        Path(path).write_bytes(before)
        assert store.read(extent) == b"some words"


def test_where_the_last_state_is_damaged_the_one_before_it_counts(path: str) -> None:
    with BlobStore(path, create=True) as store:
        states = [b"state %d" % number for number in range(4)]
        for state in states:
            store.commit(state)
        whole = Path(path).read_bytes()
        places = [whole.rindex(state) for state in states]
        Path(path).write_bytes(flipped(whole, places[3]))
        assert store.state() == states[2]
        Path(path).write_bytes(flipped(flipped(whole, places[3]), places[2]))
        assert store.state() is None, "of earlier states nothing is known"


def test_damage_in_any_byte_of_what_points_to_states_gives_one_of_them(path: str) -> None:
    with BlobStore(path, create=True) as store:
        for number in range(3):
            store.commit(b"state %d" % number)
        whole = Path(path).read_bytes()
        start = whole.index(b"state 0")
        seen = set()
        for place in range(start):
            if whole[place]:
                Path(path).write_bytes(flipped(whole, place))
                seen.add(store.state())
        assert seen == {b"state 1", b"state 2"}


def test_after_damage_the_next_commit_counts(path: str) -> None:
    for damaged in range(2):
        with BlobStore(path + str(damaged), create=True) as store:
            store.commit(b"state 0")
            store.commit(b"state 1")
            file = Path(store.path)
            whole = file.read_bytes()
            file.write_bytes(flipped(whole, whole.rindex(b"state %d" % damaged)))
            for number in range(2, 5):
                store.commit(b"state %d" % number)
                assert store.state() == b"state %d" % number


@examples(100)
@given(st.binary(max_size=1_200), st.booleans())
def test_any_other_file_has_no_state(tmp_path_factory: pytest.TempPathFactory, data: bytes, named: bool) -> None:
    file = tmp_path_factory.getbasetemp() / "other"
    file.write_bytes(blob_store_module.MAGIC + data if named else data)
    with BlobStore(str(file)) as store:
        assert store.state() is None


# --- crashes


class Operation(NamedTuple):
    """What a blob store asked of the system: bytes at a place, or None where all before were to be on the disk."""

    offset: int
    data: bytes | None


class Recording:
    """The system, with a record of what is written."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def write(self, file: int, data: bytes) -> int:
        self.operations.append(Operation(os.fstat(file).st_size, bytes(data)))
        return os.write(file, data)

    def pwrite(self, file: int, data: bytes, offset: int) -> int:
        self.operations.append(Operation(offset, data))
        return os.pwrite(file, data, offset)

    def fsync(self, file: int) -> None:
        self.operations.append(Operation(0, None))
        os.fsync(file)


def crashed(start: bytes, operations: list[Operation]) -> Iterator[tuple[int, bytes]]:
    """Yield what may be on the disk after a crash, and the number of operations that are there for certain.

    A write that was not synced may be there or not, whatever came after it, and the last one in part.
    """
    for end in range(len(operations) + 1):
        done = operations[:end]
        synced = max((number for number, one in enumerate(done, 1) if one.data is None), default=0)
        pending = [one for one in done[synced:] if one.data is not None]
        for chosen in product((True, False), repeat=len(pending)):
            kept = [one for one, there in zip(pending, chosen, strict=True) if there]
            last = kept[-1].data if kept else None
            for length in range(len(last or b"") + 1) if kept else (0,):
                image = bytearray(start)
                for number, one in enumerate([*done[:synced], *kept]):
                    data = one.data or b""
                    if kept and number == synced + len(kept) - 1:
                        data = data[:length]
                    if data:
                        image.extend(bytes(max(0, one.offset + len(data) - len(image))))
                        image[one.offset : one.offset + len(data)] = data
                yield synced, bytes(image)


def test_after_a_crash_at_any_byte_a_committed_state_is_there_with_its_blobs(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blobs: dict[bytes, list[tuple[Extent, bytes]]] = {}
    committed: list[tuple[int, bytes]] = []
    with BlobStore(path, create=True) as store:
        start = Path(path).read_bytes()
        recording = Recording()
        monkeypatch.setattr(blob_store_module, "os", recording)
        known: list[tuple[Extent, bytes]] = []
        for number in range(3):
            for part in range(2):
                blob = b"blob %d %d" % (number, part)
                known.append((store.append(blob), blob))
            store.commit(b"state %d" % number)
            blobs[b"state %d" % number] = list(known)
            committed.append((len(recording.operations), b"state %d" % number))
        monkeypatch.undo()
    assert [one.data is None for one in recording.operations].count(True) == 6
    seen = set()
    after = tmp_path / "after"
    for certain, image in crashed(start, recording.operations):
        after.write_bytes(image)
        with BlobStore(str(after)) as store:
            state = store.state()
            seen.add(state)
            sure = [state for number, state in committed if number <= certain]
            newer = [state for number, state in committed if number > certain][:1]
            assert state in [*sure[-1:], *newer] or (state is None and not sure)
            if state is not None:
                assert [store.read(extent) for extent, _ in blobs[state]] == [blob for _, blob in blobs[state]]
    assert seen == {None, b"state 0", b"state 1", b"state 2"}


@pytest.mark.engine
def test_a_store_cut_at_any_length_gives_a_whole_state_or_none(path: str, tmp_path: Path) -> None:
    extents: dict[bytes, Extent] = {}
    with BlobStore(path, create=True) as store:
        for number in range(3):
            state = b"state %d" % number
            extents[state] = store.append(b"blob of " + state)
            store.commit(state)
    whole = Path(path).read_bytes()
    seen = set()
    for length in range(len(whole) + 1):
        (tmp_path / "cut").write_bytes(whole[:length])
        with BlobStore(str(tmp_path / "cut")) as store:
            found = store.state()
            seen.add(found)
            if found is not None:
                assert store.read(extents[found]) == b"blob of " + found
    assert seen == {None, b"state 1", b"state 2"}


# --- several processes, and full disks


def append_some(path: str, mark: int, count: int) -> list[tuple[Extent, bytes]]:
    """Append blobs in a process of its own."""
    with BlobStore(path) as store:
        blobs = [b"%d %d " % (mark, number) * (number % 500 + 1) for number in range(count)]
        return [(store.append(blob), blob) for blob in blobs]


@pytest.mark.engine
def test_several_processes_append_without_getting_into_each_others_way(path: str) -> None:
    BlobStore(path, create=True).close()
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        waiting = [pool.apply_async(append_some, (path, mark, 400)) for mark in range(3)]
        with BlobStore(path) as store:
            ours = []
            while not all(one.ready() for one in waiting):
                ours.append((store.append(b"ours"), b"ours"))
        appended = [pair for one in waiting for pair in one.get()] + ours
    with BlobStore(path) as store:
        assert all(store.read(extent) == blob for extent, blob in appended)
        assert store.size == min(extent.offset for extent, _ in appended) + sum(len(blob) for _, blob in appended)
    ordered = sorted(extent for extent, _ in appended)
    assert all(one.offset + one.length == other.offset for one, other in pairwise(ordered))


class Full(Recording):
    """A system whose disk has room for some bytes more."""

    def __init__(self, room: int, reason: int | None) -> None:
        super().__init__()
        self.room = room
        self.reason = reason

    def write(self, file: int, data: bytes) -> int:
        if self.room <= 0 and self.reason:
            raise OSError(self.reason, os.strerror(self.reason))
        data, self.room = data[: max(self.room, 1)], self.room - len(data)
        return os.write(file, data)


@pytest.mark.parametrize(
    "room, reason, said",
    [
        (0, errno.ENOSPC, "no space left on device"),
        (3, errno.ENOSPC, "no space left on device"),
        (3, errno.EFBIG, "file too large"),
        (3, errno.EDQUOT, "disk quota exceeded"),
        (3, None, "no space left on device"),
    ],
)
def test_a_full_disk_is_told_of_by_its_folder(
    room: int, reason: int | None, said: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with BlobStore(path, create=True) as store:
        store.commit(b"state")
        monkeypatch.setattr(blob_store_module, "os", Full(room, reason))
        for call in (store.append, store.commit):
            with pytest.raises(OutputError) as caught:
                call(b"too much")
            assert str(caught.value) == f"{Path(path).parent}: expected room for a build's own file, got: {said}"
        monkeypatch.undo()
        assert store.state() == b"state"
        extent = store.append(b"room again")
        assert store.read(extent) == b"room again"
