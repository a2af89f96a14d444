"""The page about the vocabulary: complete, current, offline and readable by everybody."""

from __future__ import annotations

import re
from importlib import resources

import pyoxigraph as ox
import pytest
from browsers.opened_pages import Opener
from ontology_page import page
from paths import ROOT

from graphkit.rdf import vocabulary
from graphkit.rdf.ontology import ontology, shapes


def test_the_page_about_the_vocabulary_is_up_to_date() -> None:
    assert (ROOT / "docs" / "ontology.html").read_text("utf-8") == page(), "run `make docs`"


def test_every_term_and_every_rule_is_on_the_page() -> None:
    text = page()
    terms = {
        quad.subject.value.removeprefix(vocabulary.GK)
        for quad in ox.parse(ontology(), ox.RdfFormat.TURTLE)
        if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(vocabulary.GK)
    } - {""}
    anchors = re.findall(r'id="([^"]+)"', text)
    assert len(anchors) == len(set(anchors))
    assert terms <= set(anchors)
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(anchors)
    rules = re.findall(r'sh:PropertyShape ;.*?sh:message "([^"]+)"', shapes(), re.DOTALL)
    plain = re.sub(r"</?code>", "", text)
    for rule in rules:
        assert rule.replace("'", "&#x27;") in plain


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_asks_for_nothing_and_can_be_read_by_everybody(scheme: str, width: int, open_page: Opener) -> None:
    pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    opened = open_page(page(), width=width, color_scheme=scheme)
    axe = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    opened.run(f"() => {{ {axe} }}")
    faults = opened.run(
        "async () => (await axe.run()).violations.flatMap(({id, nodes}) => nodes.map(node => `${id}: ${node.target}`))"
    )
    assert faults == []
    assert opened.run("document.documentElement.scrollWidth") == width
