"""The server: SPARQL over HTTP, safe to expose publicly, and pages about the data.

    client ─▶ http_connection ─▶ application ─▶ sparql_endpoint ─▶ query_scheduler ═▶ query_worker ─▶ the engine
                                     │                                  ║
                                     ├─▶ entity_page                    ╚═▶ fork_server (forks and kills the workers)
                                     ├─▶ service_description
                                     └─▶ static_files (the query page)

The process that speaks HTTP never touches the data; a worker reaches nothing but the data and its one socket.
"""

from __future__ import annotations

__all__: list[str] = []
