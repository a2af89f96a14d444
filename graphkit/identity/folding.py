"""Labels: folded so that spellings of one are equal, and made into ids.

An id is readable and safe as the local part of a CURIE; what an ASCII slug would lose is kept in a hash.
"""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from functools import lru_cache


def topic_id(label: str) -> str:
    """Return the id of the topic with this label.

    >>> topic_id("Computer Vision"), topic_id(" computer  VISION"), topic_id("C#")
    ('topic/computer-vision', 'topic/computer-vision', 'topic/c_sune2nxaveay')
    """
    return f"topic/{slug(label)}"


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """Fold compatibility forms, case and white space, so that spellings of one label are equal."""
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).split())


@lru_cache(maxsize=65_536)
def letters(name: str) -> str:
    """Return a folded name without the spaces, hyphens, dots and apostrophes in which spellings of one differ.

    >>> letters("Game Rant") == letters("GameRant"), letters("C++") == letters("C#")
    (True, False)
    """
    folded = fold(name)
    return _JOINTS.sub("", folded) or folded


_JOINTS = re.compile(r"[\s.'\u2019\u2010-\u2015-]")
_SLUG_FORM = re.compile(r"[a-z0-9]+(?: [a-z0-9]+)*")


@lru_cache(maxsize=65_536)
def slug(text: str) -> str:
    """Return a readable name for a folded text: letters, digits and hyphens; a hash keeps what that loses.

    Two texts have the same slug only if they fold to the same text: a hash follows ``_``, which no plain slug contains.
    """
    folded = fold(text)
    if _SLUG_FORM.fullmatch(folded) and len(folded) <= 64:
        return folded.replace(" ", "-")
    readable = "-".join(re.findall(r"[a-z0-9]+", folded))[:48].strip("-")
    mark = short_hash(folded, 12)
    return f"{readable}_{mark}"


def short_hash(text: str, length: int) -> str:
    """Return letters and digits that hardly any other text has."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return base64.b32encode(digest[:10]).decode("ascii").lower()[:length]
