"""Redaction: what a store says, without the password that it was sent, in whatever form it repeats it."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable, Iterator
from itertools import takewhile
from urllib.parse import quote, quote_plus

from graphkit.diagnostics.quoting import visible
from graphkit.upload.authentication import Credentials

_HIDDEN = "…"
_REPEATED = re.compile(f"{_HIDDEN}{{2,}}")
_SHORTEST_PIECE = 6
"""Messages are cut, so the beginning or the end of a password is hidden too, from this many characters on."""


def redaction(credentials: Credentials | None) -> Callable[[str], str]:
    """Return a function that hides a password in a text.

    >>> redaction(Credentials("bob", "hunter2!"))("no user bob:hunter2%21 (Basic Ym9iOmh1bnRlcjIh)")
    'no user bob:… (Basic …)'
    """
    if credentials is None or not credentials.password:
        return lambda text: text
    forms = sorted(set(_forms(credentials)), key=lambda form: (-len(form), form))

    def redacted(text: str) -> str:
        for form in forms:
            text = _without(text, form)
        return _REPEATED.sub(_HIDDEN, text)

    return redacted


def _forms(credentials: Credentials) -> Iterator[str]:
    """Yield the password, alone and after the user, in the encodings of HTTP, JSON, HTML and our own messages."""
    for secret in (":".join(credentials), credentials.password):
        data = secret.encode("utf-8", "surrogatepass")
        plain = (secret, data.decode("latin-1"))
        packed = (base64.b64encode(data).decode(), base64.urlsafe_b64encode(data).decode(), data.hex())
        # In plain text the password alone is enough; the beginning of both would be the name of the user.
        for text in (*(plain if secret == credentials.password else ()), *packed, *(one.rstrip("=") for one in packed)):
            yield from (text, " ".join(text.split()), visible(text), repr(text)[1:-1], html.escape(text))
            yield from (json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1])
        if secret != credentials.password:
            continue
        for safe in ("", "/", "/:@!$&'()*+,;=~"):
            percent = quote(data, safe=safe)
            yield from (percent, percent.lower(), _lower_escapes(percent))
        plus = quote_plus(data)
        yield from (plus, _lower_escapes(plus))


def _lower_escapes(percent: str) -> str:
    first, *rest = percent.split("%")
    return "%".join([first, *(piece[:2].lower() + piece[2:] for piece in rest)])


def _without(text: str, form: str) -> str:
    """Hide a form, and what is left of it where the text was cut."""
    if not form:
        return text
    if len(form) <= _SHORTEST_PIECE:
        return text.replace(form, _HIDDEN)
    return _without_beginning(_without_beginning(text, form)[::-1], form[::-1])[::-1]


def _without_beginning(text: str, form: str) -> str:
    start = text.find(form[:_SHORTEST_PIECE])
    while start >= 0:
        alike = takewhile(lambda pair: pair[0] == pair[1], zip(text[start : start + len(form)], form, strict=False))
        length = sum(1 for _ in alike)
        text = text[:start] + _HIDDEN + text[start + length :]
        start = text.find(form[:_SHORTEST_PIECE], start + 1)
    return text
