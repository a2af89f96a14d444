"""A graph as notebooks show it: the explorer in a frame of its own."""

from __future__ import annotations

import html

import networkx as nx

from graphkit.page.explorer import explore

LARGEST = 10_000
"""The most nodes shown: a notebook stores the page in its file every time it is shown."""

_HEIGHT = 640  # pixels
_ALLOWED = "allow-scripts allow-downloads allow-popups allow-popups-to-escape-sandbox"


def framed(graph: nx.MultiDiGraph[str]) -> str:
    """Return HTML that shows a graph inside another page, or a sentence if the graph is too large.

    The frame is sandboxed: its script runs, but can reach neither the page around it nor that page's storage.
    """
    nodes = graph.number_of_nodes()
    if nodes > LARGEST:
        return (
            f"<p>A graph of {nodes:,} nodes: too many for a notebook, which shows up to {LARGEST:,}. "
            "<code>graphkit.export(built, folder)</code> writes a page to explore it in.</p>"
        )
    return (
        f'<iframe title="Coverage graph" sandbox="{_ALLOWED}" style="width: 100%; height: {_HEIGHT}px; border: 0"'
        f' srcdoc="{html.escape(explore(graph))}"></iframe>'
    )
