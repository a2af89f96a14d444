"""Tables: the rows of nodes and edges, as GraphFrames and everyone else who reads Parquet expects them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphkit.merge.articles import Article
from graphkit.merge.resolution import Provider, Topic

_TEXTS = "array<string>"
_PLACES = "array<struct<file:string,pointer:string>>"
NODES = (
    f"id string, kind string, title string, titles {_TEXTS}, excerpt string, published_at timestamp, "
    "updated_at timestamp, url string, variants array<struct<relation:string,url:string>>, media string, "
    f"quality bigint, heat bigint, status string, categories {_TEXTS}, language string, "
    f"images array<struct<url:string,width:bigint,height:bigint>>, sources {_PLACES}, "
    f"name string, names {_TEXTS}, domain string, platform string, label string, labels {_TEXTS}, keywords {_TEXTS}"
)
"""The schema of nodes; what is unknown, or not of a node's kind, is null."""

EDGES = f"src string, dst string, kind string, label string, rank int, sources {_PLACES}"
"""The schema of edges."""

_COLUMNS = 24


def node_row(article: Article) -> tuple[Any, ...]:
    """Return the row of an article."""
    known = (
        *(article.id, "article", article.title or None, list(article.titles), article.excerpt or None),
        *(article.published_at, article.updated_at, article.url or None, list(article.variants)),
        *(article.media or None, article.quality, article.heat, article.status or None, list(article.categories)),
        *(article.language or None, [(url, width or None, height or None) for url, width, height in article.images]),
        list(article.sources),
    )
    return (*known, *(None,) * (_COLUMNS - len(known)))


def provider_row(provider: Provider) -> tuple[Any, ...]:
    """Return the row of a provider."""
    told = (provider.name, list(provider.names), provider.domain or None, provider.platform or None)
    return (provider.id, "provider", *(None,) * 15, *told, None, None, None)


def topic_row(topic: Topic) -> tuple[Any, ...]:
    """Return the row of a topic."""
    return (topic.id, "topic", *(None,) * 19, topic.label, list(topic.labels), list(topic.keywords))


def edge_rows(start: Article | Topic) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of the edges that an article or a topic has to others."""
    if isinstance(start, Topic):
        for broader in start.broader:
            yield start.id, broader, "broader", None, None, None
        return
    if start.publisher:
        yield start.id, start.publisher, "publisher", start.publisher_label or None, None, None
    if start.distributor:
        yield start.id, start.distributor, "distributor", None, None, None
    for topic in start.topics:
        yield start.id, topic, "about", None, None, None
    for link in start.related:
        yield start.id, link.target, "related", None, link.rank, list(link.sources)
