"""A real standalone cluster of Apache Spark: a master and workers on the loopback interface, by pyspark's own scripts."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from processes.ports import free_port
from processes.waiting import wait_for


class Worker(NamedTuple):
    """A worker, and the folder where its executors keep what they made for others."""

    process: subprocess.Popen[bytes]
    local: Path

    def kill(self) -> None:
        """Kill the worker and its executors, as a machine that loses its power would."""
        os.killpg(self.process.pid, signal.SIGKILL)

    def keeps_shuffle_data(self) -> bool:
        """Tell whether an executor here has done work that others need."""
        return any(size_of(path) for path in existing(self.local.rglob("shuffle_*.data")))


class Cluster(NamedTuple):
    """A standalone cluster: the address of its master, and its workers."""

    master: str
    workers: list[Worker]


def existing(paths: Iterator[Path]) -> Iterator[Path]:
    """Yield paths while the folders that are searched come and go."""
    with contextlib.suppress(FileNotFoundError):
        yield from paths


def size_of(path: Path) -> int:
    """Return how large a file is, nothing where it has gone since it was found."""
    with contextlib.suppress(FileNotFoundError):
        return path.stat().st_size
    return 0


def answers(port: int) -> bool:
    """Tell whether somebody listens at a port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def standalone(folder: Path, home: Path, *, workers: int = 2) -> Iterator[Cluster]:
    """Start a master and workers with a core each; `home` is where Spark is, `folder` takes all that they write."""
    port = free_port()
    log = (folder / "cluster.log").open("wb")

    def start(kind: str, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        environment = {
            **os.environ,
            "PYSPARK_PYTHON": sys.executable,
            "SPARK_HOME": str(home),
            "SPARK_LOCAL_DIRS": str(folder / name / "local"),
            "SPARK_LOCAL_HOSTNAME": "localhost",
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_WORKER_DIR": str(folder / name / "work"),
        }
        command = [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{kind}", "--host", "127.0.0.1"]
        return subprocess.Popen(
            [*command, "--webui-port", "0", *arguments], env=environment, stdout=log, stderr=log, start_new_session=True
        )

    master = f"spark://127.0.0.1:{port}"
    processes = [start("master.Master", "master", "--port", str(port))]
    try:
        wait_for(lambda: answers(port), "the master to start")
        found = []
        for number in range(workers):
            name = f"worker-{number}"
            process = start("worker.Worker", name, "--cores", "1", "--memory", "1g", master)
            processes.append(process)
            found.append(Worker(process, folder / name / "local"))
        yield Cluster(master, found)
    finally:
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        log.close()
