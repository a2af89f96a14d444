"""Reports: findings as SHACL Turtle, as SARIF 2.1.0 and as annotations of GitHub."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from itertools import chain
from urllib.parse import quote

from graphkit.diagnostics.quoting import for_terminal, quoted
from graphkit.files.atomic import json_text
from graphkit.rdf import vocabulary
from graphkit.validation.findings import SH, Finding, Place
from graphkit.validation.shapes import Shape, all_of

_LEVELS = {f"{SH}Violation": "error", f"{SH}Warning": "warning"}
_IRI = re.compile(r"<([^>]*)>")
_LITERAL = re.compile(r'"(?P<text>(?:[^"\\]|\\.)*)"(?:@(?P<tag>.*)|\^\^<(?P<kind>.*)>)?', re.DOTALL)


def sentence(finding: Finding, base: str = "") -> str:
    """Return a finding in one line: the rule, then what violates it.

    >>> sentence(Finding("<urn:a>", "urn:s#A", "MaxCount", "<https://schema.org/headline>", message="One headline."))
    'One headline. Here: <urn:a> schema:headline'
    """
    return f"{finding.message} Here: {statement(finding, base)}"


def statement(finding: Finding, base: str = "") -> str:
    """Return the node, the property and the value that violate a rule, shortened and safe for a terminal."""
    return " ".join(filter(None, (short(finding.focus, base), short(finding.path, base), short(finding.value, base))))


def short(term: str, base: str = "") -> str:
    """Return a term for a person to read: an id without its base, a prefixed name, a text cut to 60 characters."""
    iri = _IRI.fullmatch(term)
    if iri is not None:
        if base and iri[1].startswith(base) and iri[1] != base:
            return for_terminal(iri[1].removeprefix(base))
        compact = vocabulary.compact(iri[1])
        return for_terminal(term if compact == iri[1] else compact)
    literal = _LITERAL.fullmatch(term)
    if literal is None:
        return for_terminal(_IRI.sub(lambda match: short(match[0], base), term))
    kind = literal["kind"] or ""
    text = quoted(_unescaped(literal["text"]))
    if kind == f"{vocabulary.XSD}integer":
        text = text.strip("'")
    elif kind:
        text += f"^^{vocabulary.compact(kind)}"
    return for_terminal(f"{text}@{literal['tag']}" if literal["tag"] else text)


_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f"}


def _unescaped(text: str) -> str:
    r"""Return the text of a literal in N-Triples, unescaped.

    >>> _unescaped(r"a\"b\u00e9\n")
    'a"bé\n'
    """
    return re.sub(
        r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))",
        lambda match: chr(int(match[1] or match[2], 16)) if not match[3] else _ESCAPES.get(match[3], match[3]),
        text,
    )


def turtle(findings: Iterable[Finding]) -> str:
    """Return a SHACL validation report, with the places under ``dc:source``: SHACL has no property for them."""
    findings = tuple(findings)
    head = f"@prefix dc: <http://purl.org/dc/elements/1.1/> .\n@prefix sh: <{SH}> .\n\n[] a sh:ValidationReport ;\n"
    if not findings:
        return f"{head}    sh:conforms true .\n"
    results = " , ".join(_result(finding) for finding in findings)
    return f"{head}    sh:conforms false ;\n    sh:result {results} .\n"


def _result(finding: Finding) -> str:
    places = (str(place) for place in (*finding.sources, finding.at) if place.file)
    rows = [
        "a sh:ValidationResult",
        f"sh:focusNode {finding.focus}",
        f"sh:resultPath {finding.path}" if finding.path else "",
        f"sh:value {finding.value}" if finding.value else "",
        f"sh:resultMessage {_text(finding.message)}",
        f"sh:resultSeverity <{finding.severity}>",
        f"sh:sourceConstraintComponent <{finding.component}>",
        f"sh:sourceShape <{finding.shape}>",
        *(f"dc:source {_text(place)}" for place in places),
    ]
    return "[\n        " + " ;\n        ".join(filter(None, rows)) + "\n    ]"


def _text(text: str) -> str:
    import pyoxigraph as ox

    return str(ox.Literal(text))


def sarif(findings: Iterable[Finding], shapes: tuple[Shape, ...], base: str = "", *, version: str) -> str:
    """Return a log of SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/): a rule for each shape.

    `version` is that of graphkit.
    """
    rules = sorted(all_of(shapes).values(), key=lambda shape: shape.iri)
    index = {shape.iri: number for number, shape in enumerate(rules)}
    run = {
        "tool": {
            "driver": {
                "name": "graphkit",
                "semanticVersion": version,
                "rules": [
                    {
                        "id": shape.iri.rpartition("#")[2],
                        "shortDescription": {"text": shape.message},
                        "fullDescription": {"text": shape.message},  # GitHub wants all three
                        "help": {"text": f"{shape.message} The shape is {shape.iri}."},
                        "helpUri": shape.iri,
                    }
                    for shape in rules
                ],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [_sarif_result(finding, index[finding.shape], base) for finding in findings],
    }
    schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
    return json_text({"$schema": schema, "version": "2.1.0", "runs": [run]})


def _sarif_result(finding: Finding, rule: int, base: str) -> dict[str, object]:
    places = _found_places(finding)
    node = {"name": short(finding.focus, base), "fullyQualifiedName": finding.focus.strip("<>"), "kind": "resource"}
    location: dict[str, object] = {"logicalLocations": [node]}
    if places:
        location["physicalLocation"] = _physical(places[0])
    # Without the place: a finding stays the same when its line moves.
    mark = f"{finding.focus}\n{finding.shape}\n{finding.constraint}\n{finding.path}\n{finding.value}"
    result: dict[str, object] = {
        "ruleId": finding.rule,
        "ruleIndex": rule,
        "level": _LEVELS.get(finding.severity, "note"),
        "message": {"text": sentence(finding, base)},
        "locations": [location],
        "partialFingerprints": {"finding/v1": hashlib.sha256(mark.encode()).hexdigest()[:32]},
        "properties": {"constraint": finding.component, "focusNode": finding.focus}
        | ({"resultPath": finding.path} if finding.path else {})
        | ({"value": finding.value} if finding.value else {}),
    }
    if places[1:]:
        result["relatedLocations"] = [
            {"id": number, "physicalLocation": _physical(place), "message": {"text": words}}
            for number, (place, words) in enumerate(zip(places[1:], _words(finding, places[1:]), strict=True), 1)
        ]
    return result


def _found_places(finding: Finding) -> list[Place]:
    """Return the places of a finding, the best first: a line of a record, or else a line of the RDF."""
    places = list(dict.fromkeys(place for place in (*finding.sources, finding.at) if place.file))
    return sorted(places, key=lambda place: not place.line)


def _words(finding: Finding, places: Iterable[Place]) -> Iterable[str]:
    return ("said here" if place == finding.at else "made from this" for place in places)


def _physical(place: Place) -> dict[str, object]:
    uri = quote(place.file, safe="/-._~!$&'()*+,;=:@")
    if place.file.startswith("/"):
        uri = f"file://{uri}"
    elif ":" in place.file.partition("/")[0]:
        uri = f"./{uri}"  # or its first part would be a scheme
    region = {"startLine": place.line} | ({"startColumn": place.column} if place.column else {})
    return {"artifactLocation": {"uri": uri}} | ({"region": region} if place.line else {})


def github(findings: Iterable[Finding], base: str = "") -> str:
    """Return workflow commands that GitHub shows as annotations beside the lines.

    >>> print(github([Finding("<urn:a>", "urn:s#A", "Class", message="50% of it", at=Place("a,b.ttl", 3))]), end="")
    ::error file=a%2Cb.ttl,line=3,title=A::50%25 of it Here: <urn:a>
    """
    return "".join(chain.from_iterable(_annotation(finding, base) for finding in findings))


def _annotation(finding: Finding, base: str) -> Iterable[str]:
    level = {"error": "error", "warning": "warning"}.get(_LEVELS.get(finding.severity, ""), "notice")
    places = _found_places(finding)
    options = {"title": finding.rule}
    if places:
        first = places[0]
        where = {"file": first.file, "line": first.line, "col": first.column}
        options = {name: str(value) for name, value in where.items() if value} | options
    listed = ",".join(f"{name}={_property(value)}" for name, value in options.items())
    also = "".join(f"; also {place}" for place in places[1:4]) + (" …" if places[4:] else "")
    yield f"::{level} {listed}::{_data(sentence(finding, base) + also)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
