"""Waiting for what other processes do."""

import time
from collections.abc import Callable

PATIENCE = 600
"""So many seconds a test waits for what should happen; only a test that fails waits so long."""


def wait_for(condition: Callable[[], object], what: str, *, pause: float = 0.05) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited for {what}"
        time.sleep(pause)
