"""Positions: line and column of an offset in a text."""

from __future__ import annotations

import re
from bisect import bisect_right


class Lines:
    r"""The offsets at which the lines of a text begin, found once for all look-ups; only ``\n`` ends a line.

    YAML 1.1 ends a line at U+0085, U+2028 and U+2029 too, but no editor counts these.
    """

    def __init__(self, text: str) -> None:
        """Find the lines of `text`."""
        self.length = len(text)
        self.starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def place(self, offset: int) -> tuple[int, int]:
        """Return line and column of an offset, from 1."""
        offset = min(offset, self.length)
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1
