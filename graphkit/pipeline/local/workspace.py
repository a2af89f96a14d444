"""The workspace: the folder that holds the build cache, locked, and the temporary blob stores of a build."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from graphkit.diagnostics.quoting import reason_of
from graphkit.errors import OutputError
from graphkit.files.atomic import remove_left, temporary
from graphkit.files.machine_key import machine_key
from graphkit.pipeline.local.blob_store import BlobStore

CACHE = ".cache"
"""The name of the build cache, beside the exports."""

_SPILL = ".graphkit-build-"


@contextmanager
def locked(folder: Path) -> Iterator[Path | None]:
    """Lock the folder; yield it, or None if another build uses its cache or none can be kept there.

    None can be kept without a machine key, as nothing would tell it from one that somebody else has made.

    The folder is created if necessary, and removed again if nothing was put there.
    """
    descriptor = -1
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            free = os.access(folder, os.W_OK) and machine_key() is not None and _is_replaceable(folder / CACHE)
        except OSError:
            free = False
        yield folder if free else None
    finally:
        if descriptor >= 0:
            os.close(descriptor)
        with suppress(OSError):
            for path in made:
                path.rmdir()


def _is_replaceable(cache: Path) -> bool:
    """Return whether a cache may take its place: a folder stays, and a link, which is not followed either."""
    return not cache.is_symlink() and not cache.is_dir()


@contextmanager
def spill(folder: Path | None) -> Iterator[str]:
    """Yield the path of a new blob store, which is removed when the block ends unless it was renamed.

    Without a folder it is one of the system's temporary files, and those that killed builds left there are removed.
    """
    place = folder if folder is not None else Path(tempfile.gettempdir())
    if folder is None:
        remove_left(place, f"{_SPILL}*.tmp")
    with ExitStack() as stack:
        try:
            path = stack.enter_context(temporary(place, _SPILL, lambda path: BlobStore(path, create=True).close()))
        except OSError as error:
            raise OutputError(f"{place}: expected room for a build's own file, got: {reason_of(error)}") from error
        yield path


def keep(cache: Path, store: BlobStore, state: bytes) -> None:
    """Commit `state`, and make the store the cache. Raises `OutputError` where the disk is full."""
    try:
        store.commit(state)
        if store.path != str(cache):
            os.replace(store.path, cache)
    except OSError as error:
        raise OutputError(f"{cache}: expected a file that can be written, got: {reason_of(error)}") from error
