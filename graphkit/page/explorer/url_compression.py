"""Shorter URLs: most contain words of their title, so a run of those is replaced by a reference to them.

A reference is three characters: U+0001, then the position of the run's first word in the title and its number of words,
each added to U+0020. A URL holds no control character, so nothing else looks like a reference.
"""

from __future__ import annotations

import re

_WORD = re.compile(r"[a-z0-9]+")
_FEWEST, _MOST = 2, 90  # words; shorter runs save nothing, and a position must be one printable character


def words_of(title: str) -> list[str]:
    """Return the words of a title as URLs write them: a to z and digits, without apostrophes.

    >>> words_of("The Council's U-turn, 2021")
    ['the', 'councils', 'u', 'turn', '2021']
    """
    return _WORD.findall(title.lower().replace("'", "").replace("’", ""))[:_MOST]


def packed(address: str, words: list[str]) -> str:
    r"""Return a URL with the longest run of the title's words replaced by a reference.

    >>> packed("https://example.com/the-councils-u-turn.html", ["the", "councils", "u", "turn"])
    'https://example.com/\x01 $.html'
    """
    best_start, best_end = 0, 0
    start = 0
    for end in range(1, len(words) + 1):
        # If a run is not in the URL, no longer one is: both ends only move forward.
        while start < end and "-".join(words[start:end]) not in address:
            start += 1
        if end - start > best_end - best_start:
            best_start, best_end = start, end
    if best_end - best_start < _FEWEST:
        return address
    run = "-".join(words[best_start:best_end])
    before, _, after = address.partition(run)
    return f"{before}\x01{chr(32 + best_start)}{chr(32 + best_end - best_start)}{after}"
