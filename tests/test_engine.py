"""The engine interface: in memory and in a pool of workers, with the same answers and the same errors."""

import contextlib
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyoxigraph as ox
import pytest
from conftest import LONG, RUNAWAY, workers

from taiwan_can_help.engine import (
    ClientLeft,
    Engine,
    EngineBusy,
    EngineError,
    NotAcceptable,
    Query,
    QueryError,
    QueryTimeout,
)
from taiwan_can_help.engine.memory import MemoryEngine, load
from taiwan_can_help.engine.pool import MOST_CALLS, Limits, PoolEngine, running_pool
from taiwan_can_help.protocol import formats as f
from taiwan_can_help.protocol.formats import RESULT_FORMATS, Format, ResultKind

QUADS = """\
<http://e.example/a> <http://e.example/p> "one" .
<http://e.example/a> <http://e.example/p> "\\u8C93, \\"quoted\\"\\n"@zh-Hant .
<http://e.example/a> <http://e.example/q> _:b .
<http://e.example/b> <http://e.example/p> "1.50"^^<http://www.w3.org/2001/XMLSchema#decimal> .
<http://e.example/c> <http://e.example/p> "in g" <http://e.example/g> .
<http://e.example/d> <http://e.example/p> "in h" <http://e.example/h> .
"""
DEFAULT: dict[ResultKind, Format | None] = {
    ResultKind.BINDINGS: f.JSON,
    ResultKind.BOOLEAN: f.JSON,
    ResultKind.GRAPH: f.N_TRIPLES,
}
COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
COUNT_NAMED = "SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }"
ALL = "SELECT ?s ?p ?o WHERE { ?s ?p ?o FILTER(!ISBLANK(?o)) } ORDER BY ?s ?p ?o"


@pytest.fixture(scope="module")
def nquads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("engine") / "dump.nq"
    path.write_text(QUADS, "utf-8")
    return path


@pytest.fixture(scope="module")
def memory(nquads: Path) -> MemoryEngine:
    return MemoryEngine(load(nquads))


@pytest.fixture(scope="module")
def pool(nquads: Path) -> Iterator[PoolEngine]:
    with running_pool(nquads, 2, Limits(30)) as engine:
        yield engine


@pytest.fixture(params=["memory", "pool"])
def engine(request: pytest.FixtureRequest, memory: MemoryEngine, pool: PoolEngine) -> Engine:
    return memory if request.param == "memory" else pool


def count(engine: Engine, query: Query) -> int:
    return int(json.loads(engine.query(query, DEFAULT).read())["results"]["bindings"][0]["n"]["value"])


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (ALL, ResultKind.BINDINGS),
        ("SELECT ?none WHERE {}", ResultKind.BINDINGS),
        ("SELECT * WHERE { FILTER(false) }", ResultKind.BINDINGS),
        ("ASK {}", ResultKind.BOOLEAN),
        ("ASK { FILTER(false) }", ResultKind.BOOLEAN),
        ("CONSTRUCT WHERE { <http://e.example/b> ?p ?o }", ResultKind.GRAPH),
        ("CONSTRUCT {} WHERE {}", ResultKind.GRAPH),
        ("DESCRIBE <http://e.example/b>", ResultKind.GRAPH),
    ],
)
def test_both_engines_agree_in_every_format(memory: Engine, pool: Engine, text: str, kind: ResultKind) -> None:
    for offer in RESULT_FORMATS[kind]:
        one, other = (engine.query(Query(text), {**DEFAULT, kind: offer}) for engine in (memory, pool))
        assert (one.kind, one.format) == (other.kind, other.format) == (kind, offer)
        content = one.read()
        assert content == other.read()
        assert content or text.startswith("CONSTRUCT {}")


def test_long_results_come_whole(memory: Engine, pool: Engine) -> None:
    csv = {**DEFAULT, ResultKind.BINDINGS: f.CSV}
    pieces = list(pool.query(Query(LONG), csv).chunks)
    assert len(pieces) > 10
    assert max(map(len, pieces)) < 1024 * 1024
    assert b"".join(pieces) == memory.query(Query(LONG), csv).read()


@pytest.mark.parametrize(
    ("query", "says"),
    [
        (Query("SELECT * WHERE {\n ?s ?p }"), "2:"),
        (Query(""), "expected"),
        (Query("DELETE WHERE { ?s ?p ?o }"), "expected"),
        (Query("ASK {}", default_graphs=("not an iri",)), "absolute IRI"),
        (Query("ASK {}", named_graphs=("",)), "absolute IRI"),
        (Query("SELECT * WHERE { ?s ?p ?o }", bindings={"s": "nonsense"}), "nonsense"),
        (Query("SELECT * WHERE { ?s ?p ?o }", bindings={"s": "<http://a> . <http://b>"}), "N-Triples"),
    ],
)
def test_query_errors(engine: Engine, query: Query, says: str) -> None:
    with pytest.raises(QueryError, match=says):
        engine.query(query, DEFAULT)
    assert count(engine, Query(COUNT)) == 4


@pytest.mark.parametrize(("text", "kind"), [("ASK {}", ResultKind.BOOLEAN), (ALL, ResultKind.BINDINGS)])
def test_not_acceptable(engine: Engine, text: str, kind: ResultKind) -> None:
    with pytest.raises(NotAcceptable) as caught:
        engine.query(Query(text), {**DEFAULT, kind: None})
    assert caught.value.kind is kind


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        (Query(COUNT), 4),
        (Query(COUNT_NAMED), 2),
        (Query(COUNT, default_graphs=("http://e.example/g",)), 1),
        (Query(COUNT, default_graphs=("http://e.example/g", "http://e.example/h")), 2),
        (Query(COUNT, default_graphs=("http://e.example/none",)), 0),
        (Query(COUNT, default_graphs=(), named_graphs=("http://e.example/g",)), 0),
        (Query(COUNT_NAMED, default_graphs=(), named_graphs=("http://e.example/g",)), 1),
        (Query(COUNT_NAMED, default_graphs=("http://e.example/g",), named_graphs=()), 0),
        (Query(COUNT.replace("WHERE", "FROM <http://e.example/g> WHERE")), 1),
        (
            Query(COUNT.replace("WHERE", "FROM <http://e.example/g> WHERE"), default_graphs=("http://e.example/none",)),
            0,
        ),
    ],
)
def test_graphs_and_bindings(engine: Engine, query: Query, wanted: int) -> None:
    assert count(engine, query) == wanted


@pytest.mark.parametrize(
    ("bindings", "wanted"),
    [
        ({}, 4),
        ({"s": "<http://e.example/a>"}, 3),
        ({"s": "<http://e.example/a>", "p": "<http://e.example/q>"}, 1),
        ({"o": '"one"'}, 1),
        ({"o": '"1.50"^^<http://www.w3.org/2001/XMLSchema#decimal>'}, 1),
        ({"o": '"one> } #"'}, 0),
    ],
)
def test_bindings(engine: Engine, bindings: dict[str, str], wanted: int) -> None:
    answer = engine.query(Query("SELECT * WHERE { ?s ?p ?o }", bindings=bindings), DEFAULT)
    assert len(json.loads(answer.read())["results"]["bindings"]) == wanted


def test_timeout(nquads: Path) -> None:
    with running_pool(nquads, 1, Limits(0.5)) as engine:
        for _ in range(3):
            started = time.monotonic()
            with pytest.raises(QueryTimeout, match=r"0\.5 seconds"):
                engine.query(Query(RUNAWAY), DEFAULT)
            assert time.monotonic() - started < 1.5
            assert count(engine, Query(COUNT)) == 4


def test_light_queries_go_on_beside_as_many_heavy_ones_as_there_is_room_for(nquads: Path) -> None:
    with running_pool(nquads, 1, Limits(20)) as engine:
        heavy = engine.query(Query(LONG), DEFAULT)
        with ThreadPoolExecutor(1) as threads:
            waiting = threads.submit(lambda: engine.query(Query(LONG), DEFAULT).read())
            time.sleep(1)
            for _ in range(3):
                with pytest.raises(EngineBusy, match="long queries"):
                    engine.query(Query(RUNAWAY), DEFAULT)
                assert count(engine, Query(COUNT)) == 4
            assert not waiting.done()
            assert heavy.read() == waiting.result()
        assert len(engine.query(Query(LONG), DEFAULT).read()) > 1_000_000


def test_waiting_for_a_place_counts_as_time(nquads: Path) -> None:
    with running_pool(nquads, 1, Limits(1)) as engine:
        heavy = engine.query(Query(LONG), DEFAULT)
        with pytest.raises(QueryTimeout):
            engine.query(Query(LONG), DEFAULT)
        del heavy
        assert count(engine, Query(COUNT)) == 4


def test_only_so_many_queries_may_wait(nquads: Path) -> None:
    with running_pool(nquads, 1, Limits(2)) as engine, ThreadPoolExecutor(MOST_CALLS + 1) as threads:
        calls = [threads.submit(engine.query, Query(RUNAWAY), DEFAULT) for _ in range(MOST_CALLS + 1)]
        errors = [call.exception() for call in calls]
        assert all(isinstance(error, EngineError) for error in errors)
        assert any("waiting" in str(error) for error in errors)
        assert count(engine, Query(COUNT)) == 4


def test_a_query_may_lower_its_limit_but_not_raise_it(nquads: Path) -> None:
    with running_pool(nquads, 1, Limits(1)) as engine:
        for seconds, limit in ((0.3, r"0\.3"), (60, "1")):
            with pytest.raises(QueryTimeout, match=f"limit of {limit} seconds"):
                engine.query(Query(RUNAWAY, seconds=seconds), DEFAULT)


def test_memory_is_limited(nquads: Path) -> None:
    everything = "SELECT * WHERE { " + LONG.removeprefix("SELECT * WHERE { ").removesuffix(" }") + " } ORDER BY ?b ?a"
    with running_pool(nquads, 1, Limits(20, memory=32 * 1024 * 1024)) as engine:
        with pytest.raises(EngineError, match="memory"):
            engine.query(Query(everything), DEFAULT)
        assert count(engine, Query(COUNT)) == 4


@pytest.mark.parametrize("most", [1000, 2_000_000])
def test_a_result_is_limited(nquads: Path, most: int) -> None:
    with running_pool(nquads, 1, Limits(30, result=most)) as engine:
        with pytest.raises(EngineError, match=f"{most:,} bytes"):
            engine.query(Query(LONG), DEFAULT).read()
        assert count(engine, Query(COUNT)) == 4


def read_slowly(engine: Engine, query: Query, client: socket.socket) -> None:
    for _ in engine.query(query, DEFAULT, client).chunks:
        time.sleep(0.05)


@pytest.mark.parametrize("text", [RUNAWAY, LONG])
def test_a_client_that_leaves_stops_the_work(nquads: Path, text: str) -> None:
    with running_pool(nquads, 1, Limits(20)) as engine:
        client, server = socket.socketpair()
        with server, client:
            threading.Timer(0.5, client.close).start()
            started = time.monotonic()
            with pytest.raises(ClientLeft):
                read_slowly(engine, Query(text), server)
            assert time.monotonic() - started < 2
        assert len(engine.query(Query(LONG), DEFAULT).read()) > 1_000_000


@pytest.mark.parametrize("read_first", [False, True])
def test_an_answer_that_nobody_reads_holds_no_worker(nquads: Path, *, read_first: bool) -> None:
    with running_pool(nquads, 1, Limits(30)) as engine:
        for _ in range(3):
            answer = engine.query(Query(LONG), DEFAULT)
            if read_first:
                next(answer.chunks)
            del answer
        started = time.monotonic()
        assert count(engine, Query(COUNT)) == 4
        assert time.monotonic() - started < 2


def test_dropped_answers_disturb_no_other_query(pool: PoolEngine) -> None:
    for _ in range(200):
        pool.query(Query("ASK {}"), DEFAULT)  # dropped unread: its worker may be killed
        assert count(pool, Query(COUNT)) == 4


def test_a_query_at_fault_costs_no_worker(nquads: Path) -> None:
    with running_pool(nquads, 2, Limits(30)) as engine:
        assert count(engine, Query(COUNT)) == 4
        before = workers()
        for text in ["nonsense", "ASK {}", "SELECT * WHERE { ?s ?p }"] * 5:
            with pytest.raises((QueryError, NotAcceptable)):
                engine.query(Query(text), {**DEFAULT, ResultKind.BOOLEAN: None})
        assert workers() == before
        assert len(before) == 2


def test_a_worker_that_is_killed_at_a_query_gives_an_error_and_is_replaced(nquads: Path) -> None:
    with running_pool(nquads, 1, Limits(30)) as engine:
        answer = engine.query(Query(LONG), DEFAULT)
        for worker in workers():
            os.kill(worker, signal.SIGKILL)
        with pytest.raises(EngineError, match="killed"):
            answer.read()
        assert count(engine, Query(COUNT)) == 4


def test_a_query_that_breaks_the_engine_down_gives_an_error_that_says_so(nquads: Path) -> None:
    nested = "ASK { FILTER" + "(" * 100_000 + "1" + ")" * 100_000 + " }"
    with running_pool(nquads, 1, Limits(30)) as engine:
        with pytest.raises(EngineError, match="nested"):
            engine.query(Query(nested), DEFAULT)
        assert count(engine, Query(COUNT)) == 4


def test_a_call_dropped_as_a_worker_takes_it_leaves_no_work_behind(nquads: Path) -> None:
    with running_pool(nquads, 1, Limits(30)) as engine:
        for pause in (0.0, 0.0001, 0.0003, 0.001, 0.01) * 4:
            client, server = socket.socketpair()
            with server, client:
                threading.Timer(pause, client.close).start()
                with pytest.raises(ClientLeft):
                    engine.query(Query(RUNAWAY), DEFAULT, server)
        started = time.monotonic()
        assert count(engine, Query(COUNT)) == 4
        assert time.monotonic() - started < 5


def test_no_query_is_lost_to_a_worker_that_dies_before_it(nquads: Path) -> None:
    with running_pool(nquads, 2, Limits(30)) as engine:
        for _ in range(50):
            for worker in workers():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)
            assert count(engine, Query(COUNT)) == 4


def test_processes_stay_as_many_as_they_were(nquads: Path) -> None:
    with running_pool(nquads, 2, Limits(30)) as engine:
        for _ in range(5):
            engine.query(Query(LONG), DEFAULT).read()
        assert count(engine, Query(COUNT)) == 4
        deadline = time.monotonic() + 5
        while len(workers()) != 2 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert len(workers()) == 2


def test_a_pool_that_is_gone(nquads: Path) -> None:
    with running_pool(nquads, 1, Limits(30)) as engine:
        assert count(engine, Query(COUNT)) == 4
    with pytest.raises(EngineError, match="reached"):
        engine.query(Query(COUNT), DEFAULT)


def test_a_pool_without_its_file(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="did not start"), running_pool(tmp_path / "none.nq", 1, Limits(30)):
        pass


def test_an_empty_store() -> None:
    assert count(MemoryEngine(ox.Store()), Query(COUNT)) == 0
