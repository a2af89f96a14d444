"""Which part of a graph is drawn: the neighbourhood of a node, or the busiest nodes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import networkx as nx

from graphkit.diagnostics.quoting import quoted
from graphkit.errors import UsageError
from graphkit.page.node_display import name_of

_MOST_SUGGESTIONS = 5
_LIKE_A_URL = re.compile(r"(?:https?:)?//\S+|[^\s/]+\.[^\s/]+/\S*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Selection:
    """The nodes to draw, sorted by id, and from how many they were chosen."""

    nodes: tuple[str, ...]
    candidates: int
    centre: str | None


def select_nodes(graph: nx.MultiDiGraph[str], *, around: str | None, hops: int, limit: int) -> Selection:
    """Choose at most `limit` nodes: all, or those within `hops` steps of the node that `around` names.

    Steps follow edges in both directions. If there are more than `limit` nodes, those nearest to `around` come first,
    then those with the most edges.

    >>> path = nx.MultiDiGraph([("a", "b"), ("b", "c"), ("c", "d")])
    >>> select_nodes(path, around=None, hops=1, limit=2).nodes
    ('b', 'c')
    >>> select_nodes(path, around="a", hops=1, limit=500).nodes
    ('a', 'b')
    """
    if limit < 1:
        raise UsageError(f"limit: expected a whole number of at least 1, got {limit}")
    if hops < 0:
        raise UsageError(f"hops: expected a whole number of at least 0, got {hops}")
    centre = None if around is None else find_node(graph, around)
    steps = dict.fromkeys(graph, 0) if centre is None else _steps_from(graph, centre, hops)
    degrees = dict(graph.degree())
    chosen = sorted(steps, key=lambda node: (steps[node], -degrees[node], node))[:limit]
    return Selection(nodes=tuple(sorted(chosen)), candidates=len(steps), centre=centre)


def _steps_from(graph: nx.MultiDiGraph[str], centre: str, hops: int) -> dict[str, int]:
    steps = {centre: 0}
    frontier = [centre]
    for step in range(1, hops + 1):
        reached: list[str] = []
        for node in frontier:
            for other in (*graph.successors(node), *graph.predecessors(node)):
                if other not in steps:
                    steps[other] = step
                    reached.append(other)
        frontier = reached
    return steps


def find_node(graph: nx.MultiDiGraph[str], text: str) -> str:
    """Return the id of the one node that `text` names: its id, URL, title or name.

    The first of these that matches a node decides: id; URL, as in the graph; URL, by its canonical form; title or name;
    other titles, names and domains; part of any of these. In titles and names, case and the amount of white space do
    not matter.

    Raises `UsageError` if the text names no node, or more than one.

    >>> graph = nx.MultiDiGraph()
    >>> graph.add_node("topic/games", kind="topic", label="Games", labels=("Games",))
    >>> find_node(graph, "games")
    'topic/games'
    """
    if text in graph:
        return text
    wanted = _folded(text)
    ways: list[Callable[[], Iterable[str]]] = [
        lambda: (node for node, facts in graph.nodes(data=True) if text in _urls(facts)),
        lambda: _with_match_key(graph, text),
        lambda: (node for node, facts in graph.nodes(data=True) if wanted == _folded(name_of(node, facts))),
        lambda: (node for node, facts in graph.nodes(data=True) if wanted in map(_folded, _names(facts))),
        lambda: (
            node
            for node, facts in graph.nodes(data=True)
            if any(wanted in _folded(name) for name in (name_of(node, facts), *_names(facts)))
        ),
    ]
    for way in ways if wanted else ():
        found = sorted(set(way()))
        if len(found) == 1:
            return found[0]
        if found:
            raise UsageError(f"{_expectation(text)}, which fits {len(found):,} nodes: {_listing(graph, found)}")
    near = _alike(graph, wanted)
    raise UsageError(_expectation(text) + (f"; near it: {_listing(graph, near)}" if near else ""))


def _names(facts: dict[str, Any]) -> Iterator[str]:
    for key in ("titles", "names", "labels"):
        yield from map(str, facts.get(key, ()))
    if "domain" in facts:
        yield str(facts["domain"])


def _urls(facts: dict[str, Any]) -> Iterator[str]:
    if "url" in facts:
        yield facts["url"]
    for _, url in facts.get("variants", ()):
        yield url


def _with_match_key(graph: nx.MultiDiGraph[str], text: str) -> Iterator[str]:
    if not _LIKE_A_URL.fullmatch(text.strip()):
        return
    from graphkit.urls.canonical_url import receipt  # only needed here, and not free to load

    url = text.strip()
    url = url if url.lower().startswith(("http:", "https:")) else f"https://{url.lstrip('/')}"
    key = receipt(url).key
    if not key:
        return
    for node, facts in graph.nodes(data=True):
        if "url" in facts and receipt(facts["url"]).key == key:
            yield node


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _alike(graph: nx.MultiDiGraph[str], wanted: str) -> list[str]:
    by_name: dict[str, str] = {}
    for node in sorted(graph):
        by_name.setdefault(_folded(name_of(node, graph.nodes[node])), node)
        by_name.setdefault(node, node)
    return [by_name[name] for name in get_close_matches(wanted, by_name, n=_MOST_SUGGESTIONS)]


def _expectation(text: str) -> str:
    return f"expected the id, URL, title or name of one node, got {quoted(text)}"


def _listing(graph: nx.MultiDiGraph[str], nodes: list[str]) -> str:
    shown = [f"{quoted(name_of(node, graph.nodes[node]))} ({node})" for node in nodes[:_MOST_SUGGESTIONS]]
    return ", ".join(shown) + (", …" if len(nodes) > _MOST_SUGGESTIONS else "")
