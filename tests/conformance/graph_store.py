"""What the graph store tests read, where their writes have been refused: the graphs as those would have left them."""

from dataclasses import dataclass, replace
from email import message_from_bytes
from urllib.parse import unquote, urlsplit

from rdflib import Graph

from conformance.exchanges import Exchange, ProtocolTest
from taiwan_can_help.namespaces import BASE

Graphs = dict[str | None, Graph]


@dataclass(frozen=True)
class Step:
    """One request of a test; its graph by name (None: the default graph), and all graphs as they are before it."""

    id: str
    exchange: Exchange
    graph: str | None
    before: Graphs

    @property
    def writes(self) -> bool:
        """Return whether the request asks for a change."""
        return self.exchange.method not in ("GET", "HEAD")


def steps_of(test: ProtocolTest) -> list[Step]:
    """Return the requests of a test as our server is asked them.

    ``/gsp`` becomes our own address, as the suite wants. Since one server holds what all requests need, each
    request gets graphs of its own: its id becomes part of the names of all graphs that it knows.
    """
    return [_step(test, number) for number in range(len(test.exchanges))]


def _step(test: ProtocolTest, number: int) -> Step:
    label = f"{test.id.rpartition('/')[2]}-{number + 1}".replace("_", "-")
    asked = [_addressed(exchange, label) for exchange in test.exchanges[: number + 1]]
    before: Graphs = {}
    for exchange in asked[:-1]:
        _apply(exchange, _graph_name(exchange.path, label), before)
    return Step(f"{label}-{asked[-1].method}", asked[-1], _graph_name(asked[-1].path, label), before)


def _addressed(exchange: Exchange, label: str) -> Exchange:
    """Return the exchange with its path at our server; only the graph's host changes, not how it is written."""
    path = exchange.path.replace("$LOCATION$", _location(label)).replace("//www.example", f"//{label}.www.example")
    path = path.replace("%2F%2Fwww.example", f"%2F%2F{label}.www.example")
    direct = path.startswith("/gsp/")
    return replace(exchange, path=path.replace("/gsp", f"/graph/{label}" if direct else "/graph-store", 1))


def _location(label: str) -> str:
    """Return the name that a new graph would have been given."""
    return f"http://{label}.www.example/new"


def _graph_name(path: str, label: str) -> str | None:
    parts = urlsplit(path)
    if parts.path != "/graph-store":
        return BASE + parts.path.removeprefix("/")
    if parts.query == "default":
        return None
    return unquote(parts.query.removeprefix("graph=")) or _location(label)


def _apply(exchange: Exchange, name: str | None, graphs: Graphs) -> None:
    """Do to the graphs what a request asks for (section 5 of the protocol)."""
    match exchange.method:
        case "PUT":
            graphs[name] = _content(exchange)
        case "POST":
            graphs[name] = graphs.get(name, Graph()) + _content(exchange)
        case "DELETE":
            del graphs[name]


def _content(exchange: Exchange) -> Graph:
    """Return the graph of a request's body: one Turtle document, or the parts of a form, each a document."""
    header = f"Content-Type: {exchange.headers['content-type']}\r\n\r\n".encode()
    graph = Graph()
    for part in message_from_bytes(header + (exchange.body or b"")).walk():
        document = part.get_payload(decode=True)
        if isinstance(document, bytes):  # a part of parts has none
            graph.parse(data=document, format=part.get_content_type())
    return graph
