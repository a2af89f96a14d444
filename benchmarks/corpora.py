"""Make a corpus of any size, in the form and with the warts of real coverage records.

    python benchmarks/corpora.py FOLDER --records 10000 [--seed 1] [--form md|jsonl|jsonl.gz] [--processes 2]
    python benchmarks/corpora.py FOLDER --compare REAL_FOLDER

Articles come in stories of 40; an article lists others of its story, to the letter as most do, so that record n is the
same whatever the size of the corpus, and is made without knowing any other story. Providers and topics have heavy
tails. The rates of what is missing, of what disagrees and of what has no address are those that were counted in real
records; `--compare` prints both side by side.
"""

from __future__ import annotations

import argparse
import base64
import errno
import gzip
import json
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

from graphkit.formats.plain_yaml import load_plain
from graphkit.formats.yaml_faults import YamlError
from graphkit.formats.yaml_loader import load
from graphkit.merge.articles import merge
from graphkit.pipeline.local import in_memory
from graphkit.sources import finding

REPORTED = {
    "related entries a record": 5315 / 1803,
    "entries that are records": 5035 / 5315,
    "entries without address": 277 / 5315,
    "of these found again": 271 / 277,
    "published": 904 / 1803,
    "drafts": 788 / 1803,
    "without status": 111 / 1803,
    "files with CRLF": 57 / 1803,
    "null topics a record": 7 / 1803,
    "entries with another title": 118 / 5315,
    "entries with another quality": 92 / 5315,
    "entries with another published_at": 78 / 5315,
    "entries with another excerpt": 36 / 5315,
}
"""What the design reports of 1,803 real records with 5,315 related entries."""

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "corpora.json"

STORY = 40
"""The articles of a story."""
FOLDER = 1000
"""The files of a folder."""
PROVIDERS = 4000
TOPICS = 600

# Counted in real records: shares of records, and of related entries.
LISTS = 0.34  # records with a related list
LONGEST_LIST = 32
VIDEO = 0.055
AMP = 0.25
ON_AGGREGATOR = 0.05
TRACKED = 0.02
UNRATED = {"video": 0.55, "article": 0.034}  # quality, heat and status are missing together
UNKNOWN_HEAT = 0.39
PUBLISHED = 904 / (904 + 788)  # of those that have a status; the others are drafts
REMOVED = 0.002
WITH_LOGO = 0.37  # providers with images
WITHOUT_IMAGE = 0.04
NULL_TOPIC = 0.004
OFFSET_DATE = 0.03
NO_DATE = 0.004
CRLF = 0.0316
BOM = 0.003
BROKEN = 0.001
OTHER_TITLE, OTHER_QUALITY, OTHER_DATE, OTHER_EXCERPT = 0.023, 0.018, 0.015, 0.007
ELSEWHERE = 0.05  # related entries that are no record of their own

WORDS = (
    *("council", "harbour", "verdict", "drought", "election", "budget", "bridge", "vaccine", "tariff", "glacier"),
    *("court", "strike", "harvest", "satellite", "museum", "railway", "inflation", "curfew", "merger", "referendum"),
    *("outbreak", "pipeline", "ceasefire", "orchestra", "reactor", "summit", "refugee", "forest", "festival"),
    *("mortgage", "stadium", "cathedral", "algorithm", "wildfire", "senate", "fisheries", "turbine", "archive"),
    *("border", "protest", "treaty", "lawsuit", "tunnel", "earthquake", "ferry", "airport", "census", "water"),
    *("housing", "wages", "pension", "steel", "cobalt", "lithium", "orchard"),
)
VERBS = (
    *("faces", "delays", "approves", "rejects", "widens", "halts", "reopens"),
    *("defends", "questions", "revives", "doubles", "loses", "wins", "cuts"),
)
PLACES = (
    *("Lisbon", "Oslo", "Nairobi", "Lima", "Osaka", "Kraków", "Málaga", "Zürich"),
    *("Łódź", "Accra", "Hanoi", "Quito", "Perth", "Tromsø", "Cork", "Ghent"),
)
ODD = ("“{}”", "{} – what we know", "{}: the full story", 'Why "{}" matters', "{} & more", "{} 🌍", "{} | Live")
ENDINGS = ("", "-news", "-media", "-press")
AMP_FORMS = ("https://www.{}/{}/amp/", "https://www.{}/amp/{}/", "https://www.{}/{}/?amp=1", "https://www.{}/{}?amp")


class Provider(NamedTuple):
    """A provider as its articles name it."""

    name: str
    domain: str
    amp: str
    logo: bool = False


class Article(NamedTuple):
    """The facts of one article; `listed` are the numbers of those that it lists in its story."""

    number: int
    title: str
    excerpt: str
    date: str
    url: str
    amp: str
    cdn: str
    kind: str
    provider: Provider
    quality: int | None
    heat: int | None
    status: str
    topics: tuple[str, ...]
    image: str
    width: int
    height: int
    listed: tuple[int, ...]


def _provider(number: int, name: str = "") -> Provider:
    random = Random(f"provider {number}")
    if number % 23 == 5:
        return Provider(name or f"{random.choice(WORDS).title()} {random.choice(PLACES)} TV", "youtube.com", amp="")
    word, place = random.choice(WORDS), random.choice(PLACES)
    plain = place.encode("ascii", "ignore").decode().lower()
    domain = f"{word}-{plain}{number}{random.choice(ENDINGS)}.example"
    label = f"{place} {word.title()}" + (f" {number}" if number > 400 else "")
    amp = random.choice(AMP_FORMS) if random.random() < 0.5 else ""
    return Provider(label, domain, amp, random.random() < WITH_LOGO)


class Story:
    """The articles of a story, and their records."""

    def __init__(self, number: int, seed: int) -> None:
        self.first = number * STORY
        self.seed = seed
        self.random = random = Random(f"{seed} {number}")
        self.topic = _tail(random, TOPICS)
        self.words = random.sample(WORDS, 9)
        self.start = datetime(2018, 1, 1, tzinfo=UTC) + timedelta(minutes=random.randrange(60 * 24 * 365 * 5))
        self.articles = [self._article(self.first + index) for index in range(STORY)]

    def _article(self, number: int) -> Article:
        random = self.random
        chance = random.random
        video = chance() < VIDEO
        provider = _provider(_tail(random, PROVIDERS))
        if video != (provider.domain == "youtube.com"):
            place, word = random.choice(PLACES), random.choice(self.words).title()
            provider = (
                Provider(f"{place} {word} Channel", "youtube.com", amp="")
                if video
                else Provider(f"{place} {word} Daily", f"{word.lower()}-daily.example", AMP_FORMS[0])
            )
        elif not video and chance() < ON_AGGREGATOR:
            provider = Provider(f"{provider.name} on MSN", "msn.com", amp="")
        subject = " ".join(random.sample(self.words, 3))
        deed = f"{random.choice(VERBS)} the {random.choice(self.words)} of {random.choice(PLACES)}"
        title = f"{random.choice(PLACES)} {subject} {deed} {number}"
        if chance() < 0.12:
            title = random.choice(ODD).format(title)
        sentences = [
            f"The {' '.join(random.sample(self.words, random.randint(7, 9)))} of {random.choice(PLACES)} and then some."
            for _ in range(random.choice((1, 2, 2, 3)))
        ]
        excerpt = ("\\r\\n" if chance() < 0.02 else " ").join(sentences)
        moment = self.start + timedelta(minutes=random.randrange(60 * 24 * 9))
        date = "" if chance() < NO_DATE else moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        if date and chance() < OFFSET_DATE:
            date = moment.strftime("%Y-%m-%dT%H:%M:%S+02:00")
        slug = f"{'-'.join(subject.split())}-{number}"
        if video:
            url = f"https://youtube.com/watch?v={_token(random, 11)}"
        elif provider.domain == "msn.com":
            url = f"https://www.msn.com/en-us/news/{slug}/ar-{_token(random, 7)}"
        else:
            url = f"https://www.{provider.domain}/{moment:%Y/%m/%d}/{slug}/"
        amp = cdn = ""
        if provider.amp and chance() < 2 * AMP:
            amp = provider.amp.format(provider.domain, f"{moment:%Y/%m/%d}/{slug}")
            cdn = f"https://www-{provider.domain.replace('-', '--').replace('.', '-')}.cdn.ampproject.org/c/s/{amp[8:]}"
        kind = "video" if video else "article"
        quality = None if chance() < UNRATED[kind] else random.randint(11, 189)
        heat = -1 if chance() < UNKNOWN_HEAT else quality if chance() < 0.88 else random.randint(0, 180)
        status = "" if quality is None else "published" if chance() < PUBLISHED else "draft"
        listed: tuple[int, ...] = ()
        if chance() < LISTS:
            count = min(LONGEST_LIST, 1 + int(random.expovariate(1 / 8.7)))
            others = [one for one in range(self.first, self.first + STORY) if one != number]
            listed = tuple(random.sample(others, count))
        topics = [_topic(self.topic)]
        if chance() < 0.1:
            topics.append(_topic(_tail(random, TOPICS)))
        if chance() < NULL_TOPIC:
            topics.append("null")
        return Article(
            number,
            title,
            excerpt,
            date,
            url,
            amp,
            cdn,
            kind,
            provider,
            quality,
            None if quality is None else heat,
            "removed" if status and chance() < REMOVED else status,
            tuple(dict.fromkeys(topics)),
            ""
            if chance() < WITHOUT_IMAGE
            else f"https://img.{provider.domain}/{moment:%Y/%m}/{slug}-{_token(random, 16)}.jpg",
            random.choice((640, 1200, 1280, 1600)),
            random.choice((360, 630, 720, 900)),
            listed,
        )

    def record(self, number: int, *, well_formed: bool = False) -> bytes:
        """Return the record of an article as the bytes of its file."""
        article = self.articles[number - self.first]
        random = Random(f"{self.seed} record {number}")
        lines = [
            "---",
            "category: news",
            f'title: "{_quoted(article.title)}"',
            f'excerpt: "{_quoted(article.excerpt)}"',
        ]
        if article.date:
            lines.append(f"publishedDateTime: {article.date}")
        tracked = "?utm_source=feed&utm_medium=rss" if random.random() < TRACKED and article.kind == "article" else ""
        lines.append(f'originalUrl: "{article.url}{tracked}"')
        if article.kind == "article":
            lines.append(f'webUrl: "{article.url}"')
        lines += [f'ampWebUrl: "{article.amp}"', f'cdnAmpWebUrl: "{article.cdn}"'] if article.amp else []
        lines.append(f"type: {article.kind}")
        lines += [f"quality: {article.quality}"] if article.quality is not None else []
        lines += [f"heat: {article.heat}"] if article.heat is not None else []
        lines += [f"published: {'false' if article.status == 'draft' else 'true'}"] if article.status else []
        lines += ["removed: true"] if article.status == "removed" else []
        lines += ["", "provider:", f"  name: {article.provider.name}", f"  domain: {article.provider.domain}"]
        if article.provider.logo:
            lines += ["  images:", f'    - url: "https://logos.example/{article.provider.domain}-50x50.jpg"']
            lines += ["      width: 50", "      height: 50"]
        lines += ["", "topics:", *(f"  - {topic}" for topic in article.topics)]
        if article.image:
            lines += ["", "images:", f'  - url: "{article.image}"', f"    width: {article.width}"]
            lines += [f"    height: {article.height}", "    isCached: true"]
        lines.append("")
        if article.kind == "video":
            frame = (
                f'<iframe width=\\"800\\" height=\\"500\\" src=\\"https://www.youtube.com/embed/{article.url[-11:]}\\">'
            )
            lines += [f'featuredContent: "{frame}</iframe>"', ""]
        if article.listed:
            lines.append("related:")
            for other in article.listed:
                lines += self._entry(other, random, elsewhere=random.random() < ELSEWHERE)
            lines.append("")
        cipher, key = (
            base64.b64encode(random.randbytes(size)).decode()
            for size in (random.choice((272, 272, 272, 272, 336, 400)), 16)
        )
        lines += [f'secured: "{cipher};{key}"', "---", ""]
        text = "\n".join(lines)
        coding = "utf-8"
        if random.random() < BROKEN and not well_formed:
            wart = random.choice(("no front matter", "unclosed quote", "Latin-1"))
            if wart == "no front matter":
                text = text[4:]
            elif wart == "unclosed quote":
                text = text.replace('"\nexcerpt', "\nexcerpt", 1)
            else:
                text, coding = text.replace('excerpt: "', 'excerpt: "é ', 1), "latin-1"
        if random.random() < CRLF:
            text = text.replace("\n", "\r\n")
        return (b"\xef\xbb\xbf" if random.random() < BOM else b"") + text.encode(coding, "replace")

    def _entry(self, number: int, random: Random, *, elsewhere: bool) -> list[str]:
        """Return the lines of an entry under `related`."""
        article = self.articles[number - self.first]
        title, excerpt, date, quality, url = article.title, article.excerpt, article.date, article.quality, article.url
        if elsewhere:
            url, title = f"{url}more-{random.randrange(99)}", f"{title} elsewhere"
        if random.random() < OTHER_TITLE:
            title = f"{title} (updated)"
        if random.random() < OTHER_QUALITY and quality is not None:
            quality = quality % 189 + 1
        if random.random() < OTHER_DATE and date and article.kind == "article":
            date = f"{date[:17]}{(int(date[17:19]) + 7) % 60:02}{date[19:]}"
        if random.random() < OTHER_EXCERPT:
            excerpt = excerpt[: len(excerpt) // 2].rstrip("\\")
        lines = [f'  - title: "{_quoted(title)}"', f'    excerpt: "{_quoted(excerpt)}"']
        lines += [f"    publishedDateTime: {date}"] if date else []
        lines.append(f'    webUrl: "{url if article.kind == "article" or elsewhere else ""}"')
        lines += (
            [f'    ampWebUrl: "{article.amp}"', f'    cdnAmpWebUrl: "{article.cdn}"']
            if article.amp and not elsewhere
            else []
        )
        lines += [f"    type: {article.kind}", "    provider:"]
        lines += [f"      name: {article.provider.name}", f"      domain: {article.provider.domain}"]
        lines += [f"    quality: {quality}"] if quality is not None else []
        if article.image:
            lines += ["    images:", f'      - url: "{article.image}"', f"        width: {article.width}"]
            lines += [f"        height: {article.height}", "        isCached: true"]
        return lines


def _quoted(text: str) -> str:
    return text.replace('"', '\\"')


def _topic(number: int) -> str:
    random = Random(f"topic {number}")
    return f"{random.choice(WORDS).title()} {random.choice(WORDS)}" + (f" {number}" if number > 60 else "")


def _tail(random: Random, most: int) -> int:
    """Return a number with a heavy tail: few are common, many rare."""
    return int(most ** random.random()) - 1


def _token(random: Random, length: int) -> str:
    return base64.urlsafe_b64encode(random.randbytes(length)).decode()[:length]


# Writing


def file_name(number: int, article: Article) -> str:
    """Return the name of a record's file below the corpus."""
    words = "-".join(article.title.encode("ascii", "ignore").decode().lower().split()[:5])
    slug = "".join(sign for sign in words if sign.isalnum() or sign == "-").strip("-")
    return f"{number // FOLDER:04}/{slug}-{number:07}.md"


def records(first: int, last: int, seed: int, *, well_formed: bool = False) -> Iterator[tuple[str, bytes]]:
    """Yield names and contents of records from number `first` to before `last`; if `well_formed`, none is broken."""
    for number in range(first // STORY, -(-last // STORY)):
        story = Story(number, seed)
        for article in story.articles:
            if first <= article.number < last:
                yield file_name(article.number, article), story.record(article.number, well_formed=well_formed)


def write_corpus(
    folder: Path, count: int, *, seed: int = 1, form: str = "md", processes: int = 1, well_formed: bool = False
) -> None:
    """Write a corpus: a file for each record, or one of JSON Lines in each thousand stories' file.

    If `well_formed`, no record is broken, as for programs that end at the first that is.
    """
    size = STORY * 250
    parts = [(folder, first, min(first + size, count), seed, form, well_formed) for first in range(0, count, size)]
    if processes == 1:
        for part in parts:
            _write_part(part)
        return
    with ProcessPoolExecutor(processes) as pool:
        list(pool.map(_write_part, parts))


def _write_part(part: tuple[Path, int, int, int, str, bool]) -> None:
    folder, first, last, seed, form, well_formed = part
    folder.mkdir(parents=True, exist_ok=True)
    if form == "md":
        made = set()
        for name, data in records(first, last, seed, well_formed=well_formed):
            parent, _, _ = name.partition("/")
            if parent not in made:
                (folder / parent).mkdir(exist_ok=True)
                made.add(parent)
            with open(f"{folder}/{name}", "wb") as file:  # noqa: PTH123 - paths would take a third of the time
                file.write(data)
        return
    lines = b"".join(json_line(data) for _, data in records(first, last, seed, well_formed=well_formed))
    path = folder / f"records-{first:07}.{form}"
    path.write_bytes(gzip.compress(lines, 6, mtime=0) if form.endswith(".gz") else lines)


def json_line(data: bytes) -> bytes:
    """Return a Markdown record as a line of JSON, empty where it is broken."""
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        return b""
    head = text.removeprefix("---\n").removesuffix("---\n")
    if head == text:
        return b""
    loaded = load_plain(head)
    if loaded is None:
        try:
            loaded = load(head, [])
        except YamlError:
            return b""
    return json.dumps(loaded, ensure_ascii=False).encode() + b"\n"


def change(folder: Path, numbers: Iterable[int], *, seed: int = 1, mark: str = "changed") -> list[Path]:
    """Change the titles of some records of a corpus of Markdown, and return their files.

    Raise FileNotFoundError where the corpus is of another seed, or of other code: it would grow instead.
    """
    changed = []
    for number in numbers:
        name, data = next(iter(records(number, number + 1, seed)))
        path = folder / name
        if not path.exists():
            raise FileNotFoundError(errno.ENOENT, "expected a corpus of this seed, which has the file", str(path))
        path.write_bytes(data.replace(b'title: "', f'title: "{mark} '.encode(), 1))
        changed.append(path)
    return changed


# Statistics


def counted(folder: Path) -> dict[str, float]:
    """Return what is to be said of a corpus in numbers; those per entry are shares of all related entries."""
    listing = finding.find([folder])
    read = in_memory.read(listing, published_only=False, progress=lambda *_: None)
    merged = merge(read.corpus)
    own = [mention for mention in read.corpus.mentions if not mention.parent]
    related = [mention for mention in read.corpus.mentions if mention.parent]
    keys = {mention.facts.key: mention.facts for mention in own}
    same = [(mention.facts, keys[mention.facts.key]) for mention in related if mention.facts.key in keys]
    lists = Counter(mention.source for mention in related)
    statuses = Counter(mention.facts.status for mention in own)
    domains = Counter(mention.facts.publisher.id.split("/")[1] for mention in own if mention.facts.publisher)
    providers = Counter(mention.facts.publisher.id for mention in own if mention.facts.publisher).most_common()
    entries, records = len(related) or 1, len(own) or 1
    contents = [Path(file.path).read_bytes() for file in listing.files if file.format == "markdown"]
    notes = read.totals.notes
    told = {
        "records": len(own),
        "bytes a file": statistics.mean(map(len, contents)) if contents else 0,
        "related entries a record": entries / records,
        "records that list any": len(lists) / records,
        "entries that are records": len(same) / entries + merged.counts.get("without_url_found", 0) / entries,
        "entries without address": notes.get("empty webUrl", 0) / entries,
        "of these found again": merged.counts.get("without_url_found", 0) / (notes.get("empty webUrl", 0) or 1),
        "articles a record": len(merged.articles) / records,
        "providers in 1,000 records": len(providers) / records * 1000,
        "share of the largest provider": providers[0][1] / records if providers else 0,
        "share of the ten largest": sum(number for _, number in providers[:10]) / records,
        "of channels on youtube.com": domains["youtube.com"] / records,
        "of labels on msn.com": sum(mention.facts.distributor is not None for mention in own) / records,
        "topics a record": statistics.mean(len(mention.facts.topics) for mention in own),
        "images a record": statistics.mean(len(mention.facts.images) for mention in own),
        "AMP pages and copies a record": statistics.mean(len(mention.facts.variants) for mention in own),
        "characters of a title": statistics.mean(len(mention.facts.title) for mention in own),
        "characters of an excerpt": statistics.mean(len(mention.facts.excerpt) for mention in own),
        "heat unknown": sum(mention.facts.heat is None for mention in own) / records,
        "published": statuses["published"] / records,
        "drafts": statuses["draft"] / records,
        "removed": statuses["removed"] / records,
        "without status": sum(not mention.facts.status for mention in own) / records,
        "files with CRLF": sum(b"\r\n" in data for data in contents) / (len(contents) or 1),
        "files with a BOM": sum(data.startswith(b"\xef\xbb\xbf") for data in contents) / (len(contents) or 1),
        "null topics a record": notes.get("null in topics", 0) / records,
        "diagnostics a record": len(read.diagnostics) / records,
        "topic records": len(read.corpus.topics),
    }
    for field in ("title", "quality", "published_at", "excerpt"):
        differing = sum(getattr(one, field) != getattr(other, field) for one, other in same)
        told[f"entries with another {field}"] = differing / entries
    return told


def comparison(made: dict[str, float], real: dict[str, float]) -> Iterator[str]:
    """Yield the lines of a table of two corpora beside what is reported, at most 80 columns wide."""
    yield f"{'':<34}{'made':>14}{'real':>14}{'reported':>14}"
    for name, value in made.items():
        reported = f"{REPORTED[name]:.3f}" if name in REPORTED else ""
        yield f"{name:<34}{value:>14,.3f}{real[name]:>14,.3f}{reported:>14}".rstrip()


def main() -> None:
    """Write a corpus, or compare one with real records."""
    parser = argparse.ArgumentParser(description="Make a corpus in the form of real coverage records.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--form", choices=("md", "jsonl", "jsonl.gz"), default="md")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--well-formed", action="store_true", help="no record is broken")
    parser.add_argument("--compare", type=Path, metavar="REAL_FOLDER")
    options = parser.parse_args()
    if options.compare is None:
        write_corpus(
            options.folder,
            options.records,
            seed=options.seed,
            form=options.form,
            processes=options.processes,
            well_formed=options.well_formed,
        )
        return
    made, real = counted(options.folder), counted(options.compare)
    print("\n".join(comparison(made, real)))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({"made": made, "real": real}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
