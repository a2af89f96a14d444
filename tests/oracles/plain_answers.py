"""What each bundled query should answer, worked out again in plain Python from the NetworkX graph.

One function a question, named as its file, from the graph, the base of its IRIs and the query's parameters to rows.
A cell is an `Iri`, a text, an integer, a date, a datetime in UTC, or None for nothing. CONSTRUCT and DESCRIBE give a
set of triples, ASK a truth value.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from typing import Any, NamedTuple

import networkx as nx
import pyoxigraph as ox

from graphkit.rdf import vocabulary
from graphkit.rdf.serialization import triples
from graphkit.rdf.terms import source_iri


class Iri(NamedTuple):
    """An IRI, which no text equals."""

    value: str


Cell = Iri | str | int | Decimal | date | None
Row = tuple[Cell, ...]
Rows = list[Row]
Triples = set[tuple[Iri, Iri, Cell]]
Graph = nx.MultiDiGraph
Answer = Callable[..., "Rows | Triples | bool"]

XSD = vocabulary.XSD


def cell(lexical: str, datatype: str) -> Cell:
    """Return the value of a literal."""
    if datatype == XSD + "integer":
        return int(lexical)
    if datatype == XSD + "decimal":
        return Decimal(lexical)
    if datatype == XSD + "date":
        return date.fromisoformat(lexical)
    if datatype == XSD + "dateTime":
        return datetime.fromisoformat(lexical).astimezone(UTC)
    assert datatype in ("", XSD + "string"), datatype
    return lexical


# The graph


def _nodes(graph: Graph[str], kind: str) -> list[tuple[str, dict[str, Any]]]:
    return [(node, data) for node, data in graph.nodes(data=True) if data["kind"] == kind]


def _edges(graph: Graph[str], kind: str) -> list[tuple[str, str]]:
    return [(start, target) for start, target, key in graph.edges(keys=True) if key == kind]


def _target(graph: Graph[str], node: str, kind: str) -> str | None:
    return next((target for _, target, key in graph.out_edges(node, keys=True) if key == kind), None)


def _name(graph: Graph[str], article: str, kind: str = "publisher") -> str | None:
    provider = _target(graph, article, kind)
    return None if provider is None else graph.nodes[provider]["name"]


def _stories(graph: Graph[str]) -> dict[str, set[str]]:
    """Return the dated articles of each story: an article that lists related coverage, and what it lists."""
    stories = defaultdict[str, set[str]](set)
    for start, target in _edges(graph, "related"):
        stories[start] |= {start, target}
    dated = {story: {node for node in nodes if "published_at" in graph.nodes[node]} for story, nodes in stories.items()}
    return {story: nodes for story, nodes in dated.items() if nodes}


def _pairs(graph: Graph[str]) -> Iterator[tuple[str, str]]:
    """Yield the publishers of each two articles of which one lists the other, where they differ; in order."""
    for one, two in {frozenset(edge) for edge in _edges(graph, "related")}:
        publishers = (_target(graph, one, "publisher"), _target(graph, two, "publisher"))
        if publishers[0] and publishers[1] and publishers[0] != publishers[1]:
            yield min(publishers), max(publishers)  # type: ignore[type-var,misc]  # both are there


def _ordered(rows: Iterable[Row], *columns: int) -> Rows:
    """Sort rows by columns, counted from 1 and negative where the largest comes first. Nothing comes before anything."""

    def key(number: int) -> Callable[[Row], tuple[bool, Any]]:
        return lambda row: (row[number] is not None, row[number])

    ordered = list(rows)
    for column in reversed(columns):
        ordered.sort(key=key(abs(column) - 1), reverse=column < 0)
    return ordered


def _listed(graph: Graph[str], base: str, article: str) -> Row:
    data = graph.nodes[article]
    return (Iri(base + article), data.get("title"), _name(graph, article), data.get("published_at"))


# The questions


def top_providers(graph: Graph[str], base: str) -> Rows:
    counts = Counter(target for _, target in _edges(graph, "publisher"))
    rows = ((Iri(base + node), graph.nodes[node]["name"], count) for node, count in counts.items())
    return _ordered(rows, -3, 2, 1)


def topic_timeline(graph: Graph[str], base: str, topic: str | None = None) -> Rows:
    counts = Counter[tuple[date, str]]()
    for article, about in _edges(graph, "about"):
        if "published_at" in graph.nodes[article]:
            counts[graph.nodes[article]["published_at"].date(), about] += 1
    rows = (
        (day, Iri(base + node), graph.nodes[node]["label"], count, topic)
        for (day, node), count in counts.items()
        if topic is None or graph.nodes[node]["label"].lower() == topic.lower()
    )
    return _ordered(rows, 1, 3, 2)


def first_on_story(graph: Graph[str], base: str, story: Iri | None = None) -> Rows:
    rows: Rows = []
    for head, articles in _stories(graph).items():
        if story not in (None, Iri(base + head)):
            continue
        first = min(graph.nodes[article]["published_at"] for article in articles)
        for article in articles:
            published = graph.nodes[article]["published_at"]
            lag = published.replace(second=0, microsecond=0) - first.replace(second=0, microsecond=0)
            seconds = lag.days * 86_400 + lag.seconds
            title = graph.nodes[head].get("title")
            rows.append((Iri(base + head), title, Iri(base + article), _name(graph, article), published, seconds // 60))
    return _ordered(rows, 1, 5, 3)


def often_first(graph: Graph[str], base: str) -> Rows:
    firsts = Counter[str]()
    stories = Counter[str]()
    for articles in _stories(graph).values():
        dates = defaultdict[str, list[datetime]](list)
        first = min(graph.nodes[article]["published_at"] for article in articles)
        for article in articles:
            provider = _target(graph, article, "publisher")
            if provider:
                dates[provider].append(graph.nodes[article]["published_at"])
        stories.update(dates.keys())
        firsts.update(provider for provider, found in dates.items() if first in found)
    rows = ((Iri(base + node), graph.nodes[node]["name"], count, stories[node]) for node, count in firsts.items())
    return _ordered(rows, -3, 4, 2, 1)


def co_covering_providers(graph: Graph[str], base: str, least: int | None = 2) -> Rows:
    rows = (
        (Iri(base + one), graph.nodes[one]["name"], Iri(base + two), graph.nodes[two]["name"], count, least)
        for (one, two), count in Counter(_pairs(graph)).items()
        if least is None or count >= least
    )
    return _ordered(rows, -5, 2, 4, 1, 3)


def topics_together(graph: Graph[str], base: str, least: int | None = 2) -> Rows:
    topics = defaultdict[str, set[str]](set)
    for article, topic in _edges(graph, "about"):
        topics[article].add(topic)
    counts = Counter(pair for found in topics.values() for pair in combinations(sorted(found), 2))
    rows = (
        (Iri(base + one), graph.nodes[one]["label"], Iri(base + two), graph.nodes[two]["label"], count, least)
        for (one, two), count in counts.items()
        if least is None or count >= least
    )
    return _ordered(rows, -5, 2, 4, 1, 3)


def syndicated(graph: Graph[str], base: str) -> Rows:
    rows: Rows = []
    for article, platform in _edges(graph, "distributor"):
        data = graph.nodes[article]
        name = _name(graph, article)
        publisher = _target(graph, article, "publisher")
        label = graph.edges[article, publisher, "publisher"].get("label") if publisher else None
        originals: list[Iri | None] = [Iri(url) for kind, url in data.get("variants", ()) if kind == "original"]
        for original in originals or [None]:
            distributor = graph.nodes[platform]["name"]
            written = None if label == name else label
            rows.append((Iri(base + article), data.get("title"), name, distributor, written, original))
    return _ordered(rows, 3, 1, 4, 6)


def most_related(graph: Graph[str], base: str) -> Rows:
    counts = Counter(target for _, target in _edges(graph, "related"))
    return _ordered(((*_listed(graph, base, node)[:3], count) for node, count in counts.items()), -4, 1)


def without_related(graph: Graph[str], base: str) -> Rows:
    lists = {start for start, _ in _edges(graph, "related")}
    listed = Counter(target for _, target in _edges(graph, "related"))
    rows = ((*_listed(graph, base, node), listed[node]) for node, _ in _nodes(graph, "article") if node not in lists)
    return _ordered(rows, 5, 4, 1)


def _by_provider(graph: Graph[str]) -> dict[str, Counter[str]]:
    """Return each topic's number of articles by provider."""
    found = defaultdict[str, Counter[str]](Counter)
    for article, topic in _edges(graph, "about"):
        provider = _target(graph, article, "publisher")
        if provider:
            found[topic][provider] += 1
    return found


def topics_of_one_provider(graph: Graph[str], base: str) -> Rows:
    rows = (
        (Iri(base + topic), graph.nodes[topic]["label"], Iri(base + provider), graph.nodes[provider]["name"], count)
        for topic, counts in _by_provider(graph).items()
        if len(counts) == 1
        for provider, count in counts.items()
    )
    return _ordered(rows, -5, 2, 1)


def topic_diversity(graph: Graph[str], base: str) -> Rows:
    rows: Rows = []
    for topic, counts in _by_provider(graph).items():
        largest, articles = max(counts.values()), counts.total()
        partition = int(Fraction(100 * largest, articles) + Fraction(1, 2))
        rows.append((Iri(base + topic), graph.nodes[topic]["label"], articles, len(counts), largest, partition))
    return _ordered(rows, -4, 6, 2, 1)


def disagreements(graph: Graph[str], base: str) -> Rows:
    rows = (
        (Iri(base + node), data.get("title"), other, _name(graph, node), len({name for name, _ in data["sources"]}))
        for node, data in _nodes(graph, "article")
        for other in data.get("titles", ())
        if other != data.get("title")
    )
    return _ordered(rows, 1, 3)


def amp_variants(graph: Graph[str], base: str) -> Rows:
    kinds = {"amphtml": "AMP page", "cachedCopy": "cached copy"}
    rows = (
        (Iri(base + node), data.get("title"), kinds[kind], Iri(page), Iri(data["url"]) if "url" in data else None)
        for node, data in _nodes(graph, "article")
        for kind, page in data.get("variants", ())
        if kind in kinds
    )
    return _ordered(rows, 1, 3, 4)


def shared_images(graph: Graph[str], base: str) -> Rows:
    articles = defaultdict[str, set[str]](set)
    for node, data in _nodes(graph, "article"):
        for image in data.get("images", ()):
            articles[image["url"]].add(node)
    rows = (
        (Iri(url), len(nodes), len({_target(graph, node, "publisher") for node in nodes} - {None}))
        for url, nodes in articles.items()
        if len(nodes) > 1 and not url.startswith(base)
    )
    return _ordered(rows, -2, -3, 1)


def drafts(graph: Graph[str], base: str) -> Rows:
    rows = (
        (*_listed(graph, base, node), data.get("quality"))
        for node, data in _nodes(graph, "article")
        if data.get("status") == "draft"
    )
    return _ordered(rows, -5, 4, 1)


def unknown_heat(graph: Graph[str], base: str) -> Rows:
    rows = (
        (*_listed(graph, base, node), data.get("quality"))
        for node, data in _nodes(graph, "article")
        if "heat" not in data
    )
    return _ordered(rows, -5, 4, 1)


def co_coverage_network(graph: Graph[str], base: str) -> Triples:
    found: Triples = set()
    for pair in _pairs(graph):
        for one, two in (pair, pair[::-1]):
            node = Iri(base + one)
            found.add((node, Iri(vocabulary.TYPE), Iri(vocabulary.ORGANIZATION)))
            found.add((node, Iri(vocabulary.NAME), graph.nodes[one]["name"]))
            found.add((node, Iri(vocabulary.DCTERMS + "relation"), Iri(base + two)))
    return found


def describe_article(graph: Graph[str], base: str, article: Iri | None = None) -> Triples:
    if article is None:
        rows = ((Iri(base + node), data.get("published_at")) for node, data in _nodes(graph, "article"))
        article = _ordered(rows, -2, 1)[0][0]  # type: ignore[assignment]  # the first cell is an IRI
    return {triple for triple in _triples(graph, base) if triple[0] == article}


def _triples(graph: Graph[str], base: str) -> Iterator[tuple[Iri, Iri, Cell]]:
    for subject, predicate, value in triples(graph, base=base):
        assert isinstance(subject, ox.NamedNode)
        if isinstance(value, ox.NamedNode):
            yield Iri(subject.value), Iri(predicate.value), Iri(value.value)
        elif isinstance(value, ox.Literal):
            yield Iri(subject.value), Iri(predicate.value), cell(value.value, value.datatype.value)


def dataset_counts(graph: Graph[str], base: str) -> Rows:
    classes = Counter[Iri]()
    properties = Counter[Iri]()
    for _, predicate, value in _triples(graph, base):
        properties[predicate] += 1
        if predicate.value == vocabulary.TYPE and isinstance(value, Iri):
            classes[value] += 1
    rows: Rows = [("class", term, number) for term, number in classes.items()]
    rows += [("property", term, number) for term, number in properties.items()]
    return _ordered(rows, 1, -3, 2)


def articles_between(graph: Graph[str], base: str, since: date | None = None, until: date | None = None) -> Rows:
    rows = (
        (*_listed(graph, base, node), since, until)
        for node, data in _nodes(graph, "article")
        if "published_at" in data
        and (since is None or data["published_at"].date() >= since)
        and (until is None or data["published_at"].date() <= until)
    )
    return _ordered(rows, 4, 1)


def busiest_days(graph: Graph[str], base: str) -> Rows:
    days = defaultdict[date, list[str | None]](list)
    for node, data in _nodes(graph, "article"):
        if "published_at" in data:
            days[data["published_at"].date()].append(_target(graph, node, "publisher"))
    weekdays = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    rows = (
        (day, weekdays[day.weekday()], len(publishers), len(set(publishers) - {None}))
        for day, publishers in days.items()
    )
    return _ordered(rows, -3, 1)


def topic_tree(graph: Graph[str], base: str) -> Rows:
    articles = Counter(topic for _, topic in _edges(graph, "about"))
    parents = defaultdict[str, list[str]](list)
    for topic, parent in _edges(graph, "broader"):
        parents[topic].append(parent)
    rows: Rows = []
    for topic, data in _nodes(graph, "topic"):
        for parent in parents[topic]:
            label = graph.nodes[parent]["label"]
            rows.append((Iri(base + topic), data["label"], Iri(base + parent), label, articles[topic]))
        if not parents[topic]:
            rows.append((Iri(base + topic), data["label"], None, None, articles[topic]))
    return _ordered(rows, 4, 2, 1, 3)


def video_channels(graph: Graph[str], base: str) -> Rows:
    counts = Counter(
        target for video, target in _edges(graph, "publisher") if graph.nodes[video].get("media") == "video"
    )
    rows = (
        (Iri(base + node), graph.nodes[node]["name"], graph.nodes[node].get("platform"), count)
        for node, count in counts.items()
    )
    return _ordered(rows, -4, 2, 1)


def articles_of_source(graph: Graph[str], base: str, source: str | None = None) -> Rows:
    found = {(name, node) for node, data in _nodes(graph, "article") for name, _ in data["sources"]}
    rows = (
        (name, *_listed(graph, base, node)[:3], source_iri(base, name))
        for name, node in found
        if source in (None, name)
    )
    return [row[:-1] for row in _ordered(rows, 1, 2, 5)]


def articles_of_provider(graph: Graph[str], base: str, provider: str | None = None) -> Rows:
    rows: Rows = []
    for article, publisher in _edges(graph, "publisher"):
        data = graph.nodes[publisher]
        if provider is None or provider.lower() in (data["name"].lower(), data.get("domain", "").lower()):
            listed, title, name, published = _listed(graph, base, article)
            rows.append((listed, title, published, Iri(base + publisher), name, provider))
    return _ordered(rows, -3, 1)


def is_known(graph: Graph[str], base: str, page: Iri | None = None) -> bool:
    pages = {Iri(data["url"]) for _, data in _nodes(graph, "article") if "url" in data}
    pages |= {Iri(url) for _, data in _nodes(graph, "article") for _, url in data.get("variants", ())}
    return bool(pages) if page is None else page in pages


ANSWERS: dict[str, Answer] = {
    function.__name__.replace("_", "-"): function
    for function in (
        top_providers,
        topic_timeline,
        first_on_story,
        often_first,
        co_covering_providers,
        topics_together,
        syndicated,
        most_related,
        without_related,
        topics_of_one_provider,
        topic_diversity,
        disagreements,
        amp_variants,
        shared_images,
        drafts,
        unknown_heat,
        co_coverage_network,
        describe_article,
        dataset_counts,
        articles_between,
        busiest_days,
        topic_tree,
        video_channels,
        articles_of_source,
        articles_of_provider,
        is_known,
    )
}
"""The function that answers each query, by the name of its file."""
