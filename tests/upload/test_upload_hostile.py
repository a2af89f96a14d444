"""A store that means harm gets one sentence and exit code 4, in the time that --timeout gives it."""

from __future__ import annotations

import base64
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import repeat
from pathlib import Path

import pytest
from foreign.uploads import run

from graphkit.errors import StoreError
from graphkit.upload.authentication import Credentials
from graphkit.upload.http_client import RetryPolicy, StoreConnection
from graphkit.upload.store_address import store_at
from graphkit.upload.store_graph import StoreGraph
from graphkit.upload.store_kinds import store_kind

pytestmark = pytest.mark.engine

PASSWORD = "hunter2SECRET/pw ü"
Behaviour = Callable[[bytes], Iterator[bytes]]
"""From the head of a request to the pieces of an answer."""


@contextmanager
def raw_server(behaviour: Behaviour) -> Iterator[str]:
    """Serve pieces of bytes, a fiftieth of a second apart, until the client hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer(client: socket.socket) -> None:
            with client, suppress(OSError):
                while True:
                    data = b""
                    while b"\r\n\r\n" not in data:
                        piece = client.recv(1 << 16)
                        if not piece:
                            return
                        data += piece
                    head, _, body = data.partition(b"\r\n\r\n")
                    length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
                    while length and len(body) < int(length[1]):
                        body += client.recv(1 << 16)
                    for piece in behaviour(head):
                        client.sendall(piece)
                        time.sleep(0.02)

        def serve() -> None:
            with suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    threading.Thread(target=answer, args=(client,), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)


def whole(status: str, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", "Server: Oxigraph/0.5", *headers, f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


RESULTS = "Content-Type: application/sparql-results+json"


def dripping_body(_: bytes) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nServer: Oxigraph/0.5\r\nContent-Length: 100000\r\n\r\n"
    yield from repeat(b"x", 1_000)


def dripping_chunks(_: bytes) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nServer: Oxigraph/0.5\r\nTransfer-Encoding: chunked\r\n\r\n"
    yield from repeat(b"1\r\nx\r\n", 1_000)


def dripping_header(_: bytes) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nX: "
    yield from repeat(b"a", 1_000)


def endless_continue(_: bytes) -> Iterator[bytes]:
    yield from repeat(b"HTTP/1.1 100 Continue\r\n\r\n", 1_000)


def dripping_triples(_: bytes) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nContent-Type: application/n-triples\r\nContent-Length: 10000000\r\n\r\n"
    for number in range(1_000):
        yield f"<http://a.example/{number}> <http://a.example/p> <http://a.example/o> .\n".encode()


@pytest.mark.parametrize(
    "behaviour", [dripping_body, dripping_chunks, dripping_header, endless_continue], ids=lambda one: one.__name__
)
def test_the_timeout_limits_a_whole_answer(behaviour: Behaviour) -> None:
    with raw_server(behaviour) as url, StoreConnection(timeout=0.3) as connection:
        begun = time.monotonic()
        with pytest.raises(StoreError, match=r"no answer in 0\.3 s"):
            connection.ask("GET", url, once=True)
        assert time.monotonic() - begun < 10, "the answer takes twenty seconds"


def test_the_timeout_limits_all_triples_of_a_graph() -> None:
    with raw_server(dripping_triples) as url, StoreConnection(timeout=0.3) as connection:
        graph = StoreGraph(store_at(url, store_kind("gsp")), "", connection)
        with pytest.raises(StoreError, match=r"no answer in 0\.3 s"):
            graph.count()


def test_an_answer_in_time_does_not_shorten_the_next_one() -> None:
    def slow(_: bytes) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n"
        yield from repeat(b"x", 20)

    with raw_server(slow) as url, StoreConnection(timeout=5) as connection:
        for _ in range(3):
            assert connection.ask("GET", url, once=True).body == b"x" * 20


def count_of(value: str) -> Behaviour:
    rows = f'{{"head":{{"vars":["n"]}},"results":{{"bindings":[{{"n":{{"type":"literal","value":"{value}"}}}}]}}}}'
    return lambda _: iter([whole("200 OK", rows.encode(), RESULTS)])


def liar(head: bytes) -> Iterator[bytes]:
    """Hold nothing before, accept everything, and answer each query with rows of a single column."""
    yield from count_of("0")(head) if b"/query" in head.split(b"\r\n")[0] else [whole("204 No Content")]


def folded_digest(_: bytes) -> Iterator[bytes]:
    yield whole("401 Unauthorized", b"", 'WWW-Authenticate: Digest realm="a\r\n b", nonce="n", algorithm=MD5')


@pytest.mark.parametrize(
    "behaviour",
    [count_of("²"), count_of("9" * 5_000), count_of("٣"), count_of("-1"), count_of(""), liar, folded_digest],
    ids=["superscript", "digits", "arabic", "negative", "nothing", "columns", "folded"],
)
def test_a_malformed_answer_is_one_sentence_and_exit_code_4(behaviour: Behaviour, tmp_path: Path) -> None:
    data = tmp_path / "one.nt"
    data.write_text('<http://a.example/1> <http://a.example/p> "1" .\n')
    with raw_server(behaviour) as url:
        done = run(url, str(data), "--user", "bob", "--timeout", "5", GRAPHKIT_PASSWORD=PASSWORD)
    assert done.returncode == 4, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1].startswith("graphkit: ")


def echoing(form: Callable[[bytes], bytes], status: str = "500 Internal Server Error") -> Behaviour:
    """Ask for a password, then repeat in some form what was sent."""

    def behaviour(head: bytes) -> Iterator[bytes]:
        sent = re.search(rb"authorization: basic ([^\r]*)", head, re.IGNORECASE)
        if sent is None:
            yield whole("401 Unauthorized", b"", 'WWW-Authenticate: Basic realm="x"')
        else:
            yield whole(status, form(sent[1]), "Content-Type: text/plain")

    return behaviour


@pytest.mark.parametrize(
    "behaviour",
    [
        echoing(lambda sent: b"bad header Basic " + sent),
        echoing(lambda sent: b"no user " + base64.b64decode(sent)),
        echoing(lambda sent: b"x" * 150 + base64.b64decode(sent)),
        echoing(lambda sent: b"<p>" + base64.b64decode(sent).replace(b" ", b"&#32;") + b"</p>"),
        echoing(base64.b64decode, "503 Service Unavailable"),
    ],
    ids=["base64", "plain", "cut", "html", "retried"],
)
def test_a_store_that_repeats_the_password_does_not_show_it(behaviour: Behaviour) -> None:
    told: list[str] = []
    credentials = Credentials("bob", PASSWORD)
    retries = RetryPolicy(tries=2, first=0.001)
    with (
        raw_server(behaviour) as url,
        StoreConnection(credentials=credentials, retries=retries, notify=told.append) as connection,
        pytest.raises(StoreError) as caught,
    ):
        connection.ask("GET", url)
    for text in (str(caught.value), *told):
        assert "…" in text
        for secret in (PASSWORD, base64.b64encode(f"bob:{PASSWORD}".encode()).decode()):
            assert secret[:8] not in text
    assert caught.value.__suppress_context__, "what caused it may quote the password"


def test_a_redirect_to_the_password_does_not_show_it() -> None:
    def behaviour(_: bytes) -> Iterator[bytes]:
        yield whole("302 Found", b"", "Location: http://other.example/hunter2SECRET%2Fpw%20%C3%BC")

    with (
        raw_server(behaviour) as url,
        StoreConnection(credentials=Credentials("bob", PASSWORD)) as connection,
        pytest.raises(StoreError, match=r"a redirect to http://other.example/…: nothing was sent there"),
    ):
        connection.ask("GET", url)


def test_a_digest_for_a_user_of_any_script_is_sent_as_utf_8() -> None:
    heads: list[bytes] = []

    def behaviour(head: bytes) -> Iterator[bytes]:
        heads.append(head)
        known = b"uthorization" in head
        yield whole("200 OK" if known else "401 U", b"", 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"')

    with raw_server(behaviour) as url, StoreConnection(credentials=Credentials("漢", "x")) as connection:
        assert connection.ask("GET", url).status == 200
    assert 'username="漢"'.encode() in heads[-1]
