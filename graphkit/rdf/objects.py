"""Objects: from the value of an attribute to the objects of a property, in each of its forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from graphkit.rdf import vocabulary
from graphkit.rdf.properties import Form, Use
from graphkit.rdf.terms import GraphTerms

Data = Mapping[str, Any]
"""A subject's attributes, and the ids that its edges lead to, sorted, by the edges' kinds."""

Objects = Callable[[Any, Data, GraphTerms[Any]], Sequence[Any]]
"""From the value of one attribute, and all of them, to the objects of one property."""


def objects_of(use: Use) -> Objects:
    """Return the function that gives the objects of a property in the form of its use."""
    match use.form:
        case Form.TEXTS:
            return _texts(but=use.argument)
        case Form.VARIANT:
            return _variants(use.argument)
        case form:
            return _OBJECTS[form]


def class_of(kind: str, data: Data) -> str:
    """Return the class of a subject of a kind."""
    if kind == "article":
        return vocabulary.MEDIA_CLASSES.get(data.get("media", ""), vocabulary.CREATIVE_WORK)
    return _CLASSES[kind]


_CLASSES = {
    "provider": vocabulary.ORGANIZATION,
    "topic": vocabulary.CONCEPT,
    "image": vocabulary.IMAGE_OBJECT,
    "source": vocabulary.ENTITY,
    "scheme": vocabulary.CONCEPT_SCHEME,
}


def _literal(value: Any, data: Data, terms: GraphTerms[Any]) -> Sequence[Any]:
    return (terms.literal(value),) if value else ()


def _integer(value: Any, data: Data, terms: GraphTerms[Any]) -> Sequence[Any]:
    return (terms.integer(value),)


def _moment(value: Any, data: Data, terms: GraphTerms[Any]) -> Sequence[Any]:
    return (terms.moment(value),)


def _texts(*, but: str = "") -> Objects:
    """Return the function that gives sorted texts, but for the one that another attribute has."""

    def objects(values: Any, data: Data, terms: GraphTerms[Any]) -> Sequence[Any]:
        left_out = data.get(but)
        # Most often there is nothing else: one look is cheaper than a list.
        if len(values) == 1 and values[0] == left_out:
            return ()
        return [terms.literal(value) for value in values if value and value != left_out]

    return objects


def _nodes(targets: Any, data: Data, terms: GraphTerms[Any]) -> Sequence[Any]:
    return [terms.node(target) for target in targets]


def _variants(relation: str) -> Objects:
    def objects(variants: Any, data: Data, terms: GraphTerms[Any]) -> Sequence[Any]:
        return [terms.address(url) for kind, url in variants if kind == relation]

    return objects


def _class(kind: Any, data: Data, terms: GraphTerms[Any]) -> Sequence[Any]:
    return (terms.term(class_of(kind, data)),)


def _other_media(media: Any, data: Data, terms: GraphTerms[Any]) -> Sequence[Any]:
    return (terms.literal(media),) if media and media not in vocabulary.MEDIA_CLASSES else ()


def _status(status: Any, data: Data, terms: GraphTerms[Any]) -> Sequence[Any]:
    return (terms.term(vocabulary.STATUSES[status]),) if status else ()


def _address(url: Any, data: Data, terms: GraphTerms[Any]) -> Sequence[Any]:
    return (terms.address(url),)


def _itself(node: Any, data: Data, terms: GraphTerms[Any]) -> Sequence[Any]:
    return (node,)


def _images(images: Any, data: Data, terms: GraphTerms[Any]) -> Sequence[Any]:
    # An address of ours names another resource already; it is no image.
    return [terms.image(image) for image in images if not image["url"].startswith(terms.base)]


def _sources(sources: Any, data: Data, terms: GraphTerms[Any]) -> Sequence[Any]:
    if len(sources) == 1:
        return (terms.source_term(sources[0][0])[1],)
    found = [terms.source_term(name) for name in dict(sources)]
    found.sort(key=_first)
    return [term for _, term in found]


def _first(pair: tuple[str, Any]) -> str:
    return pair[0]


def _publisher_label(labels: Any, data: Data, terms: GraphTerms[Any]) -> Sequence[Any]:
    """Give the label as written where it is not the publisher's name."""
    label = labels[0]
    return (terms.literal(label),) if label and label != terms.provider_names[data["publisher"][0]] else ()


def _home_page(domain: Any, data: Data, terms: GraphTerms[Any]) -> Sequence[Any]:
    return () if "platform" in data else (terms.address(f"https://{domain}/"),)


def _scheme(kind: Any, data: Data, terms: GraphTerms[Any]) -> Sequence[Any]:
    return (terms.term(f"{terms.base}topics"),)


_OBJECTS = MappingProxyType(
    {
        Form.CLASS: _class,
        Form.TEXT: _literal,
        Form.REPEATED_TEXT: _literal,
        Form.INTEGER: _integer,
        Form.MOMENT: _moment,
        Form.ADDRESS: _address,
        Form.HOME_PAGE: _home_page,
        Form.MEDIA: _other_media,
        Form.STATUS: _status,
        Form.NODES: _nodes,
        Form.PUBLISHER_LABEL: _publisher_label,
        Form.IMAGES: _images,
        Form.SOURCES: _sources,
        Form.SCHEME: _scheme,
        Form.ITSELF: _itself,
    }
)
