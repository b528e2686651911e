"""Results as tables: on the terminal, and as the page ``docs/performance.md`` with its charts."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from tabulate import tabulate

from benchmarks.charts import draw_comparison, draw_growth
from benchmarks.compare import FIRST_TIME, FIRST_TIME_RATE, REPEATED, REPEATED_RATE
from benchmarks.data import BUILD
from benchmarks.results import NOISE, Measurement, Results
from benchmarks.run import LOADED, MEMORY_AFTER
from benchmarks.targets import limit, rows

TEMPLATE = Path(__file__).with_name("performance.md")
COMPARISON, GROWTH = "performance.svg", "performance-growth.svg"
PAGE = "performance.md"
Table = list[list[str]]


def write_report(docs: Path, bench: Path, scale: Path) -> None:
    """Write the page and the charts from the files of results that there are."""
    parts = dict.fromkeys(("figures", "machine", "questions", "otherwise", "scale"), "Not measured yet.\n")
    if bench.exists():
        results = Results.read(bench)
        draw_comparison(results, docs / COMPARISON)
        parts |= {
            "figures": _figures(results, "github"),
            "machine": _machine(results),
            "questions": "\n\n".join(_questions(results, data) for data in _data(results)),
            "otherwise": _findings(results),
        }
    if scale.exists():
        results = Results.read(scale)
        draw_growth(results, docs / GROWTH)
        chart = f"![cost by data, by rows and by clients]({GROWTH})"
        told = (_scale(results), chart, _by_size(results), _findings(results), _machine(results))
        parts["scale"] = "\n\n".join(told)
    (docs / PAGE).write_text(TEMPLATE.read_text("utf-8").format(**parts), "utf-8")


def as_text(results: Results) -> str:
    """Return what the terminal shows of a run."""
    tables = [_figures(results, "simple"), *(_questions(results, data) for data in _data(results))]
    return "\n\n".join([*tables, _scale(results), _findings(results), _machine(results)])


def _figures(results: Results, style: str) -> str:
    entries = [
        [
            row.target.name,
            limit(row.target, row.target.must),
            limit(row.target, row.target.goal),
            row.measured,
            row.verdict,
        ]
        for row in rows(results)
    ]
    widths = [34, None, None, 40, 34] if style == "simple" else None
    return tabulate(entries, ["", "must", "goal", "measured", "verdict"], tablefmt=style, maxcolwidths=widths)


def _questions(results: Results, data: str) -> str:
    """Return the tables of one size of data: p50 by system, and requests a second."""
    triples = next(each.triples for each in results.measurements if each.data == data)
    p50 = _by_question(results, data, {FIRST_TIME: "first-time", REPEATED: "repeated"})
    rates = _by_question(results, data, {FIRST_TIME_RATE: "first-time", REPEATED_RATE: "repeated"})
    return f"### {data}: {triples:,} triples\n\np50 in ms\n\n{p50}\n\nrequests a second\n\n{rates}"


def _by_question(results: Results, data: str, metrics: dict[str, str]) -> str:
    here = [each for each in results.measurements if each.data == data and each.metric in metrics]
    wrong = {(each.system, each.what) for each in results.findings if each.data == data}
    columns = dict.fromkeys((each.system, each.metric) for each in here)
    cells = {(each.what, each.system, each.metric): each for each in here}
    table = [
        [name, *(_cell(cells.get((name, *column)), wrong=(column[0], name) in wrong) for column in columns)]
        for name in dict.fromkeys(each.what for each in here)
    ]
    return _table(table, ["", *(f"{system}, {metrics[metric]}" for system, metric in columns)])


def _cell(measurement: Measurement | None, *, wrong: bool) -> str:
    if measurement is None:
        return ""
    return number(measurement.median) + "†" * wrong + "~" * (measurement.spread > NOISE)


def _scale(results: Results) -> str:
    """Return what each size takes: seconds to build, to start and load, and memory."""
    columns = {
        (metric, each.system): f"{each.system}: {title}"
        for metric, title in ((BUILD, "build, s"), (LOADED, "start and load, s"), (MEMORY_AFTER, "memory, MB"))
        for each in results.measurements
        if each.metric == metric
    }
    cells = {(each.data, each.metric, each.system): number(each.median) for each in results.measurements}
    table = [[data, *(cells.get((data, *column), "") for column in columns)] for data in _data(results)]
    return _table(table, ["data", *columns.values()])


def _by_size(results: Results) -> str:
    """Return the p50 of first-time answers by size of the data."""
    here = [each for each in results.measurements if each.metric == FIRST_TIME]
    columns = dict.fromkeys((each.system, each.data) for each in sorted(here, key=lambda each: each.system))
    cells = {(each.what, each.system, each.data): _cell(each, wrong=False) for each in here}
    names = dict.fromkeys(each.what for each in here)
    table = [[name, *(cells.get((name, *column), "") for column in columns)] for name in names]
    return _table(table, ["first-time p50, ms", *(f"{system}, {data}" for system, data in columns)])


def _findings(results: Results) -> str:
    lines = [
        f"- {each.system}, {each.data}{': ' * bool(each.what)}{each.what}: {each.text}" for each in results.findings
    ]
    return "\n".join(lines) or "Every system gave the same answers to every question."


def _machine(results: Results) -> str:
    return "; ".join(f"{name} {value}" for name, value in results.machine.items()) + "."


def _data(results: Results) -> Iterable[str]:
    return dict.fromkeys(each.data for each in results.measurements)


def _table(table: Table, headers: Sequence[str]) -> str:
    return tabulate(
        table, headers, tablefmt="github", disable_numparse=True, colalign=["left", *["right"] * (len(headers) - 1)]
    )


def number(value: float) -> str:
    """Return a number in three digits."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
