"""identity.toml is found beside the records, and read strictly: each fault has its place, and all are reported."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from graphkit.errors import IdentityFileError, UsageError
from graphkit.identity.identity_file import IDENTITY, IdentityFile, identity_paths, identity_rules, rules_of
from graphkit.identity.identity_rules import IdentityRules


def rules(text: str) -> IdentityRules:
    return rules_of([IdentityFile(IDENTITY, text)])


def faults(*texts: str) -> list[str]:
    with pytest.raises(IdentityFileError) as caught:
        rules_of([IdentityFile(f"{number}.toml" if number else IDENTITY, text) for number, text in enumerate(texts)])
    return str(caught.value).splitlines()


def test_every_rule_has_a_text() -> None:
    found = rules("""
[parameters]
"www.C.example" = ["NCID", "a"]
[labels]
"X on MSN" = "x.example"
[[same_provider]]
providers = ["b.example", "youtube.com/B Channel"]
[[different]]
providers = ["msn.com/the-star", "thestar.com", "The Star"]
[[different]]
articles = ["https://a.example/p/amp", "http://www.a.example/p"]
""")
    assert found.texts == (
        "different: http://www.a.example/p, https://a.example/p/amp",
        "different: provider/msn.com/the-star, provider/the-star, provider/thestar.com",
        "labels: X on MSN: provider/x.example",
        "parameters: c.example: a, ncid",
        "same_provider: provider/b.example, provider/youtube.com/b-channel",
    )
    assert set(found.pages) == {"a.example/p", "a.example/p/amp"}
    assert found.same["provider/youtube.com/b-channel"][0] == "provider/b.example"
    assert found.keeps_apart("provider/thestar.com", "provider/the-star")
    assert not found.keeps_apart("provider/thestar.com", "provider/b.example")


def test_an_empty_file_has_no_rules() -> None:
    assert rules("# nothing yet\n") == IdentityRules()


def test_files_beside_several_sources_count_together() -> None:
    one, two = IdentityFile("a", '[labels]\na = "a.example"'), IdentityFile("b", '[labels]\nb = "b.example"')
    assert rules_of([one, two]).texts == ("labels: a: provider/a.example", "labels: b: provider/b.example")
    assert faults(one.text, '[labels]\nA = "b.example"') == [
        (
            "1.toml:2:1: labels.A: expected one provider for a label, as before provider/a.example, "
            "got provider/b.example [GK404]"
        )
    ]


@pytest.mark.parametrize(
    "text,line",
    [
        ("a = ", ":1:1: expected TOML, got Invalid value [GK401]"),
        ("\n[labels]\nx = 'a'\nx = 'b'", ":4:1: expected TOML, got Cannot overwrite a value [GK401]"),
        ("[label]", (":1:1: label: expected one of the tables same_provider, different, labels, parameters, "
         "got another name [GK402]")),
        ("[[same_provider]]\nprovider = ['a.b', 'c.d']", ":1:1: same_provider[0]: expected providers, got provider [GK402]"),
        ("[[same_provider]]\narticles = ['a.b', 'c.d']", ":1:1: same_provider[0]: expected providers, got articles [GK402]"),
        ("[[different]]\n", ":1:1: different[0]: expected one of providers and articles, got an empty entry [GK403]"),
        ("different = 3", ":1:1: different: expected entries, each under [[different]], got 3 [GK403]"),
        ("[same_provider]\nproviders = ['a.b', 'c.d']", (":1:1: same_provider: expected entries, each under "
         "[[same_provider]], got {'providers': ['a.b', 'c.d']} [GK403]")),
        ("#\n[[different]]\nproviders = ['a.example', 'b.example']\n[[different]]\nproviders = ['c.example']",
         ":4:1: different[1]: expected a list of two or more providers, as text, got ['c.example'] [GK403]"),
        ("[[different]]\nproviders = ['a.example', 1]",
         ":1:1: different[0]: expected a list of two or more providers, as text, got ['a.example', 1] [GK403]"),
        ("[[different]]\narticles = ['https://a.example/', 'ftp://b.example/']",
         ":1:1: different[0]: expected web addresses (http or https), got 'ftp://b.example/' [GK403]"),
        ("[[same_provider]]\nproviders = ['a.example', 'x/y']",
         ":1:1: same_provider[0]: expected a domain, a platform with a name (youtube.com/ign) or a name, got 'x/y' [GK403]"),
        ("[[same_provider]]\nproviders = ['a.example', 'forbes.com/x']",
         (":1:1: same_provider[0]: expected a domain, a platform with a name (youtube.com/ign) or a name, "
         "got 'forbes.com/x' [GK403]")),
        ("labels = []", ":1:1: labels: expected a table [labels], got [] [GK403]"),
        ("[labels]\n\nX = true", ":3:1: labels.X: expected a provider, as text, got True [GK403]"),
        ("[labels]\n'' = 'a.example'", ":1:1: labels: expected a label as records write it, got an empty one [GK403]"),
        ("[parameters]\nexample.com = ['a']", (':2:1: parameters.example: expected a host such as "example.com", '
         "in quotes, got 'example' [GK403]")),
        ("[parameters]\n'*.example' = ['a']", (':2:1: parameters.*.example: expected a host such as "example.com", '
         "in quotes, got '*.example' [GK403]")),
        ("[parameters]\n'a.example' = 'a'",
         ":2:1: parameters.a.example: expected a list of names of parameters, as text, got 'a' [GK403]"),
        # Contradictions.
        ("[[same_provider]]\nproviders = ['a.example', 'b.example']\n[[same_provider]]\nproviders = ['c.example', 'a.example']",
         (":3:1: same_provider[1]: expected a provider in one entry; join the entries, got provider/a.example, "
         "which is also in the entry in line 1 of identity.toml [GK404]")),
        ("[[same_provider]]\nproviders = ['a.example', 'b.example']\n[[different]]\nproviders = ['b.example', 'a.example']",
         (":3:1: different[0]: expected providers that no other entry joins, got provider/a.example and "
         "provider/b.example, which same_provider in line 1 says are one; remove one of the two [GK404]")),
        ("[[different]]\nproviders = ['a.example', 'www.a.example']",
         ":1:1: different[0]: expected different providers, got provider/a.example more than once [GK404]"),
        ("[[different]]\narticles = ['https://a.example/p', 'http://www.a.example/p/']",
         ":1:1: different[0]: expected addresses of different pages, got one of them twice [GK404]"),
    ],
)  # fmt: skip
def test_a_fault_says_where_and_what(text: str, line: str) -> None:
    assert faults(text) == [f"{IDENTITY}{line}"]


def test_all_faults_are_reported_together() -> None:
    found = faults("a = 1\n[labels]\nx = 1\ny = 2\n[[same_provider]]\n")
    assert [line.rpartition(" ")[2] for line in found] == ["[GK402]", "[GK403]", "[GK403]", "[GK403]"]
    assert issubclass(IdentityFileError, UsageError), "it ends the command with 2"


def test_it_is_found_beside_the_records(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.md").write_text("")
    expected = [str(folder / IDENTITY)]
    for source in (folder, folder / "a.md", f"{folder}/*.md", f"{folder}/**/*.md", folder / IDENTITY):
        assert identity_paths([source, "-"]) == expected, source
    assert identity_paths([folder, folder / "a.md"]) == expected
    assert identity_paths([folder], "other.toml") == ["other.toml"]
    assert identity_rules([folder]) is None
    (folder / "deep" / IDENTITY).write_text("x = 1")
    assert identity_rules([folder]) is None, "only in the folder that was named"
    (folder / IDENTITY).write_bytes(b'\xef\xbb\xbf[labels]\na = "a.example"')
    assert identity_rules([folder]) == rules('[labels]\na = "a.example"')
    (tmp_path / "other.toml").write_text('[labels]\nb = "b.example"')
    assert identity_rules([folder], tmp_path / "other.toml") == rules('[labels]\nb = "b.example"')


def test_what_cannot_be_read_is_reported(tmp_path: Path) -> None:
    def fault(explicit: Path | None = None) -> str:
        with pytest.raises(IdentityFileError) as caught:
            identity_rules([tmp_path], explicit)
        return str(caught.value).removeprefix(f"{tmp_path}/")

    assert fault(tmp_path / "none.toml") == "none.toml: expected a readable TOML file, got nothing [GK401]"
    path = tmp_path / IDENTITY
    path.mkdir()
    assert "got a folder or a device" in fault()
    path.rmdir()
    os.mkfifo(path)
    assert "got a folder or a device" in fault(), "never waited for"
    path.unlink()
    path.write_bytes(b"\xff")
    assert "got text that is not UTF-8" in fault()
    path.write_bytes(b"#" * (5 << 20))
    assert "got more than 4 MiB" in fault()
    path.unlink()
    secret = tmp_path.parent / f"{tmp_path.name}-secret"
    secret.write_text("secret = 'password'")
    path.symlink_to(secret)
    assert "a link that leads out of its folder" in fault()
    assert "password" not in fault()
    path.unlink()
    (tmp_path / "inside.toml").write_text("")
    path.symlink_to("inside.toml")
    assert identity_rules([tmp_path]) == IdentityRules()
