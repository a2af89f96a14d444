"""The Spark build: a build on many machines, by Apache Spark.

    files ─▶ contents ─▶ packed mentions ─▶ censuses ─▶ name owners ─▶ entries without URL joined ─▶ partitions reduced
                                                                                                    ├─▶ N-Triples
                                                                                                    └─▶ Parquet

The stages are the functions of the local build; Spark moves what passes between them. `session` connects to the
cluster, `job` knows the order of the stages.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from graphkit.identity.identity_file import identity_paths, identity_rules
from graphkit.rdf.dataset import about
from graphkit.rdf.vocabulary import DEFAULT_BASE


def build(
    sources: Sequence[str],
    out: str,
    *,
    master: str = "",
    base: str = DEFAULT_BASE,
    title: str = "",
    licence: str = "",
    creators: Iterable[str] = (),
    published_only: bool = False,
    partitions: int | None = None,
    identity: str | Path | None = None,
) -> dict[str, Any]:
    """Build from the sources with Spark into the folder `out`, each on any file system that Spark knows.

    What is written: ``coverage.nt/part-*.nt.gz`` with the triples that the local build writes, ``nodes`` and ``edges``
    as Parquet, and ``report.json``, which is returned too. `title`, `licence` and `creators` are those of
    `graphkit.export`. `master` is a Spark master; empty means the one that spark-submit gives, or all cores of this
    machine. `identity` is a file such as identity.toml, by default the one beside the sources on this machine. Raises
    `MissingExtra` where pyspark is not installed, `UsageError` where there is no Java, no master or no such source, and
    `NothingReadable` where no record could be read.
    """
    from graphkit.pipeline.spark.job import build_on
    from graphkit.pipeline.spark.session import connected, errors_in_one_sentence

    dataset = about(title=title, licence=licence, creators=creators)
    local = [name.removeprefix("file://").removeprefix("file:") for name in sources]
    rules = identity_rules(local, identity)
    with connected(master) as spark, errors_in_one_sentence():
        return build_on(
            spark,
            sources,
            out,
            base=base,
            about=dataset,
            published_only=published_only,
            partitions=partitions,
            rules=rules,
            leave_out=identity_paths(local, identity),
        )
