"""The graph as one HTML page that asks the network for nothing.

>>> import networkx as nx
>>> draw(nx.MultiDiGraph()).startswith("<!doctype html>")
True
"""

from graphkit.page.drawing import draw
from graphkit.page.selection import find_node

__all__ = ["draw", "find_node"]
