"""Every diagnostic has a code, and every code has one meaning."""

import re
from pathlib import Path

import graphkit
from graphkit.diagnostics import codes as codes_module
from graphkit.diagnostics.codes import CODES


def test_codes_are_numbered_by_stage_and_have_a_meaning_each() -> None:
    assert all(code[:2] == "GK" and code[2:].isdigit() and code[2] in "1234" for code in CODES)
    assert len(set(CODES.values())) == len(CODES)
    assert list(CODES) == sorted(CODES)


def test_the_meaning_of_a_text_that_is_none_tells_what_is_kept_and_what_not() -> None:
    assert "kept as it was written" in CODES["GK301"]
    assert "a list or mapping is left out" in CODES["GK301"]


def test_the_codes_that_the_package_uses_are_the_ones_that_have_a_meaning() -> None:
    modules = set(Path(graphkit.__file__).parent.rglob("*.py")) - {Path(codes_module.__file__)}
    assert {code for module in modules for code in re.findall(r'"(GK\d+)"', module.read_text("utf-8"))} == set(CODES)
