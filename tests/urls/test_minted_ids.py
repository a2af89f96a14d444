"""A page that its platform identifies by an id has one match key, whatever else its address says."""

from __future__ import annotations

import pytest

from graphkit.files.packaged_tables import packaged_table
from graphkit.urls.canonical_url import receipt

VIDEO = [
    "https://www.youtube.com/watch?v=QzMZ7nqF9Pk",
    "http://youtu.be/QzMZ7nqF9Pk",
    "https://youtu.be/QzMZ7nqF9Pk?si=abc&t=12",
    "https://youtu.be/watch?v=QzMZ7nqF9Pk",
    "https://m.youtube.com/watch?app=desktop&v=QzMZ7nqF9Pk&feature=youtu.be",
    "https://www.youtube.com/watch?v=QzMZ7nqF9Pk&feature=player_detailpage#t=634",
    "https://www.youtube.com/watch?v=QzMZ7nqF9Pk&list=PL123&index=2",
    "https://www.youtube.com/watch?v=QzMZ7nqF9Pk?t=7",
    "https://www.youtube.com/shorts/QzMZ7nqF9Pk?feature=share",
    "https://www.youtube.com/embed/QzMZ7nqF9Pk?autoplay=1&start=7",
    "https://www.youtube.com/live/QzMZ7nqF9Pk?si=x",
    "https://www.youtube.com/v/QzMZ7nqF9Pk&hl=en_US",
    "https://www.youtube-nocookie.com/embed/QzMZ7nqF9Pk",
    "https://music.youtube.com/watch?v=QzMZ7nqF9Pk&si=x",
    "https://www.youtube.com/attribution_link?a=x&u=%2Fwatch%3Fv%3DQzMZ7nqF9Pk%26feature%3Dshare",
    "https://www.google.com/url?q=https://www.youtube.com/watch%3Fv%3DQzMZ7nqF9Pk&sa=U",
]
ARTICLE = [
    "https://www.msn.com/en-us/news/world/storm/ar-AA1bcD",
    "http://www.msn.com/en-gb/news/uknews/a-great-storm/ar-AA1bcD?ocid=msedgntp&cvid=abc&ei=9",
    "https://www.msn.com/ar-AA1bcD/#image=2",
]
POST = [
    "https://x.com/BBCNews/status/1234567890123456789",
    "https://twitter.com/bbcnews/status/1234567890123456789?ref_src=twsrc%5Etfw",
    "https://mobile.twitter.com/BBCNews/status/1234567890123456789/photo/1",
    "https://www.twitter.com/i/web/status/1234567890123456789",
    "https://m.twitter.com/BBCNews/statuses/1234567890123456789",
]


@pytest.mark.parametrize("addresses", [VIDEO, ARTICLE, POST], ids=["video", "article", "post"])
def test_a_page_has_one_key_in_every_form_of_its_address(addresses: list[str]) -> None:
    keys = {address: receipt(address).key for address in addresses}
    assert len(set(keys.values())) == 1, keys


@pytest.mark.parametrize(
    "addresses",
    [
        ["https://youtu.be/QzMZ7nqF9Pk", "https://youtu.be/qzMZ7nqF9Pk"],
        ["https://www.youtube.com/playlist?list=PL1", "https://www.youtube.com/playlist?list=PL2"],
        ["https://www.youtube.com/embed/videoseries?list=PL1", "https://www.youtube.com/embed/videoseries?list=PL2"],
        ["https://www.youtube.com/embed/live_stream?channel=A", "https://www.youtube.com/embed/live_stream?channel=B"],
        ["https://www.youtube.com/@ign", "https://www.youtube.com/@ign/videos", "https://www.youtube.com/"],
        ["https://www.msn.com/a/ar-AA1bcD", "https://www.msn.com/a/ar-AA1bcd", "https://www.msn.com/a/vi-AA1bcD"],
        ["https://www.msn.com/en-us/news/us", "https://www.msn.com/en-us/news/world"],
        ["https://a.example/watch?v=QzMZ7nqF9Pk", "https://youtu.be/QzMZ7nqF9Pk"],
        ["https://x.com/BBCNews", "https://x.com/BBCNews/status/1234567", "https://x.com/BBCNews/status/1234568"],
        ["https://help.x.com/a", "https://help.twitter.com/a", "https://x.com/a"],
    ],
)
def test_what_the_id_tells_apart_stays_apart(addresses: list[str]) -> None:
    assert len({receipt(address).key for address in addresses}) == len(addresses)


def test_every_platform_names_its_source() -> None:
    table = packaged_table("urls/minted_ids.toml")
    for entry in [*table["page"], *table["moved"]]:
        assert entry["source"].startswith("https://")
    for entry in table["page"]:
        assert ("address" in entry) != ("key" in entry)
