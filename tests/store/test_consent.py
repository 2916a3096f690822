"""Consent to offers: yes, no, or never asked, which is an empty state."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from screenpop.customers.consent import Consent, consent_to_json, offers_answer
from screenpop.customers.draft import CustomerDraft
from screenpop.customers.models import CustomerId, PersonName
from screenpop.offers.suggest import suggest
from screenpop.store.customers.detail import load_customer_detail
from screenpop.store.customers.drafts import load_drafts
from screenpop.store.customers.edit import update_customer_fields
from screenpop.store.customers.merge import merge_customers, undo_merge
from screenpop.store.customers.queries import create_customer
from screenpop.store.engine.database import Database, migrate, open_database
from screenpop.store.imports.batch import import_rows, undo_import
from screenpop.store.schema.tables import customers
from tests.customers.samples import TODAY, customer, file
from tests.offers.switched_on import switched_on
from tests.store.old_schema import migrate_to, place_for, revision_before, run_statements
from tests.store.sheet_rows import person, row, sheet

NAMES = {"en": PersonName("Laleh", "Karimi")}
NOW = 1_795_000_000.0
MAY, NOVEMBER = date(2026, 5, 1), date(2026, 11, 18)
STATES = (True, False, None)


def answers(offers: bool | None) -> dict[str, Consent]:
    return {} if offers is None else {"offers": Consent(offers, MAY, "phone", "Maryam")}


@pytest.mark.anyio
@pytest.mark.parametrize("consent", STATES)
async def test_each_state_is_kept_and_an_empty_one_is_never_asked(
    database: Database, consent: bool | None
) -> None:
    draft = CustomerDraft(names=NAMES, consents=answers(consent))
    customer_id = await create_customer(database, draft, NOW)
    kept = await load_customer_detail(database, customer_id)
    assert kept is not None
    assert kept.customer.marketing_consent is consent
    assert kept.consents == answers(consent)
    assert CustomerDraft(names=NAMES).consents == {}


@pytest.mark.anyio
async def test_a_no_is_not_lost_in_a_merge(database: Database) -> None:
    one, other = [
        await create_customer(database, CustomerDraft(names=NAMES, consents=answers(recorded)), NOW)
        for recorded in (None, False)
    ]
    await merge_customers(database, one, other, user_id=None, now=NOW)
    kept = await load_customer_detail(database, one)
    assert kept is not None
    assert kept.customer.marketing_consent is False


def test_a_customer_never_asked_may_be_offered_something_on_an_own_call_but_no_opted_out_one() -> (
    None
):
    for consent, silent in ((None, False), (True, False), (False, True)):
        about = file(customer(birthday=TODAY, marketing_consent=consent))
        assert (suggest(about, TODAY, switched_on("birthday")).items == ()) is silent


@pytest.mark.slow
def test_the_migration_makes_an_old_yes_never_asked_and_keeps_every_no(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = (
        "INSERT INTO customers (id, names, tags, created_at, changed_at, marketing_consent)"
        " VALUES ({id}, '[]', '[]', 1, 1, {yes})"
    )
    with place_for(kind, tmp_path, request) as url:
        migrate_to(url, revision_before("consent_never_asked"), monkeypatch)
        run_statements(url, row.format(id=1, yes="true"), row.format(id=2, yes="false"))
        migrate(url)

        async def read() -> dict[int, bool | None]:
            database = open_database(url)
            async with database.reading() as connection:
                rows = await connection.execute(
                    select(customers.c.id, customers.c.marketing_consent)
                )
                found = {row.id: row.marketing_consent for row in rows}
            await database.close()
            return found

        with ThreadPoolExecutor(1) as thread:
            found = thread.submit(lambda: asyncio.run(read())).result()
    assert found == {1: None, 2: False}


@pytest.mark.slow
def test_the_migration_to_sources_keeps_every_no_and_makes_the_rest_never_asked(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = (
        "INSERT INTO customers (id, names, tags, created_at, changed_at, marketing_consent,"
        " consents) VALUES ({id}, '[]', '[]', 1, 1, {offers}, '{consents}')"
    )
    with place_for(kind, tmp_path, request) as url:
        migrate_to(url, revision_before("consent_sources"), monkeypatch)
        run_statements(
            url,
            row.format(id=1, offers="true", consents='{"email": "2025-01-31"}'),
            row.format(id=2, offers="false", consents='{"sms": "2025-01-31"}'),
            row.format(id=3, offers="NULL", consents="{}"),
        )
        migrate(url)

        async def read() -> dict[int, dict[str, Consent]]:
            database = open_database(url)
            async with database.reading() as connection:
                found = await load_drafts(connection, [1, 2, 3])
            await database.close()
            return {customer_id: dict(draft.consents) for customer_id, draft in found.items()}

        with ThreadPoolExecutor(1) as thread:
            found = thread.submit(lambda: asyncio.run(read())).result()
    assert found == {1: {}, 2: {"offers": Consent(False)}, 3: {}}


async def consents_of(database: Database, customer_id: CustomerId) -> dict[str, Consent]:
    """Return the consents; the lookup of callers must know the same answer about offers."""
    file = await load_customer_detail(database, customer_id)
    assert file is not None
    assert file.customer.marketing_consent is offers_answer(file.consents)
    return dict(file.consents)


@pytest.mark.anyio
async def test_a_change_of_one_channel_leaves_the_others_and_is_in_the_audit_log(
    database: Database,
) -> None:
    sms, no = Consent(True, MAY, "paper", "Maryam"), Consent(False, MAY, "phone", "Eleni")
    customer_id = await create_customer(
        database, CustomerDraft(names=NAMES, consents={"sms": sms}), NOW
    )
    await update_customer_fields(
        database,
        customer_id,
        {"consents": {"offers": no, "email": None}},
        user_id=None,
        now=NOW + 1,
    )
    assert await consents_of(database, customer_id) == {"offers": no, "sms": sms}
    await update_customer_fields(
        database, customer_id, {"consents": {"offers": no}}, user_id=None, now=NOW + 2
    )
    await update_customer_fields(
        database, customer_id, {"consents": {"sms": None}}, user_id=None, now=NOW + 3
    )
    assert await consents_of(database, customer_id) == {"offers": no}
    file = await load_customer_detail(database, customer_id)
    assert file is not None
    changes = [change.changes for change in file.history if change.what == "edited"]
    assert changes == [
        {"consents": ({"sms": consent_to_json(sms)}, {})},
        {"consents": ({}, {"offers": consent_to_json(no)})},
    ]


@pytest.mark.anyio
async def test_a_merge_keeps_each_no_and_its_undo_gives_both_files_back(database: Database) -> None:
    yes, no = Consent(True, NOVEMBER, "paper"), Consent(False, MAY, "phone")
    one, other = [
        await create_customer(database, CustomerDraft(names=NAMES, consents=consents), NOW)
        for consents in ({"offers": yes, "email": no}, {"offers": no, "email": yes, "sms": yes})
    ]
    merge = await merge_customers(database, one, other, user_id=None, now=NOW)
    assert await consents_of(database, one) == {"offers": no, "email": no, "sms": yes}
    await undo_merge(database, merge, user_id=None, now=NOW)
    assert await consents_of(database, one) == {"offers": yes, "email": no}
    assert await consents_of(database, other) == {"offers": no, "email": yes, "sms": yes}


@pytest.mark.anyio
async def test_an_undone_merge_keeps_a_no_about_offers_when_another_channel_was_changed_since(
    database: Database,
) -> None:
    no = Consent(False, MAY, "phone")
    one = await create_customer(database, CustomerDraft(names=NAMES), NOW)
    other = await create_customer(
        database, CustomerDraft(names=NAMES, consents=answers(False)), NOW
    )
    merge = await merge_customers(database, one, other, user_id=None, now=NOW)
    await update_customer_fields(database, one, {"consents": {"sms": no}}, user_id=None, now=NOW)
    await undo_merge(database, merge, user_id=None, now=NOW)
    assert await consents_of(database, one) == {**answers(False), "sms": no}


async def imported(database: Database, draft: CustomerDraft) -> int:
    done = await import_rows(
        database, sheet(row(2, draft)), filename="unsubscribed.csv", now=NOW + 5
    )
    return done.batch


@pytest.mark.anyio
async def test_an_import_adds_a_no_with_the_sheet_as_source_and_its_undo_restores_the_consents(
    database: Database,
) -> None:
    yes = {"offers": Consent(True, MAY, "paper", "Maryam"), "sms": Consent(False, MAY, "phone")}
    customer_id = await create_customer(database, person("Laleh Karimi", 1, consents=yes), NOW)
    more = {
        "offers": Consent(False, NOVEMBER),
        "sms": Consent(True, NOVEMBER),
        "email": Consent(False, NOVEMBER),
    }
    batch = await imported(database, person("Laleh Karimi", 1, consents=more))
    no = Consent(False, NOVEMBER, "unsubscribed.csv")
    assert await consents_of(database, customer_id) == {
        "offers": no,
        "email": no,
        "sms": yes["sms"],
    }
    assert (await undo_import(database, batch, NOW + 9)).kept == ()
    assert await consents_of(database, customer_id) == yes


@pytest.mark.anyio
async def test_an_undone_import_keeps_a_no_about_offers_when_another_channel_was_changed_since(
    database: Database,
) -> None:
    customer_id = await create_customer(database, person("Laleh Karimi", 1), NOW)
    no = Consent(False, NOVEMBER)
    batch = await imported(database, person("Laleh Karimi", 1, consents={"offers": no}))
    sms = Consent(False, MAY, "phone")
    await update_customer_fields(
        database, customer_id, {"consents": {"sms": sms}}, user_id=None, now=NOW + 6
    )
    undone = await undo_import(database, batch, NOW + 9)
    assert [one.why for one in undone.kept] == [("consents",)]
    kept = {"offers": replace(no, source="unsubscribed.csv"), "sms": sms}
    assert await consents_of(database, customer_id) == kept
    await undo_import(database, batch, NOW + 10, force=True)
    assert await consents_of(database, customer_id) == {}
