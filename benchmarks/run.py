"""The whole comparison: prepare the data, start the peers, ask, and measure what is ours alone."""

import http.client
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

import click

from benchmarks.compare import FEW_ROUNDS, Comparison, System
from benchmarks.curves import LOOKUP, ROWS, Curves, by_clients, by_length
from benchmarks.data import BUILD, REAL, Data, prepare, shown
from benchmarks.dumps import compare_dumps
from benchmarks.limits import measure_first_answer, measure_limits, measure_memory
from benchmarks.load import WRK, Connection, RequestFailed, install_wrk
from benchmarks.machine import describe_machine
from benchmarks.peers import Peer, Unavailable, in_process
from benchmarks.peers.comunica import Comunica
from benchmarks.peers.nginx import NAME as NGINX
from benchmarks.peers.nginx import Nginx
from benchmarks.peers.ours import NAME as OURS
from benchmarks.peers.ours import Ours
from benchmarks.peers.oxigraph import NAME as OXIGRAPH
from benchmarks.peers.oxigraph import Oxigraph
from benchmarks.peers.rdflib_endpoint import RdflibEndpoint
from benchmarks.peers.virtuoso import Virtuoso
from benchmarks.processes import NotServing, megabytes, wait_until_warm
from benchmarks.questions import Question, questions
from benchmarks.results import Finding, Measurement, Results
from benchmarks.targets import is_light
from benchmarks.validation import measure_validation

LOADED, MEMORY_AFTER = "started and loaded, s", "memory after the questions, MB"
EVERYWHERE = "all"
SIZES = (20_000, 200_000, 1_000_000, 10_000_000)


@dataclass(frozen=True)
class Plan:
    """What to measure: sizes (None is the real data) with the peers to ask at each, and how many rounds.

    ``rates``: requests a second and dumps too, for which wrk and nginx come from Debian. ``alone``: what is ours
    alone too. ``curves``: how cost grows with results and clients. ``only``: the questions to ask, by name.
    """

    sizes: dict[int | None, tuple[Peer, ...]]
    rounds: int
    rates: bool = True
    alone: bool = True
    curves: Curves | None = None
    only: tuple[str, ...] = ()


def full_plan() -> Plan:
    """Return what ``make bench`` measures.

    Peers that evaluate in Python or JavaScript may take minutes for one query over a million triples, so they are
    asked at the real size alone.
    """
    fast = (Ours(), Oxigraph(), Virtuoso())
    return Plan({None: (*fast, RdflibEndpoint(), Comunica()), 1_000_000: fast}, rounds=5)


def scale_plan(most: int) -> Plan:
    """Return what ``make bench-scale`` measures, of the sizes up to ``most`` triples."""
    peers: tuple[Peer, ...] = (Ours(), Oxigraph())
    sizes: dict[int | None, tuple[Peer, ...]] = dict.fromkeys((each for each in SIZES if each <= most), peers)
    return Plan(sizes, rounds=FEW_ROUNDS, rates=False, alone=False, curves=Curves(at=1_000_000))


@dataclass
class Run:
    """One run of a plan."""

    plan: Plan
    results: Results = field(default_factory=lambda: Results(describe_machine()))
    _available: set[str] = field(default_factory=set)
    _nginx: Nginx = field(default_factory=Nginx)
    _started: float = field(default_factory=time.monotonic)

    def measure(self) -> Results:
        """Measure everything; what can't be had is left out, with a finding that says why."""
        self._install()
        with tempfile.TemporaryDirectory(prefix="tch-bench-") as folder:
            for size, peers in self.plan.sizes.items():
                home = Path(folder) / (REAL if size is None else shown(size))
                home.mkdir()
                self._say(f"{home.name}: building")
                try:
                    data = prepare(size, home)
                except subprocess.CalledProcessError as error:
                    self._find(home.name, OURS, f"not built, exit code {error.returncode}: {error.stderr[-200:]}")
                    continue
                self.results.add([_measured(data, "release", OURS, BUILD, data.build_seconds)])
                self._compare(data, [peer for peer in peers if peer.name in self._available], home)
                if self.plan.alone:
                    self._alone(data)
                shutil.rmtree(home)
        minutes = (time.monotonic() - self._started) / 60
        self.results.machine["took"] = f"{minutes:.1f} minutes"
        return self.results

    def _install(self) -> None:
        peers = {peer.name: peer for peers in self.plan.sizes.values() for peer in peers}
        wanted: dict[str, tuple[Callable[[], object], Callable[[], str]]] = {
            name: (peer.install, peer.version) for name, peer in peers.items()
        }
        if self.plan.rates or self.plan.curves:
            wanted |= {NGINX: (self._nginx.install, self._nginx.version), WRK: (install_wrk, install_wrk)}
        for name, (install, version) in wanted.items():
            self._say(f"installing {name}")
            try:
                install()
                self.results.machine[name] = version()
                self._available.add(name)
            except Unavailable as error:
                self._find(EVERYWHERE, name, f"left out: {error}")

    def _compare(self, data: Data, peers: list[Peer], folder: Path) -> None:
        with ExitStack() as stack:
            systems = [system for peer in peers if (system := self._start(peer, data, folder, stack))]
            if OURS not in (system.name for system in systems):
                return
            systems.append(System.within(in_process.NAME, in_process.InProcess(data)))
            self._say(f"{data.name}: waiting until all are warm")
            wait_until_warm([system.endpoint.process for system in systems if system.endpoint])
            asked = [each for each in questions(data.dataset) if not self.plan.only or each.name in self.plan.only]
            comparison = Comparison(data, systems, asked, self.results, self.plan.rounds)
            self._watch(f"{data.name}: the answers, compared", comparison.check_answers(), len(asked))
            self._watch(f"{data.name}: p50", comparison.latencies(), len(asked))
            if WRK in self._available and self.plan.rates:
                light = [question.name for question in asked if is_light(self.results, data.name, question.name)]
                both = (OURS, OXIGRAPH)
                self._watch(f"{data.name}: requests/s, repeated", comparison.rates(both, repeated=True), len(asked))
                first_time = comparison.rates(both, repeated=False, only=light)
                self._watch(f"{data.name}: requests/s, first-time", first_time, len(light))
            if self.plan.curves and data.name == shown(self.plan.curves.at):
                self._curves(self.plan.curves, data, systems, {question.name: question for question in asked})
            endpoints = {system.name: system.endpoint for system in systems if system.endpoint}
            self.results.add(
                _measured(data, "server", name, MEMORY_AFTER, megabytes(endpoint.process))
                for name, endpoint in endpoints.items()
            )
            if {NGINX, WRK} <= self._available and self.plan.rates:
                self._say(f"{data.name}: dumps")
                compare_dumps(data, endpoints[OURS], self._nginx, folder, self.plan.rounds, self.results)

    def _curves(self, curves: Curves, data: Data, systems: list[System], asked: dict[str, Question]) -> None:
        lengths = by_length(curves, data, systems, asked[ROWS], self.results)
        self._watch(f"{data.name}: p50 by rows", lengths, len(curves.lengths))
        if WRK in self._available:
            servers = [system for system in systems if system.endpoint]
            clients = by_clients(curves, data, servers, asked[LOOKUP], self.results)
            self._watch(f"{data.name}: requests/s by clients", clients, len(curves.clients))

    def _start(self, peer: Peer, data: Data, folder: Path, stack: ExitStack) -> System | None:
        self._say(f"{data.name}: starting {peer.name}")
        started = time.monotonic()
        try:
            endpoint = stack.enter_context(peer.serving(data, folder))
        except NotServing as error:
            self._find(data.name, peer.name, f"left out: {error}")
            return None
        self.results.add([_measured(data, "server", peer.name, LOADED, time.monotonic() - started)])
        connection = stack.enter_context(closing(Connection(endpoint.url)))
        return System.at(peer.name, endpoint, connection)

    def _alone(self, data: Data) -> None:
        steps: dict[str, Callable[[], list[Measurement]]] = {
            "memory of a streamed result": lambda: measure_memory(data, FEW_ROUNDS)
        }
        if data.name == REAL:
            steps["runaways"] = lambda: measure_limits(data, FEW_ROUNDS)
            steps["first answer"] = lambda: measure_first_answer(data, self.plan.rounds)
            steps["validation"] = lambda: measure_validation(data, FEW_ROUNDS)
        for name, step in steps.items():
            self._say(f"{data.name}: {name}")
            try:
                self.results.add(step())
            except (NotServing, RequestFailed, OSError, http.client.HTTPException, subprocess.SubprocessError) as error:
                self._find(data.name, OURS, f"{name} not measured: {type(error).__name__}: {error}")

    def _watch(self, label: str, steps: Iterator[str], length: int) -> None:
        self._say(label)
        with click.progressbar(steps, length, file=sys.stderr, item_show_func=lambda name: name or "") as shown_steps:
            for _ in shown_steps:
                pass

    def _say(self, text: str) -> None:
        seconds = int(time.monotonic() - self._started)
        click.echo(f"{seconds // 60:2}:{seconds % 60:02}  {text}", err=True)

    def _find(self, data: str, system: str, text: str) -> None:
        self.results.findings.append(Finding(data, system, "", text))


def _measured(data: Data, what: str, system: str, metric: str, *samples: float) -> Measurement:
    return Measurement(data.name, data.triples, what, system, metric, samples)
