"""Queries that call other endpoints, as far as the operator allows: the calls are made here, before evaluation."""

import threading
import time
from dataclasses import dataclass, field, replace
from functools import partial
from typing import cast

from flask import current_app

from taiwan_can_help.engine import EngineError, Query
from taiwan_can_help.engine.service import call_service
from taiwan_can_help.protocol.federation import NOTHING, Clause, clauses_of, replaced, values_block
from taiwan_can_help.protocol.problem import Problem
from taiwan_can_help.protocol.scan import calls_service
from taiwan_can_help.waiting import waiting

MOST_CALLS = 4


@dataclass(frozen=True)
class Federation:
    """Which hosts may be called, how long a query may take in all, and how many call at a time in a process."""

    hosts: tuple[str, ...] = ()
    seconds: float = 10
    calls: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(MOST_CALLS))


def allowed_hosts() -> tuple[str, ...]:
    """Return the hosts that queries may call."""
    return _federation().hosts


def federated(query: Query) -> Query:
    """Return the query with what other endpoints answered in the place of its SERVICE clauses.

    Raises Problem: 403 for a call that is not allowed, 502 for an endpoint that fails without SILENT, 503 where
    too many are calling.
    """
    if not calls_service(query.text):
        return query
    federation = _federation()
    clauses = clauses_of(query.text, federation.hosts)
    seconds = min(query.seconds or federation.seconds, federation.seconds)
    deadline = time.monotonic() + seconds
    if not federation.calls.acquire(blocking=False):
        detail = "Too many queries are calling other endpoints. Ask again in a few seconds."
        raise Problem(503, "Too busy", detail, {"Retry-After": "3"})
    try:
        blocks = [_block(clause, deadline) for clause in clauses]
    finally:
        federation.calls.release()
    return replace(query, text=replaced(query.text, clauses, blocks), seconds=max(deadline - time.monotonic(), 0.1))


def _federation() -> Federation:
    return cast("Federation", current_app.extensions["tch-federation"])


def _block(clause: Clause, deadline: float) -> str:
    try:
        return values_block(waiting().aside(partial(call_service, clause.endpoint, clause.query, deadline)))
    except (EngineError, ValueError) as error:
        if clause.silent:
            return NOTHING
        raise Problem(502, "Another endpoint failed", f"SERVICE <{clause.endpoint}>: {error}.") from error
