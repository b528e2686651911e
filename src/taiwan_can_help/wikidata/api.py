"""HTTP APIs of Wikimedia's kind, asked politely: who we are, no more than they can take, and again when they are busy.

See https://www.mediawiki.org/wiki/API:Etiquette and https://www.mediawiki.org/wiki/Manual:Maxlag_parameter.
"""

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential,
    wait_random,
)

from taiwan_can_help import __version__
from taiwan_can_help.errors import InputError
from taiwan_can_help.namespaces import BASE

ATTEMPTS = 6
SECONDS = 30
# A server that asks for more patience than this is asked another day.
MOST_PATIENCE = 300.0
# What the API answers when it is well but wants to be asked later.
LATER = ("maxlag", "ratelimited", "readonly", "internal_api_error_DBQueryTimeoutError")
_BACKOFF = wait_exponential(multiplier=0.5, max=60) + wait_random(0, 0.5)


class ApiError(InputError):
    """An API refused, or gave no sense however often it was asked; ``code`` is its own word for why."""

    def __init__(self, message: str, code: str = "", entity: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.entity = entity


class _Busy(ApiError):
    """An answer that may come later; ``after`` are the seconds that the server asks for."""

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


@dataclass(frozen=True)
class Api:
    """One API by its address; ``contact`` tells its operators whom to write to."""

    address: str
    contact: str = BASE
    seconds: float = SECONDS

    def __post_init__(self) -> None:
        if urllib.parse.urlsplit(self.address).scheme not in ("http", "https"):
            raise InputError(f"{self.address!r} is no http address of an API")

    def ask(self, parameters: Mapping[str, str], *, post: bool = False) -> dict[str, Any]:
        """Return the API's answer, a JSON object.

        It is asked again, with growing pauses or the one that Retry-After gives, where it is busy, can't be
        reached, or sends what is no JSON. Raises ApiError after ATTEMPTS, or at once where it refuses.
        """
        for attempt in Retrying(
            retry=retry_if_exception_type(_Busy), stop=stop_after_attempt(ATTEMPTS), wait=_pause, reraise=True
        ):
            with attempt:
                return self._ask_once(urllib.parse.urlencode(parameters), post=post)
        raise AssertionError("Retrying ends by a result or an error")

    def _ask_once(self, query: str, *, post: bool) -> dict[str, Any]:
        headers = {"User-Agent": f"taiwan-can-help/{__version__} ({self.contact})", "Accept": "application/json"}
        request = (
            urllib.request.Request(self.address, query.encode(), headers)  # noqa: S310 (the scheme is checked above)
            if post
            else urllib.request.Request(f"{self.address}?{query}", headers=headers)  # noqa: S310
        )
        try:
            with urllib.request.urlopen(request, timeout=self.seconds) as response:  # noqa: S310
                content, after = response.read(), response.headers.get("Retry-After")
        except urllib.error.HTTPError as error:
            error.close()
            message = f"{self.address} answers {error.code} {error.reason}"
            if error.code == 429 or error.code >= 500:
                raise _Busy(message, _seconds(error.headers.get("Retry-After"))) from error
            raise ApiError(message) from error
        except (OSError, HTTPException) as error:
            raise _Busy(f"{self.address} can't be reached: {error}") from error
        return self._read(content, _seconds(after))

    def _read(self, content: bytes, after: float | None) -> dict[str, Any]:
        try:
            answer = json.loads(content)
        except ValueError as error:
            raise _Busy(f"{self.address} sends what is no JSON: {error}") from error
        if not isinstance(answer, dict):
            raise ApiError(f"{self.address} sends a JSON {type(answer).__name__}; is it the address of an API?")
        fault = answer.get("error")
        if fault is None:
            return answer
        if not isinstance(fault, dict):
            raise ApiError(f"{self.address} refuses: {fault}")
        code, entity = str(fault.get("code")), fault.get("id")
        message = f"{self.address} refuses: {code}: {fault.get('info')}"
        if code in LATER:
            raise _Busy(message, after)
        raise ApiError(message, code, entity if isinstance(entity, str) else None)


def _pause(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    after = error.after if isinstance(error, _Busy) else None
    return _BACKOFF(state) if after is None else min(after, MOST_PATIENCE)


def _seconds(retry_after: str | None) -> float | None:
    """Return the seconds of a Retry-After; a date in its place counts as none."""
    return float(retry_after) if retry_after and retry_after.isdecimal() else None
