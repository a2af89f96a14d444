"""The cache of stores: large RDF files are loaded once, into ``.store`` in their folder.

It has a folder for each content that was loaded, and a record for each file that was opened, with the file's stamp at
that time. Both are written under another name and renamed, by one process at a time; a reader keeps what it has opened.

The folder may have come with an archive or a clone. So a record is authenticated with the machine key and has the
stamps of the store's own files, which nobody can give to other files, and the names of what graphkit put there need the
key as well. Whatever else lies there is neither opened nor removed, and links are not followed. A store that is
half-built, damaged or of somebody else's making is built again.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
import pyoxigraph as ox

from graphkit.errors import UsageError
from graphkit.files.machine_key import authentication_code, machine_key
from graphkit.files.stamps import FileStamp, stamp_of
from graphkit.query.data import Data, data_of
from graphkit.query.rdf_files import ALL_FILES, RdfFiles, unreadable
from graphkit.query.rdf_loading import load

FOLDER = ".store"

SLOW = 24 << 20
"""Loading more bytes than this takes over a second, so people are told before it begins."""

LAYOUT = 2
"""Raised when the layout of the cache changes."""

Notify = Callable[[str], None]

_ENGINE = f"pyoxigraph {ox.__version__}"

_HALF = 16
_LARGEST_RECORD = 16 << 20


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
    files: dict[str, FileStamp]
    name: str


def cached_data(files: RdfFiles, path: Path, *, notify: Notify, progress: Notify) -> Data:
    """Return the data of files from the cache in their folder, loaded if it is not there yet.

    `path` is what the user named. `notify` is told of a damaged store, and `progress` of a load that takes a while.
    Raises `OSError` where nothing can be kept there, and `UsageError` where a file cannot be loaded.
    """
    folder = files.folder / FOLDER
    if machine_key() is None:
        raise OSError("no folder of yours holds graphkit's key, neither $XDG_STATE_HOME nor ~/.local/state")
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    _check_ours(folder)
    found = _current(folder, files, path)
    if found is not None:
        return found
    with _locked(folder) as lock:
        found = _current(folder, files, path)  # another process may have built it meanwhile
        if found is not None:
            return found
        for _ in range(3):
            stamps = _stamps_of(files)
            clock = _clock(lock)
            digest = files.digest()
            same = [record for record in _records(folder) if record.digest == digest]
            for record in same:  # the file was only touched or moved
                data = _opened(folder, record, path)
                if data is not None:
                    renewed = msgspec.structs.replace(record, sources=stamps, clock=clock, name=files.name)
                    _write(folder, renewed)
                    return data
            if any(record.engine == _ENGINE and record.layout == LAYOUT for record in same):
                notify(f"{folder}: the store is not as graphkit left it and is built again")
            if files.size() > SLOW:
                progress(f"Building the store of {path}, once: {files.size() / 1e6:,.0f} MB")
            kept = folder / _new_generation()
            data = data_of(_build(kept, files), digest, path, kept)
            if _stamps_of(files) == stamps:
                of_kept = _kept_stamps(kept)
                record = _CachedStore(
                    LAYOUT, _ENGINE, stamps, clock, digest, data.union, data.base, kept.name, of_kept, files.name
                )
                _write(folder, record)
                _remove_unused(folder)
                return data
        raise UsageError(f"{path}: expected a file that stays as it is while it is read")


def latest_store(folder: Path) -> Path | None:
    """Return the newest store of a cache that graphkit made here, if it has one."""
    try:
        _check_ours(folder)
    except OSError:
        return None
    found = [folder / record.generation for record in _records(folder) if _is_as_left(folder, record)]
    return max(found, key=lambda path: path.stat().st_mtime_ns, default=None)


def _check_ours(folder: Path) -> None:
    """Raise `OSError` unless a folder is one that only this user can write to, and no link to one."""
    status = os.lstat(folder)
    if not stat.S_ISDIR(status.st_mode):
        raise OSError(f"{FOLDER} is a link or a file, which graphkit does not follow")
    if status.st_uid != os.geteuid() or status.st_mode & 0o022:
        raise OSError(f"{FOLDER} can be written by others; remove it")


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


def _record_path(folder: Path, name: str) -> Path:
    return folder / f"{authentication_code(name.encode('utf-8', 'surrogateescape'), size=16).hex()}.json"


def _record(folder: Path, name: str) -> _CachedStore | None:
    record = _read_record(_record_path(folder, name))
    return record if record is not None and record.name == name else None


def _read_record(path: Path) -> _CachedStore | None:
    """Return the record in a file, None where it is not one that this user's graphkit wrote."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as stream:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return None
            code, _, text = stream.read(_LARGEST_RECORD).partition(b"\n")
        if not secrets.compare_digest(code, authentication_code(text, size=32).hex().encode()):
            return None
        return msgspec.json.decode(text, type=_CachedStore)
    except (OSError, ValueError):
        return None


def _records(folder: Path) -> list[_CachedStore]:
    """Return all records that this user's graphkit wrote, each from its own place."""
    found = ((path, _read_record(path)) for path in sorted(folder.glob("*.json")))
    return [record for path, record in found if record is not None and path == _record_path(folder, record.name)]


def _is_as_left(folder: Path, record: _CachedStore) -> bool:
    """Return whether a store holds the files that were written to it, and no others."""
    try:
        return (
            record.layout == LAYOUT
            and record.engine == _ENGINE
            and _is_generation(record.generation)
            and stat.S_ISDIR(os.lstat(folder / record.generation).st_mode)
            and _kept_stamps(folder / record.generation) == record.files
        )
    except OSError:
        return False


def _opened(folder: Path, record: _CachedStore, path: Path) -> Data | None:
    kept = folder / record.generation
    if not _is_as_left(folder, record):  # a manifest that was cut can be opened, and is empty
        return None
    try:
        return Data(ox.Store.read_only(str(kept)), record.digest, record.union, record.base, path, kept)
    except (OSError, RuntimeError, ValueError):
        return None


def _kept_stamps(path: Path) -> dict[str, FileStamp]:
    """Return the stamps of a store's files, but for the engine's log and lock: a copy has other ones."""
    with os.scandir(path) as entries:
        return {
            entry.name: stamp_of(entry.stat(follow_symlinks=False))
            for entry in entries
            if entry.name != "LOCK" and not entry.name.startswith("LOG")
        }


def _new_generation() -> str:
    """Return a new name for a store's folder, which nobody can make up without the machine key."""
    half = secrets.token_hex(_HALF // 2)
    return half + _second_half(half)


def _second_half(half: str) -> str:
    return authentication_code(half.encode(), size=_HALF // 2).hex()


def _is_generation(name: str) -> bool:
    return len(name) == 2 * _HALF and name.isascii() and name[_HALF:] == _second_half(name[:_HALF])


def _build(kept: Path, files: RdfFiles) -> ox.Store:
    """Load the files into a temporary store, rename it to `kept` and open it."""
    for left in kept.parent.glob("*.tmp"):  # only one process builds at a time: these are of one that was ended
        if not _is_generation(left.stem):
            continue
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)
    temporary = kept.with_name(f"{kept.name}.tmp")
    try:
        store = ox.Store(str(temporary))
        for path in files.paths:
            load(store, path)
        store.optimize()
        store.flush()
        del store
        temporary.rename(kept)
        return ox.Store.read_only(str(kept))
    except RuntimeError as error:  # how the engine reports a full disk
        raise OSError(" ".join(str(error).split())) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _write(folder: Path, record: _CachedStore) -> None:
    """Write a record as a whole, in place of what is there under its name, be it a link."""
    text = msgspec.json.encode(record)
    new = folder / f"{_new_generation()}.tmp"
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(authentication_code(text, size=32).hex().encode() + b"\n" + text)
            stream.flush()
            os.fsync(descriptor)
        new.rename(_record_path(folder, record.name))
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def _remove_unused(folder: Path) -> None:
    """Remove the records of files that are gone, and the stores without a record, of those that graphkit made here."""
    used = set()
    for record in _records(folder):
        if record.name != ALL_FILES and not (folder.parent / record.name).exists():
            _record_path(folder, record.name).unlink(missing_ok=True)
        else:
            used.add(record.generation)
    for path in folder.iterdir():
        if _is_generation(path.name) and path.name not in used:
            shutil.rmtree(path, ignore_errors=True)


def _clock(lock: int) -> int:
    """Return the time by the clock that stamps the files of the folder that an open file is in."""
    os.utime(lock)
    return os.fstat(lock).st_mtime_ns


@contextmanager
def _locked(folder: Path) -> Iterator[int]:
    """Wait until no other process builds in this folder; the system ends the lock with the process."""
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    descriptor = os.open(folder / "lock", flags, 0o600)
    try:
        with suppress(OSError):  # a file system without locks: both build, and one wins
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)
