"""The same graph as a plain program: PyYAML, networkx and rdflib, plain dicts in between.

This is the yardstick of `compare.py`, and an independent check of what graphkit writes: from the same
folder of good records it gives the same nodes, the same edges and the same triples. It shares with graphkit
only the policy (the canonical form of a URL, the ids of articles, providers and topics) and the terms of
the vocabulary; reading, merging, filling the graph and writing Turtle are its own. It has no diagnostics:
what is no record is passed over.
"""

from __future__ import annotations

import gzip
import html
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import quote

import networkx as nx
import yaml
from rdflib import XSD, Graph, Literal, URIRef

from graphkit.identity.article_keys import article_id
from graphkit.identity.folding import fold, letters, topic_id
from graphkit.identity.provider_refs import attribution_at, shows_own_domain
from graphkit.rdf import vocabulary
from graphkit.urls import canonical_url, web_address

Record = dict[str, Any]
Triple = tuple[URIRef, URIRef, URIRef | Literal]

BASE = vocabulary.DEFAULT_BASE
ENDINGS = (".md", ".markdown", ".txt", ".yaml", ".yml", ".json", ".jsonl")
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")

ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")

# The fields of which one value is chosen, where mentions of an article disagree.
CHOSEN = (
    "url",
    "title",
    "excerpt",
    "media",
    "quality",
    "heat",
    "status",
    "language",
)


# Reading


def read_folder(folder: Path) -> Iterator[tuple[str, str, Record]]:
    """Yield the file's name, the JSON Pointer in it and the fields of each record below the folder."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        ending = Path(name.name.lower().removesuffix(".gz")).suffix
        if ending not in ENDINGS or any(part.startswith(".") for part in name.parts) or not path.is_file():
            continue
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rt", encoding="utf-8-sig") as stream:
            text = stream.read()
        for pointer, record in read_records(text, ending):
            if isinstance(record, dict):
                yield name.as_posix(), pointer, record


def read_records(text: str, ending: str) -> Iterator[tuple[str, Any]]:
    """Yield the records in a file's text, each with its JSON Pointer."""
    if ending in (".md", ".markdown", ".txt"):
        before, opening, rest = text.partition("---\n")
        if opening and not before.strip():
            yield "", yaml.load(rest.partition("\n---")[0], yaml.CSafeLoader)
    elif ending in (".yaml", ".yml"):
        yield "", yaml.load(text, yaml.CSafeLoader)
    elif ending == ".jsonl":
        for number, line in enumerate(text.split("\n")):
            if line.strip():
                yield f"/{number}", json.loads(line)
    elif ending == ".json":
        value = json.loads(text)
        if isinstance(value, dict) and isinstance(value.get("value"), list):
            yield from ((f"/value/{index}", item) for index, item in enumerate(value["value"]))
        elif isinstance(value, list):
            yield from ((f"/{index}", item) for index, item in enumerate(value))
        else:
            yield "", value


# Decoding: one mention of an article from one entry


def clean(value: Any) -> str:
    """Return text without control characters and without white space around it."""
    if value is None or isinstance(value, dict | list):
        return ""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    text = ENTITY.sub(lambda match: html.unescape(match[0]), text)
    return NOT_IN_XML.sub("\ufffd", text).replace("\r\n", "\n").replace("\r", "\n").strip()


def one_line(value: Any) -> str:
    """Return clean text on one line, with single spaces."""
    return " ".join(clean(value).split())


def address(value: Any) -> str:
    """Return a web address as an IRI, empty where there is none that can be used."""
    url = web_address.tidy(value) if isinstance(value, str) else ""
    return url if len(url) <= web_address.MAX_URL else ""


def number(value: Any) -> int | None:
    """Return a whole number, or None."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def moment(value: Any) -> datetime | None:
    """Return a moment in UTC from ISO 8601 text, or from the date or time that YAML has found."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    elif isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if not isinstance(value, datetime):
        return None
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def labels(values: Any) -> list[str]:
    """Return the labels in a list, without its nulls."""
    return [label for label in map(one_line, values if isinstance(values, list) else []) if label]


def images_of(values: Any) -> list[tuple[str, int, int]]:
    """Return address, width and height of each image; 0 where unknown."""
    images = []
    for value in values or []:
        image = {"url": value} if isinstance(value, str) else value or {}
        url = address(image.get("url"))
        if url:
            width, height = number(image.get("width")) or 0, number(image.get("height")) or 0
            images.append((url, max(width, 0), max(height, 0)))
    return images


def status_of(entry: Record) -> str:
    """Return what the curator's site has done with the entry."""
    if entry.get("removed"):
        return "removed"
    published = entry.get("published")
    return "" if published is None else "published" if published else "draft"


def addresses_of(entry: Record) -> tuple[str, str, set[tuple[str, str]]]:
    """Return canonical URL, match key and the other addresses of an entry."""
    url = key = ""
    variants = set()
    for kind, field in (
        ("", "webUrl"),
        ("original", "originalUrl"),
        ("amphtml", "ampWebUrl"),
        ("cachedCopy", "cdnAmpWebUrl"),
    ):
        written = address(entry.get(field))
        if not written:
            continue
        receipt = canonical_url.receipt(written)
        if not url and len(receipt.url) <= web_address.MAX_URL:
            url, key = receipt.url, receipt.key
        if kind == "original" and receipt.key == key and not receipt.amp:
            continue
        relation = receipt.amp or kind
        if relation and written != url:
            variants.add((relation, written))
    return url, key, variants


def mention_of(entry: Record) -> Record:
    """Return what an entry says of its article."""
    url, key, variants = addresses_of(entry)
    title = one_line(entry.get("title"))
    provider = entry.get("provider")
    if not isinstance(provider, dict):
        provider = {"name": provider}
    host = key.partition("/")[0]
    publisher, distributor, _ = attribution_at(one_line(provider.get("name")), clean(provider.get("domain")), host)
    published_at = moment(entry.get("publishedDateTime"))
    heat = number(entry.get("heat"))
    return {
        "key": key or title_key_of(title, publisher.id if publisher else "", published_at),
        "url": url,
        "variants": variants,
        "title": title,
        "excerpt": clean(entry.get("excerpt")),
        "published_at": published_at,
        "updated_at": moment(entry.get("updatedDateTime")),
        "media": clean(entry.get("type")).lower(),
        "quality": number(entry.get("quality")),
        "heat": heat if heat is None or heat >= 0 else None,
        "status": status_of(entry),
        "categories": {clean(entry.get("category")), *labels(entry.get("categories"))} - {""},
        "language": clean(entry.get("locale")),
        "publisher": publisher,
        "distributor": distributor,
        "topics": {*labels(entry.get("topics")), *labels(entry.get("tags"))},
        "images": images_of(entry.get("images")),
    }


def title_key_of(title: str, provider: str, published_at: datetime | None) -> str:
    """Return the key of an entry without any URL: it is known by its title, provider and date."""
    return "\t".join(("", fold(title), provider, published_at.isoformat() if published_at else ""))


def is_complete(key: str) -> bool:
    """Return whether a key is that of a URL, or of a title, a provider and a date."""
    return not key.startswith("\t") or all(key.split("\t")[1:4])


def mentions_of(entry: Record, source: str, pointer: str, parent: str = "", rank: int = 0) -> Iterator[Record]:
    """Yield the mention that an entry is, then those under `related`."""
    mention = mention_of(entry)
    if not (mention["title"] or mention["url"]):
        return
    if not is_complete(mention["key"]):
        mention["key"] = f"{mention['key']}\t{source}\t{pointer}"
    mention.update(source=(source, pointer), parent=parent, place=rank)
    # The publisher's own record counts first, then any record of its own, the later edition, the higher quality.
    quality = mention["quality"]
    dates = [mention[name] for name in ("published_at", "updated_at") if mention[name]]
    mention["rank"] = (
        not parent and not mention["distributor"],
        not parent,
        max(dates, default=datetime.min.replace(tzinfo=UTC)),
        float("-inf") if quality is None else quality,
    )
    yield mention
    for index, related in enumerate(entry.get("related") or []):
        if isinstance(related, dict):
            yield from mentions_of(related, source, f"{pointer}/related/{index}", mention["key"], index)


# Merging: from mentions to a networkx graph


def final_keys(groups: dict[str, list[Record]], home: dict[str, str]) -> dict[str, str]:
    """Return, by the key of an entry without URL, the key of the one article that it can be.

    Where there is none, or more than one, it is the key with the provider that its name stands for.
    """

    def resolved_title_key(mention: Record) -> str:
        publisher = mention["publisher"]
        return title_key_of(
            mention["title"], provider_id(publisher, home) if publisher else "", mention["published_at"]
        )

    keys_by_title_key = defaultdict(set)
    for key, group in groups.items():
        if not key.startswith("\t"):
            for mention in group:
                keys_by_title_key[resolved_title_key(mention)].add(key)
    final = {}
    for key, group in groups.items():
        if key.startswith("\t") and is_complete(key):
            full = resolved_title_key(group[0])
            keys = keys_by_title_key[full]
            final[key] = next(iter(keys)) if len(keys) == 1 else full
    return {key: other for key, other in final.items() if other != key}


def known(**attributes: Any) -> Record:
    """Return the attributes that are known; zero is."""
    return {name: value for name, value in attributes.items() if value or value == 0}


def by_article(
    mentions: list[Record],
) -> tuple[dict[str, list[Record]], dict[str, str], dict[str, str]]:
    """Return the mentions of each article by its id, the ids by key, and the homes of providers."""
    groups = defaultdict(list)
    for mention in mentions:
        groups[mention["key"]].append(mention)
    home = homes(groups.values())
    final = final_keys(groups, home)
    for key, other in final.items():
        groups[other] += groups.pop(key)
    ids = {key: article_id(key) for key in groups}
    articles = {ids[key]: group for key, group in groups.items()}
    return articles, ids | {key: ids[other] for key, other in final.items()}, home


def add_article(graph: nx.MultiDiGraph[str], node: str, group: list[Record], home: dict[str, str]) -> None:
    """Add one article with what all its mentions say."""
    chosen = {}
    for name in CHOSEN:
        values = [(mention["rank"], mention[name]) for mention in group if mention[name] not in (None, "")]
        chosen[name] = max(values)[1] if values else None
    chosen["published_at"], chosen["updated_at"] = dates_of(group)
    other_urls = {mention["url"] for mention in group} - {chosen["url"], ""}
    variants = {("original", url) for url in other_urls}.union(*(mention["variants"] for mention in group))
    sizes: dict[str, tuple[int, int]] = {}
    for url, width, height in (image for mention in group for image in mention["images"]):
        sizes[url] = max((width, height), sizes.get(url, (0, 0)))
    graph.add_node(
        node,
        kind="article",
        **known(
            **chosen,
            titles=tuple(sorted({mention["title"] for mention in group} - {""})),
            variants=tuple(sorted(variants)),
            categories=tuple(sorted(set().union(*(mention["categories"] for mention in group)))),
            images=tuple(
                known(url=url, width=width or None, height=height or None)
                for url, (width, height) in sorted(sizes.items())
            ),
            sources=tuple(sorted({mention["source"] for mention in group})),
        ),
    )
    provided = [mention for mention in group if mention["publisher"]]
    if provided:
        first = max(provided, key=lambda mention: (mention["rank"], mention["publisher"]))
        publisher, distributor = first["publisher"], first["distributor"]
        label = known(label=publisher.label)
        graph.add_edge(node, provider_id(publisher, home), key="publisher", **label)
        if distributor:
            graph.add_edge(node, provider_id(distributor, home), key="distributor")
    for topic in {topic_id(label) for mention in group for label in mention["topics"]}:
        graph.add_edge(node, topic, key="about")


def dates_of(group: list[Record]) -> tuple[datetime | None, datetime | None]:
    """Return the first date of publication, and the last date after it; records of its own count if they have any."""
    own = [mention for mention in group if not mention["parent"]]
    if not any(mention["published_at"] or mention["updated_at"] for mention in own):
        own = group
    published = sorted({mention["published_at"] for mention in own if mention["published_at"]})
    later = [*published[1:], *(mention["updated_at"] for mention in own if mention["updated_at"])]
    return (published[0] if published else None), max(later, default=None)


def add_relations(graph: nx.MultiDiGraph[str], mentions: list[Record], ids: dict[str, str]) -> None:
    """Add an edge from each article to the others that its records list."""
    listed = defaultdict(list)
    for mention in mentions:
        if mention["parent"] and ids[mention["parent"]] != ids[mention["key"]]:
            listed[ids[mention["parent"]], ids[mention["key"]]].append(mention)
    for (start, target), group in listed.items():
        graph.add_edge(
            start,
            target,
            key="related",
            rank=min(mention["place"] for mention in group),
            sources=tuple(sorted({mention["source"] for mention in group})),
        )


def providers_named(group: list[Record]) -> set[Any]:
    """Return the providers that an article's mentions name."""
    return {mention[role] for mention in group for role in ("publisher", "distributor")} - {None}


def homes(groups: Iterable[list[Record]]) -> dict[str, str]:
    """Return, by its own id, the provider that each bare name stands for.

    It is the one with a domain of its own that has the name, or else its letters; without any, the one on the same
    aggregator that spells the letters in most words.
    """
    named = {ref for group in groups for ref in providers_named(group)}
    own = list(filter(shows_own_domain, named))
    found = {}
    for ref in named:
        if ref.by_name:
            owners = {one.id for one in own if fold(one.name) == fold(ref.name)}
            owners = owners or {one.id for one in own if letters(one.name) == letters(ref.name)}
            alike = {
                one.id
                for one in named
                if one.by_name and one.domain == ref.domain and letters(one.name) == letters(ref.name)
            }
            if len(owners) == 1:
                found[ref.id] = owners.pop()
            elif not owners:
                found[ref.id] = min(alike, key=lambda one: (-one.count("-"), one))
    return found


def provider_id(ref: Any, home: dict[str, str]) -> str:
    """Return the node of a provider."""
    return cast("str", home.get(ref.id, ref.id))


def commonest(counter: Counter[str]) -> str:
    """Return the commonest text; of several, the largest."""
    return max(counter, key=lambda text: (counter[text], text))


def add_providers(graph: nx.MultiDiGraph[str], groups: Iterable[list[Record]], home: dict[str, str]) -> None:
    """Add the providers, each under its commonest name."""
    names: dict[str, Counter[str]] = defaultdict(Counter)
    about = defaultdict(set)
    for group in groups:
        refs = providers_named(group)
        for node, name in {(provider_id(ref, home), ref.name) for ref in refs}:
            names[node].update([name] if name else [])
        for ref in refs:
            about[ref.id].add((ref.domain, ref.platform))
    for node, counter in names.items():
        domain, platform = max(about[node])
        name = commonest(counter) if counter else domain
        graph.add_node(
            node,
            kind="provider",
            **known(name=name, names=tuple(sorted({name, *counter})), domain=domain, platform=platform),
        )


def add_topics(graph: nx.MultiDiGraph[str], groups: Iterable[list[Record]], records: list[Record]) -> None:
    """Add the topics that mentions and topic files name, each under one of its labels."""
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for group in groups:
        for label in set().union(*(mention["topics"] for mention in group)):
            seen[topic_id(label)][label] += 1
    given, keywords, broader = defaultdict(set), defaultdict(set), defaultdict(set)
    for record in records:
        name, parent = one_line(record.get("name")), one_line(record.get("parent"))
        if not name:
            continue
        node = topic_id(name)
        given[node].add(name)
        for label in (name, one_line(record.get("shortname"))):
            if label:
                seen[node][label] += 0
        keywords[node].update(labels(record.get("keywords")))
        if parent and topic_id(parent) != node:
            broader[node].add(topic_id(parent))
            seen[topic_id(parent)][parent] += 0
    for node, counter in seen.items():
        # A topic's label is no hidden label of it.
        hidden = {word for word in keywords[node] if topic_id(word) != node} - counter.keys()
        graph.add_node(
            node,
            kind="topic",
            label=max(given[node]) if given[node] else commonest(counter),
            labels=tuple(sorted(counter)),
            **known(keywords=tuple(sorted(hidden))),
        )
        for parent in broader[node]:
            graph.add_edge(node, parent, key="broader")


# Triples

# The terms of the vocabulary as rdflib has them, each made once: TERM.HEADLINE, TERM.ABOUT, …
TERM = SimpleNamespace(
    **{name: URIRef(iri) for name, iri in vars(vocabulary).items() if name.isupper() and isinstance(iri, str)}
)
MEDIA_CLASSES = {media: URIRef(iri) for media, iri in vocabulary.MEDIA_CLASSES.items()}
VARIANTS = {kind: URIRef(iri) for kind, iri in vocabulary.VARIANTS.items()}
STATUSES = {status: URIRef(iri) for status, iri in vocabulary.STATUSES.items()}


def triples_of(graph: nx.MultiDiGraph[str]) -> Iterator[Triple]:
    """Yield all triples of the graph, without the description of the dataset."""
    iris = {node: URIRef(BASE + node) for node in graph}
    sizes: dict[str, tuple[int, int]] = {}
    sources: dict[str, URIRef] = {}
    for node, data in graph.nodes(data=True):
        if data["kind"] == "article":
            yield from article_triples(iris[node], data)
            for image in data.get("images", ()):
                size = (image.get("width", 0), image.get("height", 0))
                sizes[image["url"]] = max(size, sizes.get(image["url"], size))
            for name in {name for name, _ in data["sources"]}:
                source = sources.setdefault(name, source_iri(name))
                yield iris[node], TERM.DERIVED_FROM, source
        elif data["kind"] == "provider":
            yield from provider_triples(iris[node], data)
        else:
            yield from topic_triples(iris[node], data)
    yield from edge_triples(graph, iris)
    yield from image_triples(sizes)
    for name, source in sources.items():
        yield source, TERM.TYPE, TERM.ENTITY
        yield source, TERM.LABEL, Literal(name)
    scheme = URIRef(BASE + "topics")
    yield scheme, TERM.TYPE, TERM.CONCEPT_SCHEME
    yield scheme, TERM.LABEL, Literal("Topics")


def source_iri(name: str) -> URIRef:
    """Return the IRI of a source file."""
    return URIRef(f"{BASE}source/" + quote(name, safe="/-._~!$&'()*+,;=:@"))


def article_triples(article: URIRef, data: Record) -> Iterator[Triple]:
    """Yield what the attributes of an article say."""
    media = data.get("media", "")
    yield article, TERM.TYPE, MEDIA_CLASSES.get(media, TERM.CREATIVE_WORK)
    if media and media not in MEDIA_CLASSES:
        yield article, TERM.MEDIA_TYPE, Literal(media)
    if "title" in data:
        title = Literal(data["title"])
        yield article, TERM.HEADLINE, title
        yield article, TERM.LABEL, title
        for other in data["titles"]:
            if other != data["title"]:
                yield article, TERM.ALTERNATIVE_HEADLINE, Literal(other)
    for name, term in (
        ("excerpt", TERM.DESCRIPTION),
        ("language", TERM.LANGUAGE),
        ("quality", TERM.QUALITY),
        ("heat", TERM.HEAT),
    ):
        if name in data:
            yield article, term, Literal(data[name])
    for name, term in (("published_at", TERM.DATE_PUBLISHED), ("updated_at", TERM.DATE_MODIFIED)):
        if name in data:
            text = data[name].isoformat().replace("+00:00", "Z")
            yield article, term, Literal(text, datatype=XSD.dateTime, normalize=False)
    if "url" in data:
        yield article, TERM.URL, URIRef(data["url"])
    for kind, url in data.get("variants", ()):
        yield article, VARIANTS[kind], URIRef(url)
    if "status" in data:
        yield article, TERM.STATUS, STATUSES[data["status"]]
    for category in data.get("categories", ()):
        yield article, TERM.SECTION, Literal(category)
    for image in data.get("images", ()):
        yield article, TERM.IMAGE, URIRef(image["url"])


def provider_triples(provider: URIRef, data: Record) -> Iterator[Triple]:
    """Yield what the attributes of a provider say."""
    yield provider, TERM.TYPE, TERM.ORGANIZATION
    name = Literal(data["name"])
    yield provider, TERM.NAME, name
    yield provider, TERM.LABEL, name
    for other in data.get("names", ()):
        if other != data["name"]:
            yield provider, TERM.ALTERNATE_NAME, Literal(other)
    if "domain" in data:
        yield provider, TERM.DOMAIN, Literal(data["domain"])
    if "platform" in data:
        yield provider, TERM.PLATFORM, Literal(data["platform"])
    elif "domain" in data:
        yield provider, TERM.URL, URIRef(f"https://{data['domain']}/")


def topic_triples(topic: URIRef, data: Record) -> Iterator[Triple]:
    """Yield what the attributes of a topic say."""
    yield topic, TERM.TYPE, TERM.CONCEPT
    yield topic, TERM.IN_SCHEME, URIRef(BASE + "topics")
    yield topic, TERM.PREF_LABEL, Literal(data["label"])
    for other in data["labels"]:
        if other != data["label"]:
            yield topic, TERM.ALT_LABEL, Literal(other)
    for keyword in data.get("keywords", ()):
        yield topic, TERM.HIDDEN_LABEL, Literal(keyword)


def edge_triples(graph: nx.MultiDiGraph[str], iris: dict[str, URIRef]) -> Iterator[Triple]:
    """Yield what the edges say; a publisher's label only where it is not the publisher's name."""
    terms = {
        "publisher": TERM.PUBLISHER,
        "distributor": TERM.DISTRIBUTOR,
        "about": TERM.ABOUT,
        "related": TERM.RELATED,
        "broader": TERM.BROADER,
    }
    for start, target, kind, data in graph.edges(keys=True, data=True):
        yield iris[start], terms[kind], iris[target]
        if "label" in data and data["label"] != graph.nodes[target]["name"]:
            yield iris[start], TERM.PUBLISHER_LABEL, Literal(data["label"])


def image_triples(sizes: dict[str, tuple[int, int]]) -> Iterator[Triple]:
    """Yield what is known of each image."""
    for url, (width, height) in sizes.items():
        image = URIRef(url)
        yield image, TERM.TYPE, TERM.IMAGE_OBJECT
        yield image, TERM.CONTENT_URL, image
        if width:
            yield image, TERM.WIDTH, Literal(width)
        if height:
            yield image, TERM.HEIGHT, Literal(height)


def dataset_triples(triples: list[Triple]) -> Iterator[Triple]:
    """Yield the description of the dataset that the triples are, with its counts."""
    dataset = URIRef(BASE + "dataset")
    yield dataset, TERM.TYPE, TERM.DATASET
    yield dataset, TERM.TYPE, TERM.DCAT_DATASET
    yield dataset, TERM.TITLE, Literal("Coverage graph")
    yield dataset, TERM.URI_SPACE, Literal(BASE)
    yield dataset, TERM.POLICY, Literal(canonical_url.POLICY_VERSION)
    yield dataset, TERM.TRIPLES, Literal(len(triples))
    yield dataset, TERM.ENTITIES, Literal(len({subject for subject, _, _ in triples}))
    classes = Counter(value for _, predicate, value in triples if predicate == TERM.TYPE)
    for name, count in classes.items():
        part = URIRef(f"{dataset}/class/{short(name)}")
        yield dataset, TERM.CLASS_PARTITION, part
        yield part, TERM.CLASS, name
        yield part, TERM.ENTITIES, Literal(count)
    properties = Counter(predicate for _, predicate, _ in triples)
    for name, count in properties.items():
        part = URIRef(f"{dataset}/property/{short(name)}")
        yield dataset, TERM.PROPERTY_PARTITION, part
        yield part, TERM.PROPERTY, name
        yield part, TERM.TRIPLES, Literal(count)


def short(iri: str) -> str:
    """Return the name of a term with its prefix."""
    prefix, space = next((prefix, space) for prefix, space in vocabulary.PREFIXES.items() if iri.startswith(space))
    return f"{prefix}-{iri.removeprefix(space)}"


# All together


def networkx_graph(folder: Path) -> nx.MultiDiGraph[str]:
    """Return the graph of all records below the folder."""
    mentions: list[Record] = []
    topics: list[Record] = []
    for source, pointer, record in read_folder(folder):
        if record.get("taxonomy") == "topic":
            topics.append(record)
        else:
            mentions += mentions_of(record, source, pointer)
    articles, ids, home = by_article(mentions)
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(policy=canonical_url.POLICY_VERSION)
    for node, group in articles.items():
        add_article(graph, node, group, home)
    add_relations(graph, mentions, ids)
    add_providers(graph, articles.values(), home)
    add_topics(graph, articles.values(), topics)
    return graph


def turtle(graph: nx.MultiDiGraph[str]) -> bytes:
    """Return the graph as Turtle."""
    result = Graph(bind_namespaces="none")
    for prefix, space in vocabulary.PREFIXES.items():
        result.bind(prefix, space)
    triples = list(triples_of(graph))
    for triple in triples:
        result.add(triple)
    for triple in dataset_triples(triples):
        result.add(triple)
    return result.serialize(format="turtle", encoding="utf-8")


def build(folder: str | Path) -> tuple[nx.MultiDiGraph[str], bytes]:
    """Return the graph of all records below the folder, and its Turtle."""
    graph = networkx_graph(Path(folder))
    return graph, turtle(graph)


def main() -> None:
    """Write the Turtle of a folder: plain_rdflib.py FOLDER OUT.ttl."""
    if len(sys.argv) != 3:
        sys.exit("usage: plain_rdflib.py FOLDER OUT.ttl")
    _, data = build(sys.argv[1])
    Path(sys.argv[2]).write_bytes(data)


if __name__ == "__main__":
    main()
