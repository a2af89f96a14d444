"""Commands that write one file replace only one of their own kind, unless they are forced to."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from graphkit.cli.commands import app

COMMANDS = {
    "explore": ("explore", "seeds", "-o"),
    "draw": ("draw", "seeds", "--around", "forbes.com", "-o"),
    "query": ("query", "dataset-counts", "exports", "--format", "csv", "-o"),
    "validate": ("validate", "exports", "--format", "sarif", "-o"),
}


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [*map(str, arguments), "--quiet"])
    return result.exit_code, result.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_a_file_of_another_kind_stays_unless_forced_and_ones_own_is_replaced(name: str, tmp_path: Path) -> None:
    if name == "draw":
        pytest.importorskip("pyvis")
    command = COMMANDS[name]
    out = tmp_path / "articles.csv"
    out.write_text("id;mine\n1;2\n")
    code, said = run(*command, out)
    assert (code, out.read_text()) == (2, "id;mine\n1;2\n"), said
    assert "--force" in said
    assert run(*command, out, "--force")[0] == 0
    made = out.read_bytes()
    assert run(*command, out)[0] == 0
    assert out.read_bytes() == made


def test_an_export_replaces_no_file_of_another_kind(tmp_path: Path) -> None:
    (tmp_path / "coverage.graphml").write_text("mine")
    command = ("export", "exports", "-f", "graphml,csv", "-o", tmp_path)
    assert run(*command)[0] == 2
    assert [path.name for path in tmp_path.iterdir()] == ["coverage.graphml"]
    assert (tmp_path / "coverage.graphml").read_text() == "mine"
    assert run(*command, "--force")[0] == 0
    assert run(*command)[0] == 0
