"""Waiting for what other processes do."""

import time
from collections.abc import Callable

PATIENCE = 600
"""So many seconds a test waits for what should happen; only a test that fails waits so long."""


def until(condition: Callable[[], object], *, pause: float = 0.05) -> bool:
    """Wait until a condition holds, and tell whether it did in the end."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


def wait_for(condition: Callable[[], object], what: str, *, pause: float = 0.05) -> None:
    """Wait until a condition holds; `what` names it where it never does."""
    assert until(condition, pause=pause), f"waited for {what}"
