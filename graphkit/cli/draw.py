"""``graphkit draw``: a small graph as a picture."""

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


def draw(
    sources: SourcesArgument,
    out: HtmlFileOption,
    around: Annotated[str, typer.Option("--around", help="An id, a URL or a title to draw around.")] = "",
    hops: Annotated[int, typer.Option("--hops", min=0, help="How many steps around it.")] = 1,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most this many nodes.")] = 500,
    follow_links: FollowLinksOption = False,
    force: ForceOption = False,
    identity: IdentityOption = None,
    quiet: QuietOption = False,
) -> None:
    """Draw a small graph, or the part around one node, as one HTML file."""
    from graphkit.files.atomic import write_text
    from graphkit.files.written_beginnings import PAGE, check_single
    from graphkit.page.drawing import draw as page_of

    check_single(out, PAGE, force=force)
    graph = input_graph(sources, follow_links=follow_links, identity=identity, quiet=quiet)
    write_text(out, page_of(graph, around=around or None, hops=hops, limit=limit))
    say(f"wrote {out}", quiet=quiet)
