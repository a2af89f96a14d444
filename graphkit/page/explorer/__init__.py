"""The explorer: the whole graph as one HTML page that works offline, at any size.

The page contains its script, its style and the graph, and makes no network requests. The script is written in
TypeScript (`source/`) and bundled into `dist/`; users of graphkit need no Node.
"""

from __future__ import annotations

import html
from base64 import b64encode
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib import resources
from string import Template
from typing import Any

import networkx as nx

from graphkit.page.palette import coloured
from graphkit.page.standalone_html import asset, one_line, policy

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SHORTENED = "Excerpts are shortened and images left out, as the graph has more than {:,} articles."


def explore(graph: nx.MultiDiGraph[str], *, title: str = "Coverage graph") -> str:
    """Return a complete HTML page to explore `graph` in, to be written as UTF-8. The graph is not changed.

    Equal graphs give the same text, in whatever order they were filled.

    >>> "There is nothing to explore" in explore(nx.MultiDiGraph())
    True
    """
    from graphkit.page.explorer.columns import WHOLE, blocks  # imports numpy, which only this page needs

    packed = blocks(graph)
    folder = resources.files(__name__)
    script = asset(folder.joinpath("dist", "explorer.js"))
    style = coloured(asset(folder.joinpath("dist", "style.css")))
    notice = f'<p class="quiet">{_SHORTENED.format(WHOLE)}</p>' if packed.articles > WHOLE else ""
    return Template(asset(folder.joinpath("explorer.html"))).substitute(
        policy=html.escape(policy(scripts=(script,), style=style, images="data: https: http:")),
        title=html.escape(one_line(title)),
        sentence=html.escape(_sentence(packed.articles, packed.providers, packed.topics, _dates(graph))),
        style=style,
        notice=notice,
        shape=b64encode(packed.shape).decode(),
        script=script,
        names=b64encode(packed.names).decode(),
        details=b64encode(packed.details).decode(),
    )


def _dates(graph: nx.MultiDiGraph[str]) -> list[datetime]:
    found: Iterable[Any] = (date for _, date in graph.nodes(data="published_at"))
    return [_in_utc(date) for date in found if date is not None]


def _in_utc(moment: datetime) -> datetime:
    """Return a moment in UTC; without an offset it counts as UTC."""
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:  # before the first year, or after the last
        return moment.replace(tzinfo=UTC)


def _sentence(articles: int, providers: int, topics: int, dates: list[datetime]) -> str:
    """Return the page's subtitle: counts and the span of dates.

    >>> _sentence(2, 1, 0, [datetime(2016, 10, 1), datetime(2023, 5, 2)])
    '2 articles · 1 provider · 0 topics · Oct 2016 – May 2023'
    """
    parts = [_counted(articles, "article"), _counted(providers, "provider"), _counted(topics, "topic")]
    if dates:
        first, last = (f"{_MONTHS[date.month - 1]} {date.year}" for date in (min(dates), max(dates)))
        parts.append(first if first == last else f"{first} – {last}")
    return " · ".join(parts)


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
