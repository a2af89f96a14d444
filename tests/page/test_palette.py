"""The colours of the pages: one palette, and no colour beside it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from paths import ROOT

from graphkit.page.palette import PALETTE, coloured

SHEETS = [
    ROOT / "graphkit/page/drawing/drawing.css",
    ROOT / "graphkit/page/explorer/source/explorer.css",
    ROOT / "graphkit/server/entity_page.css",
    ROOT / "graphkit/server/ui/source/page.css",
    ROOT / "tests/ontology_page.css",
]
EXPLORER_SCRIPTS = ROOT / "graphkit/page/explorer/source"
ICON = ROOT / "graphkit/server/ui/source/icon.svg"

COLOUR = re.compile(
    r"#[0-9a-fA-F]{3,8}\b(?=[^{}]*[;}])|(?:rgb|hsl|hwb|lab|lch|oklab|oklch|color)a?\((?!0 0 0 / )[^)]*\)"
)


def test_these_are_all_style_sheets() -> None:
    found = {path for folder in ("graphkit", "tests") for path in (ROOT / folder).rglob("*.css")}
    assert {path for path in found if not {"dist", "node_modules"} & set(path.parts)} == set(SHEETS)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_a_style_sheet_holds_no_colour_but_shadows(sheet: Path) -> None:
    assert COLOUR.findall(sheet.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "text", ["a{color:#fbfaf7}", "a{color:rgb(1 2 3)}", "a { fill: #fff; }", "a{color:hsla(0, 0%, 0%, 1)}"]
)
def test_a_colour_would_be_found(text: str) -> None:
    assert COLOUR.findall(text)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_every_property_that_a_sheet_uses_is_defined_in_it(sheet: Path) -> None:
    text = coloured(sheet.read_text("utf-8"))
    assert "@palette" not in text
    assert set(re.findall(r"var\(--([\w-]+)\)", text)) <= set(re.findall(r"--([\w-]+):", text))


def test_every_colour_is_used() -> None:
    used = {name for sheet in SHEETS for name in re.findall(r"var\(--([\w-]+)\)", sheet.read_text("utf-8"))}
    drawn = {
        name for path in EXPLORER_SCRIPTS.glob("*.ts") for name in re.findall(r'"([\w-]+)"', path.read_text("utf-8"))
    }
    assert set(PALETTE) <= used | drawn


def test_the_icon_has_the_colours_of_the_light_page() -> None:
    light = {colour.light for colour in PALETTE.values()}
    assert set(re.findall(r"#\w+", ICON.read_text("utf-8"))) <= light


def test_a_colour_that_is_not_in_the_palette_is_a_fault() -> None:
    with pytest.raises(KeyError):
        coloured("@palette system papyrus;")
