"""Fixtures that several test modules share."""

import os
import signal
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from browsers.explorer import Explore, Exploring, exploring
from browsers.opened_pages import CHROMIUM, FLAGS, PATIENCE, Opener
from paths import ROOT, SHARED
from samples.examples import load_profile
from samples.newsrooms import newsroom_page
from tiers import SECONDS, confined, misplaced, tier_of

import graphkit

load_profile()

# Commands that tests start in other folders are those of the same graphkit.
if os.environ.get("PYTHONPATH"):
    os.environ["PYTHONPATH"] = os.pathsep.join(map(os.path.abspath, os.environ["PYTHONPATH"].split(os.pathsep)))

# A shell has what it runs in the background ignore Ctrl-C, and so would everything that a test starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


# The key of caches is that of the tests, whoever runs them.
os.environ["XDG_STATE_HOME"] = str(Path(tempfile.gettempdir()) / f"graphkit-tests-{os.geteuid()}")


LOOKS = ("CLICOLOR_FORCE", "COLUMNS", "FORCE_COLOR", "GITHUB_ACTIONS", "LINES", "NO_COLOR", "PY_COLORS")
"""Variables that say how wide and how coloured what commands print is."""


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    """Have commands print what they print where nobody has said anything; pytest has read the variables by now."""
    for name in LOOKS:
        os.environ.pop(name, None)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse tests whose marker does not fit their fixtures; give each test the time limit of its tier."""
    if wrong := [message for item in items if (message := misplaced(item))]:
        raise pytest.UsageError(*wrong)
    for item in items:
        if not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(SECONDS[tier_of(item)]))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Let a test do only what its tier may."""
    with confined(tier_of(item)):
        return (yield)


@pytest.fixture(scope="session")
def shared_corpus() -> Path:
    """Return the folder of real records, where it is at hand."""
    folder = Path(os.environ.get("GRAPHKIT_CORPUS") or SHARED / "corpus")
    if not folder.is_dir():
        pytest.skip("needs the shared corpus beside the repository")
    return folder


@pytest.fixture(scope="session")
def seeds() -> Path:
    """Return the folder of the demonstration corpus."""
    return ROOT / "seeds"


@pytest.fixture(scope="session")
def exported(seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with what building the demonstration corpus gives, the page too. It is only read."""
    folder = tmp_path_factory.mktemp("exports")
    graphkit.export(graphkit.build(seeds), folder)
    return folder


@pytest.fixture(scope="session", params=["seeds", "shared_corpus"])
def any_corpus(request: pytest.FixtureRequest) -> Path:
    """Return the demonstration corpus, then the real records where they are at hand."""
    folder: Path = request.getfixturevalue(request.param)
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Return a headless Chromium that uses no graphics processor. Each page has a context of its own."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM:
        pytest.skip("no Chromium: neither $CHROMIUM nor `chromium` on the PATH")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, timeout=PATIENCE)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Any, tmp_path: Path) -> Iterator[Opener]:
    """Open a page's text from a file; at the end it must have asked for that file only, and complained of nothing."""
    opener = Opener(browser, tmp_path)
    yield opener
    opener.close()


@pytest.fixture
def open_explorer(open_page: Opener) -> Explore:
    """Open the explorer of a graph."""
    return exploring(open_page)


@pytest.fixture
def reading(open_explorer: Explore) -> Exploring:
    """Return the explorer of the small newsroom."""
    return open_explorer(newsroom_page())
