"""The command line as a user runs it: output, messages and exit codes."""

import csv
import io
import json
import os
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import COMMAND, write_dataset
from rdflib import Graph

from taiwan_can_help.cli import main
from taiwan_can_help.release.folder import Releases

COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
CONSTRUCT = "CONSTRUCT WHERE { <http://e.example/a> <http://e.example/p> ?o }"


@pytest.fixture
def environment(tmp_path: Path, small: Path) -> dict[str, str]:
    return {**os.environ, "TCH_DATASET": str(small), "TCH_RELEASES": str(tmp_path / "releases")}


Done = subprocess.CompletedProcess[bytes]


def run(environment: dict[str, str], *arguments: str, given: bytes = b"") -> Done:
    """Run the command in this process, which saves its start; whatever it raises fails the test."""
    result = CliRunner(catch_exceptions=False).invoke(main, arguments, input=given, env=environment)
    return Done(arguments, result.exit_code, result.stdout_bytes, result.stderr_bytes)


def run_process(environment: dict[str, str], *arguments: str, given: bytes = b"") -> Done:
    """Run the command as a process of its own."""
    done = subprocess.run([*COMMAND, *arguments], env=environment, input=given, capture_output=True, timeout=60)
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done


def fails(code: int, says: str, done: Done) -> None:
    assert (done.returncode, done.stdout) == (code, b"")
    assert says in done.stderr.decode()


def test_help_of_each_verb(environment: dict[str, str]) -> None:
    done = run(environment, "--help")
    assert done.returncode == 0
    listed = done.stdout.decode().partition("Commands:")[2].splitlines()
    verbs = [line.split()[0] for line in listed if line.startswith("  ") and line[2] != " "]
    assert {"serve", "build", "query", "export", "import"} <= set(verbs)
    for verb in verbs:
        shown = run(environment, verb, "--help")
        assert shown.returncode == 0
        assert b"Usage: " in shown.stdout
        assert verb.encode() in shown.stdout
    assert run(environment, "--version").returncode == 0


@pytest.mark.parametrize("name", ["csv", "tsv", "json", "xml", None])
def test_select(environment: dict[str, str], name: str | None) -> None:
    done = run(environment, "query", "-", *(["--format", name] if name else []), given=COUNT.encode())
    assert done.returncode == 0
    match name:
        case "json":
            assert json.loads(done.stdout)["results"]["bindings"][0]["n"]["value"] == "5"
        case "xml":
            assert b">5</literal>" in done.stdout
        case "tsv":
            assert done.stdout.split() == [b"?n", b"5"]
        case _:
            assert list(csv.reader(io.StringIO(done.stdout.decode()))) == [["n"], ["5"]]


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")
@pytest.mark.parametrize(
    ("name", "parser"), [(None, "turtle"), ("ttl", "turtle"), ("nt", "nt"), ("jsonld", "json-ld"), ("rdf", "xml")]
)
def test_construct(environment: dict[str, str], name: str | None, parser: str) -> None:
    done = run(environment, "query", "-", *(["--format", name] if name else []), given=CONSTRUCT.encode())
    assert done.returncode == 0
    assert len(Graph().parse(data=done.stdout, format=parser)) == 3


def test_query_from_a_file(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "q.rq").write_text("ASK { ?s ?p '貓'@zh-Hant }", "utf-8")
    done = run(environment, "query", str(tmp_path / "q.rq"), "--format", "json")
    assert json.loads(done.stdout)["boolean"] is True


def test_exit_codes_of_the_process(environment: dict[str, str]) -> None:
    assert run_process(environment, "query", "-", given=COUNT.encode()).stdout == b"n\r\n5\r\n"
    fails(1, "error", run_process(environment, "query", "-", given=b"nonsense"))
    fails(2, "Usage: ", run_process(environment, "query", "-", "--nonsense"))


def test_query_faults(environment: dict[str, str], tmp_path: Path) -> None:
    fails(1, "2:", run(environment, "query", "-", given=b"SELECT * WHERE {\n ?s ?p }"))
    fails(1, "error", run(environment, "query", "-", given=b"DELETE WHERE { ?s ?p ?o }"))
    fails(1, "csv", run(environment, "query", "-", "--format", "csv", given=CONSTRUCT.encode()))
    fails(1, "UTF-8", run(environment, "query", "-", given=b"ASK { ?s ?p '\xff' }"))
    fails(1, "nonsense", run(environment, "query", "-", "--endpoint", "nonsense", given=b"ASK {}"))
    fails(1, "reached", run(environment, "query", "-", "--endpoint", "http://127.0.0.1:9/", given=b"ASK {}"))
    fails(2, "none.rq", run(environment, "query", str(tmp_path / "none.rq")))


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["query"],
        ["query", "-", "--format", "nonsense"],
        ["query", "-", "--format", "html"],
        ["query", "-", "--nonsense"],
        ["export", "exe"],
        ["export"],
        ["serve", "--port", "70000"],
        ["serve", "--port", "x"],
        ["serve", "--workers", "0"],
        ["serve", "--query-timeout", "0"],
        ["serve", "--query-timeout", "-1"],
        ["build", "extra"],
    ],
)
def test_a_wrong_call_exits_2(environment: dict[str, str], arguments: list[str]) -> None:
    fails(2, "Usage: ", run(environment, *arguments, given=b"ASK {}"))


@pytest.mark.parametrize("name", ["ttl", "nt", "nq", "trig", "jsonld", "rdf"])
def test_export_is_the_dump(environment: dict[str, str], tmp_path: Path, name: str) -> None:
    output = tmp_path / "out"
    assert run(environment, "export", name, "-o", str(output)).returncode == 0
    releases = Releases(Path(environment["TCH_RELEASES"]), Path(environment["TCH_DATASET"]))
    dump = (releases.link / f"dump.{name}").read_bytes()
    assert output.read_bytes() == dump
    assert run(environment, "export", name).stdout == dump


def test_export_to_nowhere(environment: dict[str, str], tmp_path: Path) -> None:
    done = run(environment, "export", "ttl", "-o", str(tmp_path / "none" / "out"))
    fails(1, "out", done)


def test_an_export_that_finds_no_room_leaves_what_was_there(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "to").mkdir()
    output = tmp_path / "to" / "out"
    output.write_text("former")
    run(environment, "build")
    command = [*COMMAND, "export", "ttl", "-o", str(output)]
    done = subprocess.run(["prlimit", "--fsize=16", *command], env=environment, capture_output=True, timeout=60)
    fails(1, f"{output}: cannot be written: File too large", done)
    assert [path.name for path in output.parent.iterdir()] == ["out"]
    assert output.read_text() == "former"


def test_an_export_goes_into_a_pipe(environment: dict[str, str], tmp_path: Path) -> None:
    run(environment, "build")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE) as reader:
        run(environment, "export", "nt", "-o", str(pipe))
        read, _ = reader.communicate(timeout=10)
    assert read == run(environment, "export", "nt").stdout


def test_build_says_what_it_made(environment: dict[str, str]) -> None:
    done = run(environment, "build")
    assert done.returncode == 0
    assert b"5 triples" in done.stdout
    assert run(environment, "build").stdout == done.stdout


def test_endpoint(environment: dict[str, str], server: str) -> None:
    endpoint = ["query", "-", "--endpoint", f"{server}/sparql"]
    done = run(environment, *endpoint, given=COUNT.encode())
    assert int(done.stdout.split()[1]) > 30_000
    done = run(environment, *endpoint, "--format", "json", given=b"ASK {}")
    assert json.loads(done.stdout)["boolean"] is True
    done = run(environment, *endpoint, given=b"CONSTRUCT WHERE { ?s ?p ?o } LIMIT 7")
    assert len(Graph().parse(data=done.stdout, format="turtle")) == 7
    fails(1, "answers 400", run(environment, *endpoint, given=b"SELECT * WHERE { ?s ?p }"))
    assert not Path(environment["TCH_RELEASES"]).exists()


def test_serve_with_a_bad_dataset(environment: dict[str, str], tmp_path: Path) -> None:
    bad = write_dataset(tmp_path / "bad", {"data/x.ttl": "<http://e.example/a> nonsense .\n"})
    fails(1, "data/x.ttl: line 1", run_process(environment, "serve", "--port", "0", "--dataset", str(bad)))
    fails(1, "no such folder", run(environment, "serve", "--port", "0", "--dataset", str(tmp_path / "none")))


def test_serve_on_a_port_in_use(environment: dict[str, str], server: str) -> None:
    done = run_process(environment, "serve", "--port", server.rpartition(":")[2])
    assert done.returncode == 1
    assert b"in use" in done.stderr
