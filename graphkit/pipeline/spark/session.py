"""The session: the connection to a Spark cluster."""

from __future__ import annotations

import logging
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from graphkit.diagnostics.quoting import reason_of
from graphkit.errors import MissingExtra, UsageError

_CONNECT_SECONDS = 10
_MAX_HEAP = 16 << 30
_LIMIT = Path("/sys/fs/cgroup/memory.max")
LOG = Path(__file__).with_name("log4j2.properties").as_uri()
"""The settings of Spark's log: errors only, on standard error."""

_SETTINGS = {
    "spark.app.name": "graphkit",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.files.openCostInBytes": str(64 << 10),  # records are small: many in one task
    "spark.sql.files.maxPartitionBytes": str(32 << 20),
    "spark.serializer": "org.apache.spark.serializer.KryoSerializer",
}


@contextmanager
def connected(master: str) -> Iterator[Any]:
    """Yield a Spark session; one that runs already is used, and not stopped.

    Raises `MissingExtra` where pyspark is not installed, `UsageError` where there is no Java or no master.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise MissingExtra("the cluster needs the package pyspark: pip install pyspark") from error
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        raise UsageError("spark: expected Java 17 or later (java on the PATH, or JAVA_HOME), got none")
    with errors_in_one_sentence():
        running = SparkSession.getActiveSession()
    if running is not None:
        if master and running.sparkContext.master != master:
            raise UsageError(f"master: expected {running.sparkContext.master}, whose session runs here, got {master}")
        yield running
        return
    _check_reachable(master)
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    if _is_local(master):
        os.environ.setdefault("SPARK_LOCAL_HOSTNAME", "localhost")
    builder = SparkSession.builder
    if master or "PYSPARK_GATEWAY_PORT" not in os.environ:
        builder = builder.master(master or "local[*]")
    for name, value in (_SETTINGS | _of_this_machine(master)).items():
        builder = builder.config(name, value)
    with errors_in_one_sentence("Java 17 or later and a cluster that answers"):
        spark = builder.getOrCreate()
    try:
        yield spark
    finally:
        with suppress(OSError):  # Java is gone, which the last call has reported
            spark.stop()


def _of_this_machine(master: str) -> dict[str, str]:
    """Return the settings of a Java that starts here, unless the user has settings of their own."""
    if "SPARK_CONF_DIR" in os.environ:
        return {}
    found = {"spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={LOG}"}
    if master.startswith("local") or not (master or "PYSPARK_GATEWAY_PORT" in os.environ):
        # Spark's default, 1 GB, is for a driver that leaves all work to others.
        found["spark.driver.memory"] = os.environ.get("SPARK_DRIVER_MEMORY", f"{java_heap(available_memory()) >> 20}m")
    return found


def java_heap(memory: int) -> int:
    """Return the bytes for Java's heap on a machine with so much memory: a quarter, which is Java's own default."""
    return min(max(memory // 4, 1 << 30), _MAX_HEAP)


def available_memory() -> int:
    """Return the bytes of memory that this process may use, which a container may limit."""
    found = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with suppress(OSError, ValueError):  # there is no limit, or the file says "max"
        found = min(found, int(_LIMIT.read_text("ascii")))
    return found


@contextmanager
def errors_in_one_sentence(expected: str = "a build that comes to its end") -> Iterator[None]:
    """Turn errors of Spark into a `UsageError` that gives the reason, without the stacks of two languages."""
    from py4j.protocol import Py4JError, Py4JJavaError  # type: ignore[import-untyped]  # it has no types
    from pyspark.errors import PySparkException

    root = logging.getLogger()
    is_outer = _not_of_py4j not in root.filters
    root.addFilter(_not_of_py4j)
    try:
        yield
    except (PySparkException, Py4JError, ConnectionError) as error:
        ended = _java_exit()
        if not ended and isinstance(error, ConnectionError):
            raise
        reason = ended or (cause(error) if isinstance(error, Py4JJavaError) else _sentence(str(error)))
        advice = _advice(reason, driver=bool(ended))
        raise UsageError(f"spark: expected {expected}, got: {reason}{advice}") from error
    finally:
        if is_outer:
            root.removeFilter(_not_of_py4j)


def _not_of_py4j(record: logging.LogRecord) -> bool:
    """Leave out what py4j logs, with stacks, about a Java that has ended: it is in the sentence."""
    return f"{os.sep}py4j{os.sep}" not in record.pathname


def _java_exit() -> str:
    """Return how the Java that was started here has ended, or nothing if it runs."""
    from pyspark import SparkContext

    process = getattr(SparkContext._gateway, "proc", None)
    if process is None:
        return ""
    try:
        code = process.wait(_EXIT_SECONDS)
    except subprocess.TimeoutExpired:
        return ""
    if code < 0:
        return f"Java was ended by signal {-code} ({signal.strsignal(-code)})"
    return f"Java ended with exit code {code}{_EXIT_CODES.get(code, '')}"


_EXIT_SECONDS = 2
"""The seconds that Java has to end after it stopped answering."""

_EXIT_CODES = {
    50: ", an error that nobody caught",
    52: ", no memory left in its heap",
}
"""What Spark's own exit codes mean."""


def _advice(reason: str, *, driver: bool) -> str:
    """Return advice if there was too little memory, for the driver here or for executors."""
    option = "--driver-memory" if driver else "--executor-memory"
    if _KILLED.search(reason):
        return f"; perhaps the machine had no memory left: use fewer cores, or less for Java: {_submitted(option, 2)}"
    if _HEAP_FULL.search(reason):
        return f"; give Java more, or make large files smaller: {_submitted(option, 8)}"
    return ""


def _submitted(option: str, gigabytes: int) -> str:
    return f"PYSPARK_SUBMIT_ARGS='{option} {gigabytes}g pyspark-shell'"


_KILLED = re.compile(r"by signal 9\b|code 137\b|status:? 137\b")
_HEAP_FULL = re.compile(r"OutOfMemoryError|code 52\b|status:? 52\b")


def cause(error: Any) -> str:
    """Return the first cause of an exception of Java, or of Python on a worker."""
    first = error.java_exception
    while first.getCause() is not None:
        first = first.getCause()
    return _sentence(str(first.toString()))


def _sentence(text: str) -> str:
    """Return the line of a text that has the reason: the first, or the one after a Python traceback."""
    lines = text.strip().splitlines()
    starts = [number for number, line in enumerate(lines) if line.lstrip().startswith("Traceback (most recent")]
    after = lines[starts[-1] + 1 :] if starts else lines
    return next((line.strip() for line in after if line[:1].strip()), "no reason")


def _is_local(master: str) -> bool:
    return not master or master.startswith("local") or "//127." in master or "//localhost" in master


def _check_reachable(master: str) -> None:
    """Connect to the masters of a standalone cluster: Spark itself would try for minutes."""
    if not re.fullmatch(r"|local(\[.+\])?|(?:spark|k8s|mesos)://.+|yarn", master):
        raise UsageError(f"master: expected local[N], spark://host:port, yarn or k8s://…, got {master!r}")
    if not master.startswith("spark://"):
        return
    reason = "none"
    for place in master.removeprefix("spark://").split(","):
        host, _, port = place.rpartition(":")
        try:
            with socket.create_connection((host, int(port)), _CONNECT_SECONDS):
                return
        except (OSError, ValueError) as error:
            reason = reason_of(error)
    raise UsageError(f"master: expected a Spark master that answers at {master}, got: {reason}")
