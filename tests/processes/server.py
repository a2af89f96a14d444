"""A real server for the tests: ``graphkit serve`` in a process of its own."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from urllib.parse import urlencode, urlsplit

from processes.waiting import PATIENCE


@dataclass
class Answer:
    """What came back: header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Server:
    """A running server."""

    url: str
    process: subprocess.Popen[bytes]
    said: list[str] = field(default_factory=list)

    def connection(self, timeout: float = PATIENCE) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=timeout)

    def ask(self, method: str, target: str, body: bytes | None = None, **headers: str) -> Answer:
        connection = self.connection()
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, target, body, named)
            response = connection.getresponse()
            return Answer(
                response.status,
                {name.lower(): value for name, value in response.getheaders()},
                response.read(),
            )
        finally:
            connection.close()

    def get(self, target: str, **headers: str) -> Answer:
        return self.ask("GET", target, None, **headers)

    def query(self, text: str, accept: str = "application/sparql-results+json", **fields: str) -> Answer:
        return self.get(f"/sparql?{urlencode({'query': text, **fields})}", Accept=accept)

    def processes(self) -> set[int]:
        """The server's own process and all below it."""
        parents: dict[int, int] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    fields = (entry / "stat").read_text().rpartition(")")[2].split()
                except OSError:
                    continue
                if fields[0] != "Z":
                    parents[int(entry.name)] = int(fields[1])
        found = {self.process.pid}
        while more := {pid for pid, parent in parents.items() if parent in found} - found:
            found |= more
        return found

    def stop(self, number: int = signal.SIGTERM, timeout: float = PATIENCE) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout)


@contextmanager
def serving(
    path: Path | str, *options: str, env: dict[str, str] | None = None, by: tuple[str, ...] = ()
) -> Iterator[Server]:
    """Run ``graphkit serve PATH --port 0 OPTIONS`` until the block ends; nothing of it is left then.

    `by` is the beginning of a command that runs it.
    """
    command = [*by, sys.executable, "-m", "graphkit", "serve", str(path), "--port", "0", *options]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, env={**os.environ, **(env or {})})
    assert process.stderr is not None
    said: list[str] = []
    listening = None
    late = threading.Timer(PATIENCE, process.kill)  # a server that never starts ends, and fails its test
    late.start()
    try:
        for line in process.stderr:
            said.append(line.decode())
            found = re.search(r"http://\S+:\d+", said[-1])
            if found:
                break
        else:
            raise AssertionError(f"the server did not start: {said}")
        late.cancel()
        server = Server(found[0], process, said)
        listening = threading.Thread(target=_listen, args=(process.stderr, said))
        listening.start()
        yield server
    finally:
        late.cancel()
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if listening is not None:
            listening.join()
        process.stderr.close()


def _listen(stream: IO[bytes], said: list[str]) -> None:
    for line in stream:
        said.append(line.decode())
