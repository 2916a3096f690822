"""The customer's file: whole, changed with a history, merged and taken apart again, found."""

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, select, text

from screenpop.common.search_normalization import fold
from screenpop.customers.detail import CustomerDetail
from screenpop.customers.draft import CustomerDraft, PhoneDraft
from screenpop.customers.models import CustomerId, PersonName
from screenpop.store.customers.audit import log_view
from screenpop.store.customers.detail import load_customer_detail
from screenpop.store.customers.duplicates import find_duplicates
from screenpop.store.customers.edit import update_customer_fields
from screenpop.store.customers.merge import MergeRefusedError, merge_customers, undo_merge
from screenpop.store.customers.number_links import link_number
from screenpop.store.customers.number_quality import (
    NumberProblem,
    count_problems,
    list_unusable_numbers,
)
from screenpop.store.customers.queries import (
    CustomerRefusedError,
    create_customer,
    link_phone,
    list_customers,
)
from screenpop.store.customers.trips_edit import (
    TravellerInput,
    add_case,
    add_trip,
    set_travellers,
    update_case,
    update_trip,
)
from screenpop.store.engine.database import Database
from screenpop.store.schema.tables import customers
from screenpop.store.search.fts_index import index_new_customers
from screenpop.store.search.maintenance import bring_up_to_date
from screenpop.store.search.queries import number_words, searchable_words, typed_words
from screenpop.store.search.reindex import reindex_if_outdated
from screenpop.store.search.renumber import renumber_if_outdated
from screenpop.telephony.identifiers import E164, Region
from screenpop.telephony.number_plan import NumberPlan
from screenpop.web.customers.forms import phone_draft
from tests.store.samples import LALEH, NIKOS, add_user, finished_call, look_up

pytestmark = pytest.mark.anyio

HERS = PhoneDraft("0912 345 6789", LALEH.e164, LALEH.last_nine, "mobile")
HIS = PhoneDraft("6912345678", NIKOS.e164, NIKOS.last_nine, "mobile")


def draft(family: str, *phones: PhoneDraft, given: str = "Laleh", **more: Any) -> CustomerDraft:
    return CustomerDraft(names={"en": PersonName(given, family)}, phones=phones, **more)


async def file_of(database: Database, who: CustomerId) -> CustomerDetail:
    found = await load_customer_detail(database, who)
    assert found is not None
    return found


async def test_an_edit_changes_what_was_given_and_says_who_made_it(database: Database) -> None:
    maryam = await add_user(database)
    who = await create_customer(database, draft("Karimi", HERS, balance=70, currency="EUR"), 1.0)

    await update_customer_fields(
        database,
        who,
        {"notes": "tea", "names": {"en": PersonName("Laleh", "Moradi", "Laleh jan")}},
        user_id=maryam.id,
        now=2.0,
    )

    file = await file_of(database, who)
    assert (file.customer.notes, file.customer.balance) == ("tea", 70)
    assert file.customer.names["en"].called == "Laleh jan"
    newest = file.history[0]
    assert (newest.what, newest.by, newest.changes["notes"]) == ("edited", "Maryam", ("", "tea"))
    assert [row.customer.id for row in (await list_customers(database, search="mora")).rows] == [
        who
    ]


async def test_a_form_that_was_filled_before_somebody_elses_change_is_refused(
    database: Database,
) -> None:
    who = await create_customer(database, draft("Karimi"), 1.0)
    await update_customer_fields(database, who, {"notes": "first"}, user_id=None, now=2.0, seen=1.0)

    with pytest.raises(CustomerRefusedError) as refused:
        await update_customer_fields(
            database, who, {"notes": "second"}, user_id=None, now=3.0, seen=1.0
        )

    assert refused.value.code == "changed_meanwhile"
    assert (await file_of(database, who)).customer.notes == "first"


async def test_an_edited_city_is_found_by_the_search_and_noted_in_the_history(
    database: Database,
) -> None:
    who = await create_customer(database, draft("Karimi", city="Yazd"), 1.0)
    await update_customer_fields(database, who, {"city": "Shi\u202eraz"}, user_id=None, now=2.0)

    file = await file_of(database, who)
    assert file.city == "Shiraz"
    assert file.history[0].changes["city"] == ("Yazd", "Shiraz")
    found = [(await list_customers(database, search=typed)).rows for typed in ("shir", "yazd")]
    assert [[row.city for row in rows] for rows in found] == [["Shiraz"], []]


async def test_a_parent_buys_and_the_child_travels(database: Database) -> None:
    parent = await create_customer(database, draft("Karimi", HERS), 1.0)
    child = await create_customer(database, draft("Karimi", given="Nima"), 1.0)
    trip = await add_trip(
        database, parent, {"destination": "رُم", "price": 900}, user_id=None, now=2.0
    )
    going = [TravellerInput(child, "", child=True), TravellerInput(None, "Aunt", child=False)]

    await set_travellers(database, trip, going, user_id=None, now=3.0)
    await update_trip(database, trip, {"status": "booked"}, user_id=None, now=4.0)

    theirs = await file_of(database, child)
    assert [one.trip.id for one in theirs.trips] == [trip]
    assert theirs.trips[0].buyer.id == parent
    buyer = await file_of(database, parent)
    assert [(one.person.id, one.trips) for one in buyer.companions] == [(child, 1)]
    assert [one.name for one in buyer.trips[0].travellers] == ["", "Aunt"]
    assert [row.customer.id for row in (await list_customers(database, search="رم")).rows] == [
        parent
    ]


async def test_a_case_keeps_who_promised_what_by_when(database: Database) -> None:
    maryam = await add_user(database)
    who = await create_customer(database, draft("Karimi"), 1.0)
    given = {
        "kind": "refund",
        "state": "open",
        "subject": "ticket",
        "opened": date(2026, 1, 1),
        "promised_by": "Maryam",
        "promised_for": date(2026, 1, 9),
    }
    case = await add_case(database, who, given, user_id=maryam.id, now=2.0)

    await update_case(
        database,
        case,
        {"state": "closed"},
        note="paid back",
        user_id=maryam.id,
        now=3.0,
        today=date(2026, 1, 5),
    )

    [kept] = (await file_of(database, who)).cases
    assert kept.closed == date(2026, 1, 5)
    assert {(step.what, step.text, step.due) for step in kept.steps} == {
        ("opened", "ticket", None),
        ("promised", "Maryam", date(2026, 1, 9)),
        ("state", "closed", None),
        ("said", "paid back", None),
    }
    assert {step.by for step in kept.steps} == {"Maryam"}


async def test_who_looked_is_kept_once_for_a_visit(database: Database) -> None:
    maryam = await add_user(database)
    who = await create_customer(database, draft("Karimi"), 1.0)

    for now in (10.0, 20.0, 9000.0):
        log_view(database, who, maryam.id, now)
        await database.later.flush()

    looks = (await file_of(database, who)).looks
    assert [(look.first_at, look.last_at, look.times) for look in looks] == [
        (9000.0, 9000.0, 1),
        (10.0, 20.0, 2),
    ]


async def two_files(database: Database) -> tuple[CustomerId, CustomerId]:
    one = await create_customer(database, draft("Karimi", HERS, notes="tea"), 1.0)
    other = await create_customer(
        database,
        draft("Karimi", HERS, HIS, notes="coffee", birthday=date(1980, 5, 5), city="Yazd"),
        2.0,
    )
    await add_trip(database, other, {"destination": "Rome"}, user_id=None, now=3.0)
    database.log.start()
    database.log.keep(finished_call("1.1", caller=NIKOS, customer=other))
    await database.log.flush()
    return one, other


def told(file: CustomerDetail) -> tuple[object, ...]:
    """What a merge may change."""
    return (
        file.customer,
        sorted((number.phone.e164 or "", number.phone.raw) for number in file.numbers),
        [trip.trip for trip in file.trips],
        file.calls,
        file.tags,
        file.city,
        file.merged_into,
    )


async def test_two_files_become_one_and_two_again(database: Database) -> None:
    one, other = await two_files(database)
    before = told(await file_of(database, one)), told(await file_of(database, other))

    number = await merge_customers(database, one, other, user_id=None, now=5.0)

    kept, gone = await file_of(database, one), await file_of(database, other)
    assert (kept.customer.birthday, kept.customer.notes) == (date(1980, 5, 5), "tea\ncoffee")
    assert kept.city == "Yazd"
    assert {entry.phone.e164 for entry in kept.numbers} == {LALEH.e164, NIKOS.e164}
    assert (len(kept.trips), len(kept.calls)) == (1, 1)
    assert (gone.merged_into, gone.numbers) == (one, ())
    assert [row.customer.id for row in (await list_customers(database)).rows] == [one]
    assert [row.customer.id for row in (await list_customers(database, search="rome")).rows] == [
        one
    ]
    assert [file.customer.id for file in (await look_up(database, LALEH)).exact] == [one]

    assert await undo_merge(database, number, user_id=None, now=6.0) == (one, other)

    assert (told(await file_of(database, one)), told(await file_of(database, other))) == before
    assert len((await list_customers(database, search="karimi")).rows) == 2


async def test_what_was_changed_since_a_merge_stays_when_it_is_undone(database: Database) -> None:
    one, other = await two_files(database)
    number = await merge_customers(database, one, other, user_id=None, now=5.0)
    await update_customer_fields(database, one, {"notes": "both"}, user_id=None, now=6.0)

    await undo_merge(database, number, user_id=None, now=7.0)

    assert (await file_of(database, one)).customer.notes == "both"
    assert (await file_of(database, other)).customer.notes == "coffee"


async def test_merges_that_make_no_sense_are_refused(database: Database) -> None:
    one, other = await two_files(database)
    third = await create_customer(database, draft("Rich", balance=5, currency="USD"), 1.0)
    await update_customer_fields(
        database, one, {"balance": 1, "currency": "EUR"}, user_id=None, now=2.0
    )

    async def code(kept: int, gone: int) -> str:
        with pytest.raises(MergeRefusedError) as refused:
            await merge_customers(
                database, CustomerId(kept), CustomerId(gone), user_id=None, now=5.0
            )
        return refused.value.code

    assert await code(one, one) == "same_customer"
    assert await code(one, 999) == "unknown_customer"
    assert await code(one, third) == "two_currencies"
    number = await merge_customers(database, one, other, user_id=None, now=5.0)
    assert await code(third, other) == "merged_already"
    await undo_merge(database, number, user_id=None, now=6.0)
    with pytest.raises(MergeRefusedError) as refused:
        await undo_merge(database, number, user_id=None, now=7.0)
    assert refused.value.code == "unknown_merge"


async def test_the_same_name_on_the_same_number_is_a_duplicate_and_a_family_is_none(
    database: Database,
) -> None:
    one, other = await two_files(database)
    await create_customer(database, draft("Karimi", HERS, given="Nima"), 1.0)

    pairs = await find_duplicates(database)

    assert [(pair.older.id, pair.newer.id, pair.why) for pair in pairs] == [(one, other, "number")]


async def test_a_linked_number_takes_its_calls_along_and_is_remembered(database: Database) -> None:
    database.log.start()
    database.log.keep(finished_call("1.1"))
    await database.log.flush()
    who = await create_customer(database, draft("Karimi"), 1.0)

    assert await link_number(database, who, HERS, user_id=None, now=2.0) == 1
    assert await link_number(database, who, HERS, user_id=None, now=3.0) == 0

    [number] = (await file_of(database, who)).numbers
    assert (number.phone.e164, number.chosen) == (LALEH.e164, who)


async def test_a_number_nobody_understood_is_mended_by_linking_it(database: Database) -> None:
    who = await create_customer(
        database, draft("Karimi", PhoneDraft("912345 6789 home", None, LALEH.last_nine)), 1.0
    )

    await link_number(database, who, HERS, user_id=None, now=2.0)

    [number] = (await file_of(database, who)).numbers
    assert (number.phone.e164, number.phone.raw) == (LALEH.e164, "912345 6789 home")


async def test_notes_are_searched_for_those_who_may_read_them_only(database: Database) -> None:
    await create_customer(database, draft("Karimi", notes="diabetic", preferences="vegan"), 1.0)

    for typed in ("diab", "karimi vegan"):
        assert (await list_customers(database, search=typed)).rows == ()
        assert len((await list_customers(database, search=typed, notes=True)).rows) == 1


async def test_what_a_sheet_brought_is_found_once_it_was_taken_in(database: Database) -> None:
    from screenpop.store.imports.batch import import_customers, undo_import

    batch = await import_customers(
        database, [draft("Karimi", HERS), draft("Moradi", HIS)], filename="x.csv", now=1.0
    )
    [moradi] = [
        row.customer.id
        for row in (await list_customers(database)).rows
        if row.customer.names["en"].family == "Moradi"
    ]
    await update_customer_fields(database, moradi, {"notes": "early"}, user_id=None, now=2.0)
    while await index_new_customers(database):
        pass

    assert len((await list_customers(database, search="kar")).rows) == 1
    assert len((await list_customers(database, search="early", notes=True)).rows) == 1
    await undo_import(database, batch.id, 3.0)
    assert (await list_customers(database, search="kar")).rows == ()


async def test_words_of_another_version_are_written_anew(database: Database) -> None:
    who = await create_customer(database, draft("Karimi", HERS), 1.0)
    async with database.writing() as connection:
        await connection.execute(text("UPDATE customers SET folded = 'otherwise'"))

    assert await reindex_if_outdated(database) == 1

    assert [row.customer.id for row in (await list_customers(database, search="kari")).rows] == [
        who
    ]
    assert await reindex_if_outdated(database) == 0


async def test_the_index_knows_what_the_table_says_after_any_change(url: str) -> None:
    if not url.startswith("sqlite"):
        return
    engine = create_engine(url)
    with engine.begin() as connection:
        for who, words in ((1, "anna"), (2, "berta"), (3, "clara")):
            connection.execute(
                customers.insert().values(
                    id=who, names=[], tags=[], folded=words, created_at=1, changed_at=1
                )
            )
        connection.execute(customers.update().where(customers.c.id == 2).values(folded="dora"))
        connection.execute(customers.delete().where(customers.c.id == 1))
        check = "INSERT INTO customers_found(customers_found, rank) VALUES('integrity-check', 1)"
        connection.execute(text(check))
        found = select(text("rowid")).select_from(text("customers_found"))
        rows = connection.execute(found.where(text("customers_found MATCH 'dora'"))).all()
        assert rows == [(2,)]
    engine.dispose()


letters = st.text(st.characters(categories=["L", "Nd", "Mn", "Zs", "Pd"]), min_size=1, max_size=25)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(names=st.lists(letters, min_size=1, max_size=3), cut=st.integers(1, 9), shout=st.booleans())
def test_every_name_is_found_by_any_folded_spelling_of_its_parts(
    names: list[str], cut: int, shout: bool
) -> None:
    kept = searchable_words(names).split()
    for name in names:
        part = " ".join(word[:cut] for word in name.split())
        other = part.upper() if shout else fold(part)
        typed = other if fold(other) == fold(part) else part
        for spellings in typed_words(typed):
            whole = len(spellings[0]) <= cut  # digits that follow each other are one number
            found = any(one.startswith(spellings) for one in kept)
            assert found or not whole, (spellings, kept)


@given(st.integers(10**9, 10**12 - 1))
def test_a_number_is_found_with_and_without_its_country_and_by_its_end(digits: int) -> None:
    e164 = E164(f"+{digits}")
    kept = number_words("", e164).split()
    for typed in (e164, f"00{digits}", str(digits)[-4:], str(digits)[-7:], str(digits)[:5]):
        [spellings] = typed_words(typed)
        assert any(one.startswith(spellings) for one in kept), (typed, kept)


async def test_a_number_twice_on_one_file_is_refused_there_too(database: Database) -> None:
    who = await create_customer(database, draft("Karimi", HERS), 1.0)
    with pytest.raises(CustomerRefusedError):
        await link_phone(database, who, HERS, 2.0)


async def test_who_was_chosen_of_several_is_known_at_the_next_call(database: Database) -> None:
    one = await create_customer(database, draft("Karimi", HERS), 1.0)
    two = await create_customer(database, draft("Karimi", HERS, given="Nima"), 1.0)
    assert (await look_up(database, LALEH)).chosen is None

    await link_number(database, two, HERS, user_id=None, now=2.0)

    record = await look_up(database, LALEH)
    assert record.chosen == two
    assert {file.customer.id for file in record.exact} == {one, two}


def read_as_iranian(raw: str, _language: str = "") -> PhoneDraft:
    return phone_draft(raw, NumberPlan(region=Region("IR")))


async def test_a_number_without_its_country_is_found_with_the_gain_of_mending_it(
    database: Database,
) -> None:
    database.log.start()
    for number in range(3):
        database.log.keep(finished_call(f"1.{number}", arrived_at=1_700_000_000.0 + number))
    await database.log.flush()
    bare = PhoneDraft("9123456789 x", None, LALEH.last_nine)
    who = await create_customer(database, draft("Karimi", bare, PhoneDraft("ask", None, None)), 1.0)
    await create_customer(database, draft("Moradi", HIS), 1.0)
    await create_customer(database, draft("Moradi", HIS, given="Nima"), 1.0)

    counts = await count_problems(database)
    page = await list_unusable_numbers(
        database,
        NumberProblem.NO_COUNTRY,
        lambda _raw, language: read_as_iranian("09123456789", language),
        now=1_700_000_100.0,
    )

    assert counts == {
        NumberProblem.UNPARSEABLE: 1,
        NumberProblem.NO_COUNTRY: 1,
        NumberProblem.SHARED: 2,
        NumberProblem.DUPLICATE: 0,
    }
    [weak] = page.rows
    assert (weak.person.id, weak.raw, weak.gain) == (who, "9123456789 x", 3)
    assert weak.mended is not None
    assert weak.mended.e164 == LALEH.e164


async def test_numbers_are_read_anew_once_when_the_library_knows_more(database: Database) -> None:
    old = PhoneDraft("0912 345 6789", None, LALEH.last_nine)
    who = await create_customer(database, draft("Karimi", old), 1.0)
    other = await create_customer(database, draft("Both", old, HERS), 1.0)
    athens = PhoneDraft("210 321 4455", E164("+302103214455"), "103214455")
    greek = await create_customer(database, draft("Greek", athens), 1.0)

    assert await renumber_if_outdated(database, "10.1", read_as_iranian) == 1
    assert await renumber_if_outdated(database, "10.1", read_as_iranian) == 0

    assert [one.phone.e164 for one in (await file_of(database, who)).numbers] == [LALEH.e164]
    assert {one.phone.e164 for one in (await file_of(database, other)).numbers} == {
        None,
        LALEH.e164,
    }
    # In Tehran it would be another number: who wrote it down knew that it is one of Athens.
    assert [one.phone.e164 for one in (await file_of(database, greek)).numbers] == [athens.e164]


async def test_a_stored_number_of_one_repeated_digit_is_none_after_the_next_start(
    database: Database,
) -> None:
    plan = NumberPlan(Region("IR"))
    placeholder = PhoneDraft("9999999999", E164("+989999999999"), "999999999")
    who = await create_customer(database, draft("Karimi", placeholder), 1.0)

    await bring_up_to_date(database, plan)

    [number] = (await file_of(database, who)).numbers
    assert (number.phone.raw, number.phone.e164) == (
        "9999999999",
        None,
    )
