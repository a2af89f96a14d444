"""Memory: what is remembered of a build, so that the next one reads only what changed.

It is valid for one version of everything that decides what a record means. A file is known by its name and by the
system's word for its state; where that is not enough, by a hash of its content.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import NamedTuple

import msgspec

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.files.stamps import PACKED_SIZE, FileStamp
from graphkit.merge.extraction import Outcome, Totals
from graphkit.merge.mentions import TopicMention
from graphkit.merge.resolution import Census
from graphkit.pipeline.local.blob_store import Extent

DIGEST = 16
"""The bytes of a content's hash."""

UNSURE = FileStamp(-1, 0, 0, 0).packed()
"""The stamp of a file that changed so lately that it may change again without another stamp."""


class FileMemory(msgspec.Struct, array_like=True):
    """One file: the shares that its mentions are in, and what reading it gave."""

    partitions: tuple[int, ...]
    outcome: Outcome


class TextMemory(msgspec.Struct, frozen=True, array_like=True):
    """Turtle in the depot: the length and checksum of each range of it, and what there is to count.

    Images are not counted, as several texts may have the same one.
    """

    extent: Extent | None = None
    ranges: list[tuple[int, int]] = []
    classes: dict[str, int] = {}
    properties: dict[str, int] = {}


class ExportMemory(msgspec.Struct, frozen=True, array_like=True):
    """The Turtle as it was written last: its stamp, and the bytes of its header, of the dataset and of each range.

    Of a range also the number of images, with a width, and with a height.
    """

    stamp: tuple[int, ...]
    header: int
    dataset: int
    ranges: list[tuple[int, int, int, int]]


class PartitionMemory(msgspec.Struct, array_like=True):
    """One share: its chunks, its census, the marks of its titles, and what was made of it.

    `moved` is a hash of the cards that were found to be articles of this share, `awaited` are the cards that its
    articles list.
    """

    chunks: list[Extent] = []
    census: Extent | None = None
    marks: Extent | None = None
    moved: bytes = b""
    awaited: list[str] = []
    text: TextMemory = TextMemory()
    articles: int = 0
    links: int = 0
    counts: dict[str, int] = {}
    disagreements: dict[str, int] = {}
    spaces: list[str] = []


class Memory(msgspec.Struct, array_like=True):
    """All that is remembered. Files stand in columns: names, stamps, hashes, and a rest that is decoded when needed."""

    key: str
    partitions_number: int
    names: list[str]
    stamps: bytes
    digests: bytes
    files: list[msgspec.Raw]
    totals: Totals
    diagnostics: list[Diagnostic]
    topics: list[TopicMention]
    partitions: list[PartitionMemory]
    census: Census
    splitters: list[str]
    said_for: str
    prefixes: dict[str, str]
    sources: list[TextMemory]
    told: TextMemory
    export: ExportMemory | None
    shown: dict[str, str]
    provider_names: dict[str, str]
    final_key: dict[str, str]
    card_marks: bytes

    def known(self) -> list[Known]:
        """Return the files remembered."""
        stamps = _cut(self.stamps, PACKED_SIZE)
        return list(map(Known._make, zip(self.names, stamps, _cut(self.digests, DIGEST), self.files, strict=True)))


def _cut(column: bytes, width: int) -> list[bytes]:
    return [column[start : start + width] for start in range(0, len(column), width)]


def relocate(memory: Memory, moved: Callable[[Extent], Extent]) -> None:
    """Have every blob that is remembered stand where `moved` says."""

    def text(old: TextMemory) -> TextMemory:
        return old if old.extent is None else msgspec.structs.replace(old, extent=moved(old.extent))

    for partition in memory.partitions:
        partition.chunks = [moved(extent) for extent in partition.chunks]
        partition.census = partition.census and moved(partition.census)
        partition.marks = partition.marks and moved(partition.marks)
        partition.text = text(partition.text)
    memory.sources = [text(old) for old in memory.sources]
    memory.told = text(memory.told)


class Known(NamedTuple):
    """A file as a build knows it at its end."""

    name: str
    stamp: bytes
    digest: bytes
    file: msgspec.Raw


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Memory)
_FILE = msgspec.msgpack.Decoder(FileMemory)


def encoded(memory: Memory) -> bytes:
    """Return a memory as bytes."""
    return _ENCODER.encode(memory)


def decoded(data: bytes) -> Memory | None:
    """Return the memory that bytes hold, None where they hold another thing."""
    try:
        return _DECODER.decode(data)
    except msgspec.DecodeError:
        return None


def file_raw(file: FileMemory) -> msgspec.Raw:
    """Return what is remembered of a file, packed."""
    return msgspec.Raw(_ENCODER.encode(file))


def file_of(raw: msgspec.Raw) -> FileMemory:
    """Return what is remembered of a file."""
    return _FILE.decode(raw)


DECIDING = ("ada-url", "msgspec", "pyyaml", "tldextract", "yaml-rs")
"""The packages that have a say in what a record means."""


KEYED_MODULES = (
    "graphkit.diagnostics.diagnostic",
    "graphkit.diagnostics.quoting",
    "graphkit.errors",
    "graphkit.files.atomic",
    "graphkit.files.compression",
    "graphkit.files.stamps",
    "graphkit.formats.fast_path",
    "graphkit.formats.front_matter",
    "graphkit.formats.parsing",
    "graphkit.formats.yaml_text",
    "graphkit.garbage_collection",
    "graphkit.graph.attributes",
    "graphkit.identity.identification",
    "graphkit.merge.articles",
    "graphkit.merge.extraction",
    "graphkit.merge.mentions",
    "graphkit.merge.packing",
    "graphkit.merge.resolution",
    "graphkit.pipeline.local.blob_store",
    "graphkit.pipeline.local.build_cache",
    "graphkit.pipeline.local.build_steps",
    "graphkit.pipeline.local.changes",
    "graphkit.pipeline.local.file_reading",
    "graphkit.pipeline.local.in_memory",
    "graphkit.pipeline.local.process_pool",
    "graphkit.pipeline.local.tasks",
    "graphkit.pipeline.local.turtle_writer",
    "graphkit.pipeline.local.worker_context",
    "graphkit.pipeline.local.worker_pool",
    "graphkit.pipeline.local.workspace",
    "graphkit.pipeline.report",
    "graphkit.rdf.dataset",
    "graphkit.rdf.objects",
    "graphkit.rdf.properties",
    "graphkit.rdf.serialization",
    "graphkit.rdf.statements",
    "graphkit.rdf.syntaxes",
    "graphkit.rdf.terms",
    "graphkit.rdf.turtle",
    "graphkit.rdf.vocabulary",
    "graphkit.records.attributes",
    "graphkit.records.decoding",
    "graphkit.records.positions",
    "graphkit.sources.finding",
    "graphkit.urls.canonical_url",
    "graphkit.urls.public_suffixes",
)
"""The modules that decide what a record means and how it is written: a change to any of them discards every cache."""

KEYED_TABLES = (
    "graphkit/urls/amp.toml",
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
    root = resources.files("graphkit")
    if "/" in name:
        return root.joinpath(*name.split("/")[1:]).read_bytes()
    parts = name.split(".")[1:]
    package = root.joinpath(*parts)
    if package.is_dir():
        return (package / "__init__.py").read_bytes()
    return root.joinpath(*parts[:-1], f"{parts[-1]}.py").read_bytes()
