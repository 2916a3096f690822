"""The page of one customer, and the forms that change it."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated

from fastapi import Path
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from screenpop.accounts.departments import Section, sections_for
from screenpop.accounts.users import Right
from screenpop.cards.history import card_rhythm
from screenpop.customers.consent import CHANNELS, SOURCES
from screenpop.customers.contact_input import phone_draft
from screenpop.customers.detail import CustomerDetail
from screenpop.customers.models import (
    CURRENCIES,
    CustomerId,
    Gender,
    Tier,
    Title,
)
from screenpop.customers.own_fields import OwnSubject
from screenpop.follow_ups.json_view import follow_up_view
from screenpop.store.accounts.form_drafts import forget_draft
from screenpop.store.accounts.teams import visible_of
from screenpop.store.accounts.users import list_users
from screenpop.store.branches import branch_names
from screenpop.store.calls.access import openable_calls
from screenpop.store.customers.audit import log_view
from screenpop.store.customers.company_contacts import roles_of_customer
from screenpop.store.customers.detail import load_customer_detail
from screenpop.store.customers.edit import update_customer_fields, update_number
from screenpop.store.customers.queries import (
    CustomerRefusedError,
    link_phone,
    unlink_phone,
)
from screenpop.store.follow_ups.queries import list_follow_ups
from screenpop.store.own_fields.definitions import list_own_fields
from screenpop.store.own_fields.optional_fields import load_fields_off
from screenpop.web.attachments.access import attachment_views
from screenpop.web.auth.current_user import CurrentUser, RequireEdit, RequireUser
from screenpop.web.auth.login_session import client_address
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext
from screenpop.web.customers.forms import (
    LABELS,
    WISHES,
    Errors,
    Form,
    FormReader,
    form_moment,
    form_values,
    name_scripts,
    read_customer,
    read_number,
)
from screenpop.web.customers.payment_views import urgent_payments
from screenpop.web.customers.removed_views import removed_views, undo_removal
from screenpop.web.customers.views import document_alerts, file_view, next_trip_view
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.forms import check_form_token
from screenpop.web.own_fields.record_forms import leave_out, own_inputs, read_own_form
from screenpop.web.points.views import points_view
from screenpop.web.value.views import customer_value_view
from screenpop.web.vouchers.views import customer_voucher_views

Number = Annotated[int, Path(ge=1, le=2**63 - 1)]


def today_at(context: WebContext) -> date:
    return datetime.fromtimestamp(context.clock(), context.zone).date()


async def form_fields(context: WebContext, request: Request) -> dict[str, str]:
    """Return the text fields of a form."""
    form = await request.form(max_files=0, max_fields=200)
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    check_form_token(request, fields.get("csrf", ""), context.cookies)
    return fields


async def file_or_404(context: WebContext, number: int) -> CustomerDetail:
    file = await load_customer_detail(context.database, CustomerId(number))
    if file is None:
        raise HTTPException(404, "not_found")
    return file


def record_opening(
    context: WebContext, request: Request, current_user: CurrentUser, number: int
) -> None:
    """Record in a customer's file that a user opened it, and count it."""
    user_id = current_user.user.id
    log_view(context.database, CustomerId(number), user_id, context.clock())
    if user_id:
        context.opened_files.opened(user_id, number, client_address(request))


def back_to(number: int, place: str = "") -> RedirectResponse:
    return RedirectResponse(f"/customers/{number}{place}", 303)


def person_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(tags=["customers"], include_in_schema=False)

    @routes.get("/customers/{number:int}")
    async def page(request: Request, current_user: RequireUser, number: Number) -> Response:
        file = await file_or_404(context, number)
        if file.merged_into is not None:
            return back_to(file.merged_into)
        record_opening(context, request, current_user, number)
        return await customer_page(context, request, current_user, file)

    @routes.get("/customers/{number:int}/edit")
    async def edit(request: Request, current_user: RequireEdit, number: Number) -> Response:
        file = await file_or_404(context, number)
        record_opening(context, request, current_user, number)
        form = form_values(file, context.renderer.language(request), today_at(context))
        return await customer_form(context, request, current_user, file, form, {})

    @routes.post("/customers/{number:int}/edit")
    async def change(request: Request, current_user: RequireEdit, number: Number) -> Response:
        return await _change(context, request, current_user, number)

    @routes.post("/customers/{number:int}/numbers")
    async def add_number(request: Request, current_user: RequireEdit, number: Number) -> Response:
        return await _add_number(context, request, current_user, number)

    @routes.post("/customers/{number:int}/numbers/{phone:int}")
    async def change_number(
        request: Request, current_user: RequireEdit, number: Number, phone: Number
    ) -> Response:
        return await _change_number(context, request, current_user, number, phone)

    @routes.post("/customers/{number:int}/removed/{item_id:int}/undo")
    async def undo(
        request: Request, current_user: RequireEdit, number: Number, item_id: Number
    ) -> Response:
        form = await form_fields(context, request)
        file = await file_or_404(context, number)
        try:
            return back_to(number, await undo_removal(context, current_user, number, item_id))
        except CustomerRefusedError as refused:
            errors = {"removed": refused.code}
            return await customer_page(context, request, current_user, file, form, errors)

    return routes


async def _change(
    context: WebContext, request: Request, current_user: CurrentUser, number: int
) -> Response:
    file = await file_or_404(context, number)
    form = await form_fields(context, request)
    reading = await read_form(context, request, current_user, file, form)
    errors = reading.errors
    if not errors:
        try:
            await update_customer_fields(
                context.database,
                CustomerId(number),
                reading.values,
                user_id=current_user.user.id,
                now=context.clock(),
                seen=form_moment(form.get("version", "")),
            )
        except CustomerRefusedError as refused:
            errors = {FIELD_FOR_ERROR.get(refused.code, "form"): refused.code}
    if errors:
        file = await file_or_404(context, number)
        return await customer_form(context, request, current_user, file, form, errors)
    await forget_draft(context.database, current_user.user.id, request.url.path)
    return back_to(number)


async def read_form(
    context: WebContext,
    request: Request,
    current_user: CurrentUser,
    file: CustomerDetail | None,
    form: Form,
) -> FormReader:
    """Read the form of a customer without the fields that the office does not ask."""
    sections, today = sections_for(current_user.user), today_at(context)
    reading = read_customer(form, sections, file, today, current_user.user.display_name)
    off = await load_fields_off(context.database)
    leave_out(reading.values, reading.errors, off)
    if Section.PERSONAL in sections:
        fields = await list_own_fields(context.database)
        own = {} if file is None else file.own
        language = context.renderer.language(request)
        reading.values["own"], errors = read_own_form(
            form, fields, OwnSubject.CUSTOMER, own, language
        )
        reading.errors |= errors
    return reading


async def _add_number(
    context: WebContext, request: Request, current_user: CurrentUser, number: int
) -> Response:
    form = await form_fields(context, request)
    phone, errors = read_number(form, context.plan, today_at(context))
    if phone is not None:
        try:
            await link_phone(
                context.database, CustomerId(number), phone, context.clock(), current_user.user.id
            )
            if "name_en_given" in form:  # from the form of a new customer, who is on file
                await forget_draft(context.database, current_user.user.id, "/customers/new")
            return back_to(number, "#numbers")
        except CustomerRefusedError as refused:
            errors = {"number": refused.code}
    file = await file_or_404(context, number)
    return await customer_page(context, request, current_user, file, form, errors)


async def _change_number(
    context: WebContext, request: Request, current_user: CurrentUser, number: int, phone: int
) -> Response:
    form = await form_fields(context, request)
    file = await file_or_404(context, number)
    kept = next((one for one in file.numbers if one.id == phone), None)
    if kept is None:
        raise HTTPException(404, "not_found")
    customer_id = CustomerId(number)
    match form.get("do"):
        case "remove":
            await unlink_phone(
                context.database, customer_id, phone, context.clock(), current_user.user.id
            )
        case "verify":
            given = phone_draft(
                kept.phone.e164 or kept.phone.raw, context.plan, kept.phone.label, today_at(context)
            )
            try:
                await update_number(
                    context.database,
                    customer_id,
                    phone,
                    given,
                    user_id=current_user.user.id,
                    now=context.clock(),
                )
            except CustomerRefusedError as refused:
                return await customer_page(
                    context, request, current_user, file, form, {"number": refused.code}
                )
        case _:
            raise HTTPException(422, "bad_request:do")
    return back_to(number, "#numbers")


FIELD_FOR_ERROR = {
    "no_name": "names",
    "unknown_referrer": "referred_by",
    "unknown_branch": "branch",
    "changed_meanwhile": "form",
}


async def customer_page(
    context: WebContext,
    request: Request,
    current_user: CurrentUser,
    file: CustomerDetail,
    form: Form | None = None,
    errors: Errors | None = None,
    documents: Sequence[View] | None = None,
) -> Response:
    """Return the page; ``documents``: with their numbers in clear."""
    sections = sections_for(current_user.user)
    language = context.renderer.language(request)
    booked = tuple(one.trip for one in file.trips if one.buyer.id == file.customer.id)
    rhythm = card_rhythm(booked, today_at(context), sections)
    data: View = {
        "who": file_view(file, sections, language),
        "documents": documents,
        "contact_roles": sorted(await roles_of_customer(context.database, file.customer.id)),
        "attachments": await attachment_views(context, current_user, file.customer.id),
        "removed": await removed_views(context, current_user, file.customer.id),
        "document_alerts": document_alerts(file, today_at(context)),
        "next_trip": next_trip_view(file, sections, today_at(context), language),
        "urgent_payments": urgent_payments(file.trips, today_at(context)),
        "rhythm": None if rhythm is None else asdict(rhythm),
        "value": await customer_value_view(context.database, file.customer.id, sections),
        "points": await points_view(context, file.customer.id),
        "vouchers": await customer_voucher_views(
            context, file.customer.id, context.renderer.language(request)
        ),
        "is_hidden": file.customer.id in context.database.hidden_files.seen_by,
        "messages": context.messages is not None,
        "openable": await _openable(context, current_user, file),
        "follow_ups": [
            follow_up_view(one) for one in await list_follow_ups(context.database, file.customer.id)
        ],
        "sees": {section.value for section in sections},
        "channels": CHANNELS,
        "sources": SOURCES,
        "edits": current_user.may(Right.EDIT_CUSTOMERS),
        "today": today_at(context).isoformat(),
        "labels": LABELS,
        "form": form or {},
        "errors": errors or {},
    }
    status = 422 if errors else 200
    return context.renderer.page(request, "customer.html", "customers", data, status=status)


async def _openable(
    context: WebContext, current_user: CurrentUser, file: CustomerDetail
) -> frozenset[int]:
    """Return the ids of the customer's calls that this user may open."""
    logged = frozenset(call.log_id for call in file.calls if call.log_id is not None)
    if current_user.may(Right.SEE_ALL_CALLS):
        return await visible_of(context.database, current_user.user, logged)
    return await openable_calls(context.database, current_user.user.id, logged)


async def customer_form(
    context: WebContext,
    request: Request,
    current_user: CurrentUser,
    file: CustomerDetail | None,
    form: Form,
    errors: Errors,
    on_file: Sequence[View] = (),
) -> Response:
    """Return the form; ``on_file``: customers that this new one may be."""
    sections = sections_for(current_user.user)
    language = context.renderer.language(request)
    data: View = {
        "who": None if file is None else file_view(file, sections, language),
        "sees": {section.value for section in sections},
        "form": form,
        "errors": errors,
        "scripts": name_scripts(form, language),
        "on_file": on_file,
        "titles": [*Title],
        "genders": [*Gender],
        "tiers": [*Tier],
        "wishes": WISHES,
        "channels": CHANNELS,
        "sources": SOURCES,
        "currencies": CURRENCIES,
        "labels": LABELS,
        "off": await load_fields_off(context.database),
        "own_inputs": own_inputs(
            await list_own_fields(context.database),
            OwnSubject.CUSTOMER,
            {} if file is None else file.own,
            language,
        ),
        "branches": await branch_names(context.database),
        "users": [
            {"id": user.id, "name": user.display_name}
            for user in await list_users(context.database)
        ],
    }
    status = 422 if errors else 409 if on_file else 200
    return context.renderer.page(request, "customer_edit.html", "customers", data, status=status)
