"""Whatever a server does to an upload, one sentence tells it, with what is loaded and what is not."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from foreign.hostile_store import Answer, Asked, Fault, HangUp, HostileStore, hostile_store, rude_server
from foreign.triple_stores import Oxigraph
from foreign.uploads import held, run, said, started, upload
from hypothesis import given
from hypothesis import strategies as st
from processes.ports import free_port
from samples.examples import examples

from graphkit.errors import StoreError, UsageError
from graphkit.upload.authentication import Credentials
from graphkit.upload.connection_errors import ConnectionLost
from graphkit.upload.detection import detect_store
from graphkit.upload.http_client import RetryPolicy, StoreConnection
from graphkit.upload.journal import UploadMode
from graphkit.upload.loading import UploadResult
from graphkit.upload.loading import upload as load
from graphkit.upload.parts import find_source
from graphkit.upload.store_address import Store, store_at
from graphkit.upload.store_graph import StoreGraph
from graphkit.upload.store_kinds import store_kind

pytestmark = pytest.mark.engine

QUICK = RetryPolicy(tries=5, first=0.001)


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """A file of 2,000 triples."""
    path = tmp_path / "many.nt"
    path.write_text("".join(f'<http://example.org/{n:05}> <http://example.org/p> "{n}" .\n' for n in range(2_000)))
    return path


def sent(
    hostile: HostileStore,
    path: Path,
    *,
    part: int = 10_000,
    mode: UploadMode = UploadMode.FILL,
    told: list[str] | None = None,
) -> UploadResult:
    """Upload a file in parts of some bytes, with few retries."""
    with StoreConnection(retries=QUICK, notify=None if told is None else told.append) as connection:
        store = detect_store(hostile.url, connection)
        small = Store(msgspec.structs.replace(store.kind, part_size=part), store.base)
        return load(find_source(path), StoreGraph(small, "", connection), mode=mode, settling_time=0)


def on_write(number: int, fault: Answer | HangUp, times: int = 1) -> Fault:
    """Fail the writes from the `number`th on, `times` times."""
    count = 0

    def at(asked: Asked) -> Answer | HangUp | None:
        nonlocal count
        if not asked.writes:
            return None
        count += 1
        return fault if number <= count < number + times else None

    return at


WORDS = Answer(
    500, b"<html><head><title>x</title></head><body><p>The disk is \x1b[31mfull &amp; gone</p></body></html>"
)


@pytest.mark.parametrize(
    "answer, words",
    [
        (Answer(401), "got 401 Unauthorized: say who you are by --user"),
        (Answer(403), "got 403 Forbidden: say who you are by --user"),
        (Answer(404), "got 404 Not Found: there is no such database, dataset or repository"),
        (Answer(405), "got 405 Method Not Allowed: the store does not let anybody write there"),
        (Answer(413), "got 413 Request Entity Too Large: the store takes no request of this size"),
        (Answer(415), "got 415 Unsupported Media Type: the store does not read this format"),
        (
            Answer(400, b"line 7 is bad"),
            "got 400 Bad Request: the store takes the request for faulty; it says 'line 7 is",
        ),
        (WORDS, r"got 500 Internal Server Error; it says 'The disk is \x1b[31mfull & gone'"),
        (Answer(507, b"no room"), "got 507 Insufficient Storage: the store has no room left; it says 'no room'"),
        (Answer(302, headers=(("Location", "http://example.com/x?y"),)), "a redirect to http://example.com/x: nothing"),
        (Answer(799, b"?"), "got 799; it says '?'"),
    ],
)
def test_a_refusal_is_one_sentence_and_exit_code_4(many: Path, answer: Answer, words: str) -> None:
    with hostile_store(on_write(1, answer, 10_000)) as hostile:
        done = upload(hostile.url, many)
        assert done.returncode == 4
        assert words in done.stderr
        assert done.stderr.rstrip().endswith("nothing is loaded")
        assert done.stderr.count("\n") == 2, "the store, and one sentence"
        assert "Traceback" not in done.stderr
        assert "\x1b" not in done.stderr
        assert not hostile.triples()


def test_what_is_loaded_when_a_later_part_is_refused_is_told_and_gone_on_with(many: Path) -> None:
    with hostile_store(on_write(4, Answer(500, b"out of order"), 1)) as hostile:
        with pytest.raises(StoreError) as caught:
            sent(hostile, many)
        there = len(hostile.triples())
        assert 0 < there < 2_000
        assert f"; {there:,} of 2,000 triples are loaded, the others are not: the same command goes on" in str(
            caught.value
        )
        before = len(hostile.writes)
        done = sent(hostile, many)
        assert done.resumed == there
        assert done.sent == 2_000 - there
        assert len(hostile.writes) - before == done.parts
        assert hostile.triples() == said(many)


@pytest.mark.parametrize(
    "fault", [Answer(502), Answer(503), Answer(504), Answer(429), HangUp(), HangUp(after=True)], ids=str
)
@pytest.mark.parametrize("mode", UploadMode)
def test_what_may_pass_is_tried_again(many: Path, fault: Answer | HangUp, mode: UploadMode) -> None:
    told: list[str] = []
    with hostile_store(on_write(2, fault, 3)) as hostile:
        done = sent(hostile, many, mode=mode, told=told)
        assert hostile.triples() == said(many)
        assert done.losses == len(told) == 3
        assert all("trying again in" in one for one in told)


def test_patience_ends(many: Path) -> None:
    with hostile_store(on_write(2, HangUp(), 10_000)) as hostile:
        with pytest.raises(StoreError, match=r"got: the connection was closed.*of 2,000 triples are loaded"):
            sent(hostile, many)
        assert len(hostile.writes) == 1 + QUICK.tries


def test_a_store_that_says_when_to_come_again_is_heard(many: Path) -> None:
    told: list[str] = []
    with hostile_store(on_write(2, Answer(503, headers=(("Retry-After", "1"),)), 1)) as hostile:
        sent(hostile, many, told=told)
    assert [one.rpartition("; ")[2] for one in told] == ["trying again in 1 s"]


def test_a_part_that_is_too_large_goes_in_smaller_ones(many: Path) -> None:
    def too_large(asked: Asked) -> Answer | None:
        return Answer(413) if asked.writes and len(asked.body) > 3_000 else None

    with hostile_store(too_large) as hostile:
        sent(hostile, many, mode=UploadMode.REPLACE)
        assert hostile.triples() == said(many)


def test_a_statement_that_is_too_large_is_named(tmp_path: Path) -> None:
    path = tmp_path / "large.nt"
    path.write_text(
        '<http://example.org/a> <http://example.org/p> "a" .\n'
        f'<http://example.org/large> <http://example.org/p> "{"x" * 4_000}" .\n'
        '<http://example.org/z> <http://example.org/p> "z" .\n'
    )

    def too_large(asked: Asked) -> Answer | None:
        return Answer(413) if asked.writes and len(asked.body) > 3_000 else None

    with hostile_store(too_large) as hostile, pytest.raises(StoreError) as caught:
        sent(hostile, path)
    assert "the part that begins with '<http://example.org/large>'" in str(caught.value)


@pytest.mark.parametrize(
    "lose",
    [
        lambda asked: asked._replace(body=b"".join(asked.body.splitlines(keepends=True)[:-3])),
        lambda asked: asked._replace(body=b""),
        lambda asked: asked._replace(body=asked.body.replace(b'> "', b'> "\\u0000')),
        lambda asked: asked._replace(
            body=asked.body.replace(b'" .', b'"^^<http://www.w3.org/2001/XMLSchema#integer> .')
        ),
    ],
    ids=["cut", "nothing", "changed", "typed"],
)
def test_a_store_that_says_yes_and_loses_some_is_found_out(many: Path, lose: Callable[[Asked], Asked]) -> None:
    with hostile_store() as hostile:
        serve = hostile.serve
        hostile.serve = lambda asked: serve(lose(asked) if asked.writes else asked)  # type: ignore[method-assign]
        with pytest.raises(StoreError) as caught:
            sent(hostile, many)
    lost = said(many) - hostile.triples()
    first, *named = str(caught.value).split("\n")
    assert "expected 2,000 triples there" in first or "lost or changed" in first
    assert named
    for line in named:
        subject = line.split()[0]
        assert any(subject == triple[0] for triple in lost), line


@examples(25)
@given(st.integers(0, 1_999))
def test_one_triple_that_is_lost_is_found_and_named(number: int) -> None:
    lines = [f'<http://example.org/{n:05}> <http://example.org/p> "{n}" .\n' for n in range(2_000)]
    with tempfile.TemporaryDirectory() as folder, hostile_store() as hostile:
        path = Path(folder) / "many.nt"
        path.write_text("".join(lines))
        serve = hostile.serve
        gone = lines[number].encode()
        hostile.serve = lambda asked: serve(asked._replace(body=asked.body.replace(gone, b"")))  # type: ignore[method-assign]
        with pytest.raises(StoreError) as caught:
            sent(hostile, path)
    assert "expected 2,000 triples there, got 1,999" in str(caught.value)
    assert f"<http://example.org/{number:05}>" in str(caught.value)


def test_what_somebody_else_wrote_meanwhile_is_told(many: Path) -> None:
    with hostile_store() as hostile:
        serve = hostile.serve

        def meddle(asked: Asked) -> Answer:
            if asked.writes:
                hostile.store.update('INSERT DATA { <http://example.org/00000> <http://example.org/p> "other" }')
            return serve(asked)

        hostile.serve = meddle  # type: ignore[method-assign]
        with pytest.raises(StoreError, match="expected 2,000 triples there, got 2,001"):
            sent(hostile, many)


HTML = (("Content-Type", "text/html"),)


@pytest.mark.parametrize(
    "answer, words",
    [
        (
            Answer(200, b"<p>Sign in</p>", HTML),
            "expected SPARQL results (application/sparql-results+json), got 'text/html'",
        ),
        (
            Answer(200, b"{", (("Content-Type", "application/json"),)),
            "expected SPARQL results, got: Input data was truncated",
        ),
        (
            Answer(
                200, b'{"head": {"vars": ["n"]}, "results": {"bindings": []}}', (("Content-Type", "application/json"),)
            ),
            "got no number",
        ),
        (Answer(200, b""), "an answer of no type"),
        (Answer(200, b"x" * (65 << 20), HTML), "expected a short answer, got one of more than 64 MiB"),
    ],
    ids=["html", "half", "empty", "bare", "endless"],
)
def test_an_answer_of_another_kind_is_no_store(many: Path, answer: Answer, words: str) -> None:
    with hostile_store(lambda asked: answer if asked.path == "/query" else None) as hostile:
        done = upload(hostile.url, many)
        assert done.returncode == 4
        assert words in done.stderr
        assert not hostile.writes


def test_credentials_follow_no_redirect(many: Path) -> None:
    with hostile_store() as elsewhere:
        there = (("Location", f"{elsewhere.url}/store?default"),)

        def away(asked: Asked) -> Answer | None:
            if not asked.writes:
                return None
            if "authorization" not in asked.headers:
                return Answer(401, headers=(("WWW-Authenticate", 'Basic realm="x"'),))
            return Answer(307, headers=there)

        with hostile_store(away) as hostile:
            done = upload(hostile.url, many, "--user", "me", GRAPHKIT_PASSWORD="hush-hush")
            assert done.returncode == 4
            assert f"a redirect to {elsewhere.url}/store: nothing was sent there" in done.stderr
            assert "hush-hush" not in done.stderr
            assert any("authorization" in one.headers for one in hostile.writes)
        assert not elsewhere.asked


def test_a_password_goes_out_only_where_it_is_asked_for(many: Path) -> None:
    with hostile_store() as hostile:
        assert upload(hostile.url, many, "--user", "me", GRAPHKIT_PASSWORD="hush-hush").returncode == 0
        assert not any("authorization" in one.headers for one in hostile.asked)


@pytest.mark.parametrize("kind", ["oxigraph", "gsp"])
def test_a_store_that_asks_everybody_who_they_are_is_told(many: Path, kind: str) -> None:
    def known(asked: Asked) -> Answer | None:
        if asked.headers.get("authorization") == "Basic bWU6aHVzaC1odXNo":
            return None
        return Answer(401, b"Who?", (("WWW-Authenticate", 'Negotiate, Basic realm="x"'),))

    with hostile_store(known) as hostile:
        url = f"{hostile.url}/store" if kind == "gsp" else hostile.url
        done = upload(url, many, "--kind", kind, "--user", "me", GRAPHKIT_PASSWORD="hush-hush")
        assert done.returncode == 0, done.stderr
        assert hostile.triples() == said(many)
        assert sum("authorization" not in one.headers for one in hostile.asked) == 1


def test_who_is_not_let_in_is_told_so_and_asked_no_more_often_than_needed(many: Path) -> None:
    refused = Answer(401, headers=(("WWW-Authenticate", 'Basic realm="x"'),))
    with hostile_store(lambda _: refused) as hostile:
        done = upload(hostile.url, many, "--user", "me\x1b[2J", GRAPHKIT_PASSWORD="hush-hush")
        assert done.returncode == 4
        assert "got 401 Unauthorized: the user or the password is another" in done.stderr
        assert "hush-hush" not in done.stderr
        assert "\x1b" not in done.stderr
        assert len(hostile.asked) == 2


@pytest.mark.parametrize(
    "answer, words",
    [
        (b"", "expected an answer, got: the connection was closed before the answer was whole"),
        (b"SSH-2.0-OpenSSH_9.2p1\r\n", "expected an answer, got: the connection was closed"),
        (b"HTTP/1.1 200 OK\r\nServer: Oxigraph/1\r\nContent-Length: 9999\r\n\r\nhalf", "expected an answer, got: "),
        (b"HTTP/1.1 200 OK\r\nServer: Apache\x1b[2J\r\nContent-Length: 0\r\n\r\n", "a server that calls itself"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
            "a server that does not say what it is: say --kind, of oxigraph",
        ),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "got 404 Not Found: there is no such database"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "expected an answer, got: "),
    ],
)
def test_what_is_no_store_at_all_is_told_in_one_sentence(many: Path, answer: bytes, words: str) -> None:
    with rude_server(answer) as url:
        done = upload(url, many)
    assert done.returncode == 4
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert "\x1b" not in done.stderr


def test_a_refusal_that_comes_before_the_body_has_gone_over_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.nt"
    with path.open("w") as stream:
        stream.writelines(f'<http://example.org/{n:07}> <http://example.org/p> "{n}" .\n' for n in range(100_000))
    text = b"Too much for me"
    answer = b"HTTP/1.1 413 Too Large\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text)
    with rude_server(answer, read=100) as url:
        graph = StoreGraph(store_at(url, store_kind("gsp")), "", StoreConnection(retries=RetryPolicy(tries=1)))
        with pytest.raises(StoreError) as caught:
            graph.add(path, "nt")
    assert "413" in str(caught.value) or isinstance(caught.value, ConnectionLost)


def test_nobody_listening_and_no_such_machine_are_told_at_once(many: Path) -> None:
    nobody = upload(f"http://127.0.0.1:{free_port()}", many)
    assert nobody.returncode == 4
    assert "nothing answers at 127.0.0.1" in nobody.stderr
    assert "connection refused" in nobody.stderr
    assert nobody.stderr.count("\n") == 1
    unknown = upload("http://no-such-machine.invalid/", many)
    assert unknown.returncode == 4
    assert "no machine is named no-such-machine.invalid" in unknown.stderr


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that nobody has signed, with its key."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=127.0.0.1",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-keyout",
            "key.pem",
            "-out",
            "certificate.pem",
        ],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    return folder


@pytest.fixture
def tls(certificate: Path) -> Iterator[HostileStore]:
    """A store behind TLS."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate / "certificate.pem", certificate / "key.pem")
    with hostile_store(tls=context) as hostile:
        yield hostile


@pytest.mark.tools
def test_a_certificate_that_nobody_vouches_for_gets_nothing(tls: HostileStore, many: Path) -> None:
    done = upload(tls.url, many, "--user", "me", GRAPHKIT_PASSWORD="hush-hush")
    assert done.returncode == 4
    assert (
        "expected a certificate to trust, got one that is not: self-signed certificate; nothing was sent" in done.stderr
    )
    assert done.stderr.count("\n") == 1
    assert not tls.asked


@pytest.mark.tools
def test_a_certificate_that_is_named_is_trusted_for_its_own_name_only(
    tls: HostileStore, certificate: Path, many: Path
) -> None:
    file = str(certificate / "certificate.pem")
    assert upload(tls.url, many, "--cafile", file).returncode == 0
    assert tls.triples() == said(many)
    other = upload(tls.url.replace("127.0.0.1", "localhost"), many, "--cafile", file)
    assert other.returncode == 4
    assert "Hostname mismatch" in other.stderr


@pytest.mark.tools
def test_plain_http_where_tls_is_spoken_and_the_other_way_round(tls: HostileStore, many: Path) -> None:
    assert upload(tls.url.replace("https", "http"), many).returncode == 4
    with hostile_store() as plain:
        done = upload(plain.url.replace("http", "https"), many)
    assert done.returncode == 4
    assert "expected TLS, got: " in done.stderr


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["ftp://example.org/"], "expected the address of a store, such as"),
        (["localhost:3030"], "expected the address of a store, such as"),
        (["http://me:hush-hush@localhost/"], "expected an address without a password, got one for localhost"),
        (["http://localhost/?graph=x"], "expected an address without ? and #"),
        (["http://localhost/", "nothing-here"], "nothing-here: expected a file of RDF or a folder of exports"),
        (["http://localhost/", "--kind", "mysql"], "kind: expected one of oxigraph, fuseki,"),
        (["http://localhost/", "--kind", "fuseki", "--graph", "x y"], "graph: expected an absolute IRI, got 'x y'"),
        (["http://localhost/", "--kind", "virtuoso"], "graph: expected --graph IRI, as Virtuoso has no default graph"),
        (["http://localhost/", "--replace", "--append"], "expected one of --replace, --append and --patch"),
        (["http://localhost/", "--user", "me"], "expected a password for --user, got none"),
        (["http://localhost/", "--password-file", "x"], "expected --user with --password-file"),
        (
            ["http://localhost/", "--user", "me", "--password-file", "none"],
            "expected a file with a password, got: no such file",
        ),
        (["http://localhost/", "--cafile", "none"], "cafile: expected certificates in PEM, got 'none'"),
        (
            ["http://localhost/", "--patch", "none"],
            "expected a patch that `graphkit build --patch` wrote, got no such file",
        ),
        (["http://localhost/", "--kind", "stardog", "--gzip"], "expected a store that takes gzip, got Stardog"),
    ],
)
def test_arguments_that_cannot_be_served_are_told_before_anything_is_asked(
    many: Path, arguments: list[str], words: str
) -> None:
    url, *rest = arguments
    data = [] if rest[:1] == ["nothing-here"] else [str(many)]
    kind = [] if "--kind" in rest or "--patch" not in rest else ["--kind", "gsp"]
    done = run(url, *data, *rest, *kind)
    assert done.returncode == 2, done.stderr
    assert words in done.stderr
    assert "hush-hush" not in done.stderr


@pytest.mark.parametrize(
    "name, content, words",
    [
        ("a.nt", b"<http://example.org/a> <p> .\n", "expected N-Triples, got: "),
        ("a.ttl", b"@prefix a: <http://example.org/> .\na:b a:c a:d", "expected Turtle, got: "),
        ("a.nt.gz", b"no gzip", "expected a file that can be read, got: not a gzipped file"),
        ("a.nt", b"", "expected RDF, got a file that says nothing"),
        ("a.nq", b"", "expected triples, got a file of named graphs"),
        ("a.csv", b"", "expected a file that ends in .ttl, .nt, .rdf, .jsonld or .n3"),
        ("a.jsonld", b"{", "expected JSON-LD, got: "),
    ],
)
def test_a_file_that_is_no_rdf_is_told_before_anything_is_sent(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with hostile_store() as hostile:
        done = upload(hostile.url, path)
        assert done.returncode == 2, done.stderr
        assert words in done.stderr
        assert not hostile.writes


def test_a_full_disk_at_the_store_is_told(tmp_path: Path) -> None:
    path = tmp_path / "much.nt"
    with path.open("w") as stream:
        stream.writelines(
            f'<http://example.org/{n:07}> <http://example.org/p> "{n * 7919:0400}" .\n' for n in range(60_000)
        )
    kind, folder = Oxigraph, tmp_path / "data"
    if kind.missing():
        pytest.skip("oxigraph is not installed")
    store = kind(folder)
    try:
        store.start(limit=1 << 20)
        done = upload(store, path)
        assert done.returncode == 4
        assert "file too large" in done.stderr.lower() or "expected" in done.stderr
        assert "loaded" in done.stderr or "there" in done.stderr
        assert "Traceback" not in done.stderr
    finally:
        store.kill()


def test_the_password_is_in_no_representation() -> None:
    assert "hush-hush" not in repr(Credentials("me", "hush-hush"))
    assert "hush-hush" not in f"{Credentials('me', 'hush-hush')}"


def test_a_store_that_takes_no_whole_file_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "blank.nt"
    path.write_text('_:a <http://example.org/p> _:b .\n_:b <http://example.org/p> "c" .\n')
    connection = StoreConnection(retries=QUICK)
    graph = StoreGraph(store_at("http://127.0.0.1:9/", store_kind("sparql")), "", connection)
    with pytest.raises(UsageError, match="it has blank nodes, which lose each other in parts"):
        load(find_source(path), graph)


def test_blank_nodes_stay_together_and_a_whole_file_goes_in_one_request(tmp_path: Path) -> None:
    path = tmp_path / "blank.ttl"
    path.write_text(
        "@prefix e: <http://example.org/> .\n" + "".join(f"e:s{n} e:p _:shared , [ e:q {n} ] .\n" for n in range(500))
    )
    for store in started(Oxigraph, tmp_path / "data"):
        done = upload(store, path)
        assert done.returncode == 0, done.stderr
        assert "1 part" in done.stderr
        rows = store.select(
            "SELECT (COUNT(DISTINCT ?o) AS ?n) WHERE { ?s <http://example.org/p> ?o }", accept="text/csv"
        )
        assert rows.split() == [b"n", b"501"]
        assert len(held(store)) > 0
