"""A triple store that misbehaves on demand: a real engine behind HTTP, with faults between the two."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import pyoxigraph as ox
from processes.waiting import PATIENCE


class Asked(NamedTuple):
    """A request as it came, without its body."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    @property
    def writes(self) -> bool:
        return self.path == "/store" and self.method in ("PUT", "POST")


class Answer(NamedTuple):
    """What the fault answers instead of the store; `unread` leaves the body of the request in the socket."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


class HangUp(NamedTuple):
    """The connection is cut: before the store has taken what was sent, or after it."""

    after: bool = False


class Late(NamedTuple):
    """The connection is cut, or a proxy gives up with 504, and the request waits until `HostileStore.land`."""

    told: bool = False


Fault = Callable[[Asked], Answer | HangUp | Late | None]
"""Called for each request; nothing lets it through to the store."""


class HostileStore:
    """A store that speaks as Oxigraph does, and what it was asked."""

    def __init__(self, fault: Fault) -> None:
        self.store = ox.Store()
        self.fault = fault
        self.asked: list[Asked] = []
        self.late: list[Asked] = []
        self.url = ""
        self.lock = threading.Lock()

    @property
    def writes(self) -> list[Asked]:
        return [one for one in self.asked if one.writes]

    def triples(self) -> frozenset[tuple[str, str, str]]:
        return frozenset((str(quad.subject), str(quad.predicate), str(quad.object)) for quad in self.store)

    def land(self) -> None:
        """Carry out what was late."""
        while self.late:
            self.serve(self.late.pop(0))

    def serve(self, asked: Asked) -> Answer:
        """Do what was asked, as a store should."""
        if asked.path == "/":
            return Answer(200, b"<title>store</title>", (("Content-Type", "text/html"),))
        if asked.path == "/query":
            found = self.store.query(parse_qs(asked.body.decode())["query"][0])
            assert isinstance(found, ox.QuerySolutions)
            body = found.serialize(format=ox.QueryResultsFormat.JSON) or b""
            return Answer(200, body, (("Content-Type", "application/sparql-results+json"),))
        if asked.path == "/update":
            self.store.update(asked.body.decode())
            return Answer(204)
        if asked.path != "/store":
            return Answer(404)
        iri = asked.query.get("graph", [""])[0]
        graph = ox.NamedNode(iri) if iri else ox.DefaultGraph()
        if asked.method == "GET":
            lines = "".join(f"{quad.triple} .\n" for quad in self.store.quads_for_pattern(None, None, None, graph))
            return Answer(200, lines.encode(), (("Content-Type", "application/n-triples"),))
        form = ox.RdfFormat.from_media_type(asked.headers["content-type"])
        body = gzip.decompress(asked.body) if asked.headers.get("content-encoding") == "gzip" else asked.body
        if asked.method == "PUT":
            self.store.remove_graph(graph) if iri else self.store.clear_graph(graph)
        self.store.load(body, form, to_graph=graph)
        return Answer(204)


def _handler(hostile: HostileStore, server_name: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def version_string(self) -> str:
            return server_name

        def log_message(self, *_: Any) -> None:
            pass

        def _do(self) -> None:
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            assert "transfer-encoding" not in headers, "some stores take such a body for an empty one"
            body = self.rfile.read(int(headers.get("content-length", "0")))
            asked = Asked(self.command, parts.path or "/", parse_qs(parts.query), headers, body)
            with hostile.lock:
                hostile.asked.append(asked)
                fault = hostile.fault(asked)
                if isinstance(fault, Late):
                    hostile.late.append(asked)
                    fault = Answer(504) if fault.told else HangUp()
                if isinstance(fault, HangUp):
                    if fault.after:
                        hostile.serve(asked)
                    self.close_connection = True
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                answer = fault or hostile.serve(asked)
            self.send_response(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _do  # noqa: N815  # http.server looks for these names

    return Handler


@contextmanager
def hostile_store(
    fault: Fault = lambda _: None, *, server: str = "Oxigraph/0.5", tls: ssl.SSLContext | None = None
) -> Iterator[HostileStore]:
    """Run such a store until the block ends."""
    hostile = HostileStore(fault)
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(hostile, server)) as listening:
        listening.daemon_threads = True
        if tls is not None:
            listening.socket = tls.wrap_socket(listening.socket, server_side=True)
        hostile.url = f"{'https' if tls else 'http'}://127.0.0.1:{listening.server_address[1]}"
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield hostile
        finally:
            listening.shutdown()
            thread.join()


@contextmanager
def rude_server(answer: bytes, *, read: int = 1 << 16) -> Iterator[str]:
    """Answer each connection with these bytes once `read` bytes at most have come, and hang up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.05)
        ended = threading.Event()

        def serve() -> None:
            while not ended.is_set():
                try:
                    connection, _ = listening.accept()
                except TimeoutError:
                    continue
                with connection, suppress(OSError):  # a client that has gone is no fault of the server
                    connection.settimeout(PATIENCE)
                    connection.recv(read)
                    connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            ended.set()
            thread.join()
