"""The ontology and the shapes of a graphkit export, as Turtle text."""

from importlib.resources import files

__all__ = ["ontology", "shapes"]

_FOLDER = files(__name__)


def ontology() -> str:
    """Return the ontology of the `gk:` terms, as Turtle.

    >>> "gk:relatedCoverage a owl:ObjectProperty" in ontology()
    True
    """
    return _FOLDER.joinpath("graphkit.ttl").read_text(encoding="utf-8")


def shapes() -> str:
    """Return the SHACL core shapes that every export satisfies, as Turtle.

    >>> "sh:NodeShape" in shapes()
    True
    """
    return _FOLDER.joinpath("shapes.ttl").read_text(encoding="utf-8")
