"""``graphkit upload``: load an export into a triple store."""

from __future__ import annotations

import os
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from graphkit.cli.options import QuietOption
from graphkit.cli.terminal import counted, progress_bars, say
from graphkit.errors import UsageError
from graphkit.upload.store_kinds import PRODUCTS, PROTOCOLS

if TYPE_CHECKING:
    from graphkit.pipeline.local.build_options import StageProgress
    from graphkit.upload.authentication import Credentials
    from graphkit.upload.loading import UploadResult
    from graphkit.upload.store_graph import StoreGraph

PASSWORD = "GRAPHKIT_PASSWORD"  # noqa: S105  # the name of a variable
_NEAR = ("localhost", "127.0.0.1", "::1")


def upload(
    address: Annotated[str, typer.Argument(metavar="URL", help="The store, such as http://localhost:3030/coverage.")],
    data: Annotated[Path, typer.Argument(metavar="DATA", help="An export folder or a file of RDF triples.")] = Path(
        "exports"
    ),
    graph: Annotated[
        str, typer.Option("--graph", "-g", metavar="IRI", help="A named graph; else the default one.")
    ] = "",
    replace: Annotated[bool, typer.Option("--replace", help="In the place of what the graph holds.")] = False,
    append: Annotated[bool, typer.Option("--append", help="To what the graph holds.")] = False,
    patch: Annotated[
        Path | None, typer.Option("--patch", metavar="FILE", help="Apply a coverage.patch.rq of `build --patch`.")
    ] = None,
    kind: Annotated[
        str,
        typer.Option(
            "--kind",
            metavar="NAME",
            help=f"What the store is, unless it says so itself: {', '.join(kind.name for kind in PRODUCTS)}; "
            f"{' or '.join(kind.name for kind in PROTOCOLS)} for another.",
        ),
    ] = "",
    user: Annotated[
        str,
        typer.Option(
            "--user", "-u", metavar="NAME", help=f"Who you are there. The password comes from ${PASSWORD} or a prompt."
        ),
    ] = "",
    password_file: Annotated[
        Path | None, typer.Option("--password-file", metavar="FILE", help="A file with the password in its first line.")
    ] = None,
    at_once: Annotated[
        bool,
        typer.Option("--at-once", help="In one request: readers see the old or the new, but it cannot be resumed."),
    ] = False,
    gzip: Annotated[
        bool | None,
        typer.Option(
            "--gzip/--no-gzip", help="Pack what is sent; by default to other machines, if the store takes it."
        ),
    ] = None,
    cafile: Annotated[str, typer.Option("--cafile", metavar="FILE", help="Certificates to trust, in PEM.")] = "",
    timeout: Annotated[
        float, typer.Option("--timeout", min=1, help="Seconds that the store may take for a part.")
    ] = 300,
    quiet: QuietOption = False,
) -> None:
    """Take the exports to a triple store, and compare what is there then. The same command goes on after a fault."""
    from graphkit.upload.detection import detect_store
    from graphkit.upload.http_client import StoreConnection
    from graphkit.upload.journal import UploadMode
    from graphkit.upload.loading import upload as load
    from graphkit.upload.parts import find_source
    from graphkit.upload.store_address import checked_address, store_at
    from graphkit.upload.store_graph import StoreGraph, check_graph
    from graphkit.upload.store_kinds import store_kind

    if sum((replace, append, patch is not None)) > 1:
        raise UsageError("expected one of --replace, --append and --patch, got several")
    checked_address(address)
    chosen = store_kind(kind) if kind else None
    source = find_source(data) if patch is None else None
    credentials = _credentials(user, password_file)
    near = urlsplit(address).hostname in _NEAR
    if credentials is not None and address.startswith("http:") and not near and not quiet:
        say("the password goes to that machine without encryption: https would hide it")
    with StoreConnection(
        credentials=credentials, cafile=cafile, timeout=timeout, notify=None if quiet else say
    ) as connection:
        store = store_at(address, chosen) if chosen else detect_store(address, connection)
        packed = (not near if gzip is None else gzip) and store.kind.takes_gzip
        if gzip and not packed:
            raise UsageError(f"expected a store that takes gzip, got {store.label}")
        place = StoreGraph(store, check_graph(graph, store), connection, packed)
        say(f"store     {store.label}, {place.label}", quiet=quiet)
        if patch is not None:
            _apply_patch(patch, place, quiet=quiet)
            return
        assert source is not None
        mode = UploadMode.REPLACE if replace else UploadMode.APPEND if append else UploadMode.FILL
        try:
            with _showing_progress(quiet=quiet) as progress:
                loaded = load(source, place, mode=mode, at_once=at_once, progress=progress)
        except KeyboardInterrupt:
            say("interrupted; the same command goes on from there")
            raise
    if not quiet:
        _print_summary(loaded)


def _apply_patch(path: Path, graph: StoreGraph, *, quiet: bool) -> None:
    from graphkit.upload.patching import apply_patch

    with _showing_progress(quiet=quiet) as progress:
        done = apply_patch(path, graph, progress=progress)
    if quiet:
        return
    if done.already:
        say("patch     it is in there already")
    else:
        say(f"patch     {done.removed:,} removed, {counted(done.added, 'triple')} added")
    say(f"checked   {counted(done.there, 'triple')} there")


def _print_summary(loaded: UploadResult) -> None:
    if loaded.already:
        say(f"sent      nothing: all {counted(loaded.triples, 'triple')} are there already")
    else:
        again = ", all of it again, as what is there had changed meanwhile" if loaded.again else ""
        resumed = f"; {loaded.resumed:,} were there from the run before" if loaded.resumed else ""
        say(f"sent      {counted(loaded.sent, 'triple')} in {counted(loaded.parts, 'part')}{again}{resumed}")
    compared = loaded.comparison
    say(
        f"checked   {counted(compared.there, 'triple')} there; "
        f"{counted(compared.subjects, 'subject')} and {counted(compared.unusual, 'unusual value')} compared"
    )


def _credentials(user: str, file: Path | None) -> Credentials | None:
    """Return the user, with the password from a file, the environment, or a hidden prompt."""
    from graphkit.upload.authentication import Credentials

    if not user:
        if file is not None:
            raise UsageError("expected --user with --password-file, got none")
        return None
    if file is not None:
        try:
            return Credentials(user, file.read_text("utf-8").partition("\n")[0].rstrip("\r"))
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or "no UTF-8"
            raise UsageError(f"{file}: expected a file with a password, got: {reason.lower()}") from error
    if PASSWORD in os.environ:
        return Credentials(user, os.environ[PASSWORD])
    if not sys.stdin.isatty():
        raise UsageError(f"expected a password for --user, got none: say it by --password-file or in ${PASSWORD}")
    return Credentials(user, typer.prompt("Password", hide_input=True, err=True))


def _showing_progress(*, quiet: bool) -> AbstractContextManager[StageProgress | None]:
    """Show bars for what is read and what is sent, on a terminal only."""
    return nullcontext() if quiet or not sys.stderr.isatty() else progress_bars(of_bytes=True)
