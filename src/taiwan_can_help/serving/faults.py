"""What breaks the rules of HTTP itself is refused with problem details too."""

from http import HTTPStatus

from gunicorn.http import errors

from taiwan_can_help.protocol.problem import Problem

# See https://www.rfc-editor.org/rfc/rfc9110#section-15 and, for a transfer coding, RFC 9112, section 6.1.
STATUS = {
    errors.LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    errors.LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    errors.ExpectationFailed: HTTPStatus.EXPECTATION_FAILED,
    errors.UnsupportedTransferCoding: HTTPStatus.NOT_IMPLEMENTED,
}
_OUR_OWN = (errors.InvalidResponseHeader, errors.InvalidResponseHeaderName, errors.ConfigurationProblem)


def is_the_clients(error: BaseException) -> bool:
    """Return whether it is the request that gunicorn can't read, not our answer that it can't send."""
    return isinstance(error, errors.ParseException) and not isinstance(error, _OUR_OWN)


def problem_of(error: errors.ParseException) -> Problem:
    """Return what to tell the client of a request that gunicorn can't read."""
    status = STATUS.get(type(error), HTTPStatus.BAD_REQUEST)
    advice = " Send a long query by POST." if isinstance(error, errors.LimitRequestLine) else ""
    return Problem(status, status.phrase, f"{error}.{advice}")


def refusal(problem: Problem) -> bytes:
    """Return the whole response, after which the connection closes."""
    body = problem.body()
    headers = {
        "Content-Type": Problem.MEDIA_TYPE,
        "Content-Length": str(len(body)),
        "Access-Control-Allow-Origin": "*",
        "Connection": "close",
    }
    lines = [f"HTTP/1.1 {problem.status} {problem.title}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body
