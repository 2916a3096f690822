"""Days of documents on cards, on work lists and among the facts to ask."""

from dataclasses import replace
from datetime import UTC, date, timedelta

import pytest

from screenpop.accounts.departments import Section
from screenpop.calls.call_state import CallKey
from screenpop.cards.card import CardId
from screenpop.customers.document_days import DocumentDays
from screenpop.customers.documents import DocumentDraft, DocumentKind
from screenpop.customers.missing_facts import Fact
from screenpop.customers.models import CustomerId
from screenpop.follow_ups.work_list import WorkKind
from screenpop.service.call_work import CallWorkError, WorkPlace
from screenpop.store.calls.call_work import StoredCallWork
from screenpop.store.customers.documents import add_document, load_documents
from screenpop.store.customers.queries import create_customer
from screenpop.store.customers.trips_edit import add_trip
from screenpop.store.engine.database import Database
from screenpop.store.follow_ups.work_list_build import list_customers_again
from screenpop.store.follow_ups.work_lists import WorkFilter, list_work
from screenpop.telephony.identifiers import BootId, CallId, PbxId
from tests.store.customers.drafts import HERS, draft
from tests.store.samples import LALEH, add_user, look_up

pytestmark = pytest.mark.anyio

TODAY = date(2026, 2, 26)
NOW = 1_772_100_000.0
THIS: CallKey = (PbxId("lab"), BootId("b1"), CallId("1.1"))
PASSPORT = DocumentDraft(kind=DocumentKind.PASSPORT, country="IR", expires=date(2026, 4, 1))


async def customer(database: Database, *documents: DocumentDraft) -> CustomerId:
    whose = await create_customer(database, draft("Karimi", HERS), 1.0)
    for one in documents:
        await add_document(database, whose, one, user_id=None, now=2.0)
    return whose


async def trip(database: Database, whose: CustomerId, days: int, country: str = "IT") -> None:
    given = {
        "destination": "Rome",
        "country": country,
        "status": "booked",
        "departs": TODAY + timedelta(days),
    }
    await add_trip(database, whose, given, user_id=None, now=3.0)


async def test_the_lookup_of_a_caller_brings_the_days_of_passports_and_visas(
    database: Database,
) -> None:
    visa = DocumentDraft(
        kind=DocumentKind.VISA,
        country="IT",
        valid_from=date(2026, 1, 1),
        expires=date(2026, 6, 30),
    )
    card = DocumentDraft(kind=DocumentKind.ID_CARD, country="GR", expires=date(2026, 5, 1))
    endless = DocumentDraft(kind=DocumentKind.PASSPORT, country="GR")
    await customer(database, PASSPORT, visa, card, endless)
    [file] = (await look_up(database, LALEH)).exact
    assert file.documents == (
        DocumentDays("visa", "IT", date(2026, 1, 1), date(2026, 6, 30)),
        DocumentDays("passport", "IR", None, date(2026, 4, 1)),
    )


async def test_a_passport_that_ends_before_a_trip_is_on_the_work_list(database: Database) -> None:
    whose = await customer(database, PASSPORT)
    await trip(database, whose, 60)
    await list_customers_again(database, [whose], UTC, NOW)
    page = await list_work(database, WorkFilter(WorkKind.DOCUMENT, ()), TODAY)
    [row] = page.rows
    assert row.params == {
        "problem": "passport_before_trip",
        "destination": "Rome",
        "departs": "2026-04-27",
        "ends": "2026-04-01",
    }


async def office(database: Database) -> tuple[StoredCallWork, WorkPlace]:
    whose = await customer(database)
    maryam = (await add_user(database, "maryam", "101")).id
    place = WorkPlace(
        *(THIS, whose, maryam, frozenset({Section.CALLS}), TODAY),
        CardId(f"lab/1.1/{maryam}"),
        facts=frozenset(Fact),
        again_days=90,
        can_ask=True,
        home="IR",
    )
    return StoredCallWork(database, lambda: NOW), place


@pytest.mark.parametrize(
    ("country", "fact"),
    [("IT", Fact.PASSPORT_EXPIRES), ("IR", Fact.SECOND_NUMBER), ("", Fact.SECOND_NUMBER)],
)
async def test_the_expiry_is_asked_before_a_trip_that_is_known_to_go_abroad(
    database: Database, country: str, fact: Fact
) -> None:
    work, place = await office(database)
    await trip(database, place.customer_id or CustomerId(0), 30, country)
    assert (await work.load(place))["ask"] == fact


async def test_the_answer_is_the_last_day_of_the_passport(database: Database) -> None:
    work, place = await office(database)
    whose = place.customer_id or CustomerId(0)
    await trip(database, whose, 30)
    assert (await work.load(place))["ask"] == Fact.PASSPORT_EXPIRES
    day = date(2031, 5, 1)
    for _ in range(2):  # a repeated request changes nothing
        await work.save_fact(place, Fact.PASSPORT_EXPIRES, day, is_shared=False)
    [one] = (await load_documents(database, whose)).documents
    assert one.document == DocumentDraft(kind=DocumentKind.PASSPORT, expires=day)
    with pytest.raises(CallWorkError, match="fact_known"):
        await work.save_fact(place, Fact.PASSPORT_EXPIRES, date(2032, 1, 1), is_shared=False)
    other = replace(place, card=CardId("lab/2/9"), again_days=0)
    assert (await work.load(other))["ask"] == Fact.SECOND_NUMBER


async def test_the_answer_completes_a_passport_without_its_last_day(database: Database) -> None:
    work, place = await office(database)
    whose = place.customer_id or CustomerId(0)
    known = DocumentDraft(kind=DocumentKind.PASSPORT, country="IR", name="SARA KARIMI")
    await add_document(database, whose, known, user_id=None, now=2.0)
    await trip(database, whose, 30)
    await work.load(place)
    await work.save_fact(place, Fact.PASSPORT_EXPIRES, date(2031, 5, 1), is_shared=False)
    [one] = (await load_documents(database, whose)).documents
    assert one.document == replace(known, expires=date(2031, 5, 1))
