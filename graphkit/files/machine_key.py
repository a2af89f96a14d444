"""The machine key: a secret of this user on this machine, by which caches that graphkit wrote are recognised.

A cache lies beside the exports, so it travels with an archive or a clone. What it holds is authenticated with this key,
which never leaves the user's state folder: a cache of anybody else's making is not believed.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
from contextlib import suppress
from functools import cache
from pathlib import Path

SIZE = 32
"""The number of bytes of the key."""


def machine_key() -> bytes | None:
    """Return the key, which is made when it is first asked for; None where none can be kept."""
    folder = _state_folder()
    return None if folder is None else _key_in(folder, os.geteuid())


def authentication_code(data: bytes, *, size: int, key: bytes | None = None) -> bytes:
    """Return `size` bytes that only this user's programs can compute of data; without a key, a plain hash of it."""
    return hashlib.blake2b(data, digest_size=size, key=(key if key is not None else machine_key()) or b"").digest()


def _state_folder() -> Path | None:
    """Return the folder for graphkit's state by the XDG base directories, None where there is no home."""
    given = os.environ.get("XDG_STATE_HOME", "")
    if os.path.isabs(given):  # by the specification a relative one is ignored
        return Path(given) / "graphkit"
    home = os.path.expanduser("~")
    return Path(home) / ".local/state/graphkit" if os.path.isabs(home) and home != "/" else None


@cache
def _key_in(folder: Path, user: int) -> bytes | None:
    path = folder / "key"
    with suppress(OSError):
        found = _read(path, user)
        if found is None and not os.path.lexists(path):
            _create(path)
            found = _read(path, user)
        return found
    return None


def _read(path: Path, user: int) -> bytes | None:
    """Return the key in a file, None unless it is this user's, who alone may read it. Raises `OSError`."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        status = os.fstat(descriptor)
        is_ours = stat.S_ISREG(status.st_mode) and status.st_uid == user and not status.st_mode & 0o077
        data = os.read(descriptor, SIZE + 1) if is_ours else b""
        return data if len(data) == SIZE else None
    finally:
        os.close(descriptor)


def _create(path: Path) -> None:
    """Make the key, unless another process is first. Raises `OSError`."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_name(f".key-{secrets.token_hex(8)}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, secrets.token_bytes(SIZE))
        os.fsync(descriptor)
        with suppress(FileExistsError):
            os.link(new, path)  # never replaces a key that is there
    finally:
        os.close(descriptor)
        os.unlink(new)
