"""RDF terms as HTML."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime

import pyoxigraph as ox

from graphkit.diagnostics.quoting import visible
from graphkit.rdf import vocabulary
from graphkit.server.entity_queries import Row, Term
from graphkit.server.iri_links import IriLinks

_MOST_LETTERS = 5_000

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_PLAIN_TYPES = frozenset({vocabulary.XSD + "string", vocabulary.RDF + "langString", vocabulary.XSD + "integer"})
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def term_html(row: Row, variable: str, iris: IriLinks, *, dated: bool = True) -> str:
    """Return a term as HTML: a node by its label, a moment as a date, with its language or datatype if unusual."""
    term = row[variable]
    if isinstance(term, ox.NamedNode):
        label = text_of(row.get("label")).strip()
        name = escaped(shortened(label)) if label else html.escape(iris.short(term.value))
        link = iris.link(term.value, f"<bdi>{name}</bdi>")
        date = row.get("date") if dated else None
        return f"{link} {moment_html(date, day=True)}" if isinstance(date, ox.Literal) else link
    if not isinstance(term, ox.Literal):
        return f"<bdi>{escaped(shortened(str(term)))}</bdi>"
    if term.datatype.value in {vocabulary.XSD + "dateTime", vocabulary.XSD + "date"}:
        return moment_html(term)
    text = escaped(shortened(term.value))
    if term.language:
        language = html.escape(term.language)
        return f'<bdi lang="{language}">{text}</bdi> <small>{language}</small>'
    if term.datatype.value not in _PLAIN_TYPES:
        datatype = html.escape(visible(term.datatype.value))
        return f'<bdi>{text}</bdi> <small title="{datatype}">{html.escape(iris.short(term.datatype.value))}</small>'
    return f"<bdi>{text}</bdi>"


def moment_html(term: ox.Literal, *, day: bool = False) -> str:
    """Return a moment in words, in UTC, to the minute or to the `day`; a text that is no moment stays as it is."""
    text = escaped(shortened(term.value))
    try:
        moment = datetime.fromisoformat(term.value)
        moment = moment.astimezone(UTC) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        return f"<bdi>{text}</bdi>"
    words = f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"
    if not day and "T" in term.value:
        words += f", {moment:%H:%M}" + (" UTC" if moment.tzinfo else "")
    return f'<time datetime="{text}">{words}</time>'


def text_of(term: Term | None) -> str:
    """Return an IRI or the text of a literal, empty for anything else."""
    return term.value if isinstance(term, ox.NamedNode | ox.Literal) else ""


def shortened(text: str) -> str:
    """Return a text cut to a length that a page can show."""
    return text if len(text) <= _MOST_LETTERS else f"{text[:_MOST_LETTERS]}…"


def escaped(text: str) -> str:
    """Escape a text for HTML, and replace characters that HTML does not allow."""
    return html.escape(_CONTROLS.sub("\ufffd", text))
