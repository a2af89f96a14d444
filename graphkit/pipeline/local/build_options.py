"""Build options: what a build is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from graphkit.identity.identity_rules import IdentityRules
from graphkit.rdf import vocabulary
from graphkit.rdf.dataset import About
from graphkit.sources import contents
from graphkit.sources.source_file import SourceFile

POOL_BYTES = 4 << 20
"""With fewer bytes to read, processes take longer to start than they save."""

StageProgress = Callable[[str, int, int], None]
"""Called with the name of a stage, how much of it is done and how much there is."""


class BuildOptions(NamedTuple):
    """What a build is asked for.

    `turtle` asks for the Turtle; `wants_articles` is called with the number of nodes and says whether to return the
    articles. `rules` are those of identity.toml. `read_stdin` reads standard input; it must return the same bytes if a
    build is tried again.
    """

    jobs: int = 1
    published_only: bool = False
    base: str = vocabulary.DEFAULT_BASE
    about: About = About()
    turtle: bool = True
    wants_articles: Callable[[int], bool] = lambda _: False
    leave_out: tuple[str, ...] = ()
    rules: IdentityRules | None = None
    follow_links: bool = False
    read_stdin: Callable[[SourceFile], bytes] = contents.read_bytes
