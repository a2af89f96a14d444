"""The cache of stores: large RDF files are loaded once, into ``.store`` in their folder.

It has a folder for each content that was loaded, named by its hash, and a JSON file for each file that was opened,
with the file's stamp at that time. Both are written under another name and renamed, by one process at a time; a reader
keeps what it has opened. A store that is half-built or damaged is built again.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
import pyoxigraph as ox

from graphkit.errors import UsageError
from graphkit.files.atomic import write_text
from graphkit.files.stamps import FileStamp, stamp_of
from graphkit.query.data import Data, data_of, is_store_folder
from graphkit.query.rdf_files import ALL_FILES, RdfFiles, unreadable
from graphkit.query.rdf_loading import load

FOLDER = ".store"

SLOW = 24 << 20
"""Loading more bytes than this takes over a second, so people are told before it begins."""

LAYOUT = 1
"""Raised when the layout of the cache changes."""

Notify = Callable[[str], None]

_ENGINE = f"pyoxigraph {ox.__version__}"


class _CachedStore(msgspec.Struct, frozen=True):
    """What was loaded, from which files, and when, by the clock of the file system."""

    layout: int
    engine: str
    sources: dict[str, FileStamp]
    clock: int
    digest: str
    union: bool
    base: str
    generation: str
    files: dict[str, int]


def cached_data(files: RdfFiles, path: Path, *, notify: Notify, progress: Notify) -> Data:
    """Return the data of files from the cache in their folder, loaded if it is not there yet.

    `path` is what the user named. `notify` is told of a damaged store, and `progress` of a load that takes a while.
    Raises `OSError` where nothing can be kept there, and `UsageError` where a file cannot be loaded.
    """
    folder = files.folder / FOLDER
    found = _current(folder, files, path)
    if found is not None:
        return found
    folder.mkdir(exist_ok=True)
    with _locked(folder):
        found = _current(folder, files, path)  # another process may have built it meanwhile
        if found is not None:
            return found
        for _ in range(3):
            stamps = _stamps_of(files)
            clock = _clock(folder)
            digest = files.digest()
            same = [record for record in _records(folder).values() if record.digest == digest]
            for record in same:  # the file was only touched or moved
                data = _opened(folder, record, path)
                if data is not None:
                    _write(folder, files.name, msgspec.structs.replace(record, sources=stamps, clock=clock))
                    return data
            if any(record.engine == _ENGINE and record.layout == LAYOUT for record in same):
                notify(f"{folder}: the store is damaged and is built again")
            if files.size() > SLOW:
                progress(f"Building the store of {path}, once: {files.size() / 1e6:,.0f} MB")
            kept = folder / digest[:32]
            data = data_of(_build(kept, files), digest, path, kept)
            if _stamps_of(files) == stamps:
                record = _CachedStore(
                    LAYOUT, _ENGINE, stamps, clock, digest, data.union, data.base, kept.name, _sizes(kept)
                )
                _write(folder, files.name, record)
                _remove_unused(folder)
                return data
        raise UsageError(f"{path}: expected a file that stays as it is while it is read")


def latest_store(folder: Path) -> Path | None:
    """Return the newest store of a cache, if it has one."""
    found = [path for path in folder.iterdir() if is_store_folder(path) and path.suffix != ".tmp"]
    return max(found, key=lambda path: path.stat().st_mtime_ns, default=None)


def _stamps_of(files: RdfFiles) -> dict[str, FileStamp]:
    found = {}
    for path in files.paths:
        try:
            found[path.name] = stamp_of(path.stat())
        except OSError as error:
            raise unreadable(path, error) from error
    return found


def _current(folder: Path, files: RdfFiles, path: Path) -> Data | None:
    """Return the store that was built of these files, if their stamps prove that they are unchanged."""
    record = _record(folder, files.name)
    if record is None or record.sources != _stamps_of(files):
        return None
    is_settled = all(stamp.is_settled(record.clock) for stamp in record.sources.values())
    return _opened(folder, record, path) if is_settled else None


def _record(folder: Path, name: str) -> _CachedStore | None:
    try:
        return msgspec.json.decode((folder / f"{name}.json").read_bytes(), type=_CachedStore)
    except (OSError, msgspec.DecodeError):
        return None


def _records(folder: Path) -> dict[str, _CachedStore]:
    names = (path.name.removesuffix(".json") for path in sorted(folder.glob("*.json")))
    return {name: record for name in names if (record := _record(folder, name)) is not None}


def _opened(folder: Path, record: _CachedStore, path: Path) -> Data | None:
    kept = folder / record.generation
    if record.layout != LAYOUT or record.engine != _ENGINE or not record.generation.isalnum():
        return None
    try:
        if _sizes(kept) != record.files:  # a manifest that was cut can be opened, and is empty
            return None
        return Data(ox.Store.read_only(str(kept)), record.digest, record.union, record.base, path, kept)
    except (OSError, RuntimeError, ValueError):
        return None


def _sizes(path: Path) -> dict[str, int]:
    return {
        entry.name: entry.stat().st_size
        for entry in sorted(os.scandir(path), key=lambda entry: entry.name)
        if entry.name.endswith(".sst") or entry.name.startswith(("CURRENT", "MANIFEST"))
    }


def _build(kept: Path, files: RdfFiles) -> ox.Store:
    """Load the files into a temporary store, rename it to `kept` and open it."""
    for left in kept.parent.glob("*.tmp"):  # only one process builds at a time: these are of one that was ended
        shutil.rmtree(left, ignore_errors=True)
    temporary = kept.with_name(f"{kept.name}.tmp")
    try:
        store = ox.Store(str(temporary))
        for path in files.paths:
            load(store, path)
        store.optimize()
        store.flush()
        del store
        shutil.rmtree(kept, ignore_errors=True)
        temporary.rename(kept)
        return ox.Store.read_only(str(kept))
    except RuntimeError as error:  # how the engine reports a full disk
        raise OSError(" ".join(str(error).split())) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _write(folder: Path, name: str, record: _CachedStore) -> None:
    write_text(folder / f"{name}.json", msgspec.json.encode(record).decode())


def _remove_unused(folder: Path) -> None:
    """Remove the records of files that are gone, and the stores without a record."""
    records = _records(folder)
    for path in folder.glob("*.json"):
        name = path.name.removesuffix(".json")
        if name not in records or (name != ALL_FILES and not (folder.parent / name).exists()):
            path.unlink(missing_ok=True)
            records.pop(name, None)
    used = {record.generation for record in records.values()}
    for path in folder.iterdir():
        if path.is_dir() and path.name not in used:
            shutil.rmtree(path, ignore_errors=True)


def _clock(folder: Path) -> int:
    """Return the time by the clock that stamps the files of this folder."""
    path = folder / "lock"
    os.utime(path)
    return path.stat().st_mtime_ns


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Wait until no other process builds in this folder; the system ends the lock with the process."""
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o666)
    try:
        with suppress(OSError):  # a file system without locks: both build, and one wins
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
