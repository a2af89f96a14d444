"""The application: every address of the server and what it answers."""

from __future__ import annotations

import gzip
import hashlib
import logging
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import pyoxigraph as ox
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from graphkit.diagnostics.quoting import visible
from graphkit.page.palette import coloured
from graphkit.query.questions import bundled
from graphkit.rdf.vocabulary import DEFAULT_BASE, PREFIXES
from graphkit.server import entity_page, service_description
from graphkit.server.negotiation import accepted, takes_gzip, wants_page
from graphkit.server.query_scheduler import Pool
from graphkit.server.responses import HTML, send_text
from graphkit.server.result_formats import GRAPHS, media_types
from graphkit.server.sparql_endpoint import CORS, MEDIA_TYPES, Endpoint, header_values
from graphkit.server.worker_connection import Ended
from graphkit.server.worker_messages import Outcome, Reply, Request

PAGE = Path(__file__).parent / "ui" / "index.html"
UI = PAGE.parent / "dist"
SHEET = Path(__file__).parent / "entity_page.css"

_STRICT = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
PAGE_POLICY = f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; {_STRICT}"
ENTITY_POLICY = f"default-src 'none'; style-src 'self'; img-src 'self'; {_STRICT}"

_KNOWN = "ASK { { ?entity ?property ?value } UNION { ?other ?property ?entity } }"
_log = logging.getLogger("graphkit.server")
_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")

Solution = dict[str, Any]


class Asset(msgspec.Struct, frozen=True):
    """A file of the page, as it is sent."""

    media_type: str
    body: bytes
    packed: bytes
    etag: str


class Application:
    """The ASGI application: ``/sparql`` goes to the endpoint directly, all else through the router."""

    def __init__(self, pool: Pool, *, page: Path, public_url: str = "") -> None:
        self.pool = pool
        self.page = page
        self.public_url = public_url.rstrip("/")
        self.endpoint = Endpoint(pool, self._describe)
        self.assets = _assets()
        router = Starlette(
            routes=[
                Route("/", self._query_page),
                Route("/ui/{name:path}", self._asset),
                Route("/queries.json", self._queries),
                Route("/explore", self._explore),
                Route("/id/{path:path}", self._entity),
                Route("/.well-known/void", self._void),
                Route("/health", self._health),
            ],
            lifespan=self._lifespan,
            exception_handlers={Ended: _ended, 404: _not_found, 405: _not_allowed, Exception: _fault},
        )
        router.router.redirect_slashes = False  # it would lead to whatever host the client names
        self.router: ASGIApp = router

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or start and stop with the server."""
        try:
            if scope["type"] == "http" and scope["path"] in ("/sparql", "/sparql/"):
                await self.endpoint(scope, receive, send)
            elif scope["type"] in ("http", "lifespan"):
                await self.router(scope, receive, send)
        except TimeoutError:
            return  # a client that no longer takes anything: the connection is closed
        except Exception as error:
            _log.error("%s: %s", type(error).__name__, error)
            raise

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        await self.pool.start()
        try:
            yield
        finally:
            await self.pool.stop()

    def _base(self) -> str:
        return self.pool.nursery.ready.base or DEFAULT_BASE

    async def _query_page(self, request: HttpRequest) -> Response:
        return self._file(request, "index.html", PAGE_POLICY)

    async def _asset(self, request: HttpRequest) -> Response:
        return self._file(request, request.path_params["name"])

    def _file(self, request: HttpRequest, name: str, policy: str = "default-src 'none'") -> Response:
        asset = self.assets.get(name)
        if asset is None:
            return _sentence(404, "There is nothing here.")
        headers = {
            "etag": asset.etag,
            "cache-control": "no-cache",
            "vary": "Accept-Encoding",
            "content-security-policy": policy,
            **_SAFE,
        }
        if asset.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        packed = takes_gzip(request.headers.get("accept-encoding", ""))
        if packed:
            headers["content-encoding"] = "gzip"
        return Response(asset.packed if packed else asset.body, headers=headers, media_type=asset.media_type)

    async def _queries(self, _: HttpRequest) -> Response:
        return Response(_questions_json(self._base()), media_type="application/json", headers={**_SAFE, **dict(CORS)})

    async def _explore(self, _: HttpRequest) -> Response:
        if not self.page.is_file():
            return _sentence(404, "There is no page of this graph: `graphkit build` writes it, coverage.html.")
        return FileResponse(self.page, media_type="text/html", headers={"cache-control": "no-cache", **_SAFE})

    async def _health(self, _: HttpRequest) -> Response:
        reply = await self.endpoint.ask(Request("ASK {}"))
        return _sentence(200 if reply.outcome is Outcome.ANSWERED else 500, "ok")

    async def _void(self, request: HttpRequest) -> Response:
        graph = accepted(request.headers.get("accept", ""))[2]
        return await self._graph(request, Request(service_description.VOID, graph=graph))

    async def _entity(self, request: HttpRequest) -> Response:
        path = request.scope["raw_path"].decode("ascii")
        iri = self._base() + path.removeprefix("/id/")
        try:
            ox.NamedNode(iri)
        except ValueError:
            return _html(404, entity_page.missing(iri))
        wanted = _wanted(request)
        if wanted != "html":
            known = await self.endpoint.ask(Request(_KNOWN, iris=(("entity", iri),)), request.receive)
            if b"true" not in _body(known):
                return _sentence(404, "Nothing is said of this here.")
            return await self._graph(request, Request(entity_page.RDF, graph=wanted, iris=(("entity", iri),)))
        said = await self._solutions(request, entity_page.SAID, iri)
        pointing = await self._solutions(request, entity_page.POINTING, iri)
        if not said and not pointing:
            return _html(404, entity_page.missing(iri))
        return _html(200, entity_page.page(iri, said, pointing, base=self._base(), prefixes=PREFIXES))

    async def _solutions(self, request: HttpRequest, text: str, iri: str) -> list[Solution]:
        reply = await self.endpoint.ask(Request(text, iris=(("entity", iri),)), request.receive)
        found = ox.parse_query_results(_body(reply), format=ox.QueryResultsFormat.JSON)
        assert isinstance(found, ox.QuerySolutions)
        names = [variable.value for variable in found.variables]
        return [
            {name: value for name, value in zip(names, solution, strict=True) if value is not None}
            for solution in found
        ]

    async def _graph(self, request: HttpRequest, query: Request) -> Response:
        """Return the graph that a query of ours gives, in the format it asks for."""
        if not query.graph:
            return _sentence(406, f"It can be had as {media_types(GRAPHS)}.")
        return _Answer(self.endpoint, await self.endpoint.ask(query, request.receive))

    async def _describe(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the bare address: the description of the service, or the page for people."""
        accept = header_values(scope).get(b"accept", "")
        if wants_page(accept):
            await RedirectResponse("/", status_code=303)(scope, receive, send)
            return
        graph = accepted(accept)[2]
        if not graph:
            await send_text(send, 406, f"The description of the service can be had as {media_types(GRAPHS)}.", CORS)
            return
        ready = self.pool.nursery.ready
        triples = service_description.service(
            f"{self._origin(scope)}{scope['path']}",
            graphs=ready.graphs,
            union=ready.union,
            dataset=ready.dataset or None,
        )
        body = ox.serialize(triples, format=GRAPHS[graph].syntax, prefixes=dict(service_description.PREFIXES)) or b""
        headers = {"vary": "Accept", **_SAFE, **dict(CORS)}
        await Response(body, media_type=MEDIA_TYPES[graph], headers=headers)(scope, receive, send)

    def _origin(self, scope: Scope) -> str:
        """Return the address that clients use, as they say it or as `public_url` does."""
        if self.public_url:
            return self.public_url
        host = header_values(scope).get(b"host", "")
        if not _HOST.fullmatch(host):
            name, port = scope["server"]
            host = f"{name}:{port}"
        return f"{scope['scheme']}://{host}"


class _Answer(Response):
    """A worker's reply, sent as the endpoint sends it."""

    def __init__(self, endpoint: Endpoint, reply: Reply) -> None:
        super().__init__()
        self.endpoint = endpoint
        self.reply = reply

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - as ASGI has it
        """Send it."""
        await self.endpoint.send(send, self.reply, bare=scope["method"] == "HEAD")


_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": HTML,
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_SAFE = {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}


def _wanted(request: HttpRequest) -> str:
    """Return the format of an entity that a client asks for: `html`, or one of GRAPHS, or nothing."""
    named = request.query_params.get("format")
    if named is not None:
        return named if named in GRAPHS or named == "html" else ""
    accept = request.headers.get("accept", "")
    return "html" if wants_page(accept) else accepted(accept)[2]


def _body(reply: Reply) -> bytes:
    """Return the body of an answer to one of our own queries. Raises `Ended` where there is none."""
    if reply.outcome is Outcome.TOO_LARGE:
        raise Ended(reply.body.decode())
    if reply.outcome is not Outcome.ANSWERED:
        raise HTTPException(500, reply.body.decode())
    if reply.file is None:
        return reply.body
    with reply.file as file:
        file.seek(0)
        return file.read()


def _assets() -> Mapping[str, Asset]:
    files = {path.relative_to(UI).as_posix(): path for path in sorted(UI.rglob("*")) if path.is_file()}
    files["index.html"], files["entity.css"] = PAGE, SHEET
    return {name: _as_sent(path) for name, path in files.items()}


def _as_sent(path: Path) -> Asset:
    body = coloured(path.read_text("utf-8")).encode() if path.suffix == ".css" else path.read_bytes()
    media_type = _TYPES.get(path.suffix, "text/plain; charset=utf-8")
    etag = f'W/"{hashlib.sha256(body).hexdigest()[:16]}"'
    return Asset(media_type, body, gzip.compress(body, 6, mtime=0), etag)


@lru_cache(maxsize=2)
def _questions_json(base: str) -> bytes:
    """Return the bundled questions as the query page reads them."""
    queries = [msgspec.to_builtins(question) for question in bundled()]
    return msgspec.json.encode({"prefixes": dict(PREFIXES), "base": base, "queries": queries})


def _sentence(status: int, text: str) -> Response:
    return Response(f"{text}\n", status_code=status, media_type="text/plain", headers=_SAFE)


def _html(status: int, text: str) -> Response:
    headers = {"content-security-policy": ENTITY_POLICY, "vary": "Accept", **_SAFE}
    return Response(text.encode("utf-8", "replace"), status_code=status, headers=headers, media_type=HTML)


async def _ended(_: HttpRequest, error: Exception) -> Response:
    assert isinstance(error, Ended)
    response = _sentence(503, str(error))
    if error.retry:
        response.headers["retry-after"] = str(error.retry)
    return response


async def _not_found(_: HttpRequest, __: Exception) -> Response:
    return _sentence(404, "There is nothing here; the query page is at /, the endpoint at /sparql.")


async def _not_allowed(request: HttpRequest, _: Exception) -> Response:
    response = _sentence(405, f"expected GET or HEAD, got {visible(request.method)}")
    response.headers["allow"] = "GET, HEAD"
    return response


async def _fault(_: HttpRequest, __: Exception) -> Response:
    return _sentence(500, "Something went wrong here; the server goes on.")
