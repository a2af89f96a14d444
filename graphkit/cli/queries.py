"""``graphkit queries``: the bundled questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from graphkit.cli.options import JsonOption
from graphkit.cli.terminal import reported_errors
from graphkit.diagnostics.quoting import visible

if TYPE_CHECKING:
    from graphkit.query.questions import Question

WIDTH = 80
"""The longest line of the list."""


def queries(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="Show the whole question.")] = "",
    json: JsonOption = False,
) -> None:
    """List the bundled questions with their parameters, or show one of them."""
    with reported_errors():
        from graphkit.query.questions import bundled, find

        questions = (find(name),) if name else bundled()
        if json:
            import msgspec

            from graphkit.files.atomic import json_text

            plain = [msgspec.to_builtins(question) for question in questions]
            print(json_text(plain[0] if name else plain), end="")
        elif name:
            _print_question(questions[0])
        else:
            _print_list(questions)


def _print_list(questions: tuple[Question, ...]) -> None:
    longest = max(len(question.name) for question in questions)
    for question in questions:
        parameters = "".join(f" {parameter.name}={parameter.default}" for parameter in question.parameters)
        line = f"{question.name:<{longest}}  {question.title or question.question}{' ·' * bool(parameters)}{parameters}"
        print(visible(line if len(line) <= WIDTH else f"{line[: WIDTH - 1]}…"))


def _print_question(question: Question) -> None:
    print(visible(question.question or question.title))
    for parameter in question.parameters:
        print(visible(f"  -p {parameter.name}=… ({parameter.type}, {parameter.default}) {parameter.help}"))
    if question.columns:
        print(visible(f"  gives {question.columns}"))
    body = question.text.splitlines()
    while body and (not body[0].strip() or body[0].startswith("#")):
        del body[0]
    print("", *map(visible, body), sep="\n")
