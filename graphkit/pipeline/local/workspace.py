"""The home of a build: the folder where its cache stays, locked, and where its spill files come and go."""

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
from graphkit.pipeline.local.blob_store import BlobStore

CACHE = ".cache"
"""The name of the depot that stays beside the exports."""

_SPILL = ".graphkit-build-"


@contextmanager
def locked(folder: Path) -> Iterator[Path | None]:
    """Give the folder if no other build uses its cache now, and one can be written there; else None.

    It is made if need be, and removed again if nothing was put there.
    """
    descriptor = -1
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            free = os.access(folder, os.W_OK) and not (folder / CACHE).is_dir()
        except OSError:
            free = False
        yield folder if free else None
    finally:
        if descriptor >= 0:
            os.close(descriptor)
        with suppress(OSError):
            for path in made:
                path.rmdir()


@contextmanager
def spill(folder: Path | None) -> Iterator[str]:
    """Give the path of a new depot that is removed when the block ends, unless it has another name by then.

    Without a folder it stands among the system's temporary files, and what killed builds have left there is removed.
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
    """Make `state` the depot's, and the depot the cache. Raises `OutputError` where the disk is full."""
    try:
        store.commit(state)
        if store.path != str(cache):
            os.replace(store.path, cache)
    except OSError as error:
        raise OutputError(f"{cache}: expected a file that can be written, got: {reason_of(error)}") from error
