"""The build result: what a local build gives to its caller, who writes it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.merge.articles import Merged
from graphkit.sources.finding import SourceListing

if TYPE_CHECKING:
    from graphkit.pipeline.local.cached_state import WrittenExport


class BuildResult(NamedTuple):
    """What a build gave; `merged` is None unless the articles were wanted.

    `write` writes the Turtle to an open file; it is passed the path of the last export, if that may still be there.
    `save_cache` is passed what `write` returned, and the descriptor of that file unless it is compressed. `read` is
    the number of files that were decoded, `reused` the number of the others. `listing` are all files.
    """

    report: dict[str, Any]
    diagnostics: tuple[Diagnostic, ...]
    merged: Merged | None
    read: int
    reused: int
    write: Callable[[IO[bytes], Path | None], WrittenExport | None]
    save_cache: Callable[[WrittenExport | None, int | None], None]
    listing: SourceListing
