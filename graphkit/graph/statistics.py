"""Statistics: counts, rankings and the span of dates of a graph."""

from __future__ import annotations

from collections import Counter
from typing import Any

import networkx as nx

from graphkit.records.dates import utc_text


def statistics(graph: nx.MultiDiGraph[str], *, top: int = 10) -> dict[str, Any]:
    """Return counts by kind, the `top` providers and topics by articles, and the span of publication dates.

    Ties are sorted by name. All values are plain, ready for JSON.
    """
    nodes = [data for _, data in graph.nodes(data=True)]
    articles = [data for data in nodes if data["kind"] == "article"]
    dates = [data["published_at"] for data in articles if "published_at" in data]
    kinds = Counter(data["kind"] for data in nodes)
    media = Counter(data.get("media", "unknown") for data in articles)
    edges = Counter(kind for _, _, kind in graph.edges(keys=True))
    return {
        "nodes": dict(sorted(kinds.items())),
        "edges": dict(sorted(edges.items())),
        "media": dict(sorted(media.items())),
        "published": {"first": utc_text(min(dates)), "last": utc_text(max(dates))} if dates else {},
        "providers": most_linked(graph, "publisher", "name", top=top),
        "topics": most_linked(graph, "about", "label", top=top),
    }


def most_linked(graph: nx.MultiDiGraph[str], kind: str, name: str, *, top: int) -> list[dict[str, Any]]:
    """Return the `top` targets of edges of one kind, each with its id, its name and its number of edges."""
    counts = Counter(target for _, target, key in graph.edges(keys=True) if key == kind)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], graph.nodes[item[0]].get(name, ""), item[0]))
    return [{"id": node, "name": graph.nodes[node].get(name, ""), "articles": count} for node, count in ranked[:top]]
