"""JSON texts for tests, and what is wrong with them."""

import json

from hypothesis import strategies as st

from graphkit.formats.parsing import read
from graphkit.records.entry import Entry

ENTRY = Entry(title="A title", web_url="https://example.org/a", provider_name="Example", provider_domain="example.org")
RECORD = {
    "title": "A title",
    "webUrl": "https://example.org/a",
    "provider": {"name": "Example", "domain": "example.org"},
}
JSON = json.dumps(RECORD).encode()
PROVIDER = '"provider": {"domain": "example.org"}'
JSON_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)),
    max_leaves=12,
)


def faults(data: bytes | str, format: str = "json") -> list[str]:
    """Return the diagnostics of a text as people read them."""
    found = read(data.encode() if isinstance(data, str) else data, format, "a")
    return [str(one) for one in sorted(found.diagnostics)]
