"""Parameters that track are dropped, and those that identify a page stay."""

from __future__ import annotations

import re
import tomllib
from importlib import resources
from typing import Any

from graphkit.urls.canonical_url import canonical


def data(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files("graphkit.urls").joinpath(name).read_text("utf-8"))


def test_every_group_of_trackers_names_its_source() -> None:
    groups = data("tracking_parameters.toml")["group"]
    assert len(groups) > 5
    for group in groups:
        assert re.match(r"https://[^\s/]+/?\S* ?", group["source"]), group
        assert group["names"]


def test_trackers_are_lower_case_and_stand_once() -> None:
    names = [name for group in data("tracking_parameters.toml")["group"] for name in group["names"]]
    assert [name for name in names if name != name.lower()] == ["CMP", "CMP_TU", "CMP_BUNIT"], "in capitals as written"
    assert len(names) == len({name.lower() for name in names})
    prefixes = tuple(data("tracking_parameters.toml")["prefixes"])
    assert all(prefix == prefix.lower() and prefix.endswith("_") for prefix in prefixes)
    assert not any(name.startswith(prefixes) for name in names), "a prefix covers it already"


def test_every_site_names_its_source_and_what_only_it_tracks_with() -> None:
    everywhere = {name for group in data("tracking_parameters.toml")["group"] for name in group["names"]}
    for site in data("tracking_parameters.toml")["site"]:
        assert site["source"].startswith("https://")
        assert site["domains"]
        assert not set(site["names"]) & everywhere, "dropped everywhere already"
        for domain in site["domains"]:
            for name in site["names"]:
                assert canonical(f"https://{domain}/a?{name}=1&id=2") == f"https://{domain}/a?id=2".replace(
                    "://twitter.com", "://x.com"
                )
                assert canonical(f"https://example.com/a?{name}=1") == f"https://example.com/a?{name}=1"


def test_no_tracker_carries_identity() -> None:
    names = {name for group in data("tracking_parameters.toml")["group"] for name in group["names"]}
    carry = [
        "id",
        "cid",
        "v",
        "p",
        "story",
        "ref",
        "source",
        "s",
        "q",
        "t",
        "page",
        "article",
        "a",
        "n",
        "url",
        "key",
        "c",
        "post",
        "video",
        "sid",
        "gid",
        "aid",
        "pid",
    ]
    assert not names & set(carry)
    assert not any(name.startswith(tuple(data("tracking_parameters.toml")["prefixes"])) for name in carry)


def test_every_tracker_is_dropped_and_nothing_that_only_looks_like_it() -> None:
    for name in (name for group in data("tracking_parameters.toml")["group"] for name in group["names"]):
        assert canonical(f"https://example.com/a?{name}=1&id=2") == "https://example.com/a?id=2"
        for other in (f"x{name}", f"{name}9", f"id={name}"):
            assert canonical(f"https://example.com/a?{other}") == f"https://example.com/a?{other}"
