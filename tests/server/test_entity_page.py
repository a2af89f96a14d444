"""The page of a node: all that is said of it, safe whatever is said, and readable without scripts."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from typing import Any
from urllib.parse import unquote

import ada_url
import pyoxigraph as ox
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from paths import EXPORTS

from graphkit.page.palette import coloured
from graphkit.rdf import vocabulary
from graphkit.server import entity_page, iri_links
from graphkit.server.entity_page import missing, page
from graphkit.server.entity_queries import INCOMING, MOST, MOST_ROWS, OUTGOING, RDF, Row
from graphkit.server.iri_links import entity_path

BASE = vocabulary.DEFAULT_BASE
EXPORT = EXPORTS / "coverage.ttl"
CSS = coloured(resources.files("graphkit.server").joinpath("entity_page.css").read_text(encoding="utf-8"))

ARTICLE = BASE + "article/biometricupdate.com/vg6yplgcb3rf2kex"
TOPIC = BASE + "topic/live-facial-recognition"
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

VOID_TAGS = {"meta", "link"}
TAGS = VOID_TAGS | set(
    re.findall(
        r"\w+",
        "html head title body header nav main article section h1 h2 p a span small code bdi time blockquote ul li dl div dt dd",
    )
)
ATTRIBUTES = set(
    re.findall(
        r"[\w-]+",
        "lang charset name content rel href type title class id dir datetime aria-label aria-labelledby",
    )
)

HOSTILE = (
    "<script>window.__pwned=1</script>",
    "</title><img src=x onerror=window.__pwned=1>",
    "</blockquote></main><iframe srcdoc='<script>parent.__pwned=1</script>'>",
    '"><img src=x onerror=window.__pwned=1>',
    "' onmouseover='window.__pwned=1",
    '" autofocus onfocus="window.__pwned=1',
    "<style>@import url(https://example.com/x.css)</style>",
    "<meta http-equiv=refresh content='0;url=https://example.com/'>",
    "<base href=https://example.com/>",
    "<link rel=stylesheet href=https://example.com/x.css>",
    "<!--<script>",
    "]]><svg onload=window.__pwned=1>",
    "&lt;img src=x onerror=window.__pwned=1&gt;",
    "$title ${content} $$ {{7*7}}",
    "javascript:window.__pwned=1",
    "\u202egnp.exe\u202c \u2067",
    "\x1b[31m\x07",
    "   ",
    "",
)


@dataclass
class Part:
    """An element: what it holds as text, and its elements."""

    tag: str
    attributes: dict[str, str]
    parts: list[Part] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.texts)

    def all(self, tag: str = "", class_: str = "") -> list[Part]:
        found = [self] if tag in ("", self.tag) and class_ in ("", self.attributes.get("class")) else []
        return found + [one for part in self.parts for one in part.all(tag, class_)]


class Reader(HTMLParser):
    """Reads a page and complains of what is not balanced, not known, or stands twice."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Part("", {})]

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        named = {name: value or "" for name, value in attributes}
        assert len(named) == len(attributes), attributes
        assert named.keys() <= ATTRIBUTES, attributes
        part = Part(tag, named)
        self.open[-1].parts.append(part)
        if tag not in VOID_TAGS:
            self.open.append(part)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        for part in self.open:
            part.texts.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    handle_pi = unknown_decl = handle_comment


def read(text: str) -> Part:
    """Return the page as a tree, after checks that hold for every page."""
    reader = Reader()
    reader.feed(text)
    reader.close()
    (root,) = reader.open
    (tree,) = root.parts
    ids = [part.attributes["id"] for part in tree.all() if "id" in part.attributes]
    assert len(ids) == len(set(ids))
    assert {part.attributes["aria-labelledby"] for part in tree.all("section")} <= set(ids)
    assert tree.attributes["lang"] == "en"
    for tag in ("title", "main", "header", "nav", "h1"):
        assert len(tree.all(tag)) == 1, tag
        assert tree.all(tag)[0].text.strip(), tag
    for link in tree.all("a"):
        href = link.attributes["href"]
        assert link.text.strip(), link
        assert re.match("/(?!/)|[?]format=|https?://", href, re.IGNORECASE), href
        if not href.startswith(("/", "?")):
            assert link.attributes["rel"] == "noopener noreferrer"
    assert [one.attributes["href"] for one in tree.all("link") if one.attributes["rel"] == "stylesheet"] == [
        "/ui/entity.css"
    ]
    assert all(one.attributes["href"].startswith(("/ui/", "?format=")) for one in tree.all("link"))
    for listed in tree.all("dl"):
        assert {part.tag for part in listed.parts} == {"div"}
        assert all([part.tag for part in group.parts[:2]] == ["dt", "dd"] for group in listed.parts)
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]", text)
    return tree


def groups(tree: Part, section: str) -> dict[str, Part]:
    """Return the values of a section by property."""
    (found,) = (one for one in tree.all("section") if one.attributes["aria-labelledby"] == section)
    return {group.parts[0].all("code")[0].attributes["title"]: group for group in found.all("dl")[0].parts}


def rows(store: ox.Store, text: str, iri: str) -> list[dict[str, Any]]:
    found = store.query(text, substitutions={ox.Variable("entity"): ox.NamedNode(iri)})
    assert isinstance(found, ox.QuerySolutions)
    names = [variable.value for variable in found.variables]
    return [{name: one[name] for name in names if one[name] is not None} for one in found]


def page_of(store: ox.Store, iri: str, *, base: str = BASE) -> str:
    return page(iri, rows(store, OUTGOING, iri), rows(store, INCOMING, iri), base=base, prefixes=vocabulary.PREFIXES)


@cache
def export() -> ox.Store:
    store = ox.Store()
    store.load(path=EXPORT, format=ox.RdfFormat.TURTLE)
    return store


def quad(subject: str, predicate: str, value: str | ox.Literal) -> ox.Quad:
    other = ox.NamedNode(value) if isinstance(value, str) else value
    return ox.Quad(ox.NamedNode(subject), ox.NamedNode(predicate), other)


def store_of(*quads: ox.Quad) -> ox.Store:
    store = ox.Store()
    store.extend(quads)
    return store


def test_an_article_tells_first_what_a_reader_looks_for() -> None:
    tree = read(page_of(export(), ARTICLE))
    (card,) = tree.all("article")
    title = "Calls against use of live facial recognition tech in Britain grow, Parliament petitioned"
    assert tree.all("h1")[0].text == title
    assert tree.all("title")[0].text == f"{title} · graphkit"
    assert card.all("p", "kind")[0].text == "Article"
    assert card.all("p", "byline")[0].text == "24 August 2021, 19:12 UTC by Biometric Companies"
    assert card.all("time")[0].attributes["datetime"] == "2021-08-24T19:12:00Z"
    assert card.all("blockquote")[0].text.startswith("A trade title sums up a week")
    topics = card.all("ul", "topics")[0].all("a")
    assert [(one.text, one.attributes["href"]) for one in topics] == [
        ("Biometrics", "/id/topic/biometrics"),
        ("Live Facial Recognition", "/id/topic/live-facial-recognition"),
        ("Regulation", "/id/topic/regulation"),
    ]
    (original,) = card.all("p", "original")
    assert original.text == "Open original at biometricupdate.com"
    assert original.all("a")[0].attributes["href"].startswith("https://www.biometricupdate.com/202108/")
    assert card.all("p", "iri")[0].all("code")[0].text == ARTICLE


def test_statements_stand_by_property_in_words_and_in_terms() -> None:
    tree = read(page_of(export(), ARTICLE))
    said = groups(tree, "said")
    assert [group.parts[0].text for group in said.values()][:4] == [
        "Kind rdf:type",
        "Label rdfs:label",
        "Title schema:headline",
        "Excerpt schema:description",
    ]
    related = said[vocabulary.RELATED].all("dd")
    assert (
        related[0].text
        == "US government agencies plan to increase their use of facial recognition technology 25 August 2021"
    )
    assert len(related) == 7
    dates = [one.all("time")[0].attributes["datetime"] for one in related]
    assert dates == sorted(dates, reverse=True)
    assert said[vocabulary.STATUS].all("a")[0].text == "gk:draft"
    pointing = groups(tree, "pointing")
    assert pointing[vocabulary.RELATED].parts[0].text == "Named as related by gk:relatedCoverage"


@pytest.mark.parametrize(
    "path, kind",
    [
        ("provider/biometricupdate.com", "Provider"),
        ("topic/live-facial-recognition", "Topic"),
        ("topics", "List of topics"),
        ("source/api/news-index.json", "Source"),
        ("dataset", "Dataset"),
        ("dataset/class/skos-Concept", "Node"),
    ],
)
def test_each_kind_of_node_is_named(path: str, kind: str) -> None:
    assert read(page_of(export(), BASE + path)).all("p", "kind")[0].text == kind


def test_every_node_of_an_export_has_a_page_with_all_of_its_triples() -> None:
    store = export()
    subjects = {one.subject.value for one in store if str(one.subject).startswith(f"<{BASE}")}
    assert len(subjects) > 150
    for iri in sorted(subjects):
        tree = read(page_of(store, iri))
        for section, pattern in (("said", (iri, None)), ("pointing", (None, iri))):
            subject, value = (None if one is None else ox.NamedNode(one) for one in pattern)
            expected = Counter(
                one.predicate.value for one in store.quads_for_pattern(subject, None, value, ox.DefaultGraph())
            )
            if not expected:
                assert section == "pointing"
                continue
            found = {name: len(group.all("dd")) for name, group in groups(tree, section).items()}
            assert found == expected, iri


def test_every_term_of_an_export_is_known_in_words() -> None:
    assert {one.predicate.value for one in export()} <= entity_page._PROPERTIES.keys()
    assert {one.object.value for one in export().quads_for_pattern(None, ox.NamedNode(vocabulary.TYPE), None)} <= set(  # type: ignore[union-attr]
        entity_page._KINDS
    )


# What is said


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_stay_text(text: str) -> None:
    for name in (
        vocabulary.LABEL,
        vocabulary.DESCRIPTION,
        vocabulary.DATE_PUBLISHED,
        vocabulary.LANGUAGE,
        vocabulary.NAME,
        "http://x/p?a&lt;b",
    ):
        subject, other = BASE + "article/a", BASE + "topic/b"
        store = store_of(
            quad(subject, vocabulary.TYPE, vocabulary.NEWS_ARTICLE),
            quad(subject, name, ox.Literal(text)),
            quad(subject, vocabulary.ABOUT, other),
            quad(other, name, ox.Literal(text)),
            quad(other, vocabulary.BROADER, subject),
        )
        tree = read(page_of(store, subject))
        shown = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f]", "\ufffd", text)
        assert shown in groups(tree, "said")[name].all("dd")[0].text
        assert not re.search("[\u202a-\u202e\u2066-\u2069]", tree.all("title")[0].text)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.sampled_from(HOSTILE)
PREDICATES = st.sampled_from([*sorted(entity_page._PROPERTIES), "http://x/p?<", "", "urn:x"])
TERMS = st.one_of(
    TEXTS.map(ox.Literal),
    st.builds(lambda text, tag: ox.Literal(text, language=tag), TEXTS, st.sampled_from(["en", "he-IL", "x-a"])),
    st.builds(
        lambda text, name: ox.Literal(text, datatype=ox.NamedNode(vocabulary.XSD + name)),
        TEXTS
        | st.sampled_from(["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2021-01-01", "-0044-03-15"]),
        st.sampled_from(["dateTime", "date", "integer", "anyURI"]),
    ),
    st.sampled_from(
        ["http://a/", "https://a/?q='&amp;", "javascript:alert(1)", "data:text/html,x", BASE, BASE + "a/b?c"]
    ).map(ox.NamedNode),
    st.just(ox.BlankNode("b")),
)
LINES: st.SearchStrategy[Row] = st.dictionaries(st.sampled_from(["value", "node", "label", "date"]), TERMS).flatmap(
    lambda row: PREDICATES.map(
        lambda name: {**row, **({"property": ox.NamedNode(name)} if ":" in name and "<" not in name else {})}
    )
)


@given(iri=TEXTS, said=st.lists(LINES, max_size=6), pointing=st.lists(LINES, max_size=6))
def test_any_rows_give_a_sound_page(iri: str, said: Sequence[Row], pointing: Sequence[Row]) -> None:
    for one in (said, pointing):
        Reader().feed(page(iri, one, [], base=BASE, prefixes=vocabulary.PREFIXES))
    Reader().feed(page(iri, said, pointing, base="", prefixes={}))
    read(missing(iri))


def test_only_web_addresses_are_links() -> None:
    subject = BASE + "article/a"
    others = ["javascript:alert(1)", "data:text/html,x", "urn:isbn:1", "file:///etc/passwd", "mailto:a@b.c", "ftp://a/"]
    store = store_of(*(quad(subject, vocabulary.URL, iri) for iri in [*others, "HTTPS://a.example/?a=1&b='"]))
    tree = read(page_of(store, subject))
    (found,) = groups(tree, "said")[vocabulary.URL].all("a")
    assert found.attributes["href"] == "HTTPS://a.example/?a=1&b='"
    shown = {one.text for one in groups(tree, "said")[vocabulary.URL].all("dd")}
    assert shown >= {*others}


def test_directions_are_kept_apart() -> None:
    subject = BASE + "topic/a"
    store = store_of(
        quad(subject, vocabulary.PREF_LABEL, ox.Literal("שלום \u202eabc", language="he")),
        quad(BASE + "article/\u202egnp", vocabulary.ABOUT, subject),
    )
    text = page_of(store, subject)
    tree = read(text)
    assert tree.all("h1")[0].attributes["dir"] == "auto"
    (name,) = groups(tree, "said")[vocabulary.PREF_LABEL].all("bdi")
    assert (name.text, name.attributes["lang"]) == ("שלום \u202eabc", "he")
    assert groups(tree, "pointing")[vocabulary.ABOUT].all("bdi")[0].text == "article/\\u202egnp", (
        "an IRI is shown in full"
    )


def test_a_title_is_in_the_language_of_its_article() -> None:
    subject = BASE + "article/a"
    said = [
        quad(subject, vocabulary.TYPE, vocabulary.NEWS_ARTICLE),
        quad(subject, vocabulary.LABEL, ox.Literal("Titel")),
        quad(subject, vocabulary.LANGUAGE, ox.Literal("de-AT")),
    ]
    assert read(page_of(store_of(*said), subject)).all("h1")[0].attributes["lang"] == "de-AT"
    said.append(quad(subject, vocabulary.LANGUAGE, ox.Literal("fr")))
    assert "lang" not in read(page_of(store_of(*said), subject)).all("h1")[0].attributes


@pytest.mark.parametrize(
    "text, type_, shown",
    [
        ("2021-08-23T11:22:00Z", "dateTime", "23 August 2021, 11:22 UTC"),
        ("2021-08-23T23:22:00-02:00", "dateTime", "24 August 2021, 01:22 UTC"),
        ("2021-08-23T11:22:00", "dateTime", "23 August 2021, 11:22"),
        ("2021-08-23", "date", "23 August 2021"),
        ("0000-00-00T00:00:00Z", "dateTime", "0000-00-00T00:00:00Z"),
        ("12", "integer", "12"),
        ("P1D", "duration", "P1D xsd:duration"),
    ],
)
def test_literals_are_written_for_people(text: str, type_: str, shown: str) -> None:
    # Straight to the page: the engine's store writes some of them anew.
    row: Row = {
        "property": ox.NamedNode("http://x/p"),
        "value": ox.Literal(text, datatype=ox.NamedNode(vocabulary.XSD + type_)),
    }
    tree = read(page(BASE + "a", [row], [], base=BASE, prefixes=vocabulary.PREFIXES))
    assert groups(tree, "said")["http://x/p"].all("dd")[0].text == shown


def test_a_long_text_is_cut() -> None:
    store = store_of(quad(BASE + "a", "http://x/p", ox.Literal("x" * 1_000_000)))
    assert len(page_of(store, BASE + "a")) < 20_000


# IRIs and paths


def browsed(path: str) -> str:
    """Return the path that a browser sends for a link."""
    return ada_url.URL(path, base="http://localhost:8000/id/here?x#y").pathname


@given(
    st.text(st.characters(codec="utf-8"), max_size=20)
    | st.from_regex(r"[a-z/%.?#A-F0-9~:@!$&'()*+,;=-]{0,20}", fullmatch=True)
)
@example("article/a.example/b%20c%2Fd")
@example("source/x'y&z.md")
@example("a/../b")
@example("a/%2E%2e/b")
@example("..")
@example("a/.")
@example("a?b")
@example("a#b")
@example("é")
@example("%")
@example("/x")
@example("//x")
@example("\\x")
def test_the_path_of_a_page_gives_the_iri_back(rest: str) -> None:
    iri = BASE + rest
    path = entity_path(iri, BASE)
    if path is not None:
        assert BASE + browsed(path).removeprefix("/id/") == iri
        assert "?" not in ada_url.URL(path, base="http://a/").href
    try:
        node = ox.NamedNode(iri)
    except ValueError:
        return
    row: Row = {"property": ox.NamedNode("http://x/p"), "value": node}
    (link,) = groups(read(page(BASE + "a", [row], [], base=BASE, prefixes={})), "said")["http://x/p"].all("a")
    if path is None:  # a page of its own it has not, but a query that tells of it
        assert link.attributes["href"].startswith("/#query=")
        assert unquote(link.attributes["href"].removeprefix("/#query=")) == f"DESCRIBE <{iri}>"
    else:
        assert link.attributes["href"] == path


@pytest.mark.parametrize(
    "rest, path",
    [
        ("topic/ai", "/id/topic/ai"),
        ("source/x/y%20z.md", "/id/source/x/y%20z.md"),
        ("article/a/...", "/id/article/a/..."),
        ("a//b", "/id/a//b"),
        ("a/../b", None),
        ("a?b", None),
        ("é", None),
        ("", None),
    ],
)
def test_paths(rest: str, path: str | None) -> None:
    assert entity_path(BASE + rest, BASE) == path
    assert entity_path("https://elsewhere.example/" + rest, BASE) is None


def test_an_iri_that_is_none_leads_nowhere() -> None:
    # The engine lets none in; results from elsewhere are not to be trusted to hold none.
    names = iri_links.IriLinks(BASE, vocabulary.PREFIXES)
    for iri in ("https://a/ b", 'https://a/"', "https://a/<x>", BASE + "a b", BASE + "\ud800"):
        assert "<a" not in names.link(iri, "x")


# What is much


def busy(count: int) -> ox.Store:
    """Return a topic with a narrower one and so many articles, the latest with the largest number."""
    topic = BASE + "topic/busy"
    store = store_of(
        quad(BASE + "topic/narrow", vocabulary.BROADER, topic), quad(topic, vocabulary.TYPE, vocabulary.CONCEPT)
    )
    moments = (f"2021-01-{1 + number // 24:02}T{number % 24:02}:00:00Z" for number in range(count))
    articles = [f"{BASE}article/{number}" for number in range(count)]
    store.extend(quad(article, vocabulary.ABOUT, topic) for article in reversed(articles))  # a store keeps the order
    store.extend(
        quad(article, vocabulary.LABEL, ox.Literal(f"Title {number}")) for number, article in enumerate(articles)
    )
    store.extend(
        quad(article, vocabulary.DATE_PUBLISHED, ox.Literal(moment, datatype=ox.NamedNode(vocabulary.XSD + "dateTime")))
        for article, moment in zip(articles, moments, strict=True)
    )
    return store


def test_much_is_cut_by_property_and_the_latest_is_kept() -> None:
    store = busy(MOST + 5)
    topic = BASE + "topic/busy"
    pointing = groups(read(page_of(store, topic)), "pointing")
    assert len(pointing[vocabulary.BROADER].all("dd")) == 1, "a busy property hides no other"
    lines = pointing[vocabulary.ABOUT].all("dd")
    assert len(lines) == MOST + 1
    assert lines[0].text == "Title 204 9 January 2021"
    assert [line.all("bdi")[0].text for line in lines[:-1]] == [f"Title {204 - number}" for number in range(MOST)]
    assert lines[-1].text == "and more: list all"
    href = lines[-1].all("a")[0].attributes["href"]
    found = store.query(unquote(href.removeprefix("/#query=")))
    assert isinstance(found, ox.QuerySolutions)
    assert {one["node"].value for one in found} == {f"{BASE}article/{number}" for number in range(MOST + 5)}


def test_just_enough_is_not_cut() -> None:
    lines = groups(read(page_of(busy(MOST), BASE + "topic/busy")), "pointing")[vocabulary.ABOUT].all("dd")
    assert len(lines) == MOST
    assert "and more" not in lines[-1].text


def test_many_values_and_many_properties_are_cut() -> None:
    subject = BASE + "a"
    many = range(MOST + 1)
    store = store_of(
        *(quad(subject, vocabulary.ALT_LABEL, ox.Literal(f"Name {number}")) for number in many),
        *(quad(subject, f"http://x/{number}", ox.Literal(str(number))) for number in range(MOST_ROWS)),
    )
    tree = read(page_of(store, subject))
    more = groups(tree, "said")[vocabulary.ALT_LABEL].all("dd")[-1].all("a")[0].attributes["href"]
    overall = tree.all("section")[0].all("p", "more")[0].all("a")[0].attributes["href"]
    for href, variable, count in ((more, "value", MOST + 1), (overall, "value", MOST_ROWS + MOST + 1)):
        found = store.query(unquote(href.removeprefix("/#query=")))
        assert isinstance(found, ox.QuerySolutions)
        assert len([one[variable] for one in found]) == count


def test_rows_come_in_one_order_however_the_data_came() -> None:
    quads = [one for one in busy(30) if "3" not in str(one.object)]
    quads += [
        quad(BASE + "topic/busy", vocabulary.ALT_LABEL, ox.Literal("a", language=tag)) for tag in ("en", "de", "fr")
    ]
    quads += [
        quad(BASE + "topic/busy", vocabulary.ALT_LABEL, ox.Literal("a", datatype=ox.NamedNode(f"http://x/{n}")))
        for n in "cab"
    ]
    texts = {page_of(store_of(*order), BASE + "topic/busy") for order in (quads, quads[::-1], sorted(quads, key=str))}
    assert len(texts) == 1


def test_a_node_with_two_labels_and_two_dates_is_listed_once() -> None:
    topic, article = BASE + "topic/a", BASE + "article/b"
    moments = [
        ox.Literal(f"2021-01-0{day}T00:00:00Z", datatype=ox.NamedNode(vocabulary.XSD + "dateTime")) for day in (1, 2)
    ]
    store = store_of(
        quad(article, vocabulary.ABOUT, topic),
        quad(article, vocabulary.LABEL, ox.Literal("B")),
        quad(article, vocabulary.HEADLINE, ox.Literal("A")),
        *(quad(article, vocabulary.DATE_PUBLISHED, moment) for moment in moments),
    )
    lines = groups(read(page_of(store, topic)), "pointing")[vocabulary.ABOUT].all("dd")
    assert [line.text for line in lines] == ["A 2 January 2021"]


def test_graphs_by_name_are_read_as_one() -> None:
    """A server of quads takes all graphs together for the default graph."""
    store = ox.Store()
    for graph in ("http://g/1", "http://g/2"):
        subject, predicate, value, _ = quad(BASE + "article/a", vocabulary.ABOUT, BASE + "topic/b")
        store.add(ox.Quad(subject, predicate, value, ox.NamedNode(graph)))
    for text in (OUTGOING, INCOMING):
        iri = BASE + ("article/a" if text is OUTGOING else "topic/b")
        variable = {ox.Variable("entity"): ox.NamedNode(iri)}
        assert len(list(store.query(text, substitutions=variable, use_default_graph_as_union=True))) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize("iri", [ARTICLE, TOPIC, BASE + "dataset", BASE + "nothing"])
def test_rdf_is_what_the_node_is_subject_or_object_of(iri: str) -> None:
    found = export().query(RDF, substitutions={ox.Variable("entity"): ox.NamedNode(iri)})
    assert isinstance(found, ox.QueryTriples)
    node = ox.NamedNode(iri)
    expected = {one.triple for one in export() if node in (one.subject, one.object)}
    assert set(found) == expected
    assert bool(expected) == ("nothing" not in iri)


# The frame


def test_the_node_can_be_had_as_data() -> None:
    tree = read(page_of(export(), ARTICLE))
    alternates = {
        one.attributes["type"]: one.attributes["href"] for one in tree.all("link") if "type" in one.attributes
    }
    assert alternates == {
        "image/svg+xml": "/ui/icon.svg",
        "text/turtle": "?format=ttl",
        "application/ld+json": "?format=jsonld",
        "application/n-triples": "?format=nt",
        "application/rdf+xml": "?format=rdf",
    }
    ways = {one.text: one.attributes["href"] for one in tree.all("p", "ways")[0].all("a")}
    assert list(ways) == ["Turtle", "JSON-LD", "N-Triples", "RDF/XML", "SPARQL"]
    found = export().query(unquote(ways["SPARQL"].removeprefix("/#query=")))
    assert isinstance(found, ox.QuerySolutions)
    assert len(list(found)) == len(list(export().quads_for_pattern(ox.NamedNode(ARTICLE), None, None)))


def test_the_page_leads_to_the_other_pages() -> None:
    for text in (page_of(export(), ARTICLE), missing(BASE + "x")):
        (nav,) = read(text).all("nav")
        assert {one.text: one.attributes["href"] for one in nav.all("a")} == {"Query": "/", "Explore": "/explore"}


def test_a_node_that_nothing_is_said_of() -> None:
    tree = read(missing(BASE + "topic/<script>\u202e"))
    assert tree.all("h1")[0].text == "The data says nothing of this node"
    assert tree.all("code")[0].text == BASE + "topic/<script>\\u202e"
    assert not [one for one in tree.all("link") if one.attributes["rel"] == "alternate"]


# The looks


def _palettes() -> list[Mapping[str, str]]:
    light, dark, paper = (
        dict(re.findall(r"--(\w+(?:-\w+)*): (#[0-9a-f]{3,6})", block)) for block in re.findall(r":root\{(.*?)\}", CSS)
    )
    return [light, {**light, **dark}, {**light, **paper}]


def _luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    digits = digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("palette", _palettes(), ids=["light", "dark", "print"])
def test_texts_stand_out_from_their_ground(palette: Mapping[str, str]) -> None:
    """WCAG 2.1 asks for a contrast of 4.5."""
    pairs = [(text, ground) for text in ("ink", "soft", "link") for ground in ("paper", "sheet")]
    for text, ground in [*pairs, ("link", "chosen"), ("go-ink", "go")]:
        darker, lighter = sorted((_luminance(palette[text]), _luminance(palette[ground])))
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, (text, ground)


def test_the_style_asks_for_nothing() -> None:
    assert "url(" not in CSS
    assert "@import" not in CSS


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """Serve the pages under the policy of the server; a title of one of the nodes is hostile."""
    store = ox.Store()
    store.extend(export())
    for number, text in enumerate(HOSTILE):
        hostile = BASE + f"topic/hostile-{number}"
        store.extend(
            [
                quad(hostile, vocabulary.TYPE, vocabulary.CONCEPT),
                quad(hostile, vocabulary.PREF_LABEL, ox.Literal(text)),
                quad(BASE + "topic/hostile", vocabulary.BROADER, hostile),
            ]
        )
    files = {
        "/ui/entity.css": ("text/css", CSS),
        "/ui/icon.svg": ("image/svg+xml", '<svg xmlns="http://www.w3.org/2000/svg"/>'),
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, text = files.get(self.path) or ("text/html", page_of(store, BASE + self.path.removeprefix("/id/")))
            self.send_response(200)
            self.send_header("content-type", f"{kind}; charset=utf-8")
            self.send_header("content-security-policy", POLICY)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_in_a_browser_a_page_asks_for_nothing_more_and_fits(browser: Any, site: str, width: int, scheme: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    shown = context.new_page()
    requests: list[str] = []
    complaints: list[str] = []
    context.on("request", lambda request: requests.append(request.url))
    shown.on("console", lambda message: complaints.append(message.text))
    for path in ("article/biometricupdate.com/vg6yplgcb3rf2kex", "dataset", "topic/hostile", "topic/hostile-1"):
        requests.clear()
        shown.goto(f"{site}/id/{path}")
        assert {url.removeprefix(site) for url in requests} <= {f"/id/{path}", "/ui/entity.css", "/ui/icon.svg"}
        assert shown.evaluate("document.documentElement.scrollWidth") <= width, path
        assert shown.evaluate("typeof window.__pwned") == "undefined"
        small = shown.evaluate(
            "[...document.querySelectorAll('body *')].filter(e => parseFloat(getComputedStyle(e).fontSize) < 12).length"
        )
        assert small == 0
    assert complaints == []
    context.close()


@pytest.mark.browser
def test_in_a_browser_a_link_leads_to_the_node(browser: Any, site: str) -> None:
    shown = browser.new_page()
    shown.goto(f"{site}/id/topic/live-facial-recognition")
    shown.get_by_role("region", name="What points at it").get_by_role("link").first.click()
    assert (
        shown.get_by_role("heading", level=1).inner_text()
        == "One year after Bridges: what forces changed, and what they did not"
    )
    assert shown.get_by_role("main").count() == shown.get_by_role("banner").count() == 1
    shown.keyboard.press("Tab")
    outline = shown.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    shown.close()
