"""Takes the picture in the README: ``python tests/screenshot.py PAGE.html PICTURE.png``."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright


def main(page_file: str, picture: str) -> None:
    """Open the page in headless Chromium, select an article and save what is seen."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(Path(page_file).resolve().as_uri())
        page.locator("#search").fill("Civil liberties groups demand total")
        page.keyboard.press("Enter")
        page.wait_for_timeout(1500)
        page.screenshot(path=picture)
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
