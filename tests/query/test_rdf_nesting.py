"""RDF that nests more deeply than the engine's stack allows: one sentence, and the process goes on."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from graphkit.errors import UsageError
from graphkit.query.opening import open_data
from graphkit.query.rdf_loading import quads_of
from graphkit.rdf.graph_reader import read_graph

DEEP = {
    "a.nt": lambda n: f"<x:a> <x:b> {'<<( <x:a> <x:b> ' * n}<x:c>{' )>>' * n} .\n",
    "a.ttl": lambda n: f"<x:a> <x:b> {'<<( <x:a> <x:b> ' * n}<x:c>{' )>>' * n} .\n",
    "a.trig": lambda n: f"<x:g> {{ <x:a> <x:b> {'<<( <x:a> <x:b> ' * n}<x:c>{' )>>' * n} }}\n",
    "a.jsonld": lambda n: '{"@id":"x:a","x:b":' * n + "1" + "}" * n,
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", DEEP)
def test_rdf_that_nests_too_deeply_is_refused(tmp_path: Path, name: str, packed: bool) -> None:
    data = DEEP[name](20_000).encode()  # type: ignore[no-untyped-call]  # a table of texts
    path = tmp_path / (f"{name}.gz" if packed else name)
    path.write_bytes(gzip.compress(data) if packed else data)
    with pytest.raises(UsageError, match="levels of nesting"):
        open_data(path)
    with pytest.raises(UsageError, match="levels of nesting"):
        list(quads_of(path))
    with pytest.raises(UsageError, match="levels of nesting"):
        read_graph(path)


@pytest.mark.parametrize("name", DEEP)
def test_rdf_that_nests_a_little_is_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(DEEP[name](50))  # type: ignore[no-untyped-call]  # a table of texts
    assert list(quads_of(path))


def test_brackets_in_strings_are_no_nesting(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonld"
    path.write_text('{"@id":"x:a","x:b":"' + '\\"[{' * 300_000 + '"}')
    assert list(quads_of(path))
