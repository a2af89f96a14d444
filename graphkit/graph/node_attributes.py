"""What the nodes of the graph know, as plain values; what is unknown is absent."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any

from graphkit.merge.articles import Article
from graphkit.merge.providers import Provider
from graphkit.merge.topics import Topic
from graphkit.records.attributes import ARTICLE, PROVIDER, TOPIC, Attribute


def article_attributes(article: Article) -> dict[str, Any]:
    """Return the attributes of an article's node."""
    attributes = _known("article", _ARTICLE, _article_values(article))
    if article.images:
        attributes["images"] = tuple(
            {name: value for name, value in (("url", url), ("width", width), ("height", height)) if value}
            for url, width, height in article.images
        )
    return attributes


def provider_attributes(provider: Provider) -> dict[str, Any]:
    """Return the attributes of a provider's node."""
    return _known("provider", _PROVIDER, _provider_values(provider))


def topic_attributes(topic: Topic) -> dict[str, Any]:
    """Return the attributes of a topic's node."""
    return _known("topic", _TOPIC, _topic_values(topic))


def _known(kind: str, names: Iterable[str], values: Iterable[Any]) -> dict[str, Any]:
    """Leave out what is unknown; zero is known."""
    attributes = {name: value for name, value in zip(names, values, strict=True) if value or value == 0}
    return {"kind": kind, **attributes}


def _values_of(attributes: Iterable[Attribute]) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    names = tuple(attribute.name for attribute in attributes)
    return names, attrgetter(*names)


_ARTICLE, _article_values = _values_of(ARTICLE)
_PROVIDER, _provider_values = _values_of(PROVIDER)
_TOPIC, _topic_values = _values_of(TOPIC)
