"""Digest authentication is that of the RFCs, of requests and of real servers."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests.auth import HTTPDigestAuth

from graphkit.upload.authentication import Challenge, Credentials, challenges, digest_header, is_known_digest

RFC_7616 = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)


@pytest.mark.parametrize(
    "algorithm, response",
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_examples_of_rfc_7616(algorithm: str, response: str) -> None:
    (challenge,) = challenges([RFC_7616.format(algorithm)])
    assert is_known_digest(challenge)
    said = digest_header(
        challenge,
        Credentials("Mufasa", "Circle of Life"),
        method="GET",
        target="/dir/index.html",
        client_nonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    )
    assert f'response="{response}"' in said


def test_the_example_of_rfc_2617() -> None:
    (challenge,) = challenges(
        [
            'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5c"'
        ]
    )
    said = digest_header(
        challenge,
        Credentials("Mufasa", "Circle Of Life"),
        method="GET",
        target="/dir/index.html",
        client_nonce="0a4f113b",
    )
    assert 'response="6629fae49393a05397450978507c4ef1"' in said
    assert 'opaque="5c"' in said
    assert "algorithm" not in said


PLAIN = st.text(st.characters(min_codepoint=32, max_codepoint=126, exclude_characters='"\\:'), min_size=1, max_size=12)


@given(
    PLAIN, PLAIN, PLAIN, PLAIN, st.sampled_from([None, "auth", "auth,auth-int"]), st.sampled_from(["MD5", "SHA-256"])
)
def test_requests_answers_the_same(
    user: str, password: str, realm: str, nonce: str, qop: str | None, algorithm: str
) -> None:
    fields = {"realm": realm, "nonce": nonce, "algorithm": algorithm, **({"qop": qop} if qop else {})}
    other = HTTPDigestAuth(user, password)
    other.init_per_thread_state()
    other._thread_local.chal = fields
    theirs = other.build_digest_header("PUT", "http://localhost/graph?default")
    assert theirs is not None
    nonce_of_theirs = re.search(r'cnonce="([^"]*)"', theirs)
    mine = digest_header(
        Challenge("digest", fields),
        Credentials(user, password),
        method="PUT",
        target="/graph?default",
        client_nonce=nonce_of_theirs[1] if nonce_of_theirs else "x",
    )
    assert re.search(r'response="([^"]*)"', mine)[1] == re.search(r'response="([^"]*)"', theirs)[1]  # type: ignore[index]


@pytest.mark.parametrize(
    "headers, found",
    [
        (['Basic realm="a"'], [("basic", {"realm": "a"})]),
        (['Basic realm="a, b=c", Digest nonce=x'], [("basic", {"realm": "a, b=c"}), ("digest", {"nonce": "x"})]),
        (['Negotiate, Basic realm="a"'], [("negotiate", {}), ("basic", {"realm": "a"})]),
        (
            ["Negotiate", r'Digest realm="a \"b\"", nonce="c"'],
            [("negotiate", {}), ("digest", {"realm": 'a "b"', "nonce": "c"})],
        ),
        ([""], []),
        (['realm="nobody"'], []),
        (['===,,"'], []),
    ],
)
def test_challenges_are_read_in_all_their_forms(headers: list[str], found: list[tuple[str, dict[str, str]]]) -> None:
    assert [(one.scheme, dict(one.parameters)) for one in challenges(headers)] == found


@given(st.lists(st.text(max_size=60), max_size=3))
def test_no_header_is_too_odd(headers: list[str]) -> None:
    for challenge in challenges(headers):
        if is_known_digest(challenge):
            digest_header(challenge, Credentials("a", "b"), method="GET", target="/")


@pytest.mark.parametrize(
    "text", ["Basic", 'Digest realm="a"', 'Digest nonce="a", algorithm=TOKEN', 'Digest nonce="a", qop="auth-int"']
)
def test_what_cannot_be_answered_is_known_as_such(text: str) -> None:
    (challenge,) = challenges([text])
    assert not is_known_digest(challenge)


def test_a_session_key_has_both_nonces_in_it() -> None:
    (challenge,) = challenges([RFC_7616.format("SHA-256-sess")])
    said = {
        digest_header(challenge, Credentials("a", "b"), method="GET", target="/", client_nonce=nonce).partition(
            "response="
        )[2][:66]
        for nonce in ("one", "two")
    }
    assert len(said) == 2
