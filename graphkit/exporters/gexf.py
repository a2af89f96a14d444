"""GEXF 1.2, as NetworkX writes it, with times for Gephi's timeline.

An article exists from the moment it was published, an edge from the moment that both its ends exist. Providers and
topics always exist; their dynamic attribute `articles` counts the articles of each day and of all days before.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, time
from itertools import accumulate
from typing import TYPE_CHECKING

from graphkit.exporters.plain_values import flat, one_line_json
from graphkit.exporters.xml_graph import xml_graph, xml_note
from graphkit.records.dates import utc_text

if TYPE_CHECKING:
    import networkx as nx

    from graphkit.exporters.registry import ExportOptions, Files

Count = tuple[int, str, str | None]
"""A number, since when it is right, and until when, which is None for the last."""

_COUNTED = frozenset({"publisher", "distributor", "about"})


def write(graph: nx.MultiDiGraph[str], files: Files, options: ExportOptions) -> str | None:
    """Write the graph, with ids of edges and times."""
    from xml.etree.ElementTree import SubElement

    import networkx as nx
    from networkx.readwrite.gexf import GEXFWriter

    shown = xml_graph(graph, line_ends=False)
    published: dict[str, datetime] = nx.get_node_attributes(graph, "published_at")
    for node, moment in published.items():
        shown.nodes[node]["start"] = utc_text(moment)
    for node, counts in articles_by_day(graph).items():
        shown.nodes[node]["articles"] = counts
    for start, target, data in shown.edges(data=True):
        if moments := [published[end] for end in (start, target) if end in published]:
            data["start"] = utc_text(max(moments))
    writer = GEXFWriter(encoding="utf-8", version="1.2draft")
    writer.add_graph(shown)
    writer.graph_element.attrib.pop("name", None)  # an empty one, which the schema does not allow
    for edge, (*_, kind) in zip(writer.xml.iter("edge"), shown.edges(keys=True), strict=True):
        edge.set("kind", kind)  # Gephi merges parallel edges of the same kind
    for meta in writer.xml.iter("meta"):
        meta.attrib.pop("lastmodifieddate", None)  # the day of writing: the same graph gives the same bytes
        SubElement(meta, "description").text = f"Coverage graph {one_line_json(flat(graph.graph))}"
    (stream,) = files.values()
    writer.write(stream)
    return xml_note(shown)


def articles_by_day(graph: nx.MultiDiGraph[str]) -> dict[str, list[Count]]:
    """Return how many dated articles each provider and topic has, day by day."""
    articles: dict[str, dict[str, date]] = defaultdict(dict)
    for start, target, kind in graph.edges(keys=True):
        moment = graph.nodes[start].get("published_at")
        if kind in _COUNTED and moment:
            articles[target][start] = moment.date()
    return {node: _sums(Counter(days.values())) for node, days in articles.items()}


def _sums(days: Counter[date]) -> list[Count]:
    """Return the sums of each day's count and all before, with the times between which they hold."""
    in_order = sorted(days)
    starts = [utc_text(datetime.combine(day, time(), UTC)) for day in in_order]
    totals = accumulate(days[day] for day in in_order)
    return list(zip(totals, starts, [*starts[1:], None], strict=True))
