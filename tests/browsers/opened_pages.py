"""Pages in a real browser, with all that they ask for and complain of; the fixtures stand in conftest.py."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or ""

# Milliseconds to wait for a page or the browser; only a failing test waits this long.
PATIENCE = 50_000

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-3d-apis",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# Texts that run, ask for something or break the page where they are taken for anything but text.
HOSTILE = (
    "<script>window.__pwned=1</script>",
    "</script><script>window.__pwned=1</script>",
    "</SCRIPT ><img src=x onerror=window.__pwned=1>",
    "<!--<script>window.__pwned=1</script>",
    "--><img src=x onerror=window.__pwned=1>",
    "<img src=x onerror=window.__pwned=1>",
    '<a href="javascript:window.__pwned=1">href</a>',
    "<svg onload=window.__pwned=1>",
    "<iframe srcdoc='<script>parent.__pwned=1</script>'></iframe>",
    "<iframe src=javascript:parent.__pwned=1></iframe>",
    "<body onload=window.__pwned=1>",
    "<style>@import url(https://example.com/x.css)</style>",
    "</style><img src=x onerror=window.__pwned=1>",
    "</title><img src=x onerror=window.__pwned=1>",
    '"><img src=x onerror=window.__pwned=1>',
    "'><img src=x onerror=window.__pwned=1>",
    "' onmouseover='window.__pwned=1",
    '" autofocus onfocus="window.__pwned=1',
    '"};window.__pwned=1;//',
    "');window.__pwned=1;//",
    "${window.__pwned=1}",
    "$title $$ ${script} {{7*7}} {% raw %}",
    "\u2028window.__pwned=1\u2029",
    "\\u003cimg src=x onerror=window.__pwned=1\\u003e",
    "&lt;img src=x onerror=window.__pwned=1&gt;",
    "\x00<img src=x onerror=window.__pwned=1>\x1b[31m",
    "\u202e<img src=x onerror=window.__pwned=1>",
    "<math><mtext><img src=x onerror=window.__pwned=1>",
    "<object data=javascript:window.__pwned=1>",
    "<meta http-equiv=refresh content='0;url=https://example.com/'>",
    "<base href=https://example.com/>",
    "<link rel=stylesheet href=https://example.com/x.css>",
    "<form action=https://example.com><input type=submit autofocus>",
    "javascript:window.__pwned=1",
    "data:text/html,<script>window.__pwned=1</script>",
    "\ud800<img src=x onerror=window.__pwned=1>",
    "__proto__",
    "constructor",
)


@dataclass
class Opened:
    """A page with all that it did."""

    page: Any
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def run(self, script: str, argument: object = None) -> Any:
        return self.page.evaluate(script, argument)

    def until_drawn(self) -> None:
        """Wait until what was asked for is drawn: in the next frame, which may have begun."""
        self.run("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def refuse(self, dialog: Any) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def watch(self) -> None:
        self.page.context.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("dialog", self.refuse)


class Opener:
    """Opens texts as files in a browser, each in a context of its own."""

    def __init__(self, browser: Any, folder: Path) -> None:
        self.browser = browser
        self.folder = folder
        self.opened: list[tuple[Opened, str]] = []

    def __call__(
        self, text: str, *, width: int = 1280, height: int = 800, address: str = "", script: str = "", **options: Any
    ) -> Opened:
        """Open a text, `address` after it ("#…"), with `script` run before the page's own; return it once loaded."""
        file = self.folder / f"{len(self.opened)}.html"
        file.write_text(text, encoding="utf-8")
        chosen = {"color_scheme": "light", "reduced_motion": "reduce", **options}
        context = self.browser.new_context(viewport={"width": width, "height": height}, **chosen)
        if script:
            context.add_init_script(script)
        made = Opened(context.new_page())
        made.page.set_default_timeout(PATIENCE)
        made.watch()
        made.page.goto(file.as_uri() + address)
        made.page.wait_for_load_state("load")
        self.opened.append((made, file.as_uri()))
        return made

    def close(self) -> None:
        """Close all; each must have asked for its own file only, and complained of nothing."""
        for made, address in self.opened:
            requests = {request.partition("#")[0] for request in made.requests}
            complaints = list(made.complaints)
            made.page.context.close()
            assert requests == {address}
            assert complaints == []
