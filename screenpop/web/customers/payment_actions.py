"""What the pages and the API of payments share: who may, which payment, and the changes."""

from typing import Annotated

from fastapi import Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request

from screenpop.accounts.departments import Section, sections_for
from screenpop.customers.date_input import InvalidDateError, parse_date
from screenpop.customers.detail import CustomerDetail, TripDetail
from screenpop.customers.models import CustomerId
from screenpop.customers.payments import PaymentDraft, PaymentState, StoredPayment
from screenpop.store.customers.payments import (
    add_payments,
    change_payment_state,
    remove_payment,
    update_payment,
)
from screenpop.store.customers.queries import CustomerRefusedError
from screenpop.web.auth.current_user import CurrentUser, require_edit, require_user
from screenpop.web.context import WebContext
from screenpop.web.customers.detail_pages import today_at
from screenpop.web.customers.forms import Errors, Form
from screenpop.web.customers.payment_forms import PaymentContext, read_new_payments, read_payment

_GONE = frozenset({"unknown_customer", "unknown_trip", "unknown_payment"})


async def require_prices(request: Request) -> CurrentUser:
    return _with_section(await require_user(request))


async def require_payment_edit(request: Request) -> CurrentUser:
    return _with_section(await require_edit(request))


def _with_section(current_user: CurrentUser) -> CurrentUser:
    if Section.PRICES not in sections_for(current_user.user):
        raise HTTPException(403, "not_allowed")
    return current_user


RequirePrices = Annotated[CurrentUser, Depends(require_prices)]
"""A user whose department may see what a trip costs."""
RequirePaymentEdit = Annotated[CurrentUser, Depends(require_payment_edit)]


def trip_or_404(file: CustomerDetail, trip_id: int) -> TripDetail:
    """Return a trip that the customer has booked."""
    for trip in file.trips:
        if trip.trip.id == trip_id and trip.buyer.id == file.customer.id:
            return trip
    raise HTTPException(404, "not_found")


def payment_or_404(file: CustomerDetail, item_id: int) -> tuple[TripDetail, StoredPayment]:
    for trip in file.trips:
        for stored in trip.payments:
            if stored.id == item_id and trip.buyer.id == file.customer.id:
                return trip, stored
    raise HTTPException(404, "not_found")


def trip_context(context: WebContext, request: Request, trip: TripDetail) -> PaymentContext:
    language = context.renderer.language(request)
    return PaymentContext(trip.trip.currency, today_at(context), language)


async def store_new(
    context: WebContext, request: Request, current_user: CurrentUser, trip: TripDetail, form: Form
) -> tuple[tuple[int, ...], Errors]:
    """Add the payments of a form; return their ids, or the errors with which nothing is stored."""
    payments, errors = read_new_payments(form, trip_context(context, request, trip))
    if errors:
        return (), errors
    try:
        ids = await add_payments(
            context.database,
            trip.buyer.id,
            trip.trip.id,
            payments,
            user_id=current_user.user.id,
            now=context.clock(),
        )
    except CustomerRefusedError as refused:
        return (), refusal(refused)
    return ids, {}


async def store_changed(
    context: WebContext,
    request: Request,
    current_user: CurrentUser,
    which: tuple[TripDetail, StoredPayment],
    form: Form,
) -> Errors:
    """Change a payment; return the errors, with which nothing is stored."""
    trip, stored = which
    payment: PaymentDraft
    payment, errors = read_payment(form, trip_context(context, request, trip), stored.payment)
    if errors:
        return errors
    try:
        await update_payment(
            context.database,
            trip.buyer.id,
            stored.id,
            payment,
            user_id=current_user.user.id,
            now=context.clock(),
        )
    except CustomerRefusedError as refused:
        return refusal(refused)
    return {}


def refusal(refused: CustomerRefusedError) -> Errors:
    """Return the error of the form; raises 404 where the payment is gone."""
    if refused.code in _GONE:
        raise HTTPException(404, "not_found") from refused
    return {"form": refused.code}


async def mark_payment(
    context: WebContext,
    current_user: CurrentUser,
    number: int,
    item_id: int,
    state: PaymentState,
    day: str = "",
) -> int:
    """Mark a payment since a day, today if empty; return its trip."""
    today = today_at(context)
    try:
        since = parse_date(day) or today
    except InvalidDateError as error:
        raise HTTPException(422, "bad_request:not_a_day") from error
    if since > today:
        raise CustomerRefusedError("payment_in_future", "The day is still to come.")
    return await change_payment_state(
        context.database,
        CustomerId(number),
        item_id,
        state,
        since,
        user_id=current_user.user.id,
        now=context.clock(),
    )


async def delete_payment(
    context: WebContext, current_user: CurrentUser, number: int, item_id: int
) -> int:
    user_id, now = current_user.user.id, context.clock()
    try:
        return await remove_payment(
            context.database, CustomerId(number), item_id, user_id=user_id, now=now
        )
    except CustomerRefusedError as refused:
        raise HTTPException(404, "not_found") from refused
