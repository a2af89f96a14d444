"""Engine: the order of a build on a cluster.

Shares are small, so that no article, provider or topic makes a task large. What is global travels in two ways: tables
that grow with the number of providers and topics are summed in a tree and sent to all; entries without URL, of which
there may be very many, are joined with the articles that they may be, by their title keys.
"""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.errors import NothingReadable
from graphkit.identity.identification import topic_id
from graphkit.merge.articles import reduce_partition
from graphkit.merge.extraction import Totals, read_content, unreadable
from graphkit.merge.mentions import Mention, Partition, TopicMention, receive
from graphkit.merge.packing import (
    Packer,
    awaited_title_keys,
    census_of_chunks,
    marks_of,
    pack,
    partition_number,
    title_mark,
    unpack,
)
from graphkit.merge.resolution import (
    Candidate,
    Census,
    Provider,
    Resolution,
    Topic,
    claimed_title_key,
    found_key,
    joining,
    providers_of_all,
    resolved_title_key,
    shown_providers,
    signature_of,
    topics_of_all,
    united,
)
from graphkit.pipeline.report import Size, report
from graphkit.pipeline.spark.file_contents import Content, Found, find, unread
from graphkit.pipeline.spark.output import Results
from graphkit.pipeline.spark.rows import EDGES, NODES, edge_rows, node_row
from graphkit.rdf.dataset import About
from graphkit.rdf.descriptions import Describer
from graphkit.rdf.serialization import check_base, lines_of
from graphkit.rdf.terms import OxigraphTerms
from graphkit.rdf.void import describe_dataset
from graphkit.urls.canonical_url import POLICY_VERSION

_SHARE_BYTES = 1 << 20
_MAX_SHARES = 1 << 20
_FLUSHED = 20_000
"""So many mentions are packed before chunks go out."""

MAX_MARKS = 1 << 20
"""Where entries without URL have no more titles than this, articles with other titles are not asked what they claim."""

LISTED = 100_000
"""So many diagnostics are listed in a report, the first in order; all are counted."""


class Read(msgspec.Struct, frozen=True, array_like=True):
    """What tasks gave besides chunks: sums, the first faults and the number of each, and records of topics.

    `sources` are names of sources that say something, `others` names of files that were read besides.
    """

    totals: Totals
    diagnostics: list[Diagnostic]
    by_code: dict[str, int]
    topics: list[TopicMention]
    sources: list[str]
    others: list[str]


class TitleKeyedEntry(msgspec.Struct, frozen=True, array_like=True):
    """An entry without URL: its title key, and chunks with everything about it."""

    key: str
    chunks: list[bytes]

    def partition(self) -> Partition:
        """Return all that is said of it."""
        return unpack(self.chunks)

    def group(self) -> list[Mention]:
        """Return its mentions."""
        return self.partition().groups[self.key]


class Resolved(NamedTuple):
    """What an entry without URL turned out to be: its final key, and what is known of the article that it is."""

    entry: TitleKeyedEntry
    outcome: str
    key: str
    known: Candidate | None


def build_on(
    spark: Any,
    sources: Sequence[str],
    out: str,
    *,
    base: str,
    about: About,
    published_only: bool,
    partitions: int | None,
) -> dict[str, Any]:
    """Build with a Spark session; see `graphkit.pipeline.spark.build`."""
    check_base(base)
    kept: list[Any] = []
    try:
        with Results(spark, out) as results:
            found = find(spark, sources, out)
            return _built(
                results, found, kept, base=base, about=about, published_only=published_only, partitions=partitions
            )
    finally:
        for rdd in kept:
            rdd.unpersist()


def _built(
    results: Results,
    found: Found,
    kept: list[Any],
    *,
    base: str,
    about: About,
    published_only: bool,
    partitions: int | None,
) -> dict[str, Any]:
    """Build from the contents that were found; what is `kept` by Spark is to be forgotten afterwards."""

    def keep(rdd: Any) -> Any:
        kept.append(rdd.persist(_disk()))
        return kept[-1]

    context = results.spark.sparkContext
    number = partitions or min(_MAX_SHARES, max(2 * context.defaultParallelism, found.size // _SHARE_BYTES))
    tasks = max(context.defaultParallelism, min(number, 1 + found.size // (32 << 20)))
    read = keep(found.contents.mapPartitions(_reader(number, published_only=published_only)))
    told = keep(read.filter(_is_sources))
    account = _account(told, found)
    if not (account.totals.counts.get("own") or account.topics):
        _nothing(found, account)
    chunks = keep(read.filter(_is_chunk).groupByKey(tasks).mapValues(list))
    title_keyed = keep(read.filter(_is_title_keyed).flatMap(_split_title_keyed).groupByKey(tasks).map(_gathered))
    marks = _marks(title_keyed)
    looked_for = marks if marks is None else context.broadcast(marks)
    # What may be claimed is known after one look at the chunks, if it is known what is looked for.
    counted = keep(chunks.mapPartitions(_counter(looked_for)))
    census = _summed(counted.filter(_is("census")).map(_second), _united_packed, _encoded(_EMPTY), _CENSUS)
    of_title_keyed = _summed(
        title_keyed.mapPartitions(_census_of_title_keyed), _united_packed, _encoded(_EMPTY), _CENSUS
    )
    shown = context.broadcast(shown_providers([*census.signatures, *of_title_keyed.signatures]))

    claims = counted.filter(_is("claim")).map(_second)
    resolved = keep(_resolve(claims, title_keyed, shown, tasks))
    outcomes = dict(resolved.map(_outcome).reduceByKey(_added).collect())
    joined = resolved.map(_by_key).groupByKey(tasks).map(_joining)
    total = united([census, _summed(joined, _united_packed, _encoded(_EMPTY), _CENSUS)])
    providers = providers_of_all(total, shown.value)
    topics = topics_of_all(total, account.topics)

    names = context.broadcast({provider.id: provider.name for provider in providers})
    moved = keep(resolved.map(_moved(number)))
    arrived = moved.groupByKey(tasks).mapValues(list)
    # What lists an entry without URL may be one itself.
    listing = counted.filter(_is("awaited")).map(_second).union(moved.mapValues(_alone).flatMap(_awaited))
    awaited = listing.join(resolved.map(_final), tasks).map(_to_lister).groupByKey(tasks).mapValues(dict)
    whole = _gathered_by_share(chunks, arrived, awaited, tasks)
    reduced = keep(whole.mapPartitions(_reducer(shown, names, base)))

    records = Counter({f"without_url_{name}": count for name, count in outcomes.items()})
    records["topic_records"] = len(account.topics)
    records["topics_own"] = len({topic_id(topic.entry.name) for topic in account.topics})
    merged = _Merged(reduced, told, providers, topics, records, tasks, keep)
    return _written(results, merged, found, account, base, about)


class _Merged(NamedTuple):
    """What all stages have given: the reduced shares, what tasks read, providers and topics, and counts so far."""

    reduced: Any
    told: Any
    providers: tuple[Provider, ...]
    topics: tuple[Topic, ...]
    counts: Counter[str]
    tasks: int
    keep: Callable[[Any], Any]


def _written(results: Results, merged: _Merged, found: Found, account: Read, base: str, about: About) -> dict[str, Any]:
    """Write all there is, and return the report."""
    reduced, providers, topics = merged.reduced, merged.providers, merged.topics
    context = reduced.context
    facts = _summed(reduced.filter(_is("facts")).map(_second), _facts_added, _encoded(_Facts()), _FACTS)
    images = reduced.filter(_is("images")).flatMap(_rows).reduceByKey(max, merged.tasks)
    names = merged.told.flatMap(_source_names).distinct(merged.tasks)
    texts = [reduced.filter(_is("text")).map(_second)]
    counted = [(facts.classes, facts.properties)]
    for saying in (images.mapPartitions(_image_sayer(base)), names.mapPartitions(_source_sayer(base))):
        said = merged.keep(saying)
        texts.append(said.filter(_is("text")).map(_second))
        counted += [value for _, value in said.filter(_is("counted")).collect()]
    told_first = context.parallelize([_told(providers, topics, counted, base, about)], 1)
    results.write_lines(context.union([told_first, *texts]), "coverage.nt")
    rows = [*map(node_row, providers), *map(node_row, topics)]
    results.write_table(reduced.filter(_is("nodes")).flatMap(_rows).union(context.parallelize(rows, 1)), NODES, "nodes")
    narrower = [edge for topic in topics for edge in edge_rows(topic)]
    edges = reduced.filter(_is("edges")).flatMap(_rows).union(context.parallelize(narrower, 1))
    results.write_table(edges, EDGES, "edges")
    told = report(
        {
            "found": _files(found, account),
            "unreadable": account.totals.counts.get("unreadable", 0),
            "skipped": found.skipped + account.totals.counts.get("skipped", 0),
        },
        account.totals.counts,
        merged.counts + Counter(facts.counts),
        Size(facts.articles, len(providers), len(topics), facts.links),
        disagreements=facts.disagreements,
        notes=account.totals.notes,
        diagnostics=account.diagnostics,
    )
    told["diagnostics"]["by_code"] = dict(sorted(account.by_code.items()))
    results.write_report(told)
    return told


def _nothing(found: Found, account: Read) -> None:
    first = f"; the first fault: {account.diagnostics[0]}" if account.diagnostics else ""
    left_out = account.totals.counts.get("left_out", 0)
    others = f", {left_out:,} left out" if left_out else ""
    number = _files(found, account)
    words = f"{number:,} file{'' if number == 1 else 's'}"
    raise NothingReadable(f"expected records in the sources, got none in {words}{others}{first}")


def _files(found: Found, account: Read) -> int:
    return found.files + account.totals.counts.get("found", 0)


def _disk() -> Any:
    """Return where Spark keeps what is used several times: memory is left to tasks, and files are in it anyway."""
    from pyspark import StorageLevel

    return StorageLevel.DISK_ONLY


def _summed(parts: Any, add: Callable[[bytes, bytes], bytes], nothing: bytes, decode: Callable[[bytes], Any]) -> Any:
    """Return the sum of packed parts, added up in a tree: the driver gets few of them."""
    return decode(parts.treeAggregate(nothing, add, add))


def _encoded(value: object) -> bytes:
    return msgspec.msgpack.encode(value)


_CENSUS = msgspec.msgpack.Decoder(Census).decode
_READ = msgspec.msgpack.Decoder(Read).decode
_EMPTY = Census((), {}, ())
_NOTHING_READ = Read(Totals({}, {}), [], {}, [], [], [])
_ACCOUNT = -1
_TITLE_KEYED = -2


# Reading. A record of the RDD is (share, chunk), (_TITLE_KEYED, chunk) or (_ACCOUNT, what the task read).


def _reader(partitions: int, *, published_only: bool) -> Callable[[Iterable[Content]], Iterator[tuple[int, bytes]]]:
    def read(contents: Iterable[Content]) -> Iterator[tuple[int, bytes]]:
        packer = Packer(partitions)
        totals = Totals({}, {})
        faults: list[Diagnostic] = []
        topics: list[TopicMention] = []
        names: set[str] = set()
        files: set[str] = set()
        for content in contents:
            files.add(content.file)
            for name in ("listed", "found", "skipped"):
                totals.counts[name] = totals.counts.get(name, 0) + getattr(content, name)
            if content.diagnostic is not None:
                outcome = unreadable(content.diagnostic)
            elif content.form:
                given = read_content(
                    content.data,
                    content.name,
                    content.form,
                    published_only=published_only,
                    lines_before=content.lines_before,
                )
                outcome = given.outcome
                topics.extend(given.topics)
                for mentions in given.mentions:
                    packer.add(mentions)
                if outcome.own:
                    names.add(content.name)
            else:
                continue
            totals.add(outcome)
            faults.extend(outcome.diagnostics)
            if packer.mentions > _FLUSHED:
                yield from _taken(packer)
        yield from _taken(packer)
        by_code = Counter(fault.code for fault in faults)
        yield (
            _ACCOUNT,
            _encoded(
                Read(totals, sorted(faults)[:LISTED], dict(by_code), topics, sorted(names), sorted(files - names))
            ),
        )

    return read


def _taken(packer: Packer) -> Iterator[tuple[int, bytes]]:
    for partition, chunk in packer.take().items():
        yield (_TITLE_KEYED if partition == packer.partitions else partition), chunk


def _is_chunk(record: tuple[int, bytes]) -> bool:
    return record[0] >= 0


def _is_title_keyed(record: tuple[int, bytes]) -> bool:
    return record[0] == _TITLE_KEYED


def _is_sources(record: tuple[int, bytes]) -> bool:
    return record[0] == _ACCOUNT


def _source_names(record: tuple[int, bytes]) -> list[str]:
    return _READ(record[1]).sources


def _files_read(record: tuple[int, bytes]) -> list[str]:
    part = _READ(record[1])
    return [*part.sources, *part.others]


def _account(told: Any, found: Found) -> Read:
    """Return the sums over all tasks, with faults of the sources; names stay where they are.

    A file that was listed and that no reader gave could not be read.
    """
    account: Read = _summed(told.map(_without_names), _accounts_united, _encoded(_NOTHING_READ), _READ)
    missing: frozenset[str] = frozenset()
    if account.totals.counts.get("listed", 0) < len(found.names):
        missing = found.names.difference(told.flatMap(_files_read).toLocalIterator())
    others = Totals({}, {})
    faults = list(found.diagnostics)
    for name in missing:
        faults.append(unread(name))
        others.add(unreadable(faults[-1]))
    by_code = Counter(fault.code for fault in faults)
    return _READ(_accounts_united(_encoded(account), _encoded(Read(others, faults, dict(by_code), [], [], []))))


def _without_names(record: tuple[int, bytes]) -> bytes:
    return _encoded(msgspec.structs.replace(_READ(record[1]), sources=[], others=[]))


def _accounts_united(one: bytes, other: bytes) -> bytes:
    mine, theirs = _READ(one), _READ(other)
    mine.totals.update(theirs.totals)
    faults = sorted([*mine.diagnostics, *theirs.diagnostics])[:LISTED]
    by_code = Counter(mine.by_code) + Counter(theirs.by_code)
    return _encoded(Read(mine.totals, faults, dict(by_code), [*mine.topics, *theirs.topics], [], []))


# Entries without URL


def _split_title_keyed(record: tuple[int, bytes]) -> Iterator[tuple[str, bytes]]:
    partition = unpack([record[1]])
    for key, group in partition.groups.items():
        yield (
            key,
            pack(Partition({key: group}, {key: partition.listings[key]} if key in partition.listings else {})),
        )


def _gathered(pair: tuple[str, Iterable[bytes]]) -> TitleKeyedEntry:
    return TitleKeyedEntry(pair[0], list(pair[1]))


def _marks(title_keyed: Any) -> frozenset[bytes] | None:
    """Return the marks of the titles of all entries without URL, or None where there are very many."""
    if title_keyed.count() > MAX_MARKS:
        return None
    return frozenset(title_keyed.map(_mark).distinct().collect())


def _mark(entry: TitleKeyedEntry) -> bytes:
    return title_mark(entry.group()[0].facts.title)


def _second(pair: tuple[Any, Any]) -> Any:
    return pair[1]


def _counter(marks: Any) -> Callable[[Iterable[tuple[int, list[bytes]]]], Iterator[tuple[str, Any]]]:
    """Return what counts shares, and finds entries without URL that are listed, and what they may be.

    Their titles have these marks.
    """

    def count(records: Iterable[tuple[int, list[bytes]]]) -> Iterator[tuple[str, Any]]:
        total = _EMPTY
        for number, chunks in records:
            found = census_of_chunks(chunks, marks_of(chunks) if marks is None else marks.value)
            for candidate in found.candidates:
                yield "claim", candidate
            for key in awaited_title_keys(chunks):
                yield "awaited", (key, number)
            total = united([total, msgspec.structs.replace(found, candidates=())])
        yield "census", _encoded(total)

    return count


def _census_of_title_keyed(title_keyed: Iterable[TitleKeyedEntry]) -> Iterator[bytes]:
    signatures = Counter(signature_of(entry.group()) for entry in title_keyed)
    yield _encoded(Census(tuple((tuple(refs), number) for refs, number in signatures.items()), {}, ()))


def _united_packed(one: bytes, other: bytes) -> bytes:
    return _encoded(united([_CENSUS(one), _CENSUS(other)]))


def _resolve(claims: Any, title_keyed: Any, shown: Any, tasks: int) -> Any:
    """Join entries without URL with the articles that claim their title keys; return what each is."""

    def claimed(candidate: Candidate) -> tuple[str, Candidate]:
        return claimed_title_key(candidate, shown.value), candidate

    def looking(entry: TitleKeyedEntry) -> tuple[str, TitleKeyedEntry]:
        return resolved_title_key(entry.group()[0].facts, shown.value), entry

    def matched(pair: tuple[str, tuple[Iterable[TitleKeyedEntry], Iterable[Candidate]]]) -> Iterator[Resolved]:
        full, (looked, found) = pair
        waiting = list(looked)
        if not waiting:
            return
        known = {candidate.key: candidate for candidate in found}
        outcome, key = found_key(full, known.keys())
        for entry in waiting:
            yield Resolved(entry, outcome, key, known.get(key))

    return title_keyed.map(looking).cogroup(claims.map(claimed), tasks).flatMap(matched)


def _outcome(resolved: Resolved) -> tuple[str, int]:
    return resolved.outcome, len(resolved.entry.group())


def _added(one: int, other: int) -> int:
    return one + other


def _by_key(resolved: Resolved) -> tuple[str, Resolved]:
    return resolved.key, resolved


def _joining(pair: tuple[str, Iterable[Resolved]]) -> bytes:
    group, known = [], None
    for resolved in pair[1]:
        group += resolved.entry.group()
        known = resolved.known
    return _encoded(joining(known, group))


def _moved(partitions: int) -> Callable[[Resolved], tuple[int, bytes]]:
    def moved(resolved: Resolved) -> tuple[int, bytes]:
        partition, key = resolved.entry.partition(), resolved.entry.key
        result = Partition({}, {})
        receive(result, resolved.key, (partition.groups[key], partition.listings.get(key, [])))
        # What is alone stays with its like locally; here it has a share like any other.
        number = partition_number(resolved.key, partitions)
        return number if number < partitions else partition_number(resolved.key[1:], partitions), pack(result)

    return moved


def _awaited(record: tuple[int, list[bytes]]) -> Iterator[tuple[str, int]]:
    for key in awaited_title_keys(record[1]):
        yield key, record[0]


def _alone(chunk: bytes) -> list[bytes]:
    return [chunk]


def _final(resolved: Resolved) -> tuple[str, str]:
    return resolved.entry.key, resolved.key


def _to_lister(pair: tuple[str, tuple[int, str]]) -> tuple[int, tuple[str, str]]:
    title_key, (partition, key) = pair
    return partition, (title_key, key)


def _gathered_by_share(chunks: Any, arrived: Any, awaited: Any, tasks: int) -> Any:
    """Return all that there is of each share: chunks, chunks that arrived, and final keys that it waits for.

    All three lie in the same partitions by now, so this moves nothing. Spark's groupWith would, where a cluster sets a
    number of partitions for what says none.
    """
    whole = chunks.mapValues(_as_chunks).union(arrived.mapValues(_as_chunks)).union(awaited.mapValues(_as_keys))
    return whole.groupByKey(tasks)


def _as_chunks(chunks: list[bytes]) -> tuple[list[bytes], dict[str, str]]:
    return chunks, {}


def _as_keys(keys: dict[str, str]) -> tuple[list[bytes], dict[str, str]]:
    return [], keys


# Reducing. A record of the RDD is ("text" | "nodes" | "edges" | "images" | "counted" | "facts", value). The rows of a
# share are packed into one value: every stage that follows is handed all records, and unpacks those of its own kind.


class _Facts(msgspec.Struct, frozen=True, array_like=True):
    """The sums over shares."""

    articles: int = 0
    links: int = 0
    counts: dict[str, int] = {}
    disagreements: dict[str, int] = {}
    classes: dict[str, int] = {}
    properties: dict[str, int] = {}


_FACTS = msgspec.msgpack.Decoder(_Facts).decode


def _facts_added(one: bytes, other: bytes) -> bytes:
    mine, theirs = _FACTS(one), _FACTS(other)
    return _encoded(
        _Facts(
            mine.articles + theirs.articles,
            mine.links + theirs.links,
            *(
                dict(Counter(getattr(mine, name)) + Counter(getattr(theirs, name)))
                for name in ("counts", "disagreements", "classes", "properties")
            ),
        )
    )


def _is(kind: str) -> Callable[[tuple[str, Any]], bool]:
    def check(record: tuple[str, Any]) -> bool:
        return record[0] == kind

    return check


def _reducer(shown: Any, names: Any, base: str) -> Callable[[Iterable[Any]], Iterator[tuple[str, Any]]]:
    def reduce(records: Iterable[Any]) -> Iterator[tuple[str, Any]]:
        articles = links = 0
        counts, disagreements = Counter[str](), Counter[str]()
        classes, properties = Counter[str](), Counter[str]()
        for _, parts in records:
            chunks: list[bytes] = []
            final_key: dict[str, str] = {}
            for some, keys in parts:
                chunks += some
                final_key |= keys
            partition = unpack(chunks)
            resolution = Resolution(shown.value, final_key, (), (), {})
            reduced = reduce_partition(partition, resolution)
            describer = Describer(OxigraphTerms(), base, names.value)
            yield "text", lines_of(describer.describe_article(article) for article in reduced.articles)
            yield "nodes", _packed(map(node_row, reduced.articles))
            yield "edges", _packed(edge for article in reduced.articles for edge in edge_rows(article))
            yield "images", _packed((url, (width, height)) for url, (_, width, height) in describer.images.items())
            articles += len(reduced.articles)
            links += sum(len(article.related) for article in reduced.articles)
            counts.update(reduced.counts)
            disagreements.update(reduced.disagreements)
            classes.update(describer.classes)
            properties.update(describer.properties)
        sums = (dict(one) for one in (counts, disagreements, classes, properties))
        yield "facts", _encoded(_Facts(articles, links, *sums))

    return reduce


def _packed(rows: Iterable[tuple[Any, ...]]) -> bytes:
    return pickle.dumps(list(rows), pickle.HIGHEST_PROTOCOL)


def _rows(record: tuple[str, bytes]) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = pickle.loads(record[1])  # noqa: S301 - by `_packed`, as Spark does it with all records
    return rows


def _image_sayer(base: str) -> Callable[[Iterable[Any]], Iterator[tuple[str, Any]]]:
    def say(images: Iterable[tuple[str, tuple[int, int]]]) -> Iterator[tuple[str, Any]]:
        describer = Describer(OxigraphTerms(), base, {})
        for url, (width, height) in images:
            describer.images[url] = (describer.iri(url), width, height)
        yield "text", lines_of(describer.describe_images())
        yield "counted", (dict(describer.classes), dict(describer.properties))

    return say


def _source_sayer(base: str) -> Callable[[Iterable[str]], Iterator[tuple[str, Any]]]:
    def say(sources: Iterable[str]) -> Iterator[tuple[str, Any]]:
        describer = Describer(OxigraphTerms(), base, {})
        yield "text", lines_of(describer.describe_source(name) for name in sources)
        yield "counted", (dict(describer.classes), dict(describer.properties))

    return say


def _told(providers: Iterable[Any], topics: Iterable[Any], counted: Iterable[Any], base: str, about: About) -> bytes:
    """Say what there is of the dataset, then of providers and topics."""
    describer = Describer(OxigraphTerms(), base, {})
    said = list(describer.describe_providers_and_topics(providers, topics))
    for classes, properties in counted:
        describer.classes.update(classes)
        describer.properties.update(properties)
    return lines_of([*describe_dataset(describer, POLICY_VERSION, about), *said])
