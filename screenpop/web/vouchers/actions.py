"""What the pages and the API of vouchers share: the right, changes at the desk, and batches."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request

from screenpop.accounts.users import Right
from screenpop.customers.date_input import InvalidDateError, parse_date
from screenpop.customers.models import CustomerId
from screenpop.customers.yearless_days import NO_YEAR
from screenpop.loyalty.vouchers import MAX_KEY, MAX_PLACE, MAX_REASON, Voucher, VoucherRefusal
from screenpop.offers.office_offer import OfferId
from screenpop.store.vouchers.issuing import issue_batch
from screenpop.store.vouchers.redeeming import cancel_voucher, redeem_voucher, reverse_voucher
from screenpop.store.vouchers.rows import VoucherRefusedError
from screenpop.web.auth.current_user import CurrentUser, require_user
from screenpop.web.context import WebContext


async def require_manage_vouchers(request: Request) -> CurrentUser:
    current_user = await require_user(request)
    if not current_user.may(Right.MANAGE_VOUCHERS):
        raise HTTPException(403, "not_allowed")
    return current_user


RequireManageVouchers = Annotated[CurrentUser, Depends(require_manage_vouchers)]
"""A user who may make, cancel and give back vouchers."""


Change = Literal["redeem", "cancel", "reverse"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherRequest:
    """What a desk or a program asks for; texts that are too long are cut."""

    code: str
    customer: int | None = None
    """The customer at the desk."""
    place: str = ""
    reason: str = ""
    """Of a cancellation and a reversal; they need one."""
    key: str = ""


async def change_voucher(
    context: WebContext, current_user: CurrentUser, change: Change, asked: VoucherRequest
) -> Voucher:
    """Redeem, cancel or give back a voucher; return it. Raises ``VoucherRefusedError``."""
    database, now = context.database, context.clock()
    user_id, key = current_user.user.id, asked.key[:MAX_KEY]
    if change == "redeem":
        return await redeem_voucher(
            database,
            asked.code,
            customer_id=None if asked.customer is None else CustomerId(asked.customer),
            today=context.today(),
            user_id=user_id,
            now=now,
            place=asked.place[:MAX_PLACE],
            key=key,
        )
    work = cancel_voucher if change == "cancel" else reverse_voucher
    reason = asked.reason[:MAX_REASON]
    return await work(database, asked.code, reason=reason, user_id=user_id, now=now, key=key)


async def make_batch(
    context: WebContext,
    current_user: CurrentUser,
    offer_id: OfferId,
    count: int,
    days: tuple[str, str],
    key: str,
) -> tuple[Voucher, ...]:
    """Make vouchers. ``days``: the first and the last one as typed; may be empty.

    Raises ``VoucherRefusedError``, and 422 for a text that is no day.
    """
    if count > context.voucher_batch:
        raise VoucherRefusedError(VoucherRefusal.COUNT)
    today = context.today()
    try:
        first, last = (parse_date(text, today) for text in days)
    except InvalidDateError as error:
        raise HTTPException(422, "bad_request:not_a_day") from error
    if any(day is not None and day.year == NO_YEAR for day in (first, last)):
        raise HTTPException(422, "bad_request:not_a_day")
    return await issue_batch(
        context.database,
        offer_id,
        count,
        valid_from=first,
        valid_to=last,
        today=today,
        user_id=current_user.user.id,
        now=context.clock(),
        key=key,
    )
