"""The explorer's page with its blocks unpacked: all that it carries, as text that can be searched."""

from __future__ import annotations

import gzip
import re
from base64 import b64decode
from pathlib import Path

_BLOCK = re.compile(r'(<script type="text/plain" id="\w+">)([A-Za-z0-9+/=]*)(</script>)')


def decompressed(page: str) -> str:
    """Return a page with the text of each block in place of the block; bytes that are no text become other signs."""
    found, blocks = _BLOCK.subn(
        lambda block: block[1] + gzip.decompress(b64decode(block[2])).decode("utf-8", "replace") + block[3], page
    )
    assert blocks == 3
    return found


def exported_text(path: Path) -> str:
    """Return all that an exported file says."""
    text = path.read_text("utf-8")
    return decompressed(text) if path.name == "coverage.html" else text
