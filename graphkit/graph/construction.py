"""Construction: the NetworkX graph of merged articles, providers and topics, with nodes and edges sorted.

The key of a node is its id, that of an edge its kind. Attributes are plain Python values; an unknown one is absent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import networkx as nx

from graphkit.garbage_collection import collector_paused
from graphkit.graph.node_attributes import article_attributes, provider_attributes, topic_attributes
from graphkit.merge.articles import Merged
from graphkit.urls.canonical_url import POLICY_VERSION


def to_graph(merged: Merged) -> nx.MultiDiGraph[str]:
    """Return the graph of merged articles, providers and topics."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(policy=POLICY_VERSION)
    with collector_paused():
        graph.add_nodes_from((article.id, article_attributes(article)) for article in merged.articles)
        graph.add_nodes_from((provider.id, provider_attributes(provider)) for provider in merged.providers)
        graph.add_nodes_from((topic.id, topic_attributes(topic)) for topic in merged.topics)
        graph.add_edges_from(_edges(merged, graph))  # type: ignore[arg-type]  # its stubs know no keys of edges
    return graph


def _edges(merged: Merged, nodes: Iterable[str]) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    # Edges end at the nodes' own key objects: equal strings would take as much memory again.
    key = {node: node for node in nodes}
    for article in merged.articles:
        if article.publisher:
            label = {"label": article.publisher_label} if article.publisher_label else {}
            yield article.id, key[article.publisher], "publisher", label
        if article.distributor:
            yield article.id, key[article.distributor], "distributor", {}
        for topic in article.topics:
            yield article.id, key[topic], "about", {}
        for link in article.related:
            yield article.id, key[link.target], "related", {"rank": link.rank, "sources": link.sources}
    for narrower in merged.topics:
        for broader in narrower.broader:
            yield narrower.id, key[broader], "broader", {}
