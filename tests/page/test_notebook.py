"""A build as notebooks show it: the explorer in a frame that works and reaches nothing around it."""

from __future__ import annotations

import html
import re
from pathlib import Path

import networkx as nx
import pytest
from browsers.opened_pages import Opener

import graphkit
from graphkit.page.notebook import LARGEST, framed

NOTEBOOK = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Notebook</title>
<p id="kept">kept for the notebook</p>
<script>window.heard = []; addEventListener("message", (event) => heard.push(event.data));</script>
{output}</html>"""


def test_a_build_shows_the_explorer_of_its_graph(seeds: Path) -> None:
    built = graphkit.build(seeds)
    shown = re.fullmatch(r'<iframe title="Coverage graph" [^>]*srcdoc="([^"]*)"></iframe>', built._repr_html_())
    assert shown
    assert html.unescape(shown[1]) == graphkit.explore(built.graph)


@pytest.mark.browser
def test_in_a_notebook_one_explores_saves_and_goes_back(seeds: Path, open_page: Opener) -> None:
    opened = open_page(NOTEBOOK.format(output=graphkit.build(seeds)._repr_html_()))
    frame = opened.page.frames[1]
    frame.wait_for_function("() => performance.getEntriesByName('graphkit:ready').length > 0")
    frame.fill("#search", "civil liberties")
    frame.press("#search", "Enter")
    title = frame.locator("#card-title")
    assert "civil liberties" in title.inner_text().lower()
    with opened.page.expect_download() as download:
        frame.click("#save summary")
        frame.click("#save-csv")
    assert Path(download.value.path()).read_text("utf-8-sig").startswith("id,kind,title,")
    frame.press("#canvas", "Escape")
    title.wait_for(state="detached")
    assert not frame.is_visible("#copy-link"), "a frame has no address that could be shared"


@pytest.mark.browser
def test_the_frame_can_reach_nothing_around_it(open_page: Opener) -> None:
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    graph.add_node("article/1", kind="article", title="</iframe>\"'><script>parent.document.body.remove()</script>")
    opened = open_page(NOTEBOOK.format(output=framed(graph)))
    frame = opened.page.frames[1]
    frame.wait_for_function("() => performance.getEntriesByName('graphkit:ready').length > 0")
    reached = frame.evaluate(
        """() => ["document", "localStorage", "heard"].filter((name) => {
            try { return Boolean(parent[name]); } catch { return false; }
        })"""
    )
    assert reached == []
    assert opened.page.inner_text("#kept") == "kept for the notebook"


def test_a_graph_too_large_for_a_notebook_is_told_in_a_sentence() -> None:
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    graph.add_nodes_from((f"topic/{number}" for number in range(LARGEST + 1)), kind="topic")
    assert framed(graph) == (
        f"<p>A graph of {LARGEST + 1:,} nodes: too many for a notebook, which shows up to {LARGEST:,}. "
        "<code>graphkit.export(built, folder)</code> writes a page to explore it in.</p>"
    )
