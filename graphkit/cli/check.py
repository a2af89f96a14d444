"""``graphkit check``: read records, print their faults."""

from __future__ import annotations

from graphkit.cli.options import FollowLinksOption, IdentityOption, QuietOption, SourcesArgument, StrictOption
from graphkit.cli.terminal import counted, exit_if_strict, say, say_skipped, showing_files


def check(
    sources: SourcesArgument,
    follow_links: FollowLinksOption = False,
    identity: IdentityOption = None,
    strict: StrictOption = False,
    quiet: QuietOption = False,
) -> None:
    """Read all records and print the first 100 diagnostics of each file; write nothing."""
    from graphkit.diagnostics.found_diagnostics import KEPT
    from graphkit.pipeline import api
    from graphkit.sources.finding import placed

    with showing_files("Checking", quiet=quiet) as progress:
        found = api.check(sources, follow_links=follow_links, progress=progress, identity=identity)
    if not quiet:
        for diagnostic in placed(found.diagnostics, found.listing):
            print(diagnostic)
        number, left = found.diagnostic_count, found.diagnostic_count - len(found.diagnostics)
        if left:
            say(f"… and {left:,} more, in files with more than {KEPT}")
        records = sum(not mention.parent for mention in found.corpus.mentions) + len(found.corpus.topics)
        say(
            f"{counted(len(found.listing.files), 'file')}, {counted(records, 'good record')}, "
            f"{found.totals.counts.get('rejected', 0):,} rejected, "
            f"{counted(number, 'diagnostic')}"
        )
        say_skipped(found.listing)
    exit_if_strict(strict=strict, faults=found.diagnostics)
