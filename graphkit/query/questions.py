"""Questions: queries with a name, a description and parameters.

A ``.rq`` file begins with comments that describe it::

    # title: Topic timeline
    # question: How many articles about a topic were published each day?
    # parameter: topic (text, any) the topic's label, in any case
    # columns: day (date), label (text), articles (integer), topic (text)

Each parameter has a line of its own in the query, ``VALUES ?topic { UNDEF }``, and the query selects it. That line
holds the default; ``any`` stands for UNDEF.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import msgspec

from graphkit.diagnostics.quoting import quoted
from graphkit.errors import UsageError
from graphkit.query.sparql import tokens, values_blocks

TYPES = ("text", "integer", "date", "IRI")
"""What a parameter may be. A date is an ``xsd:date``."""


class Parameter(msgspec.Struct, frozen=True):
    """A parameter of a question: its `type` is one of TYPES, its `default` as people write it, ``any`` for none."""

    name: str
    type: str
    default: str
    help: str


class Question(msgspec.Struct, frozen=True):
    """A query with a name; title, question and columns are empty where its file does not give them."""

    name: str
    title: str
    question: str
    parameters: tuple[Parameter, ...]
    columns: str
    text: str


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
    """Return the bundled question of this name. Raises `UsageError`, which names similar ones, where there is none."""
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
    """Return a query with what its opening comments say; a query without them has no parameters.

    Raises `UsageError` for a parameter that is not written as the module's docstring shows.
    """
    stated = {"title": "", "question": "", "columns": ""}
    parameters: list[Parameter] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            break
        header = _HEADER.fullmatch(line)
        if header is None:
            continue
        if header[1] != "parameter":
            stated[header[1]] = header[2]
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
        if not values_blocks(list(tokens(text)), parameter.name):
            raise UsageError(
                f"{name}:{number}: expected a line VALUES ?{parameter.name} {{ UNDEF }} in the query, got none"
            )
        parameters.append(parameter)
    return Question(name, stated["title"], stated["question"], tuple(parameters), stated["columns"], text)
