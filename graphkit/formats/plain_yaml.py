"""Plain YAML: text that YAML 1.1 and 1.2 read alike, so that the fast parser may read it.

yaml-rs is ten times as fast as PyYAML, which is the reference, but it reads YAML 1.2.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import yaml_rs

from graphkit.records.dates import FULL_DATE

# Words that a YAML 1.1 or 1.2 parser does not read as text, if nothing follows them.
_WORD = r"(?i:y|n|yes|no|on|off|true|false|null|inf|nan|infinity)"
# Digits alone may be a number or a date; digits, a space and a letter are neither.
PLAIN = rf"(?:(?!{_WORD}\n)(?:[0-9][0-9.]* )?[^\W\d_][\w '&,()./!?+-]*(?<! )|https?://[A-Za-z0-9./_?=&%~+-]+)"
# U+0085, U+2028 and U+2029 break lines in YAML 1.1 only; the others left out are forbidden or read in several ways.
# A list of what is allowed: sre matches it twice as fast as its complement.
_LETTER = r"[ !#-\[\]-~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
QUOTED = rf'"{_LETTER}*(?:\\["\\/nr]{_LETTER}*)*"'
NUMBER = r"0|-?[1-9][0-9]{0,17}"
_VALUE = rf"(?:{QUOTED}|{PLAIN}|{FULL_DATE}|{NUMBER}|true|false|null)"
_KEY = rf"(?!{_WORD}:)[A-Za-z_][A-Za-z0-9_]{{0,99}}"
_LINE = rf" {{0,24}}(?:{_KEY}:(?: {_VALUE})?|- (?:{_KEY}:(?: {_VALUE})?|{_VALUE})?)?\n"


@cache
def _plain_text() -> re.Pattern[str]:
    """Return the pattern of plain text, which takes time to compile and is rarely needed."""
    return re.compile(rf"(?:{_LINE})*\Z")


def is_plain(text: str) -> bool:
    r"""Return whether YAML 1.1 and 1.2 read every line alike.

    >>> is_plain('title: "A: b"\nquality: 40\n'), is_plain("published: yes\n")
    (True, False)
    """
    return _plain_text().match(text) is not None


def load_plain(text: str) -> Any | None:
    """Load text by the fast parser; None if the text is not plain or has a fault."""
    if not is_plain(text):
        return None
    try:
        # No policy is the parser's own: a duplicate key is an error. Naming that one costs 1 µs a call.
        return yaml_rs.loads(text, parse_datetime=False, duplicate_key_policy=None)
    except (ValueError, RecursionError):
        return None
