"""The page of a trip's payments, with its forms and the buttons for one tap.

Payments are visible to those who may see what a trip costs. Each change is in the history of the
customer.
"""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from screenpop.accounts.departments import sections_for
from screenpop.accounts.users import Right
from screenpop.customers.detail import CustomerDetail, TripDetail
from screenpop.customers.payments import CENTS, PaymentState, StoredPayment, cents_text
from screenpop.store.customers.queries import CustomerRefusedError
from screenpop.web.auth.current_user import CurrentUser
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext
from screenpop.web.customers.detail_pages import (
    Number,
    back_to,
    file_or_404,
    form_fields,
    today_at,
)
from screenpop.web.customers.forms import Errors, Form
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
from screenpop.web.customers.payment_forms import form_choices, form_of_payment
from screenpop.web.customers.payment_views import payment_sums_view, payment_view, urgency
from screenpop.web.customers.views import file_view, trip_view
from screenpop.web.feature_router import FeatureRouter

_STATES = {state.value: state for state in PaymentState}


def payment_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(tags=["customers"], include_in_schema=False)
    of_trip = "/customers/{number:int}/trips/{trip_id:int}/payments"
    one = "/customers/{number:int}/payments/{item_id:int}"

    @routes.get(of_trip)
    async def page(
        request: Request, current_user: RequirePrices, number: Number, trip_id: Number
    ) -> Response:
        file = await file_or_404(context, number)
        trip = trip_or_404(file, trip_id)
        return _page(context, request, current_user, file, trip, _new_form(trip), {})

    @routes.post(of_trip)
    async def add(
        request: Request, current_user: RequirePaymentEdit, number: Number, trip_id: Number
    ) -> Response:
        file = await file_or_404(context, number)
        trip, form = trip_or_404(file, trip_id), await form_fields(context, request)
        _, errors = await store_new(context, request, current_user, trip, form)
        if errors:
            return _page(context, request, current_user, file, trip, form, errors)
        return _to_payments(number, trip_id)

    @routes.get(one)
    async def edit(
        request: Request, current_user: RequirePaymentEdit, number: Number, item_id: Number
    ) -> Response:
        file = await file_or_404(context, number)
        trip, stored = payment_or_404(file, item_id)
        form = form_of_payment(stored.payment, context.renderer.language(request))
        return _page(context, request, current_user, file, trip, form, {}, stored)

    @routes.post(one)
    async def change(
        request: Request, current_user: RequirePaymentEdit, number: Number, item_id: Number
    ) -> Response:
        file = await file_or_404(context, number)
        trip, stored = payment_or_404(file, item_id)
        form = await form_fields(context, request)
        errors = await store_changed(context, request, current_user, (trip, stored), form)
        if errors:
            return _page(context, request, current_user, file, trip, form, errors, stored)
        return _to_payments(number, trip.trip.id)

    return routes


def payment_tap_routes(context: WebContext) -> FeatureRouter:
    """Return what the buttons of a payment do, on its page and on the customer's."""
    routes = FeatureRouter(tags=["customers"], include_in_schema=False)
    one = "/customers/{number:int}/payments/{item_id:int}"

    @routes.post(f"{one}/state")
    async def mark(
        request: Request, current_user: RequirePaymentEdit, number: Number, item_id: Number
    ) -> Response:
        form = await form_fields(context, request)
        state = _STATES.get(form.get("do", ""))
        if state is None:
            raise HTTPException(422, "bad_request:do")
        try:
            trip_id = await mark_payment(context, current_user, number, item_id, state)
        except CustomerRefusedError as refused:
            errors, file = refusal(refused), await file_or_404(context, number)
            trip, _ = payment_or_404(file, item_id)
            return _page(context, request, current_user, file, trip, _new_form(trip), errors)
        if form.get("back") == "customer":
            return back_to(number, f"#trip-{trip_id}")
        return _to_payments(number, trip_id)

    @routes.post(f"{one}/remove")
    async def remove(
        request: Request, current_user: RequirePaymentEdit, number: Number, item_id: Number
    ) -> Response:
        await form_fields(context, request)
        return _to_payments(number, await delete_payment(context, current_user, number, item_id))

    return routes


def _to_payments(number: int, trip_id: int) -> RedirectResponse:
    return RedirectResponse(f"/customers/{number}/trips/{trip_id}/payments", 303)


def _new_form(trip: TripDetail) -> Form:
    """Return a form for the part of the price that no payment covers yet."""
    one, summary = trip.trip, trip.trip.payments
    planned = one.paid * CENTS if summary is None else summary.planned
    left = one.price * CENTS - planned
    return {
        "amount": cents_text(left) if left > 0 else "",
        "currency": one.currency,
        "method": "transfer",
        "state": "due",
        "parts": "1",
    }


def _page(
    context: WebContext,
    request: Request,
    current_user: CurrentUser,
    file: CustomerDetail,
    trip: TripDetail,
    form: Form,
    errors: Errors,
    stored: StoredPayment | None = None,
) -> Response:
    """Return the page of a trip's payments; ``stored``: with the form of this one."""
    sections, today = sections_for(current_user.user), today_at(context)
    language = context.renderer.language(request)
    view = trip_view(trip, sections, language, file.customer.id)
    urgent = {one.id: urgency(one.payment, today) for one in trip.payments}
    data: View = {
        "who": file_view(file, frozenset(), language),
        "trip": view,
        "sums": payment_sums_view(trip.trip),
        "urgent": urgent,
        "payment": None if stored is None else payment_view(stored, trip.trip.currency),
        "form": form,
        "errors": errors,
        "edits": current_user.may(Right.EDIT_CUSTOMERS),
        "today": today.isoformat(),
        **form_choices(trip.trip.currency),
    }
    status = 422 if errors else 200
    return context.renderer.page(request, "trip_payments.html", "customers", data, status=status)
