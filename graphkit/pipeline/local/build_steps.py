"""Building: the order of an engine's tasks, from the files that are there to all that is said of them."""

from __future__ import annotations

import hashlib
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any, NamedTuple

import msgspec
from msgspec.structs import force_setattr

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.identity.identification import fold
from graphkit.merge.articles import Article, Merged, merge
from graphkit.merge.mentions import Partition, receive
from graphkit.merge.packing import pack, partition_number, title_mark, unpack
from graphkit.merge.resolution import Census, Resolution, card_titles, moved, provider_id, recounted, resolve, united
from graphkit.pipeline.local import in_memory, tasks
from graphkit.pipeline.local.blob_store import BlobStore, Extent
from graphkit.pipeline.local.build_cache import (
    DIGEST,
    ExportMemory,
    Known,
    Memory,
    PartitionMemory,
    TextMemory,
    decoded,
    encoded,
    file_of,
    relocate,
    versions,
)
from graphkit.pipeline.local.changes import Found, changes, stamped
from graphkit.pipeline.local.file_reading import Intake, Learnt
from graphkit.pipeline.local.in_memory import Progress
from graphkit.pipeline.local.turtle_writer import Writer, differing, rebased, splitters, tell
from graphkit.pipeline.local.worker_context import TaskSettings
from graphkit.pipeline.local.worker_pool import worker_pool
from graphkit.pipeline.local.workspace import CACHE, keep, locked, spill
from graphkit.pipeline.report import Size, report
from graphkit.rdf import vocabulary
from graphkit.rdf.dataset import About
from graphkit.rdf.serialization import prefixes_for
from graphkit.rdf.statements import Describer
from graphkit.rdf.turtle import TurtleTerms
from graphkit.sources import finding
from graphkit.sources.finding import SourceFile
from graphkit.urls.canonical_url import POLICY_VERSION, domain_of

_RECORD = 3_800
_SHARE = 64 * _RECORD
_MAX_SHARES = 2_048
_RANGE = 1_500 * _RECORD
_MAX_RANGES = 256
_GROUP = 400
_MAX_GROUPS = 256
_WASTE = 1 << 20
"""So many bytes of a cache may be blobs of earlier builds, besides as many as are alive."""
_GROWN = 4
"""A corpus that wants more than so many times the shares that are remembered is read again, and cut anew."""
_WORTH_A_CREW = 4 << 20
"""So many bytes to read are worth the time that processes take to start."""


class BuildOptions(NamedTuple):
    """What a build is to give. `graph` is told the number of nodes, and says whether the articles are wanted.

    `read_stdin` returns what stands in standard input, which can be read once, to every attempt to build.
    """

    jobs: int = 1
    published_only: bool = False
    base: str = vocabulary.DEFAULT_BASE
    about: About = About()
    text: bool = True
    graph: Callable[[int], bool] = lambda _: False
    leave_out: tuple[str, ...] = ()
    read_stdin: Callable[[SourceFile], bytes] = finding.read_bytes


class Built(NamedTuple):
    """What a build gave; `merged` is there where the graph is wanted.

    `write` writes the Turtle to an open file; it is told where the last export may be. `remember` makes the next build
    faster; it is told the stamp of what was written.
    `read` is the number of files that were decoded, `reused` that of all others.
    """

    report: dict[str, Any]
    diagnostics: tuple[Diagnostic, ...]
    merged: Merged | None
    write: Callable[[IO[bytes], Path | None], None]
    read: int
    reused: int
    remember: Callable[[tuple[int, ...]], None]


@contextmanager
def building(
    names: Iterable[str | Path],
    options: BuildOptions,
    *,
    cache: Path | None = None,
    forget: bool = False,
    progress: Progress | None = None,
) -> Iterator[Built]:
    """Build from the sources that `names` name; what is built can be written until the block ends.

    With `cache`, a folder, what is built is remembered there in a file of its own; `forget` tells to make no use of
    what is in it. Raises `OutputError` where the disk is full, and `Damaged` where what was remembered is damaged, also
    while it is written.
    """
    with ExitStack() as stack:
        home = stack.enter_context(locked(cache)) if cache is not None else None
        yield _attempt(stack, tuple(names), options, home, progress, forget=forget)


def _attempt(
    stack: ExitStack,
    names: Sequence[str | Path],
    options: BuildOptions,
    home: Path | None,
    progress: Progress | None,
    *,
    forget: bool,
) -> Built:
    progress = progress or _no_progress
    listing = finding.find(names, leave_out=options.leave_out)
    if home is None and options.jobs == 1 and in_memory.fits(listing.files):
        return _in_heap(listing, options, progress)
    found = stamped(listing.files)
    cache = home / CACHE if home is not None else None
    memory = None if cache is None or forget else _remembered(cache, options)
    size = sum(one.size for one in found)
    if memory is not None and _shares(size) > _GROWN * memory.partitions_number:
        memory = None  # in so few shares each would need too much memory
    scratch = stack.enter_context(spill(home))
    store = str(cache) if memory is not None else scratch if cache is None else stack.enter_context(spill(home))
    builder = _Builder(options, memory, stack, store, scratch, listing, progress)
    built = builder.build(found, size)
    return built if cache is None else built._replace(remember=partial(builder.remember, cache))


def _in_heap(listing: finding.Listing, options: BuildOptions, progress: Progress) -> Built:
    found = in_memory.read(listing, published_only=options.published_only, progress=progress)
    merged = merge(found.corpus)
    nodes = len(merged.articles) + len(merged.providers) + len(merged.topics)
    return Built(
        in_memory.told(found, merged),
        found.diagnostics,
        merged if options.graph(nodes) else None,
        lambda stream, _: in_memory.write(merged, options.base, options.about, stream),
        len(listing.files),
        0,
        _nothing_to_remember,
    )


def _nothing_to_remember(stamp: tuple[int, ...]) -> None:
    pass


def _nothing_to_write(stream: IO[bytes], old: Path | None) -> None:
    pass


def _no_progress(stage: str, done: int, total: int) -> None:
    pass


def _key(options: BuildOptions) -> str:
    return f"{versions()} {POLICY_VERSION} {'published' if options.published_only else 'all'}"


def _remembered(cache: Path, options: BuildOptions) -> Memory | None:
    """Return what the last build remembered, None where that is of no use."""
    try:
        with BlobStore(str(cache)) as store:
            state = store.state()
    except OSError:
        return None
    memory = decoded(state) if state is not None else None
    return memory if memory is not None and memory.key == _key(options) else None


class _Builder:
    """One build: what it knows so far."""

    def __init__(
        self,
        options: BuildOptions,
        memory: Memory | None,
        stack: ExitStack,
        store: str,
        scratch: str,
        listing: finding.Listing,
        progress: Progress,
    ) -> None:
        self.options = options
        self.memory = memory
        self.stack = stack
        self.store = stack.enter_context(BlobStore(store))
        self.scratch = self.store if store == scratch else stack.enter_context(BlobStore(scratch))
        self.files = Intake(listing, memory, self.scratch, options.read_stdin, progress)
        self.progress = progress
        self.changed_ranges: set[int] = set()
        self.all_said = memory is None
        self.export: ExportMemory | None = None

    def build(self, found: Sequence[Found], size: int) -> Built:
        """Do all there is to do with the files that are there, of `size` bytes of text, about."""
        changed = changes(found, self.memory)
        self.number = _shares(size) if self.memory is None else self.memory.partitions_number
        self.partitions = (
            [PartitionMemory() for _ in range(self.number + 1)] if self.memory is None else self.memory.partitions
        )
        to_read = sum(one.size for one in changed.fresh) + sum(one.size for one, _ in changed.suspects)
        jobs = self.options.jobs if to_read > _WORTH_A_CREW else 1
        settings = TaskSettings(
            self.store.path, self.scratch.path, self.number, self.options.published_only, self.options.base
        )
        self.pool = self.stack.enter_context(worker_pool(jobs, settings))
        learnt = self.files.read(changed, to_read, self.pool)
        cards = self._count(learnt)
        resolution = self._settle(cards)
        self.splitters = self._splitters(size)
        nodes = self.articles_expected + len(resolution.providers) + len(resolution.topics)
        wants_articles = self.options.graph(nodes)
        found_articles = self._reduce(resolution, cards, learnt.dirty, wants_articles=wants_articles)
        merged = self._merged(resolution, found_articles) if wants_articles else None
        if self.options.text:
            self._say_sources(learnt)
        return self._built(resolution, merged)

    def _built(self, resolution: Resolution, merged: Merged | None) -> Built:
        diagnostics = tuple(sorted([*self.files.faults, *self.files.listing.diagnostics]))
        told = report(
            {
                "found": len(self.files.listing.files),
                "unreadable": self.files.totals.counts.get("unreadable", 0),
                "skipped": self.files.listing.skipped,
            },
            self.files.totals.counts,
            _sum([resolution.counts, *(partition.counts for partition in self.partitions)]),
            Size(
                sum(partition.articles for partition in self.partitions),
                len(resolution.providers),
                len(resolution.topics),
                sum(partition.links for partition in self.partitions),
            ),
            disagreements=_sum(partition.disagreements for partition in self.partitions),
            notes=self.files.totals.notes,
            diagnostics=diagnostics,
        )
        return Built(
            told,
            diagnostics,
            merged,
            partial(self._write, self._writer(resolution)) if self.options.text else _nothing_to_write,
            self.files.decoded,
            len(self.files.known) - self.files.decoded,
            _nothing_to_remember,
        )

    # Counting and settling

    def _count(self, learnt: Learnt) -> Partition:
        """Count the shares that changed; return the share of cards."""
        dirty = learnt.dirty
        if self.number in dirty:
            self._update_cards(learnt)
        cards = unpack(self._chunks(self.number))
        marks = {title_mark(title) for title in card_titles(cards)}
        old_marks = tasks.marks_in(self.memory.card_marks) if self.memory else frozenset()
        self.card_marks = b"".join(sorted(marks))
        new_marks = marks - old_marks
        counted = set(dirty) - {self.number} if self.memory else set(range(self.number))
        if new_marks and self.memory:
            # An article that was of no interest so far may be what a new card looks for.
            for number in set(range(self.number)) - counted:
                column = self.partitions[number].marks
                if column is not None and not new_marks.isdisjoint(tasks.marks_in(self.store.read(column))):
                    counted.add(number)
        column = self.scratch.append(self.card_marks) if marks else None
        queue = (
            tasks.CountTask(
                number,
                tuple(self.partitions[number].chunks),
                tuple(learnt.new.get(number, ())),
                learnt.gone if number in dirty else frozenset(),
                learnt.renamed if number in dirty else {},
                column,
            )
            for number in sorted(counted)
        )
        before, after = [], []
        for place, done in enumerate(self.pool.run(tasks.count, queue), 1):
            partition = self.partitions[done.number]
            partition.chunks = done.chunks
            if partition.census is not None:
                before.append(_CENSUS(self.store.read(partition.census)))
            after.append(_CENSUS(done.census))
            partition.census, partition.marks = self.store.append(done.census), self.store.append(done.marks)
            self.progress("Counting", place, len(counted))
        self.census = recounted(self.memory.census, before, after) if self.memory else united(after)
        self.changed_shares = counted
        return cards

    def _update_cards(self, learnt: Learnt) -> None:
        task = tasks.CountTask(
            self.number,
            tuple(self.partitions[self.number].chunks),
            tuple(learnt.new.get(self.number, ())),
            learnt.gone,
            learnt.renamed,
        )
        (done,) = self.pool.run(tasks.count, [task])
        self.partitions[self.number].chunks = done.chunks

    def _chunks(self, number: int) -> list[bytes]:
        return [self.store.read(extent) for extent in self.partitions[number].chunks]

    def _settle(self, cards: Partition) -> Resolution:
        resolution = self.resolution = resolve(self.census, cards, self.files.topics)
        counted = sum(number for _, number in self.census.signatures)
        alone = {resolution.final_key.get(card, card) for card in cards.groups}
        self.articles_expected = counted + sum(partition_number(key, self.number) == self.number for key in alone)
        return resolution

    def _splitters(self, size: int) -> list[str]:
        """Return where ranges end; what is remembered as said with another base is forgotten."""
        memory, base = self.memory, self.options.base
        if memory is None:
            return splitters(self.files.samples, min(_MAX_RANGES, size // _RANGE))
        if memory.said_for == base:
            return memory.splitters
        for partition in self.partitions:
            partition.text = TextMemory()
        memory.told, memory.export = TextMemory(), None
        return rebased(memory.splitters, memory.said_for, base)

    # Reducing

    def _reduce(
        self, resolution: Resolution, cards: Partition, dirty: set[int], *, wants_articles: bool
    ) -> list[Extent]:
        """Reduce the shares whose articles may have changed, or all where the articles are wanted."""
        self.provider_names = {provider.id: provider.name for provider in resolution.providers}
        arrived = self._arrived(cards, resolution)
        stale = self._stale(resolution, arrived, dirty)
        others = self._spaces_of_others(resolution)
        memory, base = self.memory, self.options.base
        # Those of all that is remembered, until something new turns out to forbid one.
        self.prefixes = memory.prefixes if memory and memory.said_for == base else prefixes_for(base, others)
        articles: list[Extent] = []
        while True:
            self.tables = self.scratch.append(
                _ENCODE(
                    tasks.Tables(
                        resolution.shown, resolution.final_key, self.provider_names, self.prefixes, self.splitters
                    )
                )
            )
            todo = sorted(set(range(self.number + 1)) if wants_articles and not articles else stale)
            queue = (
                tasks.ReduceTask(
                    number,
                    tuple(self.partitions[number].chunks) if number < self.number else (),
                    arrived.get(number, b""),
                    self.tables,
                    self.options.text and number in stale,
                    wants_articles,
                )
                for number in todo
            )
            for place, done in enumerate(self.pool.run(tasks.reduce, queue), 1):
                self._take(done, arrived)
                if done.found is not None:
                    articles.append(done.found)
                self.progress("Merging", place, len(todo))
            # A prefix that some address forbids is not used anywhere, so everything is said again.
            prefixes = prefixes_for(base, others.union(*(partition.spaces for partition in self.partitions)))
            if prefixes == self.prefixes or not self.options.text:
                return articles
            self.prefixes, stale = prefixes, set(range(self.number + 1))
            self.all_said = True
            wants_articles = False

    def _take(self, done: tasks.ReduceDone, arrived: Mapping[int, bytes]) -> None:
        partition = self.partitions[done.number]
        if done.text is not None:
            self.changed_ranges |= differing(partition.text, done.text)
            partition.text, partition.spaces = done.text, done.spaces
        partition.moved = _hash(arrived.get(done.number, b""))
        partition.awaited, partition.articles, partition.links = done.awaited, done.articles, done.links
        partition.counts, partition.disagreements = done.counts, done.disagreements

    def _spaces_of_others(self, resolution: Resolution) -> frozenset[str]:
        """Return the namespaces in which the address of some provider lies."""
        speaker = Describer(TurtleTerms({}), self.options.base, self.provider_names)
        # Of thousands only those are asked what they say that have the domain of a namespace.
        domains = {domain_of(space) for space in vocabulary.PREFIXES.values()}
        asked = [provider for provider in resolution.providers if provider.domain in domains]
        for _ in speaker.others(asked, ()):
            pass
        return frozenset(speaker.spaces)

    def _arrived(self, cards: Partition, resolution: Resolution) -> dict[int, bytes]:
        """Return what entries without URL turned out to be, as a chunk for each share."""
        partitions: dict[int, Partition] = {}
        for key, group in moved(cards, resolution).items():
            receive(partitions.setdefault(partition_number(key, self.number), Partition({}, {})), key, group)
        return {number: pack(partition) for number, partition in partitions.items()}

    def _stale(self, resolution: Resolution, arrived: Mapping[int, bytes], dirty: set[int]) -> set[int]:
        """Return the shares of which something else is said now than what is remembered."""
        everything = set(range(self.number + 1))
        memory = self.memory
        if memory is None or not self.options.text or memory.said_for != self.options.base:
            self.all_said = True
            return everything
        stale = dirty | self.changed_shares | {self.number}
        shown = _differing(memory.shown, resolution.shown)
        names = _differing(memory.provider_names, self.provider_names)
        final = _differing(memory.final_key, resolution.final_key)
        for number in everything - stale:
            partition = self.partitions[number]
            if (
                partition.text.extent is None
                or partition.moved != _hash(arrived.get(number, b""))
                or (final and not final.isdisjoint(partition.awaited))
                or ((shown or names) and self._speaks_of(number, shown, names, resolution.shown))
            ):
                stale.add(number)
        return stale

    def _speaks_of(self, number: int, shown: set[str], names: set[str], meant: Mapping[str, str]) -> bool:
        """Tell whether a share names one of these providers."""
        extent = self.partitions[number].census
        for refs, _ in _CENSUS(self.store.read(extent)).signatures if extent is not None else ():
            for ref in refs:
                if provider_id(ref, meant) in names or (ref.by_name and fold(ref.name) in shown):
                    return True
        return False

    def _merged(self, resolution: Resolution, found: list[Extent]) -> Merged:
        articles: list[Article] = []
        texts: dict[str, str] = {}
        for extent in found:
            for article in _ARTICLES(self.scratch.read(extent)):
                _share_texts(article, texts)
                articles.append(article)
        articles.sort(key=_id)
        return Merged(tuple(articles), resolution.providers, resolution.topics, {}, {})

    # Writing

    def _say_sources(self, learnt: Learnt) -> None:
        """Say what there is of source files, in groups, of which only those that changed are said anew."""
        memory = self.memory
        if memory is None or self.all_said:
            self.sources = [TextMemory() for _ in range(min(_MAX_GROUPS, len(self.files.known) // _GROUP + 1))]
            changed = set(range(len(self.sources)))
        else:
            self.sources = memory.sources
            names = {*learnt.gone, *learnt.renamed, *learnt.renamed.values(), *learnt.decoded}
            changed = {self._group(name) for name in names}
        groups: dict[int, set[str]] = {number: set() for number in changed}
        for known in self.files.known if changed else ():
            number = self._group(known.name)
            if number in changed and file_of(known.file).outcome.own:
                groups[number].add(known.name)
        queue = (tasks.SourcesTask(number, tuple(names), self.tables) for number, names in groups.items())
        for done in self.pool.run(tasks.say_sources, queue):
            self._put(self.sources, done.number, done.text)

    def _group(self, name: str) -> int:
        return zlib.crc32(name.encode("utf-8", "surrogatepass")) % len(self.sources)

    def _put(self, texts: list[TextMemory], number: int, text: TextMemory) -> None:
        self.changed_ranges |= differing(texts[number], text)
        texts[number] = text

    def _writer(self, resolution: Resolution) -> Writer:
        told = tell(resolution, self.options.base, self.prefixes, self.splitters, self.store)
        memory = self.memory
        self.changed_ranges |= differing(memory.told if memory else TextMemory(), told)
        self.told = told
        return Writer(
            self.pool,
            self.store,
            self.scratch,
            self.options.base,
            self.prefixes,
            self.splitters,
            [*(partition.text for partition in self.partitions), *self.sources],
            told,
            resolution,
            self.options.about,
            memory.export if memory else None,
            None if memory is None or self.all_said else self.changed_ranges,
            self.progress,
        )

    def _write(self, writer: Writer, stream: IO[bytes], old: Path | None) -> None:
        self.export = writer.write(stream, old)

    # Remembering

    def remember(self, cache: Path, stamp: tuple[int, ...]) -> None:
        """Make what is known now the state of the depot, and the depot the cache; `stamp` is that of the export."""
        export = msgspec.structs.replace(self.export, stamp=stamp) if self.export is not None else None
        self.files.known.sort(key=_order)
        memory = Memory(
            key=_key(self.options),
            partitions_number=self.number,
            names=[known.name for known in self.files.known],
            stamps=b"".join([known.stamp for known in self.files.known]),
            digests=b"".join([known.digest for known in self.files.known]),
            files=[known.file for known in self.files.known],
            totals=self.files.totals,
            diagnostics=self.files.faults,
            topics=self.files.topics,
            partitions=self.partitions,
            census=self.census,
            splitters=self.splitters,
            said_for=self.options.base,
            prefixes=self.prefixes,
            sources=self.sources,
            told=self.told,
            export=export,
            shown=self.resolution.shown,
            provider_names=self.provider_names,
            final_key=self.resolution.final_key,
            card_marks=self.card_marks,
        )
        state = encoded(memory)
        alive = len(state)

        def count(extent: Extent) -> Extent:
            nonlocal alive
            alive += extent.length
            return extent

        relocate(memory, count)
        if self.store.size <= 2 * alive + _WASTE:
            keep(cache, self.store, state)
            return
        # Most of it are blobs of earlier builds: what is alive goes to a new one.
        store = self.stack.enter_context(BlobStore(self.stack.enter_context(spill(cache.parent))))
        relocate(memory, lambda extent: store.append(self.store.read(extent)))
        keep(cache, store, encoded(memory))


def _share_texts(article: Article, texts: dict[str, str]) -> None:
    """Have an article that was packed share the texts that others have too: they are most of what it would hold."""

    def shared(text: str) -> str:
        return texts.setdefault(text, text)

    def places(pairs: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        return tuple([(shared(source), shared(pointer)) for source, pointer in pairs])

    for name in ("media", "status", "language", "publisher", "publisher_label", "distributor"):
        force_setattr(article, name, shared(getattr(article, name)))
    for name in ("categories", "topics"):
        force_setattr(article, name, tuple(map(shared, getattr(article, name))))
    title = article.title
    force_setattr(article, "titles", tuple([title if one == title else one for one in article.titles]))
    force_setattr(article, "sources", places(article.sources))
    for link in article.related:
        force_setattr(link, "sources", places(link.sources))


def _shares(size: int) -> int:
    """Return into how many shares records of so many bytes are cut."""
    return min(_MAX_SHARES, 1 << (size // _SHARE).bit_length() >> 1 or 1)


def _differing(old: Mapping[str, str], new: Mapping[str, str]) -> set[str]:
    return {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)} if old != new else set()


def _hash(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=DIGEST).digest()


def _sum(parts: Iterable[dict[str, int]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for part in parts:
        total.update(part)
    return total


def _id(article: Article) -> str:
    return article.id


def _order(known: Known) -> tuple[str, bytes]:
    return known.name, known.digest


_ENCODE = msgspec.msgpack.Encoder().encode
_CENSUS = msgspec.msgpack.Decoder(Census).decode
_ARTICLES = msgspec.msgpack.Decoder(list[Article]).decode
