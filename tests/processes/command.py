"""The command line, run as a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

from paths import ROOT


def graphkit(*args: object, stdin: bytes = b"", cwd: Path = ROOT, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the real command and return its output."""
    run = subprocess.run(
        [sys.executable, "-m", "graphkit", *map(str, args)],
        input=stdin,
        capture_output=True,
        cwd=cwd,
        env={**os.environ, "COLUMNS": "80", **env},
        check=False,
    )
    return subprocess.CompletedProcess(run.args, run.returncode, run.stdout.decode(), run.stderr.decode())
