"""A diagram of classes and what ties them: a box for each class, a line for each property, from subject to object.

Lines leave a box to the right, run down or up in a lane that the properties of the same two classes share, and come
back as one arrow. No layout can cross out a label, so it holds for any ontology.
"""

from collections.abc import Iterable
from dataclasses import dataclass

BOX, LANES, LANE, SLOT, GAP, MARGIN = 150, 420, 16, 24, 14, 8


@dataclass(frozen=True)
class Tie:
    """A property between two classes, by their IRIs, and the number of its statements."""

    source: str
    property: str
    target: str
    uses: int


@dataclass(frozen=True)
class Box:
    """A class: the top and the height of its box."""

    iri: str
    top: int
    height: int


@dataclass(frozen=True)
class Line:
    """The line of a property: it leaves its class at ``start`` and joins the lane at ``x`` that ends at ``end``."""

    tie: Tie
    x: int
    start: int
    end: int


@dataclass(frozen=True)
class Diagram:
    """Boxes and lines with their places, in pixels."""

    boxes: list[Box]
    lines: list[Line]
    width: int
    height: int

    BOX = BOX


def draw(ties: Iterable[Tie]) -> Diagram:
    """Place classes, in the order in which they come, and properties."""
    ties = list(ties)
    pairs = list(dict.fromkeys((tie.source, tie.target) for tie in ties))
    classes = list(dict.fromkeys([tie.source for tie in ties] + [tie.target for tie in ties]))
    slots: dict[tuple[str, ...], int] = {}
    boxes, top = [], MARGIN
    for iri in classes:
        leaving: list[tuple[str, ...]] = [(tie.source, tie.property, tie.target) for tie in ties if tie.source == iri]
        coming: list[tuple[str, ...]] = [pair for pair in pairs if pair[1] == iri]
        for place, key in enumerate([*leaving, *coming]):
            slots[key] = top + place * SLOT + SLOT // 2
        height = (len(leaving) + len(coming)) * SLOT
        boxes.append(Box(iri, top, height))
        top += height + GAP
    lines = [
        Line(
            tie,
            LANES + pairs.index((tie.source, tie.target)) * LANE,
            slots[tie.source, tie.property, tie.target],
            slots[tie.source, tie.target],
        )
        for tie in ties
    ]
    return Diagram(boxes, lines, LANES + len(pairs) * LANE + MARGIN, top - GAP + MARGIN)
