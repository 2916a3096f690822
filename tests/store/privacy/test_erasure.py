"""A customer is erased: no table, no index and no file of the database holds anything of them."""

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, make_url, select, text, update

from screenpop.accounts.users import UserId
from screenpop.calls.events import Direction
from screenpop.customers.draft import CustomerDraft, IncomingRow, PhoneDraft, TripDraft
from screenpop.customers.models import CustomerId, PersonName
from screenpop.store.accounts.form_drafts import FormDraft, keep_draft
from screenpop.store.customers.audit import log_view
from screenpop.store.customers.detail import load_customer_detail
from screenpop.store.customers.edit import update_customer_fields
from screenpop.store.customers.merge import merge_customers, undo_merge
from screenpop.store.customers.number_links import link_number
from screenpop.store.customers.queries import (
    CustomerRefusedError,
    create_customer,
    list_customers,
    unlink_phone,
)
from screenpop.store.customers.trips_edit import (
    TravellerInput,
    add_case,
    add_trip,
    set_travellers,
    update_case,
)
from screenpop.store.engine.database import Database
from screenpop.store.imports.batch import import_rows
from screenpop.store.privacy.erasure import confirmation_names, erase_customer, is_confirmation_name
from screenpop.store.privacy.records import list_privacy_records, log_export
from screenpop.store.schema.customer_tables import asked_facts, follow_ups, offer_answers
from screenpop.store.schema.tables import (
    call_traces,
    calls,
    customer_phones,
    legs,
    receipts,
    watched_rows,
    watched_sheets,
)
from screenpop.store.schema.work_list_tables import customer_messages
from screenpop.store.search.fts_index import index_new_customers
from screenpop.telephony.caller_id import CallerId, CallerIdKind
from screenpop.telephony.identifiers import E164
from tests.store.samples import add_user, finished_call

pytestmark = pytest.mark.anyio

NOW = 1_795_300_000.0
OWN = PhoneDraft("0912 771 8834", E164("+989127718834"), "127718834", "mobile")
OLD = PhoneDraft("0935 661 7745", E164("+989356617745"), "356617745", "mobile")
DOUBLE = PhoneDraft("0912-771-8834", E164("+989127718834"), "127718834", "work")
HOME = PhoneDraft("021 8877 6655", E164("+982188776655"), "188776655", "home")
NEEDLES = (
    *("zarringol", "زرینگل", "زرین‌گل", "laleh", "parastou", "λαλε"),
    *("127718834", "356617745", "9127718834", "09127718834", "zg@example.com"),
)
"""What must not be found: names, and the last nine digits of each number, however written."""


def caller(phone: PhoneDraft, *, understood: bool = True) -> CallerId:
    kind = CallerIdKind.NUMBER if understood else CallerIdKind.RAW
    e164 = phone.e164 if understood else None
    raw = phone.raw.replace(" ", "")
    return CallerId(raw, kind, "national", e164, last_nine=phone.last_nine)


async def everything_in(database: Database) -> dict[str, str]:
    """Every value of every table, also those that are the search's own, as text."""
    found: dict[str, str] = {}
    async with database.reading() as connection:
        for table in (await connection.execute(text(_TABLES[database.kind]))).scalars().all():
            rows = await connection.execute(text(f'SELECT * FROM "{table}"'))  # noqa: S608
            found[table] = "\n".join(_as_text(value) for row in rows for value in row).casefold()
    return found


_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
    "postgresql": "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'",
}


def _as_text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def places_of_needles(texts: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(place, needle) for place, text in texts for needle in NEEDLES if needle in text]


def keep_call(
    database: Database, number: int, raw: CallerId, customer: CustomerId | None, *, name: str
) -> None:
    record = finished_call(f"{NOW}.{number}", caller=raw, customer=customer, name=name)
    entry, note = record.entry, f"{name} wants a window"
    database.log.keep(record)
    _ = database.log.keep_note(entry.call, entry.pbx, UserId(1), note, entry.boot)


async def an_office(database: Database) -> tuple[CustomerId, CustomerId]:
    """Laleh, of whom everything there is is kept, and Kaveh, with whom she shares a number."""
    user_id = (await add_user(database, "maryam", "101")).id
    kaveh = await create_customer(
        database,
        CustomerDraft(names={"en": PersonName("Kaveh", "Moradi")}, phones=(HOME,)),
        NOW,
    )
    laleh = await _from_sheet(database)
    await index_new_customers(database)
    wishes = {"wishes": {"seat": "next to Parastou"}, "notes": "Laleh is afraid of flying"}
    await update_customer_fields(database, laleh, wishes, user_id=user_id, now=NOW)
    await link_number(database, laleh, HOME, user_id=user_id, now=NOW)
    old = await link_number(database, laleh, OLD, user_id=user_id, now=NOW)
    assert old == 0
    await _travels(database, laleh, kaveh, user_id)
    await _merges(database, laleh, kaveh, user_id)
    log_view(database, laleh, user_id, NOW)
    await database.later.flush()
    await _calls(database, laleh, kaveh)
    await _drop_old_number(database, laleh)
    await _watch(database, laleh)
    for form in (f"/customers/{laleh}/edit", f"/customers/{kaveh}/edit"):
        await keep_draft(database, user_id, FormDraft(form, {"notes": "Laleh Zarringol"}, {}), NOW)
    return laleh, kaveh


async def _from_sheet(database: Database) -> CustomerId:
    """She came in by one sheet and another added to her."""
    first = CustomerDraft(
        names={"en": PersonName("Laleh", "Zarringol"), "fa": PersonName("لاله", "زرین‌گل")},
        phones=(OWN,),
        trips=(TripDraft(destination="Rome", note="Laleh and Parastou"),),
        household="Zarringol",
        company="Zarringol & Co",
        city="Zarringolabad",
        heard_from="a cousin of Zarringol",
    )
    second = CustomerDraft(
        names=first.names, phones=(OWN,), emails=("zg@example.com",), tags=("laleh's",)
    )
    for draft in (first, second):

        async def parts(draft: CustomerDraft = draft) -> Any:
            yield [IncomingRow(2, draft)]

        await import_rows(database, parts(), filename="sheet.xlsx", now=NOW)
    page = await list_customers(database)
    [person] = [row.customer.id for row in page.rows if row.customer.names["en"].given == "Laleh"]
    return person


async def _travels(
    database: Database, laleh: CustomerId, kaveh: CustomerId, user_id: UserId
) -> None:
    trip = {"destination": "Athens", "note": "for Laleh", "feedback": "said Laleh"}
    await add_trip(database, laleh, trip, user_id=user_id, now=NOW)
    his = await add_trip(database, kaveh, {"destination": "Paris"}, user_id=user_id, now=NOW)
    going = [TravellerInput(laleh, "", False), TravellerInput(None, "Ali", True)]
    await set_travellers(database, his, going, user_id=user_id, now=NOW)
    case = {
        "kind": "complaint",
        "state": "open",
        "subject": "Laleh's suitcase",
        "opened": date(2026, 1, 1),
    }
    number = await add_case(database, laleh, case, user_id=user_id, now=NOW)
    closing = {"state": "closed"}
    today = date(2026, 1, 2)
    await update_case(
        database,
        number,
        closing,
        note="Parastou called back",
        user_id=user_id,
        now=NOW,
        today=today,
    )


async def _merges(
    database: Database, laleh: CustomerId, kaveh: CustomerId, user_id: UserId
) -> None:
    """A second file of hers was merged into the first, a third into that before; and once she was
    taken for Kaveh."""
    names = {"el": PersonName("Λαλε", "Ζαρινγκολ"), "en": PersonName("Laleh", "Zarringol-M")}
    twin = await create_customer(database, CustomerDraft(names=names, phones=(DOUBLE,)), NOW)
    third = await create_customer(
        database, CustomerDraft(names={"en": PersonName("Parastou", "Z")}), NOW
    )
    await merge_customers(database, twin, third, user_id=user_id, now=NOW)
    await merge_customers(database, laleh, twin, user_id=user_id, now=NOW)
    mistake = await merge_customers(database, kaveh, laleh, user_id=user_id, now=NOW)
    await undo_merge(database, mistake, user_id=user_id, now=NOW)


async def _calls(database: Database, laleh: CustomerId, kaveh: CustomerId) -> None:
    database.log.start()
    async with database.writing() as connection:
        recorded = {"offer": "birthday", "answer": "later", "reason": {}, "agent": "M", "at": NOW}
        day, words = date(2026, 1, 5), "call Laleh Zarringol"
        promised = {"due": day, "promise": words, "source": "call", "state": "open", "made_at": NOW}
        asked = {"fact": "birthday", "card": "lab/1/1", "asked_on": day}
        message = {"text": "Dear Laleh Zarringol", "request_key": "1-r", "made_at": NOW}
        values_of = {offer_answers: recorded, follow_ups: promised, asked_facts: asked}
        for table, values in (values_of | {customer_messages: message}).items():
            await connection.execute(insert(table).values(customer_id=laleh, **values))
    named = "Laleh Zarringol"
    keep_call(database, 1, caller(OWN), laleh, name=named)
    keep_call(database, 2, caller(OWN), None, name=named)
    keep_call(database, 3, caller(OWN, understood=False), None, name=named)
    keep_call(database, 4, caller(OLD), laleh, name=named)
    keep_call(database, 5, caller(HOME), laleh, name=named)
    keep_call(database, 6, caller(HOME), kaveh, name="Home")
    await database.log.close(10)
    async with database.writing() as connection:
        rows = await connection.execute(select(calls).order_by(calls.c.id))
        ids = [row.id for row in rows]
        hers = [{"step": "caller", "raw": "09127718834", "e164": OWN.e164}]
        his = [{"step": "named", "customer": laleh}, {"step": "caller", "e164": HOME.e164}]
        for call, steps in ((ids[0], hers), (ids[5], his)):
            await connection.execute(
                update(call_traces).where(call_traces.c.call_id == call).values(steps=steps)
            )
        # Number 7: one that we made, to her.
        made = {
            "pbx": "office",
            "boot": "b9",
            "linkedid": "out.1",
            "direction": Direction.OUTBOUND.value,
            "caller_raw": "101",
            "caller_kind": "extension",
            "called": "00989127718834",
            "arrived_at": NOW,
            "ended_at": NOW,
            "disposition": "answered",
            "answered_by": [],
            "kept_at": NOW,
        }
        await connection.execute(insert(calls).values(**made))


async def _drop_old_number(database: Database, laleh: CustomerId) -> None:
    """A number that she had once is only in the history, and in what an undo would need."""
    async with database.reading() as connection:
        found = await connection.execute(
            select(customer_phones.c.id).where(
                customer_phones.c.customer_id == laleh, customer_phones.c.e164 == OLD.e164
            )
        )
        phone = found.scalar_one()
    assert await unlink_phone(database, laleh, phone, NOW)


async def _watch(database: Database, laleh: CustomerId) -> None:
    async with database.writing() as connection:
        sheet = await connection.execute(
            insert(watched_sheets).values(path="/sheets/a.xlsx").returning(watched_sheets.c.id)
        )
        draft = {"names": {"en": ["Laleh", "Zarringol"]}}
        row = {"line": 2, "mark": "ab", "draft": draft, "customer_id": laleh}
        row["sheet_id"] = sheet.scalar_one()
        await connection.execute(insert(watched_rows).values(row))


@pytest.mark.defends("erasure")
async def test_nothing_about_an_erased_customer_is_left(database: Database, url: str) -> None:
    laleh, kaveh = await an_office(database)
    before = await everything_in(database)
    places = {place for place, _ in places_of_needles(before.items())}
    assert places >= {
        *("customers", "customer_phones", "trips", "cases", "case_steps", "calls", "call_notes"),
        *("customer_changes", "import_changes", "watched_rows", "households", "call_traces"),
    }

    erased = await erase_customer(database, laleh, user_id=None, now=NOW)

    assert (erased.files, erased.calls) == (3, 6)
    assert places_of_needles((await everything_in(database)).items()) == []
    if database.kind == "sqlite":
        path = Path(str(make_url(url).database))
        raw = b"".join(part.read_bytes() for part in (path, Path(f"{path}-wal")) if part.exists())
        needles = [needle.encode() for needle in (*NEEDLES, "Zarringol", "Parastou", "Λαλε")]
        assert [needle for needle in needles if needle in raw] == []
    assert await _found_by_search(database) == {kaveh}


async def _found_by_search(database: Database) -> set[int]:
    found: set[int] = set()
    for typed in ("laleh", "zarr", "لاله", "7718834", "window", "2188776655"):
        page = await list_customers(database, search=typed, notes=True)
        found |= {row.customer.id for row in page.rows}
    return found


async def test_calls_stay_as_figures_and_the_household_keeps_its_other_member(
    database: Database,
) -> None:
    laleh, kaveh = await an_office(database)
    await erase_customer(database, laleh, user_id=None, now=NOW)
    async with database.reading() as connection:
        kept = (await connection.execute(select(calls).order_by(calls.c.id))).all()
        assert len(kept) == 7
        assert {row.disposition for row in kept} == {"answered"}
        assert [row.talk_s is not None for row in kept[:5]] == [True] * 5
        assert (await connection.execute(select(legs))).all()
        of_call = {row.call_id for row in await connection.execute(select(receipts))}
        assert of_call <= {kept[5].id}
        # His call from the number they shared is as it was, except for notes about her.
        assert (kept[5].e164, kept[5].customer_id) == (HOME.e164, kaveh)
        trace = await connection.execute(
            select(call_traces.c.steps).where(call_traces.c.call_id == kept[5].id)
        )
        assert trace.scalar_one() == [{"step": "caller", "e164": HOME.e164}]
    his = await load_customer_detail(database, kaveh)
    assert his is not None
    assert [number.phone.e164 for number in his.numbers] == [HOME.e164]
    assert his.numbers[0].chosen is None
    [trip] = his.trips
    assert [one.name for one in trip.travellers] == ["Ali"]


async def test_it_is_recorded_when_by_which_user_and_how_much_but_not_of_which_customer(
    database: Database,
) -> None:
    laleh, _ = await an_office(database)
    await log_export(database, kind="xlsx", filtered=True, user_id=UserId(1), now=NOW)
    erased = await erase_customer(database, laleh, user_id=UserId(1), now=NOW + 5)
    last, first = await list_privacy_records(database)
    assert (last.at, last.by, last.what) == (NOW + 5, "Maryam", "erased")
    counts = {"files": 3, "numbers": erased.numbers, "trips": 2, "calls": 6, "attachments": 0}
    assert last.figures == counts | {"mentions": erased.mentions}
    assert (first.what, first.figures) == ("exported", {"kind": "xlsx", "filtered": True})


async def test_a_missing_or_merged_customer_is_reported(database: Database) -> None:
    laleh, kaveh = await an_office(database)
    await merge_customers(database, kaveh, laleh, user_id=None, now=NOW)
    for person, code in ((laleh, "merged_away"), (CustomerId(987), "unknown_customer")):
        with pytest.raises(CustomerRefusedError) as refused:
            await erase_customer(database, person, user_id=None, now=NOW)
        assert refused.value.code == code
    assert await list_privacy_records(database) == ()


async def test_the_name_is_typed_to_confirm_in_any_of_its_scripts(database: Database) -> None:
    laleh, _ = await an_office(database)
    names = await confirmation_names(database, laleh)
    assert is_confirmation_name("  laleh ZARRINGOL", names)
    assert is_confirmation_name("لاله زرين گل", names)
    assert not is_confirmation_name("", names)
    assert not is_confirmation_name("Laleh", names)
    assert await confirmation_names(database, CustomerId(987)) == ()


async def test_other_people_are_found_as_before(database: Database) -> None:
    for number in range(60):
        phone = PhoneDraft(f"0912000{number:04}", E164(f"+98912000{number:04}"), None, "mobile")
        names = {"en": PersonName(f"Laleh{number}", "Zarr" if number % 2 else "Other")}
        await create_customer(database, CustomerDraft(names=names, phones=(phone,)), NOW)
    page = await list_customers(database, search="zarr", limit=200)
    gone = page.rows[7].customer.id
    await erase_customer(database, gone, user_id=None, now=NOW)
    left = await list_customers(database, search="zarr", limit=200)
    assert [row.customer.id for row in left.rows] == [
        row.customer.id for row in page.rows if row.customer.id != gone
    ]


async def test_numbers_dialled_over_a_trunk_go_with_the_customer(database: Database) -> None:
    """Whose mobile took the call: the phones of ours stay, the number outside does not."""
    laleh, _ = await an_office(database)
    async with database.writing() as connection:
        theirs = select(calls.c.id).where(calls.c.customer_id == laleh).limit(1)
        call = (await connection.execute(theirs)).scalar_one()
        await connection.execute(
            update(calls).where(calls.c.id == call).values(answered_by=["101", "09355550001"])
        )
        await connection.execute(
            update(legs)
            .where(legs.c.call_id == call)
            .values(dialled="09355550001", stopped_by="09355550001")
        )
    await erase_customer(database, laleh, user_id=None, now=NOW)
    assert "09355550001" not in str(await everything_in(database))
    async with database.reading() as connection:
        kept = select(calls.c.answered_by).where(calls.c.id == call)
        assert (await connection.execute(kept)).scalar_one() == ["101"]
