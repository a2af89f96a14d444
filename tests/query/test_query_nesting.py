"""Queries that nest more deeply than the engine's stack allows: refused, and the process goes on."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from graphkit.errors import UsageError
from graphkit.query.data import Data

DEEP = {
    "negation": lambda n: f"ASK {{ FILTER({'!' * n}true) }}",
    "sum": lambda n: f"ASK {{ FILTER(1{'+1' * n}) }}",
    "disjunction": lambda n: f"ASK {{ FILTER(?a{'||?a' * n}) }}",
    "union": lambda n: f"ASK {{ {{}}{' UNION {}' * n} }}",
    "bind": lambda n: "ASK { " + "".join(f"BIND(1 AS ?v{i})" for i in range(n // 5)) + "}",
    "negation in what looks like an IRI": lambda n: f"ASK {{ FILTER(?a<{'!' * n}true||1>2) }}",
    "negation in what looks like a string": lambda n: f"ASK {{ FILTER(?a<'>'||{'!' * n}true||'a'='b') }}",
}


def _data() -> Data:
    return Data(ox.Store(), "", union=False, base="", path=Path("data"))


@pytest.mark.parametrize("kind", DEEP)
def test_a_query_that_nests_too_deeply_is_refused(kind: str) -> None:
    with pytest.raises(UsageError, match=r"nests less|in one another"):
        _data().query(DEEP[kind](50_000))


def test_a_long_query_that_nests_little_is_answered() -> None:
    assert not _data().query(f"ASK {{ VALUES ?x {{ {' -1' * 5000} }} ?x ?x ?x }}")
