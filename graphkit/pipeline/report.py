"""The report of a build: counts that are the same for the same input, and that add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.errors import NothingReadable
from graphkit.identity.identity_rules import COUNTED, IdentityRules
from graphkit.merge.extraction import Totals
from graphkit.urls.canonical_url import POLICY_VERSION


class Size(NamedTuple):
    """How large a graph is."""

    articles: int
    providers: int
    topics: int
    related: int


def report(
    size: Size,
    *,
    found: int,
    skipped: int,
    totals: Totals,
    merged: Mapping[str, int],
    disagreements: Mapping[str, int],
    diagnostics: Iterable[Diagnostic],
    of_sources: Iterable[Diagnostic],
    rules: IdentityRules | None = None,
) -> dict[str, Any]:
    """Return the report, ready for JSON.

    `found` and `skipped` are numbers of files, `totals` the sums of all reading outcomes, `merged` the counts of the
    merge. Of the `diagnostics` of each file only the first are there; those `of_sources`, faults of what is named or
    found, are not in the sums. `rules` are those of identity.toml: the report has the number of articles that each
    decided about.
    """
    listed = [str(diagnostic) for diagnostic in diagnostics]
    by_code = Counter(diagnostic.code for diagnostic in of_sources) + Counter(totals.by_code)
    read, merged = Counter(totals.counts), Counter(merged)
    records = read["own"] + merged["topic_records"]
    added = merged["articles_own"] + merged["topics_own"]
    related_added = size.articles - merged["articles_own"]
    uses = {"identity": {text: merged[f"{COUNTED}{text}"] for text in rules.texts}} if rules is not None else {}
    return {
        "policy": POLICY_VERSION,
        "files": {"found": found, "unreadable": read["unreadable"], "skipped": skipped},
        "records": {
            "read": records + read["rejected"],
            "added": added,
            "merged": records - added,
            "rejected": read["rejected"],
            "left_out": read["left_out"],
        },
        "related": {
            "read": read["related"] + read["rejected_related"],
            "added": related_added,
            "merged": read["related"] - related_added,
            "rejected": read["rejected_related"],
            "to_itself": merged["related_to_itself"],
        },
        "without_url": {
            "found": merged["without_url_found"],
            "ambiguous": merged["without_url_ambiguous"],
            "alone": merged["without_url_alone"],
        },
        **uses,
        "graph": size._asdict(),
        "disagreements": {name: number for name, number in sorted(disagreements.items()) if number},
        "notes": {name: number for name, number in sorted(totals.notes.items()) if number},
        "diagnostics": {"by_code": dict(sorted(by_code.items())), "list": listed},
    }


def check_records(records: int, *, files: int, left_out: int, diagnostics: Sequence[Diagnostic]) -> None:
    """Raise `NothingReadable` if there is no record."""
    if records:
        return
    first = f"; the first fault: {diagnostics[0]}" if diagnostics else ""
    others = f", {left_out:,} left out" if left_out else ""
    words = f"{files:,} file{'' if files == 1 else 's'}"
    raise NothingReadable(f"expected records in the sources, got none in {words}{others}{first}")
