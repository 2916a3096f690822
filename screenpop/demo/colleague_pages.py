"""Pages of the demo's agents who are not logged in: receipts as a browser sends them.

A stranger logs in as one agent, while the simulated calls are answered at every phone. Without
these receipts the board counts the calls of all others as answered without a card, and is red in
an office where nothing is wrong.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Protocol

import orjson

from screenpop.accounts.users import UserId
from screenpop.bus.memory import MemoryBus
from screenpop.protocol.client_messages import Stage
from screenpop.service.staff import Staff
from screenpop.telephony.identifiers import SIMULATED

LOOK_EVERY_S = 0.25
PAINTED_AFTER_S = 0.08
"""Seconds from the sending of a card to its picture, as measured in a real browser."""

Later = Callable[[float, Callable[[], None]], object]


class ReceiptHandler(Protocol):
    def __call__(
        self, user: UserId, card: str, rev: int, stages: Mapping[Stage, float], /
    ) -> None: ...


class ColleaguePage:
    """A reader of one agent's stream that confirms the first revision of each card.
    Implements ``bus.memory.Reader``."""

    room = 64

    def __init__(
        self, user: UserId, receipt: ReceiptHandler, clock: Callable[[], float], later: Later
    ) -> None:
        self._user = user
        self._receipt = receipt
        self._clock = clock
        self._later = later

    def deliver(self, seq: int, frame: bytes) -> None:
        message = orjson.loads(frame)
        if message["type"] != "card" or message.get("gone"):
            return
        card, rev = message["card"]["id"], message["card"]["rev"]
        if rev == 1:
            self._later(PAINTED_AFTER_S, lambda: self._confirm(card, rev))

    def lost(self) -> None:
        """Do nothing: the next card comes whole."""

    def _confirm(self, card: str, rev: int) -> None:
        now = self._clock()
        stages = {Stage.RECEIVED: now - PAINTED_AFTER_S, Stage.PAINTED: now, Stage.SEEN: now}
        self._receipt(self._user, card, rev, stages)


class ColleaguePages:
    """Has a page open for each agent that has none. ``tabs``: how many real ones a user has."""

    def __init__(
        self,
        bus: MemoryBus,
        agents: Callable[[], frozenset[UserId]],
        tabs: Callable[[UserId], int],
        make_page: Callable[[UserId], ColleaguePage],
    ) -> None:
        self._bus = bus
        self._agents = agents
        self._tabs = tabs
        self._make_page = make_page
        self._open: dict[UserId, ColleaguePage] = {}

    async def run(self) -> None:
        """Open and close pages for ever."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self) -> None:
        wanted = {user for user in self._agents() if not self._tabs(user)}
        for user in self._open.keys() - wanted:
            self._bus.leave(user, self._open.pop(user))
        for user in wanted - self._open.keys():
            page = self._open[user] = self._make_page(user)
            await self._bus.join(user, None, page)


def colleague_pages(
    bus: MemoryBus,
    people: Callable[[], Staff],
    tabs: Callable[[UserId], int],
    receipt: ReceiptHandler,
    clock: Callable[[], float],
) -> ColleaguePages:
    """Return the pages of the agents at the simulated phones. ``clock``: seconds since 1970."""
    later = asyncio.get_running_loop().call_later

    def agents() -> frozenset[UserId]:
        desks = people().roster.desks.items()
        return frozenset(UserId(agent) for (pbx, _), agent in desks if pbx == SIMULATED)

    return ColleaguePages(
        bus, agents, tabs, lambda user: ColleaguePage(user, receipt, clock, later)
    )
