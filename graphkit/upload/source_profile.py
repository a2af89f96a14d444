"""The profile of a file, made before any of it is sent: its size, a sample of its subjects, and its unusual triples.

After the upload the store is asked for the sample and the unusual triples, which shows what it lost or changed.
"""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Callable
from contextlib import ExitStack
from typing import NamedTuple

import pyoxigraph as ox

from graphkit.diagnostics.quoting import visible
from graphkit.errors import UsageError
from graphkit.upload.parts import NotSplittable, UploadSource, parts, triples_of
from graphkit.upload.triple_samples import SubjectSample, UnusualTriples, number_of


class SourceProfile(NamedTuple):
    """What is known of a file.

    `content` is the number of bytes in all parts, `digest` their hash. `as_is` says that the parts are its own text,
    `blank` that it has blank nodes. `sample` holds subjects with all their triples, `unusual` triples that some store
    is known to change.
    """

    triples: int
    content: int
    digest: str
    as_is: bool
    blank: bool
    sample: dict[str, frozenset[ox.Triple]]
    unusual: tuple[ox.Triple, ...]


def profile_of(source: UploadSource, size: int, progress: Callable[[int], None] = lambda _: None) -> SourceProfile:
    """Read a whole file, in bounded memory. Raises `UsageError` where it is not RDF."""
    try:
        return _profile(source, size, as_is=True, progress=progress)
    except (NotSplittable, SyntaxError):
        try:
            return _profile(source, size, as_is=False, progress=progress)
        except SyntaxError as error:
            raise UsageError(f"{source.path}: expected RDF, got: {visible(str(error))}") from error


def _profile(source: UploadSource, size: int, *, as_is: bool, progress: Callable[[int], None]) -> SourceProfile:
    sample = SubjectSample()
    unusual = UnusualTriples()
    count = 0
    blank, ordered = False, True
    last = ""
    of_subject: set[ox.Triple] = set()
    content, digest = 0, ""
    kept_as_is = as_is and source.syntax in ("ttl", "nt")
    for part in parts(source, size, as_is=as_is):
        for triple in triples_of(part):
            subject = triple.subject
            if isinstance(subject, ox.NamedNode):
                name = subject.value
            else:
                blank = True
                name = str(subject)
            if name != last:
                ordered = ordered and name > last
                count += len(of_subject)
                of_subject = set()
                last = name
            of_subject.add(triple)
            if isinstance(triple.object, ox.BlankNode):
                blank = True
            else:
                sample.add(name, triple)
                unusual.add(triple)
        content, digest = part.end, part.digest
        progress(content)
    count = count + len(of_subject) if ordered else _distinct(source, size, as_is=as_is)
    return SourceProfile(count, content, digest, kept_as_is, blank, sample.found(), unusual.found())


_BUCKETS = 256


def _distinct(source: UploadSource, size: int, *, as_is: bool) -> int:
    """Count the distinct triples of an unsorted file: their hashes go to the disk and are counted bucket by bucket."""
    import numpy as np

    with ExitStack() as stack:
        files = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(_BUCKETS)]
        waiting = [array("Q") for _ in range(_BUCKETS)]
        for part in parts(source, size, as_is=as_is):
            for triple in triples_of(part):
                number = number_of(str(triple))
                waiting[number >> 56].append(number)
            for file, numbers in zip(files, waiting, strict=True):
                numbers.tofile(file)
                del numbers[:]
        count = 0
        for file in files:
            file.seek(0)
            count += len(np.unique(np.frombuffer(file.read(), dtype=np.uint64)))
        return count
