"""The forms of a customer's trips and cases."""

from typing import Protocol, TypeVar

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
    Product,
    TripStatus,
    VisaState,
)
from screenpop.customers.own_fields import OwnSubject
from screenpop.store.accounts.form_drafts import forget_draft
from screenpop.store.customers.queries import CustomerRefusedError
from screenpop.store.customers.trips_edit import (
    add_case,
    add_trip,
    set_travellers,
    update_case,
    update_trip,
)
from screenpop.web.auth.current_user import CurrentUser, RequireEdit
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext
from screenpop.web.customers.detail_pages import (
    Number,
    back_to,
    file_or_404,
    form_fields,
    record_opening,
    today_at,
)
from screenpop.web.customers.forms import (
    LONGEST_TEXT,
    Errors,
    Form,
    read_case,
    read_travellers,
    read_trip,
)
from screenpop.web.customers.views import case_view, file_view
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.own_fields.record_forms import own_form, own_inputs, read_own_form

_NEW_TRIP = {"status": "asked", "product": "flight_hotel", "adults": "1", "children": "0"}
_NEW_CASE = {"kind": "question", "state": "open"}

Item = TypeVar("Item", TripDetail, CaseDetail)


class _Forms(Protocol[Item]):
    """What differs between the form pages of trips and of cases."""

    section: str
    """The part of the address, and the section of the customer's page: ``trips``, ``cases``."""
    new_form: Form

    async def load(
        self, context: WebContext, current_user: CurrentUser, number: int, item_id: int | None
    ) -> tuple[CustomerDetail, Item | None]:
        """Return the customer and the item, None for a new one; raises 403 or 404."""

    def form_of(self, customer: CustomerDetail, item: Item, language: str) -> Form: ...

    async def save(
        self,
        context: WebContext,
        current_user: CurrentUser,
        customer: CustomerDetail,
        item: Item | None,
        form: Form,
        language: str,
    ) -> Errors:
        """Add the item, or change it; return the errors, with which nothing is saved."""

    template: str

    def view(self, customer: CustomerDetail, item: Item | None, language: str) -> View: ...


def trip_routes(context: WebContext) -> FeatureRouter:
    return _form_routes(context, _TripForms())


def case_routes(context: WebContext) -> FeatureRouter:
    return _form_routes(context, _CaseForms())


def _form_routes(context: WebContext, forms: _Forms[Item]) -> FeatureRouter:
    """Return the pages that add and change the trips or the cases of a customer."""
    routes = FeatureRouter(tags=["customers"], include_in_schema=False)
    path = f"/customers/{{number:int}}/{forms.section}"

    @routes.get(f"{path}/new")
    async def new(request: Request, current_user: RequireEdit, number: Number) -> Response:
        customer, _ = await forms.load(context, current_user, number, None)
        record_opening(context, request, current_user, number)
        return page(request, current_user, customer, None, forms.new_form, {})

    @routes.get(f"{path}/{{item_id:int}}")
    async def edit(
        request: Request, current_user: RequireEdit, number: Number, item_id: Number
    ) -> Response:
        customer, item = await forms.load(context, current_user, number, item_id)
        record_opening(context, request, current_user, number)
        language = context.renderer.language(request)
        form = {} if item is None else forms.form_of(customer, item, language)
        return page(request, current_user, customer, item, form, {})

    @routes.post(f"{path}/new")
    async def add(request: Request, current_user: RequireEdit, number: Number) -> Response:
        return await save(request, current_user, number, None)

    @routes.post(f"{path}/{{item_id:int}}")
    async def change(
        request: Request, current_user: RequireEdit, number: Number, item_id: Number
    ) -> Response:
        return await save(request, current_user, number, item_id)

    async def save(
        request: Request, current_user: CurrentUser, number: int, item_id: int | None
    ) -> Response:
        customer, item = await forms.load(context, current_user, number, item_id)
        form = await form_fields(context, request)
        language = context.renderer.language(request)
        errors = await forms.save(context, current_user, customer, item, form, language)
        if errors:
            return page(request, current_user, customer, item, form, errors)
        await forget_draft(context.database, current_user.user.id, request.url.path)
        return back_to(number, f"#{forms.section}")

    def page(
        request: Request,
        current_user: CurrentUser,
        customer: CustomerDetail,
        item: Item | None,
        form: Form,
        errors: Errors,
    ) -> Response:
        sections = sections_for(current_user.user)
        language = context.renderer.language(request)
        data: View = {
            "who": file_view(customer, sections, language),
            "sees": {section.value for section in sections},
            "form": form,
            "errors": errors,
            **forms.view(customer, item, language),
        }
        status = 422 if errors else 200
        return context.renderer.page(request, forms.template, "customers", data, status=status)

    return routes


class _TripForms:
    section, template = "trips", "customer_trip.html"
    new_form: Form = _NEW_TRIP

    async def load(
        self, context: WebContext, current_user: CurrentUser, number: int, item_id: int | None
    ) -> tuple[CustomerDetail, TripDetail | None]:
        customer = await file_or_404(context, number)
        if item_id is None:
            return customer, None
        if Section.TRIPS in sections_for(current_user.user):
            for trip in customer.trips:
                if trip.trip.id == item_id and trip.buyer.id == number:
                    return customer, trip
        raise HTTPException(404, "not_found")

    def form_of(self, customer: CustomerDetail, item: TripDetail, language: str) -> Form:
        own = own_form(customer.own_fields, OwnSubject.TRIP, item.own, language)
        return _form_of_trip(item, language) | own

    async def save(
        self,
        context: WebContext,
        current_user: CurrentUser,
        customer: CustomerDetail,
        item: TripDetail | None,
        form: Form,
        language: str,
    ) -> Errors:
        reading = read_trip(form, sections_for(current_user.user))
        travellers, errors = read_travellers(form)
        own, wrong = read_own_form(
            form, customer.own_fields, OwnSubject.TRIP, {} if item is None else item.own, language
        )
        errors = reading.errors | errors | wrong
        if errors:
            return errors
        database, values = context.database, reading.values | {"own": own}
        customer_id = customer.customer.id
        user_id, now = current_user.user.id, context.clock()
        try:
            if item is None:
                trip_id = await add_trip(database, customer_id, values, user_id=user_id, now=now)
            else:
                trip_id = item.trip.id
                await update_trip(database, trip_id, values, user_id=user_id, now=now)
            await set_travellers(database, trip_id, travellers, user_id=user_id, now=now)
        except CustomerRefusedError as refused:
            return {"travellers": refused.code}
        return {}

    def view(self, customer: CustomerDetail, item: TripDetail | None, language: str) -> View:
        own = {} if item is None else item.own
        return {
            "own_inputs": own_inputs(customer.own_fields, OwnSubject.TRIP, own, language),
            "trip": None if item is None else item.trip.id,
            "has_payments": item is not None and item.trip.payments is not None,
            "products": [*Product],
            "statuses": [*TripStatus],
            "visas": [*VisaState],
            "currencies": CURRENCIES,
        }


class _CaseForms:
    section, template = "cases", "customer_case.html"
    new_form: Form = _NEW_CASE

    async def load(
        self, context: WebContext, current_user: CurrentUser, number: int, item_id: int | None
    ) -> tuple[CustomerDetail, CaseDetail | None]:
        if Section.CASES not in sections_for(current_user.user):
            raise HTTPException(403, "not_allowed")
        customer = await file_or_404(context, number)
        if item_id is None:
            return customer, None
        for case in customer.cases:
            if case.case.id == item_id:
                return customer, case
        raise HTTPException(404, "not_found")

    def form_of(self, customer: CustomerDetail, item: CaseDetail, language: str) -> Form:
        return _form_of_case(item, language)

    async def save(
        self,
        context: WebContext,
        current_user: CurrentUser,
        customer: CustomerDetail,
        item: CaseDetail | None,
        form: Form,
        language: str,
    ) -> Errors:
        today = today_at(context)
        reading = read_case(form, today if item is None else item.case.opened)
        note = reading.text("said", LONGEST_TEXT)
        if reading.errors:
            return reading.errors
        database, values = context.database, reading.values
        user_id, now = current_user.user.id, context.clock()
        if item is None:
            await add_case(database, customer.customer.id, values, user_id=user_id, now=now)
        else:
            await update_case(
                database, item.case.id, values, note=note, user_id=user_id, now=now, today=today
            )
        return {}

    def view(self, customer: CustomerDetail, item: CaseDetail | None, language: str) -> View:
        return {
            "case": None if item is None else case_view(item),
            "kinds": [*CaseKind],
            "states": [*CaseState],
        }


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
