"""Reads rows of vouchers, and writes what happened to them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, Text, and_, cast, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.customers.models import CustomerId
from screenpop.loyalty.voucher_code import formatted
from screenpop.loyalty.vouchers import Voucher, VoucherKind, VoucherRefusal, VoucherWorth
from screenpop.store.customers.audit import actor_id, log_change
from screenpop.store.engine.engines import insert_or_update
from screenpop.store.engine.text import clean_for_database
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.offer_tables import offers
from screenpop.store.schema.voucher_tables import voucher_events, vouchers


class VoucherRefusedError(ValueError):
    """A voucher is refused; ``voucher`` is the one that is meant, if it is there."""

    def __init__(
        self,
        refusal: VoucherRefusal,
        voucher: Voucher | None = None,
        likely: Sequence[str] = (),
    ) -> None:
        """``likely``: vouchers from which a mistyped code differs by one slip."""
        super().__init__(refusal.value)
        self.refusal = refusal
        self.voucher = voucher
        self.likely = tuple(likely)


VOUCHERS: Select[Any] = select(vouchers, offers.c.name.label("offer_name")).join(
    offers, offers.c.id == vouchers.c.offer_id
)


async def voucher_of_code(connection: AsyncConnection, code: str) -> Voucher | None:
    """Return the voucher of a plain code."""
    row = (await connection.execute(VOUCHERS.where(vouchers.c.code == code))).first()
    return None if row is None else voucher_of(row)


def voucher_of(row: Any) -> Voucher:
    return Voucher(
        id=row.id,
        code=row.code,
        offer_id=row.offer_id,
        offer_name=row.offer_name,
        customer_id=None if row.customer_id is None else CustomerId(row.customer_id),
        is_bound=row.bound,
        worth=VoucherWorth(
            kind=VoucherKind(row.kind),
            amount=row.amount,
            currency=row.currency,
            percent=row.percent,
            gift=row.gift,
        ),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        issued_at=row.issued_at,
        redeemed_at=row.redeemed_at,
        redeemed_by=row.redeemed_by,
        redeemed_place=row.redeemed_place,
        cancelled_at=row.cancelled_at,
    )


def new_values(
    offer_id: int, worth: VoucherWorth, valid_from: date | None, valid_to: date | None, now: float
) -> dict[str, Any]:
    """Return the columns of a new voucher without its code, customer and key."""
    return {
        "offer_id": offer_id,
        "kind": worth.kind.value,
        "amount": worth.amount,
        "currency": worth.currency,
        "percent": worth.percent,
        "gift": clean_for_database(worth.gift),
        "valid_from": valid_from,
        "valid_to": valid_to,
        "issued_at": now,
    }


async def display_name_of(connection: AsyncConnection, user_id: UserId | None) -> str:
    """Return the display name of a user; empty for the command line."""
    name = await connection.scalar(
        select(users.c.display_name).where(users.c.id == actor_id(user_id))
    )
    return str(name or "")


async def add_event(
    connection: AsyncConnection,
    voucher: Voucher,
    what: str,
    *,
    user_id: UserId | None,
    now: float,
    reason: str = "",
    place: str = "",
    key: str = "",
) -> None:
    """Write what happened to a voucher, also under the customer's changes.

    Raises ``VoucherRefusedError`` where another request has the key.
    """
    kind = connection.dialect.name
    added = await connection.execute(
        insert_or_update("sqlite" if kind == "sqlite" else "postgresql", voucher_events)
        .values(
            voucher_id=voucher.id,
            what=what,
            at=now,
            user_id=actor_id(user_id),
            agent=await display_name_of(connection, user_id),
            reason=clean_for_database(reason),
            place=clean_for_database(place),
            request_key=clean_for_database(key) or None,
        )
        .on_conflict_do_nothing()
        .returning(voucher_events.c.id)
    )
    if added.first() is None:
        raise VoucherRefusedError(VoucherRefusal.KEY_USED, voucher)
    if voucher.customer_id is not None:
        changes = {"voucher": (None, formatted(voucher.code))}
        await log_change(
            connection,
            voucher.customer_id,
            f"voucher_{what}",
            changes,
            user_id=user_id,
            now=now,
        )


BOUND_TO_ERASED = and_(vouchers.c.bound.is_(True), vouchers.c.customer_id.is_(None))
"""Of a customer who was erased: no person may redeem it any more."""


async def forget_holder(
    connection: AsyncConnection, customer_ids: Sequence[int], *, now: float
) -> None:
    """Cancel the open vouchers that only these customers could redeem, before they are erased.

    What was typed about any of their vouchers is removed; the codes and amounts stay.
    """
    mine = select(vouchers.c.id).where(vouchers.c.customer_id.in_(customer_ids))
    await connection.execute(
        update(voucher_events)
        .where(voucher_events.c.voucher_id.in_(mine))
        .values(reason="", place="", request_key=None)
    )
    cancelled = await connection.execute(
        update(vouchers)
        .where(
            vouchers.c.customer_id.in_(customer_ids),
            vouchers.c.bound.is_(True),
            vouchers.c.redeemed_at.is_(None),
            vouchers.c.cancelled_at.is_(None),
        )
        .values(cancelled_at=now)
        .returning(vouchers.c.id)
    )
    events = [{"voucher_id": number, "what": "erased", "at": now} for number in cancelled.scalars()]
    if events:
        await connection.execute(insert(voucher_events), events)
    await connection.execute(
        update(vouchers)
        .where(vouchers.c.customer_id.in_(customer_ids))
        .values(redeemed_place="", issue_key="erased:" + cast(vouchers.c.id, Text))
    )
