"""The report of a build: counts that the same input always gives, and that add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.urls.canonical_url import POLICY_VERSION


class Size(NamedTuple):
    """How large a graph is."""

    articles: int
    providers: int
    topics: int
    related: int


def report(
    files: Mapping[str, int],
    read: Mapping[str, int],
    merged: Mapping[str, int],
    size: Size,
    *,
    disagreements: Mapping[str, int],
    notes: Mapping[str, int],
    diagnostics: Iterable[Diagnostic],
) -> dict[str, Any]:
    """Return the report, ready for JSON.

    `files` counts files found, unreadable and skipped; `read` counts what reading gave (own, related, rejected,
    rejected_related, left_out), `merged` what the merge tells.
    """
    listed = [str(diagnostic) for diagnostic in diagnostics]
    by_code = Counter(text[text.rindex("[") + 1 : -1] for text in listed)
    read, merged = Counter(read), Counter(merged)
    records = read["own"] + merged["topic_records"]
    added = merged["articles_own"] + merged["topics_own"]
    related_added = size.articles - merged["articles_own"]
    return {
        "policy": POLICY_VERSION,
        "files": dict(files),
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
        "graph": size._asdict(),
        "disagreements": {name: number for name, number in sorted(disagreements.items()) if number},
        "notes": {name: number for name, number in sorted(notes.items()) if number},
        "diagnostics": {"by_code": dict(sorted(by_code.items())), "list": listed},
    }
