"""Properties: each property of an export, declared once with its labels, and the attributes it states in which form.

Statements, the reader of exports, the pages of nodes, and the fields that validation points at all follow from this
table. A new property is a row here and a term of `graphkit.rdf.vocabulary`; a ``gk:`` term is defined in the ontology
too.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any, NamedTuple

from graphkit.rdf import vocabulary


class Form(Enum):
    """How the values of an attribute are written as objects."""

    CLASS = "the class of a node of this kind"
    TEXT = "a literal"
    REPEATED_TEXT = "a literal that another property states too"
    TEXTS = "literals, except the one that the attribute `argument` holds"
    INTEGER = "a whole number"
    MOMENT = "a date and time"
    ADDRESS = "an address, as an IRI"
    VARIANT = "the addresses of the relation `argument`"
    HOME_PAGE = "the address of a domain, unless it is a platform's"
    MEDIA = "a literal, unless a class represents it"
    STATUS = "a term of the vocabulary"
    NODES = "nodes of the graph"
    PUBLISHER_LABEL = "a literal, unless it is the publisher's name"
    IMAGES = "the addresses of images"
    SOURCES = "source files"
    SCHEME = "the scheme of all topics"
    ITSELF = "the subject"


class Use(NamedTuple):
    """A property of a kind of subject: the attribute it states, in a form that may have an argument."""

    kind: str
    attribute: str
    form: Form
    argument: str = ""


class Property(NamedTuple):
    """A property, its label on the page of a node, its inverse label on the page of an object, and its uses."""

    iri: str
    label: str
    inverse: str
    uses: tuple[Use, ...]


def _property(iri: str, label: str, *uses: Use, inverse: str = "") -> Property:
    return Property(iri, label, inverse, uses)


def _article(attribute: str, form: Form, argument: str = "") -> Use:
    return Use("article", attribute, form, argument)


PROPERTIES = (
    _property(
        vocabulary.TYPE, "Kind", *(Use(kind, "kind", Form.CLASS) for kind in vocabulary.CLASSES), inverse="Of this kind"
    ),
    _property(
        vocabulary.LABEL,
        "Label",
        _article("title", Form.REPEATED_TEXT),
        Use("provider", "name", Form.REPEATED_TEXT),
        Use("source", "name", Form.TEXT),
        Use("scheme", "label", Form.TEXT),
    ),
    _property(vocabulary.HEADLINE, "Title", _article("title", Form.TEXT)),
    _property(vocabulary.ALTERNATIVE_HEADLINE, "Other titles", _article("titles", Form.TEXTS, "title")),
    _property(vocabulary.NAME, "Name", Use("provider", "name", Form.TEXT)),
    _property(vocabulary.ALTERNATE_NAME, "Other names", Use("provider", "names", Form.TEXTS, "name")),
    _property(vocabulary.PREF_LABEL, "Name", Use("topic", "label", Form.TEXT)),
    _property(vocabulary.ALT_LABEL, "Other names", Use("topic", "labels", Form.TEXTS, "label")),
    _property(vocabulary.HIDDEN_LABEL, "Keywords", Use("topic", "keywords", Form.TEXTS)),
    _property(vocabulary.TITLE, "Title"),
    _property(vocabulary.DESCRIPTION, "Excerpt", _article("excerpt", Form.TEXT)),
    _property(vocabulary.DATE_PUBLISHED, "Published", _article("published_at", Form.MOMENT)),
    _property(vocabulary.DATE_MODIFIED, "Updated", _article("updated_at", Form.MOMENT)),
    _property(vocabulary.PUBLISHER, "Provider", _article("publisher", Form.NODES), inverse="Published"),
    _property(vocabulary.PUBLISHER_LABEL, "Provider as written", _article("publisher label", Form.PUBLISHER_LABEL)),
    _property(vocabulary.DISTRIBUTOR, "Distributed by", _article("distributor", Form.NODES), inverse="Distributed"),
    _property(vocabulary.BROADER, "Broader topic", Use("topic", "broader", Form.NODES), inverse="Narrower topics"),
    _property(vocabulary.ABOUT, "Topics", _article("about", Form.NODES), inverse="Coverage"),
    _property(vocabulary.RELATED, "Related coverage", _article("related", Form.NODES), inverse="Named as related by"),
    _property(
        vocabulary.URL,
        "Web address",
        _article("url", Form.ADDRESS),
        Use("provider", "domain", Form.HOME_PAGE),
        inverse="Web address of",
    ),
    *(
        _property(iri, label, _article("variants", Form.VARIANT, relation), inverse=f"{label} of")
        for (relation, iri), label in zip(
            vocabulary.VARIANTS.items(), ("AMP page", "Cached copy", "Other address"), strict=True
        )
    ),
    _property(vocabulary.DOMAIN, "Domain", Use("provider", "domain", Form.TEXT)),
    _property(vocabulary.PLATFORM, "Platform", Use("provider", "platform", Form.TEXT)),
    _property(vocabulary.SECTION, "Section", _article("categories", Form.TEXTS)),
    _property(vocabulary.LANGUAGE, "Language", _article("language", Form.TEXT)),
    _property(vocabulary.BYLINE, "Byline", _article("byline", Form.TEXT)),
    _property(vocabulary.MEDIA_TYPE, "Type of media", _article("media", Form.MEDIA)),
    _property(vocabulary.QUALITY, "Quality", _article("quality", Form.INTEGER)),
    _property(vocabulary.HEAT, "Heat", _article("heat", Form.INTEGER)),
    _property(vocabulary.STATUS, "Status", _article("status", Form.STATUS), inverse="With this status"),
    _property(vocabulary.IMAGE, "Images", _article("images", Form.IMAGES), inverse="Image of"),
    _property(
        vocabulary.CONTENT_URL,
        "Address of the image",
        Use("image", "node", Form.ITSELF),
        inverse="Address of the image",
    ),
    _property(vocabulary.WIDTH, "Width in pixels", Use("image", "width", Form.INTEGER)),
    _property(vocabulary.HEIGHT, "Height in pixels", Use("image", "height", Form.INTEGER)),
    _property(vocabulary.IN_SCHEME, "In the list", Use("topic", "kind", Form.SCHEME), inverse="In this list"),
    _property(vocabulary.DERIVED_FROM, "Sources", _article("sources", Form.SOURCES), inverse="Tells of"),
    _property(vocabulary.URI_SPACE, "IRIs begin with"),
    _property(vocabulary.POLICY, "Policy for web addresses"),
    _property(vocabulary.TRIPLES, "Triples"),
    _property(vocabulary.ENTITIES, "Nodes"),
    _property(vocabulary.CLASS, "Of the class", inverse="Counted in"),
    _property(vocabulary.PROPERTY, "Of the property", inverse="Counted in"),
    _property(vocabulary.CLASS_PARTITION, "Counts by class", inverse="Part of"),
    _property(vocabulary.PROPERTY_PARTITION, "Counts by property", inverse="Part of"),
)
"""All properties, in the order of a node's page. Those without uses describe the dataset."""


def uses_of(kind: str) -> tuple[tuple[str, Use], ...]:
    """Return the properties of a kind of subject, each with its use, in the order of `PROPERTIES`."""
    return tuple((one.iri, use) for one in PROPERTIES for use in one.uses if use.kind == kind)


def row_order(row: Sequence[Any]) -> str:
    """Return the key that sorts rows by predicate, which is the first item: rdf:type first, then by IRI."""
    return "" if row[0] == vocabulary.TYPE else str(row[0])
