"""What a client takes, by its headers (RFC 9110, section 12.5.1)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from graphkit.server.negotiation import accepted, quality, takes_gzip
from graphkit.server.result_formats import GRAPHS, SOLUTIONS

_TYPES = [
    *(format.media_type.partition(";")[0] for format in SOLUTIONS.values()),
    *(format.media_type.partition(";")[0] for format in GRAPHS.values()),
]
_RANGES = st.sampled_from([*_TYPES, "*/*", "text/*", "application/*", "text/html", "image/*"])
_QUALITIES = st.integers(0, 1000).map(lambda number: number / 1000)
_HEADERS = st.dictionaries(_RANGES, _QUALITIES, min_size=1, max_size=6)


def _written(wanted: dict[str, float]) -> str:
    return ", ".join(f"{name};q={number:.3f}" for name, number in wanted.items())


def _wanted(wanted: dict[str, float], media_type: str) -> float:
    for name in (media_type, f"{media_type.partition('/')[0]}/*", "*/*"):
        if name in wanted:
            return wanted[name]
    return 0.0


@given(_HEADERS)
def test_nothing_on_offer_is_wanted_more_than_what_is_chosen(wanted: dict[str, float]) -> None:
    header = _written(wanted)
    solutions, boolean, graph = accepted(header)
    assert boolean == solutions
    for chosen, offers in ((solutions, SOLUTIONS), (graph, GRAPHS)):
        qualities = {name: _wanted(wanted, offers[name].media_type.partition(";")[0]) for name in offers}
        best = max(qualities.values())
        if chosen:
            assert qualities[chosen] == best > 0
        else:
            assert best == 0


@given(st.text())
def test_any_header_can_be_read(header: str) -> None:
    for chosen, offers in zip(accepted(header), (SOLUTIONS, SOLUTIONS, GRAPHS), strict=True):
        assert chosen in {"", *offers}
    assert 0 <= quality(header, "text/html") <= 1
    assert takes_gzip(header) in (True, False)


def test_a_header_that_says_nothing_takes_anything() -> None:
    assert accepted("") == accepted("*/*") == accepted(";;,,") == ("json", "json", "ttl")


def test_among_equals_what_is_named_goes_first() -> None:
    assert accepted("*/*, text/csv")[0] == "csv"
    assert accepted("*/*, application/xml") == ("xml", "xml", "rdf")


def test_gzip_may_be_refused() -> None:
    assert [
        takes_gzip(header) for header in ("gzip", "*", "GZIP;Q=0.1", "gzip;q=0", "*;q=0", "br", "identity, *;q=0")
    ] == [
        True,
        True,
        True,
        False,
        False,
        False,
        False,
    ]
