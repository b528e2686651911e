"""Ask a graph one of the package's own queries."""

from importlib.resources import files

import pyoxigraph as ox

Row = dict[str, str]
Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


def ask(store: ox.Store, name: str, **bindings: ox.NamedNode) -> list[Row]:
    """Return the rows of ``queries/<name>.rq``: of each bound variable the IRI or the text."""
    text = files("taiwan_can_help.wikidata").joinpath("queries", f"{name}.rq").read_text("utf-8")
    terms: dict[ox.Variable, Term] = {ox.Variable(variable): iri for variable, iri in bindings.items()}
    results = store.query(text, substitutions=terms or None)
    if not isinstance(results, ox.QuerySolutions):
        raise TypeError(f"{name}.rq is no SELECT")
    variables = [variable.value for variable in results.variables]
    return [{name: _text(value) for name in variables if (value := row[name]) is not None} for row in results]


def _text(term: Term) -> str:
    if isinstance(term, ox.Triple):
        raise TypeError(f"{term}: a triple as a term is not RDF 1.1")
    return term.value
