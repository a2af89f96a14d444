"""Session: the way to a Spark cluster."""

from __future__ import annotations

import os
import re
import shutil
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from graphkit.errors import MissingExtra, UsageError

_PATIENCE = 10
_SETTINGS = {
    "spark.app.name": "graphkit",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
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
        yield running
        return
    _check_reachable(master)
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("SPARK_LOCAL_HOSTNAME", "localhost") if _is_local(master) else None
    builder = SparkSession.builder
    if master or "PYSPARK_GATEWAY_PORT" not in os.environ:
        builder = builder.master(master or "local[*]")
    for name, value in _SETTINGS.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    try:
        yield spark
    finally:
        spark.stop()


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
