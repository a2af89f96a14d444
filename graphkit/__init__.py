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

_NAMES = {
    "diagnostics.diagnostic": ["Diagnostic"],
    "errors": ["GraphkitError", "MissingExtra", "NothingReadable", "OutputError", "UsageError"],
    "page.drawing": ["draw"],
    "page.explorer": ["explore"],
    "pipeline.api": ["Build", "build", "export", "publish"],
    "query.opening": ["open_data"],
    "rdf.graph_reader": ["read_graph"],
    "rdf.serialization": ["to_rdflib", "write_rdf"],
    "urls.canonical_url": ["canonical"],
    "validation": ["validate"],
}
_MODULES = {name: module for module, names in _NAMES.items() for name in names}

__all__ = sorted(_MODULES)  # noqa: PLE0605  # it is a list of strings


def __getattr__(name: str) -> object:
    """Load a public name from its module when it is first used."""
    if name not in _MODULES:
        raise AttributeError(f"module 'graphkit' has no attribute {name!r}")
    value = getattr(import_module(f"graphkit.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
