"""Tables that come with the package, as TOML."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Any


def packaged_table(package: str, name: str) -> dict[str, Any]:
    """Return the content of a TOML file of a package."""
    return tomllib.loads(resources.files(package).joinpath(name).read_text("utf-8"))
