"""A record is the same by either parser, and its faults have their place."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from samples import front_matter_text
from samples.examples import examples
from samples.record_files import (
    CIPHER,
    GOOD,
    PROVIDER,
    front_matter_of,
    read_by_reference,
    read_text,
    reference_only,
    title_of,
)

from graphkit.diagnostics.found_diagnostics import FoundDiagnostics
from graphkit.formats import yaml_record
from graphkit.formats.parsing import Reading, read
from graphkit.formats.yaml_record import read_yaml
from graphkit.records.entry import Entry, TopicEntry
from graphkit.sources.contents import read_bytes
from graphkit.sources.finding import find


def all_readings(folder: Path) -> dict[str, Reading]:
    yaml_record._plain_entry.cache_clear()
    return {file.name: read(read_bytes(file), file.format, file.name) for file in find([folder]).files}


@pytest.mark.engine
@pytest.mark.parametrize("corpus", ["shared_corpus", "seeds"])
def test_every_file_is_read_alike_by_either_loader(corpus: str, request: pytest.FixtureRequest) -> None:
    folder = request.getfixturevalue(corpus)
    fast = all_readings(folder)
    with reference_only():
        slow = all_readings(folder)
    assert fast == slow
    assert len(fast) > 10


def test_the_accelerator_reads_most_of_the_shared_records(shared_corpus: Path) -> None:
    files = [file for file in find([shared_corpus]).files if file.format == "markdown"]
    texts = [front_matter_of(read_bytes(file)) for file in files]
    assert sum(yaml_record.read_plain(text.encode()) is not None for text in texts) > 0.9 * len(texts)


@examples(400)
@given(
    st.one_of(
        front_matter_text.changed_records(),
        front_matter_text.changed_records(),
        front_matter_text.usual_records(),
        front_matter_text.front_matter,
    )
)
@example('title: a\nsecured: "AA"\nsecured: "AA"\n' + PROVIDER)
@example('title: a\ntopics:\nsecured: "AA"\n  - b\n' + PROVIDER)
@example("title: a\n" + PROVIDER + "topics:\nrelated:\n- b\n")
@example("title: a\n" + PROVIDER + "topics:\nrelated:\n  - title: b\n- c\n")
@example("title: a\n" + PROVIDER + "related:\nrelated:\n  - title: b\n    provider:\n      domain: b.org\n")
@example("  title: a\nrelated:\n  - title: b\n    provider:\n      domain: b.org\n")
@example(
    "title: a\n" + PROVIDER + 'related:\n  - title: "b"\x1c\n    provider:\n      domain: b.org\n  - title: "b"\x1c\n'
)
@example('taxonomy: topic\nname: a\nsecured: "AA"\n')
@example("taxonomy: topic\nname: a\nrelated:\n  - title: b\n    provider:\n      domain: b.org\n")
@example("title: tRUE\n" + PROVIDER)
@example("title: foo\n  - bar\n" + PROVIDER)
def test_what_is_read_fast_is_what_the_reference_reads_without_a_fault(text: str) -> None:
    fast = yaml_record.read_plain(text.encode())
    if fast is not None:
        slow, diagnostics = read_by_reference(text)
        assert repr(fast) == repr(slow)
        assert diagnostics == []


@examples(300)
@given(st.one_of(front_matter_text.front_matter, st.text(), st.lists(front_matter_text.line).map("\n".join)))
def test_no_text_stops_the_reader_and_each_rejection_is_told(text: str) -> None:
    diagnostics = FoundDiagnostics()
    found = read_yaml(text, "a.md", diagnostics, lines_before=1)
    assert (found is None) == any(one.rejects and "related[" not in one.field for one in diagnostics)
    assert all(one.line > 1 and one.column > 0 for one in diagnostics)


def test_a_record_that_the_fast_parser_does_not_take_is_read_the_long_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_record, "load_plain", lambda _: None)
    assert yaml_record.read_plain(f"{GOOD}heat: 3\n".encode()) is None
    assert yaml_record.read_plain(GOOD.encode()) is not None
    assert title_of(read_text(f"---\n{GOOD}---\n")[0]) == "A title"


@pytest.mark.parametrize(
    "front, got",
    [("", "nothing"), ("# a\n", "nothing"), ("- a\n", "a list"), ("a text\n", "'a text'"), ("5\n", "5"), ("yes\n", "'yes'"),
     (f"secured {CIPHER}\n", "'…'")],
)  # fmt: skip
def test_front_matter_that_is_no_mapping_is_rejected(front: str, got: str) -> None:
    found, diagnostics = read_text(f"---\n{front}---\n")
    assert found is None
    assert diagnostics == [f"a.md:2:1: expected a mapping of fields, got {got} [GK210]"]


def test_faults_of_fields_keep_their_place_where_another_field_is_left_out() -> None:
    _, diagnostics = read_text(f"---\nexcerpt: a: b\ntitle: T\nquality: x\n{PROVIDER}---\n")
    assert diagnostics[1] == "a.md:4:10: quality: expected a whole number, got 'x' [GK302]"


def test_a_yaml_file_is_a_record_of_its_own() -> None:
    diagnostics = FoundDiagnostics()
    assert read_yaml("taxonomy: topic\nname: AI\n", "a.yaml", diagnostics) == TopicEntry("AI")
    assert diagnostics == []


def test_an_entry_written_often_is_decoded_once() -> None:
    yaml_record._plain_entry.cache_clear()
    entry = "  - title: R\n    provider:\n      name: E\n      domain: example.org\n"
    first, second = (yaml_record.read_plain(f"{GOOD}related:\n{entry}{end}".encode()) for end in ("", "heat: 3\n"))
    assert isinstance(first, Entry)
    assert isinstance(second, Entry)
    assert first.related[0] is second.related[0]
    assert second.heat == 3
