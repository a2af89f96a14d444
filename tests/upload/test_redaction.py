"""No message shows the password that a store was sent, in whatever form the store repeats it."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples.examples import examples

from graphkit.upload.authentication import Credentials, challenges
from graphkit.upload.redaction import redaction
from graphkit.upload.sparql_results import decode_rows

WORDS = st.text(st.characters(codec="utf-8"), min_size=8, max_size=30).filter(lambda text: text.strip())


@pytest.mark.parametrize(
    "encoded",
    [
        str,
        lambda text: base64.b64encode(text.encode()).decode(),
        lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
        lambda text: quote(text, safe=""),
        lambda text: quote(text, safe="").lower(),
        quote,
        quote_plus,
        html.escape,
        lambda text: json.dumps(text)[1:-1],
        lambda text: text.encode().decode("latin-1"),
        lambda text: text.encode().hex(),
    ],
)
@given(WORDS)
@examples(40)
def test_no_form_of_a_password_is_left(encoded: Callable[[str], str], password: str) -> None:
    credentials = Credentials("bob", password)
    for secret in (password, f"bob:{password}"):
        form = encoded(secret)
        shown = redaction(credentials)(f"before {form} after")
        assert form not in shown
        assert shown.startswith("before ")
        assert shown.endswith(" after")


@given(WORDS, st.integers(6, 20))
@examples(100)
def test_nothing_is_left_of_a_password_that_is_cut(password: str, length: int) -> None:
    shown = redaction(Credentials("bob", password))(f"it says «{password[:length]}»")
    assert password[:6] not in shown


def test_a_text_without_the_password_stays_as_it_is() -> None:
    text = "http://localhost/x: expected success from POST, got 500"
    assert redaction(Credentials("bob", "hunter2SECRET"))(text) == text
    assert redaction(Credentials("bob", ""))(text) == text
    assert redaction(None)(text) == text


def test_many_parameters_of_a_challenge_take_no_longer_each() -> None:
    header = "Digest " + ", ".join(f"a{n}=b" for n in range(6_000))
    (challenge,) = challenges([header, *(header.removeprefix("Digest ") for _ in range(50))])
    assert len(challenge.parameters) == 6_000


def rows_of(text: str) -> list[object]:
    return list(decode_rows(f'{{"head":{{"vars":["n"]}},"results":{{"bindings":[{text}]}}}}'.encode(), ("n",)))


@pytest.mark.parametrize(
    "text, fault",
    [
        ('{"n":{"type":"uri","value":"no iri"}}', "IRI"),
        ('{"n":{"type":"literal","value":"x","xml:lang":"!!"}}', "language"),
        ('{"n":7}', "Expected `object`"),
        ("{},", "JSON"),
        ('{"n":{"type":"literal","value":"1","x":' + "[" * 100_000 + "]" * 100_000 + "}}", "nested too deep"),
        ("{}," * 2_000_000 + "{}", "more than 2,000,000 objects"),
    ],
    ids=["iri", "language", "number", "comma", "deep", "many"],
)
def test_results_that_are_none_are_a_value_error(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        rows_of(text)


def test_rows_need_every_column() -> None:
    assert rows_of("{}") == [(None,)]
    with pytest.raises(ValueError, match=r"without \?s"):
        list(decode_rows(b'{"head":{"vars":["n"]},"results":{"bindings":[{}]}}', ("n", "s")))
