"""YAML texts loaded for tests: those without a fault, and those with one."""

from typing import Any

import pytest

from graphkit.formats.yaml_faults import YamlError, YamlFault
from graphkit.formats.yaml_loader import load


def loaded(text: str) -> Any:
    """Load text that has no fault."""
    faults: list[YamlFault] = []
    value = load(text, faults)
    assert faults == []
    return value


def fault_of(text: str) -> YamlFault:
    """Return the fault of a text that cannot be loaded."""
    with pytest.raises(YamlError) as caught:
        load(text, [])
    return caught.value.fault
