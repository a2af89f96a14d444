"""One HTML page with a drawing of a graph, made with pyvis and safe to open whatever its titles contain.

pyvis holds the nodes, edges and options, but its template is not used: it loads a style sheet from another site, does
not escape the heading, and shows titles as HTML as soon as one of them contains "href". The template here contains
everything it needs, under a policy that allows no requests.
"""

from __future__ import annotations

import html
import json
import re
from importlib import resources
from math import sqrt
from string import Template
from typing import Any

import networkx as nx

from graphkit.page.drawing.force_layout import NodeBox, Spring, positions
from graphkit.page.drawing.panel import panel_facts
from graphkit.page.drawing.selection import Selection, select_nodes
from graphkit.page.node_display import name_of, sort_of
from graphkit.page.palette import coloured
from graphkit.page.standalone_html import asset, json_in_html, one_line, policy

_SHAPES = {
    "article": "dot",
    "video": "triangle",
    "other": "hexagon",
    "provider": "square",
    "topic": "diamond",
}
_HUBS = frozenset({"provider", "topic"})
_LETTERS_OF_A_HUB, _LETTERS = 26, 34
# The weight of an edge. The publisher decides where an article is placed: it has one, but many other edges.
_WEIGHTS = {"publisher": 2.0, "distributor": 1.0, "about": 1.0, "related": 0.5, "broader": 1.5}
_OPTIONS = {
    "autoResize": True,
    "edges": {
        "arrows": {"to": {"enabled": True, "scaleFactor": 0.35}},
        "smooth": False,
        "selectionWidth": 0,
        "hoverWidth": 0,
    },
    "interaction": {"hover": True, "tooltipDelay": 120, "selectConnectedEdges": False},
    "layout": {"randomSeed": 1, "improvedLayout": False},
    "nodes": {"borderWidth": 1.5, "borderWidthSelected": 3},
    "physics": {"enabled": False},
}


def draw(
    graph: nx.MultiDiGraph[str],
    *,
    around: str | None = None,
    hops: int = 1,
    limit: int = 500,
    title: str = "Coverage graph",
) -> str:
    """Return a complete HTML page that draws `graph`, to be written as UTF-8. The graph is not changed.

    `around` (an id, URL, title or name) limits it to the nodes within `hops` steps of that node. If there are more than
    `limit` nodes, those with the most edges are drawn, and the page says so. Equal graphs give the same text, in
    whatever order they were filled. Raises `UsageError` if `around` names no node or several, or a number is out of
    range.

    >>> "There is nothing to draw" in draw(nx.MultiDiGraph())
    True
    """
    shown = select_nodes(graph, around=around, hops=hops, limit=limit)
    notice = _notice(graph, shown, hops)
    folder = resources.files(__name__)
    style = coloured(asset(folder.joinpath("drawing.css")))
    script = asset(folder.joinpath("drawing.js"))
    library = _vis_network()
    return Template(asset(folder.joinpath("drawing.html"))).substitute(
        policy=html.escape(policy(scripts=(library, script), style=style)),
        title=html.escape(one_line(title)),
        notice=html.escape(one_line(notice)),
        style=style,
        data=json_in_html(_content(graph, shown)),
        library=library,
        script=script,
    )


def _notice(graph: nx.MultiDiGraph[str], shown: Selection, hops: int) -> str:
    if not graph:
        return "This graph is empty. There is nothing to draw."
    count, candidates = len(shown.nodes), shown.candidates
    if shown.centre is None:
        if count < candidates:
            return f"Showing the {count:,} busiest of {candidates:,} nodes"
        return f"{_counted(count, 'node')}, {_counted(graph.number_of_edges(), 'link')}"
    steps = f"within {_counted(hops, 'step')} of “{name_of(shown.centre, graph.nodes[shown.centre])}”"
    if count < candidates:
        return f"Showing the {count:,} nearest and busiest of {candidates:,} nodes {steps}"
    return f"{_counted(count, 'node')} {steps}"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _content(graph: nx.MultiDiGraph[str], shown: Selection) -> dict[str, Any]:
    """Return the data of the page's script: pyvis's nodes, edges and options, and the panel's facts.

    Nodes are identified by index, so that no id can clash with a property that JavaScript objects have.
    """
    from pyvis.network import Network  # slow to import, and only a drawing needs it

    index_of = {node: index for index, node in enumerate(shown.nodes)}
    drawn = graph.subgraph(shown.nodes)
    edges = sorted((index_of[source], index_of[target], kind) for source, target, kind in drawn.edges(keys=True))
    degrees = dict(drawn.degree())
    sorts = [sort_of(graph.nodes[node]) for node in shown.nodes]
    sizes = [_size(degrees[node], sort) for node, sort in zip(shown.nodes, sorts, strict=True)]
    boxes = [_node_box(size, sort) for size, sort in zip(sizes, sorts, strict=True)]
    places = positions(boxes, [Spring(source, target, _WEIGHTS.get(kind, 1.0)) for source, target, kind in edges])

    net = Network(directed=True)
    net.set_options(json.dumps(_OPTIONS))
    for node, sort, size, (x, y) in zip(shown.nodes, sorts, sizes, places, strict=True):
        name = one_line(name_of(node, graph.nodes[node]))
        net.add_node(
            index_of[node],
            label=_shortened(name, _LETTERS_OF_A_HUB if sort in _HUBS else _LETTERS),
            shape=_SHAPES[sort],
            group=sort,  # with a group, pyvis sets no colour; the page has a light and a dark one
            title=_shortened(name, 200),
            size=size,
            x=x,
            y=y,
        )
    for source, target, kind in edges:
        net.add_edge(source, target, kind=kind)
    nodes, links, _, _, _, options = net.get_network_data()
    return {
        "nodes": nodes,
        "edges": links,
        "options": json.loads(options),
        "facts": panel_facts(graph, shown.nodes),
        "centre": None if shown.centre is None else index_of[shown.centre],
    }


def _size(degree: int, sort: str) -> int:
    """Return half the width of a node's shape: hubs grow with their edges."""
    if sort in _HUBS:
        return round(9 + min(21.0, 2.0 * sqrt(degree)))
    return round(6 + min(4.0, 0.6 * sqrt(degree)))


def _node_box(size: int, sort: str) -> NodeBox:
    hub = sort in _HUBS
    return NodeBox(width=size + (26 if hub else 5), height=size + (12 if hub else 5), hub=hub)


def _shortened(text: str, letters: int) -> str:
    """Shorten a text to at most `letters` characters, at a space if one is near.

    >>> _shortened("The quick brown fox jumps", 18)
    'The quick brown…'
    """
    if len(text) <= letters:
        return text
    cut = text[: letters - 1]
    at_space = cut.rfind(" ")
    return (cut[:at_space] if at_space > letters * 0.6 else cut).rstrip() + "…"


def _vis_network() -> str:
    """Return the vis-network that pyvis ships, without the link to a source map, which it does not ship."""
    folder = resources.files("pyvis").joinpath("templates", "lib")
    versions = sorted(
        (entry for entry in folder.iterdir() if entry.name.startswith("vis-")),
        key=lambda entry: [int(number) for number in re.findall(r"\d+", entry.name)],
    )
    library = asset(versions[-1].joinpath("vis-network.min.js"))
    if re.search(r"</script|<!--", library, re.IGNORECASE):
        raise ValueError("vis-network cannot stand in a script element as it is")
    return re.sub(r"\n//# sourceMappingURL=\S*\s*$", "\n", library)
