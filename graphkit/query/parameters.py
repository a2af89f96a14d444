"""Parameters of questions: values that people write, bound to the variables of a query as RDF terms."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING

import msgspec

from graphkit.diagnostics.quoting import quoted
from graphkit.errors import UsageError
from graphkit.query.questions import Question
from graphkit.query.sparql import Token, tokens, values_blocks
from graphkit.rdf.vocabulary import DEFAULT_BASE, PREFIXES, XSD

if TYPE_CHECKING:
    import pyoxigraph as ox


class BoundQuestion(msgspec.Struct, frozen=True, eq=False):
    """A question whose parameters are set: its text, and the terms of its variables."""

    name: str
    text: str
    substitutions: Mapping[ox.Variable, ox.NamedNode | ox.Literal]


def assignments(pairs: Iterable[str]) -> dict[str, str]:
    """Return values by parameter from texts of the form NAME=VALUE. Raises `UsageError`.

    >>> assignments(["topic=Computer Vision", "note=a=b"])
    {'topic': 'Computer Vision', 'note': 'a=b'}
    """
    found: dict[str, str] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name:
            raise UsageError(f"parameter: expected NAME=VALUE, got {quoted(pair)}")
        if name in found:
            raise UsageError(f"parameter: expected {name} once, got it twice")
        found[name] = value
    return found


# The values of a parameter that is set: UNDEF takes the bound term, the other two match nothing. They are there because
# the engine plans by the VALUES it sees: a variable that can only be UNDEF is never BOUND, and `=` compares it as if it
# could not be a number.
_OPEN = '{ UNDEF <urn:x-graphkit:no-value> "no value"^^<urn:x-graphkit:no-value> }'


def bind(question: Question, values: Mapping[str, str], *, base: str = DEFAULT_BASE) -> BoundQuestion:
    """Return a question with its parameters set to `values`, as people write them; the others keep their defaults.

    A value becomes a term, never text of the query, so none can change the query. An IRI may be absolute, in
    ``<>``, a CURIE with a prefix of the vocabulary, or an id below `base`. Where the query declares no parameters, any
    variable of its outermost group can be set: to an IRI in ``<>``, or else to a text. Raises `UsageError` for an
    unknown parameter and for a value of another type.

    >>> from graphkit.query.questions import find
    >>> bind(find("topic-timeline"), {"topic": 'say "AI"'}).substitutions
    {<Variable value=topic>: <Literal value=say "AI" datatype=<NamedNode value=http://www.w3.org/2001/XMLSchema#string>>}
    """
    import pyoxigraph as ox

    declared = {parameter.name: parameter.type for parameter in question.parameters}
    pieces = list(tokens(question.text))
    variables = {piece.text[1:] for piece in pieces if piece.kind == "variable"}
    text = question.text
    edits: list[tuple[int, int, str]] = []
    substitutions: dict[ox.Variable, ox.NamedNode | ox.Literal] = {}
    for name, value in values.items():
        known = declared or variables
        if name not in known:
            offer = f"one of {', '.join(sorted(known))}" if known else "none, as the query has no variables"
            raise UsageError(f"{question.name}: parameter: expected {offer}, got {quoted(name)}")
        type = declared.get(name) or ("IRI" if value.startswith("<") and value.endswith(">") else "text")
        try:
            substitutions[ox.Variable(name)] = _term(value, type, base)
        except ValueError as error:
            raise UsageError(f"{question.name}: parameter {name}: expected {error}, got {quoted(value)}") from None
        places = values_blocks(pieces, name)
        if places:
            edits += [(start, end, _OPEN) for start, end in places]
        else:
            place = _group(pieces, question.name, name)
            edits.append((place, place, f" VALUES ?{name} {_OPEN}"))
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return BoundQuestion(question.name, text, substitutions)


def _group(pieces: list[Token], query: str, name: str) -> int:
    """Return the offset after the brace that opens the query's outermost group."""
    groups = list(_outermost(pieces))
    forms = [piece.text.upper() for piece in pieces if piece.kind == "word"]
    form = next((word for word in forms if word in ("SELECT", "ASK", "DESCRIBE", "CONSTRUCT")), "")
    which = 1 if form == "CONSTRUCT" else 0
    if len(groups) > which:
        index = groups[which]
        following = pieces[index + 1 : index + 2]
        if not following or following[0].text.upper() != "SELECT":
            return pieces[index].start + 1
    raise UsageError(
        f"{query}: parameter {name}: expected a query with a line VALUES ?{name} {{ UNDEF }} for it, got none"
    )


def _outermost(pieces: list[Token]) -> Iterator[int]:
    depth = 0
    for index, piece in enumerate(pieces):
        if piece.kind == "sign" and piece.text in "{([":
            if piece.text == "{" and depth == 0:
                yield index
            depth += 1
        elif piece.kind == "sign" and piece.text in "})]":
            depth -= 1


_INTEGER = re.compile(r"[+-]?[0-9]+")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CURIE = re.compile(r"([A-Za-z][A-Za-z0-9]*):(?!//)(.*)", re.DOTALL)
_ID = re.compile(r"(?:article|provider|topic|source)/.+|dataset", re.DOTALL)


def _term(value: str, type: str, base: str) -> ox.NamedNode | ox.Literal:
    """Return the term for a value. Raises `ValueError` that says what was expected."""
    import pyoxigraph as ox

    if type == "integer":
        if not _INTEGER.fullmatch(value) or not -(1 << 63) <= int(value[:25]) < 1 << 63:
            raise ValueError("a whole number of at most 64 bits")
        return ox.Literal(str(int(value)), datatype=ox.NamedNode(XSD + "integer"))
    if type == "date":
        try:
            day = date.fromisoformat(value) if _DATE.fullmatch(value) else None
        except ValueError:
            day = None
        if day is None:
            raise ValueError("a date such as 2021-08-23")
        return ox.Literal(value, datatype=ox.NamedNode(XSD + "date"))
    if type == "IRI":
        iri = value[1:-1] if value.startswith("<") and value.endswith(">") else value
        curie = _CURIE.fullmatch(iri)
        if iri == value and curie and curie[1] in PREFIXES:
            iri = PREFIXES[curie[1]] + curie[2]
        elif iri == value and _ID.fullmatch(iri):
            iri = base + iri
        try:
            return ox.NamedNode(iri)
        except ValueError:
            raise ValueError("an IRI: absolute, such as schema:about, or such as topic/privacy") from None
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError("text in UTF-8") from None
    return ox.Literal(value)
