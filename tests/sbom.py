"""The software bill of materials: graphkit and all that it needs, as installed here, in CycloneDX 1.6."""

from __future__ import annotations

import json
import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from typing import Any

from paths import ROOT

import graphkit

NAME = "graphkit-news"


def normal(name: str) -> str:
    """Return a name as package URLs write it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def needed_by(name: str) -> list[str]:
    """Return the packages that a package needs, without those of its extras."""
    if name == NAME:
        wanted = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    else:
        wanted = [one for one in distribution(name).requires or () if "extra ==" not in one]
    return sorted({normal(re.split(r"[^A-Za-z0-9._-]", one, maxsplit=1)[0]) for one in wanted})


def bill() -> dict[str, Any]:
    """Return the bill: a component for each package, and which needs which."""
    graph: dict[str, list[str]] = {}
    waiting = [NAME]
    while waiting:
        name = waiting.pop()
        if name not in graph:
            try:
                graph[name] = needed_by(name)
            except PackageNotFoundError:
                continue
            waiting += graph[name]
    components = {name: _component(name) for name in sorted(graph) if name != NAME}
    root = f"pkg:pypi/{NAME}@{graphkit.__version__}"
    references = {NAME: root, **{name: component["bom-ref"] for name, component in components.items()}}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {"type": "application", "bom-ref": root, "name": NAME, "version": graphkit.__version__}
        },
        "components": list(components.values()),
        "dependencies": [
            {"ref": references[name], "dependsOn": [references[one] for one in graph[name] if one in references]}
            for name in sorted(graph)
        ],
    }


def _component(name: str) -> dict[str, Any]:
    metadata: Any = distribution(name).metadata
    version, licence = metadata["Version"], metadata.get("License-Expression")
    reference = f"pkg:pypi/{name}@{version}"
    component = {"type": "library", "bom-ref": reference, "name": name, "version": version, "purl": reference}
    return {**component, "licenses": [{"expression": licence}]} if licence else component


if __name__ == "__main__":
    print(json.dumps(bill(), indent=2))  # noqa: T201  # a command
