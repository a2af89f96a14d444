"""The page of one node: the triples with it as subject and as object, as HTML without scripts.

The page is made from the rows of `entity_queries` alone.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from itertools import groupby
from string import Template
from types import MappingProxyType
from urllib.parse import urlsplit

from graphkit.diagnostics.quoting import visible
from graphkit.rdf import vocabulary
from graphkit.rdf.properties import PROPERTIES
from graphkit.rdf.syntaxes import RDF
from graphkit.server.entity_queries import (
    MOST,
    MOST_ROWS,
    NOT_IN_IRIS,
    Row,
    Term,
    incoming_query_path,
    outgoing_query_path,
    property_query_path,
)
from graphkit.server.iri_links import WEB, IriLinks
from graphkit.server.term_html import escaped, shortened, term_html, text_of

_FORMATS = MappingProxyType({name: (RDF[name].name, RDF[name].media_type) for name in ("ttl", "jsonld", "nt", "rdf")})

_KINDS = MappingProxyType(
    {
        vocabulary.NEWS_ARTICLE: "Article",
        vocabulary.VIDEO_OBJECT: "Video",
        vocabulary.CREATIVE_WORK: "Other coverage",
        vocabulary.ORGANIZATION: "Provider",
        vocabulary.CONCEPT: "Topic",
        vocabulary.CONCEPT_SCHEME: "List of topics",
        vocabulary.IMAGE_OBJECT: "Image",
        vocabulary.ENTITY: "Source",
        vocabulary.DATASET: "Dataset",
        vocabulary.DCAT_DATASET: "Dataset",
    }
)
_COVERAGE = frozenset({"Article", "Video", "Other coverage"})

_PROPERTIES = MappingProxyType({one.iri: (one.label, one.inverse) for one in PROPERTIES})
"""Properties in the order of the page, in words for the node as subject and as object."""
_POSITIONS = {iri: position for position, iri in enumerate(_PROPERTIES)}
_TITLES = (vocabulary.LABEL, vocabulary.HEADLINE, vocabulary.PREF_LABEL, vocabulary.NAME, vocabulary.TITLE)

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
_DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def page(
    iri: str,
    outgoing: Sequence[Row],
    incoming: Sequence[Row],
    *,
    base: str,
    prefixes: Mapping[str, str],
    title: str = "graphkit",
) -> str:
    """Return the page of the node `iri` as HTML.

    `outgoing` and `incoming` are the rows of the queries of those iris. IRIs that begin with `base` lead to their own
    pages, `prefixes` shorten the others; `title` is the name of the site.
    """
    iris = IriLinks(base, prefixes)
    values: dict[str, list[Row]] = {}
    for row in outgoing:
        values.setdefault(text_of(row.get("property")), []).append(row)
    heading = _heading(iri, values, iris)
    kinds = list(dict.fromkeys(_kind(row["value"], iris) for row in values.get(vocabulary.TYPE, ()) if "value" in row))
    coverage = not _COVERAGE.isdisjoint(kinds)
    language = _language(values)
    parts = [
        '<article class="card">',
        f'<p class="kind">{html.escape(", ".join(kinds) or "Node")}</p>',
        f'<h1 dir="auto"{language}>{escaped(heading)}</h1>',
        *_card(values, iris, coverage=coverage, language=language),
        f'<p class="iri"><span class="unseen">IRI: </span><code dir="ltr">{html.escape(visible(iri))}</code></p>',
        _data_links(iri),
        "</article>",
        *_section("said", "What is said of it", outgoing, "value", outgoing_query_path(iri), iris),
        *_section("pointing", "What points at it", incoming, "node", incoming_query_path(iri), iris),
    ]
    alternates = "\n".join(
        f'<link rel="alternate" type="{media}" title="{name}" href="?format={format}">'
        for format, (name, media) in _FORMATS.items()
    )
    return _whole(f"{heading} · {title}" if title else heading, "\n".join(parts), alternates)


def missing(iri: str) -> str:
    """Return the page for an IRI about which there is no data."""
    content = "\n".join(
        (
            '<article class="card">',
            '<p class="kind">Not found</p>',
            "<h1>The data says nothing of this node</h1>",
            f'<p class="iri"><span class="unseen">IRI: </span><code dir="ltr">{html.escape(visible(iri))}</code></p>',
            "<p>It may have gone since the link was made.</p>",
            '<p><a href="/">Ask a query</a> or <a href="/explore">explore the graph</a>.</p>',
            "</article>",
        )
    )
    return _whole("Not found · graphkit", content, "")


def _whole(title: str, content: str, alternates: str) -> str:
    return _template().substitute(
        title=escaped(_DIRECTIONS.sub("", " ".join(title.split()))),
        alternates=alternates,
        content=content,
    )


@cache
def _template() -> Template:
    return Template(resources.files("graphkit.server").joinpath("entity_page.html").read_text(encoding="utf-8"))


def _heading(iri: str, values: Mapping[str, Sequence[Row]], iris: IriLinks) -> str:
    """Return the node's label; without one, its IRI in short."""
    for name in _TITLES:
        found = sorted(text_of(row.get("value")) for row in values.get(name, ()))
        if any(found):
            return " ".join(next(filter(None, found)).split()) or iris.short(iri)
    return iris.short(iri)


def _kind(term: Term, iris: IriLinks) -> str:
    iri = text_of(term)
    return _KINDS.get(iri) or iris.short(iri)


def _language(values: Mapping[str, Sequence[Row]]) -> str:
    """Return the HTML attribute for the language of an article, if the data has exactly one."""
    found = {text_of(row.get("value")) for row in values.get(vocabulary.LANGUAGE, ())}
    if len(found) == 1:
        (language,) = found
        if _LANGUAGE.fullmatch(language):
            return f' lang="{language}"'
    return ""


def _card(values: Mapping[str, Sequence[Row]], iris: IriLinks, *, coverage: bool, language: str) -> list[str]:
    """Return what a reader looks for first: date, publisher, topics and a link to the original."""

    def drawn(name: str) -> list[str]:
        return [term_html(row, "value", iris, dated=False) for row in values.get(name, ())[:MOST] if "value" in row]

    parts = []
    if coverage:
        line = drawn(vocabulary.DATE_PUBLISHED)[:1]
        line += [f"by {', '.join(by)}"] if (by := drawn(vocabulary.PUBLISHER)) else []
        line += [f"on {', '.join(on)}"] if (on := drawn(vocabulary.DISTRIBUTOR)) else []
        if line:
            parts.append(f'<p class="byline">{" ".join(f"<span>{piece}</span>" for piece in line)}</p>')
        for row in values.get(vocabulary.DESCRIPTION, ())[:1]:
            text = escaped(shortened(text_of(row.get("value"))))
            parts.append(f'<blockquote class="excerpt" dir="auto"{language}>{text}</blockquote>')
        if about := drawn(vocabulary.ABOUT):
            topics = "".join(f"<li>{topic}</li>" for topic in about)
            parts.append(f'<ul class="topics" aria-label="Topics">{topics}</ul>')
    for row in values.get(vocabulary.URL, ())[:1]:
        address = text_of(row.get("value"))
        if WEB.match(address) and not NOT_IN_IRIS.search(address):
            words = "Open original" if coverage else "Open website"
            host = html.escape(visible(_host(address)))
            parts.append(
                f'<p class="original"><a href="{html.escape(address)}" rel="noopener noreferrer">'
                f"{words} <small>at {host}</small></a></p>"
            )
    return parts


def _data_links(iri: str) -> str:
    links = [f'<a href="?format={format}">{name}</a>' for format, (name, _) in _FORMATS.items()]
    if not NOT_IN_IRIS.search(iri):
        links.append(f'<a href="{html.escape(outgoing_query_path(iri))}">SPARQL</a>')
    return f'<p class="ways"><span>As data:</span> {" ".join(links)}</p>'


def _section(id_: str, heading: str, rows: Sequence[Row], variable: str, everything: str, iris: IriLinks) -> list[str]:
    """Return a section of the page: the rows by property, in the order of `_PROPERTIES`, then by IRI."""
    if not rows:
        return []
    shown = sorted(rows[:MOST_ROWS], key=_position)  # stable: the query's order stays within a property
    parts = [f'<section aria-labelledby="{id_}">', f'<h2 id="{id_}">{heading}</h2>', "<dl>"]
    for name, group in groupby(shown, key=lambda row: text_of(row.get("property"))):
        lines = list(group)
        first: dict[Term, Row] = {}  # a node with two dates has two rows, the later one first
        for row in lines[:MOST]:
            if variable in row:
                first.setdefault(row[variable], row)
        values = [f"<dd>{term_html(row, variable, iris)}</dd>" for row in first.values()]
        if len(lines) > MOST:
            entity = text_of(lines[0].get("entity"))
            listing = property_query_path(entity, name, incoming=variable == "node") or everything
            values.append(f'<dd class="more"><a href="{html.escape(listing)}">and more: list all</a></dd>')
        parts += ["<div>", f"<dt>{_property(name, variable, iris)}</dt>", *values, "</div>"]
    parts.append("</dl>")
    if len(rows) > MOST_ROWS:
        parts.append(f'<p class="more"><a href="{html.escape(everything)}">and more: list all</a></p>')
    return [*parts, "</section>"]


def _position(row: Row) -> tuple[int, str]:
    iri = text_of(row.get("property"))
    return _POSITIONS.get(iri, len(_POSITIONS)), iri


def _property(iri: str, variable: str, iris: IriLinks) -> str:
    """Return a property in words, with its term; without words, the term alone."""
    term = f'<code title="{html.escape(visible(iri))}">{html.escape(iris.short(iri))}</code>'
    words = _PROPERTIES.get(iri, ("", ""))[variable == "node"]
    if words:
        return f"{words} {term}"
    return f"is {term} of" if variable == "node" else term


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
