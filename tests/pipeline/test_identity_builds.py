"""identity.toml reaches every kind of build, and all of them give the same bytes with it."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paths import ROOT
from processes.builds import cut_finely, files_in, published
from samples.examples import examples

import graphkit
from graphkit.errors import IdentityFileError
from graphkit.identity.identity_file import IDENTITY
from graphkit.pipeline import api

EXAMPLE = re.findall(
    r"^```toml\n(.*?)^```", (ROOT / "docs" / "identity.md").read_text("utf-8"), re.DOTALL | re.MULTILINE
)


def record(url: str, name: str, domain: str, **fields: Any) -> dict[str, Any]:
    return {"title": url, "webUrl": url, "provider": {"name": name, "domain": domain}, **fields}


RECORDS = [
    record("https://gamerant.example/a", "Game Rant", "gamerant.example"),
    record("https://youtube.com/watch?v=1", "Game Rant", "youtube.com"),
    record("https://thestar.example/a", "The Star", "thestar.example"),
    record("https://msn.com/star", "The Star on MSN", "msn.com"),
    record("https://msn.com/moon", "The Moon on MSN", "msn.com"),
    record("https://shop.example/guide", "Shop", "shop.example"),
    record("https://shop.example/guide/amp", "Shop", "shop.example"),
    record("https://contest.example/p?utm_content=1&gclid=2", "Contest", "contest.example"),
    record(
        "https://contest.example/p?utm_content=2",
        "Contest",
        "contest.example",
        related=[record("https://msn.com/star", "", "")],
    ),
    {"title": "Without", "publishedDateTime": "2021-08-23T10:00:00Z", "provider": {"name": "The Moon on MSN"}},
]


def write(folder: Path, records: Iterable[dict[str, Any]], identity: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    for number, one in enumerate(records):
        (folder / f"{number:02}.json").write_text(json.dumps(one))
    if identity:
        (folder / IDENTITY).write_text(identity, "utf-8")
    return folder


def exported(folder: Path, out: Path, **options: Any) -> dict[str, bytes]:
    graphkit.export(graphkit.build(folder, **options), out, page=False)
    return files_in(out)


def test_the_example_of_the_documentation_does_what_it_says(tmp_path: Path) -> None:
    (example,) = EXAMPLE
    built = graphkit.build(write(tmp_path / "in", RECORDS, example))
    articles = {facts["title"]: node for node, facts in built.graph.nodes(data=True) if facts["kind"] == "article"}
    publishers = {
        title: target
        for title, node in articles.items()
        for _, target, kind in built.graph.out_edges(node, keys=True)
        if kind == "publisher"
    }
    assert len(articles) == len(RECORDS), "each is a page of its own"
    assert publishers == {
        "https://gamerant.example/a": "provider/gamerant.example",
        "https://youtube.com/watch?v=1": "provider/gamerant.example",
        "https://thestar.example/a": "provider/thestar.example",
        "https://msn.com/star": "provider/msn.com/the-star",
        "https://msn.com/moon": "provider/moon.example",
        "https://shop.example/guide": "provider/shop.example",
        "https://shop.example/guide/amp": "provider/shop.example",
        "https://contest.example/p?utm_content=1&gclid=2": "provider/contest.example",
        "https://contest.example/p?utm_content=2": "provider/contest.example",
        "Without": "provider/moon.example",
    }
    assert built.report["identity"] == {
        "different: https://shop.example/guide, https://shop.example/guide/amp": 2,
        "different: provider/msn.com/the-star, provider/thestar.example": 1,
        "labels: The Moon on MSN: provider/moon.example": 2,
        "parameters: contest.example: utm_content": 2,
        "same_provider: provider/gamerant.example, provider/youtube.com/game-rant": 2,
    }
    assert built.report["files"]["skipped"] == 0, "it is neither a record nor skipped"
    assert not any(one.source == IDENTITY for one in built.diagnostics)


def test_without_it_the_policy_decides(tmp_path: Path) -> None:
    report = graphkit.build(write(tmp_path / "in", RECORDS)).report
    assert "identity" not in report
    assert report["graph"]["articles"] < len(RECORDS)


def test_a_file_that_is_named_replaces_the_one_beside_the_records(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", RECORDS, '[labels]\n"The Moon on MSN" = "moon.example"')
    other = tmp_path / "in" / "other.toml"
    other.write_text('[labels]\n"The Moon on MSN" = "sun.example"')
    built = graphkit.build(folder, identity=other)
    assert list(built.report["identity"]) == ["labels: The Moon on MSN: provider/sun.example"]
    assert "provider/sun.example" in built.graph
    assert built.report["files"]["skipped"] == 1, "the other is not used"


def test_a_provider_that_no_record_names_may_be_kept(tmp_path: Path) -> None:
    identity = '[[same_provider]]\nproviders = ["youtube.com/kept", "gamerant.example"]'
    graph = graphkit.build(write(tmp_path / "in", RECORDS, identity)).graph
    assert graph.nodes["provider/youtube.com/kept"] == {
        "kind": "provider",
        "name": "Game Rant",
        "names": ("Game Rant",),
        "domain": "youtube.com",
        "platform": "YouTube",
    }


def test_two_domains_that_are_the_same_share_their_name(tmp_path: Path) -> None:
    records = [*RECORDS, record("https://thestar.test/a", "The Star", "thestar.test")]
    folder = write(tmp_path / "in", records)
    assert "provider/msn.com/the-star" in graphkit.build(folder).graph, "it fits two"
    (folder / IDENTITY).write_text('[[same_provider]]\nproviders = ["thestar.test", "thestar.example"]')
    graph = graphkit.build(folder).graph
    assert "provider/msn.com/the-star" not in graph
    assert "provider/thestar.example" not in graph


PARTS = [
    '[[same_provider]]\nproviders = ["gamerant.example", "youtube.com/Game Rant"]\n',
    '[[same_provider]]\nproviders = ["Moon Wire", "msn.com/the-moon", "msn.com/the-star"]\n',
    '[[different]]\nproviders = ["thestar.example", "msn.com/the-star"]\n',
    '[[different]]\nproviders = ["a.contest.example", "contest.example"]\n',
    '[[different]]\narticles = ["https://shop.example/guide", "https://shop.example/guide/amp"]\n',
    '[labels]\n"The Star on MSN" = "The Moon"\n"Shop" = "youtube.com/Shop"\n',
    '[parameters]\n"contest.example" = ["utm_content", "gclid"]\n',
]


@examples(20)
@given(
    st.lists(st.sampled_from(PARTS), unique=True, min_size=1),
    st.permutations(RECORDS),
    st.integers(200, 2_000),
)
def test_any_cut_and_order_gives_the_same_bytes(parts: list[str], records: list[Any], partition: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = write(Path(name) / "in", RECORDS, "".join(parts))
        expected = exported(folder, Path(name) / "in_memory")
        with cut_finely(partition=partition):
            assert published(folder, Path(name) / "cut", cache=False) == expected
        other = write(Path(name) / "other", records, "".join(reversed(parts)))
        assert graphkit.build(other).report["identity"] == json.loads(expected["report.json"])["identity"]


@pytest.mark.engine
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_cached_build_follows_every_change(jobs: int, tmp_path: Path) -> None:
    folder = write(tmp_path / "in", RECORDS)
    for number, identity in enumerate(["", *PARTS, "".join(PARTS[:1] + PARTS[2:]), PARTS[0], ""]):
        (folder / IDENTITY).unlink(missing_ok=True)
        if identity:
            (folder / IDENTITY).write_text(identity)
        expected = exported(folder, tmp_path / f"fresh{number}")
        with cut_finely():
            assert published(folder, tmp_path / "out", jobs=jobs) == expected
            assert published(folder, tmp_path / "out", jobs=jobs) == expected, "nothing changed"


def test_a_fault_ends_every_verb(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", RECORDS, "[label]\n")
    for call in (
        lambda: graphkit.build(folder),
        lambda: graphkit.publish(folder, tmp_path / "out"),
        lambda: api.check(folder),
    ):
        with pytest.raises(IdentityFileError, match="GK402"):
            call()
    assert not (tmp_path / "out").exists() or not files_in(tmp_path / "out")
