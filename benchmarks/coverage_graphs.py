"""Synthetic coverage graphs of any size, in the very form that `graphkit.build` gives.

    python benchmarks/coverage_graphs.py [NODES]

prints the statistics of one beside those of the shared corpus, where that is there, at the same number of nodes.

What is heavy-tailed in real coverage is so here: providers, topics, words, the size of a story. A story is a few
articles of a few days whose titles share names; records of a story list one another as related. Words are drawn from
lists written for this file, names are put together from syllables, and both are drawn so that titles, excerpts and
addresses pack about as well as real ones. The same size and seed give the same graph.
"""

from __future__ import annotations

import argparse
import gzip
import random
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import networkx as nx

import graphkit
from graphkit.garbage_collection import collector_paused
from graphkit.identity import article_keys, folding
from graphkit.urls.canonical_url import POLICY_VERSION

SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "corpus"
T = TypeVar("T")


def words(text: str) -> list[str]:
    """Return the words of a text."""
    return text.split()


# Words. The first of a list are drawn most.

NOUNS = words("""
update plan deal report launch market season study price service school team court system election discount budget
hospital record network festival trailer game app film match tax strike storm driver bank data vaccine album phone
battery bridge climate contract coach council crisis customer cyclist delay developer device director
district doctor drought economy editor engine engineer exam exhibition expert export factory fan farm fee ferry field
fire fleet flight flood forecast forest founder fund future gallery garden gas goal grant group growth guide harbour
harvest headset health heatwave hearing hotel house housing idea import incident industry inflation injury inquiry
insurer interview investor island job judge kitchen laboratory labour lake landlord laptop law lawsuit lawyer league
lesson letter library licence loan loss machine manager map marathon mayor meeting memory merger mine minister mission
model mortgage motorway mountain museum musician neighbour novel nurse ocean offer office officer oil opera orchestra
order outage owner painting panel parent park parliament partner passenger patient payment pension petition pilot
pipeline pitch planet plant platform player podcast poem police policy pollution port portrait poster power premiere
president prison prize problem product professor profit programme project promise protest quarter quarry question race
radio railway rainfall rate reactor rebel recall recipe reform refund region rent repair rescue researcher reserve
resident restaurant result review reward river road robot rocket role rule runway salary sale satellite scheme science
screen script sculpture sensor series server settlement share shareholder ship shop shortage signal singer sketch
skill snow software soldier song spending stadium staff stage startup station statue stock strategy street student
studio summit supplier supply surgeon survey target teacher technology telescope tenant theatre threat ticket tool
tour tourist tower town trade tradition traffic train transfer treatment treaty trial tribunal truck tunnel turbine
union university upgrade valley vehicle venue verdict version victim victory video village virus visa visitor volunteer
vote voter wage walkout warehouse warning water weather website wedding weekend whale wheat wildfire wind winter
witness worker workshop writer yacht zone anniversary archive athlete auction audience award bakery ballot barrier
benefit bicycle border breakthrough brewery broadcast builder cabinet cable campaign canal candidate career carrier
castle celebration ceremony chain champion channel charge charity chef chip cinema citizen clinic coalition coast
collection college comedy commission committee community company competition complaint component compromise concert
""")

ADJECTIVES = words("""
new first big local latest free early final major national key open global public former old rare young digital late
huge small secret hidden rising record-breaking independent annual mobile central foreign private electric popular
ambitious ancient angry anonymous artificial autonomous bold brave brief bright broken cautious certain cheap civil
classic clean clear coastal cold commercial complex confident controversial costly creative critical crowded cultural
dangerous deadly deep delayed detailed difficult disputed domestic dry eager eastern emotional empty endless ethical
exclusive expensive experimental extra extreme fair familiar famous fast federal fierce flexible fragile fresh friendly
full gentle giant golden grand green growing handmade harsh heavy historic hopeful hot illegal important impossible
improved indoor industrial informal interactive internal joint large legal lengthy light limited live long lost loud
low lucky luxury massive medical mental minor missing mixed modern modest narrow natural nervous northern nuclear
official ongoing online optional ordinary organic original outdoor overdue painful peaceful permanent personal playful
political poor portable possible potential powerful practical premature proud quick quiet rapid ready
real regional reliable remote renewable rural safe seasonal senior serious severe shared sharp short silent simple
""")

VERBS = words("""
reveal announce open launch want face confirm delay return add report win plan reject warn back end join approve
accept adopt admit aim appeal attack avoid award ban block boost call cancel capture celebrate challenge change chase
claim clear close collect complete consider continue copy cover crash create criticise cross deliver demand deny
deploy design destroy develop discover discuss dismiss double drop earn edge embrace ease enter escape examine exceed
expand expect explain explore extend fail film finish fix fund gain honour ignore import improve increase inspect
inspire invest invite jail kick kill land lift limit link list lose mark merge miss mock move name need order oust
overtake pass pause plant pledge praise predict prepare present press probe produce promise promote protect prove
publish pull question raise recall receive recover recruit reduce refuse regain release relocate remember remove
rename renew repair replace request rescue resign resist restore restrict resume retire review revive revisit reward
""")

ADVERBS = words("""
soon today again finally officially already quietly still reportedly apparently almost nearly always never suddenly
slowly unexpectedly overnight temporarily together allegedly gradually barely briefly publicly largely
""")

REASONS = words("""
despite-criticism after-months-of-talks for-the-first-time in-years next-week this-summer before-the-deadline
ahead-of-schedule according-to-insiders at-last in-a-surprise-move amid-growing-concern for-good under-new-rules
without-warning behind-closed-doors on-two-continents by-the-end-of-the-year to-the-delight-of-many for-everyone
in-court once-more after-a-public-outcry with-immediate-effect in-record-time one-year-on
""")

MONTHS = words("January February March April May June July August September October November December")

# Names are put together from these.

ONSETS = words(
    "b br c cal d dr el f fen gal gr h har il k kel l lor m mar n nor or p per qu r ros s sel st t tam tr v ver w y z"
)
MIDDLES = words("a ab ai am an ar e ed el en er i il in ir o ol on or u um un ur")
CODAS = words("""
bury by dale den dor field ford ham ik ko la land ley lin ma mont na nix on ra rin ro sen son ta tis ton va vale vik
well wick za
""")
FIRST_NAMES = words("""
Anna Ben Carla David Elena Felix Grace Hugo Iris Jonas Karin Liam Maya Nils Olga Paul Rosa Sami Tara Umar Vera Walid
Yara Zoe Amir Bella Chen Daria Emil Farah
""")
TRADES = words("""
Energy Motors Systems Games Studios Health Airlines Foods Bank Robotics Media Labs Networks Pharma Rail Steel Records
Partners Institute University United Rovers Council Ministry Port Orchestra
""")
PAPERS = words("""
Herald Times Daily News Post Gazette Tribune Observer Chronicle Courier Mirror Sentinel Weekly Report Insider Wire
Today Review Journal Standard
""")
SHOWS = words("Reacts Plays TV Explained Talks Live Channel Reviews Clips Uncut Vlog Daily")
LABELS = words("""
Energy Health_care Football Space_flight Housing Electric_cars Video_games Elections Climate Machine_learning Cinema
Railways Trade Schools Migration Cycling Banking Robotics Music Agriculture Tourism Aviation Chess Archaeology
""")

# Sentences. A capital word stands for the story's own: TOPIC, WHO, WHAT, WHERE; a small one in braces for any.

HEADLINES = [
    "WHO {verbs} {adjective} WHAT",
    "TOPIC : WHO {verbs} {noun}",
    "WHO {verbs} TOPIC {noun}",
    "TOPIC {noun} {adverb} {verbs} {nouns}",
    "{adjective} TOPIC {nouns} {verb} WHERE",
    "how WHO {verbs} the {adjective} WHAT",
    "why TOPIC {nouns} {adverb} {verb} the {noun}",
    "{number} {nouns} that {verb} TOPIC in {year}",
    "WHAT in WHERE : WHO to {verb} {nouns}",
    "everything we know about the TOPIC WHAT",
    "WHO and WHERE {verb} {adjective} WHAT",
    "what the {adjective} WHAT means for TOPIC {nouns}",
    "{month} {year} : TOPIC {noun} and {adjective} {nouns}",
    "WHO {adverb} {verbs} {number} {nouns} over TOPIC WHAT",
    "is the {adjective} {noun} {adverb} over? WHO on TOPIC",
    "TOPIC WHAT {verbs} {nouns} , says WHO",
    "WHO : the {adjective} {noun} behind TOPIC",
    "watch : WHO {verbs} the {noun} of WHERE",
]

TAILS = [
    "",
    "",
    "",
    "",
    "{reason}",
    "{reason}",
    "in WHERE",
    ", says WHO",
    "as {nouns} {verb} {noun}",
    "but {nouns} {verb} {noun}",
    "to {verb} {nouns} in WHERE",
    "{reason} as WHO {verbs} {nouns}",
    "and {adjective} {nouns} that {verb} WHO",
    "– {adjective} {noun} and {number} {nouns}",
]

OPENERS = [
    "",
    "",
    "",
    "after {adjective} {nouns} ,",
    "in {month} {year} ,",
    "{reason} ,",
    "as {name} {verbs} the {noun} ,",
    "with {number} {nouns} to {verb} ,",
    "here is what you need to know :",
    "ever since {name} {verbs} {nouns} ,",
]

CLAUSES = [
    "WHO has said that the WHAT in WHERE will {verb} {nouns}",
    "the {adjective} {noun} of TOPIC {adverb} {verbs} {nouns} for {name}",
    "TOPIC is back with {adjective} {nouns} that {verb} more than {number} {nouns}",
    "{nouns} in WHERE {verb} the {adjective} WHAT of WHO",
    "we take a closer look at {nouns} , {nouns} and how TOPIC {verbs} {noun}",
    "the {noun} that everyone wants to {verb} has {adjective} {nouns}",
    "{number} {adjective} {nouns} {verb} {name} and the {noun} of TOPIC",
    "{name} , {noun} of the {adjective} {noun} , {adverb} {verbs} WHO",
    "there is no {noun} for {nouns} who {verb} {adjective} {noun}",
    "the WHAT {verbs} {nouns} from WHERE to {name}",
    "it {adverb} {verbs} the {adjective} {noun} and its {nouns}",
    "you can {verb} {nouns} , {verb} {adjective} {nouns} or {verb} TOPIC",
]

ENDINGS = [
    ".",
    ".",
    "{reason} .",
    ", and {name} is to {verb} the {noun} .",
    ", as {nouns} told {name} .",
    "but {adverb} {verbs} {noun} .",
    "in {year} !",
    ", which {verbs} {number} {nouns} .",
    "because {adjective} {nouns} {verb} {noun} .",
]

# Titles in other scripts, a few in a hundred: they must be drawn, measured and searched too.

OTHER_SCRIPTS: dict[str, tuple[str, list[str]]] = {
    "ar": (" ", words("""
الحكومة تعلن خطة جديدة في المدينة بعد اجتماع طويل حول أسعار الطاقة والماء الفريق يفوز بالمباراة الأولى""")),
    "he": (" ", words("""
העירייה פותחת מחר תערוכה חדשה במוזיאון הישן למרות הגשם ראש הוועד הודיע על שביתה ברכבת לקראת הקיץ""")),
    "ja": ("", words("""
新型 列車 が 来月 から 運行 を 開始 市長 は 祭り の 中止 発表 研究者 海 調査 結果 電池 価格 上昇 大学""")),
    "zh": ("", words("""
城市 图书馆 今天 开放 新 能源 汽车 销量 增长 科学家 发现 古代 遗址 球队 赢得 比赛 医院 宣布 计划""")),
}  # fmt: skip


def plural(noun: str) -> str:
    """Return the plural of a noun, or the third person of a verb."""
    if noun.endswith(("s", "x", "ch", "sh")):
        return f"{noun}es"
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}s"


def cumulative(count: int, *, exponent: float, shift: float = 1.0) -> list[float]:
    """Return the running sums of Zipf's weights for so many ranks."""
    return list(accumulate((rank + shift) ** -exponent for rank in range(count)))


def endless(rng: random.Random, choices: Sequence[T], weights: Sequence[float]) -> Iterator[T]:
    """Draw from `choices` for ever, `weights` being running sums."""
    while True:
        yield from rng.choices(choices, cum_weights=weights, k=512)


def parts(rng: random.Random, lines: Sequence[str]) -> Iterator[list[str]]:
    """Draw from templates, each as likely, as lists of words."""
    return endless(rng, [line.split() for line in lines], range(1, len(lines) + 1))


# What a graph is made of


class Provider(NamedTuple):
    """Who publishes. A channel or a guest stands on somebody else's `host`."""

    id: str
    name: str
    domain: str
    platform: str
    host: str
    title_case: bool
    path: str

    def attributes(self) -> dict[str, Any]:
        """Return those of its node."""
        known = {"kind": "provider", "name": self.name, "names": (self.name,), "domain": self.domain}
        return known | {"platform": self.platform} if self.platform else known


class Topic(NamedTuple):
    """A topic with its own names and nouns, and the days on which much of it happened."""

    id: str
    label: str
    folder: str
    names: list[str]
    nouns: list[str]
    places: list[str]
    bursts: list[datetime]


class Member(NamedTuple):
    """One article of a story; `file` is empty for one that only others list."""

    id: str
    attributes: dict[str, Any]
    provider: Provider
    topics: list[str]
    file: str


FIRST_DAY, DAYS = datetime(2017, 1, 1, tzinfo=UTC), 2600


class Newsroom:
    """Everything that is drawn, from one generator."""

    def __init__(self, rng: random.Random, *, articles: int, providers: int, topics: int) -> None:
        self.rng = rng
        names = self._names(1000 + articles // 4)
        self.name = endless(rng, names, cumulative(len(names), exponent=0.9, shift=8))
        nouns = cumulative(len(NOUNS), exponent=0.75, shift=6)
        verbs = cumulative(len(VERBS), exponent=0.75, shift=4)
        self.draws: dict[str, Iterator[str]] = {
            "{name}": self.name,
            "{noun}": endless(rng, NOUNS, nouns),
            "{nouns}": endless(rng, [plural(noun) for noun in NOUNS], nouns),
            "{adjective}": endless(rng, ADJECTIVES, cumulative(len(ADJECTIVES), exponent=0.75, shift=4)),
            "{verb}": endless(rng, VERBS, verbs),
            "{verbs}": endless(rng, [plural(verb) for verb in VERBS], verbs),
            "{adverb}": endless(rng, ADVERBS, cumulative(len(ADVERBS), exponent=0.8)),
            "{reason}": endless(
                rng, [reason.replace("-", " ") for reason in REASONS], cumulative(len(REASONS), exponent=0.6)
            ),
            "{number}": endless(
                rng, [str(number) for number in (*range(2, 60), *range(100, 1000, 50))], cumulative(76, exponent=0.7)
            ),
            "{month}": endless(rng, MONTHS, list(range(1, 13))),
            "{year}": endless(rng, [str(year) for year in range(2018, 2027)], list(range(1, 10))),
        }
        self.headlines = [parts(rng, HEADLINES), parts(rng, TAILS)]
        self.sentences = [parts(rng, OPENERS), parts(rng, CLAUSES), parts(rng, ENDINGS)]
        self.providers = self._providers(providers)
        self.topics = self._topics(topics, articles)
        self.taken: set[str] = set()

    # Names

    def _word(self) -> str:
        middle = self.rng.choice(MIDDLES) if self.rng.random() < 0.6 else ""
        return (self.rng.choice(ONSETS) + self.rng.choice(MIDDLES) + middle + self.rng.choice(CODAS)).capitalize()

    def _names(self, count: int) -> list[str]:
        found: dict[str, None] = {}
        while len(found) < count:
            kind = self.rng.random()
            if kind < 0.4:
                found[f"{self.rng.choice(FIRST_NAMES)} {self._word()}"] = None
            elif kind < 0.7:
                found[f"{self._word()} {self.rng.choice(TRADES)}"] = None
            else:
                found[self._word()] = None
        return list(found)

    def _providers(self, count: int) -> list[Provider]:
        found: dict[str, Provider] = {}
        while len(found) < count:
            kind, word = self.rng.random(), self._word()
            if kind < 0.5 or not found:
                name = f"{word} {self.rng.choice(PAPERS)}"
                domain = name.lower().replace(" ", "") + self.rng.choice(
                    (".com", ".com", ".com", ".org", ".net", ".news")
                )
                key, platform, host = domain, "", domain if self.rng.random() < 0.25 else f"www.{domain}"
            else:
                name = f"{word} {self.rng.choice(SHOWS)}" if kind < 0.9 else f"{word} {self.rng.choice(PAPERS)}"
                domain, platform, host = (
                    ("youtube.com", "YouTube", "youtube.com") if kind < 0.9 else ("msn.com", "MSN", "www.msn.com")
                )
                key = f"{domain}/{folding.slug(name)}"
            path = self.rng.choice(("", "news/", "articles/", "en/news/", "{date}/", "{date}/", "{section}/", "story/"))
            provider = Provider(f"provider/{key}", name, domain, platform, host, self.rng.random() < 0.5, path)
            found.setdefault(provider.id, provider)
        # Channels and guests are many, and have one article each: they come last.
        return sorted(found.values(), key=lambda provider: bool(provider.platform))

    def _topics(self, count: int, articles: int) -> list[Topic]:
        found: dict[str, Topic] = {}
        for label in self._labels(count):
            rank = len(found)
            much = articles // (25 * (rank + 1))
            names = [next(self.name) for _ in range(8 + much)]
            nouns = [next(self.draws["{noun}"]) for _ in range(14 + much // 4)]
            places = [self._word() for _ in range(5 + much // 4)]
            bursts = [FIRST_DAY + timedelta(DAYS * self.rng.random() ** 0.6) for _ in range(max(2, 30 // (rank + 1)))]
            key = folding.topic_id(label)
            found[key] = Topic(key, label, key.removeprefix("topic/"), names, nouns, places, bursts)
        return list(found.values())

    def _labels(self, count: int) -> list[str]:
        found = dict.fromkeys(label.replace("_", " ") for label in self.rng.sample(LABELS, min(len(LABELS), count)))
        while len(found) < count:
            found[self._word() if self.rng.random() < 0.5 else f"{self._word()} {self.rng.randrange(2, 9)}"] = None
        return list(found)

    # Texts

    def write(self, templates: Iterable[Iterator[list[str]]], cast: Mapping[str, str]) -> str:
        """Draw one of each of the templates and fill them."""
        draws = self.draws
        words = [
            next(draws[word]) if word in draws else cast.get(word, word)
            for template in templates
            for word in next(template)
        ]
        text = " ".join(words).replace(" :", ":").replace(" ,", ",").replace(" .", ".").replace(" !", "!")
        return text[0].upper() + text[1:]

    def title(self, cast: Mapping[str, str], *, title_case: bool) -> str:
        """Return a headline."""
        text = self.write(self.headlines, cast)
        if title_case:
            text = " ".join(word[0].upper() + word[1:] for word in text.split())
        return text

    def foreign_title(self, language: str) -> str:
        """Return a headline in another script."""
        joint, words = OTHER_SCRIPTS[language]
        return joint.join(self.rng.choices(words, k=self.rng.randrange(6, 11)))

    def excerpt(self, cast: Mapping[str, str]) -> str:
        """Return an excerpt, cut at a length that feeds cut at, or not."""
        limit, cut = self.rng.choices(((120, 0), (150, 1), (165, 0), (200, 1), (300, 1)), (22, 26, 16, 29, 7))[0]
        text = self.write(self.sentences, cast)
        while len(text) < limit:
            text = f"{text} {self.write(self.sentences, cast)}"
        return f"{text[:limit].rpartition(' ')[0]} ..." if cut else text

    def mark(self, length: int) -> str:
        """Return a random identifier, as videos and images have."""
        return "".join(self.rng.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-", k=length))

    def address(self, provider: Provider, title: str, topic: Topic, moment: datetime) -> str:
        """Return the address of an article, most of them with the words of its title."""
        if provider.platform == "YouTube":
            return f"https://youtube.com/watch?v={self.mark(11)}"
        slug = slug_of(title) or str(self.rng.randrange(10**6, 10**7))
        kind = self.rng.random()
        if provider.platform == "MSN":
            return f"https://www.msn.com/en-us/news/{topic.folder}/{slug}/ar-BB{self.mark(6)}"
        if kind < 0.3:
            slug = "-".join(slug.split("-")[:6])
        if kind > 0.65:
            slug = f"{slug}-{self.rng.randrange(10**5, 10**7)}"
        path = provider.path.replace("{date}", f"{moment:%Y/%m/%d}").replace("{section}", topic.folder)
        return self.untaken(f"https://{provider.host}/{path}{slug}", "/" if provider.title_case else "")

    def image(self, provider: Provider, moment: datetime) -> dict[str, Any]:
        """Return an image with its size."""
        if provider.platform == "YouTube":
            return {"url": f"https://i.ytimg.com/vi/{self.mark(11)}/maxresdefault.jpg", "width": 1280, "height": 720}
        name = "-".join(next(self.draws["{noun}"]) for _ in range(3))
        width, height = self.rng.choice(((1200, 630), (1200, 630), (1280, 720), (1200, 675), (1920, 1080), (640, 360)))
        url = f"https://{provider.host}/wp-content/uploads/{moment:%Y/%m}/{name}-{self.mark(6)}.jpg"
        return {"url": url, "width": width, "height": height}

    def moment(self, topic: Topic) -> datetime:
        """Return when a story of this topic begins: in a burst, or on any day, later years having more."""
        rng = self.rng
        if rng.random() < 0.5:
            start = rng.choice(topic.bursts) + timedelta(rng.expovariate(0.4))
        else:
            start = FIRST_DAY + timedelta(DAYS * rng.random() ** 0.6)
        return start.replace(second=0 if rng.random() < 0.75 else rng.randrange(60), microsecond=0)

    # Articles

    def cast(self, topic: Topic) -> dict[str, str]:
        """Return what the texts of one story are about."""
        rng = self.rng
        return {
            "TOPIC": topic.label,
            "WHO": topic.names[int(len(topic.names) * rng.random() ** 2)],
            "WHAT": topic.nouns[int(len(topic.nouns) * rng.random() ** 2)],
            "WHERE": topic.places[int(len(topic.places) * rng.random() ** 2)],
        }

    def untaken(self, stem: str, ending: str) -> str:
        """Return a file name or an address that nothing else has."""
        number, name = 1, f"{stem}{ending}"
        while name in self.taken:
            number += 1
            name = f"{stem}-{number}{ending}"
        self.taken.add(name)
        return name

    def member(self, topic: Topic, cast: Mapping[str, str], start: datetime, provider: Provider) -> Member:
        """Return an article of a story."""
        rng = self.rng
        moment = start + timedelta(minutes=int(rng.expovariate(1 / 900)))
        language = rng.choice(list(OTHER_SCRIPTS)) if rng.random() < 0.03 else ""
        title = self.foreign_title(language) if language else self.title(cast, title_case=provider.title_case)
        own = rng.random() < 0.94
        has_url, has_date = own or rng.random() < 0.9, own or rng.random() < 0.9
        url = self.address(provider, title, topic, moment)
        quality = rng.choices((107, 87, 72, 104, 37, rng.randrange(8, 180)), (20, 17, 9, 4, 4, 46))[0]
        video = provider.platform == "YouTube" or rng.random() < 0.03
        known: dict[str, Any] = {"kind": "article", "title": title, "titles": (title,)}
        if rng.random() < 0.997:
            known["excerpt"] = self.excerpt(cast)
        if has_date:
            known["published_at"] = moment
        if has_url:
            known["url"] = url
            if not provider.platform and rng.random() < 0.4:
                known["variants"] = amp_variants(url, provider.host)
        known["media"] = "video" if video else "article"
        if own:
            if rng.random() < 0.84:
                known["quality"] = quality
                if rng.random() < 0.72:
                    known["heat"] = quality if rng.random() < 0.84 else rng.randrange(10, 500)
            if rng.random() < 0.82:
                known["status"] = rng.choices(("published", "draft", "removed"), (55, 43, 2))[0]
            known["categories"] = ("news",)
        if language:
            known["language"] = language
        elif rng.random() < 0.04:
            known["language"] = "en-us"
        if rng.random() < 0.965:
            known["images"] = (self.image(provider, moment),)
        title_key = article_keys.title_key(title, provider.id, moment if has_date else None)
        key = url.removeprefix("https://").removeprefix("www.") if has_url else title_key
        count = rng.choices((1, 2, 3), (90, 9, 1))[0]
        about = {topic.id, *(other.id for other in rng.choices(self.topics, k=count - 1))} if own else set()
        stem = f"{topic.folder}/{moment:%Y-%m-%d}-{slug_of(title) or self.mark(8).lower()}"
        file = self.untaken(stem, ".md") if own else ""
        return Member(article_keys.article_id(key), known, provider, sorted(about), file)


def slug_of(title: str) -> str:
    """Return the words of a title as they stand in addresses and file names; other scripts give none."""
    kept = "".join(letter if letter.isascii() and letter.isalnum() else " " for letter in title.lower())
    return "-".join(kept.split())


def amp_variants(url: str, host: str) -> tuple[tuple[str, str], ...]:
    """Return the AMP page of an article and its copy in the cache."""
    amp = f"{url}?amp"
    cache = f"https://{host.replace('.', '-')}.cdn.ampproject.org/c/s/{amp.removeprefix('https://')}"
    return (("amphtml", amp), ("cachedCopy", cache))


# The graph


def counts(nodes: int) -> tuple[int, int, int]:
    """Return how many articles, providers and topics make up about `nodes` nodes; the latter two grow more slowly."""

    def others(articles: int) -> tuple[int, int]:
        partition = articles / 637
        return max(1, round(224 * partition**0.8)), max(1, round(14 * partition**0.55))

    low, high = 1, max(2, nodes)
    while high - low > 1:
        middle = (low + high) // 2
        if middle + sum(others(middle)) <= nodes:
            low = middle
        else:
            high = middle
    return low, *others(low)


def publishers(newsroom: Newsroom, articles: int) -> list[Provider]:
    """Return the provider of each article: each provider has one, the first of them every fifth."""
    providers = newsroom.providers
    tail = cumulative(len(providers), exponent=1.15, shift=8)
    rest = endless(newsroom.rng, providers, tail)
    drawn = [
        providers[number] if number < len(providers) else providers[0] if newsroom.rng.random() < 0.3 else next(rest)
        for number in range(articles)
    ]
    newsroom.rng.shuffle(drawn)
    return drawn


def stories(newsroom: Newsroom, articles: int) -> Iterator[list[Member]]:
    """Yield the articles story by story; most stand alone."""
    rng = newsroom.rng
    providers = publishers(newsroom, articles)
    sizes = endless(rng, [1, *range(2, 33)], [91.7, *(91.7 + 8.3 * part for part in _story_sizes())])
    topics = endless(rng, newsroom.topics, cumulative(len(newsroom.topics), exponent=1.35))
    while providers:
        topic = next(topics)
        cast, start = newsroom.cast(topic), newsroom.moment(topic)
        size = min(next(sizes), len(providers))
        yield [newsroom.member(topic, cast, start, providers.pop()) for _ in range(size)]


def _story_sizes() -> list[float]:
    weights = cumulative(31, exponent=1.6)
    return [weight / weights[-1] for weight in weights]


def listings(newsroom: Newsroom, story: Sequence[Member]) -> Iterator[tuple[Member, list[Member]]]:
    """Yield each record of a story that lists others as related, with those, in order of rank."""
    if len(story) == 1:
        return
    rng = newsroom.rng
    for member in story:
        if member.file and rng.random() < 0.9:
            others = [other for other in story if other is not member and (not other.file or rng.random() < 0.85)]
            rng.shuffle(others)
            if others:
                yield member, others


def coverage_graph(nodes: int, *, seed: int = 1) -> nx.MultiDiGraph[str]:
    """Return a synthetic coverage graph of about so many nodes, with attributes as `graphkit.build` gives them.

    >>> graph = coverage_graph(1000)
    >>> 990 < graph.number_of_nodes() <= 1000
    True
    """
    articles, providers, topics = counts(nodes)
    newsroom = Newsroom(random.Random(seed), articles=articles, providers=providers, topics=topics)
    members: dict[str, Member] = {}
    edges: dict[str, list[tuple[str, str, str, dict[str, Any]]]] = {}
    sources: dict[str, list[tuple[str, str]]] = {}
    with collector_paused():
        for story in stories(newsroom, articles):
            for member in story:
                members[member.id] = member
                edges[member.id] = list(own_edges(member))
                sources[member.id] = [(member.file, "")] if member.file else []
            for member, others in listings(newsroom, story):
                for rank, other in enumerate(others):
                    place = (member.file, f"/related/{rank}")
                    sources[other.id].append(place)
                    edges[member.id].append((member.id, other.id, "related", {"rank": rank, "sources": (place,)}))
        # An article that no record speaks of would not be there.
        for key, places in sources.items():
            if not places:
                places.append((f"{newsroom.topics[0].folder}/index.json", f"/value/{len(key)}"))
            members[key].attributes["sources"] = tuple(sorted(places))
        graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(policy=POLICY_VERSION)
        graph.add_nodes_from((key, members[key].attributes) for key in sorted(members))
        if any(member.provider.platform == "MSN" for member in members.values()):
            newsroom.providers.append(MSN)
        graph.add_nodes_from((provider.id, provider.attributes()) for provider in sorted(newsroom.providers))
        for topic in sorted(newsroom.topics):
            graph.add_node(topic.id, kind="topic", label=topic.label, labels=(topic.label,))
        for key in sorted(edges):
            graph.add_edges_from(edges[key])  # type: ignore[arg-type]  # the stubs know only simple graphs
        for wider, narrower in pairwise(newsroom.topics):
            if newsroom.rng.random() < 0.25:
                graph.add_edge(narrower.id, wider.id, key="broader")
    return graph


MSN = Provider("provider/msn.com", "MSN", "msn.com", "", "www.msn.com", title_case=True, path="")


def own_edges(member: Member) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Yield the edges of an article to its provider and topics."""
    yield member.id, member.provider.id, "publisher", {"label": member.provider.name}
    if member.provider.platform == "MSN":
        yield member.id, MSN.id, "distributor", {}
    for topic in member.topics:
        yield member.id, topic, "about", {}


# Beside the real one


def figures(graph: nx.MultiDiGraph[str]) -> dict[str, float]:
    """Return what two graphs are compared by."""
    articles = [known for _, known in graph.nodes(data=True) if known["kind"] == "article"]
    kinds = Counter(known["kind"] for _, known in graph.nodes(data=True))
    edges = Counter(key for _, _, key in graph.edges(keys=True))
    publishers = Counter(target for _, target, key in graph.edges(keys=True) if key == "publisher")
    topics = Counter(target for _, target, key in graph.edges(keys=True) if key == "about")
    found: dict[str, float] = {
        "nodes": graph.number_of_nodes(),
        **{f"  {kind}": kinds[kind] for kind in ("article", "provider", "topic")},
        "edges a node": graph.number_of_edges() / graph.number_of_nodes(),
    }
    for kind in ("publisher", "distributor", "about", "related"):
        found[f"  {kind} an article"] = edges[kind] / len(articles)
    found["share of the largest provider"] = publishers.most_common(1)[0][1] / len(articles)
    found["providers with one article"] = sum(count == 1 for count in publishers.values()) / len(publishers)
    found["share of the largest topic"] = topics.most_common(1)[0][1] / len(articles)
    for name in ("title", "excerpt", "url"):
        texts = [known[name] for known in articles if name in known]
        found[f"{name}, characters"] = statistics.mean(map(len, texts))
        found["  deviation" + " " * len(found)] = statistics.pstdev(map(len, texts))
        found[f"  {name}, bytes in gzip"] = len(gzip.compress("\n".join(texts).encode())) / len(texts)
    for name in ("variants", "images", "sources"):
        found[f"{name} an article"] = statistics.mean(len(known.get(name, ())) for known in articles)
    for name in ("published_at", "url", "quality", "heat", "status", "categories"):
        found[f"share with {name}"] = sum(name in known for known in articles) / len(articles)
    found["share of videos"] = sum(known["media"] == "video" for known in articles) / len(articles)
    return found


def main() -> None:
    """Print the statistics."""
    parser = argparse.ArgumentParser(description="Print statistics of a synthetic coverage graph.")
    parser.add_argument("nodes", nargs="?", type=int, default=875)
    size = parser.parse_args().nodes
    columns = {"synthetic": figures(coverage_graph(size))}
    if SHARED.is_dir():
        columns["real"] = figures(graphkit.build(SHARED).graph)
    print(f"{'':<36}" + "".join(f"{name:>12}" for name in columns))
    for name in columns["synthetic"]:
        print(f"{name.rstrip():<36}" + "".join(f"{column[name]:>12,.2f}" for column in columns.values()))


if __name__ == "__main__":
    main()
