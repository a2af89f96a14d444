"""Lines of records: where the records of a build contain what a finding is about.

An export names the files that an article was derived from, not the lines. So those files are read again, by the readers
that a build uses, and searched for entries of the article; the line is that of the field, if the entry has it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import unquote

import pyoxigraph as ox

from graphkit.formats import parsing
from graphkit.identity.article_keys import article_id
from graphkit.identity.identity_file import identity_rules
from graphkit.identity.identity_rules import IdentityRules
from graphkit.merge.extraction import read_content
from graphkit.merge.mentions import Mention
from graphkit.rdf import vocabulary
from graphkit.rdf.properties import Form, uses_of
from graphkit.records.attributes import ARTICLE
from graphkit.sources.contents import read_bytes
from graphkit.sources.finding import find
from graphkit.sources.source_file import STDIN, SourceError, SourceFile
from graphkit.validation.data_graph import DataGraph, Node, Term
from graphkit.validation.findings import Finding, Place
from graphkit.validation.rdf_lines import shown_path

FIELDS = {
    **{
        iri: attribute.fields
        for iri, use in uses_of("article")
        for attribute in ARTICLE
        if attribute.name == use.attribute and attribute.fields
    },
    vocabulary.TYPE: ("type",),
    vocabulary.AMP_PAGE: ("ampWebUrl", "cdnAmpWebUrl"),
    vocabulary.CACHED_COPY: ("cdnAmpWebUrl", "ampWebUrl"),
    vocabulary.SAME_AS: ("originalUrl",),
    vocabulary.PUBLISHER: ("provider",),
    vocabulary.DISTRIBUTOR: ("provider",),
    vocabulary.PUBLISHER_LABEL: ("provider",),
    vocabulary.ABOUT: ("topics",),
    vocabulary.RELATED: ("related",),
}
"""The fields of a record that a property of an article is made from."""

_FACTS = {
    **{
        iri: use.attribute
        for iri, use in uses_of("article")
        if use.form in (Form.TEXT, Form.REPEATED_TEXT, Form.ADDRESS, Form.INTEGER, Form.MEDIA)
    },
    vocabulary.ALTERNATIVE_HEADLINE: "title",
}
"""The facts whose text is the value of the property."""


class RecordSearch:
    """Searches the records that a data graph was made from for the places of findings."""

    def __init__(self, data: DataGraph, records: Iterable[str | Path]) -> None:
        self.data = data
        records = tuple(records)
        self.files = {file.name: file for file in find(records).files if file.path != STDIN}
        self.rules = identity_rules(records)
        self.read_files: dict[str, _RecordFile | None] = {}

    def places(self, findings: Iterable[Finding]) -> dict[Finding, tuple[Place, ...]]:
        """Return the places of each finding: first in a record with the very value, then in others, by name."""
        findings = tuple(findings)
        subjects = self._subjects(findings)
        return {finding: self._places(finding, *subjects[finding.focus]) for finding in findings}

    def _subjects(self, findings: Iterable[Finding]) -> dict[str, tuple[Node | None, str]]:
        """Return for each focus node the article to look for, and the article's property that leads to the node."""
        found: dict[str, tuple[Node | None, str]] = {}
        waiting: set[Term] = set()
        for finding in findings:
            node = _node(finding.focus)
            if node is not None and vocabulary.DERIVED_FROM not in self.data.subjects.get(node, {}):
                waiting.add(node)
            found[finding.focus] = (node, "")
        if waiting:
            for subject, rows in self.data.subjects.items():
                if vocabulary.DERIVED_FROM not in rows:
                    continue
                for predicate in (
                    vocabulary.PUBLISHER,
                    vocabulary.DISTRIBUTOR,
                    vocabulary.ABOUT,
                    vocabulary.IMAGE,
                    vocabulary.RELATED,
                ):
                    for value in rows.get(predicate, ()):
                        if value in waiting:
                            known, _ = found[str(value)]
                            # The first by its IRI, whatever the order of the file.
                            if known == value or str(subject) < str(known):
                                found[str(value)] = (subject, predicate)
        return found

    def _places(self, finding: Finding, article: Node | None, property: str) -> tuple[Place, ...]:
        if article is None:
            return ()
        rows = self.data.subjects.get(article, {})
        names = [self._name(source) for source in rows.get(vocabulary.DERIVED_FROM, ())]
        if not names and any(_value(kind) == vocabulary.ENTITY for kind in rows.get(vocabulary.TYPE, ())):
            names = [self._name(article)]  # it is a source file itself
        property = property or finding.path.strip("<>")
        value = finding.value.strip('"') if finding.value.startswith('"') else ""
        if '"' in value:  # a datatype behind it
            value = value.rpartition('"')[0]
        found: list[tuple[bool, bool, Place]] = []
        for name in sorted(names):
            records = self._records(name)
            if records is None:
                file = self.files.get(name)
                found.append((True, True, Place(name if file is None else shown_path(file.path))))
                continue
            titles = {
                _value(title)
                for term in (vocabulary.HEADLINE, vocabulary.ALTERNATIVE_HEADLINE)
                for title in rows.get(term, ())
            }
            mentions = records.mentions(_value(article).removeprefix(self.data.base), titles)
            has_value = [
                bool(value) and property in _FACTS and str(getattr(one.facts, _FACTS[property])) == value
                for one in mentions
            ]
            places = records.places([one.pointer for one in mentions], FIELDS.get(property, ()))
            found += [
                (not has, bool(one.parent), place) for has, one, place in zip(has_value, mentions, places, strict=True)
            ]
            if not mentions:
                found.append((True, True, Place(records.shown)))
        return tuple(dict.fromkeys(place for _, _, place in sorted(found)))

    def _name(self, source: Term) -> str:
        """Return the name of a source file."""
        rows = self.data.subjects.get(source, {}) if isinstance(source, ox.NamedNode) else {}
        names = sorted(_value(label) for label in rows.get(vocabulary.LABEL, ()))
        return names[0] if names else unquote(_value(source).removeprefix(f"{self.data.base}source/"))

    def _records(self, name: str) -> _RecordFile | None:
        if name not in self.read_files:
            file = self.files.get(name)
            self.read_files[name] = _record_file(file, self.rules) if file is not None else None
        return self.read_files[name]


class _RecordFile:
    """A file of records, read again."""

    def __init__(self, file: SourceFile, data: bytes, rules: IdentityRules | None) -> None:
        self.shown = shown_path(file.path)
        self.format = file.format
        self.data = data
        self.by_id: dict[str, list[Mention]] = defaultdict(list)
        self.by_title: dict[str, list[Mention]] = defaultdict(list)
        for record in read_content(data, file.name, file.format, rules=rules).mentions:
            for mention in record:
                self.by_id[article_id(mention.facts.key)].append(mention)
                self.by_title[mention.facts.title].append(mention)

    def mentions(self, id: str, titles: Iterable[str]) -> list[Mention]:
        """Return the mentions of an article; an entry without URL is found by its title."""
        return self.by_id.get(id) or [one for title in sorted(titles) for one in self.by_title.get(title, ())]

    def places(self, pointers: Sequence[str], fields: Sequence[str]) -> list[Place]:
        """Return the places of the first of the fields that each record has, or of the record."""
        paths = [tuple(map(_step, pointer.split("/")[1:])) for pointer in pointers]
        wanted = [(*path, *field) for path in paths for field in ((), *((name,) for name in fields))]
        found = parsing.places(self.data, self.format, wanted)
        size = len(fields) + 1
        places = []
        for start in range(0, len(found), size):
            record, *others = found[start : start + size]
            line, column = next((place for place in others if place != record), record)
            places.append(Place(self.shown, line, column))
        return places


def _record_file(file: SourceFile, rules: IdentityRules | None) -> _RecordFile | None:
    try:
        return _RecordFile(file, read_bytes(file), rules)
    except SourceError:
        return None


def _step(token: str) -> str | int:
    return int(token) if token.isdigit() else token


def _node(text: str) -> ox.NamedNode | None:
    return ox.NamedNode(text[1:-1]) if text.startswith("<") else None


def _value(term: Term) -> str:
    return "" if isinstance(term, ox.Triple) else term.value
