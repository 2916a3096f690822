"""Many customers changed in one step: tags, owner, consents, their history, and the undo."""

from datetime import UTC, date
from typing import Any

import pytest
from sqlalchemy import select, update

from screenpop.accounts.users import UserId
from screenpop.conditions.tree import Compare, Op
from screenpop.customers.bulk_changes import LONGEST_TAG, Action, BulkChange
from screenpop.customers.models import CustomerId
from screenpop.store.customers.detail import load_customer_detail
from screenpop.store.customers.edit import update_customer_fields
from screenpop.store.customers.merge import merge_customers
from screenpop.store.customers.queries import create_customer, list_customers
from screenpop.store.engine.database import Database
from screenpop.store.privacy.erasure import erase_customer
from screenpop.store.schema.customer_tables import customer_changes
from screenpop.store.schema.segment_tables import bulk_edit_changes
from screenpop.store.schema.tables import customers
from screenpop.store.segments import bulk_edit
from screenpop.store.segments.bulk_edit import (
    Actor,
    BulkEditError,
    BulkProblem,
    apply_step,
    list_steps,
    load_step,
    preview_step,
    undo_step,
)
from screenpop.store.segments.found import Wanted
from screenpop.store.segments.selection import Selection, list_selected
from screenpop.store.segments.tags import TagCount, list_tags
from tests.store.customers.drafts import draft
from tests.store.samples import add_user

pytestmark = pytest.mark.anyio
TODAY = date(2026, 2, 27)
ALL = Selection()
FAMILY = BulkChange(Action.ADD_TAG, tag="Family")


def actor(user_id: UserId | None = None, now: float = 5.0) -> Actor:
    return Actor(user_id, "Maryam", TODAY, now)


async def add(database: Database, family: str, *tags: str, **more: Any) -> CustomerId:
    return await create_customer(database, draft(family, tags=tags, **more), 1.0)


async def tags_on_file(database: Database) -> dict[int, list[str]]:
    async with database.reading() as connection:
        rows = await connection.execute(select(customers.c.id, customers.c.tags))
        return {row.id: row.tags for row in rows}


async def test_a_tag_is_added_to_those_without_it_and_taken_back_in_one_undo(
    database: Database,
) -> None:
    maryam = await add_user(database)
    one, two = await add(database, "Karimi", "family"), await add(database, "Moradi", "VIP")
    three = await add(database, "Nouri")

    preview = await preview_step(database, ALL, FAMILY, actor(maryam.id))
    assert (preview.selected, preview.changing) == (3, 2)
    step = await apply_step(database, ALL, FAMILY, actor(maryam.id), expected=2)
    assert step.customers == 2
    assert await tags_on_file(database) == {
        one: ["family"],
        two: ["VIP", "Family"],
        three: ["Family"],
    }
    found = await list_customers(database, search="family")
    assert {row.customer.id for row in found.rows} == {one, two, three}
    file = await load_customer_detail(database, three)
    assert file is not None
    assert (file.history[0].by, file.history[0].what) == ("Maryam", "edited")
    assert file.history[0].changes == {"tags": ([], ["Family"])}

    undone = await undo_step(database, step.id, actor(maryam.id, 6.0))
    assert (undone.customers, undone.restored, undone.undone_at) == (2, 2, 6.0)
    assert await tags_on_file(database) == {one: ["family"], two: ["VIP"], three: []}
    assert len((await list_customers(database, search="family")).rows) == 1
    with pytest.raises(BulkEditError) as caught:
        await undo_step(database, step.id, actor())
    assert caught.value.problem is BulkProblem.UNDONE


async def test_an_undo_leaves_customers_that_were_changed_merged_or_erased_since(
    database: Database,
) -> None:
    kept, gone, erased, edited, left = [
        await add(database, f"Karimi{letter}") for letter in "abcde"
    ]
    step = await apply_step(database, ALL, FAMILY, actor())
    await update_customer_fields(database, edited, {"tags": ("Family", "x")}, user_id=None, now=6)
    await merge_customers(database, kept, gone, user_id=None, now=7.0)
    await erase_customer(database, erased, user_id=None, now=8.0)

    undone = await undo_step(database, step.id, actor())

    assert (undone.customers, undone.restored) == (5, 2)
    tags = await tags_on_file(database)
    assert tags == {kept: [], left: [], gone: ["Family"], edited: ["Family", "x"]}
    async with database.reading() as connection:
        links = (await connection.execute(select(bulk_edit_changes.c.change_id))).scalars().all()
        changes = await connection.execute(select(customer_changes.c.id))
        assert set(links) <= set(changes.scalars())
        assert len(links) == 4


async def test_an_owner_is_set_and_an_unknown_one_is_refused(database: Database) -> None:
    maryam, nikos = await add_user(database), await add_user(database, "nikos")
    mine = await add(database, "Karimi", owner=maryam.id)
    free = await add(database, "Moradi")
    to_nikos = BulkChange(Action.SET_OWNER, owner=nikos.id)

    step = await apply_step(database, Selection(ids=(mine,)), to_nikos, actor())
    assert step.customers == 1
    await apply_step(database, ALL, to_nikos, actor())
    undone = await undo_step(database, step.id, actor())
    assert undone.restored == 1
    async with database.reading() as connection:
        rows = await connection.execute(select(customers.c.id, customers.c.owner_id))
        assert {row.id: row.owner_id for row in rows} == {mine: maryam.id, free: nikos.id}

    with pytest.raises(BulkEditError) as caught:
        await apply_step(database, ALL, BulkChange(Action.SET_OWNER, owner=99), actor())
    assert (caught.value.problem, caught.value.detail) == (BulkProblem.VALUE, "owner")
    nobodys = BulkChange(Action.SET_OWNER)
    assert (await apply_step(database, ALL, nobodys, actor())).customers == 2


async def test_a_consent_has_day_source_and_user_and_its_undo_keeps_other_channels(
    database: Database,
) -> None:
    customer_id = await add(database, "Karimi")
    yes = BulkChange(
        Action.SET_CONSENT, channel="offers", answer="yes", source="Form of the trade fair"
    )
    step = await apply_step(database, ALL, yes, actor())
    file = await load_customer_detail(database, customer_id)
    assert file is not None
    offers = file.consents["offers"]
    assert (offers.given, offers.day, offers.source, offers.by) == (
        True,
        TODAY,
        "Form of the trade fair",
        "Maryam",
    )
    assert file.customer.marketing_consent is True
    assert (await preview_step(database, ALL, yes, actor())).changing == 0

    no_sms = BulkChange(Action.SET_CONSENT, channel="sms", answer="no", source="phone")
    await apply_step(database, ALL, no_sms, actor())
    assert (await undo_step(database, step.id, actor())).restored == 1
    file = await load_customer_detail(database, customer_id)
    assert file is not None
    assert set(file.consents) == {"sms"}
    assert file.customer.marketing_consent is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (BulkChange(Action.ADD_TAG, tag=" "), "tag"),
        (BulkChange(Action.ADD_TAG, tag="a, b"), "tag"),
        (BulkChange(Action.REMOVE_TAG, tag="x" * (LONGEST_TAG + 1)), "tag"),
        (BulkChange(Action.RENAME_TAG, tag="new"), "old_tag"),
        (BulkChange(Action.RENAME_TAG, old_tag="old"), "tag"),
        (BulkChange(Action.SET_CONSENT, channel="fax", answer="yes", source="x"), "channel"),
        (BulkChange(Action.SET_CONSENT, channel="sms", answer="maybe", source="x"), "answer"),
        (BulkChange(Action.SET_CONSENT, channel="sms", answer="yes", source=" "), "source"),
    ],
)
async def test_a_step_without_what_it_needs_is_refused_with_the_field(
    database: Database, change: BulkChange, field: str
) -> None:
    customer_id = await add(database, "Karimi", "old")
    with pytest.raises(BulkEditError) as caught:
        await apply_step(database, ALL, change, actor())
    assert (caught.value.problem, caught.value.detail) == (BulkProblem.VALUE, field)
    assert await tags_on_file(database) == {customer_id: ["old"]}


async def test_a_longest_tag_and_a_withdrawn_answer_need_no_more(database: Database) -> None:
    await add(database, "Karimi")
    longest = BulkChange(Action.ADD_TAG, tag="x" * LONGEST_TAG)
    assert (await apply_step(database, ALL, longest, actor())).customers == 1
    forget = BulkChange(Action.SET_CONSENT, channel="sms", answer="never_asked")
    assert (await apply_step(database, ALL, forget, actor())).customers == 0


async def test_a_step_changes_none_when_others_than_counted_would_change(
    database: Database,
) -> None:
    customer_id = await add(database, "Karimi")
    with pytest.raises(BulkEditError) as caught:
        await apply_step(database, ALL, FAMILY, actor(), expected=2)
    assert (caught.value.problem, caught.value.detail) == (BulkProblem.CHANGED_MEANWHILE, "1")
    assert await tags_on_file(database) == {customer_id: []}
    assert await list_steps(database) == ()


async def test_a_step_changes_at_most_ten_thousand_customers(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert bulk_edit.MAX_CUSTOMERS == 10_000
    monkeypatch.setattr(bulk_edit, "MAX_CUSTOMERS", 2)
    await add(database, "Karimi")
    await add(database, "Moradi")
    assert (await apply_step(database, ALL, FAMILY, actor())).customers == 2
    await add(database, "Nouri")
    with pytest.raises(BulkEditError) as caught:
        await apply_step(database, ALL, FAMILY, actor())
    assert (caught.value.problem, caught.value.detail) == (BulkProblem.TOO_MANY, "2")


async def test_a_step_is_about_chosen_customers_or_those_of_search_and_segment(
    database: Database,
) -> None:
    one = await add(database, "Karimi", city="Athens")
    two = await add(database, "Karimi", city="Rome")
    three = await add(database, "Moradi", city="Αθήνα")
    in_athens = Wanted(Compare("city", Op.IS_ANY, ("Athens",)), TODAY, UTC)

    async def listed(selection: Selection) -> list[int]:
        return [row.customer.id for row in (await list_selected(database, selection)).rows]

    assert await listed(Selection(segment=in_athens)) == [three, one]
    assert await listed(Selection(search="karimi", segment=in_athens)) == [one]
    assert await listed(Selection(search="karimi")) == [two, one]
    assert await listed(Selection(ids=(one, three, 99))) == [three, one]
    page = await list_selected(database, Selection(segment=in_athens), most=1)
    assert page.after == three
    rest = await list_selected(database, Selection(segment=in_athens), after=page.after)
    assert [row.customer.id for row in rest.rows] == [one]


async def test_tags_are_counted_by_customer_and_renamed_into_one(database: Database) -> None:
    one = await add(database, "Karimi", "VIP", "خانواده")
    two = await add(database, "Moradi", "vip", "Vip", "gold")
    three = await add(database, "Nouri", "VIP")
    counts = await list_tags(database)
    assert counts[0] == TagCount("VIP", 3, ("VIP", "vip", "Vip"))
    assert [(row.tag, row.customers) for row in counts[1:]] == [("gold", 1), ("خانواده", 1)]

    rename = BulkChange(Action.RENAME_TAG, tag="Gold", old_tag="vip")
    step = await apply_step(database, ALL, rename, actor())
    assert await tags_on_file(database) == {
        one: ["Gold", "خانواده"],
        two: ["Gold"],
        three: ["Gold"],
    }
    assert await load_step(database, step.id) == (await list_steps(database))[0]
    assert (await undo_step(database, step.id, actor())).restored == 3
    assert (await tags_on_file(database))[two] == ["vip", "Vip", "gold"]


async def test_a_step_is_found_by_no_unknown_number(database: Database) -> None:
    assert await load_step(database, 7) is None
    with pytest.raises(BulkEditError) as caught:
        await undo_step(database, 7, actor())
    assert caught.value.problem is BulkProblem.UNKNOWN


async def test_a_tag_that_another_program_left_empty_is_not_listed(database: Database) -> None:
    customer_id = await add(database, "Karimi")
    async with database.writing() as connection:
        await connection.execute(
            update(customers).where(customers.c.id == customer_id).values(tags=["", "x"])
        )
    assert [row.tag for row in await list_tags(database)] == ["x"]
