"""The rows of the report "popup before pickup": one for each answered call, as the log has it."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from screenpop.calls.call_record import LegOutcome
from screenpop.calls.events import Direction, Disposition
from screenpop.reports.popup import PopupOutcome, popup_outcome, summarize_popups
from screenpop.service.ports import CardDelivery, LoggedCall
from screenpop.store.accounts.login_records import LoginOutcome, record_login
from screenpop.store.engine.database import Database
from screenpop.store.reports.popup_rows import answered_calls, count_popups
from screenpop.telephony.identifiers import FROM_QUEUE_LOG, SIMULATED, Endpoint, LegId
from tests.store.calls.written_calls import kept
from tests.store.samples import add_user, changed, finished_call

pytestmark = pytest.mark.anyio

FIRST = 1_700_000_000.0
TEHRAN = ZoneInfo("Asia/Tehran")


def without_card(call: LoggedCall) -> LoggedCall:
    return replace(call, painted=())


async def outcomes(database: Database, until: float = FIRST + 3600) -> list[PopupOutcome]:
    rows = await answered_calls(database, FIRST, until, TEHRAN, simulated=False)
    return [popup_outcome(row) for row in rows]


async def test_a_call_answered_with_the_card_is_one_row_with_its_times(database: Database) -> None:
    agent = (await add_user(database, "maryam")).id
    await record_login(
        database, username="maryam", is_right=True, address="", browser="Old", now=FIRST - 99
    )
    for browser, at in (("Firefox", FIRST - 9), ("Later", FIRST + 2)):
        await record_login(
            database, username="maryam", is_right=True, address="", browser=browser, now=at
        )
    await record_login(
        database,
        username="maryam",
        is_right=False,
        address="",
        browser="Mallory",
        now=FIRST - 1,
        failure=LoginOutcome.WRONG_PASSWORD,
    )
    await database.later.flush()
    await kept(database, finished_call(agent=agent))
    [row] = await answered_calls(database, FIRST, FIRST + 1, TEHRAN, simulated=False)
    assert (row.agent, row.queue, row.hour) == (agent, "sales", 1)  # 22:13 UTC
    assert row.browser == "Firefox"
    assert row.card is not None
    assert row.card.painted_at == FIRST + 0.2
    assert (row.rang_at, row.answered_at) == (FIRST + 1, FIRST + 5)
    assert row.painted_before_pickup


async def test_each_reason_is_read_from_the_log(database: Database) -> None:
    agent = (await add_user(database, "maryam")).id

    def with_card(n: int, *, received: float | None, painted: float | None) -> LoggedCall:
        call = finished_call(f"{n}.1", agent=agent, arrived_at=FIRST + n)
        at = call.entry.arrived_at
        card = CardDelivery(
            agent,
            "101",
            at,
            None if received is None else at + received,
            None if painted is None else at + painted,
            None,
            painted is not None and painted <= 5,
        )
        return replace(call, painted=(card,))

    await kept(
        database,
        with_card(0, received=0.1, painted=4.9),
        with_card(1, received=0.1, painted=5.1),
        with_card(2, received=0.1, painted=None),
        with_card(3, received=None, painted=None),
        without_card(finished_call("4.1", arrived_at=FIRST + 4)),
    )
    assert await outcomes(database) == [
        PopupOutcome.BEFORE_PICKUP,
        PopupOutcome.LATE,
        PopupOutcome.NOT_PAINTED,
        PopupOutcome.NOT_RECEIVED,
        PopupOutcome.NO_AGENT,
    ]


async def test_the_phone_that_answered_first_decides_also_after_a_transfer(
    database: Database,
) -> None:
    first = (await add_user(database, "maryam")).id
    second = (await add_user(database, "eleni")).id
    call = finished_call(agent=first)
    later = replace(
        call.entry.legs[0],
        leg=LegId("x"),
        endpoint=Endpoint("103"),
        rang_at=FIRST + 41,
        answered_at=FIRST + 44,
        outcome=LegOutcome.ANSWERED,
    )
    entry = replace(
        call.entry,
        legs=(later, *call.entry.legs),
        answered_by=(Endpoint("101"), Endpoint("103")),
    )
    cards = (
        *call.painted,
        CardDelivery(second, "103", FIRST + 41, None, None, None, False),
    )
    await kept(database, replace(call, entry=entry, painted=cards))
    [row] = await answered_calls(database, FIRST, FIRST + 1, TEHRAN, simulated=False)
    assert (row.agent, row.answered_at) == (first, FIRST + 5)
    assert popup_outcome(row) is PopupOutcome.BEFORE_PICKUP


async def test_only_answered_inbound_calls_of_the_period_count_and_simulated_ones_if_asked(
    database: Database,
) -> None:
    agent = (await add_user(database, "maryam")).id

    def call(n: int, at: float, **entry: object) -> LoggedCall:
        return changed(finished_call(f"{n}.1", agent=agent, arrived_at=at), **entry)

    await kept(
        database,
        call(1, FIRST - 0.001),
        call(2, FIRST),
        call(3, FIRST + 9.999),
        call(4, FIRST + 10),
        call(5, FIRST + 1, direction=Direction.OUTBOUND),
        call(6, FIRST + 2, disposition=Disposition.VOICEMAIL),
        call(7, FIRST + 3, pbx=SIMULATED),
        call(8, FIRST + 4, boot=FROM_QUEUE_LOG),
    )
    for simulated, expected in ((False, 2), (True, 3)):
        rows = await answered_calls(database, FIRST, FIRST + 10, TEHRAN, simulated=simulated)
        assert len(rows) == expected
        total = summarize_popups(
            await answered_calls(database, FIRST, FIRST + 99, TEHRAN, simulated=simulated)
        ).total
        assert total == await count_popups(database, FIRST, simulated=simulated)
        assert total.answered == expected + 1
