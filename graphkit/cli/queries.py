"""``graphkit queries``: the bundled questions."""

from __future__ import annotations

from itertools import dropwhile
from typing import TYPE_CHECKING, Annotated

import typer

from graphkit.cli.options import JsonOption
from graphkit.diagnostics.quoting import for_terminal

if TYPE_CHECKING:
    from graphkit.query.questions import Question

WIDTH = 80
"""The longest line of the list."""


def queries(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="Show the whole question.")] = "",
    json: JsonOption = False,
) -> None:
    """List the bundled questions with their parameters, or show one of them."""
    from graphkit.query.questions import bundled, find

    questions = (find(name),) if name else bundled()
    if json:
        import msgspec

        from graphkit.files.atomic import json_text

        print(json_text(msgspec.to_builtins(questions[0] if name else questions)), end="")
    elif name:
        _print_question(questions[0])
    else:
        _print_list(questions)


def _print_list(questions: tuple[Question, ...]) -> None:
    longest = max(len(question.name) for question in questions)
    for question in questions:
        parameters = "".join(f" {parameter.name}={parameter.default}" for parameter in question.parameters)
        line = f"{question.name:<{longest}}  {question.title or question.question}{' ·' * bool(parameters)}{parameters}"
        print(for_terminal(line if len(line) <= WIDTH else f"{line[: WIDTH - 1]}…"))


def _print_question(question: Question) -> None:
    print(for_terminal(question.question or question.title))
    for parameter in question.parameters:
        print(for_terminal(f"  -p {parameter.name}=… ({parameter.type}, {parameter.default}) {parameter.help}"))
    if question.columns:
        print(for_terminal(f"  gives {question.columns}"))
    body = dropwhile(lambda line: not line.strip() or line.startswith("#"), question.text.splitlines())
    print("", *map(for_terminal, body), sep="\n")
