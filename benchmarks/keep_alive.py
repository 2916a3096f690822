"""Measures answers of pages and API calls on one HTTP keep-alive connection."""

import http.client
import time
from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.ratios import Latency, latency_of, percentile
from benchmarks.servers import Server
from tests.whole_office.agent_logins import AgentLogin

PATHS: Mapping[str, str] = {
    "a small page": "/me",
    "a small API call": "/api/v1/missed-calls",
    "readiness, without a session": "/readyz",
    "a page of 50 customers": "/customers",
}
_WARM_UP = 20


class AnswerError(AssertionError):
    """An answer had an unexpected status, or a new connection was used."""


@dataclass(frozen=True, slots=True)
class KeepAlive:
    """Latency of the answers after the first on one connection, by kind of request."""

    answers: Mapping[str, Latency]
    quick_s: Mapping[str, float]
    """The 10th percentile: other programs delay some answers, a wait for a TCP acknowledgement
    delays all."""


def answers_on_keep_alive_connections(server: Server, login: AgentLogin, count: int) -> KeepAlive:
    """Request each path ``count`` times, each path on a connection of its own.

    Raises ``AnswerError`` for any other status than 200 and for a connection that was not kept.
    """
    times = {what: _ask(server.port, path, login.cookie, count) for what, path in PATHS.items()}
    return KeepAlive(
        {what: latency_of(took) for what, took in times.items()},
        {what: percentile(sorted(took), 10) for what, took in times.items()},
    )


def _ask(port: int, path: str, cookie: str, count: int) -> list[float]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        times = [_answer(connection, path, cookie) for _ in range(count + _WARM_UP)]
    finally:
        connection.close()
    return times[_WARM_UP:]


def _answer(connection: http.client.HTTPConnection, path: str, cookie: str) -> float:
    before = connection.sock
    began = time.perf_counter()
    connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
    answer = connection.getresponse()
    body = answer.read()
    took = time.perf_counter() - began
    if answer.status != http.client.OK:
        raise AnswerError(f"{path}: {answer.status} {body[:200]!r}")
    if before is not None and connection.sock is not before:
        raise AnswerError(f"{path}: the connection was not kept")
    return took
