"""The colours of every page: a style sheet asks for them by name.

``@palette system paper ink;`` in a sheet becomes custom properties (``--paper``, ``--ink``) that follow the reader's
system. With ``toggle`` they follow the page's own ``color-scheme``, which needs ``light-dark()`` (in browsers since
2024); with ``print`` they suit a printer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple


class Colour(NamedTuple):
    """One colour as CSS, on a light page and on a dark one."""

    light: str
    dark: str


PALETTE: Mapping[str, Colour] = MappingProxyType(
    {
        # Kinds of nodes and edges: the set of Okabe and Ito, which colour-blind readers tell apart.
        "article": Colour("#0072b2", "#56b4e9"),
        "video": Colour("#d55e00", "#f0702a"),
        "other": Colour("#b0618c", "#cc79a7"),
        "provider": Colour("#e69f00", "#f0b429"),
        "topic": Colour("#009e73", "#2fc39a"),
        "publisher": Colour("#b87f00", "#d19a1c"),
        "distributor": Colour("#b87f00", "#d19a1c"),
        "about": Colour("#009e73", "#1fa882"),
        "related": Colour("#4f86ad", "#4c86ad"),
        "broader": Colour("#b3588a", "#cc79a7"),
        # The page
        "paper": Colour("#fbfaf7", "#11151a"),
        "sheet": Colour("#fff", "#191e25"),
        "ink": Colour("#1b1f24", "#e9ecef"),
        "soft": Colour("#56606b", "#a8b2bd"),
        "line": Colour("#dcdeda", "#2f3741"),
        "edge": Colour("#868f98", "#6b7683"),
        "link": Colour("#005a8f", "#7cc4f0"),
        "mark": Colour("#1b1f24", "#fff"),
        "area": Colour("#f1f0ea", "#171c23"),
        "rim": Colour("#e2e0d8", "#252d37"),
        "chosen": Colour("#e3eef6", "#22303c"),
        "go": Colour("#00639c", "#7cc4f0"),
        "go-ink": Colour("#fff", "#0c1216"),
        "fault": Colour("#a3260f", "#ff9c86"),
        "fault-sheet": Colour("#fdf0ec", "#33201d"),
        # The words of a query
        "keyword": Colour("#7a2d8c", "#d7a3e8"),
        "name": Colour("#00684a", "#5fd0a5"),
        "value": Colour("#9a4a00", "#f0b476"),
        "selected": Colour("#cfe3f1", "#2c4152"),
    }
)
_PRINTED = MappingProxyType(
    {
        **dict.fromkeys(("paper", "sheet", "chosen", "go"), "#fff"),
        **dict.fromkeys(("ink", "link", "go-ink"), "#000"),
        "soft": "#444",
        "line": "#bbb",
    }
)
_REQUEST = re.compile(r"@palette (toggle|system|print) ([a-z -]+);")


def coloured(sheet: str) -> str:
    """Return a style sheet with the colours that its ``@palette`` rules name.

    >>> coloured("@palette toggle ink;")
    ':root{color-scheme:light dark;--ink: light-dark(#1b1f24, #e9ecef)}'
    """
    return _REQUEST.sub(lambda request: _RULES[request[1]](request[2].split()), sheet)


def _toggle(names: list[str]) -> str:
    return _root("light dark", {name: f"light-dark({PALETTE[name].light}, {PALETTE[name].dark})" for name in names})


def _system(names: list[str]) -> str:
    light = _root("light dark", {name: PALETTE[name].light for name in names})
    dark = _root("light dark", {name: PALETTE[name].dark for name in names})
    return f"{light}@media (prefers-color-scheme: dark){{{dark}}}"


def _print(names: list[str]) -> str:
    return _root("light", {name: _PRINTED[name] for name in names})


def _root(scheme: str, values: Mapping[str, str]) -> str:
    properties = ";".join(f"--{name}: {value}" for name, value in values.items())
    return f":root{{color-scheme:{scheme};{properties}}}"


_RULES: Mapping[str, Callable[[list[str]], str]] = MappingProxyType(
    {"toggle": _toggle, "system": _system, "print": _print}
)
