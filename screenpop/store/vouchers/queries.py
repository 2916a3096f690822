"""Lists of vouchers, the history of one, and the report that adds up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, case, func, select

from screenpop.customers.models import CustomerId
from screenpop.loyalty.vouchers import Voucher, VoucherState
from screenpop.offers.office_offer import OfferId
from screenpop.store.engine.database import Database
from screenpop.store.schema.offer_tables import offers
from screenpop.store.schema.voucher_tables import voucher_events, vouchers
from screenpop.store.vouchers.rows import VOUCHERS, voucher_of


@dataclass(frozen=True, slots=True)
class VoucherEvent:
    what: str
    at: float
    by: str
    reason: str
    place: str


@dataclass(frozen=True, slots=True)
class Sum:
    """How many vouchers, and their amounts together."""

    count: int
    amount: int


@dataclass(frozen=True, slots=True)
class ReportRow:
    """The vouchers of an offer in one currency; those without an amount have none."""

    offer_id: int
    offer_name: str
    currency: str
    issued: Sum
    states: dict[VoucherState, Sum]
    """Each state; together they are ``issued``."""


def in_state(state: VoucherState, today: date) -> ColumnElement[bool]:
    """Return the condition of a state, as ``Voucher.state_on`` has it."""
    redeemed = vouchers.c.redeemed_at.is_not(None)
    cancelled = vouchers.c.cancelled_at.is_not(None)
    past = and_(vouchers.c.valid_to.is_not(None), vouchers.c.valid_to < today)
    match state:
        case VoucherState.REDEEMED:
            return redeemed
        case VoucherState.CANCELLED:
            return and_(~redeemed, cancelled)
        case VoucherState.EXPIRED:
            return and_(~redeemed, ~cancelled, past)
        case VoucherState.OPEN:
            return and_(~redeemed, ~cancelled, ~past)


async def voucher_report(database: Database, today: date) -> list[ReportRow]:
    """Return how many vouchers are in each state, by offer and currency."""
    sums = [func.count().label("issued_n"), func.sum(vouchers.c.amount).label("issued_amount")]
    for state in VoucherState:
        found = in_state(state, today)
        sums += [
            func.sum(case((found, 1), else_=0)).label(f"{state.value}_n"),
            func.sum(case((found, vouchers.c.amount), else_=0)).label(f"{state.value}_amount"),
        ]
    statement = (
        select(offers.c.id, offers.c.name, vouchers.c.currency, *sums)
        .join(offers, offers.c.id == vouchers.c.offer_id)
        .group_by(offers.c.id, offers.c.name, vouchers.c.currency)
        .order_by(offers.c.id, vouchers.c.currency)
    )
    async with database.reading() as connection:
        rows = (await connection.execute(statement)).mappings().all()
    return [
        ReportRow(
            row["id"],
            row["name"],
            row["currency"],
            Sum(row["issued_n"], int(row["issued_amount"])),
            {
                state: Sum(int(row[f"{state.value}_n"]), int(row[f"{state.value}_amount"]))
                for state in VoucherState
            },
        )
        for row in rows
    ]


async def list_vouchers(
    database: Database,
    today: date,
    *,
    offer_id: OfferId | None = None,
    state: VoucherState | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[Voucher]:
    """Return vouchers, the newest first; ``before``: only those with a smaller id."""
    statement = VOUCHERS.order_by(vouchers.c.id.desc()).limit(limit)
    if offer_id is not None:
        statement = statement.where(vouchers.c.offer_id == offer_id)
    if state is not None:
        statement = statement.where(in_state(state, today))
    if before is not None:
        statement = statement.where(vouchers.c.id < before)
    async with database.reading() as connection:
        return [voucher_of(row) for row in await connection.execute(statement)]


async def vouchers_of_customer(database: Database, customer_id: CustomerId) -> list[Voucher]:
    """Return a customer's vouchers, the newest first."""
    statement = VOUCHERS.where(vouchers.c.customer_id == customer_id)
    async with database.reading() as connection:
        found = await connection.execute(statement.order_by(vouchers.c.id.desc()).limit(100))
        return [voucher_of(row) for row in found]


async def voucher_history(database: Database, voucher_id: int) -> Sequence[VoucherEvent]:
    """Return what happened to a voucher, the newest first."""
    statement = (
        select(voucher_events)
        .where(voucher_events.c.voucher_id == voucher_id)
        .order_by(voucher_events.c.id.desc())
    )
    async with database.reading() as connection:
        rows = (await connection.execute(statement)).all()
    return [VoucherEvent(row.what, row.at, row.agent, row.reason, row.place) for row in rows]
