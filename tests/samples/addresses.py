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
        "mobile",
        "en",
        "wikipedia",
        "twitter",
        "x",
        "msn",
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
            "youtu.be",
            "www.youtube.com",
            "twitter.com",
            "www.msn.com",
            "l.facebook.com",
            "href.li",
            "www.techradar.com",
            "wordpress.org",
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
            "url",
            "l.php",
            "watch",
            "shorts",
            "QzMZ7nqF9Pk",
            "ar-AA1bcD",
            "status",
            "1234567",
            "uk-52909676",
            "plugins",
            "story.amp.html",
            "a;jsessionid=1",
            "(S(4fr0bb45eqh1lf45gwgjme55))",
            "a&amp;b",
            "%0D",
            "%20",
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
            "amp=30",
            "amp=1",
            "&amp;x=1",
            "amp%3Bx=1",
            "&%61mp;x=1",
            "a=1?b=2",
            "?utm_source=x",
            "v=QzMZ7nqF9Pk",
            "PHPSESSID=1",
            "cfid=1",
            "cftoken=2",
            "CMP=1",
            "u=https%3A%2F%2Fexample.com%2Fa%3Fid%3D1",
            "url=https://www.google.com/url?q=https://example.com",
            "url=//l.facebook.com/l.php%3Fu%3Dhttps%253A%252F%252Fexample.com",
            "https://example.com/b",
            "a=%0D",
            "ocid=1",
        ]
    ),
    max_size=4,
).map("&".join)

FRAGMENTS = st.one_of(
    st.sampled_from(["", "!", "/", "!a#b", "/%2", "top", "%21", "%2Fa", "!\\", "/ ", "!é`", "#"]),
    st.sampled_from(
        [
            "page/a.html",
            "a.htm",
            "t=a/b.htm&x=1",
            "comments/1",
            "!",
            "//",
            "/a:~:text=b",
            ":~:text=a/b",
            "/%0D",
            "#038;b=1",
        ]
    ),
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
