"""Contact persons of a company: their roles, and what a merge, a new company and an erasure do."""

import pytest
from sqlalchemy import select

from screenpop.customers.company_roles import CompanyRole
from screenpop.customers.draft import CustomerDraft
from screenpop.customers.models import CustomerId, PersonName
from screenpop.store.customers.company_contacts import (
    contacts_of_company,
    roles_of_customer,
    set_roles,
)
from screenpop.store.customers.edit import update_customer_fields
from screenpop.store.customers.merge import merge_customers, undo_merge
from screenpop.store.customers.queries import CustomerRefusedError, create_customer
from screenpop.store.engine.database import Database
from screenpop.store.privacy.erasure import erase_customer
from screenpop.store.schema.company_tables import company_contacts
from screenpop.store.schema.tables import customers

pytestmark = pytest.mark.anyio

NOW = 1_795_300_000.0
BOOKS, PAYS = CompanyRole.BOOKS, CompanyRole.PAYS


async def person(database: Database, given: str, company: str = "Aria Ltd") -> CustomerId:
    draft = CustomerDraft(names={"en": PersonName(given, "Karimi")}, company=company)
    return await create_customer(database, draft, NOW)


async def company_of(database: Database, whose: CustomerId) -> int:
    async with database.reading() as connection:
        found = await connection.scalar(
            select(customers.c.company_id).where(customers.c.id == whose)
        )
    assert found is not None
    return int(found)


async def test_roles_are_kept_for_the_company_that_a_person_is_of(database: Database) -> None:
    laleh, sara = await person(database, "Laleh"), await person(database, "Sara")
    stranger = await person(database, "Ali", "Other Ltd")
    company = await company_of(database, laleh)
    both = frozenset({BOOKS, PAYS})
    await set_roles(database, company, laleh, both, user_id=None, now=NOW)
    assert await contacts_of_company(database, company) == {laleh: both}
    assert await roles_of_customer(database, laleh) == both
    assert await roles_of_customer(database, sara) == frozenset()
    with pytest.raises(CustomerRefusedError):
        await set_roles(database, company, stranger, both, user_id=None, now=NOW)
    await set_roles(database, company, laleh, frozenset(), user_id=None, now=NOW)
    assert await contacts_of_company(database, company) == {}

    await set_roles(database, company, laleh, both, user_id=None, now=NOW)
    moved = {"company": "Other Ltd"}
    await update_customer_fields(database, laleh, moved, user_id=None, now=NOW)
    assert await contacts_of_company(database, company) == {}
    assert await roles_of_customer(database, laleh) == frozenset()


async def test_a_merge_joins_roles_its_undo_parts_them_and_an_erasure_removes_them(
    database: Database,
) -> None:
    kept, gone = await person(database, "Laleh"), await person(database, "Lale")
    company = await company_of(database, kept)
    await set_roles(database, company, kept, frozenset({BOOKS}), user_id=None, now=NOW)
    await set_roles(database, company, gone, frozenset({PAYS}), user_id=None, now=NOW)
    merge = await merge_customers(database, kept, gone, user_id=None, now=NOW)
    assert await contacts_of_company(database, company) == {kept: {BOOKS, PAYS}}
    await undo_merge(database, merge, user_id=None, now=NOW)
    assert await contacts_of_company(database, company) == {kept: {BOOKS}, gone: {PAYS}}
    await erase_customer(database, kept, user_id=None, now=NOW)
    async with database.reading() as connection:
        rows = await connection.execute(select(company_contacts.c.customer_id))
        assert rows.scalars().all() == [gone]
