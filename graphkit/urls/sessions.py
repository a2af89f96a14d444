"""Sessions: what an address says of one visit of one reader, in its path or its query."""

from __future__ import annotations

import re
from collections.abc import Sequence

from graphkit.urls.receipts import Rule

# Names by which servers write a session into an address where the reader takes no cookies.
# source: https://jakarta.ee/specifications/servlet/6.0/ (7.1.3, URL rewriting),
#         https://www.php.net/manual/en/session.idpassing.php,
#         https://learn.microsoft.com/en-us/previous-versions/dotnet/articles/aa479314(v=msdn.10) (ASP.NET),
#         https://cwiki.apache.org/confluence/display/TOMCAT/FAQ, osCommerce and Zen Cart (osCsid, zenid)
_NAMES = "jsessionid|phpsessid|aspsessionid[a-z]{8}|asp\\.net_sessionid|oscsid|zenid"
_PARAMETER = re.compile(_NAMES)
_IN_PATH = re.compile(rf"(?:;|%3B)(?:{_NAMES})=[^;/]*", re.IGNORECASE)
# ASP.NET: /(S(4fr0bb45eqh1lf45gwgjme55))/page.aspx
_SEGMENT = re.compile(r"/\((?:[A-Z]\([A-Za-z0-9_-]{20,}\))+\)(?=/|\Z)")
# Of ColdFusion two parameters are one session; `cfid` alone may be anything.
# source: https://helpx.adobe.com/coldfusion/developing-applications (managing client identity)
_COLDFUSION = {"cfid": "cftoken=", "cftoken": "cfid="}


def drop_sessions(path: str, rules: list[Rule]) -> str:
    """Return a path without sessions.

    >>> drop_sessions("/api;jsessionid=A2DECB66D264/list", [])
    '/api/list'
    """
    if ";" not in path and "%3B" not in path and "/(" not in path:
        return path
    shorter = _SEGMENT.sub("", _IN_PATH.sub("", path))
    if shorter == path:
        return path
    rules.append(Rule("session", "the session in the path dropped"))
    return shorter if shorter.startswith("/") else f"/{shorter}"


def is_session_parameter(name: str, parts: Sequence[str]) -> bool:
    """Return whether a name in small letters, of a query with these parts, is that of a session."""
    if _PARAMETER.fullmatch(name):
        return True
    other = _COLDFUSION.get(name)
    return other is not None and any(part.lower().startswith(other) for part in parts)
