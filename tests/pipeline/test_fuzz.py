"""Mutated records build alike by every path, their accounts add up, and nothing of `secured` comes out."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from fuzzing.campaign import BATCH, campaign
from fuzzing.mutations import FuzzedFile, secured_text
from fuzzing.trial import Trial
from samples.examples import PROFILE, scaled

from graphkit.merge import extraction
from graphkit.pipeline.local import in_memory

pytestmark = pytest.mark.engine

SEEDS = {"dev": 14, "ci": 15, "nightly": 16}
HOUR = 3_600


def run(seed: int, *, files: int = 0, seconds: float = 0) -> None:
    for tried, findings in campaign(seed, files=files, seconds=seconds):
        assert not findings, "\n".join([f"among {tried:,} files:", *map(str, findings)])


@pytest.mark.untraced
@pytest.mark.timeout(600)
def test_mutated_files_are_built_alike_by_every_path() -> None:
    run(SEEDS[PROFILE], files=BATCH * scaled(5))


@pytest.mark.nightly
@pytest.mark.timeout(2 * HOUR)
def test_mutated_files_are_built_alike_for_an_hour() -> None:
    run(int(os.environ.get("GRAPHKIT_FUZZ_SEED", "17")), seconds=HOUR if PROFILE == "nightly" else 60)


# What the fuzzer is there to find, it finds


RECORD = 'title: A\nwebUrl: https://example.com/a\nprovider:\n  name: Example\n  domain: example.com\nexcerpt: "{}"\n'
SECRET = "c2VjcmV0IHdvcmRzIHRoYXQgbm9ib2R5IHNoYWxsIHJlYWQ"


def kinds(folder: Path, *files: FuzzedFile) -> set[str]:
    return {fault.kind for fault in Trial(folder).faults(files, thorough=False)}


def test_a_record_without_a_fault_shows_none(tmp_path: Path) -> None:
    text = f"---\n{RECORD.format('x')}secured: {SECRET}\n---\n"
    assert kinds(tmp_path, FuzzedFile("a.md", text.encode(), (SECRET,))) == set()


def test_a_ciphertext_that_comes_out_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = FuzzedFile("a.yaml", f"{RECORD.format('x')}secured: {SECRET}\n".encode(), (SECRET,))
    moved = FuzzedFile("b.yaml", f"{RECORD.format(SECRET[4:24])}".encode(), ())
    assert kinds(tmp_path / "free", kept, moved) == set(), "a piece that stands elsewhere too is no secret"
    monkeypatch.setattr(in_memory, "read_content", leaking(SECRET[4:24]))
    assert "secured" in kinds(tmp_path / "leaking", kept)


def leaking(piece: str) -> Callable[..., object]:
    def read(data: bytes, *arguments: object, **options: object) -> object:
        return extraction.read_content(data.replace(b'"x"', piece.encode()), *arguments, **options)  # type: ignore[arg-type]

    return read


def test_paths_that_differ_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = FuzzedFile("a.yaml", RECORD.format("x").encode(), ())
    monkeypatch.setattr(in_memory, "read_content", leaking("y"))
    assert {"processes", "cache"} <= kinds(tmp_path, file)


def test_an_exception_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> object:
        raise RecursionError("too deep")

    monkeypatch.setattr(in_memory, "read_content", fail)
    assert kinds(tmp_path, FuzzedFile("a.yaml", RECORD.format("x").encode(), ())) == {"traceback"}


@pytest.mark.parametrize(
    "name, text, kept, rest",
    [
        ("a.yaml", "a: 1\nsecured: x\n  y\nb: 2", "x y", "a: 1 secured: b: 2"),
        ("a.yaml", "  - 'secured': |\n\n      x\n    b: 2\n", "| x", "- 'secured': b: 2"),
        ("a.md", "a: secured: x", "", "a: secured: x"),
        ("a.json", '{"secured": "x \\" y", "b": 2}', '"x \\" y"', '{"secured": , "b": 2}'),
    ],
)
def test_what_stands_under_secured(name: str, text: str, kept: str, rest: str) -> None:
    found = secured_text(FuzzedFile(name, text.encode(), ()))
    assert tuple(" ".join(one.split()) for one in found) == (kept, rest)
