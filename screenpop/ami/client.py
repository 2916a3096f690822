"""The link to one PBX: reconnects without end and reports its state."""

import asyncio
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import structlog

from screenpop.ami.config import AmiConfig
from screenpop.ami.errors import AmiConnectionError, AmiError
from screenpop.ami.event_ordering import OnMessages, OnSnapshot
from screenpop.ami.link_state import TRANSITIONS, LinkState
from screenpop.ami.problem_codes import LinkProblem, ProblemCode, problem
from screenpop.ami.read_buffer import MAX_BUFFERED
from screenpop.ami.session import AmiSession
from screenpop.asterisk.action_list import ListOutcome
from screenpop.asterisk.ami_framing import FramingCounters
from screenpop.asterisk.ami_message import AmiMessage

log = structlog.get_logger(__name__)

_E = TypeVar("_E", bound=Exception)

OnState = Callable[[LinkState, float, LinkProblem | None], None]

_IMMEDIATE_S = 4
"""Concurrent actions of callers; the remaining threads serve the pings and the resync."""
_THREADS = _IMMEDIATE_S + 3
_PERMANENT_PROBLEMS = frozenset(
    {ProblemCode.WRONG_SECRET, ProblemCode.LOGIN_REFUSED, ProblemCode.CLASS_REFUSED}
)
"""Problems that only a person can fix: retried with the longest pause, so that no ban list acts."""


@dataclass(slots=True)
class LinkCounters:
    """Counters since the link began; ``lost`` are messages dropped because the loop was too
    slow."""

    connections: int = 0
    kept: int = 0
    dropped: int = 0
    malformed: int = 0
    oversized: int = 0
    not_utf8: int = 0
    lost: int = 0


class AmiClient:
    """A link that runs until ``run()`` is cancelled. Callbacks are called in the loop's thread.

    - ``on_messages(messages, at)``: events in order, at most once per read except for the reads
      that carry a snapshot; ``at`` is their arrival in seconds since 1970.
    - ``on_snapshot(snapshot, at)``: what is up, placed in that order; after each (re)connect before
      all events since the login, and as ``audit`` once a minute.
    - ``on_state(state, since, problem)``: at each state change. ``since`` is the time at which the
      link became live or, in every other state, ceased to be so. ``problem`` is the reason why it
      is not live; a live link can have one too (``no_event_permission``, ``incomplete_lists``).

    ``wanted`` are the event names to pass on (None for all); ``FullyBooted`` and ``Shutdown`` are
    always passed on. The actions raise ``AmiError`` and ``UnsafeActionError``.
    """

    def __init__(
        self,
        address: AmiConfig,
        *,
        wanted: frozenset[str] | None,
        on_messages: OnMessages,
        on_snapshot: OnSnapshot,
        on_state: OnState,
        clock: Callable[[], float] = time.time,
        chance: Callable[[], float] = random.random,
        most_waiting: int = MAX_BUFFERED,
        unhandled: Callable[[], int] = lambda: 0,
    ) -> None:
        """``unhandled``: returns how many of the messages passed on still wait; called in any
        thread. With them, ``most_waiting`` messages wait at most, further ones are dropped."""
        self.address = address
        self.state = LinkState.DOWN
        self.problem: LinkProblem | None = None
        self.since = clock()
        self._wanted = wanted
        self._on_messages = on_messages
        self._on_snapshot = on_snapshot
        self._on_state = on_state
        self._clock = clock
        self._chance = chance
        self._most_waiting, self._unhandled = most_waiting, unhandled
        self._workers = ThreadPoolExecutor(_THREADS, f"ami-{address.pbx}")
        self._turn = asyncio.Semaphore(_IMMEDIATE_S)
        self._connection: AmiSession | None = None
        self._past = LinkCounters()
        self._tries = 0

    async def run(self) -> None:
        """Connect and reconnect until cancelled."""
        try:
            while True:
                why = await self._one_connection()
                _stop_if_cancelled()
                self._enter(LinkState.DOWN, why)
                self._tries += 1
                await asyncio.sleep(self._pause(why))
        finally:
            self._workers.shutdown(wait=False, cancel_futures=True)

    async def send(self, action: str, **headers: object) -> AmiMessage:
        """Send one action and return its reply, whether ``Success`` or ``Error``."""
        async with self._turn:
            connection = self._here()
            reply = await connection.blocking(
                connection.manager.send_action, {"Action": action, **headers}
            )
        return reply.message

    async def list_action(self, action: str, **headers: object) -> ListOutcome:
        """Send a list action and return the whole list, or the reason why there is none."""
        async with self._turn:
            return await self._here().list_action({"Action": action, **headers})

    def counters(self) -> LinkCounters:
        """Return the counters since the link began."""
        if self._connection is None:
            return _sum(self._past, FramingCounters(), 0)
        return _sum(self._past, self._connection.manager.counters, self._connection.lost)

    async def _one_connection(self) -> LinkProblem:
        why = problem(ProblemCode.CLOSED)
        self._connection = AmiSession(
            self.address,
            wanted=self._wanted,
            on_messages=self._on_messages,
            on_snapshot=self._on_snapshot,
            on_state=self._enter,
            workers=self._workers,
            clock=self._clock,
            most_waiting=self._most_waiting,
            unhandled=self._unhandled,
        )
        self._past.connections += 1
        try:
            await self._connection.run()
        except* AmiError as group:
            why = _first(group).problem
        except* Exception as group:
            log.exception("ami link failed", pbx=self.address.pbx)
            why = problem(ProblemCode.INTERNAL, error=type(_first(group)).__name__)
        finally:
            self._past = self.counters()
            self._connection = None
        return why

    def _enter(self, state: LinkState, why: LinkProblem | None) -> None:
        if state is not LinkState.LIVE and why is None:
            why = self.problem
        if (state, why) == (self.state, self.problem):
            return
        if state is not self.state and state not in TRANSITIONS[self.state]:
            raise ValueError(f"there is no step from {self.state} to {state}")
        if (state is LinkState.LIVE) != (self.state is LinkState.LIVE):
            self.since = self._clock()
        self.state, self.problem = state, why
        # The consumer of on_state shows the problem to users as a sentence.
        fields = {} if why is None else {"problem": why.code.value, **why.params}
        log.debug("ami link", pbx=self.address.pbx, state=state.value, **fields)
        if state is LinkState.LIVE:
            self._tries = 0
        try:
            self._on_state(state, self.since, why)
        except Exception:
            log.exception("link state not taken", pbx=self.address.pbx)

    def _pause(self, why: LinkProblem) -> float:
        timing = self.address.timing
        if why.code in _PERMANENT_PROBLEMS:
            return timing.backoff_most
        most = min(timing.backoff_most, timing.backoff_first * (1 << min(self._tries, 10)))
        return timing.backoff_first + self._chance() * (most - timing.backoff_first)

    def _here(self) -> AmiSession:
        if self._connection is None or not self._connection.manager.connected():
            raise AmiConnectionError(self.problem or problem(ProblemCode.CLOSED))
        return self._connection


def _stop_if_cancelled() -> None:
    """Raise CancelledError if the task was cancelled: a failing task group drops the
    cancellation."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _first(group: BaseExceptionGroup[_E]) -> _E:
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error


def _sum(past: LinkCounters, framing: FramingCounters, lost: int) -> LinkCounters:
    return LinkCounters(
        connections=past.connections,
        kept=past.kept + framing.kept,
        dropped=past.dropped + framing.dropped,
        malformed=past.malformed + framing.malformed,
        oversized=past.oversized + framing.oversized,
        not_utf8=past.not_utf8 + framing.not_utf8,
        lost=past.lost + lost,
    )
