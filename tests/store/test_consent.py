"""Consent to offers: yes, no, or never asked, which is what nobody has said."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select

from screenpop.customers.draft import CustomerDraft
from screenpop.customers.draft_merge import merge_drafts
from screenpop.customers.models import PersonName
from screenpop.offers.suggest import suggest
from screenpop.store.customers.detail import load_customer_detail
from screenpop.store.customers.merge import merge_customers
from screenpop.store.customers.queries import create_customer
from screenpop.store.engine.database import Database, migrate, open_database
from screenpop.store.schema.tables import customers
from tests.customers.samples import TODAY, customer, file
from tests.store.old_schema import migrate_to, place_for, revision_before, run_statements

NAMES = {"en": PersonName("Laleh", "Karimi")}
NOW = 1_795_000_000.0
STATES = (True, False, None)


@pytest.mark.anyio
@pytest.mark.parametrize("consent", STATES)
async def test_each_state_is_kept_and_nothing_said_is_never_asked(
    database: Database, consent: bool | None
) -> None:
    draft = CustomerDraft(names=NAMES, marketing_consent=consent)
    who = await create_customer(database, draft, NOW)
    kept = await load_customer_detail(database, who)
    assert kept is not None
    assert kept.customer.marketing_consent is consent
    assert CustomerDraft(names=NAMES).marketing_consent is None


@pytest.mark.parametrize(
    ("kept", "more", "both"),
    [
        (None, None, None),
        (None, True, True),
        (True, None, True),
        (False, True, False),
        (True, False, False),
        (None, False, False),
    ],
)
def test_a_no_is_never_lost_when_two_tellings_are_joined(
    kept: bool | None, more: bool | None, both: bool | None
) -> None:
    first = CustomerDraft(names=NAMES, marketing_consent=kept)
    second = CustomerDraft(names=NAMES, marketing_consent=more)
    assert merge_drafts(first, second).draft.marketing_consent is both


@pytest.mark.anyio
async def test_a_no_is_not_lost_in_a_merge(database: Database) -> None:
    one, other = [
        await create_customer(database, CustomerDraft(names=NAMES, marketing_consent=said), NOW)
        for said in (None, False)
    ]
    await merge_customers(database, one, other, by=None, now=NOW)
    kept = await load_customer_detail(database, one)
    assert kept is not None
    assert kept.customer.marketing_consent is False


def test_who_was_never_asked_may_be_offered_something_on_their_own_call_and_who_said_no_not() -> (
    None
):
    for consent, silent in ((None, False), (True, False), (False, True)):
        about = file(customer(birthday=TODAY, marketing_consent=consent))
        assert (suggest(about, TODAY).items == ()) is silent


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
