"""Merged articles: what the reduction packed, as one value that shares its texts."""

from __future__ import annotations

from operator import attrgetter

import msgspec
from msgspec.structs import force_setattr

from graphkit.merge.articles import Article, Merged
from graphkit.merge.resolution import Resolution
from graphkit.pipeline.local.blob_store import BlobStore, Extent


def merged_articles(resolution: Resolution, packed: list[Extent], scratch: BlobStore) -> Merged:
    """Return all articles, sorted by id, with the providers and topics."""
    articles: list[Article] = []
    texts: dict[str, str] = {}
    for extent in packed:
        for article in _ARTICLES(scratch.read(extent)):
            _share_texts(article, texts)
            articles.append(article)
    articles.sort(key=attrgetter("id"))
    return Merged(tuple(articles), resolution.providers, resolution.topics, {}, {})


def _share_texts(article: Article, texts: dict[str, str]) -> None:
    """Have an article share equal texts with others: they are most of the memory it would take."""

    def shared(text: str) -> str:
        return texts.setdefault(text, text)

    def places(pairs: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        return tuple([(shared(source), shared(pointer)) for source, pointer in pairs])

    for name in ("media", "status", "language", "publisher", "publisher_label", "distributor"):
        force_setattr(article, name, shared(getattr(article, name)))
    for name in ("categories", "topics"):
        force_setattr(article, name, tuple(map(shared, getattr(article, name))))
    title = article.title
    force_setattr(article, "titles", tuple([title if one == title else one for one in article.titles]))
    force_setattr(article, "sources", places(article.sources))
    for link in article.related:
        force_setattr(link, "sources", places(link.sources))


_ARTICLES = msgspec.msgpack.Decoder(list[Article]).decode
