"""Positions: line and column of an offset in a text."""

from __future__ import annotations


class Lines:
    r"""The lines of a text, which only ``\n`` ends. Offsets that come in order are found fastest.

    YAML 1.1 ends a line at U+0085, U+2028 and U+2029 too, but no editor counts these.
    """

    def __init__(self, text: str) -> None:
        """Count the lines of `text` as they are asked for: a list of all may take more memory than the text."""
        self.text = text
        # Up to this offset there are so many line ends, and the last one is here.
        self._counted, self._ends, self._last = 0, 0, -1

    def place(self, offset: int) -> tuple[int, int]:
        """Return line and column of an offset, from 1."""
        offset = min(offset, len(self.text))
        if offset < self._counted:
            self._counted, self._ends, self._last = 0, 0, -1
        self._ends += self.text.count("\n", self._counted, offset)
        self._last = max(self._last, self.text.rfind("\n", self._counted, offset))
        self._counted = offset
        return self._ends + 1, offset - self._last

    def start(self, line: int) -> int:
        """Return the offset at which a line begins, counted from 1."""
        offset = 0
        for _ in range(line - 1):
            offset = self.text.index("\n", offset) + 1
        return offset
