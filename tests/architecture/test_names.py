"""Names: one word, one meaning. No two classes, and no two files, of graphkit have the same name."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from paths import ROOT

PACKAGE = ROOT / "graphkit"

NAMED_BY_TOOLS = {
    *(".gitignore", "__init__.py", "build.mjs", "package-lock.json", "package.json", "tsconfig.json"),
}
"""Names that Git, Python and npm look for."""


def files() -> list[Path]:
    """Return the files that people write: not what npm installs, Python compiles or a bundler makes."""
    made = {"node_modules", "__pycache__", "dist"}
    return sorted(path for path in PACKAGE.rglob("*") if path.is_file() and not made.intersection(path.parts))


def shared(names: Iterable[tuple[str, Path]]) -> Mapping[str, list[str]]:
    """Return the names that stand in several files, each with those."""
    places = defaultdict(list)
    for name, path in names:
        places[name].append(str(path.relative_to(PACKAGE)))
    return {name: found for name, found in places.items() if len(found) > 1}


def test_no_two_files_have_the_same_name() -> None:
    assert shared((path.name, path) for path in files() if path.name not in NAMED_BY_TOOLS) == {}


def test_no_two_classes_have_the_same_name() -> None:
    classes = (
        (node.name, path)
        for path in files()
        if path.suffix == ".py"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef)
    )
    assert shared(classes) == {}
