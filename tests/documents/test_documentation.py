"""What the documents say is what the program does."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path
from pkgutil import resolve_name

import pytest
import tables
from paths import ROOT
from reference_text import COMMANDS, help_of, reference

import graphkit
from graphkit.exporters.registry import FORMATS

README = (ROOT / "README.md").read_text("utf-8")
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
DOCUMENTS = sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")})
CHANGELOG = ROOT / "CHANGELOG.md"
"""It names what there was in earlier versions."""
PACKAGE = ROOT / "graphkit"


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
    for path in DOCUMENTS:
        for target in re.findall(r"\]\(([^)#]+)\)", path.read_text("utf-8")):
            assert target.startswith("https://") or (path.parent / target).exists(), f"{path.name}: {target}"


def test_make_targets_in_documents_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for name in ("README.md", "CONTRIBUTING.md"):
        assert set(re.findall(r"(?:^|`)make ([a-z-]+)", (ROOT / name).read_text("utf-8"), re.MULTILINE)) <= targets


@pytest.mark.engine
def test_the_reference_is_up_to_date() -> None:
    assert (ROOT / "REFERENCE.md").read_text("utf-8") == reference(), "run `make docs`"


def test_every_command_is_in_the_reference() -> None:
    assert set(re.findall(r"^  ([a-z]+) +[A-Z]", help_of(), re.MULTILINE)) == set(COMMANDS)


def test_the_files_of_each_export_format_are_in_the_documents() -> None:
    text = (ROOT / "docs" / "export-formats.md").read_text("utf-8")
    rows = re.findall(r"^\| `([\w-]+)` \| (.*?) \|", text.partition("| format |")[2].partition("\n\n")[0], re.MULTILINE)
    told = {name.removeprefix("--"): set(re.findall(r"`([^`]+)`", files)) for name, files in rows}
    for name, files in told.items():
        assert all(any(fnmatch(file, one) for one in files) for file in FORMATS[name].files)
        assert all(any(fnmatch(file, one) for file in FORMATS[name].files) for one in files)
    assert told.keys() == FORMATS.keys()


# Architecture


def test_every_room_is_in_the_architecture_in_an_order_that_imports_allow() -> None:
    rooms = re.findall(r"^\| `(\w+)` \|", ARCHITECTURE.partition("| room |")[2].partition("\n\n")[0], re.MULTILINE)
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert set(rooms) == folders | {path.stem for path in PACKAGE.glob("[a-z]*.py")}
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    level = {room: -number for number, layer in enumerate(layers) for room in re.findall(r"\w+", layer)}
    assert rooms == sorted(rooms, key=level.__getitem__)


@pytest.mark.parametrize("path", [path for path in DOCUMENTS if path != CHANGELOG], ids=lambda path: path.name)
def test_paths_in_documents_exist(path: Path) -> None:
    text = path.read_text("utf-8")
    folders = "benchmarks|docs|graphkit|queries|tests"
    found = set(re.findall(rf"(?<![\w./:{{-])((?:{folders})/[\w./-]*[\w/])", text))
    modules = set(re.findall(r"`(graphkit(?:\.\w+){2,})", text))
    assert [one for one in sorted(found) if not (ROOT / one).exists()] == []
    for name in sorted(modules):
        resolve_name(name)


def test_names_in_the_architecture_are_names_of_the_tree() -> None:
    endings = {".css", ".html", ".py", ".toml", ".ts", ".ttl"}
    files = [path for path in PACKAGE.rglob("*") if path.suffix in endings and "node_modules" not in path.parts]
    files += [ROOT / name for name in ("Makefile", "pyproject.toml")]
    words = {word for path in files for word in re.findall(r"\w+", path.read_text("utf-8"))}
    words |= {part for path in (*files, *ROOT.iterdir()) for part in re.findall(r"\w+", str(path.relative_to(ROOT)))}
    prose = re.sub(r"^```.*?^```", "", ARCHITECTURE, flags=re.DOTALL | re.MULTILINE)
    named = {word for span in re.findall(r"`([^`]+)`", prose) for word in re.findall(r"\w+", span)}
    assert named - words == set()


def test_the_edges_in_the_architecture_are_those_of_a_graph(home: Path) -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\w+) → (\w+) \|(.*)\|$", ARCHITECTURE, re.MULTILINE)
    told = {(kind, one, other): set(re.findall(r"`(\w+)`", attributes)) for kind, one, other, attributes in rows}
    graph = graphkit.build(home / "seeds").graph
    found: dict[tuple[str, str, str], set[str]] = {}
    for one, other, kind, attributes in graph.edges(keys=True, data=True):
        ends = (graph.nodes[end]["kind"] for end in (one, other))
        found.setdefault((kind, *ends), set()).update(attributes)
    assert found == told


def test_what_spark_costs_is_what_was_measured() -> None:
    runs = json.loads((ROOT / "benchmarks" / "results" / "cluster.json").read_text("utf-8"))["runs"]
    before, last = runs[-2:]
    number = last["records"]

    def each(engine: str) -> float:
        """Return the milliseconds of a processor that one more record costs."""
        return float(1_000 * (last[engine]["cpu"] - before[engine]["cpu"]) / (number - before["records"]))

    text = " ".join(ARCHITECTURE.partition("## Spark")[2].partition("##")[0].split())
    for figure in (
        f"{last['bytes of records'] / number / 1_000:.1f} kB of JSON Lines",
        f"{last['shuffle bytes written'] / number / 1_000:.2f} kB of shuffle",
        f"{sum(last['output bytes'].values()) / number / 1_000:.2f} kB of results",
        f"{each('spark'):.1f} ms of processor time, against {each('local'):.1f} ms locally",
        *(f"{run['spark']['wall'] / run['local']['wall']:.1f} times" for run in (before, last)),
        f"{round(each('spark') * 1e9 / 1_000 / 3_600, -2):.0f} core hours",
    ):
        assert figure in text


def test_exports_are_what_building_the_seeds_gives(home: Path) -> None:
    graphkit.export(graphkit.build(home / "seeds"), home / "exports")
    for path in sorted((home / "exports").iterdir()):
        assert (ROOT / "exports" / path.name).read_bytes() == path.read_bytes(), f"{path.name}: run `make demo`"
