"""Changing a customer: only the given fields, each change logged with the user who made it.

Raises ``CustomerRefusedError``: ``unknown_customer``, ``no_name``, ``changed_meanwhile``,
``unknown_referrer``, ``unknown_branch``.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.customers.consent import change_consents, stored_consents
from screenpop.customers.draft import CustomerDraft, PhoneDraft
from screenpop.customers.models import CustomerId
from screenpop.store.customers.audit import consent_changes, log_change
from screenpop.store.customers.queries import (
    CustomerRefusedError,
    assign_past_calls,
    check_branch,
)
from screenpop.store.customers.rows import clean_names, customer_values, groups_of
from screenpop.store.engine.database import Database
from screenpop.store.own_fields.definitions import logged_own
from screenpop.store.schema.tables import customer_phones, customers, households
from screenpop.store.search.reindex import reindex_customers

_COLUMNS = {
    "title": "title",
    "gender": "gender",
    "names": "names",
    "language": "language",
    "birthday": "birthday",
    "anniversary": "anniversary",
    "tier": "tier",
    "vip": "vip",
    "balance": "balance",
    "currency": "currency",
    "customer_since": "customer_since",
    "notes": "notes",
    "preferences": "preferences",
    "wishes": "wishes",
    "consents": "consents",
    "tags": "tags",
    "emails": "emails",
    "owner": "owner_id",
    "branch": "branch_id",
    "referred_by": "referred_by_id",
    "household": "household_id",
    "company": "company_id",
    "city": "city",
    "heard_from": "heard_from",
    "code": "code",
    "own": "own",
}
"""Fields of a draft and their columns."""


async def update_customer_fields(
    database: Database,
    customer_id: CustomerId,
    given: Mapping[str, Any],
    *,
    user_id: UserId | None,
    now: float,
    seen: float | None = None,
) -> None:
    """Update the given fields (of ``CustomerDraft``) of a customer.

    ``consents`` in ``given`` holds only the channels that change; None sets one to never asked.
    ``seen``: the ``changed_at`` of the customer when the form was filled; refused with
    ``changed_meanwhile`` when it was changed since.
    """
    draft = replace(CustomerDraft(names={}), **{**given, "consents": {}})
    if "names" in given and not any(name.full for name in clean_names(draft.names).values()):
        raise CustomerRefusedError("no_name", "The customer has no name. Write one.")
    async with database.writing() as connection:
        before = await _row(connection, customer_id)
        if seen is not None and abs(before.changed_at - seen) > 1e-6:
            raise CustomerRefusedError(
                "changed_meanwhile", "Another user has changed this customer meanwhile."
            )
        await _check_referrer(connection, customer_id, draft.referred_by)
        if draft.branch != before.branch_id:
            await check_branch(connection, draft.branch)
        consents = stored_consents(before.consents, before.marketing_consent)
        draft = replace(draft, consents=change_consents(consents, given.get("consents", {})))
        groups = await groups_of(connection, database.kind, [draft])
        values = customer_values(draft, groups)
        changed = {_COLUMNS[field]: values[_COLUMNS[field]] for field in given if field in _COLUMNS}
        if "consents" in given and draft.consents != consents:
            changed["marketing_consent"] = values["marketing_consent"]
        elif "consents" in given:
            del changed["consents"]
        different = {
            name: value for name, value in changed.items() if getattr(before, name) != value
        }
        if not different:
            return
        await connection.execute(
            update(customers)
            .where(customers.c.id == customer_id)
            .values(changed_at=now, **different)
        )
        await reindex_customers(connection, [customer_id])
        names = await _group_names(connection, before, different)
        changes = {
            field: (_shown(getattr(before, column), names, column), _shown(value, names, column))
            for field, column in _COLUMNS.items()
            if column in different
            for value in (different[column],)
        }
        if "own" in changes:
            del changes["own"]
            changes |= await logged_own(connection, before.own, different["own"])
        if "consents" in changes:
            changes["consents"] = consent_changes(consents, draft.consents)
        await log_change(connection, customer_id, "edited", changes, user_id=user_id, now=now)


async def update_number(
    database: Database,
    customer_id: CustomerId,
    number: int,
    given: PhoneDraft,
    *,
    user_id: UserId | None,
    now: float,
) -> None:
    """Change the spelling, label or verification of one number; link past calls as for a new one.

    Raises ``CustomerRefusedError``: ``unknown_customer``, ``number_there``.
    """
    async with database.writing() as connection:
        found = await connection.execute(
            select(customer_phones).where(
                customer_phones.c.id == number, customer_phones.c.customer_id == customer_id
            )
        )
        before = found.first()
        if before is None:
            raise CustomerRefusedError("unknown_customer", "This number is not on the file.")
        values: dict[str, Any] = {
            "raw": given.raw,
            "e164": given.e164,
            "last_nine": given.last_nine,
            "label": given.label or before.label,
            "verified_on": given.verified_on or before.verified_on,
        }
        await _check_twice(connection, customer_id, number, given.e164)
        await connection.execute(
            update(customer_phones).where(customer_phones.c.id == number).values(**values)
        )
        await connection.execute(
            update(customers).where(customers.c.id == customer_id).values(changed_at=now)
        )
        await reindex_customers(connection, [customer_id])
        if given.e164 != before.e164:
            await assign_past_calls(connection, customer_id, given.e164)
        changes = {name: (getattr(before, name), values[name]) for name in values}
        changes.pop("last_nine")
        shown = {"number" if name == "raw" else name: pair for name, pair in changes.items()}
        await log_change(connection, customer_id, "number_edited", shown, user_id=user_id, now=now)


async def _check_twice(
    connection: AsyncConnection, customer_id: CustomerId, number: int, e164: str | None
) -> None:
    other = await connection.execute(
        select(customer_phones.c.id).where(
            customer_phones.c.customer_id == customer_id,
            customer_phones.c.e164 == e164,
            customer_phones.c.id != number,
        )
    )
    if e164 is not None and other.first() is not None:
        raise CustomerRefusedError("number_there", f"This customer has the number {e164} already.")


_GROUPS = frozenset({"household_id", "company_id"})


def _shown(value: object, groups: Mapping[object, str], column: str) -> object:
    return groups.get(value, "") if column in _GROUPS else value


async def _row(connection: AsyncConnection, customer_id: CustomerId) -> Any:
    row = (await connection.execute(select(customers).where(customers.c.id == customer_id))).first()
    if row is None:
        raise CustomerRefusedError(
            "unknown_customer", f"There is no customer number {customer_id}."
        )
    return row


async def _check_referrer(
    connection: AsyncConnection, customer_id: CustomerId, referrer: int | None
) -> None:
    if referrer is None:
        return
    found = await connection.execute(select(customers.c.id).where(customers.c.id == referrer))
    if referrer == customer_id or found.first() is None:
        raise CustomerRefusedError(
            "unknown_referrer", f"There is no other customer number {referrer}."
        )


async def _group_names(
    connection: AsyncConnection, before: Any, after: Mapping[str, Any]
) -> dict[object, str]:
    """Return the names of the households and companies of a change, by id."""
    ids = {getattr(before, name) for name in _GROUPS} | {after.get(name) for name in _GROUPS}
    rows = await connection.execute(
        select(households.c.id, households.c.name).where(households.c.id.in_(ids - {None}))
    )
    return {row.id: row.name for row in rows}
