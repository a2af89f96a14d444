"""The build cache: a blob store beside the exports, and the key that says whether it can be used.

It is valid for one version of everything that decides what a record means. A file is known by its name and its stamp;
where that is not enough, by a hash of its content.
"""

from __future__ import annotations

import hashlib
import unicodedata
from functools import cache
from pathlib import Path

from graphkit.files.packaged_tables import PACKAGE
from graphkit.identity.identity_rules import IdentityRules
from graphkit.pipeline.local.blob_store import BlobStore
from graphkit.pipeline.local.cached_state import (
    DIGEST,
    CachedState,
    packed_state,
    rebased,
    relocated,
    unpacked_state,
)
from graphkit.pipeline.local.workspace import keep, spill
from graphkit.urls.canonical_url import POLICY_VERSION

_WASTE = 1 << 20
"""The number of bytes that blobs of earlier builds may take in a cache, besides as many as are still in use."""


def cache_key(*, published_only: bool, rules: IdentityRules | None = None) -> str:
    """Return the key of a cache: builds with the same key understand each other's caches."""
    return f"{versions()} {POLICY_VERSION} {'published' if published_only else 'all'} {_digest_of(rules)}"


def _digest_of(rules: IdentityRules | None) -> str:
    return (
        "" if rules is None else hashlib.blake2b(repr(rules).encode("utf-8", "replace"), digest_size=DIGEST).hexdigest()
    )


def load(path: Path, *, published_only: bool, base: str, rules: IdentityRules | None = None) -> CachedState | None:
    """Return the state that the last build cached, for a build with this base IRI, None where there is none to use."""
    try:
        with BlobStore(str(path)) as store:
            packed = store.state()
    except OSError:
        return None
    state = unpacked_state(packed) if packed is not None else None
    if state is None or state.key != cache_key(published_only=published_only, rules=rules):
        return None
    return rebased(state, base)


def save(path: Path, store: BlobStore, state: CachedState) -> None:
    """Commit the state to the blob store, and make the store the cache at `path`.

    Where most of the store are blobs of earlier builds, those still in use are copied to a new one. Raises
    `OutputError` where the disk is full, and `Damaged` where a blob to copy is damaged.
    """
    packed = packed_state(state)
    used = len(packed) + sum(extent.length for extent in state.extents())
    if store.size <= 2 * used + _WASTE:
        keep(path, store, packed)
        return
    with spill(path.parent) as name, BlobStore(name) as compact:
        state = relocated(state, lambda extent: compact.append(store.read(extent)))
        keep(path, compact, packed_state(state))


DECIDING = ("ada-url", "msgspec", "pyyaml", "tldextract", "yaml-rs")
"""The packages that decide what a record means."""


KEYED_MODULES = (
    "graphkit.diagnostics.diagnostic",
    "graphkit.diagnostics.found_diagnostics",
    "graphkit.diagnostics.quoting",
    "graphkit.errors",
    "graphkit.files.atomic",
    "graphkit.files.compression",
    "graphkit.files.folders",
    "graphkit.files.machine_key",
    "graphkit.files.manifest",
    "graphkit.files.packaged_tables",
    "graphkit.files.patterns",
    "graphkit.files.stamps",
    "graphkit.files.written_beginnings",
    "graphkit.formats.broken_entries",
    "graphkit.formats.ciphertext",
    "graphkit.formats.envelopes",
    "graphkit.formats.fast_json",
    "graphkit.formats.fast_path",
    "graphkit.formats.fast_yaml",
    "graphkit.formats.front_matter",
    "graphkit.formats.input_format",
    "graphkit.formats.json_lines",
    "graphkit.formats.json_records",
    "graphkit.formats.json_text",
    "graphkit.formats.parsing",
    "graphkit.formats.plain_yaml",
    "graphkit.formats.recognition",
    "graphkit.formats.salvage",
    "graphkit.formats.utf8_text",
    "graphkit.formats.yaml_characters",
    "graphkit.formats.yaml_documents",
    "graphkit.formats.yaml_faults",
    "graphkit.formats.yaml_limits",
    "graphkit.formats.yaml_loader",
    "graphkit.formats.yaml_record",
    "graphkit.garbage_collection",
    "graphkit.graph.node_attributes",
    "graphkit.identity.aggregator_labels",
    "graphkit.identity.article_keys",
    "graphkit.identity.folding",
    "graphkit.identity.identification",
    "graphkit.identity.identity_rules",
    "graphkit.identity.platforms",
    "graphkit.identity.provider_refs",
    "graphkit.merge.articles",
    "graphkit.merge.census",
    "graphkit.merge.declared_addresses",
    "graphkit.merge.extraction",
    "graphkit.merge.mentions",
    "graphkit.merge.packing",
    "graphkit.merge.provider_records",
    "graphkit.merge.providers",
    "graphkit.merge.resolution",
    "graphkit.merge.topics",
    "graphkit.pipeline.local.blob_store",
    "graphkit.pipeline.local.build_cache",
    "graphkit.pipeline.local.build_context",
    "graphkit.pipeline.local.build_options",
    "graphkit.pipeline.local.build_result",
    "graphkit.pipeline.local.build_steps",
    "graphkit.pipeline.local.cached_state",
    "graphkit.pipeline.local.changes",
    "graphkit.pipeline.local.content_batches",
    "graphkit.pipeline.local.counting",
    "graphkit.pipeline.local.file_batches",
    "graphkit.pipeline.local.file_reading",
    "graphkit.pipeline.local.merged_articles",
    "graphkit.pipeline.local.process_pool",
    "graphkit.pipeline.local.reduction",
    "graphkit.pipeline.local.segments",
    "graphkit.pipeline.local.source_descriptions",
    "graphkit.pipeline.local.stamped_files",
    "graphkit.pipeline.local.turtle_writer",
    "graphkit.pipeline.local.worker_context",
    "graphkit.pipeline.local.worker_pool",
    "graphkit.pipeline.local.workspace",
    "graphkit.pipeline.report",
    "graphkit.rdf.dataset",
    "graphkit.rdf.descriptions",
    "graphkit.rdf.objects",
    "graphkit.rdf.properties",
    "graphkit.rdf.serialization",
    "graphkit.rdf.statements",
    "graphkit.rdf.syntaxes",
    "graphkit.rdf.terms",
    "graphkit.rdf.turtle",
    "graphkit.rdf.vocabulary",
    "graphkit.rdf.void",
    "graphkit.records.attributes",
    "graphkit.records.dates",
    "graphkit.records.decoding",
    "graphkit.records.entry",
    "graphkit.records.faults",
    "graphkit.records.fields",
    "graphkit.records.known_fields",
    "graphkit.records.positions",
    "graphkit.records.text_values",
    "graphkit.sources.contents",
    "graphkit.sources.finding",
    "graphkit.sources.source_file",
    "graphkit.sources.trees",
    "graphkit.urls.amp",
    "graphkit.urls.canonical_url",
    "graphkit.urls.content_parameters",
    "graphkit.urls.domains",
    "graphkit.urls.fragments",
    "graphkit.urls.match_key",
    "graphkit.urls.minted_ids",
    "graphkit.urls.public_suffixes",
    "graphkit.urls.query_parameters",
    "graphkit.urls.receipts",
    "graphkit.urls.redirectors",
    "graphkit.urls.sessions",
    "graphkit.urls.web_address",
)
"""The modules that decide what a record means and how it is written: a change to any of them discards every cache."""

KEYED_TABLES = (
    "graphkit/urls/amp.toml",
    "graphkit/urls/minted_ids.toml",
    "graphkit/urls/redirectors.toml",
    "graphkit/identity/platforms.toml",
    "graphkit/urls/tracking_parameters.toml",
)
"""The tables that these modules read."""


@cache
def versions() -> str:
    """Return a hash of all that decides what a record means and how it is written: the code and its libraries."""
    from importlib.metadata import PackageNotFoundError, version  # a build without a cache needs none of it

    digest = hashlib.blake2b(digest_size=DIGEST)
    digest.update(f"unicode {unicodedata.unidata_version}\n".encode())  # by which labels are folded
    for name in DECIDING:
        try:
            digest.update(f"{name} {version(name)}\n".encode())
        except PackageNotFoundError:
            digest.update(f"{name} absent\n".encode())
    for name in (*KEYED_MODULES, *KEYED_TABLES):
        digest.update(f"\n{name}\n".encode())
        digest.update(_content(name))
    return digest.hexdigest()


def _content(name: str) -> bytes:
    """Return the bytes of a module, by its dotted name, or of a table, by its path."""
    if "/" in name:
        return _bytes(name)
    path = name.replace(".", "/")
    try:
        return _bytes(f"{path}.py")
    except FileNotFoundError:
        return _bytes(f"{path}/__init__.py")


def _bytes(path: str) -> bytes:
    with open(f"{PACKAGE.parent}/{path}", "rb") as stream:
        return stream.read()
