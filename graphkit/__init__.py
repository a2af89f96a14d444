"""graphkit: a knowledge graph of news coverage, from Markdown records to NetworkX, RDF and a page to explore.

>>> import graphkit
>>> built = graphkit.build("seeds")
>>> built.graph.nodes["provider/forbes.com"]["name"]
'Forbes'

Names are loaded when they are first used, so that ``import graphkit`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphkit.diagnostics.diagnostic import Diagnostic as Diagnostic
    from graphkit.errors import GraphkitError as GraphkitError
    from graphkit.errors import MissingExtra as MissingExtra
    from graphkit.errors import NothingReadable as NothingReadable
    from graphkit.errors import OutputError as OutputError
    from graphkit.errors import UsageError as UsageError
    from graphkit.page.drawing import draw as draw
    from graphkit.page.explorer import explore as explore
    from graphkit.pipeline.api import Build as Build
    from graphkit.pipeline.api import build as build
    from graphkit.pipeline.api import export as export
    from graphkit.pipeline.api import publish as publish
    from graphkit.query.opening import open_data as open_data
    from graphkit.rdf.graph_reader import read_graph as read_graph
    from graphkit.rdf.serialization import to_rdflib as to_rdflib
    from graphkit.rdf.serialization import write_rdf as write_rdf
    from graphkit.urls.canonical_url import canonical as canonical
    from graphkit.validation import validate as validate

__version__ = "0.1.0"

_HOMES = {
    "Build": "pipeline.api",
    "Diagnostic": "diagnostics.diagnostic",
    "GraphkitError": "errors",
    "MissingExtra": "errors",
    "NothingReadable": "errors",
    "OutputError": "errors",
    "UsageError": "errors",
    "build": "pipeline.api",
    "canonical": "urls.canonical_url",
    "draw": "page.drawing",
    "explore": "page.explorer",
    "export": "pipeline.api",
    "open_data": "query.opening",
    "publish": "pipeline.api",
    "read_graph": "rdf.graph_reader",
    "to_rdflib": "rdf.serialization",
    "validate": "validation",
    "write_rdf": "rdf.serialization",
}

__all__ = [
    "Build",
    "Diagnostic",
    "GraphkitError",
    "MissingExtra",
    "NothingReadable",
    "OutputError",
    "UsageError",
    "build",
    "canonical",
    "draw",
    "explore",
    "export",
    "open_data",
    "publish",
    "read_graph",
    "to_rdflib",
    "validate",
    "write_rdf",
]


def __getattr__(name: str) -> object:
    """Load a public name from its module when it is first used."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'graphkit' has no attribute {name!r}")
    value = getattr(import_module(f"graphkit.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
