"""A file is cut where statements end, and looked at in bounded memory."""

from __future__ import annotations

import gzip
import random
import subprocess
import sys
import textwrap
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphkit
from graphkit.rdf.syntaxes import RDF
from graphkit.upload import parts as cutting
from graphkit.upload.parts import NotSplittable, Part, UploadSource, find_source, halves, parts, triples_of
from graphkit.upload.source_profile import profile_of
from graphkit.upload.triple_samples import SubjectSample

TEXTS = st.text(max_size=12)
LITERALS = st.one_of(
    TEXTS.map(lambda text: ox.Literal(text.encode("utf-8", "replace").decode())),
    st.integers(-99, 99).map(ox.Literal),
    TEXTS.map(lambda text: ox.Literal(text.encode("utf-8", "replace").decode() + " .\n", language="en")),
)
TRIPLES = st.lists(
    st.builds(
        ox.Triple,
        st.integers(0, 9).map(lambda n: ox.NamedNode(f"http://example.org/{n}")),
        st.integers(0, 3).map(lambda n: ox.NamedNode(f"http://example.org/p{n}")),
        LITERALS,
    ),
    min_size=1,
    max_size=40,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("parts")


def written(folder: Path, triples: list[ox.Triple], ending: str) -> UploadSource:
    path = folder / f"some.{ending}"
    text = ox.serialize(triples, format=RDF[ending.removesuffix(".gz")]) or b""
    path.write_bytes(gzip.compress(text) if ending.endswith(".gz") else text)
    return find_source(path)


@pytest.mark.untraced
@pytest.mark.engine
@given(TRIPLES, st.sampled_from(["nt", "ttl", "rdf", "jsonld", "nt.gz", "ttl.gz"]), st.integers(1, 2_000))
def test_the_parts_say_together_what_the_file_says(
    folder: Path, triples: list[ox.Triple], ending: str, size: int
) -> None:
    if ending == "rdf" and any(not str(triple).isprintable() or "\\u" in str(triple) for triple in triples):
        ending = "nt"  # XML has no such characters
    source = written(folder, triples, ending)
    found = profile_of(source, size)
    got = [triple for part in parts(source, size, as_is=found.as_is) for triple in triples_of(part)]
    assert set(got) == set(triples)
    assert found.triples == len(set(triples))
    assert not found.blank
    assert set().union(*found.sample.values()) == set(triples)


@given(TRIPLES, st.sampled_from(["nt", "ttl"]), st.integers(1, 300))
def test_parts_have_about_the_size_that_was_asked_for_and_end_where_they_say(
    folder: Path, triples: list[ox.Triple], ending: str, size: int
) -> None:
    source = written(folder, triples, ending)
    content = source.path.read_bytes()
    cut = list(parts(source, size))
    for part in cut:
        assert len(part.body) <= size or halves(part) is None
        assert content[: part.end].endswith(part.body)
    assert cut[-1].end == len(content)
    assert b"".join([cut[0].header, *(part.body for part in cut)]) == content
    assert len({part.digest for part in cut}) == len(cut)


@given(TRIPLES, st.sampled_from(["nt", "ttl"]))
def test_halves_say_together_what_the_whole_says(folder: Path, triples: list[ox.Triple], ending: str) -> None:
    (part,) = parts(written(folder, triples, ending), 1 << 20)
    waiting: list[Part] = [part]
    got: list[ox.Triple] = []
    while waiting:
        one = waiting.pop()
        two = halves(one)
        if two is None:
            got += triples_of(one)
        else:
            assert all(half.body.strip() for half in two)
            waiting += two
    assert set(got) == set(triples)


@pytest.mark.parametrize(
    "text",
    [
        '@prefix e: <http://example.org/> .\ne:a e:b """one .\ntwo""" .\ne:c e:d e:e .\n',
        "@prefix e: <http://example.org/> .\ne:a e:b e:c .\n@prefix e: <http://example.com/> .\ne:a e:b e:c .\n",
        "@prefix e: <http://example.org/> .\ne:a e:b e:c .\nPREFIX e: <http://example.com/>\ne:a e:b e:c .\n",
        "@base <http://example.org/> .\n<a> <b> <c> .\n<d> <e> <f> .\n",
        "# a comment .\n@prefix e: <http://example.org/> .\ne:a e:b e:c .\n# another .\ne:d e:e e:f.\ne:g e:h e:i.",
        "@prefix e: <http://example.org/> . @prefix f: <http://example.com/> .\ne:a f:b e:c .\nf:d e:e e:f .",
        "@prefix e: <http://example.org/> .\r\ne:a e:b e:c .\r\ne:d e:e e:f .\r\n",
    ],
)
@pytest.mark.parametrize("size", [1, 40, 60, 1_000])
def test_turtle_of_others_is_never_read_in_another_way(tmp_path: Path, text: str, size: int) -> None:
    path = tmp_path / "other.ttl"
    path.write_bytes(text.encode())
    source = find_source(path)
    whole = {quad.triple for quad in ox.parse(text, ox.RdfFormat.TURTLE)}
    found = profile_of(source, size)
    assert {triple for part in parts(source, size, as_is=found.as_is) for triple in triples_of(part)} == whole
    assert found.triples == len(whole)


def test_our_own_turtle_goes_as_it_stands(exported: Path) -> None:
    found = profile_of(find_source(exported), 20_000)
    assert found.as_is
    assert found.content == (exported / "coverage.ttl").stat().st_size


def test_triples_that_stand_twice_anywhere_count_once(tmp_path: Path) -> None:
    lines = [f'<http://example.org/{n % 700}> <http://example.org/p> "{n}" .\n' for n in range(3_000)]
    twice = lines * 2
    random.Random(1).shuffle(twice)
    path = tmp_path / "twice.nt"
    path.write_text("".join(twice))
    found = profile_of(find_source(path), 10_000)
    assert found.triples == 3_000
    assert len(found.sample) == 200
    for name, said in found.sample.items():
        assert len(said) == sum(line.startswith(f"<{name}>") for line in lines)


def test_the_sample_is_of_whole_subjects_in_any_order() -> None:
    predicate = ox.NamedNode("http://example.org/p")
    triples = [
        ox.Triple(ox.NamedNode(f"http://example.org/{n}"), predicate, ox.Literal(value))
        for n in range(50)
        for value in range(4)
    ]
    found = []
    for seed in range(3):
        random.Random(seed).shuffle(triples)
        sample = SubjectSample(10)
        for triple in triples:
            sample.add(triple.subject.value, triple)  # type: ignore[union-attr]  # a NamedNode
        found.append(sample.found())
    assert found[0] == found[1] == found[2]
    assert len(found[0]) == 10
    assert all(len(said) == 4 for said in found[0].values())


XSD = "http://www.w3.org/2001/XMLSchema#"


@pytest.mark.parametrize(
    "term",
    [
        f'"1.0e0"^^<{XSD}double>',
        f'"01"^^<{XSD}integer>',
        f'"1.50"^^<{XSD}decimal>',
        f'"2021-01-01T00:00:00.5Z"^^<{XSD}dateTime>',
        f'"2021-01-01T00:00:00+05:30"^^<{XSD}dateTime>',
        f'"1"^^<{XSD}boolean>',
        '"x"@en-GB',
        r'"a\u0001b"',
        '"😀"',
        r'"back\\slash"',
        f'"{"x" * 20_000}"',
        f"<http://example.org/{'x' * 2_500}>",
        "<http://example.org/é>",
    ],
)
def test_what_stores_are_known_to_change_is_kept_for_the_comparison(tmp_path: Path, term: str) -> None:
    path = tmp_path / "some.nt"
    plain = "".join(f'<http://example.org/{n}> <http://example.org/p> "{n}" .\n' for n in range(1_000))
    odd = f"<http://example.org/odd> <http://example.org/p> {term} .\n"
    path.write_text(plain + odd)
    (expected,) = (quad.triple for quad in ox.parse(odd, ox.RdfFormat.N_TRIPLES))
    assert profile_of(find_source(path), 10_000).unusual == (expected,)


def test_a_folder_of_exports_gives_its_turtle(tmp_path: Path) -> None:
    graphkit.export(graphkit.build("seeds"), tmp_path, formats=("nt", "ttl"), page=False)
    assert find_source(tmp_path).path.name == "coverage.ttl"
    (tmp_path / "coverage.ttl").unlink()
    assert find_source(tmp_path).path.name == "coverage.nt"


def test_a_statement_without_end_is_not_read_into_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutting, "LONGEST", 3 << 20)
    path = tmp_path / "endless.nt"
    path.write_text('<http://example.org/a> <http://example.org/p> "' + "x" * (5 << 20))
    with pytest.raises(NotSplittable):
        list(parts(find_source(path), 1 << 20))


@pytest.mark.engine
def test_a_large_file_is_looked_at_and_cut_in_a_hundred_megabytes(tmp_path: Path) -> None:
    path = tmp_path / "large.nt"
    with path.open("w") as stream:
        for start in range(0, 400_000, 1_000):
            stream.writelines(
                f'<http://example.org/article/{n:09}> <http://example.org/headline> "{str(n) * 20}" .\n'
                for n in range(start, start + 1_000)
            )
    program = f"""
        from pathlib import Path
        from graphkit.upload.parts import find_source, parts, triples_of
        from graphkit.upload.source_profile import profile_of
        source = find_source(Path({str(path)!r}))
        found = profile_of(source, 4 << 20)
        assert found.triples == 400_000
        assert sum(1 for part in parts(source, 4 << 20) for _ in triples_of(part)) == 400_000
        print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
    """
    run = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True)
    assert path.stat().st_size > 60 << 20
    assert int(run.stdout) < 100_000
