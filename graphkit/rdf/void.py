"""VoID: the description of a dataset, with its title and licence (DCAT, Dublin Core) and counts of what it holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import attrgetter

from graphkit.identity.folding import slug
from graphkit.rdf import vocabulary
from graphkit.rdf.dataset import About, is_iri
from graphkit.rdf.descriptions import Describer, Description
from graphkit.rdf.properties import row_order
from graphkit.rdf.terms import T


def describe_dataset(describer: Describer[T], policy: str, about: About) -> list[Description[T]]:
    """Return the descriptions of the dataset and its partitions, sorted by IRI, from all that was counted so far."""
    return sorted(_descriptions(describer, policy, about), key=attrgetter("iri"))


def _descriptions(describer: Describer[T], policy: str, about: About) -> Iterator[Description[T]]:
    term, integer = describer.term, describer.integer
    dataset = f"{describer.base}dataset"
    parts: dict[str, list[T]] = {}
    for counter, kind, points_to, what, number in (
        (describer.classes, "class", vocabulary.CLASS_PARTITION, vocabulary.CLASS, vocabulary.ENTITIES),
        (describer.properties, "property", vocabulary.PROPERTY_PARTITION, vocabulary.PROPERTY, vocabulary.TRIPLES),
    ):
        part_of = {iri: f"{dataset}/{kind}/{vocabulary.compact(iri).replace(':', '-')}" for iri in +counter}
        parts[points_to] = [describer.iri(part) for part in sorted(part_of.values())]
        for iri, part in part_of.items():
            yield _described(describer, part, {what: [term(iri)], number: [integer(counter[iri])]})
    # A creator given by name is a node too: a person or an organisation made the dataset, not a literal.
    makers = {one if is_iri(one) else f"{dataset}/creator/{slug(one)}": one for one in about.creators}
    for maker, name in makers.items():
        if maker != name:
            rows = {vocabulary.TYPE: [term(vocabulary.AGENT)], vocabulary.LABEL: [describer.literal(name)]}
            yield _described(describer, maker, rows)
    stated = {
        vocabulary.TYPE: [term(vocabulary.DATASET), term(vocabulary.DCAT_DATASET)],
        vocabulary.TITLE: [describer.literal(about.title)],
        vocabulary.LICENCE: [describer.iri(about.licence)] if about.licence else [],
        vocabulary.CREATOR: [describer.iri(maker) for maker in sorted(makers)],
        vocabulary.URI_SPACE: [describer.literal(describer.base)],
        vocabulary.POLICY: [describer.literal(policy)],
        vocabulary.TRIPLES: [integer(describer.properties.total())],
        vocabulary.ENTITIES: [integer(describer.classes.total())],
        **parts,
    }
    yield _described(describer, dataset, stated)


def _described(describer: Describer[T], iri: str, objects: Mapping[str, list[T]]) -> Description[T]:
    rows = [(predicate, describer.term(predicate), values) for predicate, values in objects.items() if values]
    return Description(iri, describer.iri(iri), sorted(rows, key=row_order))
