"""How many requests, by which seed; and what came of them."""

import os
import random
from collections import Counter
from collections.abc import Callable
from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

LARGE = "TCH_FUZZ" in os.environ
REQUESTS = int(os.environ.get("TCH_FUZZ", "300"))
SEED = int(os.environ.get("TCH_FUZZ_SEED") or (random.SystemRandom().randrange(2**32) if LARGE else 20200401))

Value = TypeVar("Value")


class Tally:
    """What was sent and answered, by kind of request."""

    def __init__(self) -> None:
        self.answers: Counter[tuple[str, str]] = Counter()
        self.examples: dict[str, bytes] = {}
        self.grown: dict[str, str] = {}

    def add(self, kind: str, outcome: str, request: bytes) -> None:
        """Count an answer; the shortest request is kept as the example of its outcome."""
        self.answers[kind, outcome] += 1
        if outcome not in self.examples or len(request) < len(self.examples[outcome]):
            self.examples[outcome] = request

    def sent(self, kind: str) -> int:
        """Return how many requests of a kind were answered."""
        return sum(count for (other, _), count in self.answers.items() if other == kind)

    def lines(self) -> list[str]:
        """Return the table: a line for each outcome, by kind."""
        kinds = sorted({kind for kind, _ in self.answers})
        outcomes = sorted(self.examples)
        return [
            f"{'outcome':60}" + "".join(f"{kind:>12}" for kind in kinds),
            *(f"{it:60}" + "".join(f"{self.answers[kind, it]:>12,}" for kind in kinds) for it in outcomes),
            f"{'all':60}" + "".join(f"{self.sent(kind):>12,}" for kind in kinds),
            f"{'grown over the second half, at most':60}"
            + "".join(f"{self.grown.get(kind, ''):>12}" for kind in kinds),
            *(f"for instance, {it}: {self.examples[it][:200]!r}" for it in outcomes if it[0] not in "1234"),
        ]


TALLY = Tally()


def try_many(strategy: SearchStrategy[Value], attempt: Callable[[Value], None], number: int, half: int) -> None:
    """Call ``attempt`` with so many values; the first that fails is made as small as it gets, and reported."""

    @seed(SEED + half)
    @settings(
        max_examples=number,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def each(value: Value) -> None:
        attempt(value)

    each()
