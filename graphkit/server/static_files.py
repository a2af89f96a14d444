"""The files of the pages: scripts, styles, an icon and the query page itself, ready to send."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from pathlib import Path

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from graphkit.page.palette import coloured
from graphkit.server.negotiation import takes_gzip
from graphkit.server.responses import HTML, SECURITY_HEADERS

_HERE = Path(__file__).parent
_DIST = _HERE / "ui" / "dist"
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": HTML,
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


class StaticFile(msgspec.Struct, frozen=True):
    """A file as it is sent, plain and compressed."""

    media_type: str
    body: bytes
    packed: bytes
    etag: str

    def response(self, request: Request, policy: str) -> Response:
        """Return the file, or 304 if the client has it, under a Content-Security-Policy."""
        headers = {
            "etag": self.etag,
            "cache-control": "no-cache",
            "vary": "Accept-Encoding",
            "content-security-policy": policy,
            **SECURITY_HEADERS,
        }
        if self.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        packed = takes_gzip(request.headers.get("accept-encoding", ""))
        if packed:
            headers["content-encoding"] = "gzip"
        return Response(self.packed if packed else self.body, headers=headers, media_type=self.media_type)


def static_files() -> Mapping[str, StaticFile]:
    """Return all files by their names below ``/ui/``; the query page is index.html."""
    files = {path.relative_to(_DIST).as_posix(): path for path in sorted(_DIST.rglob("*")) if path.is_file()}
    files["index.html"] = _HERE / "ui" / "index.html"
    files["entity.css"] = _HERE / "entity_page.css"
    return {name: _static_file(path) for name, path in files.items()}


def _static_file(path: Path) -> StaticFile:
    body = coloured(path.read_text("utf-8")).encode() if path.suffix == ".css" else path.read_bytes()
    media_type = _MEDIA_TYPES.get(path.suffix, "text/plain; charset=utf-8")
    etag = f'W/"{hashlib.sha256(body).hexdigest()[:16]}"'
    return StaticFile(media_type, body, gzip.compress(body, 6, mtime=0), etag)
