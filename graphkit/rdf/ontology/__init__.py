"""Give the vocabulary and the shapes of a graphkit export, as Turtle text."""

from importlib.resources import files

__all__ = ["ontology", "shapes"]


def ontology() -> str:
    """Return the ontology of the `gk:` terms, as Turtle.

    >>> "gk:relatedCoverage a owl:ObjectProperty" in ontology()
    True
    """
    return _text("graphkit.ttl")


def shapes() -> str:
    """Return the SHACL core shapes that every export satisfies, as Turtle.

    >>> "sh:NodeShape" in shapes()
    True
    """
    return _text("shapes.ttl")


def _text(name: str) -> str:
    return files(__name__).joinpath(name).read_text(encoding="utf-8")
