"""Addresses made short: most hold the words of their title, so a run of those is kept as a reference to them.

A reference is three characters: U+0001, then where the run begins in the words of the title and how many it has, each
added to U+0020. An address holds no control character, so nothing else looks like one.
"""

from __future__ import annotations

import re

_WORD = re.compile(r"[a-z0-9]+")
_FEWEST, _MOST = 2, 90  # words; shorter runs save nothing, and a position must fit into one printable character


def words_of(title: str) -> list[str]:
    """Return the words of a title as addresses write them: a to z and digits, apostrophes dropped.

    >>> words_of("The Council's U-turn, 2021")
    ['the', 'councils', 'u', 'turn', '2021']
    """
    return _WORD.findall(title.lower().replace("'", "").replace("’", ""))[:_MOST]


def packed(address: str, words: list[str]) -> str:
    r"""Return an address with the longest run of the title's words in it as a reference.

    >>> packed("https://example.com/the-councils-u-turn.html", ["the", "councils", "u", "turn"])
    'https://example.com/\x01 $.html'
    """
    best_start, best_end = 0, 0
    start = 0
    for end in range(1, len(words) + 1):
        # A run that is not in the address makes no longer one be in it: both ends only move forward.
        while start < end and "-".join(words[start:end]) not in address:
            start += 1
        if end - start > best_end - best_start:
            best_start, best_end = start, end
    if best_end - best_start < _FEWEST:
        return address
    run = "-".join(words[best_start:best_end])
    before, _, after = address.partition(run)
    return f"{before}\x01{chr(32 + best_start)}{chr(32 + best_end - best_start)}{after}"
