"""The tests of the merge notice when its order is wrong: each mutant of the source fails them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from paths import ROOT
from processes.waiting import WHOLE_RUN

pytestmark = pytest.mark.nightly

# name: text in graphkit/merge/articles.py or graphkit/merge/resolution.py, what stands there instead
MUTANTS = {
    "the weakest wins": ("key=_first, reverse=True", "key=_first"),
    "own does not count": ("return not mention.parent, facts.published_at", "return True, facts.published_at"),
    "related beats own": ("return not mention.parent, facts.published_at", "return bool(mention.parent), facts.published_at"),
    "quality before date": (
        "return not mention.parent, facts.published_at or _NO_DATE, quality",
        "return not mention.parent, quality, facts.published_at or _NO_DATE",
    ),
    "the date does not count": ("facts.published_at or _NO_DATE, quality", "_NO_DATE, quality"),
    "the quality does not count": ("facts.published_at or _NO_DATE, quality", "facts.published_at or _NO_DATE, 0.0"),
    "an unknown quality is zero": ("-1e308 if facts.quality is None", "0 if facts.quality is None"),
    "the smaller value wins": ("max(value for rank, value in known", "min(value for rank, value in known"),
    "the first of equals wins": ("max(value for rank, value in known if rank == best_rank)", "best"),
    "the larger value beats the rank": ("for rank, value in known if rank == best_rank)", "for _, value in known)"),
    "the smaller publisher wins": ("max(provided, key=", "min(provided, key="),
    "the highest rank of a relation": ("min(listing.rank for listing in listed)", "max(listing.rank for listing in listed)"),
    "the rarest name wins": ("max(counter, key=lambda text: (counter[text], text))", "min(counter, key=lambda text: (counter[text], text))"),
    "the first name wins": ("max(counter, key=lambda text: (counter[text], text))", "next(iter(counter))"),
    "the first of several articles is found": ('("ambiguous", full)', '("ambiguous", next(iter(keys)))'),
    "the smaller image": ("max(size, sizes.get(image.url, size))", "min(size, sizes.get(image.url, size))"),
    "the smaller name of topic files": ("max(given[node])", "min(given[node])"),
    "an entry without URL found keeps its own signature": ("signature = signature.union(known.refs)", "pass"),
    "an entry without URL found leaves the old signature": ("signatures[frozenset(known.refs)] -= 1", "pass"),
    "an entry without URL found counts labels twice": ("named.difference_update(known.labels)", "pass"),
    "own and related facts are one": ("(not mention.parent, id(mention.facts)): mention", "id(mention.facts): mention"),
}  # fmt: skip
# One process loads what no mutant changes, and runs each mutant in a fork of its own: that halves the time.
RUN = """
import os, sys
import hypothesis.strategies, msgspec, networkx, pytest, ada_url
for folder in sys.argv[1:]:
    child = os.fork()
    if child == 0:
        os.chdir(folder)
        sys.path.insert(0, folder)
        output = os.open("output.txt", os.O_WRONLY | os.O_CREAT)
        os.dup2(output, 1)
        os.dup2(output, 2)
        # Not the property test: what is asserted by example must be enough.
        code = pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-k", "not the_merge_is_what and not the_store", "test_articles.py"])
        sys.stdout.flush()
        os._exit(int(code))
    with open(os.path.join(folder, "code.txt"), "w") as file:
        file.write(str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])))
"""


def mutate(folder: Path, mutation: tuple[str, str] | None) -> None:
    """Copy the package and its tests, with one change in the merge."""
    shutil.copytree(ROOT / "graphkit", folder / "graphkit", ignore=shutil.ignore_patterns("page"))
    shutil.copy2(ROOT / "tests" / "merge" / "test_articles.py", folder)
    for package in ("oracles", "samples"):
        shutil.copytree(ROOT / "tests" / package, folder / package)
    (folder / "pytest.ini").write_text("[pytest]\n", "utf-8")
    if mutation is not None:
        sources = [folder / "graphkit" / "merge" / name for name in ("articles.py", "resolution.py")]
        counts = [source.read_text("utf-8").count(mutation[0]) for source in sources]
        assert sum(counts) == 1, f"the text to mutate does not stand there once: {mutation[0]}"
        source = sources[counts.index(1)]
        source.write_text(source.read_text("utf-8").replace(*mutation), "utf-8")


def run(folders: list[Path]) -> None:
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    subprocess.run([sys.executable, "-c", RUN, *map(str, folders)], env=environment, check=True, timeout=WHOLE_RUN)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, str]]:
    """Return the exit code and output of the tests for each mutant, and for the source as it is under the empty name."""
    mutants: dict[str, tuple[str, str] | None] = {"": None, **MUTANTS}
    folders = {name: tmp_path_factory.mktemp("mutant") for name in mutants}
    for name, mutation in mutants.items():
        mutate(folders[name], mutation)
    every = list(folders.values())
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(run, (every[::2], every[1::2])))
    return {
        name: (int((folder / "code.txt").read_text()), (folder / "output.txt").read_text("utf-8")[-2000:])
        for name, folder in folders.items()
    }


def test_the_source_as_it_is_passes(outcomes: dict[str, tuple[int, str]]) -> None:
    assert outcomes[""][0] == 0, outcomes[""][1]


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_fails(outcomes: dict[str, tuple[int, str]], name: str) -> None:
    code, output = outcomes[name]
    assert code == 1, f"survived: {name}\n{output}"  # 1: tests failed; anything else is an error of another kind
    assert "AssertionError" in output, output
