"""The ASGI application: every path of the server, and its answer."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator
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
from graphkit.query.questions import bundled
from graphkit.rdf.vocabulary import DEFAULT_BASE, PREFIXES
from graphkit.server import entity_page, entity_queries, service_description
from graphkit.server.negotiation import accepted, wants_page
from graphkit.server.query_scheduler import QueryScheduler
from graphkit.server.responses import HTML, SECURITY_HEADERS, send_text
from graphkit.server.result_formats import GRAPHS, media_types
from graphkit.server.sparql_endpoint import CORS, MEDIA_TYPES, SparqlEndpoint, header_values
from graphkit.server.static_files import static_files
from graphkit.server.worker_connection import ServiceUnavailable
from graphkit.server.worker_messages import QueryOutcome, QueryReply, QueryRequest

_STRICT = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
PAGE_POLICY = f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; {_STRICT}"
ENTITY_POLICY = f"default-src 'none'; style-src 'self'; img-src 'self'; {_STRICT}"
EXPLORER_POLICY = f"default-src 'self' 'unsafe-inline' data: blob:; object-src 'none'; {_STRICT}"
"""The page has a stricter policy of its own, with the hash of its script; this one holds for any file of that name."""
FILE_POLICY = "default-src 'none'"

_KNOWN = "ASK { { ?entity ?property ?value } UNION { ?other ?property ?entity } }"
_log = logging.getLogger("graphkit.server")
_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")

Solution = dict[str, Any]


class Application:
    """The ASGI application: ``/sparql`` goes straight to the endpoint, everything else through the router."""

    def __init__(self, scheduler: QueryScheduler, *, page: Path, public_url: str = "") -> None:
        self.scheduler = scheduler
        self.page = page
        self.public_url = public_url.rstrip("/")
        self.endpoint = SparqlEndpoint(scheduler, self._describe)
        self.files = static_files()
        router = Starlette(
            routes=[
                Route("/", self._query_page),
                Route("/ui/{name:path}", self._file),
                Route("/queries.json", self._queries),
                Route("/explore", self._explore),
                Route("/id/{path:path}", self._entity),
                Route("/.well-known/void", self._void),
                Route("/health", self._health),
            ],
            lifespan=self._lifespan,
            exception_handlers={
                ServiceUnavailable: _unavailable,
                404: _not_found,
                405: _not_allowed,
                Exception: _failed,
            },
        )
        router.router.redirect_slashes = False  # a redirect would go to whatever host the client names
        self.router: ASGIApp = router

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or start and stop with the server."""
        try:
            if scope["type"] == "http" and scope["path"] in ("/sparql", "/sparql/"):
                await self.endpoint(scope, receive, send)
            elif scope["type"] in ("http", "lifespan"):
                await self.router(scope, receive, send)
        except TimeoutError:
            return  # the client reads no more, and its connection was closed
        except Exception as error:
            _log.error("%s: %s", type(error).__name__, error)
            raise

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        await self.scheduler.start()
        try:
            yield
        finally:
            await self.scheduler.stop()

    def _base(self) -> str:
        return self.scheduler.fork_server.data.base or DEFAULT_BASE

    async def _query_page(self, request: HttpRequest) -> Response:
        return self.files["index.html"].response(request, PAGE_POLICY)

    async def _file(self, request: HttpRequest) -> Response:
        file = self.files.get(request.path_params["name"])
        return file.response(request, FILE_POLICY) if file else _sentence(404, "There is nothing here.")

    async def _queries(self, _: HttpRequest) -> Response:
        return Response(
            _questions_json(self._base()), media_type="application/json", headers={**SECURITY_HEADERS, **dict(CORS)}
        )

    async def _explore(self, _: HttpRequest) -> Response:
        if not self.page.is_file():
            return _sentence(404, "There is no page of this graph: `graphkit build` writes it, coverage.html.")
        return FileResponse(
            self.page,
            media_type="text/html",
            headers={"cache-control": "no-cache", "content-security-policy": EXPLORER_POLICY, **SECURITY_HEADERS},
        )

    async def _health(self, _: HttpRequest) -> Response:
        reply = await self.endpoint.ask(QueryRequest("ASK {}"))
        return _sentence(200 if reply.outcome is QueryOutcome.ANSWERED else 500, "ok")

    async def _void(self, request: HttpRequest) -> Response:
        graph = accepted(request.headers.get("accept", ""))[2]
        return await self._graph(request, QueryRequest(service_description.VOID, graph=graph))

    async def _entity(self, request: HttpRequest) -> Response:
        path = request.scope["raw_path"].decode("ascii")
        iri = self._base() + path.removeprefix("/id/")
        try:
            ox.NamedNode(iri)
        except ValueError:
            return _html(404, entity_page.missing(iri))
        wanted = _wanted(request)
        if wanted != "html":
            known = await self.endpoint.ask(QueryRequest(_KNOWN, iris=(("entity", iri),)), request.receive)
            if b"true" not in _body(known):
                return _sentence(404, "Nothing is said of this here.")
            return await self._graph(request, QueryRequest(entity_queries.RDF, graph=wanted, iris=(("entity", iri),)))
        outgoing = await self._solutions(request, entity_queries.OUTGOING, iri)
        incoming = await self._solutions(request, entity_queries.INCOMING, iri)
        if not outgoing and not incoming:
            return _html(404, entity_page.missing(iri))
        return _html(200, entity_page.page(iri, outgoing, incoming, base=self._base(), prefixes=PREFIXES))

    async def _solutions(self, request: HttpRequest, text: str, iri: str) -> list[Solution]:
        reply = await self.endpoint.ask(QueryRequest(text, iris=(("entity", iri),)), request.receive)
        found = ox.parse_query_results(_body(reply), format=ox.QueryResultsFormat.JSON)
        assert isinstance(found, ox.QuerySolutions)
        names = [variable.value for variable in found.variables]
        return [
            {name: value for name, value in zip(names, solution, strict=True) if value is not None}
            for solution in found
        ]

    async def _graph(self, request: HttpRequest, query: QueryRequest) -> Response:
        """Return the graph that one of our own queries gives, in the format it asks for."""
        if not query.graph:
            return _sentence(406, f"It can be had as {media_types(GRAPHS)}.")
        return _WorkerResponse(self.endpoint, await self.endpoint.ask(query, request.receive))

    async def _describe(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request without a query: with the service description, or for browsers with the query page."""
        accept = header_values(scope).get(b"accept", "")
        if wants_page(accept):
            await RedirectResponse("/", status_code=303)(scope, receive, send)
            return
        graph = accepted(accept)[2]
        if not graph:
            await send_text(send, 406, f"The description of the service can be had as {media_types(GRAPHS)}.", CORS)
            return
        data = self.scheduler.fork_server.data
        triples = service_description.service(
            f"{self._origin(scope)}{scope['path']}",
            graphs=data.graphs,
            union=data.union,
            dataset=data.dataset or None,
        )
        body = ox.serialize(triples, format=GRAPHS[graph].syntax, prefixes=dict(service_description.PREFIXES)) or b""
        headers = {"vary": "Accept", **SECURITY_HEADERS, **dict(CORS)}
        await Response(body, media_type=MEDIA_TYPES[graph], headers=headers)(scope, receive, send)

    def _origin(self, scope: Scope) -> str:
        """Return the origin that clients use: `public_url`, or what the Host header says."""
        if self.public_url:
            return self.public_url
        host = header_values(scope).get(b"host", "")
        if not _HOST.fullmatch(host):
            name, port = scope["server"]
            host = f"{name}:{port}"
        return f"{scope['scheme']}://{host}"


class _WorkerResponse(Response):
    """A worker's reply, sent as the endpoint sends it."""

    def __init__(self, endpoint: SparqlEndpoint, reply: QueryReply) -> None:
        super().__init__()
        self.endpoint = endpoint
        self.reply = reply

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - as ASGI has it
        """Send it."""
        await self.endpoint.send(send, self.reply, bare=scope["method"] == "HEAD")


def _wanted(request: HttpRequest) -> str:
    """Return the format of an entity that a client asks for: `html`, one of GRAPHS, or an empty string."""
    named = request.query_params.get("format")
    if named is not None:
        return named if named in GRAPHS or named == "html" else ""
    accept = request.headers.get("accept", "")
    return "html" if wants_page(accept) else accepted(accept)[2]


def _body(reply: QueryReply) -> bytes:
    """Return the body of an answer to one of our own queries. Raises `ServiceUnavailable` if there is none."""
    if reply.outcome is QueryOutcome.TOO_LARGE:
        raise ServiceUnavailable(reply.body.decode())
    if reply.outcome is not QueryOutcome.ANSWERED:
        raise HTTPException(500, reply.body.decode())
    if reply.file is None:
        return reply.body
    with reply.file as file:
        file.seek(0)
        return file.read()


@lru_cache(maxsize=2)
def _questions_json(base: str) -> bytes:
    """Return the bundled questions as the query page reads them."""
    queries = [msgspec.to_builtins(question) for question in bundled()]
    return msgspec.json.encode({"prefixes": dict(PREFIXES), "base": base, "queries": queries})


def _sentence(status: int, text: str) -> Response:
    return Response(f"{text}\n", status_code=status, media_type="text/plain", headers=SECURITY_HEADERS)


def _html(status: int, text: str) -> Response:
    headers = {"content-security-policy": ENTITY_POLICY, "vary": "Accept", **SECURITY_HEADERS}
    return Response(text.encode("utf-8", "replace"), status_code=status, headers=headers, media_type=HTML)


async def _unavailable(_: HttpRequest, error: Exception) -> Response:
    assert isinstance(error, ServiceUnavailable)
    response = _sentence(503, str(error))
    if error.retry_after:
        response.headers["retry-after"] = str(error.retry_after)
    return response


async def _not_found(_: HttpRequest, __: Exception) -> Response:
    return _sentence(404, "There is nothing here; the query page is at /, the endpoint at /sparql.")


async def _not_allowed(request: HttpRequest, _: Exception) -> Response:
    response = _sentence(405, f"expected GET or HEAD, got {visible(request.method)}")
    response.headers["allow"] = "GET, HEAD"
    return response


async def _failed(_: HttpRequest, __: Exception) -> Response:
    return _sentence(500, "Something went wrong here; the server goes on.")
