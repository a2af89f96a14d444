"""Session: the way to a Spark cluster."""

from __future__ import annotations

import os
import re
import shutil
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from graphkit.errors import MissingExtra, UsageError

_PATIENCE = 10
LOG = Path(__file__).with_name("log4j2.properties").as_uri()
"""What is written of Spark's log: errors only, on standard error."""

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
    """Give a Spark session; one that runs already is used and stays.

    Raises `MissingExtra` where pyspark is not installed, `UsageError` where there is no Java or no master.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise MissingExtra("the cluster needs the package pyspark: pip install 'graphkit[spark]'") from error
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        raise UsageError("spark: expected Java 17 or later (java on the PATH, or JAVA_HOME), got none")
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
    for name, value in _SETTINGS.items():
        builder = builder.config(name, value)
    if "SPARK_CONF_DIR" not in os.environ:
        builder = builder.config("spark.driver.extraJavaOptions", f"-Dlog4j2.configurationFile={LOG}")
    with told_in_one_sentence("Java 17 or later and a cluster that answers"):
        spark = builder.getOrCreate()
    try:
        yield spark
    finally:
        spark.stop()


@contextmanager
def told_in_one_sentence(expected: str = "a build that comes to its end") -> Iterator[None]:
    """Have what goes wrong in Spark end as a `UsageError` that says why, without the stacks of two languages."""
    from py4j.protocol import Py4JError, Py4JJavaError  # type: ignore[import-untyped]  # it has no types
    from pyspark.errors import PySparkException

    try:
        yield
    except Py4JJavaError as error:
        raise UsageError(f"spark: expected {expected}, got: {cause(error)}") from error
    except (PySparkException, Py4JError) as error:
        raise UsageError(f"spark: expected {expected}, got: {_sentence(str(error))}") from error


def cause(error: Any) -> str:
    """Return the first cause of an exception of Java, or of Python on a worker."""
    first = error.java_exception
    while first.getCause() is not None:
        first = first.getCause()
    return _sentence(str(first.toString()))


def _sentence(text: str) -> str:
    """Return the line of a text that says what went wrong: in one with a traceback of Python, that after it."""
    lines = text.strip().splitlines()
    starts = [number for number, line in enumerate(lines) if line.lstrip().startswith("Traceback (most recent")]
    after = lines[starts[-1] + 1 :] if starts else lines
    return next((line.strip() for line in after if line[:1].strip()), "no reason")


def _is_local(master: str) -> bool:
    return not master or master.startswith("local") or "//127." in master or "//localhost" in master


def _check_reachable(master: str) -> None:
    """Ask the masters of a standalone cluster for a connection: Spark itself would try for minutes."""
    if not re.fullmatch(r"|local(\[.+\])?|(?:spark|k8s|mesos)://.+|yarn", master):
        raise UsageError(f"master: expected local[N], spark://host:port, yarn or k8s://…, got {master!r}")
    if not master.startswith("spark://"):
        return
    reason = "none"
    for place in master.removeprefix("spark://").split(","):
        host, _, port = place.rpartition(":")
        try:
            with socket.create_connection((host, int(port)), _PATIENCE):
                return
        except (OSError, ValueError) as error:
            reason = str(getattr(error, "strerror", None) or error).lower()
    raise UsageError(f"master: expected a Spark master that answers at {master}, got: {reason}")
