"""Precision and recall at the threshold of a sure match, over names that nothing was tuned with."""

from collections import Counter

from conftest import Client

from reconciliation.service import gold, match_column

LEAST_PRECISION = 0.99
LEAST_RECALL = 0.9


def test_the_table_is_large_varied_and_of_things_that_there_are(client: Client) -> None:
    rows = gold()
    assert len({row["name"] for row in rows}) == len(rows) >= 200
    assert all(count >= 20 for count in Counter(row["how"] for row in rows).values())
    for id_ in {row["id"] for row in rows if row["id"]}:
        assert client.get(f"/id/{id_}", "text/turtle").status == 303, id_


def test_precision_and_recall(client: Client) -> None:
    rows = gold()
    found = match_column(client, [row["name"] for row in rows])
    right = [row for row in rows if row["id"] and found[row["name"]] == row["id"]]
    wrong = [(row, found[row["name"]]) for row in rows if found[row["name"]] not in (row["id"], None)]
    precision = len(right) / (len(right) + len(wrong))
    recall = len(right) / sum(bool(row["id"]) for row in rows)
    counts = f"{len(right)} right, {len(wrong)} wrong, precision {precision:.4f}, recall {recall:.4f}"
    print(f"\n{len(rows)} names: {counts}")  # noqa: T201 (the figures of docs/reconciliation.md)
    assert precision >= LEAST_PRECISION, (counts, wrong)
    missed = [row["name"] for row in rows if row["id"] and found[row["name"]] is None]
    assert recall >= LEAST_RECALL, (counts, missed)
