"""JSON in the common layout is read at once, as it is read field by field."""

import pytest
from hypothesis import given
from samples import front_matter_text
from samples.examples import examples

from graphkit.formats.fast_json import record_of_json
from graphkit.formats.parsing import read

SLOW_TO_MAKE = examples(400)


@pytest.mark.engine
@SLOW_TO_MAKE
@given(front_matter_text.usual_json())
def test_what_is_read_at_once_is_what_is_read_field_by_field_without_a_fault(text: str) -> None:
    record = record_of_json(text.encode())
    if record is not None:
        found = read(text.encode(), "json", "a")
        assert repr(found.records) == repr((("", record),))
        assert found.diagnostics == ()


@pytest.mark.engine
@SLOW_TO_MAKE
@given(front_matter_text.usual_json(odd=False))
def test_json_in_the_usual_form_is_read_at_once(text: str) -> None:
    assert record_of_json(text.encode()) is not None
    assert read(text.encode(), "jsonlines", "a").records == (("/0", record_of_json(text.encode())),)
