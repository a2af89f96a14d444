"""Node attributes: what is known about a node of the graph, as plain values; an unknown attribute is absent."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from graphkit.merge.articles import Article
from graphkit.merge.providers import Provider
from graphkit.merge.topics import Topic
from graphkit.records.attributes import NODE_ATTRIBUTES


def article_attributes(article: Article) -> dict[str, Any]:
    """Return the attributes of an article's node."""
    attributes = _article_attributes(article)
    if article.images:
        attributes["images"] = tuple(
            {name: value for name, value in (("url", url), ("width", width), ("height", height)) if value}
            for url, width, height in article.images
        )
    return attributes


def _attributes_of(kind: str) -> Callable[[Any], dict[str, Any]]:
    """Return the function that gives the known attributes of a node of a kind; zero is known."""
    names = tuple(attribute.name for attribute in NODE_ATTRIBUTES[kind])
    values = attrgetter(*names)

    def attributes(node: Any) -> dict[str, Any]:
        known = {name: value for name, value in zip(names, values(node), strict=True) if value or value == 0}
        return {"kind": kind, **known}

    return attributes


_article_attributes = _attributes_of("article")
provider_attributes: Callable[[Provider], dict[str, Any]] = _attributes_of("provider")
topic_attributes: Callable[[Topic], dict[str, Any]] = _attributes_of("topic")
