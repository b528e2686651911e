"""The queries that are asked of every server: those of ``queries/``, and two of the dataset's own on the ledger."""

from dataclasses import dataclass
from pathlib import Path

from taiwan_can_help.dataset.folder import DatasetFolder, default_dataset
from taiwan_can_help.protocol.scan import query_form
from taiwan_can_help.queries import read_query

FOLDER = Path(__file__).parent / "queries"
LEDGER = ("masks-by-country", "masks-total")
RESULTS, TURTLE = "application/sparql-results+json", "text/turtle"


@dataclass(frozen=True)
class Question:
    """A query with the media type to ask for.

    ``aggregate``: it reads much and answers little. ``countable``: any rows will do, if they are as many.
    """

    name: str
    text: str
    accept: str
    aggregate: bool = False
    countable: bool = False

    def again(self, number: int) -> str:
        """Return the query in words that no server has seen yet: a comment with the number follows it."""
        return f"{self.text}\n#{number}"


def questions(dataset: DatasetFolder) -> list[Question]:
    """Return all questions by name; the ledger's come from the dataset, as its site runs them."""
    ledger = [path for path in dataset.query_files() if path.stem in LEDGER]
    return [_question(path) for path in sorted([*FOLDER.glob("*.rq"), *ledger], key=lambda path: path.stem)]


def _question(path: Path) -> Question:
    query = read_query(path)
    lines = query.text.splitlines()
    return Question(
        query.name,
        query.text,
        TURTLE if query_form(query.text) in ("CONSTRUCT", "DESCRIBE") else RESULTS,
        aggregate="# kind: aggregate" in lines or query.name in LEDGER,
        countable="# compare: number of rows" in lines,
    )


def our_questions() -> dict[str, Question]:
    """Return the questions that the real dataset is asked, by name."""
    return {question.name: question for question in questions(DatasetFolder.open(default_dataset()))}
