"""Digest: the answer to a server's challenge, by RFC 7616 (and RFC 2617, which Virtuoso 7 still speaks)."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping
from typing import NamedTuple

_HASHES = {"MD5": "md5", "SHA-256": "sha256"}


class Challenge(NamedTuple):
    """What a server wants to be told: the scheme in lower case, and its parameters."""

    scheme: str
    parameters: Mapping[str, str]


_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"  # noqa: S105  # a rule of the grammar, not a secret
_PIECE = re.compile(
    rf'\s*(?:(?P<name>{_TOKEN})\s*=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>{_TOKEN}))|(?P<scheme>{_TOKEN})(?=[\s,]|$))'
    r"\s*,?"
)


def challenges(headers: Iterable[str]) -> tuple[Challenge, ...]:
    """Read the values of WWW-Authenticate; what is no challenge is passed over.

    >>> [one.scheme for one in challenges(['Basic realm="a, b", Digest realm="x", nonce="y"'])]
    ['basic', 'digest']
    """
    found: list[Challenge] = []
    for header in headers:
        place = 0
        while place < len(header):
            match = _PIECE.match(header, place)
            if match is None or match.end() == place:
                break
            place = match.end()
            if match["scheme"]:
                found.append(Challenge(match["scheme"].lower(), {}))
            elif found:
                value = match["bare"] if match["quoted"] is None else re.sub(r"\\(.)", r"\1", match["quoted"])
                found[-1] = Challenge(found[-1].scheme, {**found[-1].parameters, match["name"].lower(): value})
    return tuple(found)


def known(challenge: Challenge) -> bool:
    """Tell whether a challenge is one that `answer` can answer."""
    if challenge.scheme != "digest" or "nonce" not in challenge.parameters:
        return False
    qop = challenge.parameters.get("qop")
    return _algorithm(challenge)[0] in _HASHES and (qop is None or "auth" in _list(qop))


def answer(
    challenge: Challenge, *, user: str, password: str, method: str, target: str, count: int = 1, client_nonce: str = ""
) -> str:
    """Return the value of Authorization for a request; `target` is its path with the query.

    `count` tells how often this nonce has been used, this time too.
    """
    given = challenge.parameters
    realm, nonce = given.get("realm", ""), given["nonce"]
    name, session = _algorithm(challenge)
    client_nonce = client_nonce or secrets.token_hex(8)

    def digest(*words: str) -> str:
        return hashlib.new(_HASHES[name], ":".join(words).encode(), usedforsecurity=False).hexdigest()

    key = digest(user, realm, password)
    if session:
        key = digest(key, nonce, client_nonce)
    what = digest(method, target)
    number = f"{count:08x}"
    qop = "auth" if "qop" in given else ""
    response = digest(key, nonce, number, client_nonce, qop, what) if qop else digest(key, nonce, what)
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
    """Return the name of the hash, and whether a key stands for the session."""
    name = challenge.parameters.get("algorithm", "MD5").upper()
    return name.removesuffix("-SESS"), name.endswith("-SESS")


def _list(text: str) -> list[str]:
    return [word.strip().lower() for word in text.split(",")]


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
