"""Documents that one file holds are never mixed."""

from pathlib import Path

import pytest
from samples.record_files import PROVIDER

import graphkit
from graphkit.formats.parsing import places, read
from graphkit.records.entry import Entry

ONE = f"title: One\nexcerpt: First\ntopics:\n- A\n{PROVIDER}"
TWO = f'title: Two\nwebUrl: "https://example.org/two"\n{PROVIDER}'


def outcome(text: str, format: str) -> tuple[list[tuple[str, str, str, tuple[str, ...]] | None], list[str]]:
    """Return pointer, title, excerpt and topics of each record, and all diagnostics."""
    found = read(text.encode(), format, "a")
    records = [
        (pointer, one.title, one.excerpt, one.topics) if isinstance(one, Entry) else None
        for pointer, one in found.records
    ]
    return records, [str(one) for one in found.diagnostics]


FIRST = ("One", "First", ("A",))
SECOND = ("Two", "", ())


@pytest.mark.parametrize(
    "text",
    [
        f"---\n{ONE}---\n",
        f"---\n{ONE}---\n\n# end\n",
        f"--- # begin\n{ONE}--- # end\n",
        f"{ONE}...\n",
        f"---\n{ONE}...\n---\n",
        f"%YAML 1.1\n---\n{ONE}---",
        f"# a comment\n---\n{ONE}",
    ],
)
def test_an_empty_document_is_no_record(text: str) -> None:
    assert outcome(text, "yaml") == ([("", *FIRST)], [])


@pytest.mark.parametrize(
    "between", ["---\n", "--- # end\n", "...\n", "...\n---\n", "---\n---\n", "---\t\n", "...\n%YAML 1.1\n---\n"]
)
def test_two_documents_are_two_records(between: str) -> None:
    assert outcome(f"{ONE}{between}{TWO}", "yaml") == ([("/0", *FIRST), ("/1", *SECOND)], [])
    assert outcome(f"---\n{ONE}{between}{TWO}---\n", "yaml") == ([("/0", *FIRST), ("/1", *SECOND)], [])


def test_faults_of_a_later_document_have_their_place() -> None:
    text = f"---\n{ONE}--- # two\n{TWO}heat: x\n---\nsome text\n"
    records, said = outcome(text, "yaml")
    assert records == [("/0", *FIRST), ("/1", *SECOND), None]
    assert said == [
        "a:15:7: heat: expected a whole number, got 'x' [GK302]",
        "a:16:1: expected a mapping of fields, got 'some text' [GK210]",
    ]
    assert places(text.encode(), "yaml", [(1, "heat"), (0, "excerpt"), (1,), (7, "heat")]) == [
        (15, 7), (3, 10), (10, 1), (0, 0)
    ]  # fmt: skip


@pytest.mark.parametrize("closing", ["---", "--- # end", "---  ", "...", "... # end"])
def test_front_matter_ends_at_a_marker_with_or_without_a_comment(closing: str) -> None:
    assert outcome(f"---\n{ONE}{closing}\nNote: a body\n\n---\n\nmore of it\n", "markdown") == ([("", *FIRST)], [])


@pytest.mark.parametrize(
    "text, places",
    [
        (f"---\n{ONE}---\n{TWO}---\n", [10]),
        (f"---\n{ONE}--- # end\n{TWO}---\n", [10]),
        (f"---\n{ONE}---\n\nA body.\n\n---\n{TWO}---\n\n---\n{TWO}---\n", [14, 22]),
        (f"---\n{ONE}...\n---\n{TWO}...\n", [11]),
    ],
)
def test_a_second_record_in_a_markdown_file_is_rejected_and_counted(text: str, places: list[int]) -> None:
    records, said = outcome(text, "markdown")
    assert records == [("", *FIRST), *[None for _ in places]]
    assert said == [
        f"a:{line}:1: expected one record in a Markdown file, got another; a YAML file may hold several [GK211]"
        for line in places
    ]


@pytest.mark.parametrize("indent", [" ", "  ", "\t"])
def test_front_matter_may_be_delimited_by_lines_that_are_indented_alike(indent: str) -> None:
    assert outcome(f"{indent}---\n{ONE}{indent}---\nNote: text\n", "markdown") == ([("", *FIRST)], [])
    assert outcome(f"\n{indent}---\n{ONE}---\nNote: text\n", "markdown") == ([("", *FIRST)], [])


def test_an_indented_line_ends_front_matter_only_where_no_other_does() -> None:
    block = f"---\n{ONE}type: |\n  a\n  ---\n  b\n---\n"
    assert outcome(block, "markdown") == ([("", *FIRST)], [])
    assert outcome(f"---\n{ONE} ---\nNote: text\n", "markdown") == (
        [("", *FIRST)],
        ["a:9:1: expected a closing --- line, got an indented one [GK203]"],
    )


def test_records_of_one_file_add_up(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(f"{ONE}---\n{TWO}---\nno record\n")
    (tmp_path / "b.md").write_text(f"---\n{ONE.replace('One', 'Three')}---\n{TWO}---\n")
    report = graphkit.build(tmp_path).report
    assert report["records"] == {"read": 5, "added": 3, "merged": 0, "rejected": 2, "left_out": 0}
