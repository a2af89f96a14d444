"""What the documents say is what the program does."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import tables
from paths import ROOT
from reference_text import COMMANDS, help_of, reference

import graphkit

README = (ROOT / "README.md").read_text("utf-8")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder as a person sees it after cloning, without what was built."""
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    return tmp_path


@pytest.mark.engine
def test_sessions_in_the_readme_print_what_they_show(home: Path) -> None:
    sessions = re.findall(r"^```console\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    assert sessions
    for session in sessions:
        for command, expected in re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", session, re.MULTILINE):
            assert re.match(r"(echo .* \| )?graphkit ", command)
            run = subprocess.run(
                command.replace("graphkit", f"{sys.executable} -m graphkit", 1),
                shell=True,
                cwd=home,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=True,
            )
            shown = "\n".join(map(str.rstrip, run.stdout.splitlines()))
            assert shown.rstrip("\n") == expected.rstrip("\n"), command


@pytest.mark.engine
def test_python_in_the_readme_runs(home: Path) -> None:
    programs = re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    assert programs
    for program in programs:
        run = subprocess.run(
            [sys.executable, "-W", "error", "-c", program],
            cwd=home,
            capture_output=True,
            text=True,
            check=True,
        )
        assert re.fullmatch(r"\d+ videos of \d+ articles\n", run.stdout)
    assert (home / "coverage.ttl").stat().st_size > 0


def test_the_speed_in_the_readme_is_what_was_measured() -> None:
    found = json.loads((ROOT / "benchmarks" / "results" / "compare.json").read_text("utf-8"))
    wall = {name: cost["wall"] for name, cost in found["in_process"].items()}
    whole = {name: cost["wall"] for name, cost in found["commands"].items()}
    assert [float(number) for number in re.findall(r"(\d+\.\d) times", README)] == [
        round(wall["plain"] / wall["graphkit"], 1),
        round(whole["plain"] / whole["graphkit build --no-page"], 1),
        round(whole["plain"] / whole["graphkit build"], 1),
    ]


@pytest.mark.parametrize("name", tables.TABLES)
def test_a_table_is_made_from_what_was_measured(name: str) -> None:
    match = tables.place(name).search(tables.file(name).read_text("utf-8"))
    assert match is not None
    assert match[0] == f"{match[1]}{tables.table(name)}{match[2]}"


def test_links_in_documents_lead_somewhere() -> None:
    names = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "REFERENCE.md")
    for path in (*(ROOT / name for name in names), *ROOT.glob("docs/*.md")):
        for target in re.findall(r"\]\(([^)#]+)\)", path.read_text("utf-8")):
            assert target.startswith("https://") or (path.parent / target).exists(), f"{path.name}: {target}"


def test_make_targets_in_documents_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for name in ("README.md", "CONTRIBUTING.md"):
        assert set(re.findall(r"(?:^|`)make ([a-z]+)", (ROOT / name).read_text("utf-8"), re.MULTILINE)) <= targets


@pytest.mark.engine
def test_the_reference_is_up_to_date() -> None:
    assert (ROOT / "REFERENCE.md").read_text("utf-8") == reference(), "run `make docs`"


def test_every_command_is_in_the_reference() -> None:
    assert set(re.findall(r"^  ([a-z]+) +[A-Z]", help_of(), re.MULTILINE)) == set(COMMANDS)


def test_every_module_is_in_the_architecture() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    for path in (ROOT / "graphkit").glob("[a-z]*.py"):
        assert f"`{path.stem}`" in text, path.stem


def test_exports_are_what_building_the_seeds_gives(home: Path) -> None:
    graphkit.export(graphkit.build(home / "seeds"), home / "exports")
    for path in sorted((home / "exports").iterdir()):
        assert (ROOT / "exports" / path.name).read_bytes() == path.read_bytes(), f"{path.name}: run `make demo`"
