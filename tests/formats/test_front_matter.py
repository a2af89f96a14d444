"""Front matter is found between its lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import front_matter_text
from samples.examples import examples
from samples.record_files import CIPHER, GOOD, read_text, reference_only, title_of

from graphkit.formats.parsing import read
from graphkit.records.entry import Entry


@pytest.mark.parametrize(
    "text",
    [
        f"---\n{GOOD}---\n",
        f"---\n{GOOD}---",
        f"---\n{GOOD}---\nA body\n\n---\n\nmore: of it\n",
        f"---\n{GOOD}...\nA body",
        f"---\n{GOOD}...",
        f"\n\n  \n---\n{GOOD}---\n",
        f"---  \t\n{GOOD}---  \n",
        f"---\n\n{GOOD}\n---\n",
        f"---\n# a comment\n{GOOD}---\n",
        f"---\n{GOOD}featuredContent: |\n  a\n  ---\n  b\n---\n",
        f"---\n{GOOD}featuredContent: 'a\n  ...\n  b'\n---\n",
    ],
)
def test_front_matter_stands_between_its_lines(text: str) -> None:
    found, diagnostics = read_text(text)
    assert diagnostics == []
    expected = Entry(
        title="A title",
        web_url="https://example.org/a",
        provider_name="Example",
        provider_domain="example.org",
    )
    assert found == expected


@pytest.mark.parametrize(
    "text, first",
    [
        ("", "an empty file"),
        (" \n\n", "an empty file"),
        ("# A heading\n\nText\n", "'# A heading'"),
        ("----\ntitle: a\n----\n", "'----'"),
        ("title: a\n---\n", "'title: a'"),
        ("--- title: a\n", "'--- title: a'"),
        (
            "\n\nA line that goes on and on and on and on and on\n",
            "'A line that goes on and on and on and on…'",
        ),
        (f'secured: "{CIPHER}"\n', "'…'"),
        (f"{CIPHER}\n", "'…'"),
    ],
)
def test_a_text_without_front_matter_is_rejected(text: str, first: str) -> None:
    found, diagnostics = read_text(text)
    assert found is None
    assert diagnostics == [f"a.md:1:1: expected front matter that opens with ---, got {first} [GK202]"]


def test_front_matter_that_is_not_closed_is_read_to_the_end() -> None:
    found, diagnostics = read_text(f"---\n{GOOD}\nA body that\nruns on.\n\n# And on\nNote: this\n")
    assert title_of(found) == "A title"
    assert diagnostics == [
        "a.md:8:1: expected valid YAML, got a line without a colon [GK204]",
        "a.md:12:7: Note: expected a field of a record, got one that is not read [GK319]",
        "a.md:13:1: expected a closing --- line, got the end of the file [GK203]",
    ]


BOUNDS = (b"---\n", b"---\r\n", b"--- \n", b"----\n", b"...\n", b"---", b"\n---\n", b"", b"---\n---\n")


@examples(400)
@given(
    st.sampled_from((b"", b"", b"\xef\xbb\xbf", b"\n", b" ", b"\xef\xbb\xbf\xef\xbb\xbf", b"\r")),
    st.sampled_from((b"---\n", *BOUNDS)),
    st.one_of(front_matter_text.usual_records(odd=False), front_matter_text.usual_records(), st.just("")),
    st.sampled_from((b"---\n", *BOUNDS)),
    st.sampled_from((b"", b"Words.\n", b"a\n---\nb\n", b"\xff", b"\xc3\xa9", b"\n...\n")),
    st.sampled_from((b"\n", b"\n", b"\r\n", b"\r")),
    st.integers(0, 40),
)
def test_a_file_is_read_at_once_as_it_is_read_with_all_checks(
    mark: bytes, opening: bytes, front: str, closing: bytes, body: bytes, end: bytes, damaged: int
) -> None:
    data = (mark + opening + front.encode() + closing + body).replace(b"\n", end)
    if damaged == 0 and data:
        data = data[: len(data) // 2] + b"\xff" + data[len(data) // 2 :]
    fast = read(data, "markdown", "a.md")
    with reference_only():
        assert repr(fast) == repr(read(data, "markdown", "a.md"))
