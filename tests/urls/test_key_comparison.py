"""How match keys differ."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples.examples import examples

from graphkit.urls.canonical_url import receipt
from graphkit.urls.key_comparison import key_difference


@pytest.mark.parametrize(
    "first, second, expected",
    [
        ("https://a.com/x", "https://a.com/x", ""),
        ("https://a.com/x", "https://b.com/x", "their host (a.com, b.com)"),
        ("https://a.com/x", "https://a.com/y", "their path (/x, /y)"),
        ("https://a.com/", "https://a.com/y", "their path (none, /y)"),
        ("https://a.com/x?id=1", "https://a.com/x?id=2", "their parameter id (1, 2)"),
        ("https://a.com/x", "https://a.com/x?id=2", "their parameter id (none, 2)"),
        ("https://a.com/x?a=1&a=2", "https://a.com/x?a=1", "their parameter a (1&2, 1)"),
        ("https://a.com/x#/1", "https://a.com/x#/2", "their fragment (/1, /2)"),
        ("https://a.com/x", "https://b.com/y?z=1", "their host (a.com, b.com), their path (/x, /y), their parameter z (none, 1)"),
    ],
)  # fmt: skip
def test_each_part_that_differs_is_named(first: str, second: str, expected: str) -> None:
    assert key_difference(receipt(first).key, receipt(second).key) == expected


KEYS = st.builds(
    "{}/{}{}{}".format,
    st.sampled_from(["a.com", "b.com"]),
    st.sampled_from(["", "x", "x/y"]),
    st.sampled_from(["", "?a", "?a=", "?a=1", "?a=1&b=2", "?b=2"]),
    st.sampled_from(["", "#/p"]),
)


@examples(200)
@given(KEYS, KEYS)
def test_keys_that_differ_differ_in_a_part(first: str, second: str) -> None:
    assert bool(key_difference(first, second)) is (first != second)
