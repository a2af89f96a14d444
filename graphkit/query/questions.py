"""Questions: queries with a name, and their parameters, bound as terms and never as text.

A ``.rq`` file opens with comments that tell what it asks and what may be set::

    # title: Topic timeline
    # question: How many articles came out on each day about a topic?
    # parameter: topic (text, any) the topic's label, in any case
    # columns: day (date), label (text), articles (integer), topic (text)

Each parameter has a line of its own in the query, ``VALUES ?topic { UNDEF }``, and is among what the query selects. The
default is what stands in that line; ``any`` stands for UNDEF.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from graphkit.diagnostics.quoting import quoted
from graphkit.errors import UsageError
from graphkit.query.sparql import Token, tokens
from graphkit.rdf.vocabulary import DEFAULT_BASE, PREFIXES, XSD

if TYPE_CHECKING:
    import pyoxigraph as ox

TYPES = ("text", "integer", "date", "IRI")
"""What a parameter may be. A date is an ``xsd:date``."""


class Parameter(msgspec.Struct, frozen=True):
    """A parameter of a question: its `type` is one of TYPES, its `default` as people write it, ``any`` for none."""

    name: str
    type: str
    default: str
    help: str


class Question(msgspec.Struct, frozen=True):
    """A query with a name; title, question and columns are empty where the query does not tell them."""

    name: str
    title: str
    question: str
    parameters: tuple[Parameter, ...]
    columns: str
    text: str


class Bound(msgspec.Struct, frozen=True, eq=False):
    """A question whose parameters are set: the text, and the terms that stand for its variables."""

    name: str
    text: str
    substitutions: Mapping[ox.Variable, ox.NamedNode | ox.Literal]


@cache
def bundled() -> tuple[Question, ...]:
    """Return the questions that come with graphkit, sorted by name.

    >>> "topic-timeline" in [question.name for question in bundled()]
    True
    """
    found = sorted((path for path in _folder().iterdir() if path.name.endswith(".rq")), key=lambda path: path.name)
    return tuple(read_question(path.read_text("utf-8"), path.name.removesuffix(".rq")) for path in found)


def _folder() -> Traversable:
    """Return the folder of a wheel, or else the checkout's."""
    packed = files("graphkit") / "query" / "bundled"
    return packed if packed.is_dir() else Path(str(files("graphkit"))).parent / "queries"


def find(name: str) -> Question:
    """Return the bundled question of this name. Raises `UsageError`, with the names that are near, where it is none."""
    known = {question.name: question for question in bundled()}
    if name in known:
        return known[name]
    near = get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f" (near: {', '.join(near)})" if near else ""
    raise UsageError(
        f"query: expected a bundled question, a file or -, got {quoted(name)}{hint}; `graphkit queries` lists them"
    )


_HEADER = re.compile(r"#\s*(title|question|columns|parameter):\s*(.*?)\s*")
_PARAMETER = re.compile(r"([A-Za-z_]\w*)\s+\(([^,()]*),\s*(.*?)\)\s*(.*)")


def read_question(text: str, name: str) -> Question:
    """Return a query with what its opening comments tell; a query without them has no parameters.

    Raises `UsageError` for a parameter that is not written as the module's docstring shows.
    """
    told = {"title": "", "question": "", "columns": ""}
    parameters: list[Parameter] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            break
        header = _HEADER.fullmatch(line)
        if header is None:
            continue
        if header[1] != "parameter":
            told[header[1]] = header[2]
            continue
        parts = _PARAMETER.fullmatch(header[2])
        if parts is None or parts[2].strip() not in TYPES:
            raise UsageError(
                f"{name}:{number}: expected `# parameter: NAME (TYPE, DEFAULT) help` with one of the types "
                f"{', '.join(TYPES)}, got {quoted(line)}"
            )
        parameter = Parameter(parts[1], parts[2].strip(), parts[3], parts[4])
        if any(other.name == parameter.name for other in parameters):
            raise UsageError(f"{name}:{number}: expected each parameter once, got {parameter.name} again")
        if not _values(list(tokens(text)), parameter.name):
            raise UsageError(
                f"{name}:{number}: expected a line VALUES ?{parameter.name} {{ UNDEF }} in the query, got none"
            )
        parameters.append(parameter)
    return Question(name, told["title"], told["question"], tuple(parameters), told["columns"], text)


def assignments(pairs: Iterable[str]) -> dict[str, str]:
    """Return what is set by texts of the form NAME=VALUE.

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


# The values of a parameter that is set: UNDEF takes the term that is bound, the other two match none. They are there
# because the engine judges a variable by the VALUES it sees: one that can only be UNDEF is never BOUND to it, and `=`
# compares it as if it could not be a number.
_OPEN = '{ UNDEF <urn:x-graphkit:no-value> "no value"^^<urn:x-graphkit:no-value> }'


def bind(question: Question, values: Mapping[str, str], *, base: str = DEFAULT_BASE) -> Bound:
    """Return a question with its parameters set to `values`, as people write them; the others keep their defaults.

    What is written into the query does not depend on a value. An IRI may be absolute, in ``<>``, a CURIE with a prefix
    of the vocabulary, or an id below `base`. Where the query declares no parameters, any variable of its outermost
    group can be set: to an IRI in ``<>``, or else to a text. Raises `UsageError` for an unknown parameter
    and for a value of another type.

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
        places = _values(pieces, name)
        if places:
            edits += [(start, end, _OPEN) for start, end in places]
        else:
            place = _group(pieces, question.name, name)
            edits.append((place, place, f" VALUES ?{name} {_OPEN}"))
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return Bound(question.name, text, substitutions)


def _values(pieces: list[Token], name: str) -> list[tuple[int, int]]:
    """Return where the braces of each ``VALUES ?name { … }`` begin and end."""
    found = []
    for index, piece in enumerate(pieces[:-3]):
        if piece.kind != "word" or piece.text.upper() != "VALUES":
            continue
        variable, opening = pieces[index + 1 : index + 3]
        if variable.kind != "variable" or variable.text[1:] != name or opening.text != "{":
            continue
        closing = next((later for later in pieces[index + 3 :] if later.kind == "sign" and later.text == "}"), None)
        if closing is not None:
            found.append((opening.start, closing.start + 1))
    return found


def _group(pieces: list[Token], query: str, name: str) -> int:
    """Return the offset behind the brace that opens the query's outermost group."""
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
