"""Agents of the demo without a page of their own have cards all the same."""

from collections.abc import Callable, Mapping

import pytest

from screenpop.accounts.users import UserId
from screenpop.bus.memory import MemoryBus
from screenpop.demo.colleague_pages import PAINTED_AFTER_S, ColleaguePage, ColleaguePages
from screenpop.protocol.client_messages import Stage

pytestmark = pytest.mark.anyio

MARYAM, ELENI = UserId(3), UserId(4)


class Office:
    """Two agents; ``tabs`` are those with a real page."""

    def __init__(self) -> None:
        self.bus = MemoryBus(lambda _seconds, action: action())
        self.tabs: set[UserId] = set()
        self.confirmed: list[tuple[UserId, str, int, Mapping[Stage, float]]] = []
        self.pages = ColleaguePages(
            self.bus,
            lambda: frozenset({MARYAM, ELENI}),
            lambda user: user in self.tabs,
            self.page,
        )

    def page(self, user: UserId) -> ColleaguePage:
        def later(seconds: float, action: Callable[[], None]) -> None:
            assert seconds == PAINTED_AFTER_S
            action()

        return ColleaguePage(
            user, lambda *receipt: self.confirmed.append(receipt), lambda: 100.0, later
        )

    def card(self, user: UserId, rev: int = 1, *, gone: bool = False) -> None:
        payload = b'{"id":"c1","rev":%d}' % rev
        self.bus.publish((user,), "card", "c1", payload, gone=gone)


async def test_the_first_revision_of_a_card_is_confirmed_as_painted() -> None:
    office = Office()
    await office.pages.look()
    office.card(ELENI)
    office.card(ELENI, 2)
    office.card(ELENI, 3, gone=True)
    office.bus.publish((ELENI,), "agent", "4", b'{"id":4}')
    [(user, card, rev, stages)] = office.confirmed
    assert (user, card, rev) == (ELENI, "c1", 1)
    assert stages[Stage.PAINTED] == 100.0
    assert stages[Stage.RECEIVED] == 100.0 - PAINTED_AFTER_S


async def test_an_agent_with_a_real_page_has_no_other_until_it_closes() -> None:
    office = Office()
    await office.pages.look()
    assert office.bus.readers(MARYAM) == 1
    office.tabs.add(MARYAM)
    await office.pages.look()
    assert office.bus.readers(MARYAM) == 0
    office.card(MARYAM)
    assert office.confirmed == []
    office.tabs.clear()
    await office.pages.look()
    await office.pages.look()
    assert office.bus.readers(MARYAM) == 1
