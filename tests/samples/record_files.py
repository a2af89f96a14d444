"""Writing: record files for tests, and reading them back by the one loader or the other."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.formats import front_matter
from graphkit.records.entry import Entry, TopicEntry

GOOD = """\
title: A title
webUrl: "https://example.org/a"
provider:
  name: Example
  domain: example.org
"""


def record(path: Path, front: str = GOOD, *, body: str = "") -> Path:
    """Write a Markdown record with this front matter and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(f"---\n{front}---\n{body}".encode("utf-8", "surrogateescape"))
    return path


@contextmanager
def reference_only() -> Iterator[None]:
    """Read by PyYAML and field by field, whatever is quicker."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(front_matter, "_read_plain", lambda _: None)
        yield


def read_by_reference(text: str) -> tuple[Entry | TopicEntry | None, list[Diagnostic]]:
    """Read YAML text by PyYAML alone."""
    diagnostics: list[Diagnostic] = []
    with reference_only():
        return front_matter.read_yaml(text, "a.md", diagnostics), diagnostics
