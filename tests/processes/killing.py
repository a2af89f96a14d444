"""Processes that end: by signals, though others may end and reap them at the same moment, and with a block."""

import os
import signal
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

Process = TypeVar("Process", "subprocess.Popen[bytes]", "subprocess.Popen[str]")


@contextmanager
def ended(process: Process) -> Iterator[Process]:
    """Kill a process at the end of the block if it is still running then: a test that fails waits for nothing."""
    with process:
        try:
            yield process
        finally:
            process.kill()


def kill(pids: Iterable[int], by: signal.Signals = signal.SIGKILL) -> None:
    """Send a signal to each process; those that have ended since they were listed are passed over."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, by)
