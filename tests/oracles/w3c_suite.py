"""The W3C's SPARQL 1.1 test suites as plain cases, and what their Service Description tests ask."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pyoxigraph as ox
import rdflib
from paths import SHARED
from rdflib.collection import Collection
from rdflib.namespace import RDF, RDFS

SUITES = Path(os.environ.get("GRAPHKIT_W3C") or SHARED / "w3c/sparql/sparql11")
"""The folder of the suites; GRAPHKIT_W3C names another."""
ABSENT = "needs the shared W3C suites beside the repository"

MF = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
UT = rdflib.Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
HT = rdflib.Namespace("http://www.w3.org/2011/http#")
HTS = rdflib.Namespace("http://www.w3.org/2011/http-statusCodes#")
CNT = rdflib.Namespace("http://www.w3.org/2011/content#")


@dataclass(frozen=True)
class Exchange:
    """A request to the letter, and what its answer must be: `statuses` are first digits."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None
    statuses: frozenset[int]
    boolean: bool | None
    format: str


@dataclass(frozen=True)
class ProtocolCase:
    """A test of the protocol: the graphs it needs by their names, and its requests in order."""

    name: str
    graphs: tuple[tuple[str, Path], ...]
    exchanges: tuple[Exchange, ...]


@dataclass(frozen=True)
class ResultCase:
    """A test of a result format: the result of the query over the data is in the file."""

    name: str
    query: Path
    data: Path
    result: Path


def entries(suite: str) -> list[str]:
    """Return the names of a suite's tests, as its manifest lists them."""
    graph = _manifest(suite)
    return [_name(node) for node in _entries(graph)]


def protocol_cases() -> list[ProtocolCase]:
    """Return the tests of the protocol suite."""
    graph = _manifest("protocol")
    cases = []
    for node in _entries(graph):
        graphs = sorted(
            (str(graph.value(data, RDFS.label)), _file(graph.value(data, UT.graph)))
            for data in graph.objects(node, UT.graphData)
        )
        requests = _listed(graph, graph.value(graph.value(node, MF.action), HT.requests))
        cases.append(ProtocolCase(_name(node), tuple(graphs), tuple(_exchange(graph, one) for one in requests)))
    return cases


def result_cases(suite: str) -> list[ResultCase]:
    """Return the tests of a suite of result formats."""
    graph = _manifest(suite)
    cases = []
    for node in _entries(graph):
        action = graph.value(node, MF.action)
        files = (graph.value(action, QT.query), graph.value(action, QT.data), graph.value(node, MF.result))
        cases.append(ResultCase(_name(node), *map(_file, files)))
    return cases


def _manifest(suite: str) -> rdflib.Graph:
    file = SUITES / suite / "manifest.ttl"
    return rdflib.Graph().parse(file, format="turtle", publicID=file.as_uri())


def _entries(graph: rdflib.Graph) -> list[rdflib.term.Node]:
    (manifest,) = graph.subjects(RDF.type, MF.Manifest)
    return _listed(graph, graph.value(manifest, MF.entries))


def _listed(graph: rdflib.Graph, node: rdflib.term.Node | None) -> list[rdflib.term.Node]:
    return [] if node is None else list(Collection(graph, node))


def _name(node: rdflib.term.Node) -> str:
    return str(node).rpartition("#")[2]


def _file(node: rdflib.term.Node | None) -> Path:
    assert node is not None
    return Path(unquote(urlsplit(str(node)).path))


def _exchange(graph: rdflib.Graph, node: rdflib.term.Node) -> Exchange:
    fields = _listed(graph, graph.value(node, HT.headers))
    body = graph.value(node, HT.body)
    response = graph.value(node, HT.resp)
    boolean = graph.value(response, MF.expectedBoolean)
    return Exchange(
        method=str(graph.value(node, HT.methodName)),
        target=str(graph.value(node, HT.absolutePath)),
        headers=tuple((str(graph.value(one, HT.fieldName)), str(graph.value(one, HT.fieldValue))) for one in fields),
        body=None
        if body is None
        else str(graph.value(body, CNT.chars)).encode(str(graph.value(body, CNT.characterEncoding))),
        statuses=frozenset(
            int(str(status).removeprefix(str(HTS)).removeprefix("StatusCode")[0])
            for status in graph.objects(response, MF.expectedStatus)
        ),
        boolean=None if boolean is None else str(boolean) == "true",
        format=str(graph.value(response, MF.expectedFormat) or ""),
    )


# The terms of "SPARQL 1.1 Service Description" (W3C Recommendation, 21 March 2013), section 3.

SD = "http://www.w3.org/ns/sparql-service-description#"
FORMATS = "http://www.w3.org/ns/formats/"

SD_CLASSES = {
    **dict.fromkeys(("Service", "Feature", "Graph", "NamedGraph", "GraphCollection"), ""),
    **dict.fromkeys(("Language", "Function", "Aggregate", "EntailmentRegime", "EntailmentProfile"), "Feature"),
    "Dataset": "GraphCollection",
}
"""The classes, each with the one that holds it."""

SD_INSTANCES = {
    **dict.fromkeys(("SPARQL10Query", "SPARQL11Query", "SPARQL11Update"), "Language"),
    **dict.fromkeys(
        ("DereferencesURIs", "UnionDefaultGraph", "RequiresDataset", "EmptyGraphs", "BasicFederatedQuery"), "Feature"
    ),
}
"""The instances, each with its class."""

SD_PROPERTIES = {
    "endpoint": ("Service", "IRI"),
    "feature": ("Service", "Feature"),
    "defaultEntailmentRegime": ("Service", "EntailmentRegime"),
    "entailmentRegime": ("NamedGraph", "EntailmentRegime"),
    "defaultSupportedEntailmentProfile": ("Service", "EntailmentProfile"),
    "supportedEntailmentProfile": ("NamedGraph", "EntailmentProfile"),
    "extensionFunction": ("Service", "Function"),
    "extensionAggregate": ("Service", "Aggregate"),
    "languageExtension": ("Service", "Feature"),
    "supportedLanguage": ("Service", "Language"),
    "propertyFeature": ("Service", "Feature"),
    "defaultDataset": ("Service", "Dataset"),
    "availableGraphs": ("Service", "GraphCollection"),
    "resultFormat": ("Service", "Format"),
    "inputFormat": ("Service", "Format"),
    "defaultGraph": ("Dataset", "Graph"),
    "namedGraph": ("GraphCollection", "NamedGraph"),
    "name": ("NamedGraph", "IRI"),
    "graph": ("NamedGraph", "Graph"),
}
"""The properties, each with its domain and range; Format is a format of the W3C's list of them."""

W3C_FORMATS = frozenset(
    (
        *("JSON-LD", "N3", "N-Triples", "N-Quads", "LD_Patch", "microdata", "OWL_XML", "OWL_Functional"),
        *("OWL_Manchester", "POWDER", "POWDER-S", "PROV-N", "PROV-XML", "RDFa", "RDF_JSON", "RDF_XML", "RIF_XML"),
        *("SPARQL_Results_XML", "SPARQL_Results_JSON", "SPARQL_Results_CSV", "SPARQL_Results_TSV", "Turtle", "TriG"),
    )
)
"""The names in http://www.w3.org/ns/formats/ (Unique URIs for File Formats)."""


def schema_faults(triples: Iterable[ox.Triple]) -> list[str]:
    """Return where a service description departs from the schema: unknown terms, domains, ranges, what is missing.

    Every node must say its class itself, so that no reader needs to infer it.
    """
    said = [(str(one.subject), one.predicate.value, one.object) for one in triples]
    types: dict[str, set[str]] = {}
    faults = []
    for subject, predicate, value in said:
        if predicate == str(RDF.type) and isinstance(value, ox.NamedNode) and value.value.startswith(SD):
            name = value.value.removeprefix(SD)
            if name not in SD_CLASSES:
                faults.append(f"no class: sd:{name}")
            types.setdefault(subject, set()).update((name, SD_CLASSES.get(name, "")))
    properties: dict[str, list[str]] = {}
    for subject, predicate, value in said:
        if not predicate.startswith(SD):
            continue
        name = predicate.removeprefix(SD)
        properties.setdefault(subject, []).append(name)
        if name not in SD_PROPERTIES:
            faults.append(f"no property: sd:{name}")
            continue
        domain, range_ = SD_PROPERTIES[name]
        if domain not in types.get(subject, ()):
            faults.append(f"sd:{name}: {subject} is no sd:{domain}")
        if not _in_range(value, range_, types):
            faults.append(f"sd:{name}: {value} is no sd:{range_}")
    faults += [
        f"{subject} has {properties.get(subject, []).count(needed)} sd:{needed}"
        for subject, classes in types.items()
        for class_, needed in (("Service", "endpoint"), ("NamedGraph", "name"))
        if class_ in classes and properties.get(subject, []).count(needed) != 1
    ]
    if not any("Service" in classes for classes in types.values()):
        faults.append("no sd:Service")
    return faults


def _in_range(value: object, range_: str, types: dict[str, set[str]]) -> bool:
    if range_ == "IRI":
        return isinstance(value, ox.NamedNode)
    if range_ == "Format":
        return (
            isinstance(value, ox.NamedNode)
            and value.value.startswith(FORMATS)
            and value.value.removeprefix(FORMATS) in W3C_FORMATS
        )
    if isinstance(value, ox.NamedNode) and value.value.startswith(SD):
        known = SD_INSTANCES.get(value.value.removeprefix(SD), "")
        return range_ in (known, SD_CLASSES.get(known, ""))
    return range_ in types.get(str(value), ())
