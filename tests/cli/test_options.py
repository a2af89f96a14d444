"""The options of the commands."""

from __future__ import annotations

import inspect

import pytest

from graphkit.cli.build import build
from graphkit.cli.watch import watch

ONLY_BUILD = {"context", "engine", "master", "no_cache", "provenance", "strict"}
ONLY_WATCH = {"debounce"}


def test_watch_has_the_options_of_build() -> None:
    built, watched = (inspect.signature(command, eval_str=True).parameters for command in (build, watch))
    assert (built.keys() - watched.keys(), watched.keys() - built.keys()) == (ONLY_BUILD, ONLY_WATCH)


@pytest.mark.parametrize("name", sorted(inspect.signature(watch).parameters.keys() - ONLY_WATCH - {"sources"}))
def test_an_option_of_build_and_watch_is_declared_once(name: str) -> None:
    built, watched = (inspect.signature(command, eval_str=True).parameters[name] for command in (build, watch))
    assert built.default == watched.default
    assert built.annotation is watched.annotation
