"""A Markdown file gives the same record by either loader, and what can be kept of a broken one is kept."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from samples import front_matter_text
from samples.examples import examples
from samples.record_files import GOOD, read_by_reference, reference_only

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.formats import fast_path, front_matter, yaml_text
from graphkit.formats.front_matter import read_markdown, read_yaml
from graphkit.formats.parsing import Reading, read
from graphkit.records.entry import Entry, TopicEntry
from graphkit.sources.finding import find, read_bytes

PROVIDER = "provider:\n  name: Example\n  domain: example.org\n"
CIPHER = "oS0HWfxwFq+XHljtDVYjx3/ObgZGF5napl==;Q1w2E3r4T5y6U7i8"


def read_text(text: str) -> tuple[Entry | TopicEntry | None, list[str]]:
    diagnostics: list[Diagnostic] = []
    found = read_markdown(text, "a.md", diagnostics)
    assert (found is None) == any(one.rejects and "related[" not in one.field for one in diagnostics)
    return found, [str(one) for one in sorted(diagnostics)]


def title_of(record: Entry | TopicEntry | None) -> str:
    assert isinstance(record, Entry)
    return record.title


def all_readings(folder: Path) -> dict[str, Reading]:
    front_matter._plain_entry.cache_clear()
    return {file.name: read(read_bytes(file), file.form, file.name) for file in find([folder]).files}


def front_matter_of(data: bytes) -> str:
    return data.decode("utf-8-sig").replace("\r\n", "\n").split("---\n")[1]


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
    files = [file for file in find([shared_corpus]).files if file.form == "markdown"]
    texts = [front_matter_of(read_bytes(file)) for file in files]
    assert sum(front_matter._read_plain(text.encode()) is not None for text in texts) > 0.9 * len(texts)


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
    fast = front_matter._read_plain(text.encode())
    if fast is not None:
        slow, diagnostics = read_by_reference(text)
        assert repr(fast) == repr(slow)
        assert diagnostics == []


@pytest.mark.engine
def test_most_records_have_the_usual_form(shared_corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_text, "fast_load", lambda _: None)
    front_matter._plain_entry.cache_clear()
    files = [file for file in find([shared_corpus]).files if file.form == "markdown"]
    texts = [text for file in files if "taxonomy: topic" not in (text := front_matter_of(read_bytes(file)))]
    read = [front_matter._read_plain(text.encode()) for text in texts]
    front_matter._plain_entry.cache_clear()
    assert sum(record is not None for record in read) > 0.9 * len(texts)
    assert all(record == read_by_reference(text)[0] for record, text in zip(read, texts, strict=True) if record)


@examples(300)
@given(front_matter_text.usual_records(odd=False))
def test_what_has_the_usual_form_is_read_by_one_pattern(text: str) -> None:
    head, entries = front_matter._cut(text.encode())
    assert fast_path.record_of(head.decode(), ()) is not None
    assert all(fast_path.related_of(entry.decode().rstrip(" \n") + "\n") is not None for entry in entries)


@examples(300)
@given(st.one_of(front_matter_text.front_matter, st.text(), st.lists(front_matter_text.line).map("\n".join)))
def test_no_text_stops_the_reader_and_each_rejection_is_told(text: str) -> None:
    diagnostics: list[Diagnostic] = []
    found = read_yaml(text, "a.md", diagnostics, lines_before=1)
    assert (found is None) == any(one.rejects and "related[" not in one.field for one in diagnostics)
    assert all(one.line > 1 and one.column > 0 for one in diagnostics)


def test_without_the_accelerator_a_record_in_another_form_is_read_the_long_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_text, "yaml_rs", None)
    assert front_matter._read_plain(f"{GOOD}heat: 3\n".encode()) is None
    assert front_matter._read_plain(GOOD.encode()) is not None
    assert title_of(read_text(f"---\n{GOOD}---\n")[0]) == "A title"


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
        "a.md:13:1: expected a closing --- line, got the end of the file [GK203]",
    ]


@pytest.mark.parametrize(
    "front, got",
    [("", "nothing"), ("# a\n", "nothing"), ("- a\n", "a list"), ("a text\n", "'a text'"), ("5\n", "5"), ("yes\n", "'yes'"),
     (f"secured {CIPHER}\n", "'…'")],
)  # fmt: skip
def test_front_matter_that_is_no_mapping_is_rejected(front: str, got: str) -> None:
    found, diagnostics = read_text(f"---\n{front}---\n")
    assert found is None
    assert diagnostics == [f"a.md:2:1: expected a mapping of fields, got {got} [GK210]"]


@pytest.mark.parametrize(
    "broken, diagnostic",
    [
        ("excerpt: a: b", "a.md:3:11: excerpt: expected valid YAML, got a second colon in one line [GK204]"),
        ('excerpt: "a', "a.md:3:10: excerpt: expected valid YAML, got a quote that is not closed [GK204]"),
        ("excerpt: 'a", "a.md:3:10: excerpt: expected valid YAML, got a quote that is not closed [GK204]"),
        ('excerpt: "a" b', "a.md:3:14: excerpt: expected valid YAML, got text that belongs to no field [GK204]"),
        ('excerpt: "a\\q"', "a.md:3:12: excerpt: expected valid YAML, got a backslash before a letter that it does not go with [GK204]"),
        ("topics: [a, b", "a.md:3:9: topics: expected valid YAML, got a list that is not closed [GK204]"),
        ("topics:\n- a\n b: c", "a.md:5:3: topics: expected valid YAML, got a second colon in one line [GK204]"),
        ("topics: @a", "a.md:3:9: topics: expected valid YAML, got a tab, or a sign that no value begins with [GK204]"),
        ("\ttopics: a", "a.md:3:1: expected valid YAML, got a tab, where spaces indent [GK204]"),
        ("a line", "a.md:3:1: expected valid YAML, got a line without a colon [GK204]"),
        ("'other': a: b", "a.md:3:11: expected valid YAML, got a second colon in one line [GK204]"),
        ("'excerpt': a: b", "a.md:3:13: excerpt: expected valid YAML, got a second colon in one line [GK204]"),
        ("heat: " + "[" * 100, "a.md:3:70: heat: expected at most 64 levels of nesting, got more [GK205]"),
        ("heat: &a [*a]", "a.md:3:11: heat: expected aliases that come to an end, got an alias inside what it repeats [GK206]"),
        ("related:\n  - title: a\n   - b: c", "a.md:5:4: related: expected valid YAML, got a line that belongs to no item of the list [GK204]"),
    ],
)  # fmt: skip
def test_a_field_that_breaks_the_yaml_is_left_out_and_the_others_stay(broken: str, diagnostic: str) -> None:
    found, diagnostics = read_text(
        f'---\ntitle: T\n{broken}\nwebUrl: "https://example.org/a"\nquality: 7\n{PROVIDER}---\n'
    )
    assert diagnostics == [diagnostic]
    expected = Entry(
        title="T",
        web_url="https://example.org/a",
        quality=7,
        provider_name="Example",
        provider_domain="example.org",
    )
    assert found == expected


def test_faults_of_fields_keep_their_place_where_another_field_is_left_out() -> None:
    _, diagnostics = read_text(f"---\nexcerpt: a: b\ntitle: T\nquality: x\n{PROVIDER}---\n")
    assert diagnostics[1] == "a.md:4:10: quality: expected a whole number, got 'x' [GK302]"


def test_a_record_of_which_too_many_fields_are_broken_is_rejected() -> None:
    fields = "".join(f"field{number}: a: b\n" for number in range(20))
    found, diagnostics = read_text(f"---\ntitle: T\n{fields}---\n")
    assert found is None
    assert len(diagnostics) == front_matter.MAX_SALVAGE


def test_a_record_whose_only_field_is_broken_is_rejected() -> None:
    assert read_text("---\ntitle: a: b\n---\n") == (
        None,
        ["a.md:2:9: title: expected valid YAML, got a second colon in one line [GK204]"],
    )


def test_an_indented_mapping_that_is_broken_is_rejected() -> None:
    found, diagnostics = read_text("---\n  title: a: b\n---\n")
    assert found is None
    assert diagnostics == ["a.md:2:11: expected valid YAML, got a second colon in one line [GK204]"]


@pytest.mark.parametrize(
    "field",
    [
        pytest.param(f'secured: "{CIPHER}"', id="as usual"),
        pytest.param(f"secured: {CIPHER}", id="unquoted"),
        pytest.param(f"'secured': '{CIPHER}'", id="single quotes"),
        pytest.param(f'secured: "{CIPHER}', id="not closed"),
        pytest.param(f'secured: {CIPHER}"', id="not opened"),
        pytest.param(f'secured: "{CIPHER}\n  {CIPHER}"', id="two lines"),
        pytest.param(f'secured: "{CIPHER}\n{CIPHER}: {CIPHER}"', id="two lines, not indented"),
        pytest.param(f'secured: "{CIPHER}\n{CIPHER}: {CIPHER}\n{CIPHER}', id="two lines, not closed"),
        pytest.param(f"secured: {CIPHER}\n  {CIPHER}", id="unquoted, two lines"),
        pytest.param(f"secured:\n{CIPHER}\n{CIPHER}", id="unquoted, not indented"),
        pytest.param(f"secured: >-\n  {CIPHER}\n  {CIPHER}", id="folded"),
        pytest.param(f"secured: |\n{CIPHER}", id="block, not indented"),
        pytest.param(f"secured: [{CIPHER}, {CIPHER}]", id="list"),
        pytest.param(f"secured:\n  {CIPHER}: 1\n  {CIPHER}: 2", id="mapping with a key twice"),
        pytest.param(f'secured: "{CIPHER}" "{CIPHER}"', id="twice in a line"),
        pytest.param(f'secured: "{CIPHER}"\nsecured: "{CIPHER}"', id="two fields"),
        pytest.param(f"secured: {CIPHER}: {CIPHER}", id="a second colon"),
        pytest.param(f"secured: !{CIPHER[:5]} {CIPHER}", id="a tag"),
        pytest.param(f"secured: *{CIPHER[:9]}{CIPHER}", id="an alias"),
        pytest.param(f'related:\n  - title: R\n    secured: "{CIPHER}"', id="under related"),
        pytest.param(f'related:\n  - secured: "{CIPHER}"\n    title: R', id="first under related"),
        pytest.param(
            f'related:\n  - title: R\n    secured: "{CIPHER}\n{CIPHER}: {CIPHER}\n{CIPHER}',
            id="under related, not closed",
        ),
        pytest.param(f'excerpt: |\n  Words\n  secured: "{CIPHER}"', id="swallowed by a block"),
        pytest.param(
            f"excerpt: |\n  Words\n  secured: >\n    {CIPHER}\n    {CIPHER}",
            id="a block swallowed by a block",
        ),
        pytest.param(f"excerpt: 'Words\nsecured: \"{CIPHER}\"\ntype: '", id="swallowed by a quote"),
        pytest.param(f'excerpt: "Words\nsecured: "{CIPHER}"', id="after a quote that is not closed"),
        pytest.param(f'topics: [a,\nsecured: "{CIPHER}"', id="after a list that is not closed"),
        pytest.param(f'quality: 3\n  secured: "{CIPHER}"', id="indented"),
        pytest.param(f'secured: "{CIPHER}"\x07', id="with a control character"),
    ],
)
@pytest.mark.parametrize("end", ["---\n", ""])
def test_no_piece_of_the_ciphertext_gets_out(field: str, end: str) -> None:
    found, diagnostics = read_text(f"---\ntitle: T\n{field}\nheat: 3\n{PROVIDER}{end}")
    pieces = {CIPHER[start : start + 8] for start in range(len(CIPHER) - 8)}
    assert not any(piece in repr(found) or piece in "\n".join(diagnostics) for piece in pieces)
    assert title_of(found) == "T"


TOKENS = [
    pytest.param("gAAAAABh-x_Zk3P9vQ2-LmN0_oPq=", id="Fernet"),
    pytest.param("eyJhbGciOi.eyJzdWIi-OiIx_MjM0.SflKxwRJ-SM_eKKF2", id="JWT"),
    pytest.param("$argon2id$v=19$m=65536,t=3$c29tZXNh~bHQ|R{dz}[a]", id="signs"),
]


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize(
    "field",
    [
        "secured: {0}",
        'secured: "{0}"',
        "excerpt: >\n  Words\n  secured: {0}",
        'excerpt: |\n  Words\n  "secured": "{0}"',
        'excerpt: |\n  {{\n  "secured": "{0}",\n  }}',
        'excerpt: |\n  Words\n  secured: "{0}',
        "excerpt: |\n  Words\n  secured: {0} # a comment",
        "excerpt: |\n  Words\n\tsecured : {0}",
        "excerpt: foo\n    secured:{0}",
        'excerpt: "a\n# comment\nsecured: {0}"',
        'excerpt: "a\n\tsecured: {0}"',
        "excerpt: 'a\n  secured: {0}'",
        "related:\n  - title: R\n    excerpt: foo\n      secured:{0}",
    ],
)
def test_no_ciphertext_in_another_alphabet_gets_out(field: str, token: str) -> None:
    found, diagnostics = read_text(f"---\ntitle: T\n{field.format(token)}\nheat: 3\n{PROVIDER}---\n")
    pieces = {token[start : start + 8] for start in range(len(token) - 8)}
    assert not any(piece in repr(found) or piece in "\n".join(diagnostics) for piece in pieces)
    assert title_of(found) == "T"


@pytest.mark.parametrize("token", ["gAAAAABh-x_Zk3P9vQ2-LmN0_oPq", "eyJhbGciOi.eyJzdWIi-OiIx_MjM0"])
@pytest.mark.parametrize(
    "field",
    [
        "excerpt: |\n  secured:\n    {0}\n    {0}",
        "excerpt: |\n  secured: >-\n    {0}\n    {0}",
        'excerpt: |\n  secured: "{0}\n    {0}"',
        'excerpt: |\n  secured:\n    "{0}"',
        'excerpt: "a\nsecured: {0}\n  {0}"',
        'excerpt: |\n  secured: "{0} {0}"',
    ],
)
def test_no_ciphertext_of_several_words_gets_out(field: str, token: str) -> None:
    found, diagnostics = read_text(f"---\ntitle: T\n{field.format(token)}\nheat: 3\n{PROVIDER}---\n")
    assert token[:8] not in repr(found) + "\n".join(diagnostics)
    assert title_of(found) == "T"


@pytest.mark.parametrize(
    "text, excerpt",
    [
        ("excerpt: |\n  Jobs\n  secured: by many people\n", "Jobs\nsecured: by many people"),
        ("{title: T,\n secured: AAAA,\n excerpt: E}\n", "E"),
        ("{title: T,\n secured: [AAAA],\n excerpt: E}\n", "E"),
        ("{title: T,\n secured: {\n AAAA: 1},\n excerpt: E}\n", "E"),
        ("{title: T, excerpt: E,\n secured: AAAA}\n", "E"),
        ("related:\n  - secured: AAAA\n    title:\n      R\nexcerpt: E\n", "E"),
        ("related:\n  - secured: AAAA\n  -\n    title: R\nexcerpt: E\n", "E"),
        ("secured: &s\n  a: 1\n  b: 2\nexcerpt: E\n", "E"),
    ],
)
def test_what_stands_around_a_ciphertext_is_read_as_it_is(text: str, excerpt: str) -> None:
    diagnostics: list[Diagnostic] = []
    found = read_yaml(text if text.startswith("{") else f"title: T\n{text}", "a.md", diagnostics)
    assert isinstance(found, Entry)
    assert found.excerpt == excerpt
    assert "GK204" not in {one.code for one in diagnostics}
    assert all(one is not None for one in found.related[1:])


@pytest.mark.parametrize("end", ["", "heat: 3\n"])
def test_a_ciphertext_in_another_alphabet_is_read_fast_as_the_reference_reads_it(end: str) -> None:
    text = f'{GOOD}secured: "eyJh-bGci.eyJz_dWIi~$"\n{end}'
    fast = front_matter._read_plain(text.encode())
    assert fast is not None
    assert repr(fast) == repr(read_by_reference(text)[0])


@pytest.mark.parametrize("front", ["{0}\n", "- {0}\n", "title: T\nrelated: {0}\n", "title: T\ntopics: {0}\n"])
def test_a_long_word_where_it_should_not_be_is_not_shown(front: str) -> None:
    _, diagnostics = read_text(f"---\n{front.format('Q1w2E3r4T5y6U7i8')}---\n")
    assert diagnostics
    assert "Q1w2" not in "\n".join(diagnostics)


def test_a_plain_ciphertext_does_not_cost_the_fast_way() -> None:
    assert front_matter._read_plain(f'{GOOD}secured: "{CIPHER}"\n'.encode()) is not None
    assert front_matter._read_plain(f'{GOOD}secured: "{CIPHER}"\nheat: 3\n'.encode()) is not None


def test_a_yaml_file_is_a_record_of_its_own() -> None:
    diagnostics: list[Diagnostic] = []
    assert read_yaml("taxonomy: topic\nname: AI\n", "a.yaml", diagnostics) == TopicEntry("AI")
    assert diagnostics == []


def test_an_entry_written_often_is_decoded_once() -> None:
    front_matter._plain_entry.cache_clear()
    entry = "  - title: R\n    provider:\n      name: E\n      domain: example.org\n"
    first, second = (front_matter._read_plain(f"{GOOD}related:\n{entry}{end}".encode()) for end in ("", "heat: 3\n"))
    assert isinstance(first, Entry)
    assert isinstance(second, Entry)
    assert first.related[0] is second.related[0]
    assert second.heat == 3


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
