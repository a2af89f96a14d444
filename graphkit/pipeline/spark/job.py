"""The job: the order of the stages of a build on a cluster.

Partitions are small, so that no article, provider or topic makes a task large. What is global travels in two ways:
tables that grow with the number of providers and topics are summed in a tree and sent to all workers; entries without
URL, of which there may be very many, are joined with the articles that they may refer to, by their title keys.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from graphkit.identity.identity_rules import IdentityRules
from graphkit.merge.census import Census
from graphkit.merge.provider_records import count_own, provider_signatures
from graphkit.merge.providers import Provider, all_providers, provider_decisions, rule_counts
from graphkit.merge.topics import Topic, all_topics
from graphkit.pipeline.report import Size, check_records, report
from graphkit.pipeline.spark.content_packing import ACCOUNT, WITHOUT_URL, chunks_by_partition, packing
from graphkit.pipeline.spark.entries_without_url import (
    entries_of,
    entry_census,
    final_keys,
    joined_census,
    listed_keys,
    outcome_counts,
    resolved_chunk,
    resolved_entries,
    title_hashes,
)
from graphkit.pipeline.spark.moved_articles import moves_of, with_moves
from graphkit.pipeline.spark.output import OutputFolder
from graphkit.pipeline.spark.packed_sums import summed
from graphkit.pipeline.spark.partition_counts import added, counting
from graphkit.pipeline.spark.partition_output import (
    PartitionTotals,
    dataset_text,
    describing_images,
    describing_sources,
    reduction,
    totals_added,
)
from graphkit.pipeline.spark.reading_account import (
    ReadingAccount,
    file_count,
    source_names,
    total_account,
)
from graphkit.pipeline.spark.rows import EDGES, NODES, edge_rows, node_row
from graphkit.pipeline.spark.source_search import FoundSources, find_sources
from graphkit.pipeline.spark.tagged_values import rows_of, values_of
from graphkit.rdf.dataset import About
from graphkit.rdf.serialization import check_base

_PARTITION_BYTES = 1 << 20
_MAX_PARTITIONS = 1 << 20
_TASK_BYTES = 32 << 20


class Stages(NamedTuple):
    """What all stages use: the Spark context, the numbers of tasks and of partitions, and the RDDs kept on disk."""

    context: Any
    tasks: int
    partitions: int
    kept: list[Any]

    def keep(self, rdd: Any) -> Any:
        """Keep an RDD that is used several times: on disk, as memory is for tasks and the files are cached anyway."""
        from pyspark import StorageLevel

        self.kept.append(rdd.persist(StorageLevel.DISK_ONLY))
        return self.kept[-1]


class MergedCorpus(NamedTuple):
    """What the merge gave: the output of each partition, the packed accounts, and what is global."""

    output: Any
    accounts: Any
    account: ReadingAccount
    providers: tuple[Provider, ...]
    topics: tuple[Topic, ...]
    counts: Counter[str]


def build_on(
    spark: Any,
    sources: Sequence[str],
    out: str,
    *,
    base: str,
    about: About,
    published_only: bool,
    partitions: int | None,
    rules: IdentityRules | None = None,
    leave_out: Sequence[str] = (),
) -> dict[str, Any]:
    """Build with a Spark session; see `graphkit.pipeline.spark.build`."""
    check_base(base)
    with OutputFolder(spark, out) as folder:
        found = find_sources(spark, sources, out, leave_out)
        with _stages(spark.sparkContext, found.size, partitions) as stages:
            merged = _merged(stages, found, base, rules, published_only=published_only)
            return _written(stages, folder, merged, found, base, about, rules)


@contextmanager
def _stages(context: Any, size: int, partitions: int | None) -> Iterator[Stages]:
    """Choose the numbers of tasks and partitions for sources of so many bytes; forget what was kept in the end."""
    cores = context.defaultParallelism
    number = partitions or min(_MAX_PARTITIONS, max(2 * cores, size // _PARTITION_BYTES))
    stages = Stages(context, max(cores, min(number, 1 + size // _TASK_BYTES)), number, [])
    try:
        yield stages
    finally:
        for rdd in stages.kept:
            rdd.unpersist()


def _merged(
    stages: Stages, found: FoundSources, base: str, rules: IdentityRules | None, *, published_only: bool
) -> MergedCorpus:
    """Read, count, resolve and reduce."""
    context, tasks, keep = stages.context, stages.tasks, stages.keep
    packed = keep(found.contents.mapPartitions(packing(stages.partitions, published_only=published_only, rules=rules)))
    accounts = keep(values_of(packed, ACCOUNT))
    account = total_account(accounts, found)
    check_records(
        account.totals.counts.get("own", 0) + len(account.topics),
        files=file_count(found, account),
        left_out=account.totals.counts.get("left_out", 0),
        diagnostics=account.diagnostics,
    )
    chunks = keep(chunks_by_partition(packed).groupByKey(tasks).mapValues(list))
    moves = moves_of(context, chunks, rules)
    moved = context.broadcast(moves)
    if moves:
        chunks = keep(with_moves(chunks, moved, stages.partitions, tasks))
    entries = keep(entries_of(values_of(packed, WITHOUT_URL), tasks))

    hashes = title_hashes(entries)
    # One look at the chunks finds all candidates, as it is known which titles to look for.
    counted = keep(chunks.mapPartitions(counting(hashes if hashes is None else context.broadcast(hashes))))
    census = summed(values_of(counted, "census"), added, Census())
    of_entries = summed(entries.mapPartitions(entry_census), added, Census())
    named = provider_signatures(account.topics, rules)
    decided = provider_decisions([*census.signatures, *of_entries.signatures, *named], rules)
    provider_ids = context.broadcast(decided.ids)
    resolved = keep(resolved_entries(values_of(counted, "candidate"), entries, provider_ids, tasks))
    outcomes = outcome_counts(resolved)
    total = added(census, summed(joined_census(resolved, tasks), added, Census()))
    providers = all_providers([*total.signatures, *named], decided.ids, rules)
    topics = all_topics(total.labels, account.topics)

    names = context.broadcast({provider.id: provider.name for provider in providers})
    arrived = keep(resolved.map(resolved_chunk(stages.partitions)))
    # An entry without URL may itself be listed by one.
    listed = values_of(counted, "listed").union(arrived.flatMap(listed_keys))
    whole = gathered(chunks, arrived.groupByKey(tasks).mapValues(list), final_keys(listed, resolved, tasks), tasks)
    output = keep(whole.mapPartitions(reduction(provider_ids, names, moved, base, rules)))
    outcomes.update(rule_counts(total.signatures, decided, rules))
    outcomes["topic_records"] = len(account.topics)
    outcomes["topics_own"] = count_own(account.topics, decided.ids, rules)
    return MergedCorpus(output, accounts, account, providers, topics, outcomes)


def gathered(chunks: Any, arrived: Any, keys: Any, tasks: int) -> Any:
    """Return everything about each partition: its chunks, those that arrived, and final keys of what it lists.

    All three are partitioned alike by now, so this moves nothing. Spark's groupWith would, if a cluster sets a number
    of partitions for calls that name none.
    """
    whole = chunks.mapValues(_as_chunks).union(arrived.mapValues(_as_chunks)).union(keys.mapValues(_as_keys))
    return whole.groupByKey(tasks)


def _as_chunks(chunks: list[bytes]) -> tuple[list[bytes], dict[str, str]]:
    return chunks, {}


def _as_keys(keys: dict[str, str]) -> tuple[list[bytes], dict[str, str]]:
    return [], keys


def _written(
    stages: Stages,
    folder: OutputFolder,
    merged: MergedCorpus,
    found: FoundSources,
    base: str,
    about: About,
    rules: IdentityRules | None,
) -> dict[str, Any]:
    """Write everything, and return the report."""
    output, context = merged.output, stages.context
    totals = summed(values_of(output, "totals"), totals_added, PartitionTotals())
    images = rows_of(output, "images").reduceByKey(max, stages.tasks)
    names = merged.accounts.flatMap(source_names).distinct(stages.tasks)
    texts = [values_of(output, "text")]
    counts = [(totals.classes, totals.properties)]
    for described in (images.mapPartitions(describing_images(base)), names.mapPartitions(describing_sources(base))):
        kept = stages.keep(described)
        texts.append(values_of(kept, "text"))
        counts += values_of(kept, "counts").collect()
    dataset = dataset_text(merged.providers, merged.topics, counts, base, about)
    folder.write_lines(context.union([context.parallelize([dataset], 1), *texts]), "coverage.nt")
    nodes: Iterable[Provider | Topic] = (*merged.providers, *merged.topics)
    folder.write_table(rows_of(output, "nodes").union(context.parallelize([*map(node_row, nodes)], 1)), NODES, "nodes")
    narrower = [edge for topic in merged.topics for edge in edge_rows(topic)]
    folder.write_table(rows_of(output, "edges").union(context.parallelize(narrower, 1)), EDGES, "edges")
    written = _report(merged, found, totals, rules)
    folder.write_report(written)
    return written


def _report(
    merged: MergedCorpus, found: FoundSources, totals: PartitionTotals, rules: IdentityRules | None
) -> dict[str, Any]:
    account = merged.account
    return report(
        Size(totals.articles, len(merged.providers), len(merged.topics), totals.links),
        found=file_count(found, account),
        skipped=found.skipped + account.totals.counts.get("skipped", 0),
        totals=account.totals,
        merged=merged.counts + Counter(totals.counts),
        disagreements=totals.disagreements,
        diagnostics=account.diagnostics,
        rules=rules,
        of_sources=found.diagnostics,
    )
