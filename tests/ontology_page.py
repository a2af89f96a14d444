"""The page about the vocabulary, docs/ontology.html, made from the ontology and the shapes.

``make docs`` writes it; a test holds the file against it. It asks the network for nothing and runs no script.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable
from html import escape
from itertools import groupby
from pathlib import Path

import pyoxigraph as ox

from graphkit.page.palette import coloured
from graphkit.rdf import vocabulary
from graphkit.rdf.ontology import ontology, shapes
from graphkit.validation.shapes import Shape, all_of, bundled

STYLE = Path(__file__).with_name("ontology_page.css")

GK = vocabulary.GK
OWL = "http://www.w3.org/2002/07/owl#"
RDFS = vocabulary.RDFS
SKOS = vocabulary.SKOS
FOREIGN = {
    "http://iptc.org/std/rNews/2011-10-07#": "rNews",
    "http://purl.org/ontology/storyline/": "BBC storyline",
    "http://www.wikidata.org/": "Wikidata",
}
KINDS = {
    f"{OWL}Class": "class",
    f"{OWL}ObjectProperty": "leads to a node",
    f"{OWL}DatatypeProperty": "leads to a value",
    f"{OWL}FunctionalProperty": "at most one",
    f"{OWL}IrreflexiveProperty": "never to itself",
    f"{OWL}NamedIndividual": "one of a class",
}
WORDS = {
    f"{RDFS}domain": "said of",
    f"{RDFS}range": "value",
    f"{RDFS}subPropertyOf": "a kind of",
    f"{RDFS}seeAlso": "see also",
    f"{OWL}differentFrom": "not the same as",
}
Rows = dict[str, list[str]]


def main() -> None:
    """Print the page."""
    sys.stdout.write(page())


def page() -> str:
    """Return the whole page."""
    prefixes = _prefixes(ontology())
    said = _said(ontology())
    names = {iri: rows[f"{RDFS}label"][0] for iri, rows in said.items() if f"{RDFS}label" in rows}
    link = _linker(prefixes, names)
    about = said[GK]
    groups = list(_groups(ontology()))
    terms = [iri for _, group in groups for iri in group]
    title = about[f"{vocabulary.DCTERMS}title"][0]
    contents = [
        *((_anchor(heading), heading, [(_local(iri), names[iri]) for iri in group]) for heading, group in groups),
        ("export", "What an export says", [(_local(shape.iri), _label(shape)) for shape in _kinds()]),
        ("alignments", "Other vocabularies", []),
    ]
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            f"<title>{escape(title)}</title>",
            f"<style>\n{coloured(STYLE.read_text('utf-8'))}</style>",
            "</head>",
            "<body>",
            '<a class="skip" href="#content">To the text</a>',
            _navigation(title, contents),
            '<main id="content">',
            _head(about, terms),
            _picture(),
            *(_section(heading, (_term(iri, said[iri], link) for iri in group)) for heading, group in groups),
            _export(link),
            _alignments(said, names, link),
            (
                "<footer>Made by <code>make docs</code> from <code>graphkit/rdf/ontology/graphkit.ttl</code> and "
                "<code>shapes.ttl</code>.</footer>"
            ),
            "</main>",
            "</body>",
            "</html>",
            "",
        ]
    )


def _said(turtle: str) -> dict[str, Rows]:
    """Return what is said of each named subject, objects in the order of the file."""
    found: dict[str, Rows] = defaultdict(lambda: defaultdict(list))
    for subject, predicate, value, _ in ox.parse(turtle, ox.RdfFormat.TURTLE):
        if isinstance(subject, ox.NamedNode) and not isinstance(value, ox.Triple):
            found[subject.value][predicate.value].append(value.value)
    return found


def _groups(turtle: str) -> Iterable[tuple[str, list[str]]]:
    """Yield the headings of the file, each with the terms of ours that stand below it."""
    heading = ""
    lines = []
    for line in turtle.splitlines():
        if match := re.fullmatch(r"# ([^.]+)", line):
            heading = match[1]
        elif match := re.match(r"gk:(\w+) a ", line):
            lines.append((heading, GK + match[1]))
    for name, group in groupby(lines, key=lambda pair: pair[0]):
        yield name, [iri for _, iri in group]


def _prefixes(turtle: str) -> dict[str, str]:
    return {space: name for name, space in re.findall(r"@prefix (\w+): <([^>]*)>", turtle)} | {
        space: name for name, space in vocabulary.PREFIXES.items()
    }


Link = Callable[[str], str]


def _linker(prefixes: dict[str, str], names: dict[str, str]) -> Link:
    spaces = sorted(prefixes, key=len, reverse=True)

    def link(iri: str) -> str:
        space = next((space for space in spaces if iri.startswith(space)), "")
        text = f"{prefixes[space]}:{iri.removeprefix(space)}" if space else iri
        target = f"#{iri.removeprefix(GK)}" if iri.startswith(GK) and iri in names else iri
        name = names.get(iri, "")
        label = f" <small>{escape(name)}</small>" if name and not iri.startswith(GK) and not iri.endswith(name) else ""
        return f'<a href="{escape(target)}"><code>{escape(text)}</code></a>{label}'

    return link


def _local(iri: str) -> str:
    return iri.rpartition("#")[2]


def _anchor(heading: str) -> str:
    return re.sub(r"[^a-z]+", "-", heading.lower()).strip("-")


def _label(shape: Shape) -> str:
    return _said(shapes())[shape.iri][f"{RDFS}label"][0]


def _navigation(title: str, contents: Iterable[tuple[str, str, list[tuple[str, str]]]]) -> str:
    parts = [f'<nav aria-label="Contents">\n<a class="home" href="#">{escape(title)}</a>\n<ul>']
    for anchor, heading, items in contents:
        below = "".join(f'<li><a href="#{escape(name)}">{escape(label)}</a></li>' for name, label in items)
        parts.append(f'<li><a href="#{anchor}">{escape(heading)}</a>{f"<ul>{below}</ul>" if below else ""}</li>')
    return "\n".join([*parts, "</ul>", "</nav>"])


def _head(about: Rows, terms: list[str]) -> str:
    facts = {
        "Namespace": f"<code>{escape(about['http://purl.org/vocab/vann/preferredNamespaceUri'][0])}</code>",
        "Prefix": f"<code>{escape(about['http://purl.org/vocab/vann/preferredNamespacePrefix'][0])}:</code>",
        "Version": escape(about[f"{OWL}versionInfo"][0]),
        "Licence": f'<a href="{escape(about[f"{vocabulary.DCTERMS}license"][0])}">MIT</a>',
        "Terms": str(len(terms)),
    }
    rows = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts.items())
    return (
        f'<header>\n<p class="kind">Vocabulary</p>\n<h1>{escape(about[f"{vocabulary.DCTERMS}title"][0])}</h1>\n'
        f'<p class="lead">{escape(about[f"{vocabulary.DCTERMS}description"][0])}</p>\n<dl class="facts">{rows}</dl>\n</header>'
    )


def _section(heading: str, terms: Iterable[str]) -> str:
    return "\n".join([f'<section id="{_anchor(heading)}">', f"<h2>{escape(heading)}</h2>", *terms, "</section>"])


def _term(iri: str, rows: Rows, link: Link) -> str:
    kinds = [KINDS[kind] for kind in rows[vocabulary.TYPE] if kind in KINDS]
    badges = "".join(f"<li>{escape(kind)}</li>" for kind in kinds)
    facts = [
        (word, " , ".join(link(value) for value in rows[predicate]))
        for predicate, word in WORDS.items()
        if rows.get(predicate)
    ]
    facts += [("a", link(kind)) for kind in rows[vocabulary.TYPE] if kind.startswith(GK)]
    listed = "".join(f"<div><dt>{word}</dt><dd>{value}</dd></div>" for word, value in facts)
    examples = "".join(f"<pre><code>{escape(text)}</code></pre>" for text in rows.get(f"{SKOS}example", ()))
    return (
        f'<article id="{_local(iri)}">\n'
        f'<h3><a href="#{_local(iri)}"><code>gk:{_local(iri)}</code></a> {escape(rows[f"{RDFS}label"][0])}</h3>\n'
        f'<ul class="kinds">{badges}</ul>\n<p>{escape(rows[f"{RDFS}comment"][0])}</p>\n'
        f"{f'<dl>{listed}</dl>' if listed else ''}{examples}\n</article>"
    )


def _export(link: Link) -> str:
    """Return the tables of what an export says of each kind of node, by the shapes' own words."""
    parts = [
        (
            '<section id="export">\n<h2>What an export says</h2>\n<p>Every node is of one of these kinds, and no property '
            "stands at it that is not listed here. The rules are SHACL shapes; <code>graphkit validate</code> holds any RDF "
            "against them.</p>"
        )
    ]
    for shape in _kinds():
        name = _local(shape.iri)
        targets = " , ".join(link(target) for target in shape.targets)
        parts.append(
            f'<article id="{name}">\n<h3>{escape(_label(shape))}{f" <small>{targets}</small>" if targets else ""}</h3>'
        )
        rows = sorted(shape.properties, key=_order)
        body = "".join(f"<tr><td>{_path(one, link)}</td><td>{_words(one.message)}</td></tr>" for one in rows)
        parts.append(
            f'<div class="wide"><table>\n<thead><tr><th scope="col">property</th><th scope="col">rule</th></tr></thead>\n'
            f"<tbody>{body}</tbody>\n</table></div>\n</article>"
        )
    return "\n".join([*parts, "</section>"])


def _kinds() -> list[Shape]:
    """Return the shapes of nodes in the order of the file."""
    inner = {shape.iri: shape for one in bundled() for prop in one.properties for shape in prop.nodes}
    return sorted([*bundled(), *inner.values()], key=_order)


def _order(shape: Shape) -> int:
    return shapes().index(f"\ngksh:{_local(shape.iri)} a ")


def _path(shape: Shape, link: Link) -> str:
    way = shape.path
    assert way is not None
    if way.kind == "*":
        return "<em>the node itself</em>"
    return " or ".join(map(link, way.predicates))


def _words(message: str) -> str:
    """Return a rule with the terms in it set as code."""
    return re.sub(r"\b([a-z]+:[A-Za-z]+)", r"<code>\1</code>", escape(message))


def _alignments(said: dict[str, Rows], names: dict[str, str], link: Link) -> str:
    rows = []
    for iri in sorted(said):
        whose = next((name for space, name in FOREIGN.items() if iri.startswith(space)), "")
        if not whose:
            continue
        for predicate, words in ((f"{RDFS}subClassOf", "is a kind of"), (f"{RDFS}subPropertyOf", "is a kind of")):
            rows += [(whose, iri, words, other) for other in said[iri].get(predicate, ())]
        rows += [(whose, iri, "is near", near) for near in sorted(said) if iri in said[near].get(f"{RDFS}seeAlso", ())]
    body = "".join(
        f"<tr><td>{escape(whose)}</td><td>{link(theirs)}</td><td>{words}</td><td>{link(ours)}</td></tr>"
        for whose, theirs, words, ours in rows
    )
    return (
        '<section id="alignments">\n<h2>Other vocabularies</h2>\n<p>Terms of others stand below those that exports use, '
        "so that whoever asks for ours finds theirs too. For rNews this is the IPTC’s own alignment with schema.org, for "
        "Wikidata what its properties state as their equivalent property. A term that is only near is seen also. Nothing "
        'of the BBC’s storyline ontology is the same: an article tells of a storyline, but is none.</p>\n<div class="wide">'
        '<table>\n<thead><tr><th scope="col">whose</th><th scope="col">theirs</th><th scope="col">how</th>'
        f'<th scope="col">ours</th></tr></thead>\n<tbody>{body}</tbody>\n</table></div>\n</section>'
    )


def _picture() -> str:
    """Return the kinds of nodes and what leads from one to another, as a drawing."""
    boxes = {
        "Article": (330, 110, "schema:NewsArticle …"),
        "Organization": (60, 20, "schema:Organization"),
        "Concept": (60, 200, "skos:Concept"),
        "ImageObject": (600, 20, "schema:ImageObject"),
        "Source": (600, 200, "prov:Entity"),
    }
    width, height = 200, 60
    parts = [
        '<figure>\n<svg viewBox="0 0 860 290" role="group" aria-labelledby="picture">',
        (
            '<title id="picture">An article has publishers and distributors, topics, images, source files and related '
            "coverage.</title>"
        ),
        (
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
            '<path d="M0 0 8 4 0 8z"/></marker></defs>'
        ),
    ]
    lines = (
        ("M330 130 C 295 118 290 70 262 54", 282, 112, "end", "schema:publisher, provider"),
        ("M330 150 C 295 165 290 215 262 228", 282, 178, "end", "schema:about"),
        ("M530 130 C 565 118 570 70 598 54", 578, 112, "start", "schema:image"),
        ("M530 150 C 565 165 570 215 598 228", 578, 178, "start", "prov:wasDerivedFrom"),
        ("M400 172 C 380 225 480 225 460 173", 430, 232, "middle", "gk:relatedCoverage"),
        ("M130 262 C 110 292 210 292 190 263", 214, 284, "start", "skos:broader"),
    )
    for path, x, y, anchor, text in lines:
        parts.append(f'<path class="line" d="{path}" marker-end="url(#tip)"/>')
        parts.append(f'<text class="on" x="{x}" y="{y}" text-anchor="{anchor}">{text}</text>')
    for name, (x, y, text) in boxes.items():
        label = _label(all_of(bundled())[f"https://w3id.org/graphkit/shapes#{name}"])
        parts.append(
            f'<a href="#{name}"><rect x="{x}" y="{y}" width="{width}" height="{height}" rx="8"/>'
            f'<text class="name" x="{x + width // 2}" y="{y + 26}" text-anchor="middle">{label}</text>'
            f'<text class="iri" x="{x + width // 2}" y="{y + 45}" text-anchor="middle">{text}</text></a>'
        )
    return "\n".join([*parts, "</svg>", "</figure>"])


if __name__ == "__main__":
    main()
