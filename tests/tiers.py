"""The tiers of tests: what a test of each may use, and how long it may take.

A test without a marker is fast. Where a test has several markers, the last in TIERS counts.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

TIERS = ("fast", "engine", "browser", "tools", "nightly")

SECONDS = {"fast": 60, "engine": 120, "browser": 120, "tools": 300, "nightly": 900}
"""When a test fails that hangs in something other than a wait, which ends after `processes.waiting.PATIENCE`."""

FIXTURES = {"browser": "browser", "certificate": "tools", "jena": "tools", "store_programs": "tools", "spark": "tools"}
"""Fixtures that only tests of this tier, or of a later one, may use."""

MODULES = {
    "browsers.explorer": "browser",
    "browsers.opened_pages": "browser",
    "foreign.hostile_store": "engine",
    "foreign.readers": "tools",
    "foreign.spark_cluster": "tools",
    "foreign.triple_stores": "engine",
    "foreign.triple_stores.Fuseki": "tools",
    "foreign.triple_stores.FusekiWithDigest": "tools",
    "foreign.triple_stores.Rdf4j": "tools",
    "foreign.triple_stores.Virtuoso": "tools",
    "foreign.uploads": "engine",
    "processes.ports": "engine",
    "processes.server": "engine",
}
"""Modules and names that only tests of this tier, or of a later one, may use."""

EVERYWHERE = ("sh", "bash", "nice", "oxigraph")
"""Programs that every system has, and one that pip installs."""


def tier_of(item: pytest.Item) -> str:
    """Return the tier of a test."""
    return next((tier for tier in reversed(TIERS[1:]) if item.get_closest_marker(tier)), TIERS[0])


def misplaced(item: pytest.Item) -> str:
    """Say which marker a test lacks because of the fixtures it uses; empty where it lacks none."""
    used = {FIXTURES[name] for name in getattr(item, "fixturenames", ()) if name in FIXTURES}
    needed = max(used, key=TIERS.index, default=TIERS[0])
    return f"{item.nodeid} must be marked {needed}" if TIERS.index(tier_of(item)) < TIERS.index(needed) else ""


_running = TIERS[-1]


@contextmanager
def confined(tier: str) -> Iterator[None]:
    """Let this process do only what tests of a tier may do, until the block ends."""
    global _running  # noqa: PLW0603  # an audit hook cannot be removed
    before, _running = _running, tier
    try:
        yield
    finally:
        _running = before


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse network addresses to fast tests, and programs that pip does not install to all but tests of tools."""
    if event in ("socket.bind", "socket.connect") and _running == "fast":
        if isinstance(arguments[1], tuple):
            raise AssertionError(f"a fast test may not use a port: mark it engine (address {arguments[1]})")
    elif event == "subprocess.Popen" and _running in ("fast", "engine", "browser"):
        program = Path(os.fsdecode(arguments[0]))
        if program.name not in EVERYWHERE and not _comes_with_python(program):
            raise AssertionError(f"only a test marked tools may run {program}")


def _comes_with_python(program: Path) -> bool:
    """Tell whether the program is Python, or one that pip installed."""
    return program.name.startswith("python") or "site-packages" in program.parts or Path(sys.prefix) in program.parents


sys.addaudithook(_refuse)
