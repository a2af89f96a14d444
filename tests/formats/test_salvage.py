"""What can be kept of a broken record is kept."""

import pytest
from samples.record_files import PROVIDER, read_text

from graphkit.formats.parsing import read
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
        ("topics: @a", "a.md:3:9: topics: expected valid YAML, got a tab, or a sign that no value begins with [GK204]"),
        ("\ttopics: a", "a.md:3:1: expected valid YAML, got a tab, where spaces indent [GK204]"),
        ("a line", "a.md:3:1: expected valid YAML, got a line without a colon [GK204]"),
        ("'other': a: b", "a.md:3:11: expected valid YAML, got a second colon in one line [GK204]"),
        ("'excerpt': a: b", "a.md:3:13: excerpt: expected valid YAML, got a second colon in one line [GK204]"),
        ("heat: " + "[" * 100, "a.md:3:70: heat: expected at most 64 levels of nesting, got more [GK205]"),
        ("heat: &a [*a]", "a.md:3:11: heat: expected aliases that come to an end, got an alias inside what it repeats [GK206]"),
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


def related(*titles: str) -> str:
    """Return a list of related entries with these titles, as they are written."""
    entry = (
        '  - title: {}\n    webUrl: "https://example.org/{}"\n    provider:\n      name: R\n      domain: example.org\n'
    )
    return "related:\n" + "".join(entry.format(title, number) for number, title in enumerate(titles))


@pytest.mark.parametrize(
    "title, got",
    [
        ("Mayor: no comment", "a second colon in one line"),
        ('"Not closed', "a quote that is not closed"),
        ("'Not closed", "a quote that is not closed"),
        ('"Quoted" word', "text that belongs to no field"),
        ("[a list", "a list that is not closed"),
        ("@mayor", "a tab, or a sign that no value begins with"),
        ('"a\\q"', "a backslash before a letter that it does not go with"),
        ("a\n    b: c: d", "a second colon in one line"),
    ],
)
def test_one_broken_entry_costs_its_neighbours_nothing(title: str, got: str) -> None:
    text = f"---\ntitle: T\n{related('One', 'Two', title, 'Four', 'Five')}{PROVIDER}topics: [A]\n---\n"
    found, diagnostics = read_text(text)
    assert isinstance(found, Entry)
    entries = [entry for entry in found.related if entry is not None]
    assert [entry.web_url[-1] for entry in entries] == list("01234")
    assert [entry.title for number, entry in enumerate(entries) if number != 2] == ["One", "Two", "Four", "Five"]
    assert all(entry.provider_name == "R" for entry in entries)
    assert (found.topics, found.provider_name) == (("A",), "Example")
    assert any(f"expected valid YAML, got {got} [GK204]" in one for one in diagnostics)
    assert all("related[2]" in one for one in diagnostics)


def test_an_entry_of_which_nothing_is_left_is_rejected_and_counted() -> None:
    text = f"---\ntitle: T\nrelated:\n- title: a: b\n- title: B\n  {PROVIDER.replace(chr(10), chr(10) + '  ')}\n{PROVIDER}---\n"
    parsed = read(text.encode(), "markdown", "a.md")
    [(_, found)] = parsed.records
    assert isinstance(found, Entry)
    assert [entry and entry.title for entry in found.related] == [None, "B"]
    assert [str(one) for one in parsed.diagnostics] == [
        "a.md:4:11: related[0].title: expected valid YAML, got a second colon in one line [GK204]",
        "a.md:4:2: related[0]: expected a mapping, got nothing [GK210]",
    ]
    assert parsed.rejected_related == 1


@pytest.mark.parametrize(
    "block, kept",
    [
        ('topics:\n  - A\n  - "B" c\n  - C: d: e\n  - D\n', ("A", "D")),
        ("topics:\n- A\n- 'B\n- D\n", ("A", "D")),
        ("topics:\n- A\n- @b\n\n- D # d\n", ("A", "D")),
    ],
)
def test_one_broken_topic_costs_no_other(block: str, kept: tuple[str, ...]) -> None:
    found, diagnostics = read_text(f"---\ntitle: T\n{block}{PROVIDER}---\n")
    assert isinstance(found, Entry)
    assert (found.topics, found.provider_name) == (kept, "Example")
    assert all(": topics[" in one for one in diagnostics)


def test_one_broken_image_or_name_costs_no_other() -> None:
    images = "".join(
        f"  - url: {url}\n    width: 7\n" for url in ("https://a.org/1", '"https://a.org/2', "https://a.org/3")
    )
    found, diagnostics = read_text(f"---\ntitle: T\nimages:\n{images}provider:\n  name: A: B\n  domain: a.org\n---\n")
    assert isinstance(found, Entry)
    assert [image.url for image in found.images] == ["https://a.org/1", "https://a.org/3"]
    assert (found.provider_name, found.provider_domain) == ("", "a.org")
    assert [one.partition(": expected")[0] for one in diagnostics] == [
        "a.md:6:10: images[1].url", "a.md:7:5: images[1].url", "a.md:11:10: provider.name",
    ]  # fmt: skip


def test_all_entries_may_be_broken_each_in_its_own_way() -> None:
    titles = [f"Mayor {number}: no: comment" for number in range(60)]
    found, diagnostics = read_text(f"---\ntitle: T\n{related(*titles)}{PROVIDER}---\n")
    assert isinstance(found, Entry)
    assert [entry and entry.web_url for entry in found.related] == [f"https://example.org/{n}" for n in range(60)]
    assert sum("GK204" in one for one in diagnostics) == 60


@pytest.mark.parametrize("number", [3, 250])
def test_related_entries_that_are_lost_with_their_field_or_record_are_counted(number: int) -> None:
    entries = related(*[f"Title {one}" for one in range(number)])
    deep = f"---\ntitle: T\n{entries}  - excerpt: {'[' * 100}\n{PROVIDER}---\n"
    parsed = read(deep.encode(), "markdown", "a.md")
    assert parsed.records[0][1] is not None
    assert (parsed.rejected_related, parsed.by_code) == (number + 1, {"GK205": number + 2})
    fields = "".join(f"field{one}: a: b\n" for one in range(20))
    parsed = read(f"---\ntitle: T\n{entries}{fields}---\n".encode(), "markdown", "a.md")
    assert parsed.records == (("", None),)
    assert (parsed.rejected_related, parsed.by_code) == (number, {"GK204": number + MAX_SALVAGE})
