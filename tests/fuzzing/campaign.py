"""A campaign: batches of mutated files, each in a trial; the files of a batch that fails are searched for the culprit.

``PYTHONPATH=tests python -m fuzzing.campaign --files 100000 --seed 1 --keep /tmp/found`` tries many files and keeps the
faulty ones. A batch depends on the seed and on its number only.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from fuzzing.mutations import FuzzedFile, fuzzed_file
from fuzzing.trial import Fault, Trial

BATCH = 500
SEARCHES = 40
THOROUGH = 5
"""Every so many batches are tried thoroughly."""


class Finding(NamedTuple):
    """A fault, the batch that showed it, and the fewest files of it that were found to show it again."""

    fault: Fault
    seed: int
    batch: int
    files: tuple[FuzzedFile, ...]

    def __str__(self) -> str:
        """Return what was seen, and how to see it again."""
        texts = "".join(f"\n    {file.name}: {file.data[:1_500]!r}" for file in self.files[:3])
        return f"{self.fault.kind}: {self.fault.seen}\n  seed {self.seed}, batch {self.batch}:{texts}"


def batch_of(seed: int, number: int) -> list[FuzzedFile]:
    """Return the files of a batch."""
    chance = random.Random(f"{seed}/{number}")
    return [fuzzed_file(chance, at) for at in range(BATCH)]


def campaign(seed: int, *, files: int = 0, seconds: float = 0, first: int = 0) -> Iterator[tuple[int, list[Finding]]]:
    """Try so many files, or for so long; yield the number of files tried so far and the findings of each batch."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        trial = Trial(Path(folder))
        number, tried = first, 0
        while tried < files or (not files and time.monotonic() - begun < seconds):
            batch = batch_of(seed, number)
            thorough = number % THOROUGH == 0
            faults = trial.faults(batch, thorough=thorough)
            tried += len(batch)
            kinds = {fault.kind: fault for fault in reversed(faults)}
            yield (
                tried,
                [Finding(fault, seed, number, _culprits(batch, fault, thorough=thorough)) for fault in kinds.values()],
            )
            number += 1


def _culprits(batch: Sequence[FuzzedFile], fault: Fault, *, thorough: bool) -> tuple[FuzzedFile, ...]:
    """Return few files that show a fault of its kind by themselves; all that are left after `SEARCHES` tries."""
    named = [file for file in batch if file.name in fault.seen]
    if named and _shows(named, fault, thorough=thorough):
        return tuple(named)
    files = list(batch)
    tries, pieces = 0, 2
    while len(files) > 1 and tries < SEARCHES:
        size = -(-len(files) // pieces)
        for start in range(0, len(files), size):
            fewer = files[start : start + size] if pieces == 2 else [*files[:start], *files[start + size :]]
            tries += 1
            if _shows(fewer, fault, thorough=thorough):
                files, pieces = fewer, max(2, pieces - 1)
                break
        else:
            if pieces >= len(files):
                break
            pieces = min(len(files), pieces * 2)
    return tuple(files)


def _shows(files: Sequence[FuzzedFile], fault: Fault, *, thorough: bool) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        trial = Trial(Path(folder))
        if fault.kind == "cache":  # what an earlier build has left matters
            trial.faults(
                [
                    file._replace(data=b"---\ntitle: Before\nwebUrl: https://example.com/before\n---\n")
                    for file in files
                ],
                thorough=False,
            )
        return any(one.kind == fault.kind for one in trial.faults(files, thorough=thorough))


def main() -> None:
    """Run a campaign, print what it finds and keep the files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the number of the first batch")
    parser.add_argument("--keep", type=Path, default=Path("fuzz-findings"))
    wanted = parser.parse_args()
    begun = time.monotonic()
    kinds: Counter[str] = Counter()
    for tried, findings in campaign(wanted.seed, files=wanted.files, first=wanted.first):
        for finding in findings:
            kinds[finding.fault.kind] += 1
            print(finding, flush=True)
            folder = wanted.keep / f"{finding.fault.kind}-{finding.seed}-{finding.batch}"
            folder.mkdir(parents=True, exist_ok=True)
            for file in finding.files:
                (folder / file.name).write_bytes(file.data)
        print(f"{tried:,} files in {time.monotonic() - begun:,.0f} s; findings: {dict(kinds) or 'none'}", flush=True)


if __name__ == "__main__":
    main()
