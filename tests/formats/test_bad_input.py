"""Every kind of bad input is told with a code and a place, costs one record at most, and is counted."""

import gzip
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from oracles.page_text import exported_text
from samples.record_files import GOOD, record

import graphkit
from graphkit.diagnostics.codes import CODES
from graphkit.errors import NothingReadable
from graphkit.formats.recognition import MAX_BYTES
from graphkit.pipeline import api
from graphkit.pipeline.local.workspace import CACHE

OTHERS = ("title: One\nprovider:\n  domain: example.org\n", "title: Two\nprovider:\n  domain: example.org\n")
PROVIDER = "provider:\n  name: Example\n  domain: example.org\n"
URL = 'webUrl: "https://example.org/a"\n'
CIPHER = "oS0HWfxwFq+XHljtDVYjx3/ObgZGF5napl==;Q1w2E3r4T5y6U7i8"


def front(text: str) -> Callable[[Path], object]:
    return lambda folder: record(folder / "bad.md", text)


def raw(name: str, data: bytes) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes(data)


def sparse(name: str, size: int) -> Callable[[Path], object]:
    def make(folder: Path) -> None:
        with (folder / name).open("wb") as stream:
            stream.truncate(size)

    return make


# Each case: what makes the bad input in a folder, whether its record is still there, and all that is said of it.
CASES: dict[str, tuple[Callable[[Path], object], bool, list[str]]] = {
    "not UTF-8": (
        raw("bad.md", b"---\ntitle: caf\xe9\n---\n"), False,
        ["bad.md:2:11: expected UTF-8, got the byte 0xE9 [GK201]"]),
    "UTF-16": (
        raw("bad.md", "---\ntitle: a\n---\n".encode("utf-16")), False,
        ["bad.md:1:1: expected UTF-8, got the byte 0xFF [GK201]"]),
    "no front matter": (
        raw("bad.md", b"# A heading\n\nSome text\n"), False,
        ["bad.md:1:1: expected front matter that opens with ---, got '# A heading' [GK202]"]),
    "an empty file": (
        raw("bad.md", b""), False,
        ["bad.md:1:1: expected front matter that opens with ---, got an empty file [GK202]"]),
    "front matter that is not closed": (
        raw("bad.md", f"---\ntitle: T\n{PROVIDER}".encode()), True,
        ["bad.md:6:1: expected a closing --- line, got the end of the file [GK203]"]),
    "a YAML error": (
        front(f"title: T\nexcerpt: a: b\n{PROVIDER}"), True,
        ["bad.md:3:11: excerpt: expected valid YAML, got a second colon in one line [GK204]"]),
    "a YAML error in all there is": (
        front("title: a: b\n"), False,
        ["bad.md:2:9: title: expected valid YAML, got a second colon in one line [GK204]"]),
    "100 levels of nesting in YAML": (
        front(f"title: T\n{PROVIDER}images: {'[' * 100}{']' * 100}\n"), True,
        ["bad.md:6:72: images: expected at most 64 levels of nesting, got more [GK205]"]),
    "100 levels of related": (
        front(f"title: T\n{PROVIDER}" + "".join(f"{'  ' * n}related:\n{'  ' * n}- title: R\n" for n in range(100))), True,
        ["bad.md:69:65: related: expected at most 64 levels of nesting, got more [GK205]",
         "bad.md:69:65: related[0]: expected a field that can be read around it, got a broken one [GK205]"]),
    "100,000 levels of nesting in YAML": (
        front(f"title: T\n{PROVIDER}images: {'[' * 100_000}\n"), True,
        ["bad.md:6:72: images: expected at most 64 levels of nesting, got more [GK205]"]),
    "100 levels of nesting in JSON": (
        raw("bad.json", b'{"title": "T", "provider": {"domain": "a.org"},\n"images": ' + b"[" * 100 + b"]" * 100 + b"}"), True,
        ["bad.json:2:11: images: expected at most 64 levels of nesting, got more [GK205]"]),
    "100,000 levels of nesting in JSON": (
        raw("bad.json", b'{"title": "T",\n"images": ' + b"[" * 100_000), False,
        ["bad.json:2:74: expected at most 64 levels of nesting, got more [GK205]"]),
    "aliases that explode": (
        front(f"title: T\n{PROVIDER}a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
            f"{new}: &{new} [{','.join(['*' + old] * 10)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True))), True,
        [*(f"bad.md:{line}:4: {name}: expected a field of a record, got one that is not read [GK319]"
           for line, name in enumerate("abcde", 6)),
         "bad.md:11:8: expected aliases that give at most 200,000 values, got more [GK206]",
         *(f"bad.md:{line}:8: expected valid YAML, got an alias of nothing [GK204]" for line in (12, 13, 14))]),
    "an alias inside what it repeats": (
        front(f"title: T\n{PROVIDER}topics: &a [AI, *a]\n"), True,
        ["bad.md:6:17: topics: expected aliases that come to an end, got an alias inside what it repeats [GK206]"]),
    "duplicate keys": (
        front(f"title: T\ntitle: U\n{PROVIDER}"), True,
        ["bad.md:3:1: title: expected each key once, got it again [GK207]"]),
    "duplicate keys in JSON": (
        raw("bad.json", b'{"title": "T", "provider": {"domain": "a.org"},\n"title": "U"}'), True,
        ["bad.json:2:1: title: expected each key once, got it again [GK207]"]),
    "a control character": (
        front(f"title: T\x00U\n{PROVIDER}"), True,
        ["bad.md:2:9: expected characters that YAML allows, got U+0000 [GK208]"]),
    "broken JSON": (
        raw("bad.json", b'{"title": "T",\n}'), False,
        ["bad.json:2:1: expected valid JSON, got the character '}' [GK209]"]),
    "a list where a record should be": (
        front("- title: T\n"), False,
        ["bad.md:2:1: expected a mapping of fields, got a list [GK210]"]),
    "a number in a list of lists": (
        raw("bad.json", b"[[1]]"), False,
        ["bad.json:1:3: [0][0]: expected a mapping of fields, got 1 [GK210]"]),
    "nothing in the front matter": (
        front("# to be written\n"), False,
        ["bad.md:2:1: expected a mapping of fields, got nothing [GK210]"]),
    "a number as title": (
        front(f"title: 1984\n{PROVIDER}"), True,
        ["bad.md:2:8: title: expected text, got the number 1984 [GK301]"]),
    "a number that is none": (
        front(f"title: T\nquality: very\n{PROVIDER}"), True,
        ["bad.md:3:10: quality: expected a whole number, got 'very' [GK302]"]),
    "a flag that is none": (
        front(f"title: T\npublished: maybe\n{PROVIDER}"), True,
        ["bad.md:3:12: published: expected true or false, got 'maybe' [GK303]"]),
    "a date that is none": (
        front(f"title: T\npublishedDateTime: 3 Mai\n{PROVIDER}"), True,
        ["bad.md:3:20: publishedDateTime: expected an ISO 8601 date, got '3 Mai' [GK304]"]),
    "a date without zone": (
        front(f"title: T\npublishedDateTime: 2021-08-23T11:22:33\n{PROVIDER}"), True,
        ["bad.md:3:20: publishedDateTime: expected a date with a time zone, got '2021-08-23T11:22:33' [GK305]"]),
    "a date that does not exist": (
        front(f"title: T\npublishedDateTime: 2021-02-30T11:22:33Z\n{PROVIDER}"), True,
        ["bad.md:3:20: publishedDateTime: expected a date that exists, got '2021-02-30T11:22:33Z' [GK306]"]),
    "a text where a list should be": (
        front(f"title: T\ntopics: AI\n{PROVIDER}"), True,
        ["bad.md:3:9: topics: expected a list, got 'AI' [GK307]"]),
    "a text where a mapping should be": (
        front("title: T\nprovider: Forbes\n"), True,
        ["bad.md:3:11: provider: expected a mapping with name and domain, got 'Forbes' [GK308]"]),
    "a script as address": (
        front(f'title: T\nwebUrl: "javascript:alert(1)"\n{PROVIDER}'), True,
        ["bad.md:3:9: webUrl: expected a web address (http or https), got 'javascript:alert(1)' [GK309]"]),
    "an address of 10,000 characters": (
        front(f"title: T\nwebUrl: https://example.org/{'a' * 9_980}\n{PROVIDER}"), True,
        ["bad.md:3:9: webUrl: expected a web address of at most 1,900 characters, got 10,000 [GK310]"]),
    "no provider": (
        front("title: T\n"), True,
        ["bad.md:2:1: provider: expected a provider, got nothing [GK311]"]),
    "an empty provider": (
        front("title: T\nprovider: {}\n"), True,
        ["bad.md:3:11: provider: expected a provider's name and domain, got neither [GK311]"]),
    "a provider without domain": (
        front("title: T\nprovider:\n  name: Forbes\n"), True,
        ["bad.md:4:3: provider: expected a provider's domain, got nothing [GK312]"]),
    "related of related": (
        front(f"title: T\n{PROVIDER}related:\n- title: R\n  {PROVIDER.replace('  ', '    ')}  related:\n  - title: S\n    provider: {{domain: a.org}}\n"), True,
        ["bad.md:12:3: related[0].related: expected no related entries inside a related entry, got a list [GK313]"]),
    "neither title nor address": (
        front(f"heat: 3\n{PROVIDER}"), False,
        ["bad.md:2:1: expected a web address or a title, got neither [GK314]"]),
    "an address alone": (
        front(f"{URL}{PROVIDER}"), True,
        ["bad.md:2:1: title: expected a title, got nothing [GK315]"]),
    "a control character by escape": (
        front(f'title: "T\\a"\n{PROVIDER}'), True,
        ["bad.md:2:8: title: expected text without control characters, got U+0007 [GK316]"]),
    "a topic without a name": (
        front("taxonomy: topic\n"), False,
        ["bad.md:2:1: name: expected a topic's name, got nothing [GK317]"]),
    "an address with spaces": (
        front(f'title: T\nwebUrl: "https://example.org/a b"\n{PROVIDER}'), True,
        ["bad.md:3:9: webUrl: expected a web address without characters to encode, got 'https://example.org/a b' [GK318]"]),
    "an address with brackets": (
        front(f'title: T\nwebUrl: "https://example.org/?a[]=b"\n{PROVIDER}'), True,
        ["bad.md:3:9: webUrl: expected a web address without characters to encode, got 'https://example.org/?a[]=b' [GK318]"]),
    "a missing value that is written as text": (
        front(f"title: T\n{URL}excerpt: nan\n{PROVIDER}"), True,
        ["bad.md:4:10: excerpt: expected text, or null where there is none, got 'nan' [GK325]"]),
    "more values than fit into memory": (
        front(f'title: T\n{URL}topics: [{"~," * 200_001}]\n{PROVIDER}'), True,
        ["bad.md:4:399996: topics: expected at most 200,000 values, got more [GK212]"]),
    "a text that goes on into secured": (
        front(f"title: T\n{URL}excerpt: |\n  a\n  secured: [AAAA]\n{PROVIDER}"), True,
        ["bad.md:4:10: expected text without a line that begins with secured, got one [GK326]"]),
    "half a surrogate pair in a key": (
        raw("bad.json", b'{"title":"x","webUrl":"https://a.org/1","provider":{"name":"P","domain":"a.org"},"\\ud800":1,"\\ud800":2}'),
        True, ["bad.json:1:93: \\ud800: expected each key once, got it again [GK207]",
               "bad.json:1:102: \\ud800: expected a field of a record, got one that is not read [GK319]"]),
    "fields of other names": (
        front(f"title: T\nurl: https://a.org/1\n{PROVIDER}related:\n- title: U\n  date: 2020-01-01\n  provider: {{domain: a.org}}\n"), True,
        ["bad.md:3:6: url: expected a field of a record, got one that is not read; did you mean webUrl? [GK319]",
         "bad.md:9:9: related[0].date: expected a field of a record, got one that is not read; did you mean publishedDateTime? [GK319]"]),
    "half a surrogate pair in the key of a list that is too deep": (
        raw("bad.json", b'{"title":"x","webUrl":"https://a.org/1","provider":{"name":"P","domain":"a.org"},"a\\udc00":%b1%b}' % (b"[" * 70, b"]" * 70)),
        True, ["bad.json:1:92: a\\udc00: expected at most 64 levels of nesting, got more [GK205]"]),
    "an unreadable file": (
        lambda folder: (folder / "bad.md").symlink_to("nowhere"), False,
        ["bad.md: expected a readable file, got no such file or directory [GK101]"]),
    "a link to itself": (
        lambda folder: (folder / "bad.md").symlink_to("bad.md"), False,
        ["bad.md: expected a readable file, got a link that leads to itself [GK101]"]),
    "a pipe": (
        lambda folder: os.mkfifo(folder / "bad.md"), False,
        ["bad.md: expected a regular file, got a pipe, socket or device [GK105]"]),
    "a file of 50 MB": (
        sparse("bad.md", 50_000_000), False,
        ["bad.md: expected at most 16 MiB, got 48 MiB [GK106]"]),
    "a gzip bomb": (
        raw("bad.md.gz", gzip.compress(b"\0" * (20 << 20))), False,
        ["bad.md.gz: expected at most 16 MiB, got more [GK106]"]),
    "gzip that ends too early": (
        raw("bad.md.gz", gzip.compress(b"---\n" * 100)[:-5]), False,
        ["bad.md.gz: expected whole gzip data, got data that ends too early [GK107]"]),
}  # fmt: skip

# What is said of a folder, or of a path that leads to no file at all: there is no record to be counted.
PLACES: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "a folder that links to itself": (
        lambda folder: (folder / "loop").symlink_to("."), ".",
        "loop: expected a folder of its own, got a link to one that holds it [GK102]"),
    "a link out of the folder": (
        lambda folder: (folder / "out.md").symlink_to(folder.parent / "private.md"), ".",
        "out.md: expected a link within the folder, got one that leads out of it; --follow-links follows it [GK110]"),
    "an empty folder": (
        lambda folder: (folder / "empty").mkdir(), "empty",
        "empty: expected record files, got none of them [GK103]"),
    "a missing path": (
        lambda _: None, "missing.md",
        "missing.md: expected a file or folder, got nothing [GK104]"),
    "a pattern that nothing matches": (
        lambda _: None, "*.jsonl",
        "*.jsonl: expected files that match the pattern, got none [GK104]"),
}  # fmt: skip


def others(folder: Path) -> None:
    for number, text in enumerate(OTHERS):
        record(folder / f"good{number}.md", text)


def titles(built: graphkit.Build) -> set[str]:
    return {facts.get("title", "") for _, facts in built.graph.nodes(data=True) if facts["kind"] == "article"}


@pytest.mark.parametrize("case", CASES)
def test_bad_input_costs_one_record_at_most(case: str, tmp_path: Path) -> None:
    make, kept, said = CASES[case]
    others(tmp_path)
    make(tmp_path)
    start = time.process_time()
    built = graphkit.build(tmp_path)
    assert time.process_time() - start < 5
    shown = [str(one) for one in built.diagnostics]
    assert shown == said
    assert {"One", "Two"} <= titles(built)
    records = built.report["records"]
    assert records == {"read": 3, "added": 2 + kept, "merged": 0, "rejected": 1 - kept, "left_out": 0}
    assert built.report["diagnostics"]["list"] == shown
    assert any(one.rejects and "related[" not in one.field for one in built.diagnostics) == (not kept)


@pytest.mark.parametrize("case", PLACES)
def test_a_bad_place_costs_no_record(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make, source, said = PLACES[case]
    others(tmp_path)
    make(tmp_path)
    monkeypatch.chdir(tmp_path)
    built = graphkit.build([source, "good0.md", "good1.md"])
    assert [str(one) for one in built.diagnostics] == [said]
    assert built.report["records"] == {"read": 2, "added": 2, "merged": 0, "rejected": 0, "left_out": 0}


ELSEWHERE = {"GK211", *(code for code in CODES if code.startswith("GK4"))}
"""Codes of a second record in a file, and of identity.toml, which are shown in tests of their own."""


def test_every_code_has_a_case() -> None:
    said = [text for _, _, texts in CASES.values() for text in texts] + [text for _, _, text in PLACES.values()]
    assert {text.rpartition("[")[2].rstrip("]") for text in said} | ELSEWHERE == set(CODES)


def test_all_bad_input_together_still_adds_up(tmp_path: Path) -> None:
    for number, (make, _, _) in enumerate(CASES.values()):
        (tmp_path / str(number)).mkdir()
        make(tmp_path / str(number))
    others(tmp_path)
    built = graphkit.build(tmp_path)
    records = built.report["records"]
    assert records["read"] == len(CASES) + 2 == records["added"] + records["merged"] + records["rejected"]
    assert records["rejected"] == sum(not kept for _, kept, _ in CASES.values())
    assert built.report["files"] == {"found": len(CASES) + 2, "unreadable": 6, "skipped": 0}
    assert set(built.report["diagnostics"]["by_code"]) | {"GK102", "GK103", "GK104", "GK110"} | ELSEWHERE == set(CODES)
    graphkit.write_rdf(built.graph, tmp_path / "out.ttl")


def test_a_record_keeps_all_its_valid_fields(tmp_path: Path) -> None:
    record(
        tmp_path / "a.md",
        f'title: T\n{URL}quality: 7\nheat: hot\npublishedDateTime: 2021-08-23T11:22:33Z\nexcerpt: "a\ntopics: [AI]\n{PROVIDER}',
    )
    built = graphkit.build(tmp_path)
    assert [one.code for one in built.diagnostics] == ["GK302", "GK204"]
    [facts] = [facts for _, facts in built.graph.nodes(data=True) if facts["kind"] == "article"]
    assert (facts["title"], facts["quality"], facts["url"]) == ("T", 7, "https://example.org/a")
    assert facts["published_at"].year == 2021
    assert "topic/ai" in built.graph


FIELDS = [
    f'secured: "{CIPHER}"', f"secured: {CIPHER}", f'secured: "{CIPHER}', f'secured: "{CIPHER}\n{CIPHER}"', f"secured: |\n  {CIPHER}",
    f"secured:\n{CIPHER}", f'related:\n  - title: R\n    secured: "{CIPHER}"', f"related:\n  - title: R\n    secured: '{CIPHER}",
    f'topics: secured "{CIPHER}"', f'excerpt: |\n  E\n  secured: "{CIPHER}"', f"secured: {{{CIPHER}: 1, {CIPHER}: 2}}", f"heat: secured {CIPHER}",
]  # fmt: skip


@pytest.mark.engine
def test_no_piece_of_secured_reaches_graph_report_or_exports(tmp_path: Path) -> None:
    for number, field in enumerate(FIELDS[:8] + FIELDS[9:]):
        record(tmp_path / f"in/{number}.md", f"title: T{number}\n{PROVIDER}{field}\n")
        (tmp_path / f"in/open{number}.md").write_text(f"---\ntitle: T{number}\n{field}\n", "utf-8")
        (tmp_path / f"in/bare{number}.md").write_text(f"{field}\n", "utf-8")
    inner = {"title": "R", "secured": CIPHER}
    for number, value in enumerate(
        (
            {"title": "J", "secured": CIPHER},
            {"title": "K", "secured": {CIPHER: CIPHER}, "related": [inner]},
            [inner, {"secured": CIPHER}],
        )
    ):
        (tmp_path / f"in/{number}.json").write_text(json.dumps(value))
        (tmp_path / f"in/cut{number}.json").write_text(json.dumps(value)[:-20])
    done = subprocess.run(
        [sys.executable, "-m", "graphkit", "build", "in", "--format", "nt,rdf,jsonld,trig", "--out", "out"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    pieces = {CIPHER[start : start + 8] for start in range(len(CIPHER) - 8)}
    texts = {"output": done.stdout + done.stderr} | {
        path.name: exported_text(path) for path in (tmp_path / "out").iterdir() if path.name != CACHE
    }
    texts[CACHE] = (tmp_path / "out" / CACHE).read_bytes().decode("utf-8", "replace")
    assert len(texts) == 9
    assert "T0" in texts["coverage.ttl"]
    assert "T0" in texts["coverage.html"]
    assert "T0" in texts[CACHE]
    assert not [(name, piece) for name, text in texts.items() for piece in pieces if piece in text]


@pytest.mark.engine
def test_no_secured_field_of_the_shared_records_gets_out(shared_corpus: Path, tmp_path: Path) -> None:
    built = graphkit.build(shared_corpus)
    api.export(built, tmp_path, formats=["nt"])
    values = [
        path.read_text("utf-8-sig").partition('\nsecured: "')[2].partition('"')[0]
        for path in shared_corpus.rglob("*.md")
    ]
    pieces = {value[start : start + 16] for value in values for start in range(len(value) - 15)}
    assert len(pieces) > 10_000
    for path in tmp_path.iterdir():
        for run in re.findall("[A-Za-z0-9+/=;]{16,}", exported_text(path)):
            assert not any(run[start : start + 16] in pieces for start in range(len(run) - 15))


def test_related_entries_lost_with_the_one_around_them_are_told_and_counted(tmp_path: Path) -> None:
    inner = "".join(f"    - title: S{number}\n      provider: {{domain: a.org}}\n" for number in range(2))
    record(tmp_path / "a.md", f"title: T\n{PROVIDER}related:\n  - excerpt: E\n    related:\n{inner}")
    built = graphkit.build(tmp_path)
    assert built.report["related"] == {"read": 3, "added": 0, "merged": 0, "rejected": 3, "to_itself": 0}
    lost = [one.field for one in built.diagnostics if one.rejects]
    assert lost == ["related[0]", "related[0].related[0]", "related[0].related[1]"]


def test_related_entries_of_a_rejected_record_are_told(tmp_path: Path) -> None:
    others(tmp_path)
    entries = "".join(f"  - title: S{number}\n    provider: {{domain: a.org}}\n" for number in range(2))
    record(tmp_path / "a.md", f"excerpt: E\nrelated:\n{entries}")
    built = graphkit.build(tmp_path)
    assert built.report["records"] == {"read": 3, "added": 2, "merged": 0, "rejected": 1, "left_out": 0}
    assert [(one.field, one.line, one.code) for one in built.diagnostics if one.rejects] == [
        ("", 2, "GK314"),
        ("related[0]", 4, "GK314"),
        ("related[1]", 6, "GK314"),
    ]


def test_a_record_left_out_is_counted_apart(tmp_path: Path) -> None:
    record(tmp_path / "a.md", f"{GOOD}published: false\n")
    others(tmp_path)
    built = graphkit.build(tmp_path, published_only=True)
    assert built.report["records"] == {"read": 2, "added": 2, "merged": 0, "rejected": 0, "left_out": 1}


def test_the_same_record_twice_is_merged_and_counted(tmp_path: Path) -> None:
    for name in ("x/a.md", "y/a.md", "y/b.md"):
        record(tmp_path / name)
    built = graphkit.build([tmp_path / "x", tmp_path / "y"])
    assert built.report["records"] == {"read": 3, "added": 1, "merged": 2, "rejected": 0, "left_out": 0}
    assert built.report["files"]["found"] == 3


def test_copies_of_a_folder_give_the_same_graph(seeds: Path, tmp_path: Path) -> None:
    for path in seeds.rglob("*"):
        if path.is_file():
            target = tmp_path / path.relative_to(seeds)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    once, twice = graphkit.build(seeds), graphkit.build([seeds, tmp_path])
    for name, built in (("once.ttl", once), ("twice.ttl", twice)):
        graphkit.write_rdf(built.graph, tmp_path / name)
    assert (tmp_path / "once.ttl").read_bytes() == (tmp_path / "twice.ttl").read_bytes()
    assert twice.report["records"]["read"] == 2 * once.report["records"]["read"]


@pytest.mark.engine
@pytest.mark.parametrize(
    "name", [b"caf\xe9.md", b"line\nend.md", b"\x1b[31m.md", "é😀.md".encode(), b'<a href="x">.md', b"a b.md"]
)
def test_a_file_of_any_name_is_read_and_exported(name: bytes, tmp_path: Path) -> None:
    record(tmp_path / "in" / os.fsdecode(name), "title: T\n")
    done = subprocess.run(
        [sys.executable, "-m", "graphkit", "build", "in", "--format", "nt,rdf,nq"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert all(line.isprintable() for line in done.stderr.decode("utf-8").splitlines())
    report = msgspec.json.decode((tmp_path / "exports/report.json").read_bytes())
    assert report["records"]["added"] == 1
    assert done.stderr.count(b"GK311") == 1


def test_nothing_readable_says_what_stood_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("text")
    with pytest.raises(NothingReadable) as caught:
        graphkit.build(tmp_path)
    assert str(caught.value) == (
        "expected records in the sources, got none in 1 file; the first fault: "
        f"{tmp_path}/a.md:1:1: expected front matter that opens with ---, got 'text' [GK202]"
    )


@pytest.mark.untraced
@pytest.mark.engine
def test_markdown_of_the_largest_size_is_read_in_seconds(tmp_path: Path) -> None:
    entry = "  - title: |\n      R\n    webUrl: https://example.org/{0}\n    provider: {{domain: example.org}}\n"
    text = (
        f"title: T\n{PROVIDER}related:\n" + "".join(entry.format(number) for number in range(20_000)) + "quality: x\n"
    )
    assert len(text) < MAX_BYTES["markdown"]
    record(tmp_path / "a.md", text)
    start = time.process_time()
    built = graphkit.build(tmp_path)
    assert time.process_time() - start < 30
    assert [one.line for one in built.diagnostics] == [text.count("\n") + 1]


EXITS: dict[str, tuple[list[str], int]] = {
    "fine": (["check", "good"], 0),
    "fine but for diagnostics": (["check", "bad"], 0),
    "strict with diagnostics": (["check", "bad", "--strict"], 1),
    "strict without": (["check", "good", "--strict"], 0),
    "build, strict with diagnostics": (["build", "bad", "--strict", "--out", "out"], 1),
    "an unknown option": (["check", "--wrong", "good"], 2),
    "a file as output folder": (["build", "good", "--out", "good/good0.md"], 2),
    "nothing readable": (["check", "empty"], 3),
    "nothing there": (["build", "missing", "--out", "out"], 3),
}


@pytest.mark.engine
@pytest.mark.parametrize("case", EXITS)
def test_the_exit_code_tells_what_happened(case: str, tmp_path: Path) -> None:
    arguments, code = EXITS[case]
    others(tmp_path / "good")
    others(tmp_path / "bad")
    record(tmp_path / "bad/bad.md", "heat: 3\n")
    (tmp_path / "empty").mkdir()
    before = (tmp_path / "good/good0.md").read_bytes()
    done = subprocess.run(
        [sys.executable, "-m", "graphkit", *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "good/good0.md").read_bytes() == before
    if case == "build, strict with diagnostics":
        assert (tmp_path / "out/coverage.ttl").exists()
