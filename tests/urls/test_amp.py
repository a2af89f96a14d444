"""AMP pages are recognised by what says so in their addresses, and by nothing else."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Any

import pytest

from graphkit.urls.canonical_url import canonical, receipt


def data(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files("graphkit.urls").joinpath(name).read_text("utf-8"))


def text_of(name: str) -> str:
    return resources.files("graphkit.urls").joinpath(name).read_text("utf-8")


def test_the_amp_parameters_name_their_source_and_are_dropped() -> None:
    assert "# source: https://" in text_of("amp.toml")
    assert text_of("amp.toml").count("# source:") == 3
    for parameter in data("amp.toml")["parameters"]:
        assert parameter == parameter.lower()
        assert canonical(f"https://example.com/a?{parameter}") == "https://example.com/a"


def test_every_site_with_forms_of_its_own_shows_one_of_them() -> None:
    for site in data("amp.toml")["site"]:
        example = receipt(site["source"].partition(" ")[0])
        assert example.amp == "amphtml", site["source"]
        assert any(example.host.endswith(host.removeprefix("amp.")) for host in site["hosts"])
        for amp, page in site["forms"]:
            assert (amp.count("*"), amp.count("**")) == (page.count("*"), page.count("**"))


@pytest.mark.parametrize(
    "amp,page",
    [
        ("https://www.gamespot.com/amp-articles/a-b/1100-6/", "https://www.gamespot.com/articles/a-b/1100-6/"),
        ("https://comicbook.com/gaming/amp/news/a-b/", "https://comicbook.com/gaming/news/a-b/"),
        ("https://www.polygon.com/platform/amp/22846550/a-b", "https://www.polygon.com/22846550/a-b"),
        ("https://www.tweaktown.com/news/66387/a-b/amp.html", "https://www.tweaktown.com/news/66387/a-b/index.html"),
        ("https://www.cnet.com/google-amp/news/a-b/", "https://www.cnet.com/news/a-b/"),
        ("https://www.neowin.net/amp/a-b/", "https://www.neowin.net/news/a-b"),
        ("https://www.wsj.com/amp/articles/a-11628846975", "https://www.wsj.com/articles/a-11628846975"),
        ("https://www.bbc.co.uk/news/amp/52909676", "https://www.bbc.co.uk/news/52909676"),
        ("https://finance.yahoo.com/amphtml/news/a-204005045.html", "https://finance.yahoo.com/news/a-204005045.html"),
        ("https://mobile.reuters.com/article/amp/idUSKBN2AP0W8", "https://www.reuters.com/article/idUSKBN2AP0W8"),
        ("https://a.example/x/y.amp.html?CMP=1", "https://a.example/x/y.html"),
        ("https://www-a-example.cdn.ampproject.org/wp/s/www.a.example/x/amp", "https://a.example/x"),
        ("https://www.google.com/amp/s/amp.a.example/x/y%3Foutputtype=amp", "https://www.a.example/x/y"),
    ],
)
def test_an_amp_page_has_the_key_of_its_page(amp: str, page: str) -> None:
    assert receipt(amp).key == receipt(page).key
    assert receipt(amp).amp
    assert not receipt(page).amp


def test_a_site_called_amp_has_pages_called_amp_too() -> None:
    for url in (
        "https://amp.dev/documentation/guides/amp",
        "https://amp.dev/about/amp/",
        "https://www.amp.co.uk/tag/amp",
    ):
        assert receipt(url).url == url


@pytest.mark.parametrize(
    "path",
    [
        "plugins/amp",
        "en/plugins/amp/",
        "support/topic-tag/amp",
        "tag/amp",
        "dictionary/english/amp",
        "wiki/amp",
        "de/amp",
        "amp",
        "amp/news/a-b-c",
        "amp/fender-twin",
        "gear/amp/fender-twin-2020",
        "amplifier/a",
        "a/b-amp",
        "a?amp=2",
        "a?amp=30",
        "a?amps=1",
        "a?type=amp",
    ],
)
def test_what_may_be_a_page_about_something_else_stays_itself(path: str) -> None:
    url = f"https://a.example/{path}"
    assert receipt(url).url == url
    assert not receipt(url).amp
