"""Makes vouchers: one for a customer who accepts an offer, or a batch for leaflets."""

import secrets
from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.customers.models import CustomerId
from screenpop.loyalty.voucher_code import ALPHABET, CODE_LENGTH, code_of
from screenpop.loyalty.vouchers import (
    MAX_BATCH,
    MAX_DAYS,
    Voucher,
    VoucherRefusal,
    VoucherState,
    VoucherTerms,
)
from screenpop.offers.office_offer import OfferId
from screenpop.store.customers.audit import actor_id
from screenpop.store.engine.database import Database
from screenpop.store.engine.engines import insert_or_update
from screenpop.store.engine.text import clean_for_database
from screenpop.store.offers.terms import stored_terms
from screenpop.store.schema.offer_tables import offers
from screenpop.store.schema.voucher_tables import voucher_events, vouchers
from screenpop.store.vouchers.rows import (
    VOUCHERS,
    VoucherRefusedError,
    add_event,
    display_name_of,
    new_values,
    voucher_of,
)

_ROUNDS = 20
"""Tries at codes that no voucher has; even one is rarely taken."""


async def issue_batch(
    database: Database,
    offer_id: OfferId,
    count: int,
    *,
    valid_from: date | None,
    valid_to: date | None,
    today: date,
    user_id: UserId | None,
    now: float,
    key: str = "",
) -> tuple[Voucher, ...]:
    """Make vouchers for their bearers; a repeated ``key`` returns the first ones.

    Raises ``VoucherRefusedError``. ``valid_to``: None for the days of the offer from the first one.
    """
    if not 1 <= count <= MAX_BATCH:
        raise VoucherRefusedError(VoucherRefusal.COUNT)
    # Typed keys are apart from those that answers on cards have.
    batch = f"batch:{clean_for_database(key) or secrets.token_hex(12)}"
    async with database.writing() as connection:
        made = await _of_key(connection, batch)
        if made:
            if made[0].offer_id != offer_id:
                raise VoucherRefusedError(VoucherRefusal.KEY_USED, made[0])
            return made
        terms = await _terms_of(connection, offer_id)
        first = valid_from or today
        last = valid_to or first + timedelta(terms.days)
        _check_days(first, last, today)
        values = new_values(offer_id, terms.worth, valid_from, last, now)
        values |= {"bound": False, "issue_key": batch}
        await _insert(connection, values, count)
        made = await _of_key(connection, batch)
        by = await display_name_of(connection, user_id)
        event = {"what": "issued", "at": now, "user_id": actor_id(user_id), "agent": by}
        await connection.execute(
            insert_or_update(database.kind, voucher_events),
            [{"voucher_id": one.id, **event} for one in made],
        )
    return made


async def issue_for_answer(
    connection: AsyncConnection,
    offer_id: OfferId,
    customer_id: CustomerId,
    answer_key: str,
    *,
    today: date,
    user_id: UserId | None,
    now: float,
) -> Voucher | None:
    """Return the voucher of an answer that accepts an offer; None for an offer without one.

    The same answer always has the same voucher; one that was cancelled because the answer was
    changed is open again.
    """
    row = await _of_key(connection, answer_key)
    if row:
        return await _reopened(connection, row[0], today, user_id, now)
    stored = await connection.scalar(select(offers.c.terms).where(offers.c.id == offer_id))
    terms = None if stored is None else stored_terms(stored)
    if terms is None or terms.voucher is None:
        return None
    voucher = terms.voucher
    values = new_values(offer_id, voucher.worth, None, today + timedelta(voucher.days), now)
    values |= {"customer_id": customer_id, "bound": voucher.is_bound, "issue_key": answer_key}
    await _insert(connection, values, 1)
    made = (await _of_key(connection, answer_key))[0]
    await add_event(connection, made, "issued", user_id=user_id, now=now)
    return made


async def withdraw_for_answer(
    connection: AsyncConnection, answer_key: str, *, user_id: UserId | None, now: float
) -> None:
    """Cancel the voucher of an answer that does not accept any more; a redeemed one stays."""
    done = await connection.execute(
        update(vouchers)
        .where(
            vouchers.c.issue_key == answer_key,
            vouchers.c.redeemed_at.is_(None),
            vouchers.c.cancelled_at.is_(None),
        )
        .values(cancelled_at=now)
        .returning(vouchers.c.id)
    )
    if done.first() is not None:
        voucher = (await _of_key(connection, answer_key))[0]
        await add_event(connection, voucher, "withdrawn", user_id=user_id, now=now)


async def _reopened(
    connection: AsyncConnection, voucher: Voucher, today: date, user_id: UserId | None, now: float
) -> Voucher:
    if voucher.state_on(today) is not VoucherState.CANCELLED:
        return voucher
    last = await connection.scalar(
        select(voucher_events.c.what)
        .where(voucher_events.c.voucher_id == voucher.id)
        .order_by(voucher_events.c.id.desc())
        .limit(1)
    )
    if last != "withdrawn":
        return voucher
    await connection.execute(
        update(vouchers).where(vouchers.c.id == voucher.id).values(cancelled_at=None)
    )
    await add_event(connection, voucher, "reopened", user_id=user_id, now=now)
    row = await connection.execute(VOUCHERS.where(vouchers.c.id == voucher.id))
    return voucher_of(row.one())


async def _insert(connection: AsyncConnection, values: dict[str, object], count: int) -> None:
    """Insert vouchers with codes that no other has."""
    kind = connection.dialect.name
    table = insert_or_update("sqlite" if kind == "sqlite" else "postgresql", vouchers)
    missing = list(range(count))
    for _ in range(_ROUNDS):
        rows = [
            {**values, "issue_no": number, "code": code}
            for number, code in zip(missing, _codes(), strict=False)
        ]
        await connection.execute(table.on_conflict_do_nothing(), rows)
        found = await connection.execute(
            select(vouchers.c.issue_no).where(vouchers.c.issue_key == values["issue_key"])
        )
        there = set(found.scalars())
        missing = [number for number in range(count) if number not in there]
        if not missing:
            return
    raise RuntimeError("no free code for a voucher was found")


def _codes() -> Iterator[str]:
    while True:
        yield code_of([secrets.randbelow(len(ALPHABET)) for _ in range(CODE_LENGTH - 1)])


async def _of_key(connection: AsyncConnection, key: str) -> tuple[Voucher, ...]:
    rows = await connection.execute(
        VOUCHERS.where(vouchers.c.issue_key == key).order_by(vouchers.c.issue_no)
    )
    return tuple(voucher_of(row) for row in rows)


async def _terms_of(connection: AsyncConnection, offer_id: OfferId) -> VoucherTerms:
    stored = await connection.scalar(select(offers.c.terms).where(offers.c.id == offer_id))
    terms = None if stored is None else stored_terms(stored)
    if terms is None or terms.voucher is None:
        raise VoucherRefusedError(VoucherRefusal.NO_VOUCHER)
    return terms.voucher


def _check_days(first: date, last: date, today: date) -> None:
    if last < first or last < today:
        raise VoucherRefusedError(VoucherRefusal.DAYS_REVERSED)
    if last > max(first, today) + timedelta(MAX_DAYS) or first > today + timedelta(MAX_DAYS):
        raise VoucherRefusedError(VoucherRefusal.TOO_LONG)
