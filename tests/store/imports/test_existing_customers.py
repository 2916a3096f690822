"""What a sheet holds of wishes, consents, owners and cases never takes the place of what people
wrote, and goes again with the undo, on both databases."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import update

from screenpop.customers.consent import Consent
from screenpop.customers.draft import CaseDraft, CustomerDraft
from screenpop.customers.models import CaseKind, CaseState, CustomerId, PersonName
from screenpop.store.customers.queries import create_customer
from screenpop.store.customers.trips_edit import add_case, update_case
from screenpop.store.engine.database import Database
from screenpop.store.imports.batch import ImportCallbacks, RowOutcome, import_rows, undo_import
from screenpop.store.imports.owners import users_by_name
from screenpop.store.schema.account_tables import users
from tests.store.samples import add_user, set_active
from tests.store.sheet_rows import ROME, all_customers, ids_on_file, person, row, sheet

pytestmark = pytest.mark.anyio

LOST = CaseDraft(kind=CaseKind.COMPLAINT, subject="Lost bag", opened=date(2026, 1, 2))
LALEH = replace(
    person("Laleh Karimi", 1),
    names={"en": PersonName("Laleh", "Karimi", "Lala")},
    wishes={"seat": "window"},
    preferences="window",
    consents={"sms": Consent(True, date(2025, 1, 1), "paper")},
)
JUNE = date(2026, 6, 6)


async def bring_in(database: Database, *drafts: CustomerDraft) -> tuple[int, list[RowOutcome]]:
    reported: list[RowOutcome] = []
    rows = [row(line, draft) for line, draft in enumerate(drafts, 2)]
    done = await import_rows(
        database,
        sheet(*rows),
        filename="a.csv",
        now=5.0,
        callbacks=ImportCallbacks(outcomes=reported.extend),
    )
    return done.batch, reported


async def test_what_people_wrote_stays_and_what_was_not_known_is_added(database: Database) -> None:
    maryam, eleni = await add_user(database), await add_user(database, "eleni")
    await create_customer(database, replace(LALEH, owner=maryam.id), 1.0)
    before = await all_customers(database)

    batch, [reported] = await bring_in(
        database,
        replace(
            LALEH,
            names={"en": PersonName("Laleh", "Karimi", "Laly")},
            owner=eleni.id,
            wishes={"seat": "aisle", "meals": "vegan"},
            preferences="aisle; vegan",
            consents={"sms": Consent(True, JUNE), "data": Consent(True, JUNE)},
            cases=(LOST,),
        ),
    )

    [laleh] = await all_customers(database)
    assert laleh.owner == maryam.id
    assert laleh.names["en"].called == "Lala"
    assert laleh.wishes == {"seat": "window", "meals": "vegan"}
    assert laleh.preferences == "window; vegan"
    assert laleh.consents == {
        "sms": Consent(True, date(2025, 1, 1), "paper"),
        "data": Consent(True, JUNE, "a.csv"),
    }
    assert laleh.cases == (LOST,)
    assert set(reported.added) == {"wishes", "preferences", "consents", "cases"}
    assert set(reported.differs) == {"names", "owner", "wishes"}

    assert (await undo_import(database, batch, 9.0)).kept == ()
    assert await all_customers(database) == before


async def test_what_was_empty_is_filled_and_empty_again_after_the_undo(database: Database) -> None:
    maryam = await add_user(database)
    await create_customer(database, person("Laleh Karimi", 1, preferences="likes tea"), 1.0)
    before = await all_customers(database)
    supplied = replace(ROME, supplier="Sea & Sky", margin=80, rating=5, feedback="fine")

    batch, _ = await bring_in(
        database, replace(LALEH, owner=maryam.id, cases=(LOST,), trips=(supplied,))
    )

    [laleh] = await all_customers(database)
    assert (laleh.owner, laleh.names["en"].called) == (maryam.id, "Lala")
    # A value of one line alone is kept beside the wishes.
    assert laleh.wishes == {"other": "likes tea", "seat": "window"}
    assert laleh.trips == (supplied,)

    assert (await undo_import(database, batch, 9.0)).kept == ()
    assert await all_customers(database) == before


async def test_the_same_case_again_is_not_another_one(database: Database) -> None:
    await bring_in(database, replace(LALEH, cases=(LOST,)))

    _, reported = await bring_in(
        database,
        replace(LALEH, cases=(replace(LOST, subject="LOST BAG", state=CaseState.CLOSED),)),
        replace(LALEH, cases=(replace(LOST, opened=None),)),
    )

    [laleh] = await all_customers(database)
    assert laleh.cases == (LOST,)
    assert [one.added for one in reported] == [(), ()]


async def test_a_case_without_an_opening_day_is_open_since_it_came_in(
    database: Database,
) -> None:
    batch, _ = await bring_in(database, replace(LALEH, cases=(replace(LOST, opened=None),)))

    [laleh] = await all_customers(database)
    assert laleh.cases == (replace(LOST, opened=date(1970, 1, 1)),)
    assert (await undo_import(database, batch, 9.0)).kept == ()
    assert await all_customers(database) == []


@pytest.mark.parametrize("recorded", ["", "we look for it"])
async def test_a_case_that_was_worked_on_since_keeps_its_new_customer(
    database: Database, recorded: str
) -> None:
    batch, _ = await bring_in(database, replace(LALEH, cases=(LOST,)), person("Nima Moradi", 2))
    [laleh, _] = await ids_on_file(database)
    given = {} if recorded else {"state": "closed"}
    await update_case(
        database, 1, given, note=recorded, user_id=None, now=6.0, today=date(2026, 2, 2)
    )

    undone = await undo_import(database, batch, 9.0)

    assert [(one.customer, one.why[-1]) for one in undone.kept] == [(laleh, "case")]
    assert undone.gone == 1


async def test_a_case_worked_on_since_stays_with_the_customer_it_was_added_to(
    database: Database,
) -> None:
    customer_id = await create_customer(database, person("Laleh Karimi", 1), 1.0)
    own = {"kind": "question", "state": "open", "subject": "?", "opened": date(2026, 1, 1)}
    await add_case(database, CustomerId(customer_id), own, user_id=None, now=2.0)
    other = replace(LOST, subject="Refund")
    batch, _ = await bring_in(database, replace(LALEH, cases=(LOST, other)))
    await update_case(database, 2, {}, note="found", user_id=None, now=6.0, today=date(2026, 2, 2))

    undone = await undo_import(database, batch, 9.0)

    assert [(one.customer, one.why) for one in undone.kept] == [(customer_id, ("cases",))]
    [laleh] = await all_customers(database)
    assert [case.subject for case in laleh.cases] == ["?", "Lost bag"]

    assert (await undo_import(database, batch, 10.0, force=True)).restored == 1
    [laleh] = await all_customers(database)
    assert [case.subject for case in laleh.cases] == ["?"]


async def test_a_name_of_two_users_is_of_no_user_unless_one_of_them_has_left(
    database: Database,
) -> None:
    first, second = await add_user(database, "mm1"), await add_user(database, "mm2")
    async with database.writing() as connection:
        await connection.execute(update(users).values(display_name="Maryam"))
    assert await users_by_name(database) == {"mm1": first.id, "mm2": second.id}

    await set_active(database, first.id, active=False)
    assert (await users_by_name(database))["maryam"] == second.id

    # A user name means the user that logs in with it.
    third = await add_user(database, "maryam")
    assert (await users_by_name(database))["maryam"] == third.id
