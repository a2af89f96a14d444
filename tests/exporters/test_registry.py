"""The table of export formats."""

from __future__ import annotations

import inspect
from importlib import import_module
from pathlib import Path

import pytest

from graphkit import exporters
from graphkit.exporters import csv
from graphkit.exporters.registry import FILE_NAMES, FORMATS

SHARED = {"export_files", "json_arrays", "plain_values", "registry", "tables", "xml_graph"}


def test_each_format_has_a_module_of_its_own() -> None:
    modules = [format.module for format in FORMATS.values()]
    files = {path.stem for path in Path(exporters.__path__[0]).glob("[a-z]*.py")}
    assert sorted(modules) == sorted(files - SHARED)


def test_no_two_formats_write_the_same_file() -> None:
    assert len(FILE_NAMES) == sum(len(format.files) for format in FORMATS.values())


@pytest.mark.parametrize("module", [format.module for format in FORMATS.values()])
def test_all_formats_are_written_alike(module: str) -> None:
    write = import_module(f"graphkit.exporters.{module}").write
    signature = inspect.signature(write)
    assert signature.parameters == inspect.signature(csv.write).parameters
    assert signature.return_annotation in {"None", "str | None"}
