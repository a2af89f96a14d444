"""The endpoint: SPARQL over HTTP for strangers, and pages to read what the data says.

    client ─▶ connection ─▶ application ─▶ protocol ─▶ pool ═▶ worker ─▶ the engine
                                │                       ║
                                ├─▶ entity, description ╚═▶ nursery (makes and ends the workers)
                                └─▶ ui/dist (the query page)

The process that speaks HTTP never touches the data; a worker reaches nothing but the data and the one socket to it.
"""

from __future__ import annotations

__all__: list[str] = []
