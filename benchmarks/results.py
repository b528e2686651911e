"""What was measured, as a flat list that goes into a file and comes back."""

import dataclasses
import json
import statistics
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf
from pathlib import Path

# A spread over this in a system's own samples is noise: no ratio with them tells anything.
NOISE = 1.5


@dataclass(frozen=True)
class Measurement:
    """One thing measured some times over: what of which system, on which data, in the unit that ``metric`` names."""

    data: str
    triples: int
    what: str
    system: str
    metric: str
    samples: tuple[float, ...]

    @property
    def median(self) -> float:
        """Return the median of the samples."""
        return statistics.median(self.samples)

    @property
    def spread(self) -> float:
        """Return how many times the least sample goes into the most; one sample tells nothing of that."""
        if len(self.samples) < 2 or min(self.samples) <= 0:
            return inf
        return max(self.samples) / min(self.samples)


@dataclass(frozen=True)
class Finding:
    """Something to know of a system on some data: that it was left out, failed, or answered otherwise."""

    data: str
    system: str
    what: str
    text: str


@dataclass(frozen=True)
class Results:
    """All of one run, and the machine that it ran on."""

    machine: dict[str, str]
    measurements: list[Measurement] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def of(self, metric: str, system: str) -> dict[tuple[str, str], Measurement]:
        """Return the measurements of one metric and system by data and what was measured."""
        found = (each for each in self.measurements if (each.metric, each.system) == (metric, system))
        return {(each.data, each.what): each for each in found}

    def add(self, measurements: Iterable[Measurement]) -> None:
        """Take more measurements."""
        self.measurements.extend(measurements)

    def write(self, path: Path) -> None:
        """Write the results as JSON, samples to four significant digits."""
        document = dataclasses.asdict(self)
        for measurement in document["measurements"]:
            measurement["samples"] = [float(f"{sample:.4g}") for sample in measurement["samples"]]
        lines = {name: [json.dumps(entry) for entry in document[name]] for name in ("measurements", "findings")}
        parts = [f'"machine": {json.dumps(self.machine, indent=2)}']
        parts += ['"%s": [\n%s\n]' % (name, ",\n".join(entries)) for name, entries in lines.items()]  # noqa: UP031
        path.write_text("{" + ",\n".join(parts) + "}\n", "utf-8")

    @classmethod
    def read(cls, path: Path) -> "Results":
        """Read what ``write`` wrote."""
        document = json.loads(path.read_text("utf-8"))
        measurements = [
            Measurement(**{**entry, "samples": tuple(entry["samples"])}) for entry in document["measurements"]
        ]
        return cls(document["machine"], measurements, [Finding(**entry) for entry in document["findings"]])
