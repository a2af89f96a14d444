"""Programs of others that read exports: by Node, Jena, Gephi and Neo4j. ``make tools`` installs them in tests/tools."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from paths import TOOLS

VOCABULARY = TOOLS / "node_modules" / "@vocabulary" / "schema" / "schema.nq"
"""The vocabulary of schema.org, as N-Quads."""

Row = dict[str, Any]


def run(*command: str | Path, stdin: bytes = b"", home: Path | None = None, warns: bool = True) -> bytes:
    """Return what a command prints; it must end well, and say nothing else unless it `warns`."""
    environment = dict(os.environ) | ({"NEO4J_HOME": str(home), "NEO4J_CONF": str(home / "conf")} if home else {})
    ran = subprocess.run(command, input=stdin, capture_output=True, env=environment, check=False)
    assert ran.returncode == 0, (ran.stdout + ran.stderr).decode(errors="replace")[-2000:]
    assert warns or not ran.stderr, ran.stderr.decode(errors="replace")[-2000:]
    return ran.stdout


def node(script: str, *arguments: str | Path, stdin: bytes = b"") -> bytes:
    """Return what a script of tests/tools prints."""
    found = shutil.which("node")
    if found is None or not (TOOLS / "node_modules").is_dir():
        pytest.skip("needs Node and the packages of tests/tools (make tools)")
    return run(found, TOOLS / script, *arguments, stdin=stdin)


def _java(tool: str, *arguments: str | Path, home: Path | None = None, warns: bool = True) -> bytes:
    found = shutil.which("java")
    if found is None or not (TOOLS / tool / "lib").is_dir():
        pytest.skip(f"needs Java and the libraries of tests/tools/{tool} (make tools)")
    options = ("-Djava.awt.headless=true", "-Dfile.encoding=UTF-8", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
    return run(found, *options, "-cp", f"{TOOLS / tool / 'lib'}/*", *arguments, home=home, warns=warns)


def riot(path: Path, syntax: str) -> bytes:
    """Return as N-Quads what Jena reads, strictly and with all checks; it may not even warn."""
    options = ("--check", "--strict", f"--syntax={syntax}", "--output=nquads")
    return _java("jena", "riotcmd.riot", *options, path, warns=False)


def gephi(path: Path) -> tuple[Row, list[Row], list[Row]]:
    """Open a file as Gephi does; return what it says of it, and the rows of its tables of nodes and edges."""
    about, *rows = _lines(_java("gephi", TOOLS / "gephi" / "Gephi.java", path))
    return about, [row for row in rows if "_source" not in row], [row for row in rows if "_source" in row]


def neo4j(folder: Path, arguments: Path) -> tuple[list[Row], list[Row]]:
    """Import what a file of arguments names into a new database in `folder`; return its nodes and relationships."""
    (folder / "conf").mkdir(parents=True)
    command = ("org.neo4j.cli.AdminTool", "database", "import", "full", f"@{arguments}", "neo4j")
    before = Path.cwd()
    try:
        os.chdir(arguments.parent)  # the names of the files are those beside the arguments
        _java("neo4j", *command, home=folder)
    finally:
        os.chdir(before)
    rows = _lines(_java("neo4j", TOOLS / "neo4j" / "Neo4j.java", folder))
    return [row for row in rows if "_labels" in row], [row for row in rows if "_type" in row]


def _lines(data: bytes) -> list[Row]:
    return [json.loads(line) for line in data.splitlines() if line.startswith(b"{")]
