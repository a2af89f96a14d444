"""The errors that graphkit raises.

    GraphkitError
    ├── UsageError         invalid arguments (exit code 2)
    │   ├── OutputError    a target that cannot be written
    │   ├── IdentityFileError  an identity.toml with faults
    │   └── QueryRefused   a query that would change the data or call another machine
    ├── NothingReadable    no record in any of the sources (exit code 3)
    ├── MissingExtra       an optional package is not installed
    └── StoreError         a triple store refuses, fails, or lost what it was given (exit code 4)

An error ends the command. A fault of the input does not: see `graphkit.diagnostics`.
"""

from __future__ import annotations


class GraphkitError(Exception):
    """The root of all errors that graphkit raises on purpose."""


class UsageError(GraphkitError):
    """The arguments are invalid."""


class OutputError(UsageError):
    """A target cannot be written."""


class IdentityFileError(UsageError):
    """An identity.toml has faults; each is a line of the message."""


class QueryRefused(UsageError):
    """A query would change the data, or call another machine."""


class NothingReadable(GraphkitError):
    """None of the sources gave a record."""


class MissingExtra(GraphkitError):
    """An optional package is needed and is not installed."""


class StoreError(GraphkitError):
    """A triple store refuses, fails, or does not hold what it was given."""
