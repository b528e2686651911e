"""The harness works: made data that looks like ours, answers compared, samples taken, verdicts given.

No figure is asserted. Where wrk and nginx are not installed, what they measure is left out, as the harness does.
"""

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from benchmarks.compare import FIRST_TIME, FIRST_TIME_RATE, REPEATED, REPEATED_RATE
from benchmarks.curves import LOOKUP, ROWS, Curves, clients_name, rows_name
from benchmarks.data import SEED, Data, prepare
from benchmarks.dumps import DUMP_RATE
from benchmarks.generator import generate
from benchmarks.peers import Endpoint, Unavailable, in_process, nginx, ours, oxigraph
from benchmarks.peers.in_process import InProcess
from benchmarks.peers.ours import Ours
from benchmarks.peers.oxigraph import Oxigraph
from benchmarks.questions import questions
from benchmarks.report import COMPARISON, GROWTH, PAGE, write_report
from benchmarks.results import Finding, Measurement, Results
from benchmarks.run import Plan, Run
from benchmarks.targets import rows
from taiwan_can_help.dataset.folder import DatasetFolder, default_dataset

SIZE = 20_000
ASKED = (LOOKUP, "construct", "masks-total", ROWS)
TOOLS = all(map(shutil.which, ("wrk", "nginx")))


class Half(Oxigraph):
    """A server that has lost half of the data."""

    name = "half"

    @contextlib.contextmanager
    def serving(self, data: Data, folder: Path) -> Iterator[Endpoint]:
        half = folder / "half.nt"
        with data.ntriples.open("rb") as lines:
            half.write_bytes(b"".join(islice(lines, data.triples // 2)))
        with super().serving(replace(data, ntriples=half), folder) as endpoint:
            yield endpoint


class Missing(Oxigraph):
    """A server that can't be installed."""

    name = "missing"

    def install(self) -> None:
        raise Unavailable("there is no such package")


@pytest.fixture(scope="module")
def results() -> Results:
    peers = (Ours(), Oxigraph(), Half(), Missing())
    curves = Curves(SIZE, lengths=(10, 100), clients=(1, 2), rounds=1, seconds=1)
    return Run(Plan({SIZE: peers}, rounds=1, rates=TOOLS, alone=False, curves=curves, only=ASKED)).measure()


def test_every_question_is_put_to_every_system(results: Results) -> None:
    for system in (ours.NAME, oxigraph.NAME, in_process.NAME):
        assert {("20k", name) for name in (*ASKED, rows_name(10), rows_name(100))} == set(
            results.of(FIRST_TIME, system)
        )
    assert {what for _, what in results.of(REPEATED, ours.NAME)} >= set(ASKED)


def test_load_and_dumps_are_measured_where_the_tools_are(results: Results) -> None:
    for system in (ours.NAME, oxigraph.NAME):
        rated = {what for _, what in results.of(REPEATED_RATE, system)}
        assert rated == ({*ASKED, clients_name(1), clients_name(2)} if "wrk" in results.machine else set())
        assert ("20k", LOOKUP) in results.of(FIRST_TIME_RATE, system) or not TOOLS
    assert bool(results.of(DUMP_RATE, nginx.NAME)) is TOOLS


def test_an_answer_that_differs_is_told_and_counts_for_nothing(results: Results) -> None:
    found = {finding.what for finding in results.findings if finding.system == "half"}
    assert {ROWS, "masks-total"} <= found
    assert not any(finding.system in (ours.NAME, oxigraph.NAME, in_process.NAME) for finding in results.findings)


def test_a_peer_that_cannot_be_had_is_left_out_with_the_reason(results: Results) -> None:
    assert [finding.text for finding in results.findings if finding.system == "missing"] == [
        "left out: there is no such package"
    ]


def test_results_are_read_back_and_become_a_page_with_charts(results: Results, tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    results.write(file)
    assert Results.read(file).findings == results.findings
    assert len(Results.read(file).measurements) == len(results.measurements)
    write_report(tmp_path, file, file)
    page = (tmp_path / PAGE).read_text("utf-8")
    assert all(row.target.name in page for row in rows(results))
    assert "masks-total" in page
    for chart in (COMPARISON, GROWTH):
        assert (tmp_path / chart).read_text("utf-8").startswith("<svg")
        assert chart in page


def test_made_data_is_the_same_for_the_same_seed(tmp_path: Path) -> None:
    source = DatasetFolder.open(default_dataset())
    for name, seed in (("one", SEED), ("same", SEED), ("other", SEED + 1)):
        generate(source, tmp_path / name, SIZE, seed)
    one, same, other = (DatasetFolder(tmp_path / name).digest() for name in ("one", "same", "other"))
    assert one == same
    assert one != other


def test_every_question_has_an_answer_in_made_data(tmp_path: Path) -> None:
    data = prepare(SIZE, tmp_path)
    assert abs(data.triples - SIZE) < SIZE / 20
    engine = InProcess(data)
    asked = questions(data.dataset)
    assert len(asked) == 16
    for question in asked:
        _, body = engine.ask(question.text, question.accept)
        assert b'"value"' in body or b"country" in body, question.name


def measured(system: str, *samples: float) -> Measurement:
    return Measurement("real", 40_000, LOOKUP, system, REPEATED_RATE, samples)


@pytest.mark.parametrize(
    ("mine", "theirs", "verdict"),
    [
        ((300, 290, 310), (100, 105, 95), "goal met"),
        ((150, 145, 155), (100, 105, 95), "must met, goal missed by 1 of 1"),
        ((50, 55, 45), (100, 105, 95), "must missed by 1 of 1"),
        ((300, 290, 310), (100, 160, 95), "no verdict: noise in 1 of 1: lookup (real)"),
    ],
)
def test_verdict(mine: tuple[float, ...], theirs: tuple[float, ...], verdict: str) -> None:
    results = Results({}, [measured(ours.NAME, *mine), measured(oxigraph.NAME, *theirs)])
    assert rows(results)[0].verdict == verdict


def test_a_question_that_we_fail_is_a_target_missed() -> None:
    results = Results({}, [measured(ours.NAME, 300, 310), measured(oxigraph.NAME, 100, 105)])
    results.findings.append(Finding("real", ours.NAME, "count-all", "answered 503"))
    assert rows(results)[0].verdict == "must missed by 1 of 2"
