"""HTTP authentication: answers to a server's challenge, basic (RFC 7617) or digest (RFC 7616; Virtuoso 7: RFC 2617)."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping
from typing import NamedTuple

_HASHES = {"MD5": "md5", "SHA-256": "sha256"}


class Credentials(NamedTuple):
    """A user and the password, which no message shows."""

    user: str
    password: str

    def __repr__(self) -> str:
        """Show the user only."""
        return f"Credentials(user={self.user!r})"


class Challenge(NamedTuple):
    """How a server wants users to authenticate: the scheme in lower case, and its parameters."""

    scheme: str
    parameters: Mapping[str, str]


_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"  # noqa: S105  # a rule of the grammar, not a secret
_PIECE = re.compile(
    rf'\s*(?:(?P<name>{_TOKEN})\s*=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>{_TOKEN}))|(?P<scheme>{_TOKEN})(?=[\s,]|$))'
    r"\s*,?"
)


def challenges(headers: Iterable[str]) -> tuple[Challenge, ...]:
    """Return the challenges in the values of WWW-Authenticate; anything else is skipped.

    >>> [one.scheme for one in challenges(['Basic realm="a, b", Digest realm="x", nonce="y"'])]
    ['basic', 'digest']
    """
    found: list[tuple[str, dict[str, str]]] = []
    for header in headers:
        place = 0
        while place < len(header):
            match = _PIECE.match(header, place)
            if match is None or match.end() == place:
                break
            place = match.end()
            if match["scheme"]:
                found.append((match["scheme"].lower(), {}))
            elif found:
                value = match["bare"] if match["quoted"] is None else re.sub(r"\\(.)", r"\1", match["quoted"])
                found[-1][1][match["name"].lower()] = value
    return tuple(Challenge(scheme, parameters) for scheme, parameters in found)


def chosen_challenge(headers: Iterable[str]) -> Challenge:
    """Return the challenge to answer: a digest that we know, or else basic."""
    return next((one for one in challenges(headers) if is_known_digest(one)), Challenge("basic", {}))


def is_known_digest(challenge: Challenge) -> bool:
    """Return whether a challenge is for a digest that `digest_header` can make."""
    if challenge.scheme != "digest" or "nonce" not in challenge.parameters:
        return False
    qop = challenge.parameters.get("qop")
    return _algorithm(challenge)[0] in _HASHES and (qop is None or "auth" in map(str.strip, qop.lower().split(",")))


def basic_header(credentials: Credentials) -> str:
    """Return the value of Authorization for basic authentication."""
    return "Basic " + base64.b64encode(":".join(credentials).encode()).decode()


def digest_header(
    challenge: Challenge, credentials: Credentials, *, method: str, target: str, count: int = 1, client_nonce: str = ""
) -> str:
    """Return the value of Authorization for digest authentication; `target` is the request's path with its query.

    `count` is how often this nonce has been used, this time included.
    """
    user, password = credentials
    given = challenge.parameters
    realm, nonce = given.get("realm", ""), given["nonce"]
    name, session = _algorithm(challenge)
    client_nonce = client_nonce or secrets.token_hex(8)

    def digest(*words: str) -> str:
        return hashlib.new(_HASHES[name], ":".join(words).encode(), usedforsecurity=False).hexdigest()

    key = digest(user, realm, password)
    if session:
        key = digest(key, nonce, client_nonce)
    request = digest(method, target)
    number = f"{count:08x}"
    qop = "auth" if "qop" in given else ""
    response = digest(key, nonce, number, client_nonce, qop, request) if qop else digest(key, nonce, request)
    fields = [
        f"username={_quoted(user)}",
        f"realm={_quoted(realm)}",
        f"nonce={_quoted(nonce)}",
        f"uri={_quoted(target)}",
        f'response="{response}"',
    ]
    if "algorithm" in given:
        fields.append(f"algorithm={given['algorithm']}")
    if "opaque" in given:
        fields.append(f"opaque={_quoted(given['opaque'])}")
    if qop:
        fields += ["qop=auth", f"nc={number}"]
    if qop or session:
        fields.append(f'cnonce="{client_nonce}"')
    return "Digest " + ", ".join(fields)


def _algorithm(challenge: Challenge) -> tuple[str, bool]:
    """Return the name of the hash, and whether one key serves the whole session."""
    name = challenge.parameters.get("algorithm", "MD5").upper()
    return name.removesuffix("-SESS"), name.endswith("-SESS")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
