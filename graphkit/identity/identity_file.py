"""The identity file: finds and reads identity.toml, in which people correct who published what and what is the same.

It lies beside the records or is named by `--identity`. All its faults are gathered and reported together; a file with a
fault ends the command, as half of what somebody decided is not what they decided.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.errors import IdentityFileError
from graphkit.files.patterns import is_pattern, split_pattern
from graphkit.identity.folding import fold
from graphkit.identity.identity_rules import IdentityRules, page_key, parameters_text, provider_named
from graphkit.identity.provider_refs import ProviderRef
from graphkit.sources.source_file import STDIN
from graphkit.urls.domains import host_of

IDENTITY = "identity.toml"
_LARGEST = 4 << 20
_SHOWN = 50
_TABLES = ("same_provider", "different", "labels", "parameters")


def identity_paths(sources: Iterable[str | Path], explicit: str | Path | None = None) -> list[str]:
    """Return where the identity files are, if there are any: the file `explicit`, or else those beside the sources."""
    return [os.fspath(explicit)] if explicit is not None else beside(sources)


def identity_rules(sources: Iterable[str | Path], explicit: str | Path | None = None) -> IdentityRules | None:
    """Return the rules of the identity files, None where there is none.

    Raises `IdentityFileError` with all faults of the files.
    """
    paths = identity_paths(sources, explicit)
    existing = [path for path in paths if explicit is not None or os.path.lexists(path)]
    return rules_of([_read(path, inside=explicit is None) for path in existing]) if existing else None


def beside(sources: Iterable[str | Path]) -> list[str]:
    """Return where the identity files of some sources are if there are any: in the folders that a person named."""
    paths: dict[str, str] = {}
    for source in (os.fspath(source) for source in sources):
        if source != STDIN:
            path = Path(split_pattern(source)[0] if is_pattern(source) else source)
            if not is_pattern(source) and not path.is_dir():
                path = path.parent
            paths.setdefault(os.path.realpath(path / IDENTITY), str(path / IDENTITY))
    return [paths[real] for real in sorted(paths)]


class IdentityFile(NamedTuple):
    """The text of an identity file, and where it lies."""

    path: str
    text: str


def _read(path: str, *, inside: bool) -> IdentityFile:
    """Read a file; one that was not named itself must be in its folder and no link that leads out of it."""
    file = Path(path)
    try:
        if not file.is_file():
            fault = "a folder or a device" if file.exists() else "nothing"
        elif inside and not file.resolve().is_relative_to(file.parent.resolve()):
            fault = "a link that leads out of its folder; name the file with --identity"
        elif file.stat().st_size > _LARGEST:
            fault = f"more than {_LARGEST >> 20} MiB"
        else:
            return IdentityFile(path, file.read_text("utf-8-sig"))
    except OSError as error:
        fault = (error.strerror or "an error").lower()
    except UnicodeDecodeError:
        fault = "text that is not UTF-8"
    raise _error([Diagnostic(path, 0, 0, "", "GK401", "a readable TOML file", fault)])


def _error(faults: Iterable[Diagnostic]) -> IdentityFileError:
    lines = list(map(str, sorted(set(faults))))
    more = [f"and {len(lines) - _SHOWN:,} more"] if len(lines) > _SHOWN else []
    return IdentityFileError("\n".join([*lines[:_SHOWN], *more]))


def rules_of(files: Iterable[IdentityFile]) -> IdentityRules:
    """Return the rules of identity files together. Raises `IdentityFileError` with all their faults.

    >>> rules_of([IdentityFile("identity.toml", 'labels = {"The Star on MSN.com" = "thestar.com"}')]).texts
    ('labels: The Star on MSN.com: provider/thestar.com',)
    """
    reading = _Reading()
    for file in files:
        _FileReading(file, reading).read()
    reading.check_contradictions()
    if reading.faults:
        raise _error(reading.faults)
    return reading.rules()


class _Place(NamedTuple):
    """Where a rule is: its file, line and field."""

    path: str
    line: int
    field: str

    def fault(self, code: str, expected: str, got: str) -> Diagnostic:
        return Diagnostic(self.path, self.line, 1 if self.line else 0, self.field, code, expected, got)


class _Reading:
    """What was read so far: rules, each with its place, and faults."""

    def __init__(self) -> None:
        self.faults: list[Diagnostic] = []
        self.texts: set[str] = set()
        self.same: dict[str, tuple[str, str, _Place]] = {}
        self.kept: dict[str, tuple[str, str]] = {}
        self.apart: dict[str, tuple[list[str], _Place]] = {}
        self.sites: dict[str, str] = {}
        self.pages: dict[str, str] = {}
        self.labels: dict[str, tuple[ProviderRef, str]] = {}
        self.parameters: dict[str, set[str]] = {}

    def add_same(self, refs: list[ProviderRef], place: _Place) -> None:
        kept = refs[0]
        text = f"same_provider: {', '.join(ref.id for ref in refs)}"
        self.texts.add(text)
        self.kept[kept.id] = (kept.domain, kept.platform)
        for ref in refs:
            known = self.same.setdefault(ref.id, (kept.id, text, place))
            if known[1] != text:
                got = f"{ref.id}, which is also in the entry in line {known[2].line} of {known[2].path}"
                self.faults.append(place.fault("GK404", "a provider in one entry; join the entries", got))

    def add_apart(self, refs: list[ProviderRef], hosts: list[str], place: _Place) -> None:
        # Hosts of one domain are providers by themselves from now on.
        numbers = Counter(ref.id for ref in refs)
        sites = []
        for number, (ref, host) in enumerate(zip(refs, hosts, strict=True)):
            if numbers[ref.id] > 1 and host and host != ref.domain:
                refs[number] = ProviderRef(f"provider/{host}", "", host)
                sites.append(host)
        ids = sorted({ref.id for ref in refs})
        if len(ids) < len(refs):
            self.faults.append(place.fault("GK404", "different providers", f"{refs[0].id} more than once"))
            return
        text = f"different: {', '.join(ids)}"
        self.texts.add(text)
        self.sites |= dict.fromkeys(sites, text)
        self.apart[text] = (ids, place)

    def add_pages(self, addresses: list[str], place: _Place) -> None:
        keys = {page_key(address): address for address in addresses}
        if len(keys) < len(addresses):
            self.faults.append(place.fault("GK404", "addresses of different pages", "one of them twice"))
            return
        text = f"different: {', '.join(sorted(keys.values()))}"
        self.texts.add(text)
        self.pages |= dict.fromkeys(keys, text)

    def add_label(self, label: str, ref: ProviderRef, place: _Place) -> None:
        text = f"labels: {label}: {ref.id}"
        known = self.labels.setdefault(fold(label), (ref, text))
        if known[0].id != ref.id:
            self.faults.append(place.fault("GK404", f"one provider for a label, as before {known[0].id}", ref.id))
        self.texts.add(known[1])

    def check_contradictions(self) -> None:
        for ids, place in self.apart.values():
            by_kept: dict[str, str] = {}
            for one in ids:
                kept, _, other_place = self.same.get(one, (one, "", place))
                other = by_kept.setdefault(kept, one)
                if other != one:
                    line = (other_place if one in self.same else self.same[other][2]).line
                    got = f"{other} and {one}, which same_provider in line {line} says are one; remove one of the two"
                    self.faults.append(place.fault("GK404", "providers that no other entry joins", got))

    def rules(self) -> IdentityRules:
        parameters = tuple((host, tuple(sorted(names))) for host, names in sorted(self.parameters.items()))
        apart: dict[str, set[str]] = defaultdict(set)
        for text, (ids, _) in self.apart.items():
            for one in ids:
                apart[one].add(text)
                if one in self.same:
                    apart[self.same[one][0]].add(text)
        return IdentityRules(
            tuple(sorted({*self.texts, *(parameters_text(*one) for one in parameters)})),
            {one: (kept, text) for one, (kept, text, _) in sorted(self.same.items())},
            dict(sorted(self.kept.items())),
            {one: tuple(sorted(texts)) for one, texts in sorted(apart.items())},
            dict(sorted(self.sites.items())),
            dict(sorted(self.pages.items())),
            dict(sorted(self.labels.items())),
            parameters,
        )


class _FileReading:
    """The reading of one file into what was read so far."""

    def __init__(self, file: IdentityFile, reading: _Reading) -> None:
        self.file = file
        self.reading = reading
        self.headers: dict[str, list[int]] = {}
        self.keys: dict[tuple[str, str], int] = {}

    def read(self) -> None:
        try:
            data = tomllib.loads(self.file.text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            at = _AT.search(str(error))
            place = _Place(self.file.path, int(at[1] or len(self.file.text.splitlines())) if at else 0, "")
            self.fault(place, "GK401", "TOML", _AT.sub("", str(error)) or "nesting that is too deep")
            return
        self.find_lines()
        for name, value in data.items():
            place = self.place(name)
            if name not in _TABLES:
                self.fault(place, "GK402", f"one of the tables {', '.join(_TABLES)}", "another name")
            elif name in ("labels", "parameters"):
                self.read_table(name, value, place)
            else:
                self.read_entries(name, value, place)

    def fault(self, place: _Place, code: str, expected: str, got: str) -> None:
        self.reading.faults.append(place.fault(code, expected, got))

    def place(self, table: str, key: str = "") -> _Place:
        """Return the place of a table, or of a key in it."""
        header = self.headers.get(table, [self.keys.get(("", table), 0)])[0]
        line = self.keys.get((table, key), header) if key else header
        return _Place(self.file.path, line, f"{table}.{key}" if key else table)

    def entry_place(self, table: str, number: int) -> _Place:
        """Return the place of the entry of a table with this number."""
        headers = self.headers.get(table, ())
        line = headers[number] if number < len(headers) else self.place(table).line
        return _Place(self.file.path, line, f"{table}[{number}]")

    def find_lines(self) -> None:
        """Find the lines of tables and keys, as TOML's reader gives none."""
        table = ""
        for number, line in enumerate(self.file.text.splitlines(), 1):
            header = _HEADER.match(line)
            if header is not None:
                table = header[1]
                self.headers.setdefault(table, []).append(number)
            elif (key := _KEY.match(line)) is not None:
                self.keys.setdefault((table, key[1] or key[2] or key[3] or ""), number)

    def read_entries(self, table: str, value: Any, place: _Place) -> None:
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            self.fault(place, "GK403", f"entries, each under [[{table}]]", _shown(value))
            return
        allowed = ("providers",) if table == "same_provider" else ("providers", "articles")
        for number, entry in enumerate(value):
            here = self.entry_place(table, number)
            wrong = [name for name in entry if name not in allowed]
            if wrong:
                self.fault(here, "GK402", " or ".join(allowed), wrong[0])
            elif len(entry) != 1:
                self.fault(here, "GK403", f"one of {' and '.join(allowed)}", "both" if entry else "an empty entry")
            else:
                ((name, items),) = entry.items()
                self.read_entry(table, name, items, here)

    def read_entry(self, table: str, name: str, items: Any, place: _Place) -> None:
        what = "addresses" if name == "articles" else "providers"
        if not isinstance(items, list) or len(items) < 2 or not all(isinstance(item, str) for item in items):
            self.fault(place, "GK403", f"a list of two or more {what}, as text", _shown(items))
        elif name == "articles":
            wrong = [item for item in items if not page_key(item)]
            for item in wrong:
                self.fault(place, "GK403", "web addresses (http or https)", _shown(item))
            if not wrong:
                self.reading.add_pages(items, place)
        else:
            refs = [self.provider(item, place) for item in items]
            known = [ref for ref in refs if ref is not None]
            if len(known) == len(refs):
                if table == "same_provider":
                    self.reading.add_same(known, place)
                else:
                    self.reading.add_apart(known, [_host(item) for item in items], place)

    def read_table(self, table: str, value: Any, place: _Place) -> None:
        if not isinstance(value, dict):
            self.fault(place, "GK403", f"a table [{table}]", _shown(value))
            return
        for key, item in value.items():
            here = self.place(table, key)
            if table == "parameters":
                self.read_parameters(key, item, here)
            elif not isinstance(item, str):
                self.fault(here, "GK403", "a provider, as text", _shown(item))
            elif not fold(key):
                self.fault(here, "GK403", "a label as records write it", "an empty one")
            else:
                ref = self.provider(item, here)
                if ref is not None:
                    self.reading.add_label(key, ref, here)

    def read_parameters(self, key: str, items: Any, place: _Place) -> None:
        host = host_of(key)
        host = host.removeprefix("www.") if "." in host else ""
        if not host or "/" in key or any(sign in key for sign in "*?:@"):
            self.fault(place, "GK403", 'a host such as "example.com", in quotes', _shown(key))
        elif not isinstance(items, list) or not items or not all(isinstance(name, str) and name for name in items):
            self.fault(place, "GK403", "a list of names of parameters, as text", _shown(items))
        else:
            self.reading.parameters.setdefault(host, set()).update(name.lower() for name in items)

    def provider(self, text: str, place: _Place) -> ProviderRef | None:
        ref = provider_named(text)
        if ref is None:
            self.fault(place, "GK403", "a domain, a platform with a name (youtube.com/ign) or a name", _shown(text))
        return ref


_HEADER = re.compile(r"""\s*\[\[?\s*["']?([^\]"'.\[]+?)["']?\s*[\].]""")
_KEY = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([A-Za-z0-9_-]+))\s*[.=]""")
_AT = re.compile(r" ?\(at (?:line (\d+), column \d+|end of document)\)")


def _host(text: str) -> str:
    rest = text.strip().removeprefix("provider/")
    return "" if "/" in rest.rpartition("://")[2] else host_of(rest).removeprefix("www.")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
