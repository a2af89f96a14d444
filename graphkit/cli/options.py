"""Options and arguments that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

SourcesArgument = Annotated[
    list[str], typer.Argument(metavar="SOURCES...", help="Files, folders, patterns, or - for standard input.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
HtmlFileOption = Annotated[Path, typer.Option("--out", "-o", help="The HTML file to write.")]
StrictOption = Annotated[bool, typer.Option("--strict", help="Exit with 1 if there are diagnostics.")]
FollowLinksOption = Annotated[
    bool, typer.Option("--follow-links", help="Follow links that lead out of a folder of sources.")
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print no progress and no diagnostics.")]

IdentityOption = Annotated[
    Path | None,
    typer.Option("--identity", help="Corrections of identity; by default identity.toml beside the records."),
]

ExplicitIdentityOption = Annotated[
    Path | None, typer.Option("--identity", help="Corrections of identity, such as identity.toml.")
]

ForceOption = Annotated[bool, typer.Option("--force", help="Replace files that graphkit did not write, too.")]

# Of build and watch.
ExportFolderOption = Annotated[str, typer.Option("--out", "-o", help="The folder to write to.")]
SyntaxesOption = Annotated[
    str, typer.Option("--format", "-f", help="More formats, by commas: nt, nq, trig, rdf, jsonld, void.")
]
GzipOption = Annotated[bool, typer.Option("--gzip", help="Compress the RDF files (.gz).")]
BaseOption = Annotated[
    str, typer.Option("--base", help="The base IRI of the resources; https://w3id.org/graphkit/id/ by default.")
]
TitleOption = Annotated[str, typer.Option("--title", help="What the dataset is called; Coverage graph by default.")]
LicenceOption = Annotated[
    str, typer.Option("--licence", help="The dataset's licence: an IRI, or an identifier of SPDX such as CC-BY-4.0.")
]
CreatorsOption = Annotated[
    list[str] | None, typer.Option("--creator", help="Who has made the dataset, a name or an IRI; may be repeated.")
]
PublishedOnlyOption = Annotated[
    bool, typer.Option("--published-only", help="Leave out records marked unpublished or removed.")
]
PageOption = Annotated[
    bool | None, typer.Option("--page/--no-page", help="Write coverage.html; by default up to 100,000 nodes.")
]
NoGraphOption = Annotated[bool, typer.Option("--no-graph", help="Never hold the graph: no page, and bounded memory.")]
JobsOption = Annotated[
    int, typer.Option("--jobs", "-j", min=0, help="How many processes to use; 0, the default, is one for each core.")
]
PatchOption = Annotated[
    bool, typer.Option("--patch", help="Write the difference to the last build: coverage.patch.rq and N-Quads.")
]


def comma_separated(text: str) -> list[str]:
    """Return the names in the value of an option such as ``--format nt,nq``."""
    return [name.strip() for name in text.split(",") if name.strip()]
