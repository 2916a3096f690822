"""What the pages and the API of vouchers share: the right, and a batch with typed days."""

from typing import Annotated

from fastapi import Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request

from screenpop.accounts.users import Right
from screenpop.customers.date_input import InvalidDateError, parse_date
from screenpop.customers.yearless_days import NO_YEAR
from screenpop.loyalty.vouchers import Voucher, VoucherRefusal
from screenpop.offers.office_offer import OfferId
from screenpop.store.vouchers.issuing import issue_batch
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
