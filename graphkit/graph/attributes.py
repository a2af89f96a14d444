"""Attributes: what the nodes of the graph know, as plain values; what is unknown is absent."""

from __future__ import annotations

from typing import Any

from graphkit.merge.articles import Article
from graphkit.merge.resolution import Provider, Topic


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
