"""What breaks the rules of HTTP itself is refused with problem details too."""

import contextlib
import socket
from http import HTTPStatus
from typing import Any

from gunicorn.http import errors
from gunicorn.workers.gthread import ThreadWorker

from taiwan_can_help.protocol.problem import Problem

# See https://www.rfc-editor.org/rfc/rfc9110#section-15 and, for a transfer coding, RFC 9112, section 6.1.
STATUS = {
    errors.LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    errors.LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    errors.ExpectationFailed: HTTPStatus.EXPECTATION_FAILED,
    errors.UnsupportedTransferCoding: HTTPStatus.NOT_IMPLEMENTED,
}
_OUR_OWN = (errors.InvalidResponseHeader, errors.InvalidResponseHeaderName, errors.ConfigurationProblem)


def problem_of(error: errors.ParseException) -> Problem:
    """Return what to tell the client of a request that gunicorn can't read."""
    status = STATUS.get(type(error), HTTPStatus.BAD_REQUEST)
    advice = " Send a long query by POST." if isinstance(error, errors.LimitRequestLine) else ""
    return Problem(status, status.phrase, f"{error}.{advice}")


class Worker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's worker with threads, whose own refusals are pages without the server's headers."""

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:
        """Answer a request that could not be read, and close."""
        if not isinstance(exc, errors.ParseException) or isinstance(exc, _OUR_OWN):
            super().handle_error(req, client, addr, exc)
            return
        self.log.warning("Refused a request: %s", exc)
        problem = problem_of(exc)
        body = problem.body()
        headers = {
            "Content-Type": Problem.MEDIA_TYPE,
            "Content-Length": str(len(body)),
            "Access-Control-Allow-Origin": "*",
            "Connection": "close",
        }
        lines = [f"HTTP/1.1 {problem.status} {problem.title}", *(f"{name}: {value}" for name, value in headers.items())]
        with contextlib.suppress(OSError):  # the client left
            client.sendall("\r\n".join([*lines, "", ""]).encode() + body)
