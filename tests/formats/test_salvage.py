"""What can be kept of a broken record is kept."""

import pytest
from samples.record_files import PROVIDER, read_text

from graphkit.formats.salvage import MAX_SALVAGE
from graphkit.records.entry import Entry


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


def test_a_record_of_which_too_many_fields_are_broken_is_rejected() -> None:
    fields = "".join(f"field{number}: a: b\n" for number in range(20))
    found, diagnostics = read_text(f"---\ntitle: T\n{fields}---\n")
    assert found is None
    assert len(diagnostics) == MAX_SALVAGE


def test_a_record_whose_only_field_is_broken_is_rejected() -> None:
    assert read_text("---\ntitle: a: b\n---\n") == (
        None,
        ["a.md:2:9: title: expected valid YAML, got a second colon in one line [GK204]"],
    )


def test_an_indented_mapping_that_is_broken_is_rejected() -> None:
    found, diagnostics = read_text("---\n  title: a: b\n---\n")
    assert found is None
    assert diagnostics == ["a.md:2:11: expected valid YAML, got a second colon in one line [GK204]"]
