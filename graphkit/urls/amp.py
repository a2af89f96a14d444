"""AMP: addresses of caches, viewers and AMP pages, and the page that each is a copy of."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from graphkit.files.packaged_tables import packaged_table
from graphkit.urls.public_suffixes import registrable_domain
from graphkit.urls.receipts import Rule
from graphkit.urls.web_address import decoded, parse

# Every AMP address contains these letters after one of these characters: in its host, a segment or a cache's name.
_AMP_SIGN = re.compile(r"[/.-]amp")


def may_be_amp(url: str) -> bool:
    """Return whether an address may be one of AMP; a cheap test that is never wrong about those that are."""
    return "amp" in url and _AMP_SIGN.search(url) is not None


# The hosts of AMP caches and viewers, with what their paths begin with.
# source: https://cdn.ampproject.org/caches.json and https://github.com/ampproject/amppackager (wp)
_CACHE = (
    r"(?:(?:[^/?#]*\.)?(?:cdn\.ampproject\.org|bing-amp\.com|amp\.cloudflare\.com)/(?:c|v|wp)/"
    r"|(?:www\.)?(?:google\.[a-z]{2,3}(?:\.[a-z]{2})?|bing\.com)/amp/)"
)
_IN_CACHE = re.compile(rf"https?://{_CACHE}")
_CACHED = re.compile(rf"{_CACHE}(s/)?([^/]+\.[^/]+.*)", re.DOTALL)


def in_amp_cache(url: str) -> bool:
    """Return whether a tidy address lies in an AMP cache or viewer, which keeps a copy of somebody else's page.

    >>> in_amp_cache("https://www-a-example.cdn.ampproject.org/c/s/www.a.example/amp"), in_amp_cache("https://a.example/amp")
    (True, False)
    """
    return _IN_CACHE.match(url) is not None


def unwrap_cache(authority: str, path: str, query: str | None, rules: list[Rule]) -> str:
    """Return the publisher's address that an AMP cache or viewer holds in its path, or an empty string."""
    match = _CACHED.fullmatch(f"{authority}{path}")
    if match is None:
        return ""
    rest = match[2]
    # A viewer encodes the page's own query with its path: google.com/amp/s/a.example/b%3fid%3d7
    inside, mark, own = rest.partition("%3F") if "%3F" in rest else rest.partition("%3f")
    inner = f"{inside}?{decoded(own)}" if mark else inside
    if query is not None:
        inner += f"{'&' if mark else '?'}{query}"
    inner_url = parse(f"{'https' if match[1] else 'http'}://{inner}", [])
    if inner_url:
        rules.append(Rule("amp-cache", f"unwrapped from {authority}"))
    return inner_url


def drop_amp_label(host: str, rules: list[Rule]) -> str:
    """Return a host without its label ``amp``, if that is no part of the registrable domain."""
    if "amp" not in host:
        return host
    labels = host.split(".")
    kept = [label for label in labels if label != "amp"]
    if len(kept) == len(labels) or not f".{'.'.join(kept)}".endswith(f".{registrable_domain(host)}"):
        return host
    rules.append(Rule("amp-host", "the host label amp dropped"))
    return ".".join(kept)


# An ending that may follow one that nothing but an AMP page has: story.amp.html, story.amphtml.
_ENDING = re.compile(r"\.(?:x?html?|php|aspx?|jsp)\Z")
# A segment `amp` before what one article is known by wherever its address puts it: words and a number of at least eight
# digits, or a UUID. Numbers that may be dates say too little.
_NUMBER = r"[a-z0-9-]*[a-z]-(?!(?:19|20)[0-9]{2}[01][0-9][0-3][0-9])[0-9]{8,}"
_UUID = r"[a-z0-9-]*[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_BEFORE_NUMBER = re.compile(rf"((?:/[^/]+){{0,3}})/amp((?:/[^/]+)*/(?:{_NUMBER}|{_UUID})/?)")


def drop_amp_segment(host: str, path: str, rules: list[Rule]) -> str:
    """Return a path without what only says that it is the AMP version of a page.

    >>> drop_amp_segment("a.example", "/2021/fair-called-off/amp/", [])
    '/2021/fair-called-off/'
    >>> drop_amp_segment("wordpress.org", "/plugins/amp/", [])
    '/plugins/amp/'
    """
    if "amp" not in path and "amp" not in host:
        return path
    for amp_form, page_form in _forms().get(host.removeprefix("www."), ()):
        match = amp_form.fullmatch(path)
        if match:
            rules.append(Rule("amp-site", f"{page_form} for an AMP page of {host}"))
            return "".join(_filled(page_form, match))
    page = _without_ending(path)
    if page != path:
        rules.append(Rule("amp-file", "the ending of AMP pages dropped"))
        return page
    match = _BEFORE_NUMBER.fullmatch(path)
    if match:
        rules.append(Rule("amp-number", "the segment amp dropped before an article's number"))
        return f"{match[1]}{match[2]}"
    page = _without_last(path, "/amp")
    if page != path and _is_page(host, page):
        rules.append(Rule("amp-path", "the last segment /amp dropped"))
        return f"{page}/" if path.endswith("/") else page
    return path


def _without_ending(path: str) -> str:
    ending = _ENDING.search(path)
    if ending is None:
        return _without_last(path, ".amphtml")
    page = _without_last(path[: ending.start()], ".amp")
    return f"{page}{ending[0]}"


def _without_last(path: str, last: str) -> str:
    """Return a path without what it ends in, once or several times over, if a segment is left before that."""
    end = len(path) - path.endswith("/") if last.startswith("/") else len(path)
    start = end
    while path.endswith(last, 0, start):
        start -= len(last)
    return path if start == end or path[:start].endswith("/") or not start else path[:start]


_WORD = re.compile(r"[A-Za-z]{2,}")
# en, en-us, pt_BR: a site's edition
_LOCALE = re.compile(r"[a-z]{2}(?:[-_][A-Za-z]{2})?")
_LONG_NUMBER = re.compile(r"[0-9]{4}")


def _is_page(host: str, path: str) -> bool:
    """Return whether a path may be that of an article, whose AMP version is below it, and not of a list of things."""
    if drop_amp_label(host, []) != host:
        return True
    segments = path.split("/")[1:]
    if registrable_domain(host) in _names_amp() or _LOCALE.fullmatch(segments[-1]) or _names_list(segments[-1]):
        return False
    # One word is a section, or a part of a list: /gear, /dictionary/english.
    return _WORD.fullmatch(segments[-1]) is None or (len(segments) > 1 and not _names_list(segments[-2]))


def _names_list(segment: str) -> bool:
    """Return whether a segment names a list of things. A headline may hold such a word, but has more than two."""
    words = re.split("[-_.]", segment.lower())
    return len(words) <= 2 and not _lists().isdisjoint(words) and _LONG_NUMBER.search(segment) is None


def is_amp_parameter(part: str) -> bool:
    """Return whether a part of a query, a name or a name with its value, only asks for AMP."""
    return part.lower() in _amp_parameters()


class _Form(NamedTuple):
    amp: re.Pattern[str]
    page: str


@cache
def _amp_parameters() -> frozenset[str]:
    return frozenset(packaged_table("urls/amp.toml")["parameters"])


@cache
def _lists() -> frozenset[str]:
    return frozenset(packaged_table("urls/amp.toml")["lists"])


@cache
def _names_amp() -> frozenset[str]:
    return frozenset(packaged_table("urls/amp.toml")["without"])


@cache
def _forms() -> dict[str, tuple[_Form, ...]]:
    """Return the forms of AMP addresses of each host that has its own."""
    forms: dict[str, tuple[_Form, ...]] = {}
    for site in packaged_table("urls/amp.toml")["site"]:
        of_site = tuple(_Form(_pattern(amp), page) for amp, page in site["forms"])
        for host in site["hosts"]:
            forms[host] = (*forms.get(host, ()), *of_site)
    return forms


_STARS = re.compile(r"(\*\*?)")


def _pattern(form: str) -> re.Pattern[str]:
    groups = {"**": "(.+)", "*": "([^/]+)"}
    return re.compile("".join(groups.get(part, re.escape(part)) for part in _STARS.split(form)), re.DOTALL)


def _filled(form: str, match: re.Match[str]) -> list[str]:
    groups = iter(match.groups())
    return [next(groups) if part.startswith("*") else part for part in _STARS.split(form)]
