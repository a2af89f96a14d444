"""The table in CONTRIBUTING.md says where things go: each path exists, and holds what the row is about."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import networkx as nx
import pyoxigraph as ox
import pytest
from paths import ROOT
from reference_text import COMMANDS, help_of

import graphkit
from graphkit.diagnostics.found_diagnostics import FoundDiagnostics
from graphkit.query.questions import bundled

Graph = nx.MultiDiGraph  # its parameter is for type checkers only


class Place(NamedTuple):
    """A file or folder to edit, and the names to look for there."""

    path: str
    names: tuple[str, ...]


class Row(NamedTuple):
    """What to edit for one kind of thing, in order, and a thing of that kind to copy."""

    places: tuple[Place, ...]
    example: str


_PLACE = re.compile(r"`([^`]+)`(?: \(((?:`\w+`(?:, )?)+)[^)]*\))?")


@cache
def table() -> Mapping[str, Row]:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    section = text.partition("## Where does a new … go?\n")[2].partition("\n## ")[0]
    cells = [line.strip("|").split(" | ") for line in re.findall(r"^\|.*\|$", section, re.MULTILINE)[2:]]
    return {
        thing.strip(): Row(
            tuple(Place(path, tuple(re.findall(r"`(\w+)`", names))) for path, names in _PLACE.findall(files)),
            example.strip(" `"),
        )
        for thing, files, example in cells
    }


def module(thing: str, name: str) -> ModuleType:
    """Return the module that a row sends people to for a name."""
    [path] = [place.path for place in table()[thing].places if name in place.names]
    return import_module(path.removesuffix(".py").replace("/", "."))


def file(thing: str, ending: str) -> Path:
    """Return the only file with this ending in a row."""
    [path] = [place.path for place in table()[thing].places if place.path.endswith(ending)]
    return ROOT / path


def normalized(text: str) -> str:
    return text.lower().replace("-", "_").strip("_")


def holds(place: Place, word: str) -> bool:
    """Tell whether a file, or in a folder the name or the text of a file, holds a word."""
    path = ROOT / place.path
    files = [path] if path.is_file() else [one for one in path.iterdir() if one.is_file()]
    return any(normalized(word) in normalized(f"{one.name}\n{one.read_text('utf-8')}") for one in files)


def test_every_kind_of_thing_has_a_row() -> None:
    assert set(table()) == {
        *("input format", "tracking parameter", "platform", "RDF property", "article attribute", "bundled question"),
        *("export format", "triple store", "diagnostic", "explorer facet", "CLI option", "CLI command", "server route"),
        *("redirector", "site with AMP pages"),
    }


@pytest.mark.parametrize(
    "place,example",
    [
        pytest.param(place, row.example, id=f"{thing}: {place.path}")
        for thing, row in table().items()
        for place in row.places
    ],
)
def test_a_place_exists_and_holds_what_to_look_for(place: Place, example: str) -> None:
    assert (ROOT / place.path).exists()
    assert (ROOT / place.path).is_dir() == place.path.endswith("/")
    for name in place.names:
        assert re.search(rf"\b{name}\b", (ROOT / place.path).read_text("utf-8"))
    assert place.names or holds(place, example)


def test_input_formats_are_those_whose_files_are_found_and_read(tmp_path: Path) -> None:
    formats = module("input format", "INPUT_FORMATS").INPUT_FORMATS
    endings = {ending: format.name for format in formats for ending in format.endings}
    texts = {
        "markdown": "---\ntitle: A\nwebUrl: https://a.example/\n---\n",
        "yaml": "title: A\nwebUrl: https://a.example/\n",
        "json": '{"title": "A", "webUrl": "https://a.example/"}',
        "jsonlines": '{"title": "A", "webUrl": "https://a.example/"}\n',
    }
    for ending, format in {**endings, "other": "markdown"}.items():
        (tmp_path / f"record.{ending}").write_text(texts[format], "utf-8")
    report = graphkit.build(tmp_path).report
    assert (report["files"]["found"], report["files"]["skipped"]) == (len(endings), 1)
    assert report["records"]["read"] == len(endings)
    for format in formats:
        [(_, record)] = format.read(texts[format.name].encode(), "record", FoundDiagnostics(), 0)
        assert record is not None


def test_tracking_parameters_of_the_table_are_dropped_from_urls() -> None:
    groups = tomllib.loads(file("tracking parameter", ".toml").read_text("utf-8"))
    names = [name for group in groups["group"] for name in group["names"]] + [f"{one}x" for one in groups["prefixes"]]
    assert names
    for name in names:
        assert graphkit.canonical(f"https://a.example/?{name}=1&kept=1") == "https://a.example/?kept=1", name


def test_publishers_on_a_platform_of_the_table_are_providers_of_their_own(tmp_path: Path) -> None:
    platforms = tomllib.loads(file("platform", ".toml").read_text("utf-8"))["platform"]
    domains = {one["domain"]: one["domain"] for one in platforms}
    (tmp_path / "records.jsonl").write_text(
        "".join(
            json.dumps(
                {
                    "title": domain,
                    "webUrl": f"https://{domain}/{number}",
                    "provider": {"name": f"Channel {number}", "domain": domain},
                }
            )
            + "\n"
            for number, domain in enumerate(domains)
        ),
        "utf-8",
    )
    graph = graphkit.build(tmp_path).graph
    found = {
        facts["title"]: graph.nodes[provider].get("domain")
        for node, facts in graph.nodes(data=True)
        for _, provider, kind in graph.out_edges(node, keys=True)
        if kind == "publisher"
    }
    assert found == domains


@pytest.fixture(scope="module")
def graph(seeds: Path) -> Graph[str]:
    return graphkit.build(seeds).graph


def test_attributes_of_articles_are_those_of_the_table(graph: Graph[str]) -> None:
    attributes = module("article attribute", "ARTICLE")
    names = {attribute.name for attribute in attributes.ARTICLE}
    assert set(attributes.Stated.__struct_fields__) <= names
    found = {name for _, facts in graph.nodes(data=True) if facts["kind"] == "article" for name in facts}
    assert {"title", "sources"} <= found <= names | {"kind"}


def test_properties_of_an_export_are_those_of_the_table(exported: Path) -> None:
    properties = module("RDF property", "PROPERTIES").PROPERTIES
    triples = list(ox.parse(path=str(exported / "coverage.ttl")))
    assert triples
    described = {triple.subject for triple in triples if triple.predicate.value == "http://rdfs.org/ns/void#uriSpace"}
    assert {triple.predicate.value for triple in triples if triple.subject not in described} <= {
        one.iri for one in properties
    }


def test_bundled_questions_are_the_files_of_the_folder() -> None:
    folder, oracle = table()["bundled question"].places
    known = bundled()
    assert [question.name for question in known] == sorted(path.stem for path in (ROOT / folder.path).glob("*.rq"))
    assert oracle.path.startswith("tests/")


def test_export_formats_of_the_table_are_those_that_the_command_offers() -> None:
    formats = module("export format", "FORMATS").FORMATS
    [listed] = re.findall(r"By commas: (.*?), or all", " ".join(help_of("export").split()))
    assert set(listed.split(", ")) | {"provenance"} == set(formats)


def test_triple_stores_of_the_table_are_those_that_the_command_offers() -> None:
    kinds = {kind.name for kind in module("triple store", "PRODUCTS").PRODUCTS}
    words = set(re.findall(r"[a-z0-9]+", help_of("upload").partition("--kind")[2].partition("--user")[0]))
    assert kinds <= words


def test_diagnostics_have_a_code_of_the_table(tmp_path: Path) -> None:
    codes = module("diagnostic", "CODES").CODES
    (tmp_path / "bad.md").write_text("---\ntitle: A\nwebUrl: https://a.example/\nquality: high\n---\n", "utf-8")
    found = {diagnostic.code for diagnostic in graphkit.build(tmp_path).diagnostics}
    assert found
    assert found <= set(codes)


def test_facets_of_the_table_are_those_of_the_page() -> None:
    [path] = [place.path for place in table()["explorer facet"].places if "FACETS" in place.names]
    [facets] = re.findall(r"FACETS = (\[.*?\]) as const", (ROOT / path).read_text("utf-8"))
    script = ROOT / "graphkit" / "page" / "explorer" / "dist" / "explorer.js"
    assert ",".join(json.loads(facets)) in re.sub(r"[\"\s]", "", script.read_text("utf-8"))


def test_the_option_to_copy_is_one_of_a_command() -> None:
    assert table()["CLI option"].example in help_of("build")


def test_each_command_has_a_module_in_the_folder() -> None:
    app = module("CLI command", "app").app
    listed = {command.callback.__module__ for command in app.registered_commands}
    folder = next(place.path for place in table()["CLI command"].places if place.path.endswith("/"))
    assert listed == {f"{folder.replace('/', '.')}{command}" for command in COMMANDS}


def test_routes_are_made_in_the_module_of_the_table_only() -> None:
    path = file("server route", "application.py")
    routing = [one for one in path.parent.glob("*.py") if re.search(r"\bRoute\(", one.read_text("utf-8"))]
    assert routing == [path]
