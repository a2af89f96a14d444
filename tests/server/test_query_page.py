"""The query page in a real browser, on a real server: pick a question, run it, see rows, follow a link."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from browsers.opened_pages import PATIENCE
from paths import QUERIES
from processes.server import Server, serving

pytestmark = pytest.mark.browser


@dataclass
class Visit:
    """A page on the server, with everything that went wrong in it and every address it asked for."""

    page: Any
    server: Server
    faults: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def open(self, path: str = "/") -> None:
        self.page.goto(f"{self.server.url}{path}")
        if path.startswith(("/#", "/?")) or path == "/":
            self.page.wait_for_selector("#run:not([disabled])")

    def pick(self, name: str) -> None:
        self.page.click(f'button.question[data-name="{name}"]')
        self.finished()

    def ask(self, query: str) -> None:
        self.page.locator("#editor .CodeMirror").evaluate("(node, text) => node.CodeMirror.setValue(text)", query)
        self.page.click("#editor .CodeMirror-lines")
        self.page.keyboard.press("Control+Enter")
        self.finished()

    def finished(self) -> None:
        self.page.wait_for_selector("#results .yasr[aria-busy=false]")

    def rows(self) -> int:
        return int(self.page.locator("table.results tbody tr").count())


@pytest.fixture(scope="module")
def server(exported: Path) -> Iterator[Server]:
    with serving(exported, "--timeout", "60") as server:
        yield server


@pytest.fixture
def hasty_server(exported: Path) -> Iterator[Server]:
    """Return a server that ends each query after two seconds, in which a busy machine may not answer a light one."""
    with serving(exported, "--timeout", "2") as server:
        yield server


@pytest.fixture
def visit(browser: Any, server: Server) -> Iterator[Visit]:
    with visiting(browser, server) as visit:
        yield visit


@contextmanager
def visiting(browser: Any, server: Server, **options: Any) -> Iterator[Visit]:
    """Open a page that must ask this server only and complain of nothing."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    visit = Visit(page, server)
    page.on("pageerror", lambda error: visit.faults.append(str(error)))
    page.on("console", lambda message: _note(visit, message))
    page.on("request", lambda request: visit.asked.append(request.url))
    try:
        yield visit
    finally:
        context.close()
    assert visit.faults == []
    assert {urlsplit(address).netloc for address in visit.asked} == {urlsplit(server.url).netloc}


def _note(visit: Visit, message: Any) -> None:
    # Chromium itself writes a line for every answer that is no success, here those to queries with faults.
    if message.type in ("error", "warning") and not message.location["url"].endswith("/sparql"):
        visit.faults.append(message.text)


def test_a_person_picks_a_question_runs_it_sees_rows_and_follows_a_link(visit: Visit) -> None:
    visit.open()
    visit.pick("top-providers")
    assert visit.rows() > 10
    link = visit.page.locator('table.results a[href^="/id/"]').first
    address = link.get_attribute("href")
    link.click()
    visit.page.wait_for_url(f"**{address}")
    assert visit.page.locator("h1").inner_text()
    visit.page.go_back()
    visit.page.wait_for_selector("table.results tbody tr")


def test_every_bundled_question_runs_from_the_page(visit: Visit) -> None:
    visit.open()
    names = [path.stem for path in sorted(QUERIES.glob("*.rq"))]
    for name in names:
        visit.pick(name)
        assert visit.page.locator(".errorResult").count() == 0, name


def test_a_query_of_one_s_own_runs_with_the_keyboard(visit: Visit) -> None:
    visit.open()
    visit.ask("SELECT * { ?s ?p ?o } LIMIT 7")
    assert visit.rows() == 7
    visit.page.click("#editor .CodeMirror-lines")
    visit.page.keyboard.press("Escape")
    visit.page.keyboard.press("Tab")
    assert visit.page.evaluate("document.activeElement.id") == "run"


def test_a_parameter_is_a_field(visit: Visit) -> None:
    visit.open()
    visit.pick("topic-timeline")
    everything = visit.page.inner_text(".yasr_response_chip")
    visit.page.fill(".parameter input[name=topic]", "privacy")
    visit.page.keyboard.press("Enter")
    visit.finished()
    assert visit.rows() > 0
    assert visit.page.inner_text(".yasr_response_chip") != everything


def test_faults_are_told_in_words(visit: Visit) -> None:
    visit.open()
    visit.ask("SELECT x WHERE { }")
    assert "400" in visit.page.inner_text(".errorResult .status")
    assert "query:1:" in visit.page.inner_text(".errorResult pre")


def test_the_deadline_is_told_in_words(browser: Any, hasty_server: Server) -> None:
    with visiting(browser, hasty_server) as visit:
        visit.open()
        visit.ask("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }")
        assert "503" in visit.page.inner_text(".errorResult .status")
        assert "ended after 2 seconds" in visit.page.inner_text(".errorResult pre")


def test_text_of_the_data_stays_text(visit: Visit) -> None:
    visit.open()
    visit.ask('SELECT ?o { VALUES ?o { "<img src=x onerror=window.__pwned=1>" <javascript:window.__pwned=1> } }')
    assert visit.rows() == 2
    assert visit.page.locator("table.results img, table.results a").count() == 0
    assert visit.page.evaluate("window.__pwned") is None


def test_a_link_with_a_query_opens_with_its_rows(visit: Visit) -> None:
    visit.open("/#query=SELECT%20%2A%20%7B%20%3Fs%20%3Fp%20%3Fo%20%7D%20LIMIT%203")
    visit.finished()
    assert visit.rows() == 3


def test_the_page_of_an_article_can_be_walked_to_its_neighbours(visit: Visit) -> None:
    visit.open()
    visit.pick("most-related")
    visit.page.locator('table.results a[href^="/id/article"]').first.click()
    visit.page.wait_for_url("**/id/article/**")
    title = visit.page.locator("h1").inner_text()
    visit.page.locator('a[href^="/id/provider"]').first.click()
    visit.page.wait_for_url("**/id/provider/**")
    assert visit.page.locator("h1").inner_text() != title
    assert visit.page.get_by_text(title).count()


def test_the_page_fits_a_telephone(browser: Any, server: Server) -> None:
    with visiting(browser, server, viewport={"width": 360, "height": 740}, color_scheme="dark") as visit:
        for path in ("/", "/id/provider/forbes.com"):
            visit.open(path)
            assert visit.page.evaluate("document.documentElement.scrollWidth") <= 360


def test_explore_is_the_explorer_and_its_address_leads_back(visit: Visit) -> None:
    visit.open("/explore")
    visit.page.wait_for_function("() => performance.getEntriesByName('graphkit:ready').length > 0")
    visit.page.fill("#search", "civil liberties")
    visit.page.keyboard.press("Enter")
    title = visit.page.inner_text("#card-title")
    visit.page.wait_for_function("() => location.hash.includes('node=')")
    visit.page.reload()
    visit.page.wait_for_selector("#card-title")
    assert visit.page.inner_text("#card-title") == title
    assert {urlsplit(address).path for address in visit.asked} == {"/explore"}
