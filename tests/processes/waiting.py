"""Waiting for what other processes do."""

import time
from collections.abc import Callable

PATIENCE = 50
"""Seconds to wait for something that should happen at once; only a failing test waits this long."""

WHOLE_RUN = 300
"""Seconds to wait for a program that has a lot to do: a Java tool, a triple store, a corpus read by rdflib."""


def until(condition: Callable[[], object], *, pause: float = 0.05, patience: float = PATIENCE) -> bool:
    """Wait until a condition holds, and return whether it did in the end."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


def wait_for(condition: Callable[[], object], what: str, *, pause: float = 0.05, patience: float = PATIENCE) -> None:
    """Wait until a condition holds; `what` names it where it never does."""
    assert until(condition, pause=pause, patience=patience), f"waited for {what}"
