"""What tests of uploads share: the command, the stores, and what a store holds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from processes.waiting import WHOLE_RUN

from foreign.triple_stores import Oxigraph, TripleStore, running

Triples = frozenset[tuple[str, str, str]]


def upload(store: TripleStore | str, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``graphkit upload`` with what the store asks for."""
    if isinstance(store, str):
        url, options, variables = store, [], environment
    else:
        url, options, variables = store.url, store.options, {**store.environment, **environment}
    return run(url, *map(str, arguments), *options, **variables)


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``graphkit upload``."""
    clean = {name: value for name, value in os.environ.items() if name != "GRAPHKIT_PASSWORD"}
    return subprocess.run(
        [sys.executable, "-m", "graphkit", "upload", *arguments],
        env={**clean, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=WHOLE_RUN,
    )


def start(store_url: str, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Start ``graphkit upload`` and leave it running."""
    return subprocess.Popen(
        [sys.executable, "-m", "graphkit", "upload", store_url, *arguments],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def held(store: TripleStore, graph: str = "") -> Triples:
    """Return all triples of a graph, as a client of the store gets them."""
    where = f"GRAPH <{graph}> {{ ?s ?p ?o }}" if graph else "?s ?p ?o"
    answer = store.select(f"SELECT ?s ?p ?o WHERE {{ {where} }}", graph="" if graph else store.default)
    rows = json.loads(answer)["results"]["bindings"]
    return frozenset((_spelled(row["s"]), _spelled(row["p"]), _spelled(row["o"])) for row in rows)


def _spelled(term: dict[str, str]) -> str:
    """Spell a term of the results as N-Triples do."""
    if term["type"] == "uri":
        return f"<{term['value']}>"
    if term["type"] == "bnode":
        return "_:"
    if "xml:lang" in term:
        return str(ox.Literal(term["value"], language=term["xml:lang"].lower()))
    datatype = term.get("datatype")
    return str(ox.Literal(term["value"], datatype=ox.NamedNode(datatype)) if datatype else ox.Literal(term["value"]))


def said(path: Path) -> Triples:
    """Return all triples of a file."""
    form = {"ttl": ox.RdfFormat.TURTLE, "nt": ox.RdfFormat.N_TRIPLES}[path.suffix[1:]]
    with path.open("rb") as stream:
        return frozenset((str(quad.subject), str(quad.predicate), str(quad.object)) for quad in ox.parse(stream, form))


def each(*kinds: type[TripleStore]) -> list[Any]:
    """Return kinds of stores as parameters, each with the marker of its tier: pip installs Oxigraph only."""
    return [pytest.param(kind, id=kind.name, marks=() if kind is Oxigraph else pytest.mark.tools) for kind in kinds]


def started(kind: type[TripleStore], folder: Path) -> Iterator[TripleStore]:
    """Run a store for a fixture; skip where it is not installed."""
    missing = kind.missing()
    if missing:
        pytest.skip(f"{kind.title} is not installed: there is no {missing}")
    with running(kind, folder) as store:
        yield store
