"""Customers as rows of the work lists show them: names, tier, and the number to call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.cards.honorifics import address
from screenpop.customers.models import PersonRef
from screenpop.customers.place_names import place_name
from screenpop.follow_ups.work_list import WorkKind
from screenpop.store.customers.refs import load_customer_refs
from screenpop.store.schema.tables import customer_phones, customers


@dataclass(frozen=True, slots=True)
class ListedCustomer:
    ref: PersonRef
    number: str
    """E.164 of the first number; empty without one."""
    phone_id: int | None
    """The row of that number."""
    language: str
    tier: str
    vip: bool
    agreed: bool = False
    """They consented to offers; False also for one who was never asked."""


async def load_listed_customers(
    connection: AsyncConnection, ids: Sequence[int]
) -> dict[int, ListedCustomer]:
    """Return the customers by id, each with the first number that can be called."""
    refs = await load_customer_refs(connection, ids)
    facts = await connection.execute(
        select(
            *(customers.c.id, customers.c.language, customers.c.tier, customers.c.vip),
            customers.c.marketing_consent,
        ).where(customers.c.id.in_(ids))
    )
    numbers = await connection.execute(
        select(customer_phones.c.id, customer_phones.c.customer_id, customer_phones.c.e164)
        .where(customer_phones.c.customer_id.in_(ids), customer_phones.c.e164.is_not(None))
        .order_by(customer_phones.c.id.desc())
    )
    first = {row.customer_id: (row.e164, row.id) for row in numbers}
    return {
        row.id: ListedCustomer(
            refs[row.id],
            *first.get(row.id, ("", None)),
            row.language,
            row.tier,
            bool(row.vip),
            bool(row.marketing_consent),
        )
        for row in facts
    }


def localized_params(
    kind: WorkKind, stored: Mapping[str, Any], language: str, names: Mapping[int, PersonRef]
) -> dict[str, Any]:
    """Return a row's parameters in a language; ``names``: customers by id, for referrals."""
    params = dict(stored)
    if "destination" in params:
        params["destination"] = place_name(str(params["destination"]), language)
    if kind is WorkKind.REFERRER:
        referred = names.get(int(params.pop("referred", 0)))
        params["name"] = (
            address(referred.names, referred.title, referred.gender, language) if referred else ""
        )
    return params
