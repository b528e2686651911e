"""Whether two results are the same up to the names of blank nodes and, where none is asked for, order."""

from collections import defaultdict

from rdflib import BNode

from conformance.results import Result, Row

# Pairs of rows tried before the search for a match is given up.
MOST_STEPS = 100_000


def same(left: Result, right: Result, *, ordered: bool = False) -> bool:
    """Return whether two results are equal; raises TimeoutError when that can't be told in MOST_STEPS."""
    if (left.variables, left.boolean, len(left.rows)) != (right.variables, right.boolean, len(right.rows)):
        return False
    if ordered:
        names: Names | None = {}
        for one, other in zip(left.rows, right.rows, strict=True):
            names = None if names is None else _pair(one, other, names)
        return names is not None
    groups = _by_shape(left.rows)
    candidates = _by_shape(right.rows)
    if {shape: len(rows) for shape, rows in groups.items()} != {shape: len(rows) for shape, rows in candidates.items()}:
        return False
    # Rows without blank nodes are equal by now; of the others, those with fewest candidates come first.
    blank = [rows for rows in groups.values() if _blanks(rows[0])]
    wanted = [row for rows in sorted(blank, key=len) for row in rows]
    return _search(wanted, candidates)


def difference(expected: Result, actual: Result) -> str:
    """Return the rows that only one of two results has, for a test that fails to show."""
    lines = [f"expected {len(expected.rows)} rows of {sorted(expected.variables)}, {expected.boolean}"]
    lines += [f"- {dict(row)}" for row in expected.rows if row not in actual.rows]
    lines += [f"got {len(actual.rows)} rows of {sorted(actual.variables)}, {actual.boolean}"]
    lines += [f"+ {dict(row)}" for row in actual.rows if row not in expected.rows]
    return "\n".join(lines)


Names = dict[BNode, BNode]


def _search(wanted: list[Row], candidates: dict[Row, list[Row]]) -> bool:
    """Match the rows one by one, depth first; each entry of ``trail`` is a choice that can be taken back."""
    trail: list[tuple[Names, set[int], int]] = [({}, set(), 0)]
    steps = 0
    while trail:
        names, used, choice = trail.pop()
        depth = len(trail)
        if depth == len(wanted):
            return True
        row = wanted[depth]
        options = candidates[_shape(row)]
        while choice < len(options):
            steps += 1
            if steps > MOST_STEPS:
                raise TimeoutError(f"no match of blank nodes found in {MOST_STEPS} steps")
            option = options[choice]
            choice += 1
            extended = None if id(option) in used else _pair(row, option, names)
            if extended is not None:
                trail.append((names, used, choice))
                trail.append((extended, used | {id(option)}, 0))
                break
    return False


def _pair(left: Row, right: Row, names: Names) -> Names | None:
    """Return the names of blank nodes under which two rows are equal, or None."""
    if _shape(left) != _shape(right):
        return None
    found = dict(names)
    for one, other in zip(_blanks(left), _blanks(right), strict=True):
        if found.setdefault(one, other) != other:
            return None
    return found if len(set(found.values())) == len(found) else None


def _by_shape(rows: tuple[Row, ...]) -> dict[Row, list[Row]]:
    groups: dict[Row, list[Row]] = defaultdict(list)
    for row in rows:
        groups[_shape(row)].append(row)
    return groups


def _shape(row: Row) -> Row:
    return tuple((name, "_:" if isinstance(term, BNode) else term) for name, term in row)


def _blanks(row: Row) -> list[BNode]:
    return [term for _, term in row if isinstance(term, BNode)]
