"""The list of missed calls of a benchmark's page, read as ``missed_calls.js`` reads it."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

import orjson

from benchmarks.page_orders import OpenPages
from tests.whole_office.agent_logins import AgentLogin

AFTER_S, EVERY_S = 0.3, 300.0
ON_CALL = frozenset({"ringing", "dialling", "talking", "held", "listening"})
_LISTS = "/api/v1/missed-calls"
_READING = set["asyncio.Task[None]"]()
"""Requests under way; the loop itself keeps no task alive."""


class MissedList:
    """Reads the list at the beginning, after the page's calls, and when its version changes."""

    def __init__(self, login: AgentLogin, order: OpenPages, answers: Counter[str]) -> None:
        self._login = login
        self._order = order
        self._answers = answers
        self._timer: asyncio.TimerHandle | None = None
        self._due_at = float("inf")
        self._version: int | None = None
        self._spread_s = 0.0
        self._states: dict[str, str] = {}

    def begin(self) -> None:
        """Read the list of a page that has just been opened."""
        if self._timer is None:
            self._soon(0.0)

    def beat(self, message: Mapping[str, Any]) -> None:
        version = message.get("missed")
        if version is not None and version != self._version:
            self._soon(AFTER_S + random.random() * self._spread_s)

    def card(self, card: Mapping[str, Any]) -> None:
        state, before = card["state"], self._states.get(card["id"])
        self._states[card["id"]] = state
        if state != before and state not in ON_CALL:
            self._soon(AFTER_S)

    def _soon(self, wait_s: float) -> None:
        at = time.monotonic() + wait_s
        if at >= self._due_at:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._due_at = at
        self._timer = asyncio.get_running_loop().call_later(wait_s, self._start)

    def _start(self) -> None:
        self._due_at = float("inf")
        reading = asyncio.create_task(self._read())
        _READING.add(reading)
        reading.add_done_callback(_READING.discard)

    async def _read(self) -> None:
        """Read the list once, over a connection of its own."""
        order = self._order
        source = (order.source, 0) if order.source else None
        host, cookie = f"127.0.0.1:{order.port}", self._login.cookie
        request = f"GET {_LISTS} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n"
        try:
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", order.port, local_addr=source
            )
            writer.write(f"{request}Connection: close\r\n\r\n".encode())
            answer = await reader.read()
            writer.close()
            self._take(answer)
        except OSError as problem:
            self._answers[problem.strerror or "failed"] += 1
        self._soon(EVERY_S)

    def _take(self, answer: bytes) -> None:
        status = answer[9:12].decode(errors="replace") or "closed"
        self._answers[status] += 1
        if status == "200":
            found = orjson.loads(answer.partition(b"\r\n\r\n")[2])
            self._version, self._spread_s = found["version"], found["spread_ms"] / 1e3
