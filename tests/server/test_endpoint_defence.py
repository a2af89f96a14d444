"""The endpoint against strangers: nothing gets out, nothing hangs, nothing is left behind."""

from __future__ import annotations

import http.client
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import pytest
from processes.killing import kill
from processes.server import Answer, Server, serving
from processes.waiting import PATIENCE, until

pytestmark = pytest.mark.engine

LIGHT = "SELECT ?s { ?s a <https://schema.org/VideoObject> } ORDER BY ?s"
CROSS = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l"
SLOW = f"SELECT (COUNT(*) AS ?n) {{ {CROSS} }}"
HUNGRY = f"SELECT (GROUP_CONCAT(CONCAT(STR(?a), STR(?d), STR(?g))) AS ?x) {{ {CROSS} }}"
DEEP = f"ASK {{ FILTER({'!' * 200_000}true) }}"


@pytest.fixture(scope="module")
def server(exported: Path) -> Iterator[Server]:
    with serving(exported, "--timeout", "2", "--memory", "300", "--workers", "2") as server:
        yield server


@contextmanager
def listener() -> Iterator[tuple[int, list[bytes]]]:
    """Listen on a port of this machine, and give what came in there."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.1)
        done = threading.Event()

        def listen() -> None:
            while not done.is_set():
                try:
                    connection, _ = listening.accept()
                except TimeoutError:
                    continue
                with connection:
                    connection.settimeout(1)
                    heard.append(connection.recv(1000))

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            yield listening.getsockname()[1], heard
        finally:
            done.set()
            thread.join()


WAYS_OUT = [
    "SELECT * { SERVICE <URL> { ?s ?p ?o } }",
    "SELECT * { service silent <URL> { ?s ?p ?o } }",
    "SELECT * { { SELECT * { { SeRvIcE<URL>{ ?s ?p ?o } } } } }",
    "SELECT * { BIND(<URL> AS ?where) SERVICE ?where { ?s ?p ?o } }",
    "PREFIX u: <URL> SELECT * { SERVICE u: { ?s ?p ?o } }",
    "ASK { FILTER(?a<'x>') SERVICE<URL>{ ?s ?p ?o } FILTER('a'='a') }",
    r"SELECT * { \u0053ERVICE <URL> { ?s ?p ?o } }",
    r"SELECT * { SER\u0056ICE <URL> { ?s ?p ?o } }",
    "ASK { FILTER EXISTS { SERVICE # >\n <URL> { ?s ?p ?o } } }",
    "SELECT * FROM <URL> { ?s ?p ?o }",
    "SELECT * FROM NAMED <URL> { GRAPH ?g { ?s ?p ?o } }",
    "PREFIX u: <URL> SELECT * FROM u: { ?s ?p ?o }",
    "SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }",
    "DESCRIBE <file:///etc/passwd> FROM <FILE:///etc/passwd>",
    "LOAD <URL>",
    "LOAD <file:///etc/passwd>",
    "LOAD SILENT <URL> INTO GRAPH <x:g>",
    "INSERT { ?s ?p ?o } WHERE { SERVICE <URL> { ?s ?p ?o } }",
]


@pytest.mark.parametrize("text", WAYS_OUT)
def test_no_query_opens_a_file_or_a_socket(server: Server, text: str) -> None:
    with listener() as (port, heard):
        query = text.replace("URL", f"http://127.0.0.1:{port}/sparql")
        for answer in (
            server.query(query, "*/*"),
            server.ask("POST", "/sparql", query.encode(), Content_Type="application/sparql-query"),
        ):
            assert answer.status in (400, 403)
            assert "root:" not in answer.text
        for name in ("default-graph-uri", "named-graph-uri"):
            fields = {name: f"http://127.0.0.1:{port}/x", "query": "SELECT * { ?s ?p ?o }"}
            assert server.get(f"/sparql?{urlencode(fields)}").status == 400
    assert heard == []


def test_a_worker_could_not_open_anything_if_it_were_talked_into_it(exported: Path) -> None:
    """The same worker, with the check of the query taken away."""
    program = f"""
import os, socket, sys
from graphkit.server import query_worker
from graphkit.query.opening import open_data
data = open_data({str(exported)!r})
os.set_inheritable(2, True)
query_worker._confine(1 << 28)
for attempt in (lambda: open("/etc/passwd"), lambda: socket.socket(), lambda: os.pipe(),
                lambda: list(data.store.query("SELECT * {{ SERVICE <http://127.0.0.1:1234/> {{ ?s ?p ?o }} }}"))):
    try:
        attempt()
    except OSError as error:
        print(error.errno or "refused: " + str(error))
    else:
        print("open")
print(next(iter(data.store.query("SELECT (COUNT(*) AS ?n) {{ ?s ?p ?o }}")))["n"].value != "0")
"""
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    assert found[:3] == ["24", "24", "24"]  # EMFILE
    assert "Too many open files" in found[3] or found[3] == "24"
    assert found[4] == "True"


def test_a_query_over_the_deadline_is_503_and_others_notice_nothing(server: Server) -> None:
    with ThreadPoolExecutor(4) as threads:
        begun = time.monotonic()
        slow = threads.submit(server.query, SLOW)
        during: list[int] = []
        while not slow.done():
            during.append(server.query(LIGHT).status)
        answer = slow.result()
    assert answer.status == 503
    assert answer.text == "The query was ended after 2 seconds, the longest that one may take here.\n"
    assert time.monotonic() - begun >= 2
    assert set(during) == {200}
    assert len(during) > 3


def test_a_query_that_takes_too_much_memory_is_503(server: Server) -> None:
    answer = server.query(HUNGRY)
    assert answer.status == 503
    assert "memory" in answer.text or "ended after 2 seconds" in answer.text
    assert server.query(LIGHT).status == 200


def test_memory_is_what_ends_it(exported: Path) -> None:
    with serving(exported, "--timeout", "60", "--memory", "64") as server:
        answer = server.query(HUNGRY)
        assert answer.status == 503
        assert "needed more memory" in answer.text
        assert server.query(LIGHT).status == 200


def test_a_query_that_breaks_the_parser_s_stack_ends_only_itself(server: Server) -> None:
    for text in (DEEP, "ASK " + "{" * 100_000 + "}" * 100_000, f"SELECT ({'1+' * 50_000}1 AS ?x) {{}}"):
        answer = server.ask("POST", "/sparql", text.encode(), Content_Type="application/sparql-query")
        assert answer.status in (400, 503)
        assert server.query(LIGHT).status == 200


def test_a_result_over_the_limit_is_refused_whole(exported: Path) -> None:
    with serving(exported, "--result", "1", "--timeout", "20") as server:
        answer = server.query("SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 20000")
        assert answer.status == 503
        assert "more than the limit of 1,048,576" in answer.text
        assert server.query(LIGHT).status == 200


def test_a_result_of_many_megabytes_comes_whole_to_a_slow_reader(exported: Path) -> None:
    with serving(exported) as server:
        connection = server.connection()
        connection.request(
            "GET",
            f"/sparql?query={quote('SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 60000')}",
            headers={"Accept": "text/csv"},
        )
        response = connection.getresponse()
        size = int(response.headers["content-length"])
        assert size > 4 << 20
        assert [server.query(LIGHT).status for _ in range(20)] == [200] * 20  # it holds no worker
        body = b""
        while part := response.read(1 << 18):
            body += part
            time.sleep(0.001)
        connection.close()
        assert len(body) == size
        assert body.count(b"\r\n") == 60001


def test_known_long_queries_wait_for_their_turn_and_short_ones_do_not(exported: Path) -> None:
    with (
        serving(exported, "--timeout", "4", "--workers", "1", "--queue", "3") as server,
        ThreadPoolExecutor(8) as threads,
    ):
        before = server.processes()
        first = threads.submit(server.query, SLOW)
        assert until(lambda: len(server.processes()) > len(before))  # it is known to be long, and has a successor
        others = [threads.submit(server.query, SLOW) for _ in range(6)]
        during: list[int] = []
        while not first.done():
            during.append(server.query(f"{LIGHT} # {len(during)}").status)
        assert set(during) == {200}
        assert len(during) > 3
        answers = [one.result() for one in (first, *others)]
    assert {answer.status for answer in answers} == {503}
    refused = [answer for answer in answers if answer.text == "Too many queries are waiting.\n"]
    assert len(refused) == 3
    assert all(int(answer.headers["retry-after"]) > 0 for answer in refused)
    assert sum("ended after 4 seconds" in answer.text for answer in answers) >= 2


def test_a_server_of_low_priority_gives_long_queries_less_still(exported: Path) -> None:
    with (
        serving(exported, "--timeout", "3", "--workers", "1", by=("nice", "-n", "12")) as server,
        ThreadPoolExecutor(1) as threads,
    ):
        slow = threads.submit(server.query, SLOW)
        assert until(lambda: max(map(_niceness, server.processes())) == 19)
        assert slow.result().text == "The query was ended after 3 seconds, the longest that one may take here.\n"


def test_a_client_that_goes_away_frees_its_worker(exported: Path) -> None:
    with serving(exported, "--timeout", "60", "--workers", "1") as server:
        before = server.processes()
        for _ in range(3):
            connection = server.connection()
            connection.request("GET", f"/sparql?query={quote(SLOW)}")
            assert until(lambda: len(server.processes()) > len(before))  # it is known to be long
            connection.close()
            assert until(lambda: len(server.processes()) == len(before))
        assert server.query(LIGHT).status == 200


@pytest.mark.parametrize(
    "head",
    [
        b"GET /sparql?query=" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /sparql HTTP/1.1\r\nHost: a\r\n" + b"X-A: " + b"y" * 100_000 + b"\r\n\r\n",
        b"GET /sparql HTTP/1.1\r\n" + b"".join(b"X-%d: y\r\n" % number for number in range(10_000)) + b"\r\n",
        b"GET /sparql HTTP/1.1\r\nHost: a\r\nX-A: " + b"z" * 100_000,
    ],
)
def test_a_head_that_does_not_end_is_refused(server: Server, head: bytes) -> None:
    with socket.create_connection(_address(server)) as client:
        client.settimeout(PATIENCE)
        try:
            client.sendall(head)
            answer = client.recv(1000)
        except (BrokenPipeError, ConnectionResetError):
            answer = b""
    assert answer == b"" or answer.startswith((b"HTTP/1.1 431", b"HTTP/1.1 400"))
    assert server.query(LIGHT).status == 200


@pytest.mark.parametrize(
    "junk",
    [
        b"\x16\x03\x01\x00\xa5\x01\x00",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
        b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET http://[ HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
)
def test_what_is_no_http_is_refused(server: Server, junk: bytes) -> None:
    with socket.create_connection(_address(server)) as client:
        client.settimeout(PATIENCE)
        client.sendall(junk)
        client.shutdown(socket.SHUT_WR)
        answer = client.recv(1000)
    assert not answer.startswith(b"HTTP/1.1 2")
    assert server.query(LIGHT).status == 200


def test_clients_that_send_nothing_hold_no_worker(server: Server) -> None:
    idle = [socket.create_connection(_address(server)) for _ in range(100)]
    half = [socket.create_connection(_address(server)) for _ in range(20)]
    try:
        for client in half:
            client.sendall(
                b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Type: application/sparql-query\r\nContent-Length: 99\r\n\r\nASK"
            )
        assert [server.query(LIGHT).status for _ in range(20)] == [200] * 20
    finally:
        for client in (*idle, *half):
            client.close()


def test_a_head_that_dribbles_in_is_ended(server: Server) -> None:
    with socket.create_connection(_address(server)) as client:
        client.settimeout(PATIENCE)
        client.sendall(b"GET /sparql HTTP/1.1\r\n")
        answer = client.recv(1000)
    assert answer.startswith(b"HTTP/1.1 408")


def test_trailers_that_do_not_end_are_cut_off(exported: Path) -> None:
    with serving(exported) as server:
        before = _memory(server)
        with socket.create_connection(_address(server)) as client:
            client.sendall(
                b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
            )
            sent = _sent_until_cut(client, b"a: b\r\n" * 10_000, 200 << 20)
        assert sent < 50 << 20
        assert _memory(server) < before + (20 << 20)
        assert server.query(LIGHT).status == 200


@pytest.mark.parametrize(
    "header", ["x" + " " * 60_000 + "x", "a" * 60_000, "a/b;q=" + "9" * 60_000, "," * 60_000, ";q=" * 20_000]
)
def test_long_headers_cost_little(server: Server, header: str) -> None:
    used = _processor_time(server)
    for _ in range(5):
        server.query("ASK {}", header)
    assert _processor_time(server) - used < 1


def test_clients_that_take_nothing_are_cut_off_and_hold_up_nobody(exported: Path) -> None:
    with serving(exported) as server:
        descriptors = _descriptors(server)
        target = f"/sparql?query={quote('SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 60000')}"
        unread = []
        for _ in range(5):
            client = socket.socket()
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(_address(server))
            client.sendall(f"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
            unread.append(client)
        assert until(lambda: _descriptors(server) >= descriptors + 10)  # each has a socket and a file
        assert [server.query(f"{LIGHT} # {number}").status for number in range(20)] == [200] * 20
        assert until(lambda: _descriptors(server) <= descriptors + 2)
        for client in unread:
            client.close()


def test_a_client_that_sends_requests_ahead_and_goes_away_frees_its_worker(exported: Path) -> None:
    with serving(exported, "--timeout", "60", "--workers", "1") as server:
        before = server.processes()
        with socket.create_connection(_address(server)) as client:
            request = f"GET /sparql?query={quote(SLOW)} HTTP/1.1\r\nHost: a\r\n\r\n".encode()
            client.sendall(request + b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
            assert until(lambda: len(server.processes()) > len(before))
        assert until(lambda: len(server.processes()) == len(before))
        assert server.query(LIGHT).status == 200
    assert len(server.said) == 1


def test_requests_that_are_sent_ahead_are_answered_in_their_order(server: Server) -> None:
    with socket.create_connection(_address(server)) as client:
        client.settimeout(PATIENCE)
        client.sendall(
            b"".join(
                f"GET /sparql?query={quote(f'SELECT ({number} AS ?n) {{ }}')} HTTP/1.1\r\nHost: a\r\nAccept: text/csv\r\n\r\n".encode()
                for number in range(1000, 1005)
            )
            + b"GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        )
        answers = b""
        while part := client.recv(1 << 16):
            answers += part
    places = [answers.index(f"\n{number}\r".encode()) for number in range(1000, 1005)]
    assert places == sorted(places)
    assert answers.endswith(b"ok\n")


def test_one_large_entity_makes_no_other_a_long_query(tmp_path: Path) -> None:
    lines = ["<https://w3id.org/graphkit/id/small> <x:p> <x:o> .\n"]
    lines += [f"<x:{number}> <x:p> <https://w3id.org/graphkit/id/hub> .\n" for number in range(100_000)]
    (tmp_path / "data.nt").write_text("".join(lines))
    with serving(tmp_path / "data.nt", "--workers", "1", "--timeout", "6") as server, ThreadPoolExecutor(2) as threads:
        before = server.processes()
        hub = threads.submit(server.get, "/id/hub", Accept="text/html")
        slow = threads.submit(server.query, SLOW)
        assert until(lambda: len(server.processes()) > len(before))
        assert server.get("/id/small", Accept="text/html").status == 200
        assert not slow.done()
        assert hub.result().status in (200, 503)


def test_a_mix_of_light_and_deadly_queries_from_many_clients_is_answered_right(exported: Path) -> None:
    """A small sister of `benchmarks/endpoint.py`, which runs for a minute."""
    with serving(exported, "--timeout", "1", "--memory", "200", "--workers", "2") as server:
        expected = server.query(LIGHT).body
        before = server.processes()
        descriptors = _descriptors(server)
        begun = time.monotonic()
        wrong: list[Answer] = []
        counts: Counter[str] = Counter()

        def goes_on() -> bool:
            enough = counts["light"] > 100 and counts["killed"] > 10
            return time.monotonic() < begun + (6 if enough else PATIENCE)

        def client(number: int) -> None:
            connection = server.connection()
            turn = number
            while goes_on():
                turn += 1
                deadly = turn % 8 == 0
                text = (
                    (SLOW, HUNGRY, f"{SLOW} # {turn} {number}")[turn // 8 % 3]
                    if deadly
                    else f"{LIGHT} # {turn} {number}"
                )
                while True:
                    connection.request(
                        "GET", f"/sparql?query={quote(text)}", headers={"Accept": "application/sparql-results+json"}
                    )
                    response = connection.getresponse()
                    answer = Answer(response.status, {}, response.read())
                    again = response.headers.get("Retry-After")
                    if not again or deadly:
                        break
                    counts["again"] += 1
                    time.sleep(0.2)
                if deadly:
                    counts["killed"] += 1
                    if answer.status != 503:
                        wrong.append(answer)
                else:
                    counts["light"] += 1
                    if (answer.status, answer.body) != (200, expected):
                        wrong.append(answer)
            connection.close()

        with ThreadPoolExecutor(32) as threads:
            list(threads.map(client, range(32)))
        assert wrong == []
        assert counts["light"] > 100
        assert counts["killed"] > 10
        assert until(lambda: len(server.processes()) == len(before))
        assert until(lambda: _descriptors(server) <= descriptors + 2)


def test_nothing_is_left_after_sigterm_and_what_runs_is_answered(exported: Path) -> None:
    with serving(exported, "--timeout", "3") as server, ThreadPoolExecutor(1) as threads:
        everyone = server.processes()
        running = threads.submit(server.query, SLOW)
        assert until(lambda: len(server.processes()) > len(everyone))  # it has a slot for long queries
        code = server.stop(signal.SIGTERM)
        assert running.result().status == 503
        assert "ended after 3 seconds" in running.result().text
        assert code == 0
        assert until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in everyone))


def test_a_signal_to_all_processes_drains_too(exported: Path) -> None:
    """As systemd and containers send it."""
    with serving(exported, "--timeout", "3") as server, ThreadPoolExecutor(1) as threads:
        everyone = server.processes()
        running = threads.submit(server.query, SLOW)
        assert until(lambda: len(server.processes()) > len(everyone))  # it has a slot for long queries
        kill(server.processes(), signal.SIGTERM)
        assert "ended after 3 seconds" in running.result().text
        assert server.process.wait(PATIENCE) == 0
        assert until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in everyone))
    assert len(server.said) == 1


def test_nothing_is_left_of_a_server_that_is_killed_while_it_loads(tmp_path: Path) -> None:
    path = tmp_path / "large.nt"
    path.write_text("".join(f"<x:{number}> <x:p> <x:{number + 1}> .\n" for number in range(300_000)))
    process = subprocess.Popen([sys.executable, "-m", "graphkit", "serve", str(path), "--port", "0", "-q"])
    server = Server("", process)
    assert until(lambda: len(server.processes()) > 1)
    everyone = server.processes()
    process.kill()
    process.wait()
    assert until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in everyone))


def test_nothing_is_left_after_the_server_is_killed(exported: Path) -> None:
    with serving(exported) as server, ThreadPoolExecutor(1) as threads:
        everyone = server.processes()
        assert len(everyone) >= 3
        running = threads.submit(server.query, SLOW)
        assert until(lambda: len(server.processes()) > len(everyone))
        server.process.kill()
        with pytest.raises((http.client.HTTPException, OSError)):
            running.result()
        assert until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in everyone - {server.process.pid}))


def test_ctrl_c_ends_it_without_a_traceback(exported: Path) -> None:
    with serving(exported) as server:
        assert server.stop(signal.SIGINT) == 0
    assert len(server.said) == 1


def test_the_server_goes_on_after_its_fork_server_and_its_workers_are_killed(exported: Path) -> None:
    with serving(exported, "--workers", "2") as server:
        kill(server.processes() - {server.process.pid})
        assert until(lambda: server.query(f"{LIGHT} # {time.monotonic()}").status == 200)


def test_workers_that_are_killed_at_random_lose_no_light_query(exported: Path) -> None:
    with serving(exported, "--workers", "2") as server, ThreadPoolExecutor(8) as threads:
        everyone = server.processes()
        fork_server = next(pid for pid in everyone if _parent(pid) == server.process.pid)
        expected = server.query(LIGHT).body
        begun = time.monotonic()
        answers: list[tuple[int, bool]] = []

        def goes_on() -> bool:
            return time.monotonic() < begun + (4 if len(answers) > 50 else PATIENCE)

        def client(number: int) -> None:
            for turn in count():
                if not goes_on():
                    return
                answer = server.query(f"{LIGHT} # {number} {turn}")
                answers.append((answer.status, answer.body == expected))

        clients = [threads.submit(client, number) for number in range(8)]
        killed_at = 0
        while goes_on():
            time.sleep(0.2)
            if len(answers) > killed_at + len(clients):  # a query that lost its worker has been answered by another
                killed_at = len(answers)
                kill([pid for pid in server.processes() if _parent(pid) == fork_server][:1])
        for one in clients:
            one.result()
        assert set(answers) == {(200, True)}
        assert len(answers) > 50
        assert until(lambda: len(server.processes()) == len(everyone))


def test_it_recovers_when_the_system_had_nothing_more_to_give(exported: Path) -> None:
    """So few descriptors that neither a worker nor the fork server can be started, until connections close."""
    with serving(exported, "--workers", "2") as server:
        most = _descriptors(server) + 12
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (most, 4096))
        idle = []
        for _ in range(12):
            idle.append(socket.create_connection(_address(server)))
        assert until(lambda: _descriptors(server) == most)
        threads = _threads(server)
        kill(server.processes() - {server.process.pid})
        assert until(lambda: _threads(server) > threads)  # one in which the server starts what was killed, in vain
        assert server.processes() == {server.process.pid}
        for client in idle:
            client.close()
        assert until(lambda: server.query(f"{LIGHT} # {time.monotonic()}").status == 200)
        assert until(lambda: len(server.processes()) == 4)  # itself, the fork server and both workers


def test_answers_of_other_data_are_not_kept(exported: Path, tmp_path: Path) -> None:
    path = tmp_path / "coverage.nt"
    path.write_text("<x:a> <x:p> <x:before> .\n")
    with serving(path) as server:
        text = "SELECT ?o { ?s ?p ?o }"
        first = server.query(text)
        assert "x:before" in first.text
        path.write_text("<x:a> <x:p> <x:after> .\n")
        kill(server.processes() - {server.process.pid})
        assert until(lambda: "x:after" in server.query(text).text)
        assert server.query(text).headers["etag"] != first.headers["etag"]


@pytest.mark.parametrize(
    "name, content, code",
    [
        ("none", None, 3),
        ("coverage.ttl", b"", 3),
        ("coverage.ttl", b"<x:a> <x:b> nothing", 2),
        ("coverage.txt", b"hello", 2),
    ],
)
def test_data_that_cannot_be_served_gives_one_sentence(
    tmp_path: Path, name: str, content: bytes | None, code: int
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    done = _not_started(path)
    assert done.returncode == code
    assert done.stdout == ""
    assert done.stderr.startswith("graphkit: ")
    assert done.stderr.count("\n") == 1
    assert name in done.stderr


def test_a_store_that_is_corrupt_gives_one_sentence(tmp_path: Path) -> None:
    import pyoxigraph as ox

    folder = tmp_path / "store"
    store = ox.Store(folder)
    store.bulk_load(b"<x:a> <x:b> <x:c> .", format=ox.RdfFormat.TURTLE)
    store.flush()
    del store
    for path in [*folder.glob("MANIFEST-*"), *folder.glob("*.sst")]:
        path.write_bytes(b"damaged")
    done = _not_started(folder)
    assert done.returncode in (2, 3)
    assert done.stderr.count("\n") == 1
    assert str(folder) in done.stderr


def test_a_port_that_is_taken_gives_one_sentence(exported: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = _not_started(exported, port)
    assert done.returncode == 2
    assert done.stderr == f"graphkit: 127.0.0.1:{port}: expected an address to listen on, got: address already in use\n"


def _not_started(path: Path, port: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a server that is expected to end at once."""
    command = [sys.executable, "-m", "graphkit", "serve", str(path), "--port", str(port)]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)


def _address(server: Server) -> tuple[str, int]:
    parts = urlsplit(server.url)
    return str(parts.hostname), int(parts.port or 0)


def _descriptors(server: Server) -> int:
    return len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))


def _threads(server: Server) -> int:
    return len(list(Path(f"/proc/{server.process.pid}/task").iterdir()))


def _sent_until_cut(client: socket.socket, data: bytes, most: int) -> int:
    sent = 0
    try:
        while sent < most:
            client.sendall(data)
            sent += len(data)
    except OSError:
        pass
    return sent


def _niceness(pid: int) -> int:
    try:
        return os.getpriority(os.PRIO_PROCESS, pid)
    except ProcessLookupError:
        return 0


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _memory(server: Server) -> int:
    text = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(text.partition("VmRSS:")[2].split()[0]) * 1024


def _processor_time(server: Server) -> float:
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
