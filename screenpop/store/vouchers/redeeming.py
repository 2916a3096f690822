"""Redeems, cancels and gives back vouchers. Raises ``VoucherRefusedError``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, case, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.customers.models import CustomerId
from screenpop.loyalty.voucher_code import is_code, likely_codes, plain_code
from screenpop.loyalty.vouchers import Voucher, VoucherRefusal
from screenpop.store.engine.database import Database
from screenpop.store.engine.text import clean_for_database
from screenpop.store.schema.tables import customers
from screenpop.store.schema.voucher_tables import voucher_events, vouchers
from screenpop.store.vouchers.rows import (
    BOUND_TO_ERASED,
    VoucherRefusedError,
    add_event,
    display_name_of,
    voucher_of_code,
)

MAX_LIKELY = 3
_OPEN = (vouchers.c.redeemed_at.is_(None), vouchers.c.cancelled_at.is_(None))


@dataclass(frozen=True, slots=True)
class _Request:
    what: str
    """The event: redeemed, cancelled, reversed."""
    user_id: UserId | None
    now: float
    key: str
    reason: str = ""
    place: str = ""


async def find_voucher(database: Database, typed: str) -> Voucher:
    """Return the voucher of a typed code; an unknown one is refused with likely ones."""
    async with database.reading() as connection:
        return await _find(connection, typed)


async def redeem_voucher(
    database: Database,
    typed: str,
    *,
    customer_id: CustomerId | None,
    today: date,
    user_id: UserId | None,
    now: float,
    place: str = "",
    key: str = "",
) -> Voucher:
    """Redeem a voucher, once; return it.

    A repeated ``key`` returns the voucher that it redeemed before. ``customer_id``: of the person
    at the desk; needed for a bound voucher.
    """
    async with database.writing() as connection:
        voucher = await _find(connection, typed)
        person = await _remaining(connection, customer_id)
        changed = await _change_once(
            connection,
            voucher,
            _Request("redeemed", user_id, now, key=clean_for_database(key), place=place),
            (
                *_OPEN,
                or_(vouchers.c.valid_from.is_(None), vouchers.c.valid_from <= today),
                or_(vouchers.c.valid_to.is_(None), vouchers.c.valid_to >= today),
                or_(vouchers.c.bound.is_(False), vouchers.c.customer_id == person),
            ),
            {
                "redeemed_at": now,
                "redeemed_by": await display_name_of(connection, user_id),
                "redeemed_place": clean_for_database(place),
            },
        )
        voucher = await _find(connection, voucher.code)
        if not changed:
            refusal = voucher.refusal_for(person, today)
            raise VoucherRefusedError(refusal or VoucherRefusal.USED, voucher)
        return voucher


async def cancel_voucher(
    database: Database,
    typed: str,
    *,
    reason: str,
    user_id: UserId | None,
    now: float,
    key: str = "",
) -> Voucher:
    """Cancel a voucher that was not redeemed; return it. An expired one can be cancelled too."""
    request = _Request("cancelled", user_id, now, clean_for_database(key), reason=_reason(reason))
    async with database.writing() as connection:
        voucher = await _find(connection, typed)
        changed = await _change_once(connection, voucher, request, _OPEN, {"cancelled_at": now})
        voucher = await _find(connection, voucher.code)
        if not changed:
            used = voucher.redeemed_at is not None
            raise VoucherRefusedError(
                VoucherRefusal.USED if used else VoucherRefusal.CANCELLED, voucher
            )
        return voucher


async def reverse_voucher(
    database: Database,
    typed: str,
    *,
    reason: str,
    user_id: UserId | None,
    now: float,
    key: str = "",
) -> Voucher:
    """Take back that a voucher was redeemed: it is open again, or expired. Return it.

    One that was bound to a customer who was erased meanwhile is cancelled.
    """
    request = _Request("reversed", user_id, now, clean_for_database(key), reason=_reason(reason))
    async with database.writing() as connection:
        voucher = await _find(connection, typed)
        changed = await _change_once(
            connection,
            voucher,
            request,
            (vouchers.c.redeemed_at.is_not(None),),
            {
                "redeemed_at": None,
                "redeemed_by": "",
                "redeemed_place": "",
                "cancelled_at": case((BOUND_TO_ERASED, now), else_=None),
            },
        )
        voucher = await _find(connection, voucher.code)
        if not changed:
            raise VoucherRefusedError(VoucherRefusal.NOT_USED, voucher)
        return voucher


async def _change_once(
    connection: AsyncConnection,
    voucher: Voucher,
    request: _Request,
    conditions: Sequence[ColumnElement[bool]],
    values: Mapping[str, object],
) -> bool:
    """Change a voucher that still meets the conditions; return whether the request is done.

    True also for a request that was done before. ``voucher`` may be out of date: the caller
    reads it again, since another process may have changed it for the same request.
    """
    if await _is_repeated(connection, request.key, voucher, request.what):
        return True
    done = await connection.execute(
        update(vouchers)
        .where(vouchers.c.id == voucher.id, *conditions)
        .values(**values)
        .returning(vouchers.c.id)
    )
    if done.first() is None:
        # The update waited for another process, which may have had the same request.
        return await _is_repeated(connection, request.key, voucher, request.what)
    await add_event(
        connection,
        voucher,
        request.what,
        user_id=request.user_id,
        now=request.now,
        reason=request.reason,
        place=request.place,
        key=request.key,
    )
    return True


def _reason(reason: str) -> str:
    reason = " ".join(clean_for_database(reason).split())
    if not reason:
        raise VoucherRefusedError(VoucherRefusal.REASON_NEEDED)
    return reason


async def _find(connection: AsyncConnection, typed: str) -> Voucher:
    code = plain_code(typed)
    voucher = await voucher_of_code(connection, code) if is_code(code) else None
    if voucher is not None:
        return voucher
    likely = likely_codes(code)
    if not likely:
        known = is_code(code)
        raise VoucherRefusedError(VoucherRefusal.UNKNOWN if known else VoucherRefusal.MISTYPED)
    found = await connection.execute(
        select(vouchers.c.code).where(vouchers.c.code.in_(likely)).limit(MAX_LIKELY)
    )
    raise VoucherRefusedError(VoucherRefusal.MISTYPED, likely=sorted(found.scalars()))


async def _is_repeated(connection: AsyncConnection, key: str, voucher: Voucher, what: str) -> bool:
    """Return whether this request was done before; a key of another one is refused."""
    if not key:
        return False
    row = (
        await connection.execute(
            select(voucher_events.c.voucher_id, voucher_events.c.what).where(
                voucher_events.c.request_key == key
            )
        )
    ).first()
    if row is None:
        return False
    if (row.voucher_id, row.what) != (voucher.id, what):
        raise VoucherRefusedError(VoucherRefusal.KEY_USED, voucher)
    return True


async def _remaining(
    connection: AsyncConnection, customer_id: CustomerId | None
) -> CustomerId | None:
    """Return the customer that remained after merges."""
    while customer_id is not None:
        into = await connection.scalar(
            select(customers.c.merged_into_id).where(customers.c.id == customer_id)
        )
        if into is None:
            break
        customer_id = CustomerId(into)
    return customer_id
