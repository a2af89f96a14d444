"""Kill builds at random moments and see what is left: python benchmarks/crashes.py [--times 50] [--records 3000].

A first build, a build of changes, one without a cache and `graphkit watch` are killed (SIGKILL) so many times each, at
moments spread over the time that one takes which nobody disturbs. After each kill every export must be whole, that of
the build before or after; all processes must end; and the next build must give the bytes of one that remembers nothing,
and remove what the killed one left. Results go to `results/crashes.json`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

import corpora
from compare import machine

RESULTS = Path(__file__).resolve().parent / "results" / "crashes.json"
EXPORTS = ("coverage.ttl", "coverage.html", "report.json")
PATIENCE = 60
"""Seconds in which what must happen has to."""

State = tuple[int, int]
"""What stands in a corpus: which of several variants of many files, and which of one file that changes by itself."""

Digests = dict[str, str]
"""The hash of each export."""


class Kill(NamedTuple):
    """What a killed process left.

    `found` is a word for each export that was there: `before`, `after`, or `half` where it is neither; `absent` else.
    `left` is the number of files that it left aside; `ended` tells that no other process went on; `right` that the next
    build gave the right bytes, and `clean` that then nothing was left aside any more.
    """

    moment: float
    found: dict[str, str]
    left: int
    ended: bool
    right: bool
    clean: bool

    @property
    def is_well(self) -> bool:
        """Tell whether all is as it must be."""
        return "half" not in self.found.values() and self.ended and self.right and self.clean

    @property
    def summary(self) -> str:
        """One word for what was found."""
        words = set(self.found.values())
        return "half" if "half" in words else words.pop() if len(words) == 1 else "some of each"


class Corpus:
    """A folder of records that goes through a few states, and what a build of each must give."""

    def __init__(self, folder: Path, records: int, *, variants: int) -> None:
        self.folder = folder / "records"
        self.records = records
        self.variants = variants
        self.state: State = (-1, 0)
        corpora.write_corpus(self.folder, records)
        self.expected: dict[State, Digests] = {}
        for variant in range(variants):
            for single in range(2):
                self.become((variant, single))
                self.expected[self.state] = built_anew(self.folder, folder)
        if len({tuple(found.values()) for found in self.expected.values()}) < 2 * variants:
            raise ValueError("expected exports that tell the states of the corpus apart, got equal ones")

    def become(self, state: State) -> None:
        """Change the files: contents, a name, and dates of files that stay the same; at last one file at once."""
        variant, single = state
        if variant != self.state[0]:
            many = range(0, self.records, max(1, self.records // 40))
            corpora.change(self.folder, many[: len(many) // (variant + 1)], mark=f"variant {variant}")
            corpora.change(self.folder, many[len(many) // (variant + 1) :], mark="all variants")
        for other in range(self.variants):
            (self.folder / f"renamed-{other}.md").unlink(missing_ok=True)
        self._replace(f"renamed-{variant}.md", "The same in every variant")
        self._replace("single.md", f"Single {single}")
        self.state = state

    def flip(self) -> None:
        """Change one file, at once."""
        variant, single = self.state
        self._replace("single.md", f"Single {1 - single}")
        self.state = (variant, 1 - single)

    def next(self) -> State:
        """Return another state, in which many files differ."""
        return ((self.state[0] + 1) % self.variants, self.state[1])

    def _replace(self, name: str, title: str) -> None:
        text = f'---\ntitle: "{title}"\nwebUrl: "https://example.com/{title.replace(" ", "-")}"\n---\n'
        aside = self.folder.parent / "aside.md"
        aside.write_text(text, "utf-8")
        aside.replace(self.folder / name)


def command(verb: str, *arguments: object) -> list[str]:
    """Return a command of graphkit that says nothing."""
    return [sys.executable, "-m", "graphkit", verb, *map(str, arguments), "--quiet"]


def run(arguments: list[str], **environment: str) -> float:
    """Run a command and return how many seconds it took."""
    start = time.monotonic()
    subprocess.run(arguments, check=True, env={**os.environ, **environment})
    return time.monotonic() - start


def digests(out: Path) -> Digests:
    """Return the hash of each export that is there."""
    return {name: hashlib.sha256((out / name).read_bytes()).hexdigest() for name in EXPORTS if (out / name).exists()}


def built_anew(records: Path, work: Path) -> Digests:
    """Return what a build gives that remembers nothing."""
    out = work / "anew"
    shutil.rmtree(out, ignore_errors=True)
    run(command("build", records, "--out", out, "--no-cache"))
    return digests(out)


def started(arguments: list[str], **environment: str) -> subprocess.Popen[bytes]:
    """Start a command in a group of its own."""
    return subprocess.Popen(arguments, start_new_session=True, env={**os.environ, **environment})


def kill(process: subprocess.Popen[bytes], moment: float) -> bool:
    """Kill the first process of a group after some seconds; tell whether all others end then by themselves."""
    try:
        process.wait(moment)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if becomes(lambda: not group(process.pid)):
        return True
    os.killpg(process.pid, signal.SIGKILL)
    return False


def becomes(condition: Callable[[], bool]) -> bool:
    """Wait until a condition holds, for some time; tell whether it does."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True


def group(leader: int) -> list[int]:
    """Return the processes of a group that are still running."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, _, process_group = (entry / "stat").read_text().rpartition(")")[2].split()[:3]
            except (OSError, ValueError):  # it has ended
                continue
            if int(process_group) == leader and state != "Z":
                found.append(int(entry.name))
    return found


def compared(found: Digests, before: Digests, *after: Digests) -> dict[str, str]:
    """Return a word for each export."""

    def word(name: str) -> str:
        if name not in found:
            return "absent" if name not in before else "half"
        if found[name] == before.get(name):
            return "before"
        return "after" if any(found[name] == one[name] for one in after) else "half"

    return {name: word(name) for name in EXPORTS}


def aside(*folders: Path) -> int:
    """Return how many files stand aside that a build should have removed or renamed."""
    return sum(1 for folder in folders if folder.exists() for _ in folder.glob(".graphkit-*"))


def first_build(corpus: Corpus, work: Path, moments: Iterator[float]) -> Iterator[Kill]:
    """Kill builds into an empty folder."""
    out = work / "first"
    build = command("build", corpus.folder, "--out", out, "--jobs", "2")
    longest = run(build)
    expected = corpus.expected[corpus.state]
    for partition in moments:
        shutil.rmtree(out)
        ended = kill(started(build), partition * longest)
        found, left = digests(out), aside(out)
        run(build)
        yield Kill(
            partition * longest, compared(found, {}, expected), left, ended, digests(out) == expected, not aside(out)
        )


def build_of_changes(corpus: Corpus, work: Path, moments: Iterator[float], *options: str) -> Iterator[Kill]:
    """Kill builds after changes."""
    out, temporary = work / "changes", work / "temporary"
    temporary.mkdir(parents=True, exist_ok=True)
    build = command("build", corpus.folder, "--out", out, "--jobs", "2", *options)
    run(build)
    corpus.become(corpus.next())
    longest = run(build)
    for partition in moments:
        before = corpus.expected[corpus.state]
        corpus.become(corpus.next())
        expected = corpus.expected[corpus.state]
        ended = kill(started(build, TMPDIR=str(temporary)), partition * longest)
        found, left = digests(out), aside(out, temporary)
        run(build, TMPDIR=str(temporary))
        right = digests(out) == expected
        yield Kill(
            partition * longest, compared(found, before, expected), left, ended, right, not aside(out, temporary)
        )


def build_without_cache(corpus: Corpus, work: Path, moments: Iterator[float]) -> Iterator[Kill]:
    """Kill builds after changes that remember nothing, and put what they cannot hold among temporary files."""
    yield from build_of_changes(corpus, work / "uncached", moments, "--no-cache")


def watching(corpus: Corpus, work: Path, moments: Iterator[float]) -> Iterator[Kill]:
    """Kill `watch` while files change: those of one run in its first build, those of the next one in a later one."""
    out = work / "watched"
    build = command("build", corpus.folder, "--out", out, "--jobs", "2")
    watch = command("watch", corpus.folder, "--out", out, "--jobs", "2", "--debounce", "50")
    run(build)
    corpus.become(corpus.next())
    start = time.monotonic()
    process = started(watch)
    becomes(lambda: digests(out) == corpus.expected[corpus.state])
    first = time.monotonic() - start
    corpus.become(corpus.next())
    start = time.monotonic()
    becomes(lambda: digests(out) == corpus.expected[corpus.state])
    later = time.monotonic() - start
    kill(process, 0)
    for number, partition in enumerate(moments):
        states = [corpus.state]
        if number % 2:
            process = started(watch)
            (out / EXPORTS[-1]).unlink()  # written again by the first build
            becomes((out / EXPORTS[-1]).exists)
        corpus.become(corpus.next())
        states.append(corpus.state)
        moment = partition * (later if number % 2 else first)
        if not number % 2:
            process = started(watch)
        time.sleep(moment / 2)
        corpus.flip()  # at once, so that each build sees one state or the other
        states.append(corpus.state)
        ended = kill(process, moment / 2)
        found, left = digests(out), aside(out)
        run(build)
        before, *after = (corpus.expected[state] for state in states)
        yield Kill(moment, compared(found, before, *after), left, ended, digests(out) == after[-1], not aside(out))


SCENES: dict[str, Callable[[Corpus, Path, Iterator[float]], Iterator[Kill]]] = {
    "first build": first_build,
    "build of changes": build_of_changes,
    "build without cache": build_without_cache,
    "watch": watching,
}


def partitions(times: int, seed: str) -> Iterator[float]:
    """Yield moments as shares of the time that all takes, one from each of so many equal parts, in any order."""
    random = Random(seed)
    parts = list(range(times))
    random.shuffle(parts)
    for part in parts:
        yield (part + random.random()) / times


def main() -> None:
    """Kill, tell, and end with 1 if something was not as it must be."""
    parser = argparse.ArgumentParser(description="Kill builds at random moments and see what is left.")
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--records", type=int, default=3_000)
    parser.add_argument("--seed", default="1")
    options = parser.parse_args()
    results, is_well = {}, True
    print(f"{'':<22}{'kills':>7}{'whole':>7}{'ended':>7}{'right':>7}{'clean':>7}  exports found")
    with tempfile.TemporaryDirectory() as folder:
        corpus = Corpus(Path(folder), options.records, variants=4)
        for name, scene in SCENES.items():
            kills = list(scene(corpus, Path(folder), partitions(options.times, f"{options.seed} {name}")))
            is_well = is_well and all(kill.is_well for kill in kills)
            told = {
                "kills": len(kills),
                "whole": sum("half" not in kill.found.values() for kill in kills),
                "ended": sum(kill.ended for kill in kills),
                "right": sum(kill.right for kill in kills),
                "clean": sum(kill.clean for kill in kills),
            }
            found = Counter(kill.summary for kill in kills)
            columns = "".join(f"{number:>7}" for number in told.values())
            print(f"{name:<22}{columns}  {', '.join(f'{word} {number}' for word, number in sorted(found.items()))}")
            results[name] = {**told, "found": dict(sorted(found.items())), "left_files": sum(k.left for k in kills)}
    RESULTS.write_text(
        json.dumps({"machine": machine(), "records": options.records, "scenes": results}, indent=2) + "\n", "utf-8"
    )
    sys.exit(not is_well)


if __name__ == "__main__":
    main()
