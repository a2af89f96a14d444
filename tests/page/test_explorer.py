"""The explorer's page as text: the same bytes, a strict policy, nothing from elsewhere, and a sentence that is right."""

from __future__ import annotations

import base64
import hashlib
import html
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import networkx as nx
import pytest
from browsers.opened_pages import HOSTILE
from oracles.page_text import decompressed
from paths import ROOT
from samples.newsrooms import synthetic, synthetic_page
from test_drawing import coverage, filled_in_another_order

from graphkit.page import explorer as package
from graphkit.page.explorer import explore

Graph = nx.MultiDiGraph  # its parameter is for type checkers only


# --- the same graph, the same bytes -----------------------------------------------------------------------------------


@pytest.mark.engine
def test_the_order_in_which_a_graph_was_filled_does_not_show() -> None:
    graph = coverage(articles=120)
    assert {explore(filled_in_another_order(graph, seed)) for seed in range(3)} == {explore(graph)}
    assert explore(filled_in_another_order(synthetic(1_000), 1), title="1000 nodes") == synthetic_page(1_000)


@pytest.mark.engine
def test_another_process_with_another_hash_seed_writes_the_same_bytes() -> None:
    program = (
        "import sys, hashlib; sys.path[:0] = 'tests', 'tests/page'\n"
        "from test_drawing import coverage\nfrom graphkit.page.explorer import explore\n"
        "print(hashlib.sha256(explore(coverage()).encode()).hexdigest())"
    )
    for seed in ("0", "1"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "OMP_NUM_THREADS": seed or "1"}
        run = subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        )
        assert run.stdout.strip() == hashlib.sha256(explore(coverage()).encode()).hexdigest()


def test_the_graph_is_left_as_it_is() -> None:
    graph = coverage()
    before = repr((graph.graph, list(graph.nodes(data=True)), list(graph.edges(keys=True, data=True))))
    explore(graph)
    assert repr((graph.graph, list(graph.nodes(data=True)), list(graph.edges(keys=True, data=True)))) == before


# --- what the page may do ---------------------------------------------------------------------------------------------


def policy_of(page: str) -> dict[str, list[str]]:
    found = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert found
    rules = (rule.split() for rule in html.unescape(found[1]).split(";"))
    return {name: values for name, *values in rules}


def digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_only_the_page_s_own_script_and_style_may_run() -> None:
    page = explore(coverage())
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    styles = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    assert len(scripts) == len(styles) == 1
    assert policy_of(page) == {
        "default-src": ["'none'"],
        "script-src": [digest(scripts[0])],
        "style-src": [digest(styles[0])],
        "img-src": ["data:", "https:", "http:"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["'none'"],
    }


def test_the_page_without_its_data_names_no_address() -> None:
    page = explore(nx.MultiDiGraph())
    names = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xhtml", "http://www.w3.org/1999/xlink"}
    names |= {"http://www.w3.org/XML/1998/namespace", "http://www.w3.org/2000/xmlns/"}
    assert set(re.findall(r"https?://[^\"'`\s<>)]+", page)) <= names
    assert not re.search(r"\bfetch\(|\b(XMLHttpRequest|WebSocket|sendBeacon|EventSource|importScripts)\b", page)
    assert not re.search(r"\b(eval|document\.write|new Function)\b", page)
    assert "url(" not in page
    assert "@import" not in page


def test_the_page_s_own_script_makes_no_elements_of_text() -> None:
    sources = (Path(package.__file__).parent / "source").glob("*.ts")
    assert not [
        file.name for file in sources if re.search("innerHTML|outerHTML|insertAdjacentHTML|srcdoc", file.read_text())
    ]


def test_script_and_style_are_at_most_120_kb() -> None:
    folder = Path(package.__file__).parent / "dist"
    assert sum((folder / name).stat().st_size for name in ("explorer.js", "style.css")) <= 120_000


def test_the_licences_of_what_is_bundled_go_along() -> None:
    folder = Path(package.__file__).parent
    licences = (folder / "dist" / "LICENSES").read_text()
    imported = {
        name
        for file in (folder / "source").glob("*.ts")
        for name in re.findall(r'from "(d3-[a-z]+)"', file.read_text())
    }
    assert imported
    assert all(name in licences for name in imported)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_title_stays_text(text: str) -> None:
    graph: Graph[str] = nx.MultiDiGraph()
    graph.add_node("article/1", kind="article", title=text, excerpt=text, status=text, media=text, url=text)
    page = explore(graph, title=text)
    assert page.count("<script") == page.count("</script>") == 4
    assert page.count("<style") == page.count("</style>") == 1
    found = re.search(r"<title>(.*?)</title>", page)
    assert found
    assert html.unescape(found[1]) == " ".join(
        re.sub("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+", " ", text).split()
    )
    page.encode("utf-8")


def test_attributes_that_are_not_asked_for_stay_behind() -> None:
    graph = coverage()
    for node in graph:
        graph.nodes[node]["secured"] = "c2VjcmV0IHNlY3JldA=="
    for *_, facts in graph.edges(data=True):
        facts["secured"] = "c2VjcmV0IHNlY3JldA=="
    assert explore(graph) == explore(coverage())
    assert "c2VjcmV0" not in decompressed(explore(graph))


# --- what it says ---------------------------------------------------------------------------------------------------------


def sentence(page: str) -> str:
    found = re.search(r'<p id="sentence">(.*?)</p>', page)
    assert found
    return html.unescape(found[1])


def test_the_sentence_says_what_there_is() -> None:
    assert sentence(explore(nx.MultiDiGraph())) == "0 articles · 0 providers · 0 topics"
    graph: Graph[str] = nx.MultiDiGraph()
    graph.add_node("article/1", kind="article", title="One", published_at=datetime(2021, 8, 23, tzinfo=UTC))
    graph.add_node("provider/1", kind="provider", name="Two")
    assert sentence(explore(graph)) == "1 article · 1 provider · 0 topics · Aug 2021"
    for number in range(1_635):
        graph.add_node(f"article/x{number}", kind="article", title="X")
    graph.nodes["article/x1"]["published_at"] = datetime(2016, 10, 3, tzinfo=UTC)
    graph.nodes["article/x2"]["published_at"] = datetime(2023, 5, 1, tzinfo=UTC)
    assert sentence(explore(graph)) == "1,636 articles · 1 provider · 0 topics · Oct 2016 – May 2023"


@pytest.mark.parametrize("module", ["graphkit", "graphkit.page", "graphkit.pipeline.api"])
def test_importing_loads_nothing_that_only_the_page_needs(module: str) -> None:
    program = f"import sys, {module}; print(sorted({{'numpy', 'deflate', 'pyvis'}} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
