"""The attributes of an article, each declared once: its name, its type, the fields it is read from, how mentions merge.

A new attribute is a row of `ARTICLE` and, where a record states it as it is, a field of `Stated`. Decoding, merging,
the packing of mentions, the graph, the tables of CSV, Parquet, Neo4j and Spark, the panels of the pages and the lines
that validation points at all follow from the row. Its RDF property is declared in `graphkit.rdf.properties`.
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from operator import attrgetter
from types import MappingProxyType
from typing import NamedTuple

import msgspec


class ValueType(Enum):
    """What an attribute holds."""

    TEXT = "text"
    INTEGER = "integer"
    SMALL_INTEGER = "small integer"
    MOMENT = "moment"
    TEXTS = "texts"
    VARIANTS = "variants"
    IMAGES = "images"
    PLACES = "places"


LISTS = frozenset({ValueType.TEXTS, ValueType.VARIANTS, ValueType.IMAGES, ValueType.PLACES})
"""The types whose values are tuples, empty where nothing is known."""


class Merging(Enum):
    """What becomes of an attribute that mentions of one article state differently."""

    CHOSEN = "chosen, and the report counts the articles whose mentions disagree"
    UNITED = "united"
    DERIVED = "made from other values"


class Attribute(NamedTuple):
    """One attribute of a kind of node.

    `fields` are the fields of a record it is read from, the first of which counts where `is_plain`: then the attribute
    is that field's text. `label` is what people read beside the value; it is empty where a page has a place of its own
    for the value.
    """

    name: str
    type: ValueType
    fields: tuple[str, ...] = ()
    label: str = ""
    merging: Merging = Merging.CHOSEN
    is_plain: bool = False


ARTICLE = (
    Attribute("title", ValueType.TEXT, ("title",)),
    Attribute("titles", ValueType.TEXTS, ("title",), merging=Merging.DERIVED),
    Attribute("excerpt", ValueType.TEXT, ("excerpt",), is_plain=True),
    Attribute("published_at", ValueType.MOMENT, ("publishedDateTime",), "Published"),
    Attribute("updated_at", ValueType.MOMENT, ("updatedDateTime",), "Updated"),
    Attribute("url", ValueType.TEXT, ("webUrl", "originalUrl", "ampWebUrl", "cdnAmpWebUrl"), merging=Merging.DERIVED),
    Attribute("variants", ValueType.VARIANTS, ("ampWebUrl", "cdnAmpWebUrl", "originalUrl"), merging=Merging.DERIVED),
    Attribute("media", ValueType.TEXT, ("type",)),
    Attribute("quality", ValueType.INTEGER, ("quality",), "Quality"),
    Attribute("heat", ValueType.INTEGER, ("heat",), "Heat"),
    Attribute("status", ValueType.TEXT, ("published", "removed"), "Status"),
    Attribute("categories", ValueType.TEXTS, ("category", "categories"), "Section", Merging.UNITED),
    Attribute("language", ValueType.TEXT, ("locale",), "Language", is_plain=True),
    Attribute("byline", ValueType.TEXT, ("byline",), "Byline", is_plain=True),
    Attribute("images", ValueType.IMAGES, ("images",), merging=Merging.DERIVED),
    Attribute("sources", ValueType.PLACES, merging=Merging.DERIVED),
)
"""The attributes of an article in the order in which every export lists them."""

PROVIDER = (
    Attribute("name", ValueType.TEXT),
    Attribute("names", ValueType.TEXTS),
    Attribute("domain", ValueType.TEXT, label="Domain"),
    Attribute("platform", ValueType.TEXT, label="Platform"),
)
"""The attributes of a provider."""

TOPIC = (
    Attribute("label", ValueType.TEXT),
    Attribute("labels", ValueType.TEXTS),
    Attribute("keywords", ValueType.TEXTS, label="Keywords"),
)
"""The attributes of a topic."""

NODE_ATTRIBUTES = MappingProxyType({"article": ARTICLE, "provider": PROVIDER, "topic": TOPIC})
"""The attributes of each kind of node."""


class Stated(msgspec.Struct, frozen=True):
    """What one mention states of an article, or all of them together. Empty, or None, means unknown."""

    title: str = ""
    excerpt: str = ""
    published_at: datetime | None = None
    updated_at: datetime | None = None
    media: str = ""
    quality: int | None = None
    heat: int | None = None
    status: str = ""
    categories: tuple[str, ...] = ()
    language: str = ""
    byline: str = ""


STATED = Stated.__struct_fields__
"""The names of what a mention states."""

stated_values = attrgetter(*STATED)
"""Return the values of a `Stated`, in the order of `STATED`."""
