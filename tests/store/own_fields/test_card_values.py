"""The own fields on the card come with the work of a call, in the language of the agent."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from screenpop.accounts.departments import Section
from screenpop.cards.card import CardId
from screenpop.customers.models import CustomerId, TripStatus
from screenpop.customers.own_fields import OwnValue
from screenpop.service.call_work import WorkPlace
from screenpop.store.calls.call_work import StoredCallWork
from screenpop.store.customers.edit import update_customer_fields
from screenpop.store.customers.queries import create_customer
from screenpop.store.customers.trips_edit import add_trip
from screenpop.store.engine.database import Database
from screenpop.telephony.identifiers import BootId, CallId, PbxId
from tests.store.customers.drafts import HERS, draft
from tests.store.own_fields.fields import OFFICE, SIDE, VOUCHER, edit, make
from tests.store.samples import add_user

pytestmark = pytest.mark.anyio

CALL = (PbxId("lab"), BootId("b1"), CallId("1.1"))
ON_CARD = replace(SIDE, on_card=True)


async def place(database: Database, customer_id: CustomerId | None) -> WorkPlace:
    user = (await add_user(database, "Maryam")).id
    sections, day = frozenset({Section.PERSONAL}), date(2026, 11, 29)
    return WorkPlace(CALL, customer_id, user, sections, day, CardId("c1"), language="fa")


async def test_the_card_has_the_chosen_fields_in_the_language_of_the_agent(
    database: Database,
) -> None:
    side, office = await make(database, ON_CARD), await make(database, OFFICE)
    own: dict[str, OwnValue] = {side.key: 1, office.key: "Pasdaran"}
    karimi = await create_customer(database, draft("Karimi", HERS, own=own), 1.0)
    work, here = StoredCallWork(database, lambda: 1.0), await place(database, karimi)

    assert (await work.load(here))["own"] == [{"name": "صندلی", "text": "کنار پنجره"}]
    assert (await work.load(replace(here, language="el")))["own"] == [
        {"name": "Θέση", "text": "Window"}
    ]
    for other in (replace(here, customer_id=None), replace(here, sections=frozenset())):
        assert (await work.load(other))["own"] == []

    await edit(database, replace(office, on_card=True))
    await update_customer_fields(
        database, karimi, {"own": {side.key: 2, office.key: "Enghelab"}}, user_id=None, now=2.0
    )
    assert (await work.load(here))["own"] == [
        {"name": "صندلی", "text": "کنار راهرو"},
        {"name": "Passport office", "text": "Enghelab"},
    ]
    await edit(database, replace(side, active=False))
    assert [one["text"] for one in (await work.load(here))["own"]] == ["Enghelab"]  # type: ignore[attr-defined]


async def test_a_customer_without_values_has_none_on_the_card(database: Database) -> None:
    await make(database, ON_CARD)
    karimi = await create_customer(database, draft("Karimi", HERS), 1.0)
    work = StoredCallWork(database, lambda: 1.0)
    assert (await work.load(await place(database, karimi)))["own"] == []


async def test_the_card_has_the_chosen_fields_of_the_next_booked_trip(database: Database) -> None:
    code = await make(database, replace(VOUCHER, on_card=True))
    karimi = await create_customer(database, draft("Karimi", HERS), 1.0)
    here = await place(database, karimi)
    here = replace(here, sections=frozenset({Section.TRIPS}))
    work = StoredCallWork(database, lambda: 1.0)
    for destination, departs, status, value in (
        ("Shiraz", here.today - timedelta(9), "travelled", "past"),
        ("Athens", here.today + timedelta(9), "asked", "not booked"),
        ("Rome", here.today + timedelta(9), "ticketed", "later"),
    ):
        given: dict[str, object] = {"destination": destination, "departs": departs}
        given |= {"status": TripStatus(status), "own": {code.key: value}}
        await add_trip(database, karimi, given, user_id=None, now=1.0)
    assert [one["text"] for one in await own_of(work, here)] == ["later"]
    away = {
        "destination": "Istanbul",
        "departs": here.today - timedelta(3),
        "returns": here.today,
        "status": TripStatus.TRAVELLING,
        "own": {code.key: "under way"},
    }
    await add_trip(database, karimi, away, user_id=None, now=1.0)
    [one] = await own_of(work, here)
    assert (one["text"], one["trip"]) == ("under way", "استانبول")
    tomorrow = replace(here, today=here.today + timedelta(1))
    assert [one["text"] for one in await own_of(work, tomorrow)] == ["later"]
    assert await own_of(work, replace(here, sections=frozenset({Section.PERSONAL}))) == []


async def own_of(work: StoredCallWork, here: WorkPlace) -> list[dict[str, str]]:
    return (await work.load(here))["own"]  # type: ignore[return-value]
