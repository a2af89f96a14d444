"""No piece of a ciphertext gets out, wherever it stands."""

import json

import pytest
from samples.record_files import CIPHER, GOOD, PROVIDER, read_by_reference, read_text, title_of

from graphkit.diagnostics.found_diagnostics import FoundDiagnostics
from graphkit.formats import yaml_record
from graphkit.formats.parsing import read
from graphkit.formats.yaml_loader import load
from graphkit.formats.yaml_record import read_yaml
from graphkit.records.entry import Entry


@pytest.mark.parametrize(
    "text",
    [
        'secured: &s "CIPHER"\ntitle: *s\n',
        "secured: &s CIPHER\nexcerpt: *s\n",
        '"secured": &s >-\n  CIPHER\nexcerpt: *s\n',
        '"\\x73ecured": &s CIPHER\nexcerpt: *s\n',
        "related:\n- title: *s\n  secured: &s CIPHER\n- secured: &t CIPHER\n  title: *t\nexcerpt: *t\n".replace(
            "*s", "R"
        ),
        "secured: &s [CIPHER, CIPHER]\ntopics: *s\n",
        "secured: [&s CIPHER]\ntopics: [*s]\n",
        "secured: &s {title: CIPHER}\nprovider: *s\n",
        "secured: {a: [{b: &s CIPHER}]}\nexcerpt: *s\n",
        "secured: {&s CIPHER : 1}\nexcerpt: *s\n",
        "secured: &s {title: CIPHER}\n<<: *s\n",
        "excerpt: &s CIPHER\nsecured: *s\n",
        "images: &i [{url: CIPHER}]\nsecured: {a: *i}\n",
        "a: &m {secured: &s CIPHER}\nb: *m\nexcerpt: *s\n",
        "a: &m {secured: &s CIPHER}\nb: {<<: *m, title: *s}\n",
        "- secured: &s !!str CIPHER\n- *s\n",
    ],
)
def test_no_alias_carries_what_is_secured_to_another_field(text: str) -> None:
    assert "CIPHER" not in repr(load(text, []))


def test_an_alias_elsewhere_is_followed_beside_a_secured_field() -> None:
    found = load("title: &t T\nsecured: &s CIPHER\nexcerpt: *t\n", [])
    assert found == {"title": "T", "secured": "", "excerpt": "T"}


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
    "text", ['topics:\n  secured:\' \\"CIPHER"\n', "topics:\n  - 'secured:CIPHER'\n", "? secured:CIPHER\n: x\n"]
)
def test_a_text_that_begins_with_secured_at_the_start_of_a_line_is_left_out(text: str) -> None:
    found, said = read_text(f"---\ntitle: T\n{text.replace('CIPHER', CIPHER)}---\n")
    assert isinstance(found, Entry)
    assert (found.title, found.topics) == ("T", ())
    assert any("a text that goes on into secured" in one for one in said)
    assert CIPHER[:16] not in repr((found, said))


def test_a_quote_that_runs_into_a_ciphertext_costs_its_field_alone() -> None:
    found, said = read_text(
        f'---\ntitle: T\nwebUrl: "https://example.org/x\\"\n{PROVIDER}secured: \\"{CIPHER}"\nheat: 3\n---\n'
    )
    assert isinstance(found, Entry)
    assert (found.title, found.web_url, found.provider_name, found.heat) == ("T", "", "Example", 3)
    assert said == [
        "a.md:3:9: webUrl: expected valid YAML, got a text that goes on into secured, as a quote or an indent is wrong [GK204]"
    ]


@pytest.mark.parametrize(
    "value",
    [
        "[{}, {}]",
        "{{a: {}}}",
        "!x {}",
        "&a {}",
        "*a{}",
        "\n    - {}\n    - {}",
        '"{}\n  {}: x"',
        "? {}",
        "| {}",
        "{}",
        '"{}" "{}"',
    ],
)
@pytest.mark.parametrize(
    "name", ["secured", "- secured", "'secured'", '\\"secured\\"', "# secured", "? secured", "!t secured", "secured "]
)
@pytest.mark.parametrize("style", ["|", ">-"])
def test_a_block_text_ends_where_a_line_begins_with_secured(name: str, value: str, style: str) -> None:
    block = f"excerpt: {style}\n  Words\n  {name}: {value.replace('{}', CIPHER)}\n"
    found, said = read_text(f"---\ntitle: T\n{PROVIDER}{block}type: article\n---\n")
    assert isinstance(found, Entry)
    assert (found.title, found.excerpt, found.media) == ("T", "Words", "article")
    assert said == ["a.md:6:10: expected text without a line that begins with secured, got one [GK326]"]


@pytest.mark.parametrize(
    "text", ["Words\nsecured: {}", "Words\r\n - 'secured' :{}", "Words\u2028secured:[{}", 'Words\n\\"secured\\": {}']
)
def test_a_text_in_json_ends_where_a_line_begins_with_secured(text: str) -> None:
    value = text.replace("{}", CIPHER)
    record = {
        "title": "T",
        "excerpt": value,
        "topics": [value],
        "webUrl": f"https://example.org/{value}",
        "heat": value,
    }
    data = json.dumps({**record, "provider": {"name": value, "domain": "example.org"}}).encode()
    found = read(data, "json", "a")
    [(_, entry)] = found.records
    assert isinstance(entry, Entry)
    assert (entry.excerpt, entry.topics, entry.provider_name, entry.web_url) == ("Words", ("Words",), "Words", "")
    assert found.by_code == {"GK302": 1, "GK309": 1, "GK326": 3}
    assert CIPHER[:16] not in repr(found)


@pytest.mark.parametrize(
    "text, excerpt",
    [
        ("excerpt: |\n  Jobs that are\n  secured by many people\n", "Jobs that are\nsecured by many people"),
        ("excerpt: |\n  Jobs are secured: good\n", "Jobs are secured: good"),
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
    diagnostics = FoundDiagnostics()
    found = read_yaml(text if text.startswith("{") else f"title: T\n{text}", "a.md", diagnostics)
    assert isinstance(found, Entry)
    assert found.excerpt == excerpt
    assert "GK204" not in {one.code for one in diagnostics}
    assert all(one is not None for one in found.related[1:])


@pytest.mark.parametrize("end", ["", "heat: 3\n"])
def test_a_ciphertext_in_another_alphabet_is_read_fast_as_the_reference_reads_it(end: str) -> None:
    text = f'{GOOD}secured: "eyJh-bGci.eyJz_dWIi~$"\n{end}'
    fast = yaml_record.read_plain(text.encode())
    assert fast is not None
    assert repr(fast) == repr(read_by_reference(text)[0])


@pytest.mark.parametrize("front", ["{0}\n", "- {0}\n", "title: T\nrelated: {0}\n", "title: T\ntopics: {0}\n"])
def test_a_long_word_where_it_should_not_be_is_not_shown(front: str) -> None:
    _, diagnostics = read_text(f"---\n{front.format('Q1w2E3r4T5y6U7i8')}---\n")
    assert diagnostics
    assert "Q1w2" not in "\n".join(diagnostics)


def test_a_plain_ciphertext_does_not_cost_the_fast_way() -> None:
    assert yaml_record.read_plain(f'{GOOD}secured: "{CIPHER}"\n'.encode()) is not None
    assert yaml_record.read_plain(f'{GOOD}secured: "{CIPHER}"\nheat: 3\n'.encode()) is not None
