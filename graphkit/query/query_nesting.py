"""Nesting of a query: the engine parses and evaluates by recursion, and ends the process where its stack overflows."""

from __future__ import annotations

import re
import subprocess
import sys

MAX_OPERATORS = 400
"""A query with fewer operators and brackets cannot overflow a stack of 8 MiB: that takes more than 600."""

STACK = 2 << 20
"""Bytes of stack with which longer queries are tried first, a quarter of what a thread usually has."""

CHECK_TIME = 60
"""Seconds after which such a try ends; the parser has not overflowed by then."""

# They are counted in the whole text: strings and comments can only be told apart by parsing.
_OPERATOR = re.compile(
    r"[!+\-*/|^&=<({\[]|\b(?:union|optional|minus|bind|filter|values|graph|exists|in|as)\b", re.IGNORECASE | re.ASCII
)
_TRY = f"""
import resource, sys, threading
threading.stack_size({STACK})
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
import pyoxigraph as ox
def parse():
    try:
        ox.Store().query(text, base_iri=sys.argv[1])
    except Exception:
        pass
text = sys.stdin.buffer.read().decode("utf-8", "surrogatepass")
thread = threading.Thread(target=parse)
thread.start()
thread.join()
"""


def operators(text: str) -> int:
    """Return the number of operators, brackets and words that may nest a query; it is never too small.

    >>> operators("ASK { FILTER(!true) }")
    4
    """
    return sum(1 for _ in _OPERATOR.finditer(text))


def exhausts_stack(text: str, base: str) -> bool:
    """Return whether the engine's stack overflows with a query. Another process tries it, without data."""
    from graphkit.query.service_calls import without_service

    tried = without_service(text) or text  # it must call nobody
    try:
        ended = subprocess.run(  # noqa: S603 - this interpreter
            [sys.executable, "-I", "-c", _TRY, base],
            input=tried.encode("utf-8", "surrogatepass"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=CHECK_TIME,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return ended.returncode < 0
