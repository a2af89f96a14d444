"""Writing: record files for tests, and reading them back by the one loader or the other."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.diagnostics.found_diagnostics import FoundDiagnostics
from graphkit.formats import front_matter, yaml_record
from graphkit.records.entry import Entry, RecordEntry

GOOD = """\
title: A title
webUrl: "https://example.org/a"
provider:
  name: Example
  domain: example.org
"""

PROVIDER = "provider:\n  name: Example\n  domain: example.org\n"
CIPHER = "oS0HWfxwFq+XHljtDVYjx3/ObgZGF5napl==;Q1w2E3r4T5y6U7i8"


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
        patch.setattr(yaml_record, "read_plain", lambda _: None)
        yield


def read_by_reference(text: str) -> tuple[RecordEntry | None, list[Diagnostic]]:
    """Read YAML text by PyYAML alone."""
    diagnostics = FoundDiagnostics()
    with reference_only():
        return yaml_record.read_yaml(text, "a.md", diagnostics), diagnostics


def read_text(text: str) -> tuple[RecordEntry | None, list[str]]:
    """Read a Markdown file by any way; return its record and its diagnostics."""
    diagnostics = FoundDiagnostics()
    found = front_matter.read_markdown(text, "a.md", diagnostics)
    assert (found is None) == any(one.rejects and "related[" not in one.field for one in diagnostics)
    return found, [str(one) for one in sorted(diagnostics)]


def front_matter_of(data: bytes) -> str:
    """Return the front matter of a Markdown file that is well-formed."""
    return data.decode("utf-8-sig").replace("\r\n", "\n").split("---\n")[1]


def title_of(record: RecordEntry | None) -> str:
    """Return the title of what must be a record of coverage."""
    assert isinstance(record, Entry)
    return record.title
