"""The forms of a customer's trips and cases."""

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from screenpop.accounts.departments import Section, sections_for
from screenpop.customers.date_input import format_date
from screenpop.customers.detail import CaseDetail, CustomerDetail, TripDetail
from screenpop.customers.models import (
    CURRENCIES,
    CaseKind,
    CaseState,
    CustomerId,
    Product,
    TripStatus,
    VisaState,
)
from screenpop.store.customers.queries import CustomerRefusedError
from screenpop.store.customers.trips_edit import (
    add_case,
    add_trip,
    set_travellers,
    update_case,
    update_trip,
)
from screenpop.web.auth.current_user import CurrentUser
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext
from screenpop.web.customers.detail_pages import (
    Number,
    RequireEdit,
    back_to,
    file_or_404,
    form_fields,
    today_at,
)
from screenpop.web.customers.forms import (
    LONGEST_TEXT,
    Errors,
    Form,
    FormReader,
    read_case,
    read_travellers,
    read_trip,
)
from screenpop.web.customers.views import case_view, file_view


def trip_routes(context: WebContext) -> APIRouter:
    routes = APIRouter(tags=["customers"], include_in_schema=False)

    @routes.get("/customers/{number:int}/trips/new")
    async def new_trip(request: Request, current_user: RequireEdit, number: Number) -> Response:
        file = await file_or_404(context, number)
        form = {"status": "asked", "product": "flight_hotel", "adults": "1", "children": "0"}
        return _trip_page(context, request, current_user, file, None, form, {})

    @routes.get("/customers/{number:int}/trips/{trip:int}")
    async def trip_form(
        request: Request, current_user: RequireEdit, number: Number, trip: Number
    ) -> Response:
        file, one = await _trip(context, current_user, number, trip)
        form = _form_of_trip(one, context.renderer.language(request))
        return _trip_page(context, request, current_user, file, one, form, {})

    @routes.post("/customers/{number:int}/trips/new")
    async def add(request: Request, current_user: RequireEdit, number: Number) -> Response:
        file = await file_or_404(context, number)
        form = await form_fields(context, request)
        reading = read_trip(form, sections_for(current_user.user))
        errors = await _keep_trip(context, current_user, CustomerId(number), None, reading)
        if errors:
            return _trip_page(context, request, current_user, file, None, form, errors)
        return back_to(number, "#trips")

    @routes.post("/customers/{number:int}/trips/{trip:int}")
    async def change(
        request: Request, current_user: RequireEdit, number: Number, trip: Number
    ) -> Response:
        file, one = await _trip(context, current_user, number, trip)
        form = await form_fields(context, request)
        reading = read_trip(form, sections_for(current_user.user))
        errors = await _keep_trip(context, current_user, CustomerId(number), trip, reading)
        if errors:
            return _trip_page(context, request, current_user, file, one, form, errors)
        return back_to(number, "#trips")

    return routes


def case_routes(context: WebContext) -> APIRouter:
    routes = APIRouter(tags=["customers"], include_in_schema=False)

    @routes.get("/customers/{number:int}/cases/new")
    async def new_case(request: Request, current_user: RequireEdit, number: Number) -> Response:
        file = await _file_with_cases(context, current_user, number)
        form = {"kind": "question", "state": "open"}
        return _case_page(context, request, current_user, file, None, form, {})

    @routes.get("/customers/{number:int}/cases/{case:int}")
    async def case_form(
        request: Request, current_user: RequireEdit, number: Number, case: Number
    ) -> Response:
        file, one = await _case(context, current_user, number, case)
        form = _form_of_case(one, context.renderer.language(request))
        return _case_page(context, request, current_user, file, one, form, {})

    @routes.post("/customers/{number:int}/cases/new")
    async def open_case(request: Request, current_user: RequireEdit, number: Number) -> Response:
        file = await _file_with_cases(context, current_user, number)
        form = await form_fields(context, request)
        reading = read_case(form, today_at(context))
        if reading.errors:
            return _case_page(context, request, current_user, file, None, form, reading.errors)
        customer_id, user_id = CustomerId(number), current_user.user.id
        await add_case(
            context.database, customer_id, reading.values, user_id=user_id, now=context.clock()
        )
        return back_to(number, "#cases")

    @routes.post("/customers/{number:int}/cases/{case:int}")
    async def change_case(
        request: Request, current_user: RequireEdit, number: Number, case: Number
    ) -> Response:
        file, one = await _case(context, current_user, number, case)
        form = await form_fields(context, request)
        reading = read_case(form, one.case.opened)
        note = reading.text("said", LONGEST_TEXT)
        if reading.errors:
            return _case_page(context, request, current_user, file, one, form, reading.errors)
        await update_case(
            context.database,
            case,
            reading.values,
            note=note,
            user_id=current_user.user.id,
            now=context.clock(),
            today=today_at(context),
        )
        return back_to(number, "#cases")

    return routes


async def _keep_trip(
    context: WebContext,
    current_user: CurrentUser,
    customer_id: CustomerId,
    trip: int | None,
    reading: FormReader,
) -> Errors:
    """Save a trip with its travellers; return the errors."""
    travellers, errors = read_travellers(reading.form)
    errors = reading.errors | errors
    if errors:
        return errors
    user_id, now = current_user.user.id, context.clock()
    try:
        if trip is None:
            trip = await add_trip(
                context.database, customer_id, reading.values, user_id=user_id, now=now
            )
        else:
            await update_trip(context.database, trip, reading.values, user_id=user_id, now=now)
        await set_travellers(context.database, trip, travellers, user_id=user_id, now=now)
    except CustomerRefusedError as refused:
        return {"travellers": refused.code}
    return {}


async def _trip(
    context: WebContext, current_user: CurrentUser, number: int, trip: int
) -> tuple[CustomerDetail, TripDetail]:
    file = await file_or_404(context, number)
    if Section.TRIPS in sections_for(current_user.user):
        for one in file.trips:
            if one.trip.id == trip and one.buyer.id == number:
                return file, one
    raise HTTPException(404, "not_found")


async def _file_with_cases(
    context: WebContext, current_user: CurrentUser, number: int
) -> CustomerDetail:
    if Section.CASES not in sections_for(current_user.user):
        raise HTTPException(403, "not_allowed")
    return await file_or_404(context, number)


async def _case(
    context: WebContext, current_user: CurrentUser, number: int, case: int
) -> tuple[CustomerDetail, CaseDetail]:
    file = await _file_with_cases(context, current_user, number)
    for one in file.cases:
        if one.case.id == case:
            return file, one
    raise HTTPException(404, "not_found")


def _trip_page(
    context: WebContext,
    request: Request,
    current_user: CurrentUser,
    file: CustomerDetail,
    one: TripDetail | None,
    form: Form,
    errors: Errors,
) -> Response:
    sections = sections_for(current_user.user)
    data: View = {
        "who": file_view(file, sections, context.renderer.language(request)),
        "sees": {section.value for section in sections},
        "trip": None if one is None else one.trip.id,
        "form": form,
        "errors": errors,
        "products": [*Product],
        "statuses": [*TripStatus],
        "visas": [*VisaState],
        "currencies": CURRENCIES,
    }
    status = 422 if errors else 200
    return context.renderer.page(request, "customer_trip.html", "customers", data, status=status)


def _case_page(
    context: WebContext,
    request: Request,
    current_user: CurrentUser,
    file: CustomerDetail,
    one: CaseDetail | None,
    form: Form,
    errors: Errors,
) -> Response:
    sections = sections_for(current_user.user)
    data: View = {
        "who": file_view(file, sections, context.renderer.language(request)),
        "sees": {section.value for section in sections},
        "case": None if one is None else case_view(one),
        "form": form,
        "errors": errors,
        "kinds": [*CaseKind],
        "states": [*CaseState],
    }
    status = 422 if errors else 200
    return context.renderer.page(request, "customer_case.html", "customers", data, status=status)


def _form_of_trip(one: TripDetail, language: str) -> dict[str, str]:
    trip = one.trip
    travellers = [
        f"{f'#{going.person.id}' if going.person else going.name}{' *' if going.child else ''}"
        for going in one.travellers
    ]
    amounts = {"price": trip.price, "paid": trip.paid, "margin": one.margin}
    return {
        "destination": trip.destination,
        "country": trip.country,
        "product": trip.product.value,
        "status": trip.status.value,
        "departs": format_date(trip.departs, language),
        "returns": format_date(trip.returns, language),
        "adults": str(trip.adults),
        "children": str(trip.children),
        "visa": trip.visa.value,
        "note": trip.note,
        "feedback": one.feedback,
        "feedback_asked": format_date(one.feedback_asked, language),
        "rating": str(trip.rating or ""),
        "currency": trip.currency,
        "supplier": one.supplier,
        "travellers": "\n".join(travellers),
        **{name: str(amount) if amount else "" for name, amount in amounts.items()},
    }


def _form_of_case(one: CaseDetail, language: str) -> dict[str, str]:
    case = one.case
    return {
        "kind": case.kind.value,
        "state": case.state.value,
        "subject": case.subject,
        "opened": format_date(case.opened, language),
        "promised_by": case.promised_by,
        "promised_for": format_date(case.promised_for, language),
    }
