"""Opening RDF for queries: small files in memory, large ones through the cache, and stores of Oxigraph."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyoxigraph as ox

from graphkit.diagnostics.quoting import reason_of
from graphkit.errors import NothingReadable, OutputError, UsageError
from graphkit.query.data import Data, data_of, is_store_folder
from graphkit.query.rdf_files import RdfFiles, digest_of, find_rdf, unreadable
from graphkit.query.rdf_loading import load
from graphkit.query.store_cache import FOLDER, SLOW, Notify, cached_data, latest_store

SMALL = 8 << 20
"""Files of at most so many bytes are loaded into memory each time: Turtle at 23 MB/s on one core, so in 0.35 s."""


def open_data(
    path: str | Path, *, keep: bool = True, notify: Notify | None = None, progress: Notify | None = None
) -> Data:
    """Open an export's folder, an RDF file, a folder of RDF files or a store of Oxigraph.

    Large files are loaded into ``.store`` beside them, unless `keep` is false, and open at once the next time.
    `notify` gets a sentence about a store that cannot be kept or is damaged, and `progress` one about a load that takes
    a while, before it begins. Raises `NothingReadable` where there is no RDF, and `UsageError` where it cannot be read.

    >>> import graphkit
    >>> len(graphkit.open_data("exports").store) > 1000
    True
    """
    path = Path(path)
    notify, progress = notify or _ignore, progress or _ignore
    if path.name == FOLDER and path.is_dir():
        latest = latest_store(path)
        if latest is None:
            raise NothingReadable(f"{path}: expected a store, got none; name the file that it is made of")
        path = latest
    if is_store_folder(path):
        return _open_store(path)
    files = find_rdf(path)
    size = files.size()
    if keep and size > SMALL:
        try:
            return cached_data(files, path, notify=notify, progress=progress)
        except (OSError, OutputError) as error:
            why = reason_of(error)
            notify(f"{files.folder}: the store cannot be kept there, so it is loaded into memory each time: {why}")
    if size > SLOW:
        progress(f"Loading {path}: {size / 1e6:,.0f} MB")
    return _load_into_memory(files, path, small=size <= SMALL)


def _ignore(_: str) -> None:
    pass


def _load_into_memory(files: RdfFiles, path: Path, *, small: bool) -> Data:
    """Return the data of files; those that are `small` are read only once."""
    store = ox.Store()
    if not small:
        digest = files.digest()
        for file in files.paths:
            load(store, file)
        return data_of(store, digest, path)
    contents = [(file, _read(file)) for file in files.paths]
    digest = digest_of((file, hashlib.sha256(content).hexdigest()) for file, content in contents)
    for file, content in contents:
        load(store, file, content)
    return data_of(store, digest, path)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error


def _open_store(path: Path) -> Data:
    try:
        store = ox.Store.read_only(str(path))
        digest = hashlib.sha256()
        for file in sorted(path.iterdir()):
            if file.name.startswith(("LOG", "LOCK", "OPTIONS", "IDENTITY")) or not file.is_file():
                continue
            digest.update(f"{file.name} {file.stat().st_size}\n".encode())
            if not file.name.endswith(".sst"):  # the manifest tells what these hold
                digest.update(file.read_bytes())
        return data_of(store, digest.hexdigest(), path)
    except (RuntimeError, OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise UsageError(f"{path}: expected an Oxigraph store, got one that cannot be opened: {reason}") from error
