"""The graph: articles, providers and topics as a NetworkX MultiDiGraph.

A node's key is its id, an edge's key is its kind, attributes are plain Python values; what is unknown is absent.
Nodes and edges stand in sorted order.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import networkx as nx

from graphkit.merge import Article, Merged
from graphkit.settling import Provider, Topic
from graphkit.urls import POLICY_VERSION


def to_graph(merged: Merged) -> nx.MultiDiGraph[str]:
    """Return the graph of merged articles, providers and topics."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(policy=POLICY_VERSION)
    with collector_paused():
        graph.add_nodes_from((article.id, article_attributes(article)) for article in merged.articles)
        graph.add_nodes_from((provider.id, provider_attributes(provider)) for provider in merged.providers)
        graph.add_nodes_from((topic.id, topic_attributes(topic)) for topic in merged.topics)
        graph.add_edges_from(_edges(merged))  # type: ignore[arg-type]  # the stubs know only simple graphs
    return graph


def provider_attributes(provider: Provider) -> dict[str, Any]:
    """Return the attributes of a provider's node."""
    attributes = {
        "kind": "provider",
        "name": provider.name,
        "names": provider.names,
        "domain": provider.domain,
        "platform": provider.platform,
    }
    return _known(attributes)


def topic_attributes(topic: Topic) -> dict[str, Any]:
    """Return the attributes of a topic's node."""
    attributes = {"kind": "topic", "label": topic.label, "labels": topic.labels, "keywords": topic.keywords}
    return _known(attributes)


def article_attributes(article: Article) -> dict[str, Any]:
    """Return the attributes of an article's node."""
    attributes: dict[str, Any] = {
        "kind": "article",
        "title": article.title,
        "titles": article.titles,
        "excerpt": article.excerpt,
        "published_at": article.published_at,
        "updated_at": article.updated_at,
        "url": article.url,
        "variants": article.variants,
        "media": article.media,
        "quality": article.quality,
        "heat": article.heat,
        "status": article.status,
        "categories": article.categories,
        "language": article.language,
        "images": tuple(
            _known({"url": url, "width": width or None, "height": height or None})
            for url, width, height in article.images
        ),
        "sources": article.sources,
    }
    return _known(attributes)


def _known(attributes: dict[str, Any]) -> dict[str, Any]:
    """Drop what is unknown; zero is known."""
    return {name: value for name, value in attributes.items() if value or value == 0}


def _edges(merged: Merged) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    for article in merged.articles:
        if article.publisher:
            label = {"label": article.publisher_label} if article.publisher_label else {}
            yield article.id, article.publisher, "publisher", label
        if article.distributor:
            yield article.id, article.distributor, "distributor", {}
        for topic in article.topics:
            yield article.id, topic, "about", {}
        for link in article.related:
            yield article.id, link.target, "related", {"rank": link.rank, "sources": link.sources}
    for narrower in merged.topics:
        for broader in narrower.broader:
            yield narrower.id, broader, "broader", {}


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the garbage collector: walking a graph that only grows doubles the time to fill it.

    What was made meanwhile goes to the oldest generation at once; otherwise the first allocation afterwards would walk
    it all. Objects that somebody else has frozen stay so.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            if gc.get_freeze_count() == 0:
                gc.freeze()
                gc.unfreeze()
            gc.enable()
