"""Agents that had a card of a call in the log."""

from dataclasses import replace

import pytest

from screenpop.service.ports import CardDelivery
from screenpop.store.calls.past_cards import LoggedCards
from screenpop.store.calls.queries import call_detail
from screenpop.store.engine.database import Database
from screenpop.telephony.identifiers import CallId, PbxId
from tests.store.samples import add_user, find_call, finished_call

pytestmark = pytest.mark.anyio

LAB = PbxId("lab")


async def test_only_an_agent_with_a_card_of_the_call_is_known_for_it(database: Database) -> None:
    hers = await add_user(database, "maryam", "101")
    other = await add_user(database, "eleni", "102")
    past = LoggedCards(database)
    database.log.start()
    database.log.keep(finished_call("1.1", agent=hers.id))

    assert await past.boot_of(LAB, CallId("1.1"), hers.id) == "b1"
    assert await past.boot_of(LAB, CallId("1.1"), other.id) is None
    assert await past.boot_of(LAB, CallId("1.2"), hers.id) is None
    assert await past.boot_of(PbxId("other"), CallId("1.1"), hers.id) is None


async def test_of_two_boots_the_newest_in_which_the_agent_had_it(database: Database) -> None:
    hers = await add_user(database, "maryam", "101")
    card = CardDelivery(hers.id, "101", 1.0, None, None, None, None)
    database.log.start()
    for name, painted, at in (("b1", (card,), 1e9), ("b2", (card,), 2e9), ("b3", (), 3e9)):
        record = finished_call("1.1", boot=name, arrived_at=at)
        database.log.keep(replace(record, painted=painted))

    past = LoggedCards(database)
    boot = await past.boot_of(LAB, CallId("1.1"), hers.id)
    assert boot == "b2"
    _ = database.log.keep_note(CallId("1.1"), LAB, hers.id, "late", boot)
    await database.log.flush()
    found = await find_call(database, LAB, CallId("1.1"), boot)
    assert found is not None
    detail = await call_detail(database, found)
    assert detail is not None
    assert [note.text for note in detail.notes] == ["late"]
