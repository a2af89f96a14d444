"""However a command's streams, folder and limits are, it ends with the right code and without a traceback."""

from __future__ import annotations

import os
import resource
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from processes.waiting import WHOLE_RUN
from samples.record_files import GOOD, record

pytestmark = [pytest.mark.engine, pytest.mark.untraced]

PRINTING = {
    "check": ["check", "bad", "--strict"],
    "stats": ["stats", "in"],
    "explain": ["explain", "https://www.example.com/a?utm_source=x"],
    "queries": ["queries"],
    "query": ["query", "topic-timeline", "exports"],
    "query of a file": ["query", "all.rq", "exports", "--format", "csv"],
    "validate": ["validate", "broken.ttl"],
    "help": ["--help"],
    "version": ["--version"],
}
"""Commands that print what they are asked for on standard output."""
WRITING = {
    "build": ["build", "in", "--out", "out"],
    "explore": ["explore", "in", "--out", "page.html"],
    "draw": ["draw", "in", "--out", "drawing.html"],
    "export": ["export", "exports", "--format", "csv", "--out", "out"],
}
"""Commands that write files, and print messages on standard error."""
FAILING = {
    "upload": (["upload", "http://127.0.0.1:9", "exports"], 4),
    "serve": (["serve", "exports", "--host", "256.0.0.1"], 2),
    "build of nothing": (["build", "nowhere", "--out", "out"], 3),
}
"""Commands that fail, with their codes."""
COMMANDS = {**PRINTING, **WRITING, **{name: arguments for name, (arguments, _) in FAILING.items()}}
CODES = {"check": 1, "validate": 0, **{name: code for name, (_, code) in FAILING.items()}}

CLOSED = (">&-", "2>&-", "<&- >&- 2>&-")


@pytest.fixture
def folder(tmp_path: Path, exported: Path) -> Path:
    """A folder with records, exports and a query."""
    record(tmp_path / "in/a.md")
    record(tmp_path / "bad/a.md", f"{GOOD}quality: x\n")
    shutil.copytree(exported, tmp_path / "exports")
    (tmp_path / "all.rq").write_text("SELECT * { ?s ?p ?o }")
    (tmp_path / "broken.ttl").write_text("<urn:x:1> a <https://schema.org/NewsArticle> .")
    return tmp_path


def ended(
    arguments: list[str],
    folder: Path,
    redirections: str = "",
    before: Callable[[], object] | None = None,
    **streams: int,
) -> subprocess.CompletedProcess[str]:
    """Run a command whose shell redirects its streams."""
    command = f"exec {shlex.join([sys.executable, '-m', 'graphkit', *arguments])} {redirections}"
    done: subprocess.CompletedProcess[str] = subprocess.run(
        ["sh", "-c", command],
        **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams},
        cwd=folder,
        env={**os.environ, "COLUMNS": "80"},
        preexec_fn=before,  # nothing else runs here
        text=True,
        check=False,
        timeout=WHOLE_RUN,
    )  # type: ignore[call-overload]
    return done


def check_calm(done: subprocess.CompletedProcess[str]) -> None:
    for trace in ("Traceback", "Exception ignored", "Warning", "Error:"):
        assert trace not in (done.stderr or "")


@pytest.mark.parametrize("redirections", CLOSED)
@pytest.mark.parametrize("name", COMMANDS)
def test_closed_streams_change_nothing(name: str, redirections: str, folder: Path) -> None:
    done = ended(COMMANDS[name], folder, redirections)
    check_calm(done)
    assert done.returncode == CODES.get(name, 0), done.stderr
    if name in WRITING:
        assert {path.name for path in folder.iterdir()} & {"out", "page.html", "drawing.html"}


def unread_pipe() -> int:
    """Return the end of a pipe that nobody reads."""
    read_end, write_end = os.pipe()
    os.close(read_end)
    return write_end


@pytest.mark.parametrize("name", PRINTING)
def test_a_reader_that_has_gone_is_exit_code_141(name: str, folder: Path) -> None:
    done = ended(PRINTING[name], folder, stdout=unread_pipe())
    check_calm(done)
    assert done.returncode == 141


@pytest.mark.parametrize("name", [*WRITING, *FAILING])
def test_a_reader_that_gets_nothing_is_not_missed(name: str, folder: Path) -> None:
    done = ended(COMMANDS[name], folder, stdout=unread_pipe())
    check_calm(done)
    assert done.returncode == CODES.get(name, 0)


@pytest.mark.parametrize("name", [*WRITING, *FAILING])
def test_a_reader_of_messages_that_has_gone_is_exit_code_141(name: str, folder: Path) -> None:
    assert ended(COMMANDS[name], folder, stderr=unread_pipe()).returncode == 141


@pytest.mark.parametrize("name", PRINTING)
def test_output_that_cannot_be_written_is_one_sentence_and_exit_code_2(name: str, folder: Path) -> None:
    done = ended(PRINTING[name], folder, "> /dev/full")
    check_calm(done)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("graphkit: output: expected a place that can be ")
    assert done.stderr.endswith("written, got: no space left on device\n")


@pytest.mark.parametrize("name", COMMANDS)
def test_messages_that_cannot_be_written_change_nothing(name: str, folder: Path) -> None:
    assert ended(COMMANDS[name], folder, "2> /dev/full").returncode == CODES.get(name, 0)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_deleted_working_folder_is_one_sentence_or_no_matter(name: str, folder: Path) -> None:
    (folder / "lost").mkdir()
    done = ended(COMMANDS[name], folder / "lost", before=(folder / "lost").rmdir)
    check_calm(done)
    assert done.returncode in (0, 2, 3, 4)
    if done.returncode:
        assert done.stderr.splitlines()[-1].startswith("graphkit: ")


@pytest.mark.parametrize("name", [*COMMANDS, "serve well"])
def test_few_file_handles_are_one_sentence_or_no_matter(name: str, folder: Path) -> None:
    arguments = COMMANDS.get(name, ["serve", "exports", "--port", "0"])
    done = ended(arguments, folder, before=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (12, 12)))
    check_calm(done)
    assert done.returncode in (CODES.get(name, 0), 2)
    if done.returncode == 2:
        assert done.stderr.splitlines()[-1].startswith("graphkit: ")


HOSTILE = "::error file=a.md::x ##[error] ##vso[task.setvariable variable=a]b"


@pytest.mark.parametrize("command", ["build", "check", "stats", "explain", "validate", "missing"])
def test_no_line_is_a_command_of_a_ci(command: str, folder: Path) -> None:
    front = f'title: "{HOSTILE}"\nprovider: "{HOSTILE}"\ntopics: ["{HOSTILE}"]\nquality: x\n'
    record(folder / f"hostile/{HOSTILE}.md", front)
    record(folder / "hostile/good.md")
    (folder / "hostile.ttl").write_text(
        f'<urn:x:1> a <https://schema.org/NewsArticle> ; <https://schema.org/name> "{HOSTILE}" .'
    )
    arguments = {
        "build": ["build", "hostile", "--out", "out"],
        "validate": ["validate", "hostile.ttl"],
        "explain": ["explain", "https://example.com/", "--provider", HOSTILE],
        "missing": ["check", HOSTILE],
    }.get(command, [command, "hostile"])
    done = ended(arguments, folder)
    lines = [*done.stdout.splitlines(), *done.stderr.splitlines()]
    assert any("error" in line for line in lines)
    for line in lines:
        assert not line.lstrip().startswith("::error")
        assert "##[" not in line
        assert "##vso[" not in line
