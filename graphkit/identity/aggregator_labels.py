"""Labels of aggregators: "AFP News via Yahoo News Singapore", "von Reuters auf MSN".

The table decides: a label names a publisher only if what follows is the aggregator on whose domain it was found, by one
of its names, or by its brand with words for sections and editions.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from graphkit.files.packaged_tables import packaged_table
from graphkit.identity.folding import fold
from graphkit.identity.platforms import Aggregator, aggregator_of, words_of
from graphkit.urls.domains import host_of


class _Wordings(NamedTuple):
    """What stands between publisher and aggregator, and the words before a publisher that go with each of these."""

    between: re.Pattern[str]
    before: dict[str, tuple[str, ...]]
    phrases: frozenset[tuple[str, ...]]
    longest: int
    nobody: frozenset[str]


@cache
def _wordings() -> _Wordings:
    labels = packaged_table("identity/platforms.toml")["labels"]
    before = {word: tuple(entry["before"]) for entry in labels["wording"] for word in entry["between"]}
    words = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in sorted(before, key=len, reverse=True))
    phrases = frozenset(words_of(phrase) for phrase in (*labels["sections"], *labels["editions"], *_GLUE))
    return _Wordings(
        re.compile(rf"[\s,]*\(\s*(?:(?P<inside>{words})\s+)?|,?\s+(?:(?P<word>{words})|[|·•/@–—-])\s+", re.IGNORECASE),
        before,
        phrases,
        max(map(len, phrases)),
        frozenset(map(fold, labels["nobody"])),
    )


_GLUE = ("and", "und", "et", "y", "e", "en", "of", "the")


def publisher_named(label: str, aggregator: Aggregator) -> str:
    """Return the publisher that a label on an aggregator's domain names; empty if it names nobody else.

    >>> publisher_named("von Reuters auf MSN Deutschland", aggregator_of("msn.com"))
    'Reuters'
    """
    wordings = _wordings()
    # The last one counts: "Focus on the Family on MSN".
    for match in reversed(list(_overlapping(wordings.between, label))):
        publisher, rest = label[: match.start()].strip(), label[match.end() :].strip()
        if match[0].lstrip(", \t\r\n").startswith("("):
            if not rest.endswith(")"):
                continue
            rest = rest[:-1].strip()
        if len(rest) > _LONGEST:
            break
        if not is_own_name(rest, aggregator) or not publisher or is_own_name(publisher, aggregator):
            continue
        word = " ".join((match["word"] or match["inside"] or "").casefold().split())
        publisher = _without_opening(publisher, wordings.before.get(word, ()))
        return "" if fold(publisher) in wordings.nobody else publisher
    return ""


def _overlapping(pattern: re.Pattern[str], text: str) -> list[re.Match[str]]:
    """Return the matches at each position: "X en MSN en español" has two, "X on via MSN" as well."""
    return [match for start in _STARTS.finditer(text) if (match := pattern.match(text, start.start())) is not None]


_LONGEST = 100
"""No name of an aggregator is longer, which bounds the time that a label of many words takes."""
_STARTS = re.compile(r"(?<![\s,])[\s,(]")


def _without_opening(publisher: str, words: tuple[str, ...]) -> str:
    first, _, rest = publisher.partition(" ")
    return rest.strip() if first in words and rest.strip() else publisher


def is_own_name(name: str, aggregator: Aggregator) -> bool:
    """Return whether a name is the aggregator's own: "Yahoo", "YAHOO!Finance", "Yahoo Nachrichten Deutschland"."""
    if fold(name) in aggregator.names or ("." in name and aggregator_of(host_of(name)) is aggregator):
        return True
    words = words_of(name)
    if any(words[: len(brand)] == brand and _known(words[len(brand) :]) for brand in aggregator.brands):
        return True
    # "YahooFinance" too.
    return any(
        words[0].startswith(brand[0]) and _known((words[0][len(brand[0]) :], *words[1:]))
        for brand in aggregator.brands
        if len(brand) == 1 and words and len(words[0]) > len(brand[0]) + 2
    )


def mentions_brand(name: str, aggregator: Aggregator) -> bool:
    """Return whether a name holds the aggregator's brand among its words."""
    words = words_of(name)
    return any(words[start : start + len(brand)] == brand for brand in aggregator.brands for start in range(len(words)))


def _known(words: tuple[str, ...]) -> bool:
    """Return whether words are phrases for sections and editions, one after the other."""
    wordings = _wordings()
    reached = {0}
    for start in range(len(words)):
        if start in reached:
            reached.update(
                start + length
                for length in range(1, wordings.longest + 1)
                if words[start : start + length] in wordings.phrases
            )
    return len(words) in reached
