"""Contact persons of a company: who of its people books, travels and pays.

Raises ``CustomerRefusedError``: ``unknown_customer`` also for a person of another company.
"""

from collections.abc import Iterable

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.customers.company_roles import CompanyRole
from screenpop.customers.models import CustomerId
from screenpop.store.customers.audit import log_change
from screenpop.store.customers.queries import CustomerRefusedError, touch_customer
from screenpop.store.engine.database import Database
from screenpop.store.schema.company_tables import company_contacts
from screenpop.store.schema.tables import customers, households

Roles = frozenset[CompanyRole]
_ROLES = {role.value: role for role in CompanyRole}


async def contacts_of_company(database: Database, company_id: int) -> dict[CustomerId, Roles]:
    """Return the contact persons of a company with their roles; those who left it do not count."""
    async with database.reading() as connection:
        rows = await connection.execute(
            select(company_contacts.c.customer_id, company_contacts.c.roles)
            .join(customers, customers.c.id == company_contacts.c.customer_id)
            .where(
                company_contacts.c.company_id == company_id,
                customers.c.company_id == company_id,
            )
        )
        found: dict[CustomerId, Roles] = {}
        for row in rows:
            # After a merge there may be two rows of one person.
            known = found.get(CustomerId(row.customer_id), frozenset())
            found[CustomerId(row.customer_id)] = known | _roles(row.roles)
        return found


async def roles_of_customer(database: Database, customer_id: CustomerId) -> Roles:
    """Return what a customer does for the company they are of now."""
    async with database.reading() as connection:
        rows = await connection.execute(
            select(company_contacts.c.roles)
            .join(customers, customers.c.id == company_contacts.c.customer_id)
            .where(
                company_contacts.c.customer_id == customer_id,
                company_contacts.c.company_id == customers.c.company_id,
            )
        )
        return frozenset(role for stored in rows.scalars() for role in _roles(stored))


async def set_roles(
    database: Database,
    company_id: int,
    customer_id: CustomerId,
    roles: Roles,
    *,
    user_id: UserId | None,
    now: float,
) -> None:
    """Replace the roles of a person of the company; none: no contact person any more."""
    async with database.writing() as connection:
        await _check_person(connection, company_id, customer_id)
        await touch_customer(connection, customer_id, now)
        which = (company_contacts.c.company_id == company_id) & (
            company_contacts.c.customer_id == customer_id
        )
        rows = await connection.execute(select(company_contacts.c.roles).where(which))
        before = frozenset(role for stored in rows.scalars() for role in _roles(stored))
        if before == roles:
            return
        await connection.execute(delete(company_contacts).where(which))
        if roles:
            values = {"company_id": company_id, "customer_id": customer_id}
            await connection.execute(insert(company_contacts).values(**values, roles=sorted(roles)))
        changes: dict[str, tuple[object, object]] = {
            f"role_{role}": ("✓", None) if role in before else (None, "✓")
            for role in CompanyRole
            if role in before ^ roles
        }
        await log_change(
            connection, customer_id, "contact_roles", changes, user_id=user_id, now=now
        )


async def _check_person(
    connection: AsyncConnection, company_id: int, customer_id: CustomerId
) -> None:
    found = await connection.execute(
        select(customers.c.id)
        .join(households, households.c.id == customers.c.company_id)
        .where(
            customers.c.id == customer_id,
            customers.c.company_id == company_id,
            households.c.kind == "company",
        )
    )
    if found.first() is None:
        raise CustomerRefusedError("unknown_customer", "This person is not of this company.")


def _roles(stored: Iterable[str]) -> Roles:
    return frozenset(_ROLES[role] for role in stored if role in _ROLES)
