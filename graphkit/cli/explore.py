"""``graphkit explore``: the whole graph as a page."""

from __future__ import annotations

from typing import Annotated

import typer

from graphkit.cli.input_graph import input_graph
from graphkit.cli.options import (
    FollowLinksOption,
    ForceOption,
    HtmlFileOption,
    IdentityOption,
    QuietOption,
    SourcesArgument,
)
from graphkit.cli.terminal import say


def explore(
    sources: SourcesArgument,
    out: HtmlFileOption,
    title: Annotated[str, typer.Option("--title", help="What the page is called.")] = "Coverage graph",
    follow_links: FollowLinksOption = False,
    force: ForceOption = False,
    identity: IdentityOption = None,
    quiet: QuietOption = False,
) -> None:
    """Write one HTML file to explore all of the graph in, offline."""
    from graphkit.files.atomic import write_text
    from graphkit.files.written_beginnings import PAGE, check_single
    from graphkit.page.explorer import explore as page_of

    check_single(out, PAGE, force=force)
    write_text(
        out, page_of(input_graph(sources, follow_links=follow_links, identity=identity, quiet=quiet), title=title)
    )
    say(f"wrote {out}", quiet=quiet)
