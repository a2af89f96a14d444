"""Parameters that only ask for AMP are dropped."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Any

from graphkit.urls.canonical_url import canonical


def data(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files("graphkit.urls").joinpath(name).read_text("utf-8"))


def text_of(name: str) -> str:
    return resources.files("graphkit.urls").joinpath(name).read_text("utf-8")


def test_the_amp_parameters_name_their_source_and_are_dropped() -> None:
    assert "# source: https://" in text_of("amp.toml")
    assert text_of("amp.toml").count("# source:") == 3
    for parameter in data("amp.toml")["parameters"]:
        assert parameter == parameter.lower()
        assert canonical(f"https://example.com/a?{parameter}") == "https://example.com/a"
