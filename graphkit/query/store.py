"""The store: RDF that can be asked, in memory where that is quick, else on disk beside the file that it was made of.

Below ``.store`` in the folder of a file lie a folder for each content that was loaded, named by its hash, and a stamp
for each file, which tells how the file looked then. Both are made beside their place and renamed, one process at a
time; a reader that was there before goes on with what it has opened. What is half-built or damaged is built again.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
import shutil
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import msgspec
import pyoxigraph as ox

from graphkit.errors import NothingReadable, OutputError, QueryRefused, UsageError
from graphkit.files.atomic import write_text
from graphkit.files.compression import decompressing, ending_of, estimated_size, is_gzip_name, open_decompressed
from graphkit.files.stamps import FileStamp, stamp_of
from graphkit.query.sparql import MAX_DEPTH, Anatomy, anatomy, fault
from graphkit.rdf import vocabulary
from graphkit.rdf.graph_reader import find_export
from graphkit.rdf.syntaxes import ENDINGS

SMALL = 8 << 20
"""Up to so many bytes are loaded into memory each time: Turtle loads at 23 MB/s on one core, so in about 0.35 s."""

SLOW = 24 << 20
"""More than this is worth a word to a person who waits: it takes over a second."""

LAYOUT = 1
"""Raised when what lies below ``.store`` is laid out in another way."""

Results = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples
Notify = Callable[[str], None]

_DAMAGE = ("Corruption:", "IO error:")


class Data(msgspec.Struct, frozen=True, eq=False):
    """RDF that can be asked.

    `digest` is the same for the same bytes wherever they lie. `union` tells that there are named graphs; the default
    graph of a query is then all of them together. `base` is the base IRI of graphkit's ids, empty for other RDF.
    `path` is what was opened, `kept` the folder of its store on disk.
    """

    store: ox.Store
    digest: str
    union: bool
    base: str
    path: Path
    kept: Path | None = None

    def query(
        self,
        text: str,
        substitutions: Mapping[ox.Variable, ox.NamedNode | ox.Literal] | None = None,
        *,
        name: str = "query",
        service: bool = False,
    ) -> Results:
        """Return the engine's results of a query. Nothing is fetched, unless `service` lets SERVICE call out.

        Raises `QueryRefused` for an update and for SERVICE, `UsageError` for an unknown graph and for a query that
        the engine refuses; a fault of syntax is told as ``name:line:column``.

        >>> import graphkit
        >>> data = graphkit.open_data("exports")
        >>> bool(data.query("ASK { ?article <https://schema.org/headline> ?headline }"))
        True
        """
        found = self.examine(text, name=name, service=service)
        return self.evaluate(text, found, substitutions, name=name)

    def examine(self, text: str, *, graphs: Iterable[str] = (), name: str = "query", service: bool = False) -> Anatomy:
        """Tell what a query is, once it is sure that it reaches only for this data.

        `graphs` are the IRIs of the graphs that it is to be asked of, besides its own FROM. Raises `QueryRefused` for
        an update and for SERVICE, unless `service` allows it, and `UsageError` for a graph that is not here.
        """
        found = anatomy(text, base=self.base or vocabulary.DEFAULT_BASE)
        if found.form == "UPDATE":
            raise QueryRefused(f"{name}: expected a query, got an update: the data is only read")
        if found.service and not service:
            raise QueryRefused(f"{name}: expected a query without SERVICE, which calls other machines")
        if found.depth > MAX_DEPTH:
            raise UsageError(f"{name}: expected at most {MAX_DEPTH} brackets in one another, got {found.depth:,}")
        for iri in (*found.graphs, *graphs):
            if iri is None or not self._holds(iri):
                graph = iri or "an IRI that cannot be resolved"
                raise UsageError(f"{name}: expected a graph of the data, got {graph}: nothing is fetched")
        return found

    def evaluate(
        self,
        text: str,
        found: Anatomy,
        substitutions: Mapping[ox.Variable, ox.NamedNode | ox.Literal] | None = None,
        *,
        dataset: tuple[Iterable[str], Iterable[str]] | None = None,
        name: str = "query",
    ) -> Results:
        """Return the engine's results of a query that was examined.

        `dataset` are the IRIs of the default graph's parts and of the named graphs; it goes before the query's own.
        Relative IRIs of the query stand below the base of the data's ids.
        """
        default, named = dataset or (None, None)
        try:
            return self.store.query(
                text,
                base_iri=self.base or vocabulary.DEFAULT_BASE,
                use_default_graph_as_union=self.union and not found.graphs and dataset is None,
                default_graph=None if default is None else [ox.NamedNode(iri) for iri in default],
                named_graphs=None if named is None else [ox.NamedNode(iri) for iri in named],
                substitutions=dict(substitutions) if substitutions else None,
            )
        except SyntaxError as error:
            found_fault = fault(text, str(error))
            place = f"{name}:{found_fault.line}:{found_fault.column}" if found_fault.line else name
            raise UsageError(f"{place}: {found_fault.message}") from None
        except (RuntimeError, OSError, ValueError) as error:
            raise self.failure(error, name) from error

    def failure(self, error: Exception, name: str = "query") -> UsageError:
        """Return the error to raise for one that the engine raised while it was asked."""
        reason = " ".join(str(error).split())
        if "SELECT projection" in reason:
            variable = reason.partition("?")[2].partition(" ")[0]
            return UsageError(f"{name}: parameter {variable}: expected a variable that the query selects")
        if reason.startswith(_DAMAGE) and self.kept is not None:
            shutil.rmtree(self.kept, ignore_errors=True)
            return UsageError(f"{self.kept}: expected a whole store, got a damaged one; it is removed: ask again")
        if reason.startswith(_DAMAGE) and _is_store(self.path):
            return UsageError(f"{self.path}: expected a whole store, got a damaged one: {reason}")
        return UsageError(f"{name}: expected a query that can be evaluated, got: {reason}")

    def _holds(self, iri: str) -> bool:
        try:
            return self.store.contains_named_graph(ox.NamedNode(iri))
        except ValueError:
            return False


class _Stamp(msgspec.Struct, frozen=True):
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


STORE = ".store"
_VERSION = f"pyoxigraph {ox.__version__}"


def open_data(
    path: str | Path, *, keep: bool = True, notify: Notify | None = None, progress: Notify | None = None
) -> Data:
    """Open an export's folder, an RDF file, a folder of RDF files or an Oxigraph store.

    What is large is loaded into ``.store`` beside the file, unless `keep` is false, and is open at once the next time.
    `notify` is told, in a sentence, of a store that cannot be kept or is damaged, and `progress` of a load that takes
    a while, before it begins. Raises `NothingReadable` where there is no RDF, and `UsageError` where it cannot be read.

    >>> import graphkit
    >>> len(graphkit.open_data("exports").store) > 1000
    True
    """
    path = Path(path)
    notify, progress = notify or _ignore, progress or _ignore
    if path.name == STORE and path.is_dir() and not _is_store(path):
        path = _latest(path)
    if _is_store(path):
        return _open_named(path)
    key, paths = _inputs(path)
    weight = sum(_weight(file) for file in paths)
    if keep and weight > SMALL:
        folder = paths[0].parent
        try:
            return _kept(folder / STORE, key, paths, path, notify, progress)
        except (OSError, OutputError) as error:
            reason = (getattr(error, "strerror", None) or str(error)).lower()
            notify(f"{folder}: the store cannot be kept there, so it is loaded into memory each time: {reason}")
    if weight > SLOW:
        progress(f"Loading {path}: {weight / 1e6:,.0f} MB")
    store = ox.Store()
    if weight > SMALL:
        digest = _digest(paths)
        for file in paths:
            _load(store, file)
    else:
        contents = [(file, _read(file)) for file in paths]
        digest = _joined((file, hashlib.sha256(content)) for file, content in contents)
        for file, content in contents:
            _load(store, file, content)
    return _data(store, digest, path)


def _ignore(_: str) -> None:
    pass


def _is_store(path: Path) -> bool:
    return (path / "CURRENT").is_file() and any(path.glob("MANIFEST-*"))


def _latest(folder: Path) -> Path:
    """Return the newest store below a ``.store``."""
    found = [path for path in folder.iterdir() if _is_store(path) and path.suffix != ".tmp"]
    if not found:
        raise NothingReadable(f"{folder}: expected a store, got none; name the file that it is made of")
    return max(found, key=lambda path: path.stat().st_mtime_ns)


def _open_named(path: Path) -> Data:
    try:
        store = ox.Store.read_only(str(path))
        digest = hashlib.sha256()
        for file in sorted(path.iterdir()):
            if file.name.startswith(("LOG", "LOCK", "OPTIONS", "IDENTITY")) or not file.is_file():
                continue
            digest.update(f"{file.name} {file.stat().st_size}\n".encode())
            if not file.name.endswith(".sst"):  # what these hold is told by the manifest
                digest.update(file.read_bytes())
        return _data(store, digest.hexdigest(), path)
    except (RuntimeError, OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise UsageError(f"{path}: expected an Oxigraph store, got one that cannot be opened: {reason}") from error


def _inputs(path: Path) -> tuple[str, list[Path]]:
    """Return the name of the stamp and the files to load."""
    if path.is_dir():
        export = find_export(path)
        if export is not None:
            return export.name, [export]
        found = sorted(file for file in path.iterdir() if _ending(file) and file.is_file())
        if found:
            return "all", found
        raise NothingReadable(f"{path}: expected RDF, got none; `graphkit build SOURCES --out {path}` makes some")
    if not path.exists():
        raise NothingReadable(f"{path}: expected RDF, got nothing there; `graphkit build SOURCES` writes exports/")
    if not _ending(path):
        raise UsageError(
            f"{path}: expected a file that ends with one of {', '.join(ENDINGS)} (or .gz behind), or a store"
        )
    if not path.is_file():
        raise UsageError(f"{path}: expected a regular file or a folder")
    return path.name, [path]


def files_of(path: Path) -> list[Path]:
    """Return the files that hold the RDF of an export's folder, a file or a folder of files.

    Raises `NothingReadable` where there is none, and `UsageError` for a file of another kind.
    """
    return _inputs(path)[1]


def parsed(path: Path) -> Iterator[ox.Quad]:
    """Yield what stands in one file, as it stands there. Raises `UsageError` where it is not well-formed."""
    syntax = ENDINGS[_ending(path)]
    try:
        with open_decompressed(path, gzip=is_gzip_name(path.name)) as stream:
            yield from ox.parse(_Reading(stream), syntax, rename_blank_nodes=True)  # type: ignore[arg-type]  # it only calls read
    except SyntaxError as error:
        raise _malformed(path, syntax, error) from None
    except (OSError, _DamagedError) as error:
        raise _unreadable(path, error) from error


def _ending(path: Path) -> str:
    ending = ending_of(path.name)
    return ending if ending in ENDINGS and not path.name.startswith(".") else ""


def _weight(path: Path) -> int:
    try:
        return estimated_size(path.name, path.stat().st_size)
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> UsageError:
    reason = (getattr(error, "strerror", None) or str(error)).lower()
    return UsageError(f"{path}: expected a file that can be read, got: {reason}")


def _digest(paths: list[Path]) -> str:
    """Return the hash of what the files hold, and of how it is to be read."""
    hashes = []
    for path in paths:
        try:
            with path.open("rb") as stream:
                hashes.append((path, hashlib.file_digest(stream, "sha256")))
        except OSError as error:
            raise _unreadable(path, error) from error
    return _joined(hashes)


def _joined(hashes: Iterable[tuple[Path, hashlib._Hash]]) -> str:
    whole = hashlib.sha256()
    for path, content in hashes:
        packed = " gzip" if is_gzip_name(path.name) else ""
        whole.update(f"{ENDINGS[_ending(path)].file_extension}{packed} {content.hexdigest()}\n".encode())
    return whole.hexdigest()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error


def _load(store: ox.Store, path: Path, data: bytes | None = None) -> None:
    """Load one file. Raises `UsageError` with line and column where it is not well-formed."""
    syntax = ENDINGS[_ending(path)]
    try:
        if is_gzip_name(path.name):
            with open_decompressed(path, gzip=True) if data is None else decompressing(io.BytesIO(data)) as stream:
                store.bulk_load(_Reading(stream), syntax)  # type: ignore[arg-type]  # it only calls read
        elif data is not None:
            store.bulk_load(data, syntax)
        else:
            store.bulk_load(path=str(path), format=syntax)
    except SyntaxError as error:
        raise _malformed(path, syntax, error) from None
    except _DamagedError as error:
        raise _unreadable(path, error) from error


def _malformed(path: Path, syntax: ox.RdfFormat, error: SyntaxError) -> UsageError:
    place = f"{path}:{error.lineno}:{error.offset}" if error.lineno else str(path)
    reason = (error.msg or str(error)).rpartition("Parser error at ")[2]
    reason = reason.partition(": ")[2] if error.lineno else reason
    return UsageError(f"{place}: expected {syntax.name}, got an error: {' '.join(reason.split())}")


class _DamagedError(Exception):
    pass


class _Reading:
    """A compressed file, whose faults are told from those of the disk that is written to."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        try:
            return self._stream.read(size)
        except (OSError, EOFError, zlib.error) as error:
            raise _DamagedError(str(error)) from error


def _data(store: ox.Store, digest: str, path: Path, kept: Path | None = None) -> Data:
    if next(iter(store), None) is None:  # its length would be counted
        raise NothingReadable(f"{path}: expected triples, got none; `graphkit build SOURCES` writes exports/")
    union = any(True for _ in store.named_graphs())
    spaces = store.query(
        f"SELECT ?b {{ ?s <{vocabulary.URI_SPACE}> ?b }} ORDER BY ?b LIMIT 1", use_default_graph_as_union=union
    )
    base = next((row["b"].value for row in spaces), "")  # type: ignore[union-attr]  # a SELECT gives solutions
    return Data(store, digest, union, base, path, kept)


def _look(paths: list[Path]) -> dict[str, FileStamp]:
    found = {}
    for path in paths:
        try:
            found[path.name] = stamp_of(path.stat())
        except OSError as error:
            raise _unreadable(path, error) from error
    return found


def _kept(folder: Path, key: str, paths: list[Path], path: Path, notify: Notify, progress: Notify) -> Data:
    """Return the store on disk, built if there is none for these files. Raises `OSError` where it cannot be kept."""
    found = _current(folder, key, paths, path)
    if found is not None:
        return found
    folder.mkdir(exist_ok=True)
    with _alone(folder):
        found = _current(folder, key, paths, path)  # another process may have built it meanwhile
        if found is not None:
            return found
        for _ in range(3):
            seen = _look(paths)
            clock = _clock(folder)
            digest = _digest(paths)
            generation = digest[:32]
            same = [stamp for stamp in _stamps(folder).values() if stamp.digest == digest]
            for stamp in same:  # the file was only touched or moved
                data = _opened(folder, stamp, path)
                if data is not None:
                    _put(folder, key, msgspec.structs.replace(stamp, sources=seen, clock=clock))
                    return data
            if any(stamp.engine == _VERSION and stamp.layout == LAYOUT for stamp in same):
                notify(f"{folder}: the store is damaged and is built again")
            weight = sum(_weight(file) for file in paths)
            if weight > SLOW:
                progress(f"Building the store of {path}, once: {weight / 1e6:,.0f} MB")
            kept = folder / generation
            data = _data(_build(folder, generation, paths), digest, path, kept)
            if _look(paths) == seen:
                files = _sizes(kept)
                stamp = _Stamp(LAYOUT, _VERSION, seen, clock, digest, data.union, data.base, generation, files)
                _put(folder, key, stamp)
                _sweep(folder)
                return data
        raise UsageError(f"{path}: expected a file that stays as it is while it is read")


def _current(folder: Path, key: str, paths: list[Path], path: Path) -> Data | None:
    """Return the store that the stamp tells of, if the files look as they did, and could not look so by chance."""
    stamp = _stamp(folder, key)
    if stamp is None or stamp.sources != _look(paths):
        return None
    is_settled = all(source.is_settled(stamp.clock) for source in stamp.sources.values())
    return _opened(folder, stamp, path) if is_settled else None


def _stamp(folder: Path, key: str) -> _Stamp | None:
    try:
        return msgspec.json.decode((folder / f"{key}.json").read_bytes(), type=_Stamp)
    except (OSError, msgspec.DecodeError):
        return None


def _stamps(folder: Path) -> dict[str, _Stamp]:
    keys = (path.name.removesuffix(".json") for path in sorted(folder.glob("*.json")))
    return {key: stamp for key in keys if (stamp := _stamp(folder, key)) is not None}


def _opened(folder: Path, stamp: _Stamp, path: Path) -> Data | None:
    kept = folder / stamp.generation
    if stamp.layout != LAYOUT or stamp.engine != _VERSION or not stamp.generation.isalnum():
        return None
    try:
        if _sizes(kept) != stamp.files:  # a manifest that was cut can be opened, and is empty
            return None
        return Data(ox.Store.read_only(str(kept)), stamp.digest, stamp.union, stamp.base, path, kept)
    except (OSError, RuntimeError, ValueError):
        return None


def _sizes(path: Path) -> dict[str, int]:
    return {
        entry.name: entry.stat().st_size
        for entry in sorted(os.scandir(path), key=lambda entry: entry.name)
        if entry.name.endswith(".sst") or entry.name.startswith(("CURRENT", "MANIFEST"))
    }


def _build(folder: Path, generation: str, paths: list[Path]) -> ox.Store:
    """Load the files into a store beside its place, rename it and open it."""
    for left in folder.glob("*.tmp"):  # only one process builds at a time: these are of one that was ended
        shutil.rmtree(left, ignore_errors=True)
    temporary = folder / f"{generation}.tmp"
    try:
        store = ox.Store(str(temporary))
        for path in paths:
            _load(store, path)
        store.optimize()
        store.flush()
        del store
        shutil.rmtree(folder / generation, ignore_errors=True)
        temporary.rename(folder / generation)
        return ox.Store.read_only(str(folder / generation))
    except RuntimeError as error:  # the disk, as the engine tells of it
        raise OSError(" ".join(str(error).split())) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _put(folder: Path, key: str, stamp: _Stamp) -> None:
    write_text(folder / f"{key}.json", msgspec.json.encode(stamp).decode())


def _sweep(folder: Path) -> None:
    """Remove the stores that no stamp tells of, and the stamps of files that are gone."""
    stamps = _stamps(folder)
    for path in folder.glob("*.json"):
        key = path.name.removesuffix(".json")
        if key not in stamps or (key != "all" and not (folder.parent / key).exists()):
            path.unlink(missing_ok=True)
            stamps.pop(key, None)
    used = {stamp.generation for stamp in stamps.values()}
    for path in folder.iterdir():
        if path.is_dir() and path.name not in used:
            shutil.rmtree(path, ignore_errors=True)


def _clock(folder: Path) -> int:
    """Return the time by the clock that stamps the files of this folder."""
    path = folder / "lock"
    os.utime(path)
    return path.stat().st_mtime_ns


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait until no other process builds in this folder; the system ends the lock with the process."""
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o666)
    try:
        with suppress(OSError):  # a file system without locks: both build, and one wins
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
