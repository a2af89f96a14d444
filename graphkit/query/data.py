"""Data: RDF in the engine's store, and how it is queried."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec
import pyoxigraph as ox

from graphkit.errors import NothingReadable, QueryRefused, UsageError
from graphkit.query.query_nesting import MAX_OPERATORS, exhausts_stack, operators
from graphkit.query.service_calls import with_graph, without_service
from graphkit.query.sparql import MAX_DEPTH, QueryAnalysis, analyse, syntax_fault
from graphkit.rdf import vocabulary

Results = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples

_DAMAGE = ("Corruption:", "IO error:")


class Data(msgspec.Struct, frozen=True, eq=False):
    """RDF that can be queried.

    `digest` is the same for the same bytes, wherever they are. `union` says that there are named graphs; the default
    graph of a query is then all of them together. `base` is the base IRI of graphkit's ids, empty for other RDF.
    `path` is what was opened, `kept` the folder of its store in the cache, if it has one.
    """

    store: ox.Store
    digest: str
    union: bool
    base: str
    path: Path
    kept: Path | None = None

    def query(
        self,
        text: str,
        substitutions: Mapping[ox.Variable, ox.NamedNode | ox.Literal] | None = None,
        *,
        name: str = "query",
        service: bool = False,
    ) -> Results:
        """Return the engine's results of a query. Nothing is fetched, unless `service` allows SERVICE.

        Raises `QueryRefused` for an update and for SERVICE, `UsageError` for an unknown graph and for a query that
        the engine refuses; a syntax error begins with ``name:line:column``.

        >>> import graphkit
        >>> data = graphkit.open_data("exports")
        >>> bool(data.query("ASK { ?article <https://schema.org/headline> ?headline }"))
        True
        """
        found = self.examine(text, name=name, service=service)
        return self.evaluate(text, found, substitutions, name=name)

    def examine(
        self,
        text: str,
        *,
        graphs: Iterable[str] = (),
        name: str = "query",
        service: bool = False,
        may_die: bool = False,
    ) -> QueryAnalysis:
        """Analyse a query, and check that it uses only this data.

        `graphs` are the IRIs of graphs that it is asked of, besides its own FROM. Raises `QueryRefused` for an update,
        and for SERVICE unless `service` allows it, and `UsageError` for a graph that is not here and for nesting that
        would overflow the engine's stack; `may_die` says that this process may end with such a query.
        """
        found = analyse(text, base=self.base or vocabulary.DEFAULT_BASE)
        if found.form == "UPDATE":
            raise QueryRefused(f"{name}: expected a query, got an update: the data is only read")
        if found.depth > MAX_DEPTH:
            raise UsageError(f"{name}: expected at most {MAX_DEPTH} brackets in one another, got {found.depth:,}")
        base = self.base or vocabulary.DEFAULT_BASE
        if not may_die and operators(text) > MAX_OPERATORS and exhausts_stack(text, base):
            raise UsageError(f"{name}: expected a query that nests less, or with shorter chains of operators")
        if not service:
            _check_calls(text, base, name)
        for iri in (*found.graphs, *graphs):
            if iri is None or not self._has_graph(iri):
                graph = iri or "an IRI that cannot be resolved"
                raise UsageError(f"{name}: expected a graph of the data, got {graph}: nothing is fetched")
        return found

    def evaluate(
        self,
        text: str,
        found: QueryAnalysis,
        substitutions: Mapping[ox.Variable, ox.NamedNode | ox.Literal] | None = None,
        *,
        dataset: tuple[Iterable[str], Iterable[str]] | None = None,
        name: str = "query",
    ) -> Results:
        """Return the engine's results of a query that `examine` accepted.

        `dataset` holds the IRIs of the graphs that make up the default graph, and those of the named graphs; it
        replaces the query's own. Relative IRIs are resolved against the base of the data's ids.
        """
        default, named = dataset or (None, None)
        try:
            return self.store.query(
                text,
                base_iri=self.base or vocabulary.DEFAULT_BASE,
                use_default_graph_as_union=self.union and not found.graphs and dataset is None,
                default_graph=None if default is None else [ox.NamedNode(iri) for iri in default],
                named_graphs=None if named is None else [ox.NamedNode(iri) for iri in named],
                substitutions=dict(substitutions) if substitutions else None,
            )
        except SyntaxError as error:
            raise _malformed(text, error, name) from None
        except (RuntimeError, OSError, ValueError) as error:
            raise self.failure(error, name) from error

    def failure(self, error: Exception, name: str = "query") -> UsageError:
        """Return the error to raise for one that the engine raised during a query."""
        reason = " ".join(str(error).split())
        if "SELECT projection" in reason:
            variable = reason.partition("?")[2].partition(" ")[0]
            return UsageError(f"{name}: parameter {variable}: expected a variable that the query selects")
        if reason.startswith(_DAMAGE) and self.kept is not None:
            shutil.rmtree(self.kept, ignore_errors=True)
            return UsageError(f"{self.kept}: expected a whole store, got a damaged one; it is removed: ask again")
        if reason.startswith(_DAMAGE) and is_store_folder(self.path):
            return UsageError(f"{self.path}: expected a whole store, got a damaged one: {reason}")
        return UsageError(f"{name}: expected a query that can be evaluated, got: {reason}")

    def _has_graph(self, iri: str) -> bool:
        try:
            return self.store.contains_named_graph(ox.NamedNode(iri))
        except ValueError:
            return False


def _check_calls(text: str, base: str, name: str) -> None:
    """Raise `QueryRefused` for a query with SERVICE, and `UsageError` for one that is not well-formed without."""
    renamed = without_service(text)
    fault = None if renamed is None else _syntax_error(renamed, base)
    if fault is None:
        return
    if _syntax_error(with_graph(text), base) is None:
        raise QueryRefused(f"{name}: expected a query without SERVICE, which calls other machines")
    raise _malformed(text, fault, name)


def _syntax_error(text: str, base: str) -> SyntaxError | None:
    """Return what the engine's parser says of a query that has no SERVICE. It is asked of no data."""
    try:
        ox.Store().query(text, base_iri=base)
    except SyntaxError as error:
        return error
    except (RuntimeError, OSError, ValueError):
        return None
    return None


def _malformed(text: str, error: SyntaxError, name: str) -> UsageError:
    fault = syntax_fault(text, str(error))
    place = f"{name}:{fault.line}:{fault.column}" if fault.line else name
    return UsageError(f"{place}: {fault.message}")


def data_of(store: ox.Store, digest: str, path: Path, kept: Path | None = None) -> Data:
    """Return what a store holds as data. Raises `NothingReadable` where it is empty."""
    if next(iter(store), None) is None:  # len() would count them all
        raise NothingReadable(f"{path}: expected triples, got none; `graphkit build SOURCES` writes exports/")
    union = any(True for _ in store.named_graphs())
    spaces = store.query(
        f"SELECT ?b {{ ?s <{vocabulary.URI_SPACE}> ?b }} ORDER BY ?b LIMIT 1", use_default_graph_as_union=union
    )
    base = next((row["b"].value for row in spaces), "")  # type: ignore[union-attr]  # a SELECT gives solutions
    return Data(store, digest, union, base, path, kept)


def is_store_folder(path: Path) -> bool:
    """Return whether a folder is a store of Oxigraph."""
    return (path / "CURRENT").is_file() and any(path.glob("MANIFEST-*"))
