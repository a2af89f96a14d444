"""A diagnostic says where, what was expected and what came, and cannot command the terminal."""

from graphkit.diagnostics.diagnostic import Diagnostic


def test_a_diagnostic_names_place_field_expectation_and_what_came() -> None:
    found = Diagnostic("2021/a.md", 7, 12, "related[2].heat", "GK302", "a whole number", "'x'")
    assert str(found) == "2021/a.md:7:12: related[2].heat: expected a whole number, got 'x' [GK302]"


def test_a_diagnostic_of_a_whole_file_has_neither_line_nor_field() -> None:
    assert str(Diagnostic("a.md", 0, 0, "", "GK101", "a readable file", "nothing")) == (
        "a.md: expected a readable file, got nothing [GK101]"
    )


def test_diagnostics_are_sorted_by_place() -> None:
    places = [("b.md", 1, 1), ("a.md", 10, 1), ("a.md", 9, 2), ("a.md", 9, 1)]
    found = [Diagnostic(*place, "", "GK204", "x", "y") for place in places]
    assert [(one.source, one.line, one.column) for one in sorted(found)] == sorted(places)


def test_a_diagnostic_with_a_hostile_name_commands_no_terminal() -> None:
    text = str(Diagnostic("a\x1b[2J\n.md", 1, 1, "\u202ex", "GK204", "x", "\udcff"))
    assert text == "a\\x1b[2J\\n.md:1:1: \\u202ex: expected x, got \\udcff [GK204]"
    assert text.isprintable()
