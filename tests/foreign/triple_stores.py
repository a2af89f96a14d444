"""Real triple stores for the tests and for ``make stores``: each in a folder and at a port of its own.

``PYTHONPATH=tests python -m foreign.triple_stores`` starts all that are installed and says where they listen, until Ctrl-C.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from paths import TOOLS
from processes.ports import free_port
from processes.waiting import WHOLE_RUN

"""Where ``make tools`` puts what comes from Maven Central."""


class TripleStore:
    """A store that is started in a folder; it keeps its data there when it is killed and started again."""

    name = ""
    title = ""
    user = ""
    password = ""
    graph = ""
    default = ""

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.log = folder / "server.log"

    # What each store says of itself.

    @classmethod
    def missing(cls) -> str:
        """Return what is not installed; nothing where it can be started."""
        raise NotImplementedError

    def command(self) -> list[str]:
        """Return the command that starts it."""
        raise NotImplementedError

    def prepare(self) -> None:
        """Write what it needs before it starts."""

    def furnish(self) -> None:
        """Make what it needs once it runs."""

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """What a person gives to ``graphkit upload``."""
        return self.root

    @property
    def ready(self) -> str:
        """An address that answers once the store runs."""
        return self.root

    @property
    def query_url(self) -> str:
        return f"{self.url}/query"

    # The same for all.

    def start(self, *, limit: int = 0) -> None:
        """Start it and wait until it answers; with `limit` no file of it may have more bytes, as on a full disk."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.prepare()

        def before() -> None:
            if limit:
                import resource

                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=before,  # noqa: PLW1509  # no thread is running here
            )
        end = time.monotonic() + WHOLE_RUN
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"{self.title} did not start: {self.log.read_text('utf-8', 'replace')[-2000:]}")
            time.sleep(0.05)
        self.furnish()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.ready, timeout=60):
                return True
        except urllib.error.HTTPError as error:
            return error.code in (401, 404) and self.ready == self.root
        except OSError:
            return False

    def kill(self) -> None:
        """End it at once, as a power cut does."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def stop(self) -> None:
        """End it as its operator would."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(WHOLE_RUN)
            except subprocess.TimeoutExpired:
                self.kill()
            self.process = None

    @property
    def environment(self) -> dict[str, str]:
        """What ``graphkit upload`` finds in the environment."""
        return {"GRAPHKIT_PASSWORD": self.password} if self.user else {}

    @property
    def options(self) -> list[str]:
        """What ``graphkit upload`` must be told besides the address."""
        return [*(["--user", self.user] if self.user else []), *(["--graph", self.graph] if self.graph else [])]

    def select(self, query: str, *, graph: str = "", accept: str = "application/sparql-results+json") -> bytes:
        """Ask a query, as any client would; `graph` is its default graph, `default` what stands for that of the store."""
        fields = {"query": query, **({"default-graph-uri": graph} if graph else {})}
        request = urllib.request.Request(  # it is our own server
            self.query_url, urlencode(fields).encode(), {"Accept": accept}
        )
        with urllib.request.urlopen(request, timeout=WHOLE_RUN) as response:
            body: bytes = response.read()
            return body


class Oxigraph(TripleStore):
    """Oxigraph, from PyPI."""

    name, title = "oxigraph", "Oxigraph"

    @classmethod
    def program(cls) -> str | None:
        beside = Path(sys.executable).with_name("oxigraph")
        return str(beside) if beside.exists() else shutil.which("oxigraph")

    @classmethod
    def missing(cls) -> str:
        return "" if cls.program() else "oxigraph (pip install oxigraph)"

    def command(self) -> list[str]:
        return [str(self.program()), "serve", "--location", "data", "--bind", f"127.0.0.1:{self.port}"]


def _java_missing(*needed: Path) -> str:
    if shutil.which("java") is None:
        return "java"
    return next((f"{path.parent.name} in tests/tools (make tools)" for path in needed if not path.exists()), "")


class Fuseki(TripleStore):
    """Apache Jena Fuseki with a TDB2 database, from Maven Central."""

    name, title = "fuseki", "Apache Jena Fuseki"
    arguments: tuple[str, ...] = ()

    @classmethod
    def missing(cls) -> str:
        return _java_missing(TOOLS / "fuseki" / "lib")

    def prepare(self) -> None:
        (self.folder / "data").mkdir(exist_ok=True)

    def command(self) -> list[str]:
        server = "org.apache.jena.fuseki.main.cmds.FusekiServerCmd"
        place = ["--localhost", "--port", str(self.port), "--ping", *self.arguments]
        return [
            "java",
            "-Xmx1g",
            "-cp",
            f"{TOOLS}/fuseki/lib/*",
            server,
            *place,
            "--update",
            "--tdb2",
            "--loc=data",
            "/coverage",
        ]

    @property
    def ready(self) -> str:
        return f"{self.root}/$/ping"

    @property
    def url(self) -> str:
        return f"{self.root}/coverage"


class FusekiWithDigest(Fuseki):
    """Fuseki that asks for a password, by digest."""

    name, title = "fuseki-digest", "Apache Jena Fuseki with digest authentication"
    user, password = "editor", 'a "word" : of its own'
    arguments = ("--passwd=users", "--auth=digest")

    def prepare(self) -> None:
        super().prepare()
        (self.folder / "users").write_text(f"{self.user}: {self.password}\n")

    @property
    def ready(self) -> str:
        return self.root


class Rdf4j(TripleStore):
    """RDF4J's server in Tomcat, from Maven Central, with a repository of its native store."""

    name, title = "rdf4j", "RDF4J"
    default = "http://www.openrdf.org/schema/sesame#nil"

    @classmethod
    def missing(cls) -> str:
        return _java_missing(TOOLS / "rdf4j" / "lib")

    def prepare(self) -> None:
        (self.folder / "conf").mkdir(exist_ok=True)
        (self.folder / "webapps").mkdir(exist_ok=True)
        (self.folder / "conf" / "server.xml").write_text(
            '<Server port="-1"><Service name="Catalina">'
            f'<Connector address="127.0.0.1" port="{self.port}" protocol="HTTP/1.1"/>'
            '<Engine name="Catalina" defaultHost="localhost"><Host name="localhost" appBase="webapps"/></Engine>'
            "</Service></Server>"
        )

    def command(self) -> list[str]:
        war = next((TOOLS / "rdf4j" / "lib").glob("rdf4j-http-server-*.war"))
        options = ["-Xmx1g", f"-Dorg.eclipse.rdf4j.appdata.basedir={self.folder / 'data'}"]
        tomcat = "org.apache.catalina.startup.Tomcat"
        return ["java", *options, "-cp", f"{TOOLS}/rdf4j/lib/*", tomcat, "--path", "/rdf4j-server", "--war", str(war)]

    @property
    def ready(self) -> str:
        return f"{self.root}/rdf4j-server/protocol"

    def furnish(self) -> None:
        configuration = (
            '[] a <tag:rdf4j.org,2023:config/Repository> ; <tag:rdf4j.org,2023:config/rep.id> "coverage" ;'
            ' <tag:rdf4j.org,2023:config/rep.impl> [ <tag:rdf4j.org,2023:config/rep.type> "openrdf:SailRepository" ;'
            ' <tag:rdf4j.org,2023:config/sail.impl> [ <tag:rdf4j.org,2023:config/sail.type> "openrdf:NativeStore" ] ] .'
        )
        request = urllib.request.Request(
            self.url, configuration.encode(), {"Content-Type": "text/turtle"}, method="PUT"
        )
        try:
            urllib.request.urlopen(request, timeout=WHOLE_RUN).close()
        except urllib.error.HTTPError as error:
            if error.code != 409:  # it is there from the last time
                raise

    @property
    def url(self) -> str:
        return f"{self.root}/rdf4j-server/repositories/coverage"

    @property
    def query_url(self) -> str:
        return self.url


class Virtuoso(TripleStore):
    """Virtuoso 7, from Debian."""

    name, title = "virtuoso", "Virtuoso 7"
    user, password, graph = "dba", "dba", "http://example.org/coverage"

    def __init__(self, folder: Path, port: int = 0) -> None:
        super().__init__(folder, port)
        self.sql_port = free_port()

    @classmethod
    def missing(cls) -> str:
        return "" if shutil.which("virtuoso-t") else "virtuoso-t (apt-get install virtuoso-opensource-7-bin)"

    def prepare(self) -> None:
        (self.folder / "virtuoso.lck").unlink(missing_ok=True)  # a killed one leaves it
        (self.folder / "virtuoso.ini").write_text(
            "[Database]\nDatabaseFile = virtuoso.db\nErrorLogFile = virtuoso.log\nLockFile = virtuoso.lck\n"
            "TransactionFile = virtuoso.trx\nxa_persistent_file = virtuoso.pxa\nFileExtend = 200\n"
            "[TempDatabase]\nDatabaseFile = virtuoso-temp.db\nTransactionFile = virtuoso-temp.trx\n"
            f"[Parameters]\nServerPort = 127.0.0.1:{self.sql_port}\nDisableUnixSocket = 1\nDirsAllowed = /\n"
            "NumberOfBuffers = 40000\nMaxDirtyBuffers = 30000\n"
            f"[HTTPServer]\nServerPort = 127.0.0.1:{self.port}\nServerThreads = 5\nMaxClientConnections = 5\n"
        )

    def command(self) -> list[str]:
        return ["virtuoso-t", "+foreground", "+configfile", "virtuoso.ini"]

    @property
    def ready(self) -> str:
        return f"{self.root}/sparql"

    @property
    def query_url(self) -> str:
        return f"{self.root}/sparql"


STORES = (Oxigraph, Fuseki, Rdf4j, Virtuoso)


@contextmanager
def running(kind: type[TripleStore], folder: Path, port: int = 0) -> Iterator[TripleStore]:
    """Run a store until the block ends."""
    store = kind(folder, port)
    try:
        store.start()
        yield store
    finally:
        store.stop()


def main() -> None:
    """Start all stores that are installed, and wait."""
    ports = {"oxigraph": 7878, "fuseki": 3030, "rdf4j": 8080, "virtuoso": 8890}
    folder = Path(tempfile.mkdtemp(prefix="graphkit-stores-"))
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit())
    with contextlib.suppress(KeyboardInterrupt), contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        for kind in STORES:
            missing = kind.missing()
            port = ports[kind.name]
            if missing:
                print(f"{kind.title}: not started, as there is no {missing}", flush=True)
                continue
            if not _free(port):
                print(f"{kind.title}: not started, as something listens at port {port} already", flush=True)
                continue
            store = stack.enter_context(running(kind, folder / kind.name, port))
            told = "".join(f" {word}" for word in store.options)
            secret = f"{'GRAPHKIT_PASSWORD=' + store.password + ' ' if store.user else ''}"
            print(f"{kind.title}: {secret}graphkit upload {store.url}{told}", flush=True)
        print("Ctrl-C ends them, and their data with them.", flush=True)
        signal.pause()


def _free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main()
