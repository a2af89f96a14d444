"""Addresses of every form, and texts that are none."""

from __future__ import annotations

import re

from hypothesis import strategies as st

ANY_TEXT = st.text(st.characters(), max_size=40)  # st.characters() without arguments holds surrogates too

LABELS = st.sampled_from(
    [
        "www",
        "m",
        "amp",
        "example",
        "com",
        "co",
        "uk",
        "google",
        "bing",
        "bing-amp",
        "ampproject",
        "org",
        "cdn",
        "1",
        "0x7f",
        "é",
        "xn--",
        "a_b",
        "",
        "-",
        "[::1]",
        "%41",
        '"',
        "\u00ad",
        "\ud800",
        "A",
        "youtube",
        "de",
    ]
)

HOSTS = st.one_of(
    st.lists(LABELS, min_size=1, max_size=5).map(".".join),
    st.sampled_from(
        [
            "example.com",
            "x.cdn.ampproject.org",
            "www.google.com",
            "bing.com",
            "[::1]",
            "127.1",
            "amp.example.com",
        ]
    ),
)

PIECES = st.one_of(
    st.sampled_from(
        [
            "amp",
            "c",
            "v",
            "s",
            "a",
            "..",
            ".",
            "%2e",
            "%2E%2e",
            "%61mp",
            "%",
            "%zz",
            "%2f",
            "",
            "example.com",
            "x.cdn.ampproject.org",
            "www.google.com",
            "amp.example.com:80",
            "u@example.com",
            " ",
            "[",
            "]",
            "{",
            "|",
            "\\",
            "é",
            "\x00",
            "\t",
            "\ud800",
            "'",
            '"',
        ]
    ),
    st.text(max_size=4),
)

QUERIES = st.lists(
    st.sampled_from(
        [
            "amp",
            "AMP=1",
            "outputType=amp",
            "utm_source=x",
            "%75tm_x=1",
            "gclid=1",
            "id=1",
            "cid=2",
            "v=3",
            "",
            "=",
            "a=[b]",
            "q=é",
            "%",
            "?",
            "/",
            "'",
            "amp_js_v=1",
        ]
    ),
    max_size=4,
).map("&".join)

FRAGMENTS = st.one_of(
    st.sampled_from(["", "!", "/", "!a#b", "/%2", "top", "%21", "%2Fa", "!\\", "/ ", "!é`", "#"]),
    st.text(max_size=4),
)


@st.composite
def addresses(draw: st.DrawFn) -> str:
    scheme = draw(
        st.sampled_from(
            [
                "https://",
                "http://",
                "HTTP://",
                "//",
                "https:",
                "http:/",
                "",
                " https://",
                "https:\\\\",
                "ftp://",
            ]
        )
    )
    user = draw(st.sampled_from(["", "", "", "u@", "u:p@", "@", "a@b@"]))
    port = draw(st.sampled_from(["", "", "", ":80", ":443", ":8080", ":", ":0"]))
    path = "".join(f"/{piece}" for piece in draw(st.lists(PIECES, max_size=6)))
    query = draw(st.one_of(st.just(""), QUERIES.map("?{}".format)))
    fragment = draw(st.one_of(st.just(""), FRAGMENTS.map("#{}".format)))
    return f"{scheme}{user}{draw(HOSTS)}{port}{path}{query}{fragment}"


STRINGS = st.one_of(
    addresses(),
    addresses(),
    ANY_TEXT,
    ANY_TEXT.map("https://{}".format),
    ANY_TEXT.map("https://a.b/{}".format),
)

FORBIDDEN = re.compile(r"""[^!#$&'()*+,/:;=?@A-Za-z0-9._~%\[\]-]|%(?![0-9A-F]{2})""")
