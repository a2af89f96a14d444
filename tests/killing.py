"""Signals to processes that other processes may end, and reap, at the same moment."""

import os
import signal
from collections.abc import Iterable
from contextlib import suppress


def kill(pids: Iterable[int], by: signal.Signals = signal.SIGKILL) -> None:
    """Send a signal to each process; those that have ended since they were listed are passed over."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, by)
