"""How IRIs appear on a node's page: shortened, and as links."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import NamedTuple

from graphkit.diagnostics.quoting import visible
from graphkit.server.entity_queries import NOT_IN_IRIS, query_page_path

# A path that a browser sends unchanged. It would encode what is not ASCII, cut at ? and #, and remove dot segments,
# encoded ones too.
_PATH = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@%/\[\]-]*")
_DOTS = re.compile(r"(?:^|/)(?:\.|%2e){1,2}(?:/|$)", re.IGNORECASE)
WEB = re.compile(r"https?://[^/?#]", re.IGNORECASE)
_LOCAL = re.compile(r"[\w.~-]+")


class IriLinks(NamedTuple):
    """The short forms and the links of IRIs, in data with this base and these prefixes."""

    base: str
    prefixes: Mapping[str, str]

    def short(self, iri: str) -> str:
        """Return an IRI with the longest prefix that fits, or without the base."""
        fitting = [
            (len(space), prefix)
            for prefix, space in self.prefixes.items()
            if iri.startswith(space) and _LOCAL.fullmatch(iri, len(space))
        ]
        if fitting:
            length, prefix = max(fitting)
            return visible(f"{prefix}:{iri[length:]}")
        return visible(iri[len(self.base) :] if self.base and iri.startswith(self.base) and iri != self.base else iri)

    def link(self, iri: str, inner: str) -> str:
        """Return `inner`, which is HTML, as a link to the IRI's page; if it has none, with the IRI as its title."""
        title = html.escape(visible(iri))
        if NOT_IN_IRIS.search(iri):
            return f'<span title="{title}">{inner}</span>'
        if self.base and iri.startswith(self.base):
            path = entity_path(iri, self.base) or query_page_path(f"DESCRIBE <{iri}>")
            return f'<a href="{html.escape(path)}" title="{title}">{inner}</a>'
        if WEB.match(iri):
            return f'<a class="out" href="{html.escape(iri)}" rel="noopener noreferrer" title="{title}">{inner}</a>'
        return f'<span title="{title}">{inner}</span>'


def entity_path(iri: str, base: str) -> str | None:
    """Return the path of a node's page, with ``/id/`` in place of `base`, or None if it would not lead back to the IRI.

    It would not if the IRI holds ``?``, ``#``, dot segments or a character outside ASCII: a browser changes those.

    >>> entity_path("https://w3id.org/graphkit/id/topic/ai", "https://w3id.org/graphkit/id/")
    '/id/topic/ai'
    >>> entity_path("https://w3id.org/graphkit/id/../x", "https://w3id.org/graphkit/id/") is None
    True
    """
    if not iri.startswith(base):
        return None
    rest = iri[len(base) :]
    if not rest or not _PATH.fullmatch(rest) or _DOTS.search(rest):
        return None
    return f"/id/{rest}"
