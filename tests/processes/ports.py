"""Ports that a test chooses, and at which a program of somebody else listens then."""

import socket


def free_port() -> int:
    """Return a port of the loopback interface that is given to nobody else until this process ends.

    It stays bound without being listened at. The system gives it to no one who asks for any port, connections that go
    out have another, and a server that is told of it can listen there, also again after it was killed.
    """
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: then both may have it
    holder.bind(("127.0.0.1", 0))
    port: int = holder.getsockname()[1]
    holder.detach()
    return port
