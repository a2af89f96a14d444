"""Objects: from the value of an attribute to the objects of a property, in each form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from types import MappingProxyType
from typing import Any

from graphkit.rdf import vocabulary
from graphkit.rdf.properties import Form, Use
from graphkit.rdf.terms import GraphTerms

Data = Mapping[str, Any]
"""A subject's attributes, and the ids of the nodes that its edges lead to, sorted, by the edges' kinds."""

Objects = Callable[[Any, Data, GraphTerms[Any]], Sequence[Any]]
"""From the value of one attribute, and all of them, to the objects of one property."""


def objects_of(use: Use) -> Objects:
    """Return the function that gives the objects of a property in the form of its use."""
    _, _, form, argument = use
    match form:
        case Form.TEXTS:
            return _texts(but=argument)
        case Form.VARIANT:
            return lambda urls, data, terms: [terms.address(url) for relation, url in urls if relation == argument]
        case _:
            return _OBJECTS[form]


def class_of(kind: str, data: Data) -> str:
    """Return the class of a subject of a kind."""
    default = vocabulary.CLASSES[kind]
    return vocabulary.MEDIA_CLASSES.get(data.get("media", ""), default) if kind == "article" else default


def _texts(*, but: str) -> Objects:
    """Return the function that gives all texts except the one that the attribute `but` holds."""

    def objects(values: Any, data: Data, terms: GraphTerms[Any]) -> Sequence[Any]:
        left_out = data.get(but)
        # Usually there is nothing else, and a comparison is cheaper than a list.
        if len(values) == 1 and values[0] == left_out:
            return ()
        return [terms.literal(value) for value in values if value and value != left_out]

    return objects


def _sources(sources: Any, data: Data, terms: GraphTerms[Any]) -> Sequence[Any]:
    if len(sources) == 1:
        return (terms.source_term(sources[0][0])[1],)
    return [term for _, term in sorted(map(terms.source_term, dict(sources)), key=itemgetter(0))]


def _publisher_label(labels: Any, data: Data, terms: GraphTerms[Any]) -> Sequence[Any]:
    label = labels[0]
    return (terms.literal(label),) if label and label != terms.provider_names[data["publisher"][0]] else ()


_OBJECTS: Mapping[Form, Objects] = MappingProxyType(
    {
        Form.CLASS: lambda kind, data, terms: (terms.term(class_of(kind, data)),),
        Form.TEXT: lambda text, data, terms: (terms.literal(text),) if text else (),
        Form.REPEATED_TEXT: lambda text, data, terms: (terms.literal(text),) if text else (),
        Form.INTEGER: lambda number, data, terms: (terms.integer(number),),
        Form.MOMENT: lambda moment, data, terms: (terms.moment(moment),),
        Form.ADDRESS: lambda url, data, terms: (terms.address(url),),
        Form.HOME_PAGE: lambda domain, data, terms: (
            () if "platform" in data else (terms.address(f"https://{domain}/"),)
        ),
        Form.MEDIA: lambda media, data, terms: (
            (terms.literal(media),) if media and media not in vocabulary.MEDIA_CLASSES else ()
        ),
        Form.STATUS: lambda status, data, terms: (terms.term(vocabulary.STATUSES[status]),) if status else (),
        Form.NODES: lambda nodes, data, terms: [terms.node(node) for node in nodes],
        Form.PUBLISHER_LABEL: _publisher_label,
        # An address of ours already names another resource, not an image.
        Form.IMAGES: lambda images, data, terms: [
            terms.image(image) for image in images if not image["url"].startswith(terms.base)
        ],
        Form.SOURCES: _sources,
        Form.SCHEME: lambda kind, data, terms: (terms.node("topics"),),
        Form.ITSELF: lambda node, data, terms: (node,),
    }
)
