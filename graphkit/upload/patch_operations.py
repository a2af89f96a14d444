"""The operations of a `coverage.patch.rq`, read one by one."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from graphkit.diagnostics.quoting import reason_of
from graphkit.errors import UsageError

_END = b" ;\n"
_CHUNK = 1 << 20
_OPERATION = re.compile(
    rb"(?P<verb>INSERT|DELETE) DATA \{(?: GRAPH <(?P<graph>[^>]*)> \{)?\n(?P<body>.*?)\}(?P<more> \})?\s*", re.DOTALL
)


class PatchOperation(NamedTuple):
    """An operation of a patch: the triples to remove or to add, as SPARQL writes them, and the graph that it names."""

    adds: bool
    graph: str
    body: bytes
    end: int
    digest: str

    def text(self, graph: str) -> str:
        """Return it as a SPARQL Update of a graph, or of the default graph."""
        verb = "INSERT DATA" if self.adds else "DELETE DATA"
        body = self.body.decode()
        return f"{verb} {{ GRAPH <{graph}> {{\n{body}}} }}" if graph else f"{verb} {{\n{body}}}"

    @property
    def number(self) -> int:
        """The number of its triples."""
        return self.body.count(b" .\n")


def operations(path: Path) -> Iterator[PatchOperation]:
    """Yield the operations of a patch, in bounded memory. Raises `UsageError` for any other file."""
    seen = hashlib.blake2b(digest_size=16)
    place = 0
    for text in _texts(path):
        match = _OPERATION.fullmatch(text.removesuffix(_END))
        if match is None or bool(match["graph"]) != bool(match["more"]):
            raise unexpected_patch(path, repr(text[:40]))
        seen.update(text)
        place += len(text)
        graph = (match["graph"] or b"").decode("utf-8", "replace")
        yield PatchOperation(match["verb"] == b"INSERT", graph, match["body"], place, seen.hexdigest())


def _texts(path: Path) -> Iterator[bytes]:
    """Yield the file split after each `;` at the end of a line, where no triple ends."""
    try:
        with path.open("rb") as stream:
            rest = b""
            while data := stream.read(_CHUNK):
                *whole, rest = (rest + data).split(_END)
                for text in whole:
                    yield text + _END
            if rest:
                yield rest
    except OSError as error:
        raise unexpected_patch(path, reason_of(error)) from error


def unexpected_patch(path: Path, got: str) -> UsageError:
    """Return the error to raise for a file that is not a patch."""
    return UsageError(f"{path}: expected a patch that `graphkit build --patch` wrote, got {got}")
