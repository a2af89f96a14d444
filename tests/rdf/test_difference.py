"""A patch applied to a store that holds the old graph gives the new one."""

from __future__ import annotations

import gzip
import re
import shutil
import subprocess
import sys
import tracemalloc
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from paths import SEEDS
from samples.examples import examples
from samples.generated_records import CORPORA, Raw, corpus_of

from graphkit.errors import UsageError
from graphkit.graph.construction import to_graph
from graphkit.merge.articles import merge
from graphkit.pipeline import api
from graphkit.rdf import difference as difference_module
from graphkit.rdf import patch as patch_module
from graphkit.rdf import vocabulary
from graphkit.rdf.descriptions import Description
from graphkit.rdf.difference import difference
from graphkit.rdf.patch import write_patch
from graphkit.rdf.serialization import rdf_bytes
from graphkit.rdf.turtle import TurtleTerms, document

NT = ox.RdfFormat.N_TRIPLES
GRAPH = "urn:news:graph"

# Graphs of any triples, as exports

Triples = frozenset[ox.Triple]


def export(path: Path, triples: Iterable[ox.Triple], prefixes: Mapping[str, str]) -> Path:
    """Write triples as graphkit writes an export, with prefixes of any names."""
    terms = TurtleTerms(prefixes)
    about: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for triple in triples:
        assert isinstance(triple.subject, ox.NamedNode)
        about[triple.subject.value][triple.predicate.value].append(_term(triple.object, terms))
    said = [
        Description(subject, terms.iri(subject), [(iri, terms.iri(iri), sorted(rows[iri])) for iri in sorted(rows)])
        for subject, rows in sorted(about.items())
    ]
    text = document(said, prefixes)
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return path


def _term(term: object, terms: TurtleTerms) -> str:
    if isinstance(term, ox.Literal):
        return terms.typed(term.value, term.datatype.value) if term.datatype != TEXT else terms.literal(term.value)
    assert isinstance(term, ox.NamedNode)
    return terms.iri(term.value)


TEXT = ox.NamedNode(vocabulary.XSD + "string")
INTEGER = ox.NamedNode(vocabulary.XSD + "integer")
# The order of subjects is that of whole IRIs and of code points, not of what is written, nor of UTF-16.
SUBJECTS = (
    "https://schema.org/A",
    "https://schema.org/a",
    "https://schema.org/a-b",
    "https://schema.org/a/b",
    "https://schema.org/",
    "https://a.example/",
    "https://a.example/x",
    "https://a.example/x/y",
    "https://a.example/x#y",
    "https://a.example/x-y",
    "https://z.example/\uffee",
    "https://z.example/\U00010000",
    "https://z.example/é",
)
HOSTILE = (
    "",
    'quote " and \\ back',
    "ends in \\",
    "line\nend .\n<a> <b> <c> .\n",
    " .\\n",
    ' .\n"} ;\nDROP ALL ;\n',
    "} } ; DROP ALL ; #",
    "@prefix schema: <urn:x:> .\n",
    "tab\t\b\f\r\x01\x7f\u2028\ufffe\uffff \U0001f30d é",
    # What a number of a character stands for is looked for in places of its own.
    r"\u0041",
    r"\u005C",
    r"\u0022 } ; DROP ALL ; #",
    r"\\u0022",
    r"\U00000041 \u00 \n \N",
    "\x011234",
)
TERMS: st.SearchStrategy[ox.Literal | ox.NamedNode] = st.one_of(
    st.sampled_from(HOSTILE).map(ox.Literal),
    st.text(alphabet='\\uU0041C2" .\n{};<>#é\x01', max_size=12).map(ox.Literal),
    st.integers(0, 3).map(ox.Literal),
    st.sampled_from(SUBJECTS).map(ox.NamedNode),
)
TRIPLES = st.builds(
    ox.Triple,
    st.sampled_from(SUBJECTS).map(ox.NamedNode),
    st.sampled_from((vocabulary.TYPE, vocabulary.NAME, vocabulary.URL, "https://a.example/p")).map(ox.NamedNode),
    TERMS,
)
# The same names stand for other namespaces, and other names for the same.
PREFIXES = st.sampled_from(
    (
        {"schema": "https://schema.org/"},
        {"schema": "https://a.example/", "xsd": vocabulary.XSD},
        {"s": "https://schema.org/", "a": "https://a.example/"},
        {},
    )
)


class Pair(NamedTuple):
    """Two graphs, and the prefixes with which each is written."""

    old: Triples
    new: Triples
    old_prefixes: dict[str, str]
    new_prefixes: dict[str, str]


@st.composite
def pairs(draw: st.DrawFn) -> Pair:
    common = draw(st.frozensets(TRIPLES, max_size=25))
    prefixes = draw(PREFIXES)
    others = draw(st.one_of(st.just(prefixes), PREFIXES))
    gone, come = (draw(st.frozensets(TRIPLES, max_size=4)) for _ in range(2))
    return Pair(common | gone, common - gone | come, prefixes, others)


# Stores


def by_pyoxigraph(old: Triples, update: str, graph: str) -> Triples:
    store = ox.Store()
    place = ox.NamedNode(graph) if graph else ox.DefaultGraph()
    store.extend(ox.Quad(triple.subject, triple.predicate, triple.object, place) for triple in old)
    store.update(update)
    assert {quad.graph_name for quad in store} <= {place}
    return frozenset(quad.triple for quad in store)


def by_the_letter(old: Triples, update: str, graph: str) -> Triples:
    """Put characters in the place of their numbers before anything is read (SPARQL 1.1, section 19.2)."""
    plain = re.sub(
        r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))", lambda match: chr(int(match[1] or match[2], 16)), update
    )
    return by_pyoxigraph(old, plain, graph)


def by_rdflib(old: Triples, update: str, graph: str) -> Triples:
    # A dataset of rdflib 7 takes no INSERT DATA into its default graph.
    store = rdflib.Dataset() if graph else rdflib.Graph()
    place = store.graph(rdflib.URIRef(graph)) if isinstance(store, rdflib.Dataset) else store
    lines = "".join(f"{triple} .\n" for triple in old)
    place.parse(data=lines, format="nt")
    # rdflib 7 uses methods of its own that it has deprecated.
    with pytest.MonkeyPatch.context() as patching:
        patching.setattr(rdflib, "NORMALIZE_LITERALS", False)
        store.update(update)
    return frozenset(quad.triple for quad in ox.parse(place.serialize(format="nt").encode(), NT))


STORES: Mapping[str, Callable[[Triples, str, str], Triples]] = {
    "pyoxigraph": by_pyoxigraph,
    "by the letter": by_the_letter,
    "rdflib": by_rdflib,
}


def updated(path: Path) -> str:
    return (path / "coverage.patch.rq").read_text("utf-8")


def listed(path: Path, graph: str) -> Triples:
    quads = list(ox.parse(path.read_bytes(), ox.RdfFormat.N_QUADS))
    assert {quad.graph_name for quad in quads} <= {ox.NamedNode(graph) if graph else ox.DefaultGraph()}
    assert len(quads) == len(set(quads)) == path.read_bytes().count(b"\n")
    return frozenset(quad.triple for quad in quads)


@pytest.mark.parametrize("store", STORES.values(), ids=STORES)
@examples(40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pair=pairs(),
    buffer=st.sampled_from([1, 16, 200, 8 << 20]),
    operation=st.sampled_from([1, 3, 1000]),
    packed=st.booleans(),
    graph=st.sampled_from(["", GRAPH]),
)
def test_a_patch_leads_from_any_graph_to_any_other(
    store: Callable[[Triples, str, str], Triples],
    tmp_path: Path,
    pair: Pair,
    buffer: int,
    operation: int,
    packed: bool,
    graph: str,
) -> None:
    one = export(tmp_path / ("one.ttl.gz" if packed else "one.ttl"), pair.old, pair.old_prefixes)
    two = export(tmp_path / "two.ttl", pair.new, pair.new_prefixes)
    with pytest.MonkeyPatch.context() as patching:
        patching.setattr(difference_module, "_BUFFER", buffer)
        patching.setattr(patch_module, "OPERATION_SIZE", operation)
        changes = list(difference(one, two))
        patched = write_patch(one, two, tmp_path, graph=graph)
    removed, added = pair.old - pair.new, pair.new - pair.old
    subjects = [change.subject for change in changes]
    assert subjects == sorted({triple.subject.value for triple in removed | added})  # type: ignore[union-attr]
    assert [triple for change in changes for triple in change.removed] == sorted(removed, key=_order)
    assert [triple for change in changes for triple in change.added] == sorted(added, key=_order)
    assert (patched.removed, patched.added) == (len(removed), len(added))
    assert [listed(path, graph) for path in patched.written[1:]] == [removed, added]
    assert store(pair.old, updated(tmp_path), graph) == pair.new


def _order(triple: ox.Triple) -> tuple[str, str]:
    assert isinstance(triple.subject, ox.NamedNode)
    return triple.subject.value, str(triple)


@pytest.mark.parametrize("store", STORES.values(), ids=STORES)
@pytest.mark.parametrize("graph", ["", GRAPH])
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_carried_over(
    tmp_path: Path, text: str, graph: str, store: Callable[[Triples, str, str], Triples]
) -> None:
    same, before, after = (_named("same", text), _named("x", text + "1"), _named("x", text))
    for old, new in (({same, before}, {same, after}), ({same, after}, {same, before})):
        one, two = export(tmp_path / "one.ttl", old, {}), export(tmp_path / "two.ttl", new, {})
        write_patch(one, two, tmp_path, graph=graph)
        assert store(frozenset(old), updated(tmp_path), graph) == new


def _named(name: str, text: str) -> ox.Triple:
    return ox.Triple(ox.NamedNode(f"https://a.example/{name}"), ox.NamedNode(vocabulary.NAME), ox.Literal(text))


@pytest.mark.parametrize("store", STORES.values(), ids=STORES)
@pytest.mark.parametrize("graph", ["", GRAPH])
def test_an_empty_difference_is_an_update_that_stores_take(
    tmp_path: Path, graph: str, store: Callable[[Triples, str, str], Triples]
) -> None:
    same = frozenset({_named("x", "X")})
    path = export(tmp_path / "same.ttl", same, {})
    assert write_patch(path, path, tmp_path, graph=graph)[:2] == (0, 0)
    assert store(same, updated(tmp_path), graph) == same


@pytest.mark.parametrize("store", STORES.values(), ids=STORES)
def test_without_an_old_export_everything_is_added(
    tmp_path: Path, store: Callable[[Triples, str, str], Triples]
) -> None:
    new = frozenset(_named(str(number), text) for number, text in enumerate(HOSTILE))
    patched = write_patch(None, export(tmp_path / "new.ttl", new, {}), tmp_path)
    assert patched[:2] == (0, len(new))
    assert store(frozenset(), updated(tmp_path), "") == new


def test_where_all_is_gone_everything_is_removed(tmp_path: Path) -> None:
    old = frozenset(_named(str(number), text) for number, text in enumerate(HOSTILE))
    one = export(tmp_path / "one.ttl", old, {"schema": "https://schema.org/"})
    two = export(tmp_path / "two.ttl", [], {"schema": "https://schema.org/"})
    assert write_patch(one, two, tmp_path)[:2] == (len(old), 0)
    assert by_pyoxigraph(old, updated(tmp_path), "") == frozenset()


def test_the_same_blocks_by_other_prefixes_are_other_triples(tmp_path: Path) -> None:
    old, new = (
        frozenset({ox.Triple(ox.NamedNode(f"{space}x"), ox.NamedNode(f"{space}p"), ox.NamedNode(f"{space}y"))})
        for space in ("https://a.example/", "https://b.example/")
    )
    one = export(tmp_path / "one.ttl", old, {"s": "https://a.example/"})
    two = export(tmp_path / "two.ttl", new, {"s": "https://b.example/"})
    assert one.read_bytes().replace(b"//a.", b"//b.") == two.read_bytes()
    write_patch(one, two, tmp_path)
    assert by_pyoxigraph(old, updated(tmp_path), "") == new


def test_other_blocks_by_other_prefixes_are_the_same_triples(tmp_path: Path) -> None:
    triples = [ox.Triple(ox.NamedNode(subject), ox.NamedNode(vocabulary.NAME), ox.Literal("X")) for subject in SUBJECTS]
    one = export(tmp_path / "one.ttl", triples, {"s": "https://schema.org/"})
    two = export(tmp_path / "two.ttl", triples, {"a": "https://a.example/"})
    assert one.read_bytes() != two.read_bytes()
    assert list(difference(one, two)) == []


# Operations


def operations(update: str) -> list[tuple[str, Triples]]:
    """Return each operation's verb and triples."""
    parts = re.split(r"^}(?: })?(?: ;)?\n", update, flags=re.MULTILINE)
    assert parts.pop() == ""
    found = []
    for part in parts:
        head, _, body = part.partition("\n")
        found.append((" ".join(head.split(" ")[:2]), frozenset(quad.triple for quad in ox.parse(body.encode(), NT))))
    return found


@pytest.mark.engine
def test_a_large_patch_comes_in_several_operations(tmp_path: Path) -> None:
    old = frozenset(_named(f"{number:04}", "old") for number in range(3500))
    new = frozenset(_named(f"{number:04}", "new") for number in range(3100))
    write_patch(export(tmp_path / "one.ttl", old, {}), export(tmp_path / "two.ttl", new, {}), tmp_path)
    found = operations(updated(tmp_path))
    for verb, expected in (("DELETE DATA", old), ("INSERT DATA", new)):
        parts = [triples for kind, triples in found if kind == verb]
        assert [len(part) for part in parts[:-1]] == [patch_module.OPERATION_SIZE] * (len(parts) - 1)
        assert sum(map(len, parts)) == len(expected)
        assert frozenset().union(*parts) == expected
    assert by_pyoxigraph(old, updated(tmp_path), "") == new


@given(pair=pairs(), operation=st.integers(1, 5))
@examples(100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_of_no_subject_is_anything_added_before_all_is_removed(tmp_path: Path, pair: Pair, operation: int) -> None:
    """A store that takes 07 and 7 for the same number would be left without it."""
    one = export(tmp_path / "one.ttl", pair.old, pair.old_prefixes)
    two = export(tmp_path / "two.ttl", pair.new, pair.new_prefixes)
    with pytest.MonkeyPatch.context() as patching:
        patching.setattr(patch_module, "OPERATION_SIZE", operation)
        write_patch(one, two, tmp_path)
    added: set[object] = set()
    for verb, triples in operations(updated(tmp_path)):
        assert len(triples) <= operation
        subjects = {triple.subject for triple in triples}
        if verb == "INSERT DATA":
            added |= subjects
        else:
            assert added.isdisjoint(subjects)


def test_a_number_written_in_another_way_stays(tmp_path: Path) -> None:
    """The engine takes both for the same, whichever is removed."""
    old, new = (
        frozenset(
            ox.Triple(ox.NamedNode(f"urn:x:{place}"), ox.NamedNode(vocabulary.HEAT), ox.Literal(text, datatype=INTEGER))
            for place in range(9)
        )
        for text in ("07", "7")
    )
    assert by_pyoxigraph(old, "INSERT DATA {}", "") == new != old
    with pytest.MonkeyPatch.context() as patching:
        patching.setattr(patch_module, "OPERATION_SIZE", 4)
        write_patch(export(tmp_path / "one.ttl", old, {}), export(tmp_path / "two.ttl", new, {}), tmp_path)
    assert by_pyoxigraph(old, updated(tmp_path), "") == new


# What it costs


def test_blocks_that_are_the_same_are_not_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor are they after one more, from which on nothing stands at the same place in both files."""
    old = [_named(f"{number:05}", "text") for number in range(5000)]
    new = [*old[:10], _named("00009-", "one more"), *old[10:4000], _named("04000", "another"), *old[4001:]]
    one, two = export(tmp_path / "one.ttl", old, {}), export(tmp_path / "two.ttl", new, {})
    parsed = []
    parse = difference_module._triples

    def noted(of: Any, block: bytes) -> dict[str, ox.Triple]:
        parsed.append(block)
        return parse(of, block)

    monkeypatch.setattr(difference_module, "_triples", noted)
    monkeypatch.setattr(difference_module, "_BUFFER", 10_000)
    assert len(list(difference(one, two))) == 2
    assert len(parsed) == 3


@pytest.mark.engine
def test_a_difference_takes_as_much_memory_as_its_buffers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    buffer = 20_000
    monkeypatch.setattr(difference_module, "_BUFFER", buffer)
    old = (_named(f"{number:06}", "old") for number in range(20_000))
    new = (_named(f"{number:06}", "new" if number % 3 else "old") for number in range(5_000, 25_000))
    one, two = export(tmp_path / "one.ttl", old, {}), export(tmp_path / "two.ttl", new, {})
    assert one.stat().st_size > 50 * buffer
    tracemalloc.start()
    try:
        count = sum(1 for _ in difference(one, two))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 5_000 + 10_000 + 5_000
    assert peak < 20 * buffer


# What is no export


@pytest.fixture
def patched(tmp_path: Path) -> Iterator[Path]:
    """Return a folder with a patch, and an export; the patch must be there in the end as it was."""
    path = export(tmp_path / "new.ttl", [_named("x", "X")], {"schema": "https://schema.org/"})
    written = write_patch(None, path, tmp_path).written
    before = [file.read_bytes() for file in written]
    yield tmp_path
    assert [file.read_bytes() for file in written] == before
    assert not list(tmp_path.glob(".graphkit-*"))


WRONG = {
    "ends within": b"<urn:a> <urn:b> <urn:c> .",
    "blank node": b"[] <urn:b> <urn:c> .\n",
    "no prefix": b"schema:a <urn:b> <urn:c> .\n",
    "no Turtle": b"<urn:a> no Turtle .\n",
    "no UTF-8": b'<urn:a> <urn:b> "\xff" .\n',
    "no UTF-8 in IRI": b"<urn:\xff> <urn:b> <urn:c> .\n",
    "not sorted": b"<urn:b> <urn:b> <urn:c> .\n<urn:a> <urn:b> <urn:c> .\n",
    "twice": b"<urn:b> <urn:b> <urn:c> .\n<urn:b> <urn:b> <urn:d> .\n",
}


@pytest.mark.parametrize("content", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("swapped", [False, True])
def test_what_is_no_export_of_ours_is_refused(patched: Path, content: bytes, swapped: bool) -> None:
    other, export = patched / "other.ttl", patched / "new.ttl"
    other.write_bytes(content)
    with pytest.raises(UsageError, match="expected Turtle that graphkit wrote, got "):
        write_patch(*((export, other) if swapped else (other, export)), patched)


@pytest.mark.parametrize("size", [0.5, 0.98])
def test_a_packed_export_that_is_cut_off_is_refused(patched: Path, size: float) -> None:
    triples = [_named(str(number), str(number * 7919)) for number in range(1000)]
    whole = export(patched / "cut.ttl.gz", triples, {}).read_bytes()
    (patched / "cut.ttl.gz").write_bytes(whole[: int(len(whole) * size)])
    with pytest.raises(
        UsageError, match=r"cut\.ttl\.gz: expected Turtle that graphkit wrote, got compressed file ended"
    ):
        write_patch(patched / "cut.ttl.gz", patched / "new.ttl", patched)


@pytest.mark.parametrize("place,error", [(10, "error -3"), (-8, "crc check failed")])
def test_a_packed_export_that_is_damaged_is_refused(patched: Path, place: int, error: str) -> None:
    """The first block of the data has its kind after ten bytes; the check stands eight bytes before the end."""
    data = bytearray(export(patched / "bad.ttl.gz", [_named("x", "X")], {}).read_bytes())
    data[place] ^= 0xFF
    data[place] |= 0x06  # of which kind there is none
    (patched / "bad.ttl.gz").write_bytes(data)
    with pytest.raises(UsageError, match=rf"bad\.ttl\.gz: expected Turtle that graphkit wrote, got {error}"):
        write_patch(patched / "bad.ttl.gz", patched / "new.ttl", patched)


def test_what_is_not_packed_by_its_name_is_refused(patched: Path) -> None:
    (patched / "plain.ttl.gz").write_bytes((patched / "new.ttl").read_bytes())
    with pytest.raises(
        UsageError, match=r"plain\.ttl\.gz: expected Turtle that graphkit wrote, got not a gzipped file"
    ):
        write_patch(patched / "new.ttl", patched / "plain.ttl.gz", patched)


@pytest.mark.parametrize("name", ["missing.ttl", "."])
def test_what_cannot_be_read_is_not_blamed_on_what_is_written(patched: Path, name: str) -> None:
    with pytest.raises(UsageError, match=f"^{re.escape(str(patched / name))}: expected Turtle that graphkit wrote"):
        write_patch(patched / name, patched / "new.ttl", patched)


@pytest.mark.parametrize("graph", ["graph", "urn:x y", "urn:x> { } } ; DROP ALL ; #"])
def test_a_graph_that_is_no_iri_is_refused(patched: Path, graph: str) -> None:
    with pytest.raises(UsageError, match="graph: expected an absolute IRI, got "):
        write_patch(None, patched / "new.ttl", patched, graph=graph)


# Exports of records


def triples_in(path: Path) -> Triples:
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return frozenset(quad.triple for quad in ox.parse(data, ox.RdfFormat.TURTLE))


def export_of(path: Path, raws: list[Raw]) -> Path:
    path.write_bytes(rdf_bytes(to_graph(merge(corpus_of(raws)))))
    return path


@examples(80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CORPORA, CORPORA, st.booleans(), st.sampled_from([16, 200, 8 << 20]), st.sampled_from(["", GRAPH]))
def test_a_patch_leads_from_the_old_records_to_the_new(
    tmp_path: Path, old: list[Raw], new: list[Raw], related: bool, buffer: int, graph: str
) -> None:
    """Old and new may share records, and prefixes differ where an address lies in a namespace."""
    one = export_of(tmp_path / "one.ttl", old)
    two = export_of(tmp_path / "two.ttl", [*old[:2], *new] if related else new)
    with pytest.MonkeyPatch.context() as patching:
        patching.setattr(difference_module, "_BUFFER", buffer)
        patching.setattr(patch_module, "OPERATION_SIZE", 7)
        patched = write_patch(one, two, tmp_path, graph=graph)
    before, after = triples_in(one), triples_in(two)
    # A store writes numbers and times in its own way.
    assert by_pyoxigraph(before, updated(tmp_path), graph) == by_pyoxigraph(after, "INSERT DATA {}", graph)
    assert [listed(path, graph) for path in patched.written[1:]] == [before - after, after - before]


@pytest.mark.parametrize("packed", [False, True])
def test_builds_tell_what_they_changed(tmp_path: Path, packed: bool) -> None:
    records, out = tmp_path / "records", tmp_path / "out"
    records.mkdir()
    for path in sorted(SEEDS.rglob("*.md"))[:20]:
        (records / path.name).write_bytes(path.read_bytes())
    name = "coverage.ttl.gz" if packed else "coverage.ttl"

    def build(**options: Any) -> Triples:
        api.publish(records, out, page=False, patch=True, gzip=packed, **options)
        return triples_in(out / name)

    first = build()
    assert by_pyoxigraph(frozenset(), updated(out), "") == first
    changed = sorted(records.iterdir())[3]
    changed.write_text(re.sub(r"title: .*", 'title: "Another"', changed.read_text("utf-8"), count=1), "utf-8")
    sorted(records.iterdir())[5].unlink()
    second = build()
    assert second != first
    assert by_pyoxigraph(first, updated(out), "") == second
    api.publish(records, out, page=False, gzip=packed)
    assert not (out / "coverage.patch.rq").exists()


# Stores of their own: what each is given is a folder with an old graph and an update


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, tuple[Triples, str]]:
    """Return folders with the graph and its name that each must come to."""
    raws: list[Raw] = [
        {"title": text, "webUrl": f"https://a.example/{number}", "excerpt": text, "topics": [text]}
        for number, text in enumerate(HOSTILE)
    ]
    of_records = frozenset(
        quad.triple for quad in ox.parse(rdf_bytes(to_graph(merge(corpus_of(raws)))), ox.RdfFormat.TURTLE)
    )
    hostile = frozenset(_named(str(number), text) for number, text in enumerate(HOSTILE))
    turned = frozenset(_named(str(number), text) for number, text in enumerate(reversed(HOSTILE)))
    many = frozenset(_named(f"m{number:04}", f"\\u{number:04}") for number in range(2500))
    changes: dict[str, tuple[Triples, Triples]] = {
        "hostile": (hostile, turned),
        "empty": (hostile, hostile),
        "first": (frozenset(), hostile),
        "gone": (many, frozenset()),
        "many": (many | hostile, frozenset(_named(f"m{number:04}", "new") for number in range(1200, 3700))),
        "records": (hostile, of_records),
    }
    found = {}
    for name, (old, new) in changes.items():
        for graph in ("", GRAPH):
            folder = tmp_path_factory.mktemp(name)
            place = f" <{graph}>" if graph else ""
            (folder / "old.nq").write_text("".join(f"{triple}{place} .\n" for triple in old), "utf-8")
            one, two = export(folder / "old.ttl", old, {}), export(folder / "new.ttl", new, {})
            write_patch(one if old else None, two, folder, graph=graph)
            found[folder] = (frozenset(new), graph)
    return found


@pytest.mark.engine
def test_oxigraph_on_disk_comes_to_the_new_graph(cases: dict[Path, tuple[Triples, str]]) -> None:
    beside = Path(sys.executable).with_name("oxigraph")
    program = str(beside) if beside.exists() else shutil.which("oxigraph")
    if program is None:
        pytest.skip("oxigraph is not installed (pip install oxigraph)")
    for folder, (new, graph) in cases.items():
        for verb, file in (
            ("load", ["--file", folder / "old.nq"]),
            ("update", ["--update-file", folder / "coverage.patch.rq"]),
            ("dump", ["--file", folder / "dump.nq"]),
        ):
            command = [program, verb, "--location", str(folder / "store"), *map(str, file)]
            subprocess.run(command, check=True, capture_output=True)
        assert listed(folder / "dump.nq", graph) == new, folder


JARS = Path("/usr/share/java")
NEEDED = (
    *("jena-arq", "jena-base", "jena-core", "jena-iri", "thrift", "slf4j-api", "slf4j-nop", "commons-lang3"),
    *("commons-compress", "guava", "dexx.collection"),
)
PROGRAM = """
import java.io.*;
import java.nio.file.*;
import org.apache.jena.query.*;
import org.apache.jena.riot.*;
import org.apache.jena.update.*;

class Updates {
    public static void main(String[] folders) throws Exception {
        for (String folder : folders) {
            Dataset dataset = DatasetFactory.createTxnMem();
            RDFDataMgr.read(dataset, folder + "/old.nq");
            String text = Files.readString(Path.of(folder, "coverage.patch.rq"));
            UpdateRequest request = UpdateFactory.create(text, Syntax.syntaxSPARQL_11);
            UpdateExecutionFactory.create(request, dataset).execute();
            try (OutputStream out = new FileOutputStream(folder + "/jena.nq")) {
                RDFDataMgr.write(out, dataset, Lang.NQUADS);
            }
        }
    }
}
"""


@pytest.mark.tools
def test_jena_comes_to_the_new_graph(cases: dict[Path, tuple[Triples, str]], tmp_path: Path) -> None:
    java = shutil.which("java")
    if java is None or shutil.which("javac") is None or not (JARS / "jena-arq.jar").exists():
        pytest.skip("Jena is not installed (Debian packages: libapache-jena-java, default-jdk-headless)")
    program = tmp_path / "Updates.java"
    program.write_text(PROGRAM, "utf-8")
    # Debian's jar has the messages of Xerces in another folder than the classes that read them.
    with zipfile.ZipFile(JARS / "jena-core.jar") as jar:
        moved = "org/apache/jena/ext/"
        for name in jar.namelist():
            if name.startswith(moved + "xerces/") and name.endswith(".properties"):
                target = tmp_path / name.removeprefix(moved)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(jar.read(name))
    classes = ":".join([str(tmp_path), *(str(JARS / f"{name}.jar") for name in NEEDED)])
    options = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dfile.encoding=UTF-8", "-cp", classes]
    run = subprocess.run([java, *options, program, *cases], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    for folder, (new, graph) in cases.items():
        assert listed(folder / "jena.nq", graph) == new, folder
