"""Names of areas: the topic that most of an area's articles share, and words that set it apart."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

_WORD = re.compile(r"[^\W\d_](?:[\w'’]*[\w])?")
_SHORTEST_WORD = 3
# Stop words of the languages that most headlines are in.
_STOP = """
    about after again all and any are been but can could did does down first for from get gets had has have her here his
    how into its just know last like made make makes may more most need new not now off one our out over own says see
    she should some than that the their them then there these they this those top two under until use was were what
    when where which who why will with would you your
    aus bei das dem den der des die ein eine einer für hat ist mit nach nicht sich sie sind über und vom von wie wird
    zum zur
    aux avec ces cette dans elle est les mais nos nous par pas plus pour que qui ses son sont sur une vous
    como con del desde esta este las los más muy para pero por sin sobre una uno
    che con dei del della delle gli nel nella non per più sono una
    com das dos ela mais não nas nos para por seu sua uma
    aan als een het maar met naar niet ook van voor
"""
_STOP_WORDS = frozenset(_STOP.split())
_MOST_WORDS = 3
_FEWEST_ARTICLES = 2
_DISTINCTIVE = 2.0  # how much more frequent than elsewhere a word must be in the titles of an area


class AreaMember(NamedTuple):
    """What one article contributes to the name of its area."""

    area: int
    title: str
    topics: Sequence[str]
    provider: str


class AreaName(NamedTuple):
    """The name of an area, and what else describes it: distinctive words of its titles, or the topic it shares."""

    main: str
    words: tuple[str, ...]


def names(members: Iterable[AreaMember], areas: int) -> list[AreaName]:
    """Return the names of all areas, in their order. Ties are broken alphabetically.

    >>> names([AreaMember(0, "Robots at work", ["AI"], "BBC"), AreaMember(0, "Robots at home", ["AI"], "CNN")], 1)
    [AreaName(main='AI', words=('Robots',))]
    """
    topics = [Counter[str]() for _ in range(areas)]
    providers = [Counter[str]() for _ in range(areas)]
    words = [Counter[str]() for _ in range(areas)]
    sizes = [0] * areas
    spellings: dict[str, Counter[str]] = {}
    for area, title, of_it, provider in members:
        sizes[area] += 1
        topics[area].update(of_it)
        if provider:
            providers[area][provider] += 1
        for word in {word for word in _WORD.findall(title) if _is_content(word)}:
            folded = word.casefold()
            words[area][folded] += 1
            spellings.setdefault(folded, Counter())[word] += 1
    everywhere: Counter[str] = Counter()
    all_topics: Counter[str] = Counter()
    for area in range(areas):
        everywhere.update(words[area])
        all_topics.update(topics[area])
    total = max(1, sum(sizes))
    made = []
    for area in range(areas):
        main = _main(topics[area], all_topics, sizes[area], total) or _commonest(providers[area])
        taken = set(_WORD.findall(main.casefold()))
        distinctive = _distinctive(words[area], everywhere, sizes[area], total, taken)
        made.append(AreaName(main, tuple(_commonest(spellings[word]) for word in distinctive)))
    shared = Counter(name.main for name in made)
    return [_apart(name, shared) for name in made]


def _apart(name: AreaName, shared: Counter[str]) -> AreaName:
    """Name an area by its words if others have the same main topic.

    >>> _apart(AreaName("AI", ("Robots", "Work", "Home")), Counter({"AI": 2}))
    AreaName(main='Robots, Work', words=('AI',))
    """
    if shared[name.main] < 2 or not name.words:
        return name
    words = ", ".join(word[:1].upper() + word[1:] for word in name.words[:2])
    return AreaName(words, (name.main,) if name.main else ())


def _is_content(word: str) -> bool:
    return len(word) >= _SHORTEST_WORD and word.casefold() not in _STOP_WORDS


def _commonest(counts: Counter[str]) -> str:
    return min(counts, key=lambda name: (-counts[name], name), default="")


def _main(counts: Counter[str], everywhere: Counter[str], size: int, total: int) -> str:
    """Return the topic that many articles of an area have and few elsewhere, empty if too few have it."""

    def score(topic: str) -> tuple[float, str]:
        count = counts[topic]
        share, share_of_all = count / size, everywhere[topic] / total
        return (-count * (share - 0.5 * share_of_all), topic)

    best = min(counts, key=score, default="")
    return best if best and counts[best] * 5 >= size else ""


def _distinctive(
    counts: Counter[str], everywhere: Counter[str], size: int, total: int, taken: Iterable[str]
) -> Sequence[str]:
    def lift(word: str) -> float:
        return (counts[word] * total) / (everywhere[word] * size)

    known = set(taken)
    # In a single area no word is more frequent than elsewhere: take the most common long ones.
    alone = size == total
    fit = [
        word
        for word, count in counts.items()
        if count >= _FEWEST_ARTICLES and word not in known and (lift(word) >= _DISTINCTIVE or (alone and len(word) > 4))
    ]
    fit.sort(key=lambda word: (-counts[word] * (1.0 - 1.0 / (1.0 + lift(word))), word))
    return fit[:_MOST_WORDS]
