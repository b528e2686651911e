"""The same questions to several systems side by side: are the answers the same, how soon, how many a second."""

import itertools
import math
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

import psutil

from benchmarks.answers import difference, read_answer
from benchmarks.data import Data
from benchmarks.load import WRK, Connection, Reply, RequestFailed, requests_per_second
from benchmarks.peers import Endpoint
from benchmarks.peers.in_process import InProcess
from benchmarks.processes import settle
from benchmarks.questions import Question
from benchmarks.results import NOISE, Finding, Measurement, Results

FIRST_TIME, REPEATED = "first-time p50, ms", "repeated p50, ms"
FIRST_TIME_RATE, REPEATED_RATE = "first-time requests/s", "repeated requests/s"

# A sample of a latency is the median of as many requests as fit this time, these at most.
SAMPLE_SECONDS, MOST_REQUESTS = 0.1, 20
# Below it, many clients ask at a time; above, as many as there are processors, since no more can be answered at once.
MANY_CLIENTS_SECONDS = 0.02
MANY_CLIENTS, MOST_SECONDS = 16, 4
# Rounds of samples that take a second or more each; beyond SLOW_SECONDS the answer that was compared is the sample.
FEW_ROUNDS = 3
SLOW_SECONDS = 10

# In a Cache-Status header: https://www.rfc-editor.org/rfc/rfc9211#section-2.1.
_HIT = re.compile(r";\s*hit\b")

Ask = Callable[[str, Question, bool], Reply]


@dataclass(frozen=True)
class System:
    """What can be asked: a server by its endpoint, or the engine in this process."""

    name: str
    ask: Ask
    endpoint: Endpoint | None = None

    @classmethod
    def at(cls, name: str, endpoint: Endpoint, connection: Connection) -> "System":
        """Return the server at an endpoint, asked over one connection to it."""

        def ask(text: str, question: Question, keep: bool) -> Reply:
            return connection.get(endpoint.address(text), question.accept, keep=keep)

        return cls(name, ask, endpoint)

    @classmethod
    def within(cls, name: str, engine: InProcess) -> "System":
        """Return the engine in this process."""

        def ask(text: str, question: Question, keep: bool) -> Reply:  # noqa: ARG001 (it has the whole answer anyway)
            seconds, body = engine.ask(text, question.accept)
            return Reply(seconds, question.accept, "", body)

        return cls(name, ask)

    def rate(self, question: Question, clients: int, duration: int, distinct: str | None = None) -> float:
        """Return requests a second to the server, once it has worked off what is left; see requests_per_second."""
        assert self.endpoint  # noqa: S101 (only servers are asked for)
        url = self.endpoint.address(question.text)
        rate = requests_per_second(url, question.accept, clients, duration, distinct)
        settle([self.endpoint.process])
        return rate


@dataclass
class Comparison:
    """Systems that hold the same data; the first is ours. What is found goes into ``results``.

    A system that fails to answer a question is not asked it again. ``patience`` are the seconds to spend on taking
    samples once more that lie too far apart to tell anything.
    """

    data: Data
    systems: Sequence[System]
    questions: Sequence[Question]
    results: Results
    rounds: int
    patience: float = 60
    _seconds: dict[tuple[str, str], float] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def check_answers(self) -> Iterator[str]:
        """Compare every answer with ours, and see how long each takes; yields the name of each question.

        What we can't answer nobody else is asked: it has no ratio, and not every server can be stopped.
        """
        for question in self.questions:
            yield question.name
            ours = None
            for system in self.systems:
                try:
                    reply = system.ask(question.text, question, True)
                    self._seconds[system.name, question.name] = reply.seconds
                    answer = read_answer(reply, question)
                    ours = answer if ours is None else ours
                    text = difference(ours, answer, question)
                except (RequestFailed, ValueError) as error:
                    text = str(error)
                if text:
                    self._find(system.name, question.name, text)
                if ours is None:
                    break

    def latencies(self) -> Iterator[str]:
        """Measure p50 of first-time answers of all systems, and of repeated ones of ours."""
        for question in self.questions:
            yield question.name
            systems = self._able(question)
            slowest = self._slowest(systems, question)
            if slowest > SLOW_SECONDS:
                self._add(
                    FIRST_TIME,
                    question,
                    {each.name: [1000 * self._seconds[each.name, question.name]] for each in systems},
                )
                continue
            rounds = min(self.rounds, FEW_ROUNDS) if slowest > 1 else self.rounds
            work = {system.name: self._sampling(system, question) for system in systems}
            self._measure(FIRST_TIME, question, work, rounds)
            ours = [system for system in systems[:1] if system is self.systems[0]]
            work = {system.name: self._sampling(system, question, True) for system in ours}
            self._measure(REPEATED, question, work, rounds)

    def rates(self, names: Sequence[str], *, repeated: bool, only: Sequence[str] | None = None) -> Iterator[str]:
        """Measure requests a second of some systems, by name; ``only`` some questions, by name."""
        for question in self.questions:
            if only is None or question.name in only:
                yield question.name
                systems = [system for system in self._able(question) if system.name in names]
                slowest = self._slowest(systems, question)
                if slowest > MOST_SECONDS:
                    self._find(WRK, question.name, f"not asked, since one answer takes {slowest:.0f} s")
                    continue
                work = {each.name: self._loading(each, question, slowest, repeated) for each in systems}
                rounds = min(self.rounds, FEW_ROUNDS)
                self._measure(REPEATED_RATE if repeated else FIRST_TIME_RATE, question, work, rounds)

    def _able(self, question: Question) -> list[System]:
        return [system for system in self.systems if (system.name, question.name) in self._seconds]

    def _slowest(self, systems: Sequence[System], question: Question) -> float:
        return max((self._seconds[system.name, question.name] for system in systems), default=0.0)

    def _sampling(self, system: System, question: Question, repeated: bool = False) -> Callable[[], float]:
        def sample() -> float:
            replies: list[Reply] = []
            while len(replies) < MOST_REQUESTS and sum(reply.seconds for reply in replies) < SAMPLE_SECONDS:
                text = question.text if repeated else question.again(next(self._numbers))
                replies.append(system.ask(text, question, False))
            if not repeated and any(_HIT.search(reply.cache) for reply in replies):
                raise RequestFailed("answered a new query from its cache, so that first-time answers can't be measured")
            return 1000 * median(reply.seconds for reply in replies)

        return sample

    def _loading(self, system: System, question: Question, seconds: float, repeated: bool) -> Callable[[], float]:
        many = seconds < MANY_CLIENTS_SECONDS
        clients = MANY_CLIENTS if many else psutil.cpu_count() or 1
        duration = 1 if many else min(MOST_SECONDS, math.ceil(4 * seconds))

        def sample() -> float:
            return system.rate(question, clients, duration, None if repeated else str(next(self._numbers)))

        return sample

    def _measure(self, metric: str, question: Question, work: Mapping[str, Callable[[], float]], rounds: int) -> None:
        samples, failed = interleave(work, rounds)
        if noise(samples) > NOISE and self.patience > 0:
            started = time.monotonic()
            again, _ = interleave({name: work[name] for name in samples}, rounds)
            self.patience -= time.monotonic() - started
            if again.keys() == samples.keys() and noise(again) < noise(samples):
                samples = again
        for name, text in failed.items():
            self._find(name, question.name, text)
        self._add(metric, question, samples)

    def _add(self, metric: str, question: Question, samples: Mapping[str, Sequence[float]]) -> None:
        self.results.add(
            Measurement(self.data.name, self.data.triples, question.name, name, metric, tuple(found))
            for name, found in samples.items()
        )

    def _find(self, system: str, what: str, text: str) -> None:
        self.results.findings.append(Finding(self.data.name, system, what, text))


def interleave(work: Mapping[str, Callable[[], float]], rounds: int) -> tuple[dict[str, list[float]], dict[str, str]]:
    """Take a sample of each piece of work in turn, so many rounds; the order is turned round each time.

    Returns the samples by name, and what went wrong by name of the work that failed.
    """
    failed: dict[str, str] = {}
    samples: dict[str, list[float]] = {name: [] for name in work}
    for number in range(rounds):
        for name in list(samples)[:: -1 if number % 2 else 1]:
            try:
                samples[name].append(work[name]())
            except RequestFailed as error:
                failed[name] = str(error)
                del samples[name]
    return samples, failed


def noise(samples: Mapping[str, Sequence[float]]) -> float:
    """Return the widest spread of any samples: how many times the least goes into the most."""
    return max((max(found) / max(min(found), 1e-9) for found in samples.values()), default=1.0)
