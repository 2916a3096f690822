"""Unfinished forms are kept for their user, for a day, and not without end."""

import pytest

from screenpop.customers.draft import CustomerDraft
from screenpop.customers.models import CustomerId, PersonName
from screenpop.store.accounts.form_drafts import (
    KEPT_S,
    MOST_OF_USER,
    FormDraft,
    forget_draft,
    forget_drafts_of,
    forget_old_drafts,
    keep_draft,
    list_drafts,
)
from screenpop.store.customers.queries import create_customer
from screenpop.store.engine.database import Database
from tests.store.samples import add_user

pytestmark = pytest.mark.anyio

NOW = 1_795_300_000.0
CARD = "4111 1111 1111 1111"


async def a_customer(database: Database) -> CustomerId:
    return await create_customer(
        database, CustomerDraft(names={"en": PersonName("Laleh", "Karimi")}), NOW
    )


@pytest.mark.defends("browser-storage")
async def test_a_draft_is_of_its_user_and_form_and_the_newest_text_wins(database: Database) -> None:
    maryam = (await add_user(database, "maryam", "101")).id
    eleni = (await add_user(database, "eleni", "102")).id
    form = f"/customers/{await a_customer(database)}/edit"
    for text in ("first", "second"):
        draft = FormDraft(form, {"notes": text}, {"notes": "before"}, "7")
        await keep_draft(database, maryam, draft, NOW)
    await keep_draft(database, maryam, FormDraft("note:office/1/1", {"text": CARD}, {}), NOW + 1)
    note, edit = await list_drafts(database, maryam, NOW + 1)
    assert edit == FormDraft(form, {"notes": "second"}, {"notes": "before"}, "7", NOW)
    assert "4111" not in note.values["text"]  # a card's number is masked before it is stored
    assert await list_drafts(database, maryam, NOW, "note:") == (note,)
    assert await list_drafts(database, eleni, NOW) == ()
    await forget_draft(database, maryam, note.form)
    assert await list_drafts(database, maryam, NOW) == (edit,)
    forget_drafts_of(database, eleni)
    forget_drafts_of(database, maryam)
    await database.later.flush()
    assert await list_drafts(database, maryam, NOW) == ()


async def test_a_draft_goes_after_a_day(database: Database) -> None:
    user = (await add_user(database, "maryam", "101")).id
    await keep_draft(database, user, FormDraft("/customers/new", {"notes": "x"}, {}), NOW)
    assert len(await list_drafts(database, user, NOW + KEPT_S - 1)) == 1
    assert await list_drafts(database, user, NOW + KEPT_S) == ()
    assert await forget_old_drafts(database, NOW + KEPT_S - 1) == 0
    assert await forget_old_drafts(database, NOW + KEPT_S) == 1


async def test_the_oldest_draft_of_a_user_is_deleted_for_another_one(database: Database) -> None:
    user = (await add_user(database, "maryam", "101")).id
    for number in range(MOST_OF_USER + 1):
        draft = FormDraft(f"note:office/{number}/1", {"text": "x"}, {})
        await keep_draft(database, user, draft, NOW + number)
    kept = await list_drafts(database, user, NOW + MOST_OF_USER)
    assert len(kept) == MOST_OF_USER
    assert kept[-1].form == "note:office/1/1"
