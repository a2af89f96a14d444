"""The graph as HTML pages that ask the network for nothing: one to explore all of it, one that draws a part.

>>> import networkx as nx
>>> draw(nx.MultiDiGraph()).startswith("<!doctype html>")
True
"""

from graphkit.page.drawing import draw
from graphkit.page.drawing.selection import find_node
from graphkit.page.explorer import explore
from graphkit.page.notebook import framed

__all__ = ["draw", "explore", "find_node", "framed"]
