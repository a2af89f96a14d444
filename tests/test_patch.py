"""A patch applied to a store that holds the old graph gives the new one."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_records import CORPORA, Raw, corpus_of

from graphkit import patch as patch_module
from graphkit import pipeline
from graphkit.errors import UsageError
from graphkit.graph import to_graph
from graphkit.merge import merge
from graphkit.patch import difference, write_patch
from graphkit.rdf import rdf_bytes, write_rdf

SEEDS = Path(__file__).parent.parent / "seeds"
NT = ox.RdfFormat.N_TRIPLES


def triples(path: Path) -> set[str]:
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return {str(quad.triple) for quad in ox.parse(data, ox.RdfFormat.TURTLE)}


def applied(old: Path | None, update: str, graph: str = "") -> set[str]:
    """Return the triples of a store with the old export after an update."""
    store = ox.Store()
    place = ox.NamedNode(graph) if graph else ox.DefaultGraph()
    if old is not None:
        store.load(old.read_bytes(), ox.RdfFormat.TURTLE, to_graph=place)
    store.update(update)
    return {str(quad.triple) for quad in store.quads_for_pattern(None, None, None, place)}


def loaded(path: Path, graph: str = "") -> set[str]:
    """Return the triples of a store with an export: a store writes numbers and times in its own way."""
    return applied(path, "INSERT DATA {}", graph)


def export_of(path: Path, raws: list[Raw], base: str = "https://w3id.org/graphkit/id/") -> Path:
    path.write_bytes(rdf_bytes(to_graph(merge(corpus_of(raws))), base=base))
    return path


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CORPORA, CORPORA, st.booleans(), st.sampled_from([16, 200, 8 << 20]), st.sampled_from(["", "urn:news:graph"]))
def test_a_patch_leads_from_the_old_graph_to_the_new(
    tmp_path: Path, old: list[Raw], new: list[Raw], related: bool, buffer: int, graph: str
) -> None:
    """Old and new may share records, and prefixes differ where an address lies in a namespace."""
    one = export_of(tmp_path / "one.ttl", old)
    two = export_of(tmp_path / "two.ttl", [*old[:2], *new] if related else new)
    with pytest.MonkeyPatch.context() as patching:
        patching.setattr(patch_module, "_BUFFER", buffer)
        patching.setattr(patch_module, "OPERATION", 7)
        patched = write_patch(one, two, tmp_path, graph=graph)
    before, after = triples(one), triples(two)
    assert applied(one, patched.written[0].read_text("utf-8"), graph) == loaded(two, graph)
    assert (patched.removed, patched.added) == (len(before - after), len(after - before))
    for path, expected in zip(patched.written[1:], (before - after, after - before), strict=True):
        quads = list(ox.parse(path.read_bytes(), ox.RdfFormat.N_QUADS))
        assert {str(quad.triple) for quad in quads} == expected
        assert {getattr(quad.graph_name, "value", "") for quad in quads} <= {graph}


def test_without_an_old_export_everything_is_added(tmp_path: Path) -> None:
    export = export_of(tmp_path / "new.ttl", [{"title": "A", "webUrl": "https://a.example/"}])
    patched = write_patch(None, export, tmp_path)
    assert applied(None, patched.written[0].read_text("utf-8")) == triples(export)
    assert patched.removed == 0


def test_an_empty_difference_is_an_update_that_stores_take(tmp_path: Path) -> None:
    export = export_of(tmp_path / "same.ttl", [{"title": "A", "webUrl": "https://a.example/"}])
    update = write_patch(export, export, tmp_path).written[0].read_text("utf-8")
    assert applied(export, update) == triples(export)
    graph = rdflib.Graph()
    graph.update(update)
    assert len(graph) == 0


@pytest.mark.parametrize(
    "text", ['quote " and \\ back', "line\nend .\n<a> <b> <c> .", "} ; DROP ALL", "tab\t\u2028 \U0001f30d", " .\\n"]
)
def test_hostile_texts_are_carried_over(tmp_path: Path, text: str) -> None:
    one = export_of(tmp_path / "one.ttl", [{"title": "A", "webUrl": "https://a.example/", "excerpt": "before"}])
    two = export_of(tmp_path / "two.ttl", [{"title": "A", "webUrl": "https://a.example/", "excerpt": text}])
    update = write_patch(one, two, tmp_path).written[0].read_text("utf-8")
    assert applied(one, update) == triples(two)
    graph = rdflib.Graph()
    graph.parse(one)
    graph.update(update)
    expected = rdflib.Graph()
    expected.parse(two)
    assert set(graph) == set(expected)


def test_packed_exports_differ_as_plain_ones_do(tmp_path: Path) -> None:
    one = export_of(tmp_path / "one.ttl", [{"title": "A", "webUrl": "https://a.example/"}])
    two = export_of(tmp_path / "two.ttl", [{"title": "B", "webUrl": "https://a.example/"}])
    packed = []
    for path in (one, two):
        packed.append(path.with_suffix(".ttl.gz"))
        packed[-1].write_bytes(gzip.compress(path.read_bytes()))
    assert list(difference(*packed)) == list(difference(one, two)) != []


@pytest.mark.parametrize("content", [b"<a> <b> <c> .", b"[] <urn:b> <urn:c> .\n"])
def test_what_is_no_export_of_ours_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "other.ttl").write_bytes(content)
    export = export_of(tmp_path / "new.ttl", [{"title": "A", "webUrl": "https://a.example/"}])
    with pytest.raises(UsageError, match="expected Turtle that graphkit wrote"):
        list(difference(tmp_path / "other.ttl", export))


@pytest.mark.parametrize("packed", [False, True])
def test_builds_tell_what_they_changed(tmp_path: Path, packed: bool) -> None:
    records, out = tmp_path / "records", tmp_path / "out"
    records.mkdir()
    for path in sorted(SEEDS.rglob("*.md"))[:20]:
        (records / path.name).write_bytes(path.read_bytes())
    name = "coverage.ttl.gz" if packed else "coverage.ttl"

    def build(**options: Any) -> set[str]:
        pipeline.publish(records, out, page=False, patch=True, gzip=packed, **options)
        return triples(out / name)

    first = build()
    assert applied(None, (out / "coverage.patch.rq").read_text("utf-8")) == first
    (tmp_path / "old.ttl").write_bytes(b"".join(f"{triple} .\n".encode() for triple in sorted(first)))
    changed = sorted(records.iterdir())[3]
    changed.write_text(re.sub(r"title: .*", 'title: "Another"', changed.read_text("utf-8"), count=1), "utf-8")
    sorted(records.iterdir())[5].unlink()
    second = build()
    assert second != first
    assert applied(tmp_path / "old.ttl", (out / "coverage.patch.rq").read_text("utf-8")) == second
    pipeline.publish(records, out, page=False, gzip=packed)
    assert not (out / "coverage.patch.rq").exists()


def test_a_large_patch_comes_in_several_operations(tmp_path: Path) -> None:
    raws: list[Raw] = [{"title": f"T{number}", "webUrl": f"https://a.example/{number}"} for number in range(2500)]
    export = tmp_path / "new.ttl"
    write_rdf(to_graph(merge(corpus_of(raws))), export)
    update = write_patch(None, export, tmp_path).written[0].read_text("utf-8")
    assert update.count("INSERT DATA {") == -(-len(triples(export)) // 10_000) > 1
    assert applied(None, update) == triples(export)
