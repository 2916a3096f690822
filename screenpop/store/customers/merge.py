"""Merging two customers that are one person, and undoing the merge.

The merged customer keeps its row, empty and pointing at the remaining one, so that its URLs still
lead somewhere and an undo restores everything. Raises ``MergeRefusedError``.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.customers.consent import (
    consents_to_json,
    merge_consents,
    offers_answer,
    stored_consents,
)
from screenpop.customers.models import CustomerId
from screenpop.customers.own_values import in_order
from screenpop.store.customers.audit import actor_id, log_change
from screenpop.store.customers.hidden_files import hide_merged, load_hidden_files
from screenpop.store.engine.database import Database
from screenpop.store.engine.engines import insert_or_update
from screenpop.store.engine.url import Kind
from screenpop.store.schema.attachment_tables import customer_attachments
from screenpop.store.schema.company_tables import company_contacts
from screenpop.store.schema.customer_tables import (
    asked_facts,
    customer_documents,
    customer_merges,
    follow_ups,
    number_choices,
    offer_answers,
    removed_items,
    trip_travellers,
)
from screenpop.store.schema.point_tables import point_entries
from screenpop.store.schema.retention_tables import deleted_calls
from screenpop.store.schema.tables import calls, cases, customer_phones, customers, trips
from screenpop.store.schema.voucher_tables import vouchers
from screenpop.store.schema.work_list_tables import (
    call_list_customers,
    customer_messages,
    work_list_marks,
)
from screenpop.store.search.reindex import reindex_customers

_SLICE = 500
_OWNED_TABLES: tuple[Table, ...] = (
    *(trips, cases, calls, trip_travellers, offer_answers),
    *(follow_ups, work_list_marks, asked_facts, customer_messages, customer_documents),
    customer_attachments,
    company_contacts,
    vouchers,
    point_entries,
    call_list_customers,
    removed_items,
    deleted_calls,
)
"""Tables whose rows move by ``customer_id``; phones are moved separately because of duplicates."""
_UNKNOWN_VALUES: Mapping[str, object] = {
    "title": "none",
    "gender": "unsaid",
    "language": "",
    "birthday": None,
    "anniversary": None,
    "tier": "none",
    "currency": "",
    "customer_since": None,
    "preferences": "",
    "city": "",
    "heard_from": "",
    "code": "",
    "household_id": None,
    "company_id": None,
    "owner_id": None,
    "branch_id": None,
    "referred_by_id": None,
}
"""Columns taken over where the remaining customer's are empty."""


class MergeRefusedError(ValueError):
    """A merge is refused; ``code`` is the reason.

    ``unknown_customer``, ``same_customer``, ``merged_already``, ``two_currencies``,
    ``unknown_merge``, ``merged_further``.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


async def merge_customers(
    database: Database, kept: CustomerId, gone: CustomerId, *, user_id: UserId | None, now: float
) -> int:
    """Merge ``gone`` into ``kept``; return the id of the merge for ``undo_merge``."""
    async with database.writing() as connection:
        stays, goes = await _both(connection, kept, gone)
        moved = {
            table.name: await _move(connection, table, goes.id, kept) for table in _OWNED_TABLES
        }
        phones, dropped = await _move_phones(connection, goes.id, kept)
        choices = await _move_choices(connection, goes.id, kept)
        values = _merged_values(stays, goes)
        before = {name: [_plain(getattr(stays, name)), _plain(new)] for name, new in values.items()}
        await connection.execute(
            update(customers).where(customers.c.id == kept).values(changed_at=now, **values)
        )
        await connection.execute(
            update(customers)
            .where(customers.c.id == gone)
            .values(merged_into_id=kept, changed_at=now)
        )
        row = await connection.execute(
            insert(customer_merges)
            .values(
                kept_id=kept,
                gone_id=gone,
                user_id=actor_id(user_id),
                at=now,
                moved={**moved, "phones": phones, "dropped": dropped, "choices": choices},
                before=before,
            )
            .returning(customer_merges.c.id)
        )
        number: int = row.scalar_one()
        await reindex_customers(connection, [kept, gone])
        await hide_merged(connection, kept, gone)
        await log_change(
            connection, kept, "merged", {"merged": (None, gone)}, user_id=user_id, now=now
        )
    await load_hidden_files(database)
    return number


async def undo_merge(
    database: Database, number: int, *, user_id: UserId | None, now: float
) -> tuple[CustomerId, CustomerId]:
    """Undo a merge: moved rows go back, later changes stay. Return both customers."""
    async with database.writing() as connection:
        found = await connection.execute(
            select(customer_merges).where(
                customer_merges.c.id == number, customer_merges.c.undone_at.is_(None)
            )
        )
        one = found.first()
        if one is None:
            raise MergeRefusedError(
                "unknown_merge", "This merge is not there, or it was undone before."
            )
        kept, gone = CustomerId(one.kept_id), CustomerId(one.gone_id)
        stays = await _row(connection, kept)
        if stays.merged_into_id is not None:
            raise MergeRefusedError(
                "merged_further", "The file was merged into another since; undo that first."
            )
        for table in _OWNED_TABLES:
            # A merge of an older version has moved nothing of the newer tables.
            await _restore_moved(connection, table, one.moved.get(table.name, []), kept, gone)
        await _restore_moved(connection, customer_phones, one.moved["phones"], kept, gone)
        await _give_back_phones(connection, one.moved["dropped"], gone)
        for e164 in one.moved["choices"]:
            await connection.execute(
                update(number_choices)
                .where(number_choices.c.e164 == e164, number_choices.c.customer_id == kept)
                .values(customer_id=gone)
            )
        values = {
            name: _read(name, old)
            for name, (old, new) in one.before.items()
            if _plain(getattr(stays, name)) == new
        }
        if "consents" in one.before and "consents" not in values:
            # One statement in two columns: an answer about offers keeps its day and source.
            values.pop("marketing_consent", None)
        await connection.execute(
            update(customers).where(customers.c.id == kept).values(changed_at=now, **values)
        )
        await connection.execute(
            update(customers)
            .where(customers.c.id == gone)
            .values(merged_into_id=None, changed_at=now)
        )
        await connection.execute(
            update(customer_merges).where(customer_merges.c.id == number).values(undone_at=now)
        )
        await reindex_customers(connection, [kept, gone])
        for customer_id, other in ((kept, gone), (gone, kept)):
            changes = {"merged": (other, None)}
            await log_change(
                connection, customer_id, "merge_undone", changes, user_id=user_id, now=now
            )
        return kept, gone


async def _both(connection: AsyncConnection, kept: CustomerId, gone: CustomerId) -> tuple[Any, Any]:
    if kept == gone:
        raise MergeRefusedError("same_customer", "These are the same file.")
    stays, goes = await _row(connection, kept), await _row(connection, gone)
    if stays.merged_into_id is not None or goes.merged_into_id is not None:
        raise MergeRefusedError("merged_already", "One of the two was merged before.")
    if stays.balance and goes.balance and stays.currency != goes.currency:
        raise MergeRefusedError(
            "two_currencies",
            "Both owe something, in two currencies. Settle one of the two, then merge.",
        )
    return stays, goes


async def _row(connection: AsyncConnection, customer_id: CustomerId) -> Any:
    row = (await connection.execute(select(customers).where(customers.c.id == customer_id))).first()
    if row is None:
        raise MergeRefusedError("unknown_customer", f"There is no customer number {customer_id}.")
    return row


async def _move(connection: AsyncConnection, table: Table, gone: int, kept: int) -> list[int]:
    done = await connection.execute(
        update(table)
        .where(table.c.customer_id == gone)
        .values(customer_id=kept)
        .returning(table.c.id)
    )
    return sorted(done.scalars())


async def _move_phones(
    connection: AsyncConnection, gone: int, kept: int
) -> tuple[list[int], list[dict[str, Any]]]:
    """Return the ids of the moved phones, and the duplicates that an undo restores."""
    have = (
        await connection.execute(
            select(customer_phones.c.e164).where(customer_phones.c.customer_id == kept)
        )
    ).scalars()
    there = set(have) - {None}
    rows = (
        await connection.execute(
            select(customer_phones)
            .where(customer_phones.c.customer_id == gone)
            .order_by(customer_phones.c.id)
        )
    ).all()
    twice = [row for row in rows if row.e164 in there]
    await connection.execute(
        delete(customer_phones).where(customer_phones.c.id.in_([row.id for row in twice]))
    )
    dropped = [
        {
            name: _plain(getattr(row, name))
            for name in ("raw", "e164", "last_nine", "label", "since", "verified_on")
        }
        for row in twice
    ]
    return await _move(connection, customer_phones, gone, kept), dropped


async def _give_back_phones(
    connection: AsyncConnection, dropped: list[dict[str, Any]], gone: int
) -> None:
    kind: Kind = "sqlite" if connection.dialect.name == "sqlite" else "postgresql"
    for one in dropped:
        values = {name: _read(name, value) for name, value in one.items()}
        statement = insert_or_update(kind, customer_phones).values(customer_id=gone, **values)
        # The file may have been given the number since.
        await connection.execute(statement.on_conflict_do_nothing())


async def _move_choices(connection: AsyncConnection, gone: int, kept: int) -> list[str]:
    done = await connection.execute(
        update(number_choices)
        .where(number_choices.c.customer_id == gone)
        .values(customer_id=kept)
        .returning(number_choices.c.e164)
    )
    return sorted(done.scalars())


async def _restore_moved(
    connection: AsyncConnection, table: Table, ids: list[int], kept: int, gone: int
) -> None:
    for start in range(0, len(ids), _SLICE):
        part = ids[start : start + _SLICE]
        await connection.execute(
            update(table)
            .where(table.c.id.in_(part), table.c.customer_id == kept)
            .values(customer_id=gone)
        )


def _merged_values(stays: Any, goes: Any) -> dict[str, Any]:
    """Return the columns of the remaining customer that the merge changes."""
    values = {
        name: getattr(goes, name)
        for name, unsaid in _UNKNOWN_VALUES.items()
        if getattr(stays, name) == unsaid and getattr(goes, name) != unsaid
    }
    known = {name["language"] for name in stays.names}
    consents = merge_consents(
        stored_consents(stays.consents, stays.marketing_consent),
        stored_consents(goes.consents, goes.marketing_consent),
    )
    joined = {
        "names": [*stays.names, *(n for n in goes.names if n["language"] not in known)],
        "tags": list(dict.fromkeys([*stays.tags, *goes.tags])),
        "emails": list(dict.fromkeys([*stays.emails, *goes.emails])),
        "wishes": {**goes.wishes, **stays.wishes},
        "consents": consents_to_json(consents),
        "marketing_consent": offers_answer(consents),
        "notes": "\n".join(dict.fromkeys(filter(None, (stays.notes, goes.notes)))),
        "own": in_order({**(goes.own or {}), **(stays.own or {})}) or None,
        "quiet_offers": {**(goes.quiet_offers or {}), **(stays.quiet_offers or {})} or None,
        "vip": stays.vip or goes.vip,
        "balance": stays.balance + goes.balance,
    }
    return values | {name: new for name, new in joined.items() if getattr(stays, name) != new}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


_DAYS = frozenset({"birthday", "anniversary", "customer_since", "since", "verified_on"})


def _read(name: str, value: Any) -> Any:
    return date.fromisoformat(value) if name in _DAYS and value else value
