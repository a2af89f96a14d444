"""GEXF 1.2, as NetworkX writes it, with times for Gephi's timeline.

An article exists from the moment it was published, an edge from the moment that both its ends exist. Providers and
topics always exist; their dynamic attribute `articles` counts the articles of each day and of all days before.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from graphkit.exporters.labels import edge_id, node_label
from graphkit.exporters.plain_values import flat, one_line_json, xml_note, xml_safe
from graphkit.records.dates import utc_text

if TYPE_CHECKING:
    import networkx as nx

    from graphkit.exporters.export_options import ExportOptions, Files

Count = tuple[int, str, str | None]
"""A number, from when, and until when, which is None for the last."""

_COUNTED = frozenset({"publisher", "distributor", "about"})


def write(graph: nx.MultiDiGraph[str], files: Files, options: ExportOptions) -> str:
    """Write the graph, with ids of edges and times."""
    from xml.etree.ElementTree import SubElement

    import networkx as nx
    from networkx.readwrite.gexf import GEXFWriter

    def attributes(data: Mapping[str, Any]) -> dict[str, Any]:
        return xml_safe(flat(data), line_ends=False)

    shown: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    counts = articles_by_day(graph)
    for node, data in graph.nodes(data=True):
        shown.add_node(node, **attributes({"label": node_label(node, data), **data}))
        if "published_at" in data:
            shown.nodes[node]["start"] = utc_text(data["published_at"])
        if node in counts:
            shown.nodes[node]["articles"] = counts[node]
    for start, target, kind, data in graph.edges(keys=True, data=True):
        own: dict[str, Any] = {"id": edge_id(start, target, kind), "kind": kind}
        known = [graph.nodes[end]["published_at"] for end in (start, target) if "published_at" in graph.nodes[end]]
        if known:
            own["start"] = utc_text(max(known))
        shown.add_edge(start, target, kind, **attributes({**own, **data}))
    writer = GEXFWriter(encoding="utf-8", version="1.2draft")
    writer.add_graph(shown)
    writer.graph_element.attrib.pop("name", None)  # an empty one, which the schema does not know
    for edge, (*_, kind) in zip(writer.xml.iter("edge"), shown.edges(keys=True), strict=True):
        edge.set("kind", kind)  # Gephi makes one of parallel edges unless they are of several kinds
    for meta in writer.xml.iter("meta"):
        meta.attrib.pop("lastmodifieddate", None)  # the day of writing: the same graph gives the same bytes
        about = flat(graph.graph)
        SubElement(meta, "description").text = f"Coverage graph {one_line_json(about)}"
    (stream,) = files.values()
    writer.write(stream)
    return xml_note(shown)


def articles_by_day(graph: nx.MultiDiGraph[str]) -> dict[str, list[Count]]:
    """Return for each provider and topic how many dated articles it has, day by day."""
    articles: dict[str, dict[str, date]] = defaultdict(dict)
    for start, target, kind in graph.edges(keys=True):
        moment = graph.nodes[start].get("published_at")
        if kind in _COUNTED and moment:
            articles[target][start] = moment.date()
    return {node: _sums(Counter(days.values())) for node, days in articles.items()}


def _sums(days: Counter[date]) -> list[Count]:
    sums = []
    total = 0
    begins = [(day, utc_text(datetime(day.year, day.month, day.day, tzinfo=UTC))) for day in sorted(days)]
    for (day, begin), after in zip(begins, [*begins[1:], None], strict=True):
        total += days[day]
        sums.append((total, begin, after[1] if after else None))
    return sums
