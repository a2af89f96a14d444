"""The graph as HTML pages that make no network requests: one to explore all of it, one that draws a part."""

from __future__ import annotations

__all__: list[str] = []
