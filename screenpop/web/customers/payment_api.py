"""The JSON API of payments."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from screenpop.customers.payments import MOST_PARTS, PaymentState
from screenpop.store.customers.queries import CustomerRefusedError
from screenpop.web.context import WebContext
from screenpop.web.customers.api import check_json
from screenpop.web.customers.detail_pages import Number, file_or_404
from screenpop.web.customers.forms import Errors
from screenpop.web.customers.payment_actions import (
    RequirePaymentEdit,
    RequirePrices,
    delete_payment,
    mark_payment,
    payment_or_404,
    refusal,
    store_changed,
    store_new,
    trip_or_404,
)
from screenpop.web.customers.payment_views import payment_sums_view, payment_view
from screenpop.web.feature_router import FeatureRouter


class PaymentInput(BaseModel):
    """A payment to store; missing fields are empty. Days as ``2031-05-01`` or ``1410/02/11``."""

    model_config = ConfigDict(extra="forbid")

    amount: Annotated[str, Field(max_length=40)]
    """In units of ``currency``: ``"1250"``, ``"1250.40"``."""
    currency: Annotated[str, Field(pattern="^([A-Za-z]{3})?$")] = ""
    """Empty: that of the trip."""
    counts_as: Annotated[str, Field(max_length=40)] = ""
    """What a payment in another currency covers of the trip, in the trip's currency."""
    method: Literal["cash", "card", "transfer", "cheque", "other"] = "other"
    state: PaymentState = PaymentState.DUE
    due: Annotated[str, Field(max_length=20)] = ""
    made_on: Annotated[str, Field(max_length=20)] = ""
    """When it was agreed or the cheque was written; empty for one that is due: today."""
    paid_on: Annotated[str, Field(max_length=20)] = ""
    returned_on: Annotated[str, Field(max_length=20)] = ""
    cheque_number: Annotated[str, Field(max_length=40)] = ""
    bank: Annotated[str, Field(max_length=80)] = ""
    note: Annotated[str, Field(max_length=200)] = ""


class NewPaymentInput(PaymentInput):
    """``parts``: as many monthly payments, from ``due`` on, that add up to ``amount``."""

    parts: Annotated[int, Field(ge=1, le=MOST_PARTS)] = 1


class PaymentStateInput(BaseModel):
    model_config = ConfigDict(extra="forbid")

    state: PaymentState
    day: Annotated[str, Field(max_length=20)] = ""
    """Empty: today."""


def payment_api_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(prefix="/api/v1/customers/{number}", tags=["customers"])

    @routes.get("/trips/{trip_id}/payments")
    async def read(_: RequirePrices, number: Number, trip_id: Number) -> JSONResponse:
        """Return the payments of a trip by due day, and what they come to.

        ``balance``: the price less what is paid. ``beyond``: by how much the payments exceed the
        price. ``uncounted``: how many, in other currencies, are not counted.
        """
        trip = trip_or_404(await file_or_404(context, number), trip_id)
        payments = [payment_view(stored, trip.trip.currency) for stored in trip.payments]
        return JSONResponse({"payments": payments, **payment_sums_view(trip.trip)})

    @routes.post("/trips/{trip_id}/payments", status_code=201)
    async def add(
        request: Request,
        current_user: RequirePaymentEdit,
        number: Number,
        trip_id: Number,
        given: NewPaymentInput,
    ) -> JSONResponse:
        """Add a payment, or the monthly parts of an amount."""
        check_json(request)
        trip = trip_or_404(await file_or_404(context, number), trip_id)
        ids, errors = await store_new(context, request, current_user, trip, _form(given))
        _check(errors)
        return JSONResponse({"ids": ids}, status_code=201)

    @routes.put("/payments/{item_id}")
    async def change(
        request: Request,
        current_user: RequirePaymentEdit,
        number: Number,
        item_id: Number,
        given: PaymentInput,
    ) -> JSONResponse:
        """Replace a payment."""
        check_json(request)
        which = payment_or_404(await file_or_404(context, number), item_id)
        _check(await store_changed(context, request, current_user, which, _form(given)))
        return JSONResponse({"id": item_id})

    @routes.post("/payments/{item_id}/state")
    async def mark(
        request: Request,
        current_user: RequirePaymentEdit,
        number: Number,
        item_id: Number,
        given: PaymentStateInput,
    ) -> JSONResponse:
        """Mark a payment as paid or returned on a day, or as due again."""
        check_json(request)
        try:
            await mark_payment(context, current_user, number, item_id, given.state, given.day)
        except CustomerRefusedError as refused:
            _check(refusal(refused))
        return JSONResponse({"id": item_id})

    @routes.delete("/payments/{item_id}", status_code=204)
    async def remove(current_user: RequirePaymentEdit, number: Number, item_id: Number) -> None:
        """Remove a payment."""
        await delete_payment(context, current_user, number, item_id)

    return routes


def _form(given: PaymentInput) -> dict[str, str]:
    return {name: str(value) for name, value in given.model_dump().items()}


def _check(errors: Errors) -> None:
    if errors:
        raise HTTPException(422, f"bad_request:{next(iter(errors.values()))}")
