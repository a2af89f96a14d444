"""``graphkit serve``: SPARQL and pages over HTTP."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from graphkit.cli.options import QuietOption
from graphkit.cli.terminal import counted, say


def serve(
    data: Annotated[str, typer.Argument(metavar="DATA", help="An export folder, an RDF file or a store.")] = "exports",
    host: Annotated[str, typer.Option("--host", help="The address to listen on; 0.0.0.0 for all.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="The port; 0 for any that is free.")] = 8000,
    timeout: Annotated[float, typer.Option("--timeout", min=0.1, help="Seconds that a query may take.")] = 30.0,
    memory: Annotated[int, typer.Option("--memory", min=16, help="Mebibytes that a query may take.")] = 1024,
    result: Annotated[int, typer.Option("--result", min=1, help="Mebibytes that a result may have.")] = 256,
    workers: Annotated[
        int, typer.Option("--workers", min=0, help="Short queries run at a time; 0 for two a core.")
    ] = 0,
    queue: Annotated[int, typer.Option("--queue", min=0, help="Queries that may wait for a worker.")] = 64,
    public_url: Annotated[
        str, typer.Option("--public-url", help="The address that clients use, where it is another.")
    ] = "",
    log: Annotated[bool, typer.Option("--log", help="Print a line for each request.")] = False,
    quiet: QuietOption = False,
) -> None:
    """Serve SPARQL at /sparql, a query page at / and the page of the graph at /explore, until Ctrl-C."""
    from graphkit.server.http_server import serve as run
    from graphkit.server.query_limits import QueryLimits

    cores = os.cpu_count() or 1
    limits = QueryLimits(
        timeout=timeout,
        memory=memory << 20,
        result=result << 20,
        short_workers=workers or 2 * cores,  # so that none is idle while a result is handed over
        long_workers=workers or cores,
        queue_length=queue,
        queue_timeout=max(2.0, min(15.0, timeout)),
    )

    def started(address: str, triples: int) -> None:
        say(f"serving {data} ({counted(triples, 'triple')}) at {address}/ and {address}/sparql", quiet=quiet)

    run(data, host=host, port=port, limits=limits, public_url=public_url, log=log, started=started)
