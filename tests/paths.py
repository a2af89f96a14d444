"""Where the repository keeps what tests read, and where real data lies beside it."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SEEDS = ROOT / "seeds"
EXPORTS = ROOT / "exports"
QUERIES = ROOT / "queries"
TOOLS = Path(os.environ.get("GRAPHKIT_TOOLS") or ROOT / "tests" / "tools")
SHARED = ROOT.parent / "shared"
