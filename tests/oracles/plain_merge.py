"""The merge as DESIGN tells it in sections 4 and 5, said a second time and as plainly as can be.

It is slow and straightforward on purpose, shares no code with graphkit.merge.articles, and works on the same mentions. A fact
that DESIGN leaves open (ties between names, say) follows the docstrings of graphkit.merge.articles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec

from graphkit.identity.article_keys import article_id, is_title_key, title_key
from graphkit.identity.folding import fold, letters, topic_id
from graphkit.identity.identification import Facts
from graphkit.merge.mentions import Corpus, Mention
from graphkit.records.entry import TopicEntry

LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)
CHOSEN = (
    "title",
    "excerpt",
    "published_at",
    "updated_at",
    "url",
    "media",
    "quality",
    "heat",
    "status",
    "language",
)


def merged(corpus: Corpus) -> dict[str, Any]:
    """Return articles, providers and topics by id, related links by pair, and disagreements by field."""
    original = list(set(corpus.mentions))
    mentions = moved_mentions(original)
    names = own_domains(mentions)
    keys = {mention: final_key(mention, mentions, names) for mention in mentions}
    id_of_raw_key = {mention.facts.key: article_id(keys[mention]) for mention in mentions}
    for before, after in zip(original, mentions, strict=True):
        id_of_raw_key[before.facts.key] = article_id(keys[after])
    groups: dict[str, list[Mention]] = {}
    for mention in mentions:
        groups.setdefault(article_id(keys[mention]), []).append(mention)
    return {
        "articles": {node: article(group, names) for node, group in groups.items()},
        "providers": providers(groups, names),
        "topics": topics(groups, corpus),
        "related": related(mentions, id_of_raw_key),
        "disagreements": disagreements(groups, names),
    }


# --- addresses that records declare


def moved_mentions(mentions: list[Mention]) -> list[Mention]:
    """Return each mention with the key of the article that it belongs to as records declare their addresses."""
    own = {mention.facts.key for mention in mentions if not is_title_key(mention.facts.key)}
    arrows: set[tuple[str, str]] = set()
    for declared in own:
        some = [
            (mention, relation)
            for mention in mentions
            if mention.facts.key in own
            for relation, other in mention.facts.declared
            if other == declared
        ]
        if len({mention.facts.key for mention, _ in some}) != 1 or not has_path(declared):
            continue
        titles = {fold(mention.facts.title) for mention in mentions if mention.facts.key == declared} - {""}
        for mention, relation in some:
            key = mention.facts.key
            if has_path(key) and fold(mention.facts.title) in titles:
                arrows.add((key, declared) if relation == "original" else (declared, key))
    return [moved(mention, arrows, mentions) for mention in mentions]


def has_path(key: str) -> bool:
    return any(sign in key for sign in "/?")


def moved(mention: Mention, arrows: set[tuple[str, str]], mentions: list[Mention]) -> Mention:
    """Follow the only arrow of each key; in a circle the smallest key stays."""
    key, passed = mention.facts.key, []
    while key not in passed:
        passed.append(key)
        ends = [end for start, end in arrows if start == key]
        if len(ends) != 1:
            break
        key = ends[0]
    else:
        key = min(passed[passed.index(key) :])
    if key == mention.facts.key:
        return mention
    there = {address for other in mentions if other.facts.key == key for _, address in other.facts.variants}
    variants = {*mention.facts.variants, *([] if mention.facts.url in there else [("original", mention.facts.url)])}
    facts = msgspec.structs.replace(mention.facts, key=key, url="", variants=tuple(sorted(variants)))
    return msgspec.structs.replace(mention, facts=facts)


# --- the order of winning


def strength(mention: Mention, value: Any) -> tuple[bool, bool, datetime, float, Any]:
    """The publisher's own beats a copy, own beats related, then the later edition, the higher quality, the larger value."""
    facts = mention.facts
    quality = float("-inf") if facts.quality is None else facts.quality
    is_own = mention.parent == ""
    dates = [date for date in (facts.published_at, facts.updated_at, LONG_AGO) if date]
    return is_own and not facts.distributor, is_own, max(dates), quality, value


def winner(group: Iterable[Mention], value_of: Callable[[Mention], Any]) -> Any:
    """Return the winning value; None where no mention knows one."""
    known = [mention for mention in group if value_of(mention) not in (None, "")]
    if not known:
        return None
    return value_of(max(known, key=lambda mention: strength(mention, value_of(mention))))


def article(group: list[Mention], names: dict[str, str]) -> dict[str, Any]:
    facts = [mention.facts for mention in group]
    result: dict[str, Any] = {
        name: winner(group, lambda mention, name=name: getattr(mention.facts, name))  # type: ignore[misc]
        for name in CHOSEN
    }
    result["published_at"], result["updated_at"] = dates_of(group)
    result["titles"] = {each.title for each in facts if each.title}
    result["categories"] = {category for each in facts for category in each.categories}
    result["topics"] = {topic_id(label) for each in facts for label in each.topics}
    result["variants"] = {
        (kind, address)
        for each in facts
        for kind, address in (*each.variants, ("original", each.url))
        if address not in ("", result["url"])
    }
    result["images"] = {
        image.url: max(
            (other.width, other.height) for every in facts for other in every.images if other.url == image.url
        )
        for each in facts
        for image in each.images
    }
    result["sources"] = {(mention.source, mention.pointer) for mention in group}
    # Publisher and distributor are what one label says, so they win together.
    publisher = winner(group, lambda mention: mention.facts.publisher)
    result["publisher"] = provider_id(publisher, names) if publisher else None
    result["publisher_label"] = publisher.label if publisher else None
    distributors = {each.distributor.id for each in facts if each.publisher == publisher and each.distributor}
    assert len(distributors) <= 1
    result["distributor"] = next(iter(distributors), None)
    return result


def dates_of(group: list[Mention]) -> tuple[datetime | None, datetime | None]:
    """Return the first date of publication and the last date of any kind that is not it.

    If an own record has any date, related mentions have no say.
    """
    believed = [mention.facts for mention in group if mention.parent == ""]
    if not any(each.published_at or each.updated_at for each in believed):
        believed = [mention.facts for mention in group]
    published = {each.published_at for each in believed if each.published_at}
    first = min(published, default=None)
    later = (published - {first}) | {each.updated_at for each in believed if each.updated_at}
    return first, max(later, default=None)


def disagreements(groups: dict[str, list[Mention]], names: dict[str, str]) -> dict[str, int]:
    """Count the articles of whose mentions two know different values, field by field."""
    found: dict[str, int] = {}
    for group in groups.values():
        for name in CHOSEN:
            values = {getattr(mention.facts, name) for mention in group} - {None, ""}
            if len(values) > 1 and name != "url":
                found[name] = found.get(name, 0) + 1
        if len({provider_id(mention.facts.publisher, names) for mention in group if mention.facts.publisher}) > 1:
            found["provider"] = found.get("provider", 0) + 1
    return found


# --- entries without URL


def title_key_of(facts: Facts, names: dict[str, str]) -> str:
    return title_key(facts.title, provider_id(facts.publisher, names) if facts.publisher else "", facts.published_at)


def final_key(mention: Mention, mentions: list[Mention], names: dict[str, str]) -> str:
    """Return the key of an article: its URL's, or that of the one URL with the same title, provider and date."""
    facts = mention.facts
    if not is_title_key(facts.key):
        return facts.key
    if not (fold(facts.title) and facts.publisher and facts.published_at):
        return facts.key  # which names its place
    keys = {
        other.facts.key
        for other in mentions
        if not is_title_key(other.facts.key) and title_key_of(other.facts, names) == title_key_of(facts, names)
    }
    if len(keys) == 1:
        return next(iter(keys))
    return title_key_of(facts, names)


# --- providers


def refs_of(group: Iterable[Mention]) -> set[Any]:
    return {ref for mention in group for ref in (mention.facts.publisher, mention.facts.distributor) if ref}


def own_domains(mentions: list[Mention]) -> dict[str, str]:
    """Return what each bare name stands for, by its own id.

    It is the only provider with a domain of its own that goes by the name, or by its letters if nobody goes by the name.
    Where nobody has the letters, spellings on one aggregator are one provider, that of most words.
    """
    refs = {ref for mention in mentions for ref in refs_of([mention])}
    at_home = {ref for ref in refs if ref.domain and not ref.platform and ref.name and not ref.by_name}
    result = {}
    for ref in refs:
        if not ref.by_name:
            continue
        same_name = {other.id for other in at_home if fold(other.name) == fold(ref.name)}
        same_letters = {other.id for other in at_home if letters(other.name) == letters(ref.name)}
        if not same_letters:
            spellings = {
                other.id
                for other in refs
                if other.by_name and other.domain == ref.domain and letters(other.name) == letters(ref.name)
            }
            result[ref.id] = min(spellings, key=lambda one: (-one.count("-"), one))
        for owners in (same_letters, same_name):
            if owners:
                result[ref.id] = next(iter(owners)) if len(owners) == 1 else ref.id
    return result


def provider_id(ref: Any, names: dict[str, str]) -> str:
    return str(names.get(ref.id, ref.id))


def commonest(used: dict[str, set[str]]) -> str:
    return max(used, key=lambda text: (len(used[text]), text))


def providers(groups: dict[str, list[Mention]], names: dict[str, str]) -> dict[str, Any]:
    used: dict[str, dict[str, set[str]]] = {}
    about: dict[str, set[tuple[str, str]]] = {}
    for node, group in groups.items():
        for ref in refs_of(group):
            found = provider_id(ref, names)
            if ref.name:
                used.setdefault(found, {}).setdefault(ref.name, set()).add(node)
            if found == ref.id:
                about.setdefault(found, set()).add((ref.domain, ref.platform))
    result = {}
    for node, homes in about.items():
        domain, platform = max(homes)
        name = commonest(used[node]) if node in used else domain
        result[node] = {
            "name": name,
            "names": {name, *used.get(node, ())},
            "domain": domain,
            "platform": platform,
        }
    return result


# --- topics


def topics(groups: dict[str, list[Mention]], corpus: Corpus) -> dict[str, Any]:
    used: dict[str, dict[str, set[str]]] = {}
    for node, group in groups.items():
        for mention in group:
            for label in mention.facts.topics:
                used.setdefault(topic_id(label), {}).setdefault(label, set()).add(node)
    entries = [record.entry for record in corpus.topics if isinstance(record.entry, TopicEntry)]
    for entry in entries:
        for label in (entry.name, *entry.labels):
            used.setdefault(topic_id(entry.name), {}).setdefault(label, set())
        if entry.parent and topic_id(entry.parent) != topic_id(entry.name):
            used.setdefault(topic_id(entry.parent), {}).setdefault(entry.parent, set())
    result = {}
    for node, labels in used.items():
        files = [entry for entry in entries if topic_id(entry.name) == node]
        words = {word for entry in files for word in entry.keywords}
        parents = {topic_id(entry.parent) for entry in files if entry.parent}
        result[node] = {
            "label": max(entry.name for entry in files) if files else commonest(labels),
            "labels": set(labels),
            "keywords": {word for word in words if topic_id(word) != node and word not in labels},
            "broader": parents - {node},
        }
    return result


# --- related


def related(mentions: list[Mention], id_of_raw_key: dict[str, str]) -> dict[tuple[str, str], Any]:
    result: dict[tuple[str, str], Any] = {}
    for mention in mentions:
        if mention.parent:
            start, target = id_of_raw_key[mention.parent], id_of_raw_key[mention.facts.key]
            if start != target:
                link = result.setdefault((start, target), {"ranks": set(), "sources": set()})
                link["ranks"].add(mention.rank)
                link["sources"].add((mention.source, mention.pointer))
    return {pair: (min(link["ranks"]), link["sources"]) for pair, link in result.items()}
