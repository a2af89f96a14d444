"""Takes the pictures in the README: ``PYTHONPATH=tests python -m browsers.screenshot PAGE.html LIGHT.png DARK.png``."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from browsers.opened_pages import CHROMIUM


def main(page_file: str, light: str, dark: str) -> None:
    """Open the page in headless Chromium and save what is seen: all of it in light, a story's surroundings in dark."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for scheme, picture in (("light", light), ("dark", dark)):
            page = browser.new_page(
                viewport={"width": 1280, "height": 800},
                color_scheme="dark" if scheme == "dark" else "light",
                reduced_motion="reduce",
            )
            page.goto(Path(page_file).resolve().as_uri())
            page.wait_for_function("() => performance.getEntriesByName('graphkit:ready').length")
            page.click("#hints button")
            if scheme == "light":
                page.get_by_role("button", name="Most related").click()
            else:
                read_about(page, "Civil liberties groups demand total")
            page.mouse.move(640, 790)
            page.wait_for_timeout(500)
            page.screenshot(path=picture)
        browser.close()


def read_about(page: Page, title: str) -> None:
    """Find an article by its title and show what is one step around it."""
    page.fill("#search", title)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="1 step").click()


if __name__ == "__main__":
    main(*sys.argv[1:])
