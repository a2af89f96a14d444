"""Take exports to real triple stores: python benchmarks/stores.py [--stores oxigraph …] [--tries 20] [--million].

For each store: seconds, memory of the upload, whether every triple is there, and how many bundled questions have the
answers of the embedded engine. Then the upload or the store is killed at moments spread over the whole upload, and
what is there in the end is compared. Results go to `results/stores.json`. The stores are those of `make stores`.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, cast

import pyoxigraph as ox
from compare import machine
from scale import corpus

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from foreign.triple_stores import STORES, TripleStore, running  # noqa: E402  # it lies beside the tests, which use it too

import graphkit  # noqa: E402
from graphkit.query import parameters, questions  # noqa: E402
from graphkit.rdf.vocabulary import DEFAULT_BASE  # noqa: E402

RESULTS = ROOT / "benchmarks" / "results" / "stores.json"
PAGE = 100_000


def uploaded(store: TripleStore, data: Path, *options: str) -> dict[str, Any]:
    """Upload, and return the seconds, the memory and what was said."""
    command = [sys.executable, "-m", "graphkit", "upload", store.url, str(data), *options, *store.options]
    start = time.perf_counter()
    process = subprocess.Popen(
        command, env={**os.environ, **store.environment}, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    peak = 0
    with contextlib.suppress(OSError, StopIteration):
        while process.poll() is None:
            status = Path(f"/proc/{process.pid}/status").read_text().splitlines()
            peak = max(peak, int(next(line for line in status if line.startswith("VmHWM")).split()[1]))
            time.sleep(0.02)
    _, said = process.communicate()
    return {
        "loaded": process.returncode == 0,
        "seconds": round(time.perf_counter() - start, 2),
        "megabytes": round(peak / 1024),
        "said": said.decode().strip().splitlines(),
    }


def digest(triples: Iterable[ox.Triple]) -> tuple[int, str]:
    """Return how many triples there are, and a hash of them in any order."""
    total = count = 0
    for triple in triples:
        total ^= int.from_bytes(hashlib.blake2b(str(triple).encode(), digest_size=16).digest(), "big")
        count += 1
    return count, f"{total:032x}"


def said_by(path: Path) -> Iterator[ox.Triple]:
    """Yield the triples of an export."""
    for quad in ox.parse(path=path / "coverage.ttl", format=ox.RdfFormat.TURTLE):
        yield quad.triple


def held_by(store: TripleStore) -> Iterator[ox.Triple]:
    """Yield the triples of a store, as it gives its whole graph to any client."""
    if store.graph:
        yield from _in_pages(store)
        return
    places = {
        "oxigraph": f"{store.url}/store?default",
        "fuseki": f"{store.url}/data?default",
        "rdf4j": f"{store.url}/rdf-graphs/service?default",
    }
    request = urllib.request.Request(places[store.name], headers={"Accept": "application/n-triples, text/plain;q=0.5"})
    with urllib.request.urlopen(request, timeout=600) as response:
        for quad in ox.parse(cast("IO[bytes]", response), ox.RdfFormat.N_TRIPLES):
            yield quad.triple


def _in_pages(store: TripleStore) -> Iterator[ox.Triple]:
    """Yield the triples of a store that gives no more than a million at once, as Virtuoso does."""
    for page in itertools.count():
        some = f"SELECT ?s ?p ?o {{ GRAPH <{store.graph}> {{ ?s ?p ?o }} }} LIMIT {PAGE} OFFSET {page * PAGE}"
        body = store.select(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {{ {some} }} }}", accept="text/plain")
        found = [quad.triple for quad in ox.parse(body, ox.RdfFormat.N_TRIPLES)]
        yield from found
        if not found:
            return


Rows = Counter[tuple[tuple[str, ...], ...]]


def rows(body: bytes) -> Rows:
    """Return the rows of an answer in any order; the dialects of JSON results do not count."""
    answer = json.loads(body)
    if "boolean" in answer:
        return Counter([(("boolean", str(answer["boolean"]).lower()),)])
    found = answer["results"]["bindings"]
    if answer["head"]["vars"] == ["__ASK_RETVAL"]:  # so Virtuoso says yes
        return Counter([(("boolean", str(found[0]["__ASK_RETVAL"]["value"] == "1").lower()),)])
    return Counter(
        tuple(
            sorted(
                (name, term["value"], term.get("xml:lang", ""), term.get("datatype", "").rpartition("#")[2])
                if not term.get("datatype", "").endswith("#string")
                else (name, term["value"], "", "")
                for name, term in row.items()
            )
        )
        for row in found
    )


def lines(body: bytes) -> Counter[str]:
    """Return the triples of an answer; the numbers that RDF/1.1 writes in several ways are written in one."""
    return Counter(str(quad.triple) for quad in ox.parse(body, ox.RdfFormat.N_TRIPLES))


def asked(store: TripleStore, data: Path) -> dict[str, str]:
    """Ask all bundled questions of both; return how each of them came out."""
    engine = graphkit.open_data(data, keep=False)
    told = {}
    for question in questions.bundled():
        bound = parameters.bind(question, {})
        found = engine.query(bound.text, bound.substitutions, name=bound.name)
        text = f"BASE <{DEFAULT_BASE}>\n{bound.text}"
        graph = store.graph or store.default
        try:
            if isinstance(found, ox.QueryTriples):
                mine: Counter[Any] = Counter(str(triple) for triple in found)
                theirs: Counter[Any] = lines(store.select(text, graph=graph, accept="application/n-triples"))
            else:
                mine = rows(found.serialize(format=ox.QueryResultsFormat.JSON) or b"")
                theirs = rows(store.select(text, graph=graph))
        except (OSError, SyntaxError, ValueError) as error:
            told[question.name] = f"failed: {error}"[:120]
            if not isinstance(error, urllib.error.HTTPError):
                store.kill()  # it does not come to an end, and would not come to that of the next one
                store.start()
            continue
        told[question.name] = (
            "equal" if mine == theirs else f"{(mine - theirs).total()} missing, {(theirs - mine).total()} extra"
        )
    return told


def measured(kind: type[TripleStore], data: Path, work: Path) -> dict[str, Any]:
    """Load one corpus into one store."""
    with running(kind, work / kind.name) as store:
        found = uploaded(store, data, "--replace")
        start = time.perf_counter()
        count, hashed = digest(said_by(data))
        there, hashed_there = digest(held_by(store))
        found |= {
            "triples": count,
            "there": there,
            "equal": (count, hashed) == (there, hashed_there),
            "compared_in": round(time.perf_counter() - start, 2),
            "again": uploaded(store, data),
        }
        told = asked(store, data)
        found["questions"] = {name: result for name, result in told.items() if result != "equal"}
        found["questions_equal"] = sum(result == "equal" for result in told.values())
        found["questions_asked"] = len(told)
    shutil.rmtree(work / kind.name)
    return found


def begun(process: subprocess.Popen[bytes], data: Path) -> float:
    """Wait until the first request of an upload goes out, when its journal is there; return the seconds."""
    start = time.perf_counter()
    while process.poll() is None and not any(data.glob(".graphkit-upload-*")):
        time.sleep(0.001)
    return time.perf_counter() - start


def killed(kind: type[TripleStore], data: Path, work: Path, tries: int) -> dict[str, Any]:
    """Kill the upload, or the store, at moments spread over its requests; compare what is there in the end.

    One half of the tries kills the upload, by SIGKILL, and starts it again; the other half kills the store, starts it
    again and lets the upload go on. An upload that tells that it failed counts as one that is not equal.
    """
    equal = 0
    told = []
    with running(kind, work / f"{kind.name}-killed") as store:
        uploaded(store, data, "--replace")
        wanted = digest(said_by(data))
        command = [sys.executable, "-m", "graphkit", "upload", store.url, str(data), "--replace", *store.options]
        environment = {**os.environ, **store.environment}

        def start() -> subprocess.Popen[bytes]:
            return subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)

        process = start()
        begun(process, data)
        since = time.perf_counter()
        process.communicate(timeout=600)
        whole = time.perf_counter() - since
        for number in range(tries):
            process = start()
            begun(process, data)
            moment = whole * (number + 0.5) / tries
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(moment)
            what = "store" if number % 2 else "upload"
            running_then = process.poll() is None
            if what == "store":
                store.kill()
                store.start()
            else:
                process.kill()
            _, said = process.communicate(timeout=600)
            runs = 1
            ended_well = process.returncode == 0
            if process.returncode != 0:
                again = subprocess.run(
                    command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=600
                )
                said += again.stderr
                runs += 1
                ended_well = again.returncode == 0
            result = digest(held_by(store))
            right = ended_well and result == wanted
            equal += right
            told.append(
                {
                    "killed": what,
                    "after": round(moment, 2),
                    "was_running": running_then,
                    "runs": runs,
                    "resumed": b"from the run before" in said,
                    "ended_well": ended_well,
                    "equal": result == wanted,
                    "there": result[0],
                }
            )
            print(
                f"  {kind.title}: {what} killed {moment:.2f} s after the first request: "
                + ("equal" if right else f"NOT EQUAL, {said.decode()[-1000:]}"),
                flush=True,
            )
    shutil.rmtree(work / f"{kind.name}-killed")
    return {"tries": tries, "equal": equal, "triples": wanted[0], "seconds": round(whole, 2), "each": told}


def table(found: dict[str, Any]) -> str:
    """Return what was measured as a table in Markdown."""
    text = "| corpus | store | triples | loaded | equal | questions equal | seconds | memory of the upload |\n"
    text += "| --- | --- | ---: | --- | --- | ---: | ---: | ---: |\n"
    for name, stores in found["corpora"].items():
        for title, one in stores.items():
            text += (
                f"| {name} | {title} | {one['triples']:,} | {_yes(one['loaded'])} | {_yes(one['equal'])} "
                f"| {one['questions_equal']} of {one['questions_asked']} | {one['seconds']} | {one['megabytes']} MB |\n"
            )
    for title, one in found.get("killed", {}).items():
        text += f"\n{title}: killed {one['tries']} times, equal in {one['equal']}."
    return text


def _yes(value: bool) -> str:  # noqa: FBT001  # it is all there is
    return "yes" if value else "no"


def main() -> None:
    """Measure, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stores", nargs="+", default=[kind.name for kind in STORES])
    parser.add_argument("--corpus", type=Path, default=ROOT.parent / "shared" / "corpus")
    parser.add_argument("--exports", type=Path, help="exports of a million triples, made before")
    parser.add_argument("--records", type=int, default=46_000, help="records for about a million triples")
    parser.add_argument("--million", action="store_true", help="also a million triples")
    parser.add_argument("--tries", type=int, default=0, help="how often to kill the upload or the store")
    parser.add_argument("--kill-exports", type=Path, help="exports of some parts to do that with, made before")
    parser.add_argument("--kills-only", action="store_true", help="measure nothing else again")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "graphkit-stores")
    chosen = parser.parse_args()
    chosen.work.mkdir(parents=True, exist_ok=True)
    found: dict[str, Any] = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    found = {"machine": machine(), "corpora": found.get("corpora", {}), "killed": found.get("killed", {})}

    sources = {"real records": chosen.corpus} if chosen.corpus.is_dir() else {"seeds": ROOT / "seeds"}
    folders = {}
    for name, source in sources.items():
        folders[name] = chosen.work / name.replace(" ", "-")
        graphkit.publish(source, folders[name], page=False, cache=False)
    if chosen.million or chosen.exports:
        folders["made records"] = chosen.exports or chosen.work / "million"
        if not chosen.exports:
            graphkit.publish(
                corpus(chosen.work, chosen.records, "jsonl"),
                folders["made records"],
                page=False,
                graph=False,
                cache=False,
            )
    several = chosen.kill_exports or chosen.work / "several"
    if chosen.tries and not chosen.kill_exports:
        graphkit.publish(corpus(chosen.work, 5_000, "jsonl"), several, page=False, graph=False, cache=False)
    kinds = [kind for kind in STORES if kind.name in chosen.stores]
    for kind in kinds:
        missing = kind.missing()
        if missing:
            print(f"{kind.title} is left out: there is no {missing}", flush=True)
            continue
        for name, folder in folders.items() if not chosen.kills_only else ():
            found["corpora"].setdefault(name, {})[kind.title] = one = measured(kind, folder, chosen.work)
            print(f"{name}, {kind.title}: {one['seconds']} s, equal: {one['equal']}, {one['questions']}", flush=True)
            _write(found)
        if chosen.tries:
            found["killed"][kind.title] = killed(kind, several, chosen.work, chosen.tries)
            _write(found)
    print(table(found))


def _write(found: dict[str, Any]) -> None:
    RESULTS.write_text(json.dumps(found, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
