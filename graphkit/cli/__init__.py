"""The command line: arguments in, text and exit codes out. Nothing else in graphkit exits.

A module for each command, named like it. Data goes to standard output; progress, diagnostics and errors go to standard
error.
"""

from graphkit.cli.commands import app, main

__all__ = ["app", "main"]
