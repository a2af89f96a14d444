"""The text of REFERENCE.md, made from the code: commands with their options, and diagnostic codes.

``make docs`` writes it; a test holds the file against it.
"""

from __future__ import annotations

import os
import subprocess
import sys

from graphkit.diagnostics.codes import CODES
from graphkit.formats.recognition import BY_ENDING, MAX_BYTES

COMMANDS = (
    "build",
    "watch",
    "check",
    "stats",
    "explain",
    "explore",
    "draw",
    "queries",
    "query",
    "export",
    "validate",
    "upload",
    "serve",
)


def help_of(*command: str) -> str:
    """Return the help that a command prints at 80 columns."""
    run = subprocess.run(
        [sys.executable, "-m", "graphkit", *command, "--help"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "COLUMNS": "80", "TERM": "dumb", "NO_COLOR": "1"},
    )
    return "\n".join(line.rstrip() for line in run.stdout.strip().splitlines())


def reference() -> str:
    """Return the whole text."""
    parts = ["# Reference\n\nMade by `make docs`; do not edit.\n\n## Commands\n"]
    parts += [f"### graphkit {command}\n\n```text\n{help_of(command)}\n```\n" for command in COMMANDS]
    parts.append(
        "## Exit codes\n\n"
        "| code | meaning |\n| --- | --- |\n"
        "| 0 | done; there may be diagnostics |\n"
        "| 1 | done, with `--strict` and at least one diagnostic, or finding |\n"
        "| 2 | the arguments cannot be served, or a target or the output cannot be written |\n"
        "| 3 | no record could be read |\n"
        "| 4 | a triple store refuses, fails, or does not hold what it was given |\n"
        "| 141 | the reader of the output stopped reading, as `head` does |\n"
    )
    rows = "\n".join(f"| `{code}` | {meaning} |" for code, meaning in CODES.items())
    parts.append(
        "## Diagnostics\n\nEach has the form `path:line:column: field: expected …, got … [code]`. "
        "A code never changes its meaning.\n\n"
        f"| code | meaning |\n| --- | --- |\n{rows}\n"
    )
    endings = "\n".join(f"| `.{ending}`, `.{ending}.gz` | {format} |" for ending, format in BY_ENDING.items())
    limits = "\n".join(f"| {format} | {limit >> 20:,} MiB |" for format, limit in MAX_BYTES.items())
    parts.append(
        f"## Files that are read\n\n| ending | format |\n| --- | --- |\n{endings}\n\n"
        f"The largest file of each format, decompressed:\n\n| format | at most |\n| --- | --- |\n{limits}\n"
    )
    return "\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(reference())
