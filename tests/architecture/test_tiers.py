"""Each test is in the tier of what it uses, and the tiers are those that people read about."""

from __future__ import annotations

import ast
import os
import re
import socket
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest
from paths import ROOT
from tiers import FIXTURES, MODULES, SECONDS, TIERS, confined

TESTS = ROOT / "tests"
FAST = " and ".join(f"not {tier}" for tier in TIERS[1:])
TEST_MODULES = sorted(path.relative_to(TESTS).as_posix() for path in TESTS.rglob("test_*.py"))


# --- a test module, read and not run ----------------------------------------------------------------------------------


def names_in(node: ast.AST) -> set[str]:
    """Return all names that a piece of source uses, those of arguments and of fixtures in markers too."""
    parts = [node.args, *node.body] if isinstance(node, ast.FunctionDef) else [node]
    found = {one.id for part in parts for one in ast.walk(part) if isinstance(one, ast.Name)}
    found |= {one.arg for part in parts for one in ast.walk(part) if isinstance(one, ast.arg)}
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "pytest.mark.usefixtures":
            found |= {one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return found


def imported(tree: ast.Module) -> dict[str, str]:
    """Return the tier that each imported name needs, of those that need one."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                tier = MODULES.get(f"{node.module}.{alias.name}") or MODULES.get(node.module)
                if tier and not alias.name.isupper():
                    found[alias.asname or alias.name] = tier
    return found


def markers(nodes: list[ast.expr]) -> set[str]:
    """Return the tiers that decorators or the value of `pytestmark` name."""
    return {tier for node in nodes for tier in TIERS if re.search(rf"\bpytest\.mark\.{tier}\b", ast.unparse(node))}


@cache
def fixtures_for_all() -> dict[str, set[str]]:
    """Return the names that each fixture of conftest.py uses."""
    tree = ast.parse((TESTS / "conftest.py").read_text("utf-8"))
    return {node.name: names_in(node) for node in tree.body if isinstance(node, ast.FunctionDef)}


def understated(path: Path) -> list[str]:
    """Return the tests of a module that use more than their markers say, each with the tier that it needs."""
    tree = ast.parse(path.read_text("utf-8"))
    uses = dict(fixtures_for_all())
    own: set[str] = set()
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            uses[node.name] = names_in(node)
        elif isinstance(node, ast.Assign):
            for target in map(ast.unparse, node.targets):
                uses[target] = names_in(node.value)
                if target == "pytestmark":
                    own = markers([node.value])
    needs = {**FIXTURES, **imported(tree)}
    wrong = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            reached, waiting = set(), {node.name}
            while waiting:
                name = waiting.pop()
                reached.add(name)
                waiting |= uses.get(name, set()) - reached
            tier = max((needs[name] for name in reached if name in needs), key=TIERS.index, default="fast")
            marked = max(own | markers(node.decorator_list), key=TIERS.index, default="fast")
            if TIERS.index(marked) < TIERS.index(tier):
                wrong.append(f"{node.name}: {tier}")
    return wrong


@pytest.mark.parametrize("module", TEST_MODULES)
def test_a_test_is_in_the_tier_of_what_it_uses(module: str) -> None:
    assert understated(TESTS / module) == []


@pytest.mark.parametrize(
    "source,expected",
    [
        ("def test_a(open_page): ...", ["test_a: browser"]),
        ("@pytest.mark.browser\ndef test_a(open_page): ...", []),
        ("pytestmark = pytest.mark.tools\ndef test_a(open_page): ...", []),
        ("from processes.server import serving\n@pytest.fixture\ndef s(): serving()\ndef test_a(s): ...", ["test_a: engine"]),
        ("from foreign import readers\ndef f(): readers.riot()\nREAD = {1: f}\ndef test_a(): READ[1]()", ["test_a: tools"]),
        ("from foreign.readers import VOCABULARY\ndef test_a(): VOCABULARY", []),
        ("@pytest.mark.usefixtures('spark')\ndef test_a(): ...", ["test_a: tools"]),
    ],
)  # fmt: skip
def test_what_a_test_uses_is_found(source: str, expected: list[str], tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text(source)
    assert understated(tmp_path / "test_a.py") == expected


# --- while tests run --------------------------------------------------------------------------------------------------


def test_a_fast_test_gets_no_port() -> None:
    with socket.socket() as listening, pytest.raises(AssertionError, match="mark it engine"):
        listening.bind(("127.0.0.1", 0))
    with socket.socket() as asking, pytest.raises(AssertionError, match="mark it engine"):
        asking.connect(("127.0.0.1", 9))


@pytest.mark.parametrize("tier", ["fast", "engine", "browser"])
def test_only_a_test_of_tools_runs_what_pip_does_not_install(tier: str) -> None:
    with confined(tier), pytest.raises(AssertionError, match="marked tools may run java"):
        subprocess.run(["java", "-version"], check=False)


# --- the same tiers everywhere ----------------------------------------------------------------------------------------


def markers_of_pytest() -> list[str]:
    options = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["pytest"]["ini_options"]
    return [re.split("[:(]", line)[0] for line in options["markers"]]


def test_every_tier_is_a_marker() -> None:
    assert markers_of_pytest() == [*TIERS[1:], "untraced", "timeout"]
    assert list(SECONDS) == list(TIERS)


@pytest.mark.parametrize("marker", [*TIERS[1:], "untraced"])
def test_every_marker_is_documented_and_used_by_make(marker: str) -> None:
    assert f"| `{marker}` |" in (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    assert re.search(rf'-m "[^"]*\b{marker}\b', (ROOT / "Makefile").read_text("utf-8"))


@pytest.mark.engine
def test_tests_are_collected_where_only_python_is_installed(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in ("CHROMIUM", "JAVA_HOME")}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "-m", FAST],
        cwd=ROOT,
        env={**environment, "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr
    found = re.search(r"^(\d+)/\d+ tests collected", run.stdout, re.MULTILINE)
    assert found, run.stdout[-2000:]
    assert int(found[1]) >= 2_300
