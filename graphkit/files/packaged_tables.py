"""Tables that come with the package, as TOML."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parents[1]
"""The folder of graphkit. `importlib.resources` finds it too, but takes 2 ms to import."""


@cache
def packaged_table(name: str) -> dict[str, Any]:
    """Return the content of a TOML file, whose path begins at graphkit's folder. Callers do not change it."""
    return tomllib.loads((PACKAGE / name).read_text("utf-8"))
