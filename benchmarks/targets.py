"""The figures to beat, and what came out: must, goal, measured, verdict."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import inf
from statistics import median

from benchmarks.compare import FIRST_TIME, FIRST_TIME_RATE, REPEATED_RATE
from benchmarks.data import BUILD, REAL
from benchmarks.dumps import DUMP_RATE
from benchmarks.limits import BESIDE, FIRST_ANSWER, MEMORY, OVERRUN
from benchmarks.peers import comunica, in_process, nginx, ours, oxigraph, rdflib_endpoint, virtuoso
from benchmarks.questions import our_questions
from benchmarks.results import NOISE, Results
from benchmarks.validation import ONE, VALIDATION, WHOLE

# A question is light where the engine alone answers it sooner; the others are heavy.
LIGHT_MS = 5.0
MOST_NAMED = 4


@dataclass(frozen=True)
class Figure:
    """One number to judge, of some question on some data; ``noise`` where the samples allow no verdict."""

    data: str
    what: str
    value: float
    noise: bool


@dataclass(frozen=True)
class Target:
    """A row: what is judged, its limits (None where there is none), and whether more is better or less."""

    name: str
    must: float | None
    goal: float | None
    more: bool
    figures: Callable[[Results], Iterator[Figure]]
    unit: str = ""


@dataclass(frozen=True)
class Row:
    """A target with its verdict, in words."""

    target: Target
    measured: str
    verdict: str


def _ratios(
    results: Results,
    metric: str,
    peer: str,
    wanted: Callable[[str, str], bool] = lambda data, what: True,  # noqa: ARG005
    *,
    theirs_to_ours: bool = False,
) -> Iterator[Figure]:
    """Yield ours to theirs, sample by sample.

    A question that the peer failed or answered otherwise counts for nothing; one that we failed, as the worst.
    """
    theirs, mine = results.of(metric, peer), results.of(metric, ours.NAME)
    different = {(each.data, each.what) for each in results.findings if each.system == peer}
    failed = {(each.data, each.what) for each in results.findings if each.system == ours.NAME}
    for key in sorted(theirs.keys() & mine.keys() - different - failed):
        if wanted(*key):
            pairs = list(zip(mine[key].samples, theirs[key].samples, strict=True))
            ratio = median(other / own if theirs_to_ours else own / other for own, other in pairs)
            yield Figure(*key, ratio, theirs[key].spread > NOISE)
    if metric in (FIRST_TIME, FIRST_TIME_RATE, REPEATED_RATE) and theirs:
        worst = 0.0 if theirs_to_ours or metric != FIRST_TIME else inf
        asked = our_questions()
        yield from (Figure(*key, worst, noise=False) for key in sorted(failed) if key[1] in asked and wanted(*key))


def _absolute(results: Results, metric: str, what: str | None = None) -> Iterator[Figure]:
    """Yield figures of ours that stand for themselves: the worst sample, since each is promised."""
    for key, mine in results.of(metric, ours.NAME).items():
        if what in (None, key[1]):
            yield Figure(*key, max(mine.samples), noise=False)


def _at_real_size(figures: Iterator[Figure]) -> Iterator[Figure]:
    return (figure for figure in figures if figure.data == REAL)


def _beside(results: Results) -> Iterator[Figure]:
    """Yield the median of the rounds: a p95 of one round is a few requests."""
    for key, mine in results.of(BESIDE, ours.NAME).items():
        yield Figure(*key, mine.median, mine.spread > NOISE)


def is_light(results: Results, data: str, what: str) -> bool:
    """Return whether the engine alone answers a question in less than LIGHT_MS."""
    engine = results.of(FIRST_TIME, in_process.NAME).get((data, what))
    return engine is not None and min(engine.samples) < LIGHT_MS


def _heavy(results: Results) -> Iterator[Figure]:
    yield from _ratios(results, FIRST_TIME, in_process.NAME, lambda data, what: not is_light(results, data, what))


def _slow_peers(results: Results, names: set[str] | None = None) -> Iterator[Figure]:
    for peer in (rdflib_endpoint.NAME, comunica.NAME):
        for figure in _ratios(
            results, FIRST_TIME, peer, lambda _, what: names is None or what in names, theirs_to_ours=True
        ):
            yield Figure(figure.data, f"{figure.what} by {peer}", figure.value, figure.noise)


def _aggregates() -> set[str]:
    return {name for name, question in our_questions().items() if question.aggregate}


TARGETS = (
    Target(
        "repeated query, requests/s, against the Oxigraph server",
        1.0,
        2.0,
        True,
        lambda results: _ratios(results, REPEATED_RATE, oxigraph.NAME),
    ),
    Target(
        "first-time light query, requests/s, against the Oxigraph server",
        0.10,
        0.25,
        True,
        lambda results: _ratios(results, FIRST_TIME_RATE, oxigraph.NAME),
    ),
    Target("first-time heavy query, p50, against the engine in process", 1.5, 1.1, False, _heavy),
    Target(
        "first-time query at our real size, p50 of Virtuoso against ours",
        None,
        1.0,
        True,
        lambda results: _at_real_size(_ratios(results, FIRST_TIME, virtuoso.NAME, theirs_to_ours=True)),
    ),
    Target("first-time query, p50 of rdflib-endpoint and Comunica against ours", 2.0, 10.0, True, _slow_peers),
    Target("the same, aggregates alone", 2.0, 100.0, True, lambda results: _slow_peers(results, _aggregates())),
    Target("a runaway: error after its limit", 0.5, 0.3, False, lambda results: _absolute(results, OVERRUN), " s"),
    Target("p95 of lookups beside runaways, against idle", None, 2.0, False, _beside),
    Target(
        "memory for a streamed result, above the idle server",
        128,
        64,
        False,
        lambda results: _absolute(results, MEMORY),
        " MB",
    ),
    Target(
        "full Turtle dump, files/s, against nginx serving the same file",
        0.5,
        0.9,
        True,
        lambda results: _ratios(results, DUMP_RATE, nginx.NAME),
    ),
    Target(
        "from a built release to the first answer, real size",
        2.0,
        1.0,
        False,
        lambda results: _at_real_size(_absolute(results, FIRST_ANSWER)),
        " s",
    ),
    Target("whole build, real size", 30.0, None, False, lambda results: _at_real_size(_absolute(results, BUILD)), " s"),
    Target(
        "whole validation, real size", 15.0, 5.0, False, lambda results: _absolute(results, VALIDATION, WHOLE), " s"
    ),
    Target(
        "one changed record after load", None, 0.5, False, lambda results: _absolute(results, VALIDATION, ONE), " s"
    ),
)


def rows(results: Results) -> list[Row]:
    """Return every target with what was measured and the verdict."""
    return [_row(target, list(target.figures(results))) for target in TARGETS]


def _row(target: Target, figures: list[Figure]) -> Row:
    if not figures:
        return Row(target, "not measured", "none")
    ordered = sorted(figures, key=lambda figure: figure.value, reverse=not target.more)
    worst, best = ordered[0], ordered[-1]
    measured = f"{_number(worst.value)}{target.unit} at worst ({worst.what}, {worst.data})"
    if len(figures) > 1:
        measured += f", median {_number(median(figure.value for figure in figures))}, best {_number(best.value)}"
    return Row(target, measured, _verdict(target, figures))


def _verdict(target: Target, figures: list[Figure]) -> str:
    """Return the verdict over all figures; with noise in any there is none, unless a clear one fails already."""
    clear = [figure for figure in figures if not figure.noise]
    noisy = [figure for figure in figures if figure.noise]
    for name, limit in (("must", target.must), ("goal", target.goal)):
        if limit is None:
            continue
        failing = [figure for figure in clear if (figure.value < limit if target.more else figure.value > limit)]
        if failing:
            met = "must met, " if name == "goal" and target.must is not None and not noisy else ""
            return f"{met}{name} missed by {len(failing)} of {len(figures)}"
        if noisy and name == ("goal" if target.must is None else "must"):
            named = ", ".join(f"{figure.what} ({figure.data})" for figure in noisy[:MOST_NAMED])
            more = f" and {len(noisy) - MOST_NAMED} more" if len(noisy) > MOST_NAMED else ""
            return f"no verdict: noise in {len(noisy)} of {len(figures)}: {named}{more}"
    return "goal met" if target.goal is not None else "must met"


def limit(target: Target, value: float | None) -> str:
    """Return a limit as tables show it."""
    if value is None:
        return ""
    return f"{'at least' if target.more else 'at most'} {_number(value)}{target.unit}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
