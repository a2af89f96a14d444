"""Partitions: packed, counted, resolved and reduced one by one, they give what the merge of the whole corpus gives."""

from __future__ import annotations

from collections import Counter
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples.examples import examples
from samples.generated_records import CORPORA, Raw, corpus_of

from graphkit.identity.folding import fold
from graphkit.merge.articles import Merged, merge, reduce_partition
from graphkit.merge.census import Census, census_of, summed, updated
from graphkit.merge.declared_addresses import moved_keys, only_keys, partition_with_moves
from graphkit.merge.mentions import Corpus, Mention, Partition, partition_of
from graphkit.merge.packing import (
    Packer,
    census_of_chunks,
    pack,
    packed_titles,
    partition_number,
    title_hash,
    title_hashes_of,
    unpack,
    with_sources_changed,
)
from graphkit.merge.resolution import resolve, resolved_mentions, titles_of


def packed(corpus: Corpus, partitions: int, sizes: list[int]) -> dict[int, list[bytes]]:
    """Pack a corpus, record by record, with a new chunk after some of them."""
    packer = Packer(partitions)
    chunks: dict[int, list[bytes]] = {number: [] for number in range(partitions + 1)}

    def take() -> None:
        for number, chunk in packer.take().items():
            chunks[number].append(chunk)

    records = [list(group) for _, group in groupby(corpus.mentions, key=record)]
    for number, mentions in enumerate(records):
        packer.add(mentions)
        if sizes and number % sizes[number % len(sizes)] == 0:
            take()
    take()
    return chunks


def record(mention: Mention) -> tuple[str, str]:
    return mention.source, mention.pointer.partition("/related/")[0]


def merged_apart(corpus: Corpus, partitions: int, sizes: list[int]) -> Merged:
    """Merge a corpus partition by partition."""
    chunks = packed(corpus, partitions, sizes)
    without_url = unpack(chunks.pop(partitions))
    hashes = {title_hash(title) for title in titles_of(without_url)}
    declarations = summed(census_of_chunks(found, ()) for found in chunks.values()).declarations
    wanted = frozenset(one.declared for one in declarations)
    titles = {key: each for found in chunks.values() for key, each in packed_titles(found, wanted).items()}
    moves = moved_keys(declarations, titles)
    for number, partition in [(number, unpack(found)) for number, found in chunks.items()]:
        arrived = Partition({}, {})
        for other in {partition_number(key, partitions) for key in moves} - {number}:
            leaving = only_keys(unpack(packed(corpus, partitions, sizes)[other]), moves)
            arrived.groups.update(leaving.groups)
            arrived.listings.update(leaving.listings)
        here = {key for key in (*partition.groups, *moves.values()) if partition_number(key, partitions) == number}
        whole = partition_with_moves(partition, arrived, moves, here.__contains__)
        chunks[number] = [pack(whole)]
    total = summed(census_of_chunks(found, hashes) for found in chunks.values())
    resolution = resolve(total, without_url, corpus.topics, moves=moves)
    found = resolved_mentions(without_url, resolution)
    counts, disagreements, articles = Counter(resolution.counts), Counter[str](), []
    for number in range(partitions + 1):
        partition = unpack(chunks.get(number, []))
        for key, (mentions, listings) in found.items():
            if partition_number(key, partitions) == number:
                partition.groups.setdefault(key, []).extend(mentions)
                if listings:
                    partition.listings.setdefault(key, []).extend(listings)
        reduced = reduce_partition(unpack([pack(partition)]), resolution)
        articles += reduced.articles
        counts += reduced.counts
        disagreements += reduced.disagreements
    counts["own"] = sum(not mention.parent for mention in corpus.mentions)
    counts["related"] = len(corpus.mentions) - counts["own"]
    articles.sort(key=lambda article: article.id)
    return Merged(
        tuple(articles), resolution.providers, resolution.topics, dict(counts), dict(sorted(disagreements.items()))
    )


def known(merged: Merged) -> tuple[object, ...]:
    counts = {name: number for name, number in merged.counts.items() if number}
    return merged.articles, merged.providers, merged.topics, counts, merged.disagreements


@examples(200)
@given(CORPORA, st.integers(1, 5), st.lists(st.integers(1, 4), max_size=3))
def test_partitions_give_what_the_whole_gives(raws: list[Raw], partitions: int, sizes: list[int]) -> None:
    corpus = corpus_of(raws)
    assert known(merged_apart(corpus, partitions, sizes)) == known(merge(corpus))


@examples(100)
@given(CORPORA, st.integers(1, 5))
def test_a_census_of_chunks_is_that_of_their_partition(raws: list[Raw], partitions: int) -> None:
    corpus = corpus_of(raws)
    chunks = packed(corpus, partitions, [2])
    without_url = unpack(chunks.pop(partitions))
    titles = titles_of(without_url)
    hashes = {title_hash(title) for title in titles}
    for found in chunks.values():
        counted, expected = census_of_chunks(found, hashes), census_of(unpack(found), titles)
        assert {frozenset(refs): number for refs, number in counted.signatures} == {
            frozenset(refs): number for refs, number in expected.signatures
        }
        assert counted.labels == expected.labels
        assert set(counted.candidates) == set(expected.candidates)
        assert {title_hash(each.title) for each in expected.candidates} <= title_hashes_of(found)


def said(census: Census) -> tuple[object, ...]:
    """Return what a census says, without the order in which it says it."""
    signatures = Counter({frozenset(refs): number for refs, number in census.signatures})
    assert len(signatures) == len(census.signatures)
    return signatures, census.labels, Counter(census.candidates)


@examples(100)
@given(st.lists(st.tuples(CORPORA, CORPORA, st.booleans()), max_size=3))
def test_what_is_counted_anew_gives_what_counting_everything_gives(
    partitions: list[tuple[list[Raw], list[Raw], bool]],
) -> None:
    """A key lies in one partition, as it does in a build: each partition has corpora of its own here."""

    def counted(number: int, raws: list[Raw]) -> Census:
        partition = partition_of(corpus_of(raws).mentions)
        own = {f"{number} {key}": group for key, group in partition.groups.items()}
        return census_of(Partition(own, {}), {fold(mention.facts.title) for group in own.values() for mention in group})

    old = [counted(number, before) for number, (before, _, _) in enumerate(partitions)]
    new = [counted(number, after) for number, (_, after, changes) in enumerate(partitions) if changes]
    gone = [census for census, (_, _, changes) in zip(old, partitions, strict=True) if changes]
    stay = [census for census, (_, _, changes) in zip(old, partitions, strict=True) if not changes]
    assert said(updated(summed(old), gone, new)) == said(summed([*stay, *new]))


@examples(100)
@given(CORPORA, st.data())
def test_a_partition_forgets_and_renames_its_sources(raws: list[Raw], data: st.DataObject) -> None:
    corpus = corpus_of(raws)
    sources = sorted({mention.source for mention in corpus.mentions})
    gone = data.draw(st.sets(st.sampled_from(sources))) if sources else set()
    renamed = {name: f"moved/{name}" for name in sources if name not in gone and len(name) % 2 == 0}
    left = [mention for mention in corpus.mentions if mention.source not in gone]
    expected = partition_of(
        Mention(renamed.get(one.source, one.source), one.pointer, one.facts, one.parent, one.rank) for one in left
    )
    got = with_sources_changed(partition_of(corpus.mentions), gone, renamed)
    assert got.groups == expected.groups
    assert got.listings == expected.listings


@pytest.mark.parametrize("partitions", [1, 64])
def test_equal_facts_stand_once_in_a_chunk(partitions: int) -> None:
    corpus = corpus_of([{"title": "A", "webUrl": "https://a.example/", "excerpt": "long " * 100}])
    (mention,) = corpus.mentions
    packer = Packer(partitions)
    packer.add([mention] * 50)
    (chunk,) = packer.take().values()
    assert len(chunk) < 2000
    assert len(next(iter(unpack([chunk]).groups.values()))) == 50
