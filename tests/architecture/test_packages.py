"""The packages that graphkit imports: declared, and loaded by those commands only that need them."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from paths import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = ("spark", "parquet")

NOT_IMPORTED = {
    "httptools": "uvicorn imports it",
    "uvloop": "uvicorn imports it",
    "tldextract": "its copy of the public suffix list is read as a file",
}


def normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(requirements: Iterable[str]) -> set[str]:
    return {normalized(re.split(r"[<>=!~;\[ ]", line, maxsplit=1)[0]) for line in requirements}


DEPENDENCIES = declared(PROJECT["dependencies"])
OPTIONAL = {extra: declared(PROJECT["optional-dependencies"][extra]) for extra in EXTRAS}


def imported() -> dict[str, set[str]]:
    """Return the distributions that modules of graphkit import, each with those modules."""
    distributions = packages_distributions()
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "graphkit").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            elif isinstance(node, ast.Call) and ast.unparse(node.func) == "import_module":
                names = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            else:
                continue
            for name in {name.partition(".")[0] for name in names} - sys.stdlib_module_names - {"graphkit"}:
                for distribution in distributions.get(name, [name]):
                    found.setdefault(normalized(distribution), set()).add(path.name)
    return found


def test_every_package_that_is_imported_is_declared() -> None:
    known = DEPENDENCIES.union(*OPTIONAL.values())
    assert {name: files for name, files in imported().items() if name not in known} == {}


def test_every_package_that_is_declared_is_imported() -> None:
    assert DEPENDENCIES.union(*OPTIONAL.values()) - imported().keys() == NOT_IMPORTED.keys()


def test_users_choose_between_two_extras() -> None:
    assert PROJECT["optional-dependencies"].keys() == {*EXTRAS, "bench", "check", "test"}
    assert {extra: names for extra, names in OPTIONAL.items() if names & DEPENDENCIES} == {}


def test_no_text_sends_people_to_the_project_that_has_our_name_on_pypi() -> None:
    texts = [*ROOT.glob("*.md"), *(ROOT / "docs").iterdir(), ROOT / "Makefile", *(ROOT / "graphkit").rglob("*.py")]
    assert [path for path in texts if re.search(r"(install|uvx?) '?graphkit(?!-news)\b", path.read_text("utf-8"))] == []


# What a command costs

COSTLY = {
    *("deflate", "httptools", "networkx", "numpy", "pyarrow", "pyoxigraph", "pyspark", "pyvis", "rdflib", "rich"),
    *("starlette", "tldextract", "typer", "urllib3", "uvicorn", "uvloop", "watchfiles", "yaml", "yaml_rs"),
    *("IPython", "click", "jinja2", "jsonpickle", "lxml", "pydantic", "requests"),  # by way of the others
}
READING = {"pyoxigraph", "yaml", "yaml_rs"}
PAGE = {"deflate", "networkx", "numpy"}


def loaded(code: str, *arguments: object) -> set[str]:
    run = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules, file=sys.stderr)", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return COSTLY & set(run.stderr.splitlines()[-1].split())


@pytest.mark.parametrize(
    "code, expected",
    [
        ("import graphkit", set()),
        ("import graphkit; graphkit.build('seeds')", READING | {"networkx"}),
        ("import graphkit.cli", {"typer"}),
    ],
)
def test_python_loads_what_it_uses(code: str, expected: set[str]) -> None:
    assert loaded(code) == expected


@pytest.mark.engine
@pytest.mark.parametrize(
    "command, expected",
    [
        ("--help", set()),
        ("build seeds --no-cache -q -o OUT", READING | PAGE),
        ("build seeds --no-cache -q -o OUT --no-graph", READING),
        ("check seeds", READING),
        ("stats EXPORT", READING | {"networkx", "rich"}),
        ("explain https://a.example/b", set()),
        ("explore EXPORT -o OUT/a.html", READING | PAGE),
        ("draw EXPORT -o OUT/a.html", READING | {"networkx", "pyvis", "IPython", "jinja2", "jsonpickle"}),
        ("queries", set()),
        ("query topic-timeline EXPORT", {"pyoxigraph"}),
        ("export EXPORT -f csv,d3,jsonld -o OUT", {"pyoxigraph", "networkx"}),
        ("validate EXPORT", READING),
        ("upload --help", set()),
        ("serve --help", set()),
        ("watch --help", set()),
    ],
)
def test_a_command_loads_what_it_uses(command: str, expected: set[str], exported: Path, tmp_path: Path) -> None:
    arguments = [word.replace("EXPORT", str(exported)).replace("OUT", str(tmp_path)) for word in command.split()]
    code = "import sys; from graphkit.cli import app\ntry: app(sys.argv[1:])\nexcept SystemExit as end: assert not end.code"
    assert loaded(code, *arguments) == expected | {"typer"}
