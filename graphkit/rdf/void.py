"""VoID: what a dataset says of itself, its title and licence (DCAT, Dublin Core) and the counts of what it holds."""

from __future__ import annotations

from collections.abc import Iterator

from graphkit.identity.identification import slug
from graphkit.rdf import vocabulary
from graphkit.rdf.dataset import About, is_iri
from graphkit.rdf.descriptions import Describer, Description, iri_of
from graphkit.rdf.properties import row_order
from graphkit.rdf.terms import T


def describe_dataset(describer: Describer[T], policy: str, about: About) -> list[Description[T]]:
    """Return the descriptions of the dataset and its partitions, sorted by IRI, from all that was counted so far."""
    return sorted(_descriptions(describer, policy, about), key=iri_of)


def _descriptions(describer: Describer[T], policy: str, about: About) -> Iterator[Description[T]]:
    parts: dict[str, list[T]] = {vocabulary.CLASS_PARTITION: [], vocabulary.PROPERTY_PARTITION: []}
    for counter, kind, points_to, what, number in (
        (describer.classes, "class", vocabulary.CLASS_PARTITION, vocabulary.CLASS, vocabulary.ENTITIES),
        (describer.properties, "property", vocabulary.PROPERTY_PARTITION, vocabulary.PROPERTY, vocabulary.TRIPLES),
    ):
        for iri in sorted(counter, key=_part_name):
            if not counter[iri]:
                continue
            part_iri = f"{describer.base}dataset/{kind}/{_part_name(iri)}"
            part = describer.iri(part_iri)
            parts[points_to].append(part)
            yield _described(
                describer, part_iri, [(what, [describer.term(iri)]), (number, [describer.integer(counter[iri])])]
            )
    # A creator who is given by name is a node too: a person or an organisation made the dataset, not a literal.
    makers = {one if is_iri(one) else f"{describer.base}dataset/creator/{slug(one)}": one for one in about.creators}
    for maker, name in makers.items():
        if maker != name:
            rows = [
                (vocabulary.TYPE, [describer.term(vocabulary.AGENT)]),
                (vocabulary.LABEL, [describer.literal(name)]),
            ]
            yield _described(describer, maker, rows)
    iri = f"{describer.base}dataset"
    rows = [
        (vocabulary.TYPE, [describer.term(one) for one in (vocabulary.DATASET, vocabulary.DCAT_DATASET)]),
        (vocabulary.TITLE, [describer.literal(about.title)]),
        (vocabulary.LICENCE, [describer.iri(about.licence)] if about.licence else []),
        (vocabulary.CREATOR, [describer.iri(maker) for maker in sorted(makers)]),
        (vocabulary.URI_SPACE, [describer.literal(describer.base)]),
        (vocabulary.POLICY, [describer.literal(policy)]),
        (vocabulary.TRIPLES, [describer.integer(describer.properties.total())]),
        (vocabulary.ENTITIES, [describer.integer(describer.classes.total())]),
        *parts.items(),
    ]
    yield _described(describer, iri, rows)


def _described(describer: Describer[T], iri: str, rows: list[tuple[str, list[T]]]) -> Description[T]:
    rows.sort(key=lambda row: row_order(row[0]))
    return Description(
        iri,
        describer.iri(iri),
        [(predicate, describer.term(predicate), values) for predicate, values in rows if values],
    )


def _part_name(iri: str) -> str:
    return vocabulary.compact(iri).replace(":", "-")
