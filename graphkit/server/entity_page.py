"""The page of one node: what the data says of it and what points at it, as HTML without scripts.

The texts of the queries stand here, for they and the page agree on the names of variables. Whoever has the data runs
them with `?entity` bound to the node's IRI; the page is made from their rows alone.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from itertools import groupby
from string import Template
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import quote, urlsplit

import pyoxigraph as ox

from graphkit.diagnostics.quoting import visible
from graphkit.rdf import vocabulary
from graphkit.rdf.properties import PROPERTIES

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Row = Mapping[str, Term]
"""A solution: the terms by their variables, without those that are unbound."""

MOST = 200
"""So many rows of one property are shown."""
MOST_ROWS = 2_000
"""So many rows of all properties together are shown."""
_MOST_SORTED = 100_000  # of more nodes at one property, these are looked at: sorting them takes a second
_MOST_LETTERS = 5_000

_NAMES = "rdfs:label|skos:prefLabel|schema:headline|schema:name|dcterms:title"
_PROLOGUE = f"""\
PREFIX dcterms: <{vocabulary.DCTERMS}>
PREFIX rdfs: <{vocabulary.RDFS}>
PREFIX schema: <{vocabulary.SCHEMA}>
PREFIX skos: <{vocabulary.SKOS}>
"""


def _rows_text(node: str, pattern: str) -> str:
    """Return the query for the rows of each property: one more than are shown, dated ones from the latest.

    LATERAL, which the engine has beyond SPARQL 1.1, evaluates its group for each row before it: without it only all
    properties together could be bounded, and one busy property would hide the others.
    """
    order = f"DESC(?date) STR({node}) LANG({node}) STR(DATATYPE({node}))"
    return f"""{_PROLOGUE}
SELECT ?entity ?property {node} ?label ?date WHERE {{
  {{ SELECT DISTINCT ?entity ?property WHERE {{ {pattern} }} }}
  LATERAL {{
    SELECT ?entity ?property {node} ?date WHERE {{
      {{ SELECT DISTINCT ?entity ?property {node} WHERE {{ {pattern} }} LIMIT {_MOST_SORTED} }}
      OPTIONAL {{ {node} schema:datePublished ?date }}
    }}
    ORDER BY {order} LIMIT {MOST + 1}
  }}
  LATERAL {{ SELECT {node} (MIN(?name) AS ?label) WHERE {{ OPTIONAL {{ {node} {_NAMES} ?name }} }} GROUP BY {node} }}
}}
ORDER BY ?property {order} LIMIT {MOST_ROWS + 1}
"""


SAID = _rows_text("?value", "?entity ?property ?value")
"""The query for what is said of `?entity`: rows of `property`, `value`, and the value's `label` and `date`."""
POINTING = _rows_text("?node", "?node ?property ?entity")
"""The query for what points at `?entity`: rows of `property`, `node`, and the node's `label` and `date`."""
RDF = """\
CONSTRUCT { ?entity ?property ?value . ?node ?relation ?entity }
WHERE { { ?entity ?property ?value } UNION { ?node ?relation ?entity } }
"""
"""The query for all triples in which `?entity` is subject or object."""

_FORMATS = MappingProxyType(
    {
        "ttl": ("Turtle", "text/turtle"),
        "jsonld": ("JSON-LD", "application/ld+json"),
        "nt": ("N-Triples", "application/n-triples"),
        "rdf": ("RDF/XML", "application/rdf+xml"),
    }
)

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
"""Properties in the order of the page, each in words: of the node, and where the node is the object."""
_PLACES = {iri: place for place, iri in enumerate(_PROPERTIES)}
_TITLES = (vocabulary.LABEL, vocabulary.HEADLINE, vocabulary.PREF_LABEL, vocabulary.NAME, vocabulary.TITLE)

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_PLAIN_TYPES = frozenset({vocabulary.XSD + "string", vocabulary.RDF + "langString", vocabulary.XSD + "integer"})
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")

# What no IRI holds, and what ends one in SPARQL; NamedNode lets none in, results of elsewhere might.
_NOT_IN_IRIS = re.compile(r'[\x00-\x20<>"{}|^`\\\x7f-\x9f\ud800-\udfff]')
# A path that a browser sends as it stands: it would encode what is not ASCII and cut at ? and #; and it takes dot
# segments away, also encoded ones.
_PATH = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@%/\[\]-]*")
_DOTS = re.compile(r"(?:^|/)(?:\.|%2e){1,2}(?:/|$)", re.IGNORECASE)
_WEB = re.compile(r"https?://[^/?#]", re.IGNORECASE)
_LOCAL = re.compile(r"[\w.~-]+")


class _Names(NamedTuple):
    """How IRIs are written and where they lead."""

    base: str
    prefixes: Mapping[str, str]

    def short(self, iri: str) -> str:
        """Write an IRI with the longest prefix that fits, or without the base."""
        fitting = [
            (len(space), prefix)
            for prefix, space in self.prefixes.items()
            if iri.startswith(space) and _LOCAL.fullmatch(iri, len(space))
        ]
        if fitting:
            length, prefix = max(fitting)
            return visible(f"{prefix}:{iri[length:]}")
        return visible(iri[len(self.base) :] if self.base and iri.startswith(self.base) and iri != self.base else iri)

    def link(self, iri: str, inner: str) -> str:
        """Return a link around `inner`, which is HTML; without a place to go, `inner` with the IRI as its title."""
        title = html.escape(visible(iri))
        if _NOT_IN_IRIS.search(iri):
            return f'<span title="{title}">{inner}</span>'
        if self.base and iri.startswith(self.base):
            path = entity_path(iri, self.base) or _query_path(f"DESCRIBE <{iri}>")
            return f'<a href="{html.escape(path)}" title="{title}">{inner}</a>'
        if _WEB.match(iri):
            return f'<a class="out" href="{html.escape(iri)}" rel="noopener noreferrer" title="{title}">{inner}</a>'
        return f'<span title="{title}">{inner}</span>'


def entity_path(iri: str, base: str) -> str | None:
    """Return the path of a node's page, from which ``/id/`` put back to `base` gives the IRI, or None.

    An IRI of `base` has no such path if it holds ``?``, ``#``, dot segments or a character outside ASCII: a browser
    sends another path then.

    >>> entity_path("https://w3id.org/graphkit/id/topic/ai", "https://w3id.org/graphkit/id/")
    '/id/topic/ai'
    >>> entity_path("https://w3id.org/graphkit/id/../x", "https://w3id.org/graphkit/id/") is None
    True
    """
    if not iri.startswith(base):
        return None
    rest = iri[len(base) :]
    if not rest or not _PATH.fullmatch(rest) or _DOTS.search(rest):
        return None
    return f"/id/{rest}"


def page(
    iri: str,
    said: Sequence[Row],
    pointing: Sequence[Row],
    *,
    base: str,
    prefixes: Mapping[str, str],
    title: str = "graphkit",
) -> str:
    """Return the page of the node `iri` as HTML.

    `said` and `pointing` are the rows of the queries SAID and POINTING. IRIs that begin with `base` lead to their own
    pages, `prefixes` shorten the others; `title` names the site in the title of the window.
    """
    names = _Names(base, prefixes)
    values: dict[str, list[Row]] = {}
    for row in said:
        values.setdefault(_text(row.get("property")), []).append(row)
    heading = _heading(iri, values, names)
    kinds = list(dict.fromkeys(_kind(row["value"], names) for row in values.get(vocabulary.TYPE, ()) if "value" in row))
    coverage = not _COVERAGE.isdisjoint(kinds)
    language = _language(values)
    parts = [
        '<article class="card">',
        f'<p class="kind">{html.escape(", ".join(kinds) or "Node")}</p>',
        f'<h1 dir="auto"{language}>{_clean(heading)}</h1>',
        *_card(values, names, coverage=coverage, language=language),
        f'<p class="iri"><span class="unseen">IRI: </span><code dir="ltr">{html.escape(visible(iri))}</code></p>',
        _ways(iri),
        "</article>",
        *_section("said", "What is said of it", said, "value", _all_said(iri), names),
        *_section("pointing", "What points at it", pointing, "node", _all_pointing(iri), names),
    ]
    alternates = "\n".join(
        f'<link rel="alternate" type="{media}" title="{name}" href="?format={format}">'
        for format, (name, media) in _FORMATS.items()
    )
    return _whole(f"{heading} · {title}" if title else heading, "\n".join(parts), alternates)


def missing(iri: str) -> str:
    """Return the page for an IRI of which the data says nothing."""
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
        title=_clean(_DIRECTIONS.sub("", " ".join(title.split()))),
        alternates=alternates,
        content=content,
    )


@cache
def _template() -> Template:
    return Template(resources.files("graphkit.server").joinpath("entity_page.html").read_text(encoding="utf-8"))


def _heading(iri: str, values: Mapping[str, Sequence[Row]], names: _Names) -> str:
    """Return the node's label; without one, its IRI as short as it can be."""
    for name in _TITLES:
        found = sorted(_text(row.get("value")) for row in values.get(name, ()))
        if any(found):
            return " ".join(next(filter(None, found)).split()) or names.short(iri)
    return names.short(iri)


def _kind(term: Term, names: _Names) -> str:
    iri = _text(term)
    return _KINDS.get(iri) or names.short(iri)


def _language(values: Mapping[str, Sequence[Row]]) -> str:
    """Return the attribute for the language that an article says it is written in."""
    found = {_text(row.get("value")) for row in values.get(vocabulary.LANGUAGE, ())}
    if len(found) == 1:
        (language,) = found
        if _LANGUAGE.fullmatch(language):
            return f' lang="{language}"'
    return ""


def _card(values: Mapping[str, Sequence[Row]], names: _Names, *, coverage: bool, language: str) -> list[str]:
    """Return what a reader looks for first: when, by whom, about what, and the way to the original."""

    def drawn(name: str) -> list[str]:
        return [_drawn(row, "value", names, dated=False) for row in values.get(name, ())[:MOST] if "value" in row]

    parts = []
    if coverage:
        line = drawn(vocabulary.DATE_PUBLISHED)[:1]
        line += [f"by {', '.join(by)}"] if (by := drawn(vocabulary.PUBLISHER)) else []
        line += [f"on {', '.join(on)}"] if (on := drawn(vocabulary.DISTRIBUTOR)) else []
        if line:
            parts.append(f'<p class="byline">{" ".join(f"<span>{piece}</span>" for piece in line)}</p>')
        for row in values.get(vocabulary.DESCRIPTION, ())[:1]:
            text = _clean(_cut(_text(row.get("value"))))
            parts.append(f'<blockquote class="excerpt" dir="auto"{language}>{text}</blockquote>')
        if about := drawn(vocabulary.ABOUT):
            topics = "".join(f"<li>{topic}</li>" for topic in about)
            parts.append(f'<ul class="topics" aria-label="Topics">{topics}</ul>')
    for row in values.get(vocabulary.URL, ())[:1]:
        address = _text(row.get("value"))
        if _WEB.match(address) and not _NOT_IN_IRIS.search(address):
            words = "Open original" if coverage else "Open website"
            host = html.escape(visible(_host(address)))
            parts.append(
                f'<p class="original"><a href="{html.escape(address)}" rel="noopener noreferrer">'
                f"{words} <small>at {host}</small></a></p>"
            )
    return parts


def _ways(iri: str) -> str:
    ways = [f'<a href="?format={format}">{name}</a>' for format, (name, _) in _FORMATS.items()]
    if not _NOT_IN_IRIS.search(iri):
        ways.append(f'<a href="{html.escape(_all_said(iri))}">SPARQL</a>')
    return f'<p class="ways"><span>As data:</span> {" ".join(ways)}</p>'


def _section(id_: str, heading: str, rows: Sequence[Row], variable: str, everything: str, names: _Names) -> list[str]:
    """Return a part of the page: the rows by property, in the order of `_PROPERTIES`, then by IRI."""
    if not rows:
        return []
    shown = sorted(rows[:MOST_ROWS], key=_place)  # stable: the query's order stays within a property
    parts = [f'<section aria-labelledby="{id_}">', f'<h2 id="{id_}">{heading}</h2>', "<dl>"]
    for name, group in groupby(shown, key=lambda row: _text(row.get("property"))):
        lines = list(group)
        first: dict[Term, Row] = {}  # a node with two dates comes twice, with the later one first
        for row in lines[:MOST]:
            if variable in row:
                first.setdefault(row[variable], row)
        values = [f"<dd>{_drawn(row, variable, names)}</dd>" for row in first.values()]
        if len(lines) > MOST:
            subject = variable == "node"
            listing = _all_of(lines[0].get("entity"), name, pointing=subject) or everything
            values.append(f'<dd class="more"><a href="{html.escape(listing)}">and more: list all</a></dd>')
        parts += ["<div>", f"<dt>{_property(name, variable, names)}</dt>", *values, "</div>"]
    parts.append("</dl>")
    if len(rows) > MOST_ROWS:
        parts.append(f'<p class="more"><a href="{html.escape(everything)}">and more: list all</a></p>')
    return [*parts, "</section>"]


def _place(row: Row) -> tuple[int, str]:
    iri = _text(row.get("property"))
    return _PLACES.get(iri, len(_PLACES)), iri


def _property(iri: str, variable: str, names: _Names) -> str:
    """Return a property in words, with its term; one without words as the term alone."""
    term = f'<code title="{html.escape(visible(iri))}">{html.escape(names.short(iri))}</code>'
    words = _PROPERTIES.get(iri, ("", ""))[variable == "node"]
    if words:
        return f"{words} {term}"
    return f"is {term} of" if variable == "node" else term


def _drawn(row: Row, variable: str, names: _Names, *, dated: bool = True) -> str:
    """Return a term as HTML: a node by its label, a moment as a date, with its language or datatype if unusual."""
    term = row[variable]
    if isinstance(term, ox.NamedNode):
        label = _text(row.get("label")).strip()
        inner = f"<bdi>{_clean(_cut(label))}</bdi>" if label else f"<bdi>{html.escape(names.short(term.value))}</bdi>"
        date = row.get("date") if dated else None
        return names.link(term.value, inner) + (f" {_moment(date, day=True)}" if isinstance(date, ox.Literal) else "")
    if not isinstance(term, ox.Literal):
        return f"<bdi>{_clean(_cut(str(term)))}</bdi>"
    if term.datatype.value in {vocabulary.XSD + "dateTime", vocabulary.XSD + "date"}:
        return _moment(term)
    text = _clean(_cut(term.value))
    if term.language:
        language = html.escape(term.language)
        return f'<bdi lang="{language}">{text}</bdi> <small>{language}</small>'
    if term.datatype.value not in _PLAIN_TYPES:
        datatype = html.escape(visible(term.datatype.value))
        return f'<bdi>{text}</bdi> <small title="{datatype}">{html.escape(names.short(term.datatype.value))}</small>'
    return f"<bdi>{text}</bdi>"


def _moment(term: ox.Literal, *, day: bool = False) -> str:
    """Return a moment as people write it, in UTC, to the minute or to the `day`; what is none stays as it is."""
    text = _clean(_cut(term.value))
    try:
        moment = datetime.fromisoformat(term.value)
        moment = moment.astimezone(UTC) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        return f"<bdi>{text}</bdi>"
    words = f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"
    if not day and "T" in term.value:
        words += f", {moment:%H:%M}" + (" UTC" if moment.tzinfo else "")
    return f'<time datetime="{text}">{words}</time>'


def _all_said(iri: str) -> str:
    return _query_path(f"SELECT ?property ?value\nWHERE {{ <{iri}> ?property ?value }}\nORDER BY ?property ?value")


def _all_pointing(iri: str) -> str:
    return _query_path(f"SELECT ?node ?property\nWHERE {{ ?node ?property <{iri}> }}\nORDER BY ?property ?node")


def _all_of(entity: Term | None, name: str, *, pointing: bool) -> str:
    """Return the way to a list of all nodes or values at one property."""
    iri = _text(entity)
    if not iri or _NOT_IN_IRIS.search(iri + name):
        return ""
    found, pattern = ("?node", f"?node <{name}> <{iri}>") if pointing else ("?value", f"<{iri}> <{name}> ?value")
    label = f"OPTIONAL {{ {found} <{vocabulary.LABEL}>|<{vocabulary.PREF_LABEL}> ?label }}"
    return _query_path(f"SELECT {found} ?label\nWHERE {{\n  {pattern}\n  {label}\n}}\nORDER BY {found}")


def _query_path(query: str) -> str:
    """Return the address of the query page with a query in it; it is not run before someone asks for it."""
    return f"/#query={quote(query, safe='', errors='replace')}"


def _text(term: Term | None) -> str:
    """Return an IRI or the text of a literal; anything else is empty."""
    return term.value if isinstance(term, ox.NamedNode | ox.Literal) else ""


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_LETTERS else f"{text[:_MOST_LETTERS]}…"


def _clean(text: str) -> str:
    """Escape a text for HTML; what no HTML may hold is replaced."""
    return html.escape(_CONTROLS.sub("\ufffd", text))


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
