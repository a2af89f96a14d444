"""Tables that the policy stands on; each entry names where it is documented."""

import tomllib
from importlib import resources
from typing import Any


def table(name: str) -> dict[str, Any]:
    """Return the table in the file `name` of this package."""
    return tomllib.loads(resources.files(__name__).joinpath(name).read_text("utf-8"))
