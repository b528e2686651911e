"""Charts of results as SVG."""

from pathlib import Path

import altair

from benchmarks.compare import FIRST_TIME, FIRST_TIME_RATE, REPEATED, REPEATED_RATE
from benchmarks.curves import CLIENTS_SUFFIX, ROWS_SUFFIX
from benchmarks.peers.ours import NAME as OURS
from benchmarks.results import Results

# Questions whose cost grows in different ways: with nothing, with the matches, with all of the data.
GROWING = ("lookup", "construct", "date-range", "mask-sum-by-country", "count-all")
MILLISECONDS = "p50 in ms (logarithmic)"


def draw_comparison(results: Results, target: Path) -> None:
    """Draw p50 of every question by every system, one panel for each size of data."""
    points = [
        {
            "question": each.what,
            "system": f"{OURS}, repeated" if each.metric == REPEATED else each.system,
            "ms": each.median,
            "data": f"{each.data}: {each.triples:,} triples",
        }
        for each in results.measurements
        if each.metric in (FIRST_TIME, REPEATED)
    ]
    chart = (
        altair.Chart({"values": points})
        .mark_point(filled=True, size=60, opacity=0.8)
        .encode(
            x=altair.X("ms:Q", scale=altair.Scale(type="log"), title=MILLISECONDS),
            y=altair.Y("question:N", title=None),
            color=altair.Color("system:N", title=None, legend=altair.Legend(orient="top", columns=4)),
            shape=altair.Shape("system:N", title=None),
            column=altair.Column("data:N", title=None),
        )
        .properties(width=340, height=altair.Step(20))
    )
    chart.save(target, format="svg")


def draw_growth(results: Results, target: Path) -> None:
    """Draw how cost grows: with data, with the length of the result, with clients."""
    data = [
        {"x": each.triples, "y": each.median, "line": each.what}
        for each in results.measurements
        if (each.metric, each.system) == (FIRST_TIME, OURS) and each.what in GROWING
    ]
    rows = _lines(results, ROWS_SUFFIX, FIRST_TIME)
    rates = _lines(results, CLIENTS_SUFFIX, FIRST_TIME_RATE, ", first-time")
    rates += _lines(results, CLIENTS_SUFFIX, REPEATED_RATE, ", repeated")
    panels = (
        _panel(data, "triples", MILLISECONDS, "Ours, by size of the data"),
        _panel(rows, "rows of the result", MILLISECONDS, "By length of the result"),
        _panel(rates, "clients", "lookups a second (logarithmic)", "By number of clients"),
    )
    altair.hconcat(*panels).resolve_scale(color="independent").save(target, format="svg")


def _lines(results: Results, counted: str, metric: str, suffix: str = "") -> list[dict[str, object]]:
    return [
        {"x": int(each.what.removesuffix(counted)), "y": each.median, "line": each.system + suffix}
        for each in results.measurements
        if each.metric == metric and each.what.endswith(counted)
    ]


def _panel(points: list[dict[str, object]], x: str, y: str, title: str) -> altair.Chart:
    panel: altair.Chart = (
        altair.Chart({"values": points}, title=title)
        .mark_line(point=True)
        .encode(
            x=altair.X("x:Q", scale=altair.Scale(type="log"), title=x),
            y=altair.Y("y:Q", scale=altair.Scale(type="log"), title=y),
            color=altair.Color("line:N", title=None, legend=altair.Legend(orient="bottom", columns=2)),
        )
        .properties(width=260, height=260)
    )
    return panel
