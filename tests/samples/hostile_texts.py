"""Texts that break what does not quote them, and a graph with such a text wherever there can be one."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime

import networkx as nx
from hypothesis import strategies as st

from graphkit.urls.canonical_url import canonical

HOSTILE = (
    "",
    " ",
    '"',
    '"""',
    "'''",
    "\\",
    "\\u0041 \\n \\",
    "line\nline\r\nline\rline",
    "\t\b\f\v\0\x1b[31m\x7f",
    "\x80\x85\x9f\N{NO-BREAK SPACE}",
    "\u2028\u2029\ufeff\ufffe\uffff\ufffd",
    "\u202etxet\u202c",
    "<script>alert(1)</script> & ]]> <!-- -->",
    "@prefix : <x> . # no comment",
    '"^^<http://www.w3.org/2001/XMLSchema#integer>',
    '"@en .',
    "e\u0301 \xe9 ﬁ 日本語 עברית 🤦🏽‍♀️ \U0010fffd",
    "{{ template }} ${x} %s %(x)s",
    "\ud7ff\ue000",
)
# What XML 1.0 has no way to write (section 2.2), or gives back as a line feed (section 2.11).
NOT_IN_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

texts = st.one_of(
    st.sampled_from(HOSTILE), st.text(max_size=40), st.text(alphabet="\"'\\<>&\n\r\t{}@^.;#u0", max_size=12)
)


_EDGES = (0x00, 0x1F, 0x20, 0x7E, 0x7F, 0x9F, 0xA0, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFD, 0xFFFF, 0x10000, 0x10FFFF)
"""Where UTF-8, XML or a grammar's ranges of characters begin and end."""
_PIECES = (
    *HOSTILE,
    *map(chr, range(0xA1)),
    *map(chr, _EDGES),
    *map(chr, range(0x2000, 0x2070)),
    "\\u0000",
    "\\U00110000",
)


def hostile_literals(number: int) -> list[str]:
    """Return distinct literals made of what breaks grammars, the same ones each time."""
    chance = random.Random(number)
    made = dict.fromkeys(_PIECES)
    while len(made) < number:
        made["".join(chance.choices(_PIECES, k=chance.randint(2, 6)))] = None
    return list(made)[:number]


_PARTS = (
    *"-._~!$&'()*+,;=:@/?#%\"<>{}|\\^`[] \t\n\x7f\xa0\xad\u200b\u202e\ufeff\ufffd\U0001f600",
    *(
        "a",
        "Z",
        "0",
        "%41",
        "%2F",
        "%zz",
        "%",
        "..",
        "//",
        "e\u0301",
        "é",
        "日本",
        "עברית",
        "\ud7ff",
        "\ue000",
        "\U000e0100",
    ),
    *("#!", "?q=", "&amp;", "\\u0041", "_:b0", "<>", "http://", "@en", "^^", "a b", "schema:", "C#"),
)
_BEGINS = (
    *(
        "https://news.example/",
        "http://NEWS.example:80/",
        "https://[2001:db8::1]:8080/",
        "https://例え.jp/",
        "https://schema.org/",
    ),
    *(
        "https://w3id.org/graphkit/ns#",
        "http://www.w3.org/2004/02/skos/core#",
        "https://user:pw@news.example/",
        "http://1.2.3.4/",
    ),
)


def hostile_iris(number: int) -> list[str]:
    """Return distinct addresses as records have them made, of what no address should hold, the same ones each time."""
    chance = random.Random(number)
    made: dict[str, None] = {}
    while len(made) < number:
        address = canonical(chance.choice(_BEGINS) + "".join(chance.choices(_PARTS, k=chance.randint(1, 9))))
        if address:
            made[address] = None
    return list(made)


def small_graph(text: str, name: str) -> nx.MultiDiGraph[str]:
    """Return one node of each kind, with foreign text wherever there can be any."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(policy="1")
    places = (("a.md", ""), (f"{name}/b.md", "/related/0"))
    graph.add_node(
        "article/news.example/aaaaaaaaaaaaaaaa",
        kind="article",
        title=text,
        titles=tuple(sorted({text, name, "Title"})),
        excerpt=text,
        published_at=datetime(2021, 8, 23, 11, 22, tzinfo=UTC),
        url="https://news.example/a",
        media=name or "course",
        quality=87,
        heat=0,
        categories=tuple(sorted({text, "news"})),
        language=name,
        sources=tuple(sorted(places)),
    )
    graph.add_node(
        "article/news.example/bbbbbbbbbbbbbbbb",
        kind="article",
        title=name,
        titles=(name,),
        sources=places[:1],
    )
    graph.add_node("provider/news.example", kind="provider", name=name or "News", names=tuple({text, name or "News"}))
    graph.add_node("topic/t", kind="topic", label=text or "T", labels=(text or "T",), keywords=tuple({name, "k"}))
    graph.add_edge("article/news.example/aaaaaaaaaaaaaaaa", "provider/news.example", "publisher", label=text)
    graph.add_edge("article/news.example/aaaaaaaaaaaaaaaa", "topic/t", "about")
    graph.add_edge(
        "article/news.example/aaaaaaaaaaaaaaaa",
        "article/news.example/bbbbbbbbbbbbbbbb",
        "related",
        rank=0,
        sources=places[1:],
    )
    return graph
