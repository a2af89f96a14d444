"""Most records have the common layout, and one pattern reads them."""

from pathlib import Path

import pytest
from hypothesis import given
from samples import front_matter_text
from samples.examples import examples
from samples.record_files import front_matter_of, read_by_reference

from graphkit.formats import yaml_record
from graphkit.formats.fast_yaml import record_of, related_of
from graphkit.sources.contents import read_bytes
from graphkit.sources.finding import find


@pytest.mark.engine
def test_most_records_have_the_usual_form(shared_corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_record, "load_plain", lambda _: None)
    yaml_record._plain_entry.cache_clear()
    files = [file for file in find([shared_corpus]).files if file.format == "markdown"]
    texts = [text for file in files if "taxonomy: topic" not in (text := front_matter_of(read_bytes(file)))]
    read = [yaml_record.read_plain(text.encode()) for text in texts]
    yaml_record._plain_entry.cache_clear()
    assert sum(record is not None for record in read) > 0.9 * len(texts)
    assert all(record == read_by_reference(text)[0] for record, text in zip(read, texts, strict=True) if record)


@examples(300)
@given(front_matter_text.usual_records(odd=False))
def test_what_has_the_usual_form_is_read_by_one_pattern(text: str) -> None:
    head, entries = yaml_record._cut(text.encode())
    assert record_of(head.decode(), ()) is not None
    assert all(related_of(entry.decode().rstrip(" \n") + "\n") is not None for entry in entries)
