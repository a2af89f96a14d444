"""The workspace: the folder that holds the build cache, and the temporary blob stores of a build."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from graphkit.diagnostics.quoting import reason_of
from graphkit.errors import OutputError
from graphkit.files.atomic import remove_left, temporary
from graphkit.files.machine_key import machine_key
from graphkit.pipeline.local.blob_store import BlobStore, no_room

CACHE = ".cache"
"""The name of the build cache, beside the exports."""

_SPILL = ".graphkit-build-"


def cache_folder(folder: Path) -> Path | None:
    """Return a folder that the caller has locked, or None if no cache can be kept there.

    None can be kept without a machine key, as nothing would tell it from one that somebody else has made.
    """
    can_be_written = folder.is_dir() and os.access(folder, os.W_OK)
    return folder if can_be_written and machine_key() is not None and _is_replaceable(folder / CACHE) else None


def _is_replaceable(cache: Path) -> bool:
    """Return whether a cache may take its place: a folder stays, and a link, which is not followed either."""
    return not cache.is_symlink() and not cache.is_dir()


@contextmanager
def spill(folder: Path | None) -> Iterator[str]:
    """Yield the path of a new blob store, which is removed when the block ends unless it was renamed.

    Without a folder it is one of the system's temporary files, and those that killed builds left there are removed.
    """
    try:
        place = folder if folder is not None else Path(tempfile.gettempdir())
    except OSError as error:  # none of the usual folders can be written to, or has room for a byte
        raise OutputError(f"TMPDIR: expected a folder for temporary files, got none: {reason_of(error)}") from error
    if folder is None:
        remove_left(place, f"{_SPILL}*.tmp")
    with ExitStack() as stack:
        try:
            path = stack.enter_context(temporary(place, _SPILL, lambda path: BlobStore(path, create=True).close()))
        except OSError as error:
            raise no_room(place, reason_of(error)) from error
        yield path


def keep(cache: Path, store: BlobStore, state: bytes) -> None:
    """Commit `state`, and make the store the cache. Raises `OutputError` where the disk is full."""
    try:
        store.commit(state)
        if store.path != str(cache):
            os.replace(store.path, cache)
    except OSError as error:
        raise OutputError(f"{cache}: expected a file that can be written, got: {reason_of(error)}") from error
