"""Engine: the order of a build on a cluster.

Shares are small, so that no article, provider or topic makes a task large. What is global travels in two ways: tables
that grow with the number of providers and topics are summed in a tree and sent to all; entries without URL, of which
there may be very many, are joined with the articles that they may be, by their cards.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from graphkit.cluster.contents import Content, Found, find
from graphkit.cluster.results import Results
from graphkit.cluster.tables import EDGES, NODES, edge_rows, node_row, provider_row, topic_row
from graphkit.errors import Diagnostic, NothingReadable
from graphkit.identity import topic_id
from graphkit.mentions import Share, TopicMention, receive
from graphkit.merge import reduce_share
from graphkit.rdf import check_base, lines_of
from graphkit.reading import Totals, read_content, unreadable
from graphkit.report import Size, report
from graphkit.settling import (
    Candidate,
    Census,
    Provider,
    Settled,
    Topic,
    found_key,
    full_card,
    joining,
    providers_of_all,
    shown_providers,
    signature_of,
    topics_of_all,
    united,
    wanted_card,
)
from graphkit.shares import (
    Packer,
    awaited_cards,
    census_of_chunks,
    claims_of_chunks,
    pack,
    share_number,
    unpack,
)
from graphkit.statements import EngineTerms, Speaker
from graphkit.urls import POLICY_VERSION

_SHARE_BYTES = 1 << 20
_MAX_SHARES = 1 << 20
_FLUSHED = 20_000
"""So many mentions are packed before chunks go out."""


class Read(msgspec.Struct, frozen=True, array_like=True):
    """What one task gave besides chunks: sums, faults, records of topics, and names of sources that say something."""

    totals: Totals
    diagnostics: list[Diagnostic]
    topics: list[TopicMention]
    sources: list[str]


class Card(msgspec.Struct, frozen=True, array_like=True):
    """An entry without URL: its card, all that is said of it, packed, and the number of its mentions."""

    card: str
    chunk: bytes
    mentions: int


class Resolved(NamedTuple):
    """What an entry without URL turned out to be: its final key, and what is known of the article that it is."""

    card: Card
    outcome: str
    key: str
    known: Candidate | None


def build_on(
    spark: Any, sources: Sequence[str], out: str, *, base: str, published_only: bool, shares: int | None
) -> dict[str, Any]:
    """Build with a Spark session; see `graphkit.cluster.build`."""
    check_base(base)
    context = spark.sparkContext
    found = find(spark, sources)
    number = shares or min(_MAX_SHARES, max(2 * context.defaultParallelism, found.size // _SHARE_BYTES))
    tasks = max(context.defaultParallelism, min(number, 1 + found.size // (32 << 20)))
    read = found.contents.mapPartitions(_reader(number, published_only=published_only)).persist(_disk())
    account = _account(read)
    if not (account.totals.counts.get("own") or account.topics):
        _nothing(found, account)
    chunks = read.filter(_is_chunk).groupByKey(tasks).mapValues(list).persist(_disk())

    cards = read.filter(_is_cards).flatMap(_split_cards).reduceByKey(_joined, tasks).map(_second).persist(_disk())
    census = _decoded(chunks.mapPartitions(_census).fold(_encoded(_EMPTY), _united_packed))
    of_cards = _decoded(cards.mapPartitions(_census_of_cards).fold(_encoded(_EMPTY), _united_packed))
    everyone: Counter[frozenset[Any]] = Counter()
    for refs, count in (*census.signatures, *of_cards.signatures):
        everyone[frozenset(refs)] += count
    shown = context.broadcast(shown_providers(everyone))

    resolved = _resolve(chunks, cards, shown, tasks).persist(_disk())
    outcomes = dict(resolved.map(_outcome).reduceByKey(_added).collect())
    joined = resolved.map(_by_key).groupByKey(tasks).map(_joining)
    total = united([census, _decoded(joined.fold(_encoded(_EMPTY), _united_packed))])
    providers = providers_of_all(total, shown.value)
    topics = topics_of_all(total, account.topics)

    names = context.broadcast({provider.id: provider.name for provider in providers})
    arrived = resolved.map(_moved(number)).groupByKey(tasks).mapValues(list)
    awaited = (
        chunks.flatMap(_awaited).join(resolved.map(_final), tasks).map(_to_lister).groupByKey(tasks).mapValues(dict)
    )
    whole = chunks.groupWith(arrived, awaited)
    reduced = whole.mapPartitions(_reducer(shown, names, base)).persist(_disk())

    records = Counter({f"without_url_{name}": count for name, count in outcomes.items()})
    records["topic_records"] = len(account.topics)
    records["topics_own"] = len({topic_id(topic.entry.name) for topic in account.topics})
    merged = _Merged(reduced, read, providers, topics, records, tasks)
    with Results(spark, out) as results:
        return _written(results, merged, found, account, base)


class _Merged(NamedTuple):
    """What all stages have given: the reduced shares, what was read, providers and topics, and counts so far."""

    reduced: Any
    read: Any
    providers: tuple[Provider, ...]
    topics: tuple[Topic, ...]
    counts: Counter[str]
    tasks: int


def _written(results: Results, merged: _Merged, found: Found, account: Read, base: str) -> dict[str, Any]:
    """Write all there is, and return the report."""
    reduced, providers, topics = merged.reduced, merged.providers, merged.topics
    context = reduced.context
    facts = _Facts.of(reduced)
    images = reduced.filter(_is("image")).map(_second).reduceByKey(max, merged.tasks)
    names = merged.read.filter(_is_sources).flatMap(_source_names).distinct(merged.tasks)
    texts = [reduced.filter(_is("text")).map(_second)]
    counted = [facts.counted]
    for saying in (images.mapPartitions(_image_sayer(base)), names.mapPartitions(_source_sayer(base))):
        said = saying.persist(_disk())
        texts.append(said.filter(_is("text")).map(_second))
        counted += [value for _, value in said.filter(_is("counted")).collect()]
    texts.append(context.parallelize([_told(providers, topics, counted, base)], 1))
    results.write_lines(context.union(texts), "coverage.nt")
    rows = [*map(provider_row, providers), *map(topic_row, topics)]
    results.write_table(reduced.filter(_is("node")).map(_second).union(context.parallelize(rows, 1)), NODES, "nodes")
    narrower = [edge for topic in topics for edge in edge_rows(topic)]
    edges = reduced.filter(_is("edge")).map(_second).union(context.parallelize(narrower, 1))
    results.write_table(edges, EDGES, "edges")
    told = report(
        {
            "found": found.files,
            "unreadable": account.totals.counts.get("unreadable", 0),
            "skipped": found.skipped,
        },
        account.totals.counts,
        merged.counts + facts.counts,
        Size(facts.articles, len(providers), len(topics), facts.links),
        disagreements=facts.disagreements,
        notes=account.totals.notes,
        diagnostics=sorted([*account.diagnostics, *found.diagnostics]),
    )
    results.write_report(told)
    return told


def _nothing(found: Found, account: Read) -> None:
    faults = sorted([*account.diagnostics, *found.diagnostics])
    first = f"; the first fault: {faults[0]}" if faults else ""
    raise NothingReadable(f"expected records in the sources, got none in {found.files:,} files{first}")


def _disk() -> Any:
    from pyspark import StorageLevel

    return StorageLevel.MEMORY_AND_DISK


def _encoded(value: object) -> bytes:
    return msgspec.msgpack.encode(value)


_CENSUS = msgspec.msgpack.Decoder(Census).decode
_READ = msgspec.msgpack.Decoder(Read).decode
_EMPTY = Census((), {}, ())
_ACCOUNT = -1
_CARDS = -2


# Reading. A record of the RDD is (share, chunk), (_CARDS, chunk) or (_ACCOUNT, what the task read).


def _reader(shares: int, *, published_only: bool) -> Callable[[Iterable[Content]], Iterator[tuple[int, bytes]]]:
    def read(contents: Iterable[Content]) -> Iterator[tuple[int, bytes]]:
        packer = Packer(shares)
        account = Read(Totals({}, {}), [], [], [])
        for name, form, data, lines_before, diagnostic in contents:
            if diagnostic is not None:
                outcome = unreadable(diagnostic)
            else:
                found = read_content(data, name, form, published_only=published_only, lines_before=lines_before)
                outcome = found.outcome
                account.topics.extend(found.topics)
                for mentions in found.mentions:
                    packer.add(mentions)
                if outcome.own:
                    account.sources.append(name)
            account.totals.add(outcome)
            account.diagnostics.extend(outcome.diagnostics)
            if packer.mentions > _FLUSHED:
                yield from _taken(packer)
        yield from _taken(packer)
        yield _ACCOUNT, _encoded(account)

    return read


def _taken(packer: Packer) -> Iterator[tuple[int, bytes]]:
    for share, chunk in packer.take().items():
        yield (_CARDS if share == packer.shares else share), chunk


def _is_chunk(record: tuple[int, bytes]) -> bool:
    return record[0] >= 0


def _is_cards(record: tuple[int, bytes]) -> bool:
    return record[0] == _CARDS


def _is_sources(record: tuple[int, bytes]) -> bool:
    return record[0] == _ACCOUNT


def _source_names(record: tuple[int, bytes]) -> list[str]:
    return _READ(record[1]).sources


def _account(read: Any) -> Read:
    """Return the sums over all tasks; names of sources stay where they are."""
    totals = Totals({}, {})
    diagnostics: list[Diagnostic] = []
    topics: list[TopicMention] = []
    for one in read.filter(_is_sources).map(_without_sources).toLocalIterator():
        part = _READ(one)
        totals.update(part.totals)
        diagnostics += part.diagnostics
        topics += part.topics
    return Read(totals, diagnostics, topics, [])


def _without_sources(record: tuple[int, bytes]) -> bytes:
    return _encoded(msgspec.structs.replace(_READ(record[1]), sources=[]))


# Entries without URL


def _split_cards(record: tuple[int, bytes]) -> Iterator[tuple[str, Card]]:
    share = unpack([record[1]])
    for card, group in share.groups.items():
        one = Share({card: group}, {card: share.listings[card]} if card in share.listings else {})
        yield card, Card(card, pack(one), len(group))


def _joined(one: Card, other: Card) -> Card:
    share = unpack([one.chunk, other.chunk])
    return Card(one.card, pack(share), one.mentions + other.mentions)


def _second(pair: tuple[Any, Any]) -> Any:
    return pair[1]


def _census(records: Iterable[tuple[int, list[bytes]]]) -> Iterator[bytes]:
    yield _encoded(united(census_of_chunks(chunks, ()) for _, chunks in records))


def _census_of_cards(cards: Iterable[Card]) -> Iterator[bytes]:
    signatures = Counter(signature_of(unpack([card.chunk]).groups[card.card]) for card in cards)
    yield _encoded(Census(tuple((tuple(refs), number) for refs, number in signatures.items()), {}, ()))


def _decoded(data: bytes) -> Census:
    return _CENSUS(data)


def _united_packed(one: bytes, other: bytes) -> bytes:
    return _encoded(united([_CENSUS(one), _CENSUS(other)]))


def _resolve(chunks: Any, cards: Any, shown: Any, tasks: int) -> Any:
    """Join entries without URL with the articles that claim their cards; return what each is."""

    def claims(records: Iterable[tuple[int, list[bytes]]]) -> Iterator[tuple[str, Candidate]]:
        for _, found in records:
            for candidate in claims_of_chunks(found):
                yield wanted_card(candidate, shown.value), candidate

    def looking(card: Card) -> tuple[str, Card]:
        return full_card(unpack([card.chunk]).groups[card.card][0].facts, shown.value), card

    def matched(pair: tuple[str, tuple[Iterable[Card], Iterable[Candidate]]]) -> Iterator[Resolved]:
        full, (looked, claimed) = pair
        waiting = list(looked)
        if not waiting:
            return
        known = {candidate.key: candidate for candidate in claimed}
        outcome, key = found_key(full, known.keys())
        for card in waiting:
            yield Resolved(card, outcome, key, known.get(key))

    if cards.isEmpty():
        return cards.map(_nobody)
    return cards.map(looking).cogroup(chunks.mapPartitions(claims), tasks).flatMap(matched)


def _nobody(card: Card) -> Resolved:  # pragma: no cover - there is none to be called with
    return Resolved(card, "alone", card.card, None)


def _outcome(resolved: Resolved) -> tuple[str, int]:
    return resolved.outcome, resolved.card.mentions


def _added(one: int, other: int) -> int:
    return one + other


def _by_key(resolved: Resolved) -> tuple[str, Resolved]:
    return resolved.key, resolved


def _joining(pair: tuple[str, Iterable[Resolved]]) -> bytes:
    group, known = [], None
    for resolved in pair[1]:
        group += unpack([resolved.card.chunk]).groups[resolved.card.card]
        known = resolved.known
    return _encoded(joining(known, group))


def _moved(shares: int) -> Callable[[Resolved], tuple[int, bytes]]:
    def moved(resolved: Resolved) -> tuple[int, bytes]:
        share = unpack([resolved.card.chunk])
        card = resolved.card.card
        result = Share({}, {})
        receive(result, resolved.key, (share.groups[card], share.listings.get(card, [])))
        # What is alone stays with its like locally; here it has a share like any other.
        number = share_number(resolved.key, shares)
        return number if number < shares else share_number(resolved.key[1:], shares), pack(result)

    return moved


def _awaited(record: tuple[int, list[bytes]]) -> Iterator[tuple[str, int]]:
    for card in awaited_cards(record[1]):
        yield card, record[0]


def _final(resolved: Resolved) -> tuple[str, str]:
    return resolved.card.card, resolved.key


def _to_lister(pair: tuple[str, tuple[int, str]]) -> tuple[int, tuple[str, str]]:
    card, (share, key) = pair
    return share, (card, key)


# Reducing. A record of the RDD is ("text" | "node" | "edge" | "image" | "counted" | "facts", value).


class _Facts(NamedTuple):
    """The sums over all shares."""

    articles: int
    links: int
    counts: Counter[str]
    disagreements: Counter[str]
    counted: tuple[dict[str, int], dict[str, int]]

    @classmethod
    def of(cls, reduced: Any) -> _Facts:
        articles = links = 0
        counts, disagreements = Counter[str](), Counter[str]()
        classes, properties = Counter[str](), Counter[str]()
        for _, value in reduced.filter(_is("facts")).toLocalIterator():
            articles, links = articles + value[0], links + value[1]
            counts.update(value[2])
            disagreements.update(value[3])
            classes.update(value[4])
            properties.update(value[5])
        return cls(articles, links, counts, disagreements, (dict(classes), dict(properties)))


def _is(kind: str) -> Callable[[tuple[str, Any]], bool]:
    def check(record: tuple[str, Any]) -> bool:
        return record[0] == kind

    return check


def _reducer(shown: Any, names: Any, base: str) -> Callable[[Iterable[Any]], Iterator[tuple[str, Any]]]:
    def reduce(records: Iterable[Any]) -> Iterator[tuple[str, Any]]:
        articles = links = 0
        counts, disagreements = Counter[str](), Counter[str]()
        classes, properties = Counter[str](), Counter[str]()
        for _, (chunks, arrived, awaited) in records:
            share = unpack([chunk for part in (*chunks, *arrived) for chunk in part])
            final_key = {card: key for part in awaited for card, key in part.items()}
            # Cards that list cards were not asked for when those were joined: they are all in one task's hands here.
            settled = Settled(shown.value, final_key, (), (), {})
            reduced = reduce_share(share, settled)
            speaker = Speaker(EngineTerms(), base, names.value)
            yield "text", lines_of(speaker.article(article) for article in reduced.articles)
            for article in reduced.articles:
                yield "node", node_row(article)
                for edge in edge_rows(article):
                    yield "edge", edge
            for url, (_, width, height) in speaker.images.items():
                yield "image", (url, (width, height))
            articles += len(reduced.articles)
            links += sum(len(article.related) for article in reduced.articles)
            counts.update(reduced.counts)
            disagreements.update(reduced.disagreements)
            classes.update(speaker.classes)
            properties.update(speaker.properties)
        yield "facts", (articles, links, dict(counts), dict(disagreements), dict(classes), dict(properties))

    return reduce


def _image_sayer(base: str) -> Callable[[Iterable[Any]], Iterator[tuple[str, Any]]]:
    def say(images: Iterable[tuple[str, tuple[int, int]]]) -> Iterator[tuple[str, Any]]:
        speaker = Speaker(EngineTerms(), base, {})
        for url, (width, height) in images:
            speaker.images[url] = (speaker.iri(url), width, height)
        yield "text", lines_of(speaker.all_images())
        yield "counted", (dict(speaker.classes), dict(speaker.properties))

    return say


def _source_sayer(base: str) -> Callable[[Iterable[str]], Iterator[tuple[str, Any]]]:
    def say(sources: Iterable[str]) -> Iterator[tuple[str, Any]]:
        speaker = Speaker(EngineTerms(), base, {})
        yield "text", lines_of(speaker.source(name) for name in sources)
        yield "counted", (dict(speaker.classes), dict(speaker.properties))

    return say


def _told(providers: Iterable[Any], topics: Iterable[Any], counted: Iterable[Any], base: str) -> bytes:
    """Say what there is of providers, topics and the dataset."""
    speaker = Speaker(EngineTerms(), base, {})
    said = list(speaker.others(providers, topics))
    for classes, properties in counted:
        speaker.classes.update(classes)
        speaker.properties.update(properties)
    return lines_of([*said, *speaker.dataset(POLICY_VERSION)])
