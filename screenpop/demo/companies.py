"""Contact persons of the companies in the demo."""

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.customers.company_roles import CompanyRole
from screenpop.store.schema.company_tables import company_contacts
from screenpop.store.schema.tables import customers

_ROLES = (
    (CompanyRole.BOOKS, CompanyRole.TRAVELS),
    (CompanyRole.PAYS,),
    (CompanyRole.TRAVELS,),
)


async def seed_contacts(connection: AsyncConnection) -> None:
    """Give each customer of a company a role there."""
    found = await connection.execute(
        select(customers.c.id, customers.c.company_id)
        .where(customers.c.company_id.is_not(None))
        .order_by(customers.c.id)
    )
    rows = [
        {
            "company_id": row.company_id,
            "customer_id": row.id,
            "roles": [role.value for role in _ROLES[place % len(_ROLES)]],
        }
        for place, row in enumerate(found)
    ]
    if rows:
        await connection.execute(insert(company_contacts), rows)
