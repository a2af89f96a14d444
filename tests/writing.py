"""Writing: record files for tests, and reading them back by the one loader or the other."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from graphkit import frontmatter, yamltext
from graphkit.errors import Diagnostic
from graphkit.records import Entry, TopicEntry

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
    """Read as where the accelerator is not installed."""
    accelerator = yamltext.yaml_rs
    frontmatter._plain_entry.cache_clear()
    yamltext.yaml_rs = None
    try:
        yield
    finally:
        yamltext.yaml_rs = accelerator
        frontmatter._plain_entry.cache_clear()


def read_by_reference(text: str) -> tuple[Entry | TopicEntry | None, list[Diagnostic]]:
    """Read YAML text by PyYAML alone."""
    diagnostics: list[Diagnostic] = []
    with reference_only():
        return frontmatter.read_yaml(text, "a.md", diagnostics), diagnostics
