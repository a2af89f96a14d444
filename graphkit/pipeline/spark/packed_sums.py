"""Packed sums: values that tasks give in part, packed, and that Spark adds up in a tree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

Value = TypeVar("Value")


def encoded(value: object) -> bytes:
    """Return a value, packed."""
    return msgspec.msgpack.encode(value)


def summed(parts: Any, add: Callable[[Value, Value], Value], nothing: Value) -> Value:
    """Return the sum of an RDD of packed values; as it is added up in a tree, the driver gets few of them."""
    kind = type(nothing)  # a decoder could not be sent to the workers

    def add_packed(one: bytes, other: bytes) -> bytes:
        return encoded(add(msgspec.msgpack.decode(one, type=kind), msgspec.msgpack.decode(other, type=kind)))

    return msgspec.msgpack.decode(parts.treeAggregate(encoded(nothing), add_packed, add_packed), type=kind)
