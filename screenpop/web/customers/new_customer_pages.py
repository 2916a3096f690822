"""The form of a new customer, and the customers on file that a new one may be."""

from starlette.requests import Request
from starlette.responses import Response

from screenpop.customers.draft import CustomerDraft, PhoneDraft
from screenpop.store.accounts.form_drafts import forget_draft
from screenpop.store.customers.duplicates import find_on_file
from screenpop.store.customers.queries import CustomerRefusedError, create_customer
from screenpop.web.auth.current_user import CurrentUser, RequireEdit
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext
from screenpop.web.customers.detail_pages import (
    FIELD_FOR_ERROR,
    back_to,
    customer_form,
    form_fields,
    read_form,
    today_at,
)
from screenpop.web.customers.forms import read_number, script_language
from screenpop.web.customers.views import person_view
from screenpop.web.feature_router import FeatureRouter


def new_customer_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(tags=["customers"], include_in_schema=False)

    @routes.get("/customers/new")
    async def new(
        request: Request, current_user: RequireEdit, number: str = "", name: str = ""
    ) -> Response:
        given, _, family = name.strip()[:200].rpartition(" ")
        code = script_language(name) or context.renderer.language(request)
        form = {
            "number": number[:80],
            f"name_{code}_given": given,
            f"name_{code}_family": family,
        }
        return await customer_form(context, request, current_user, None, form, {})

    @routes.post("/customers/new")
    async def create(request: Request, current_user: RequireEdit) -> Response:
        return await _create(context, request, current_user)

    return routes


async def views_on_file(context: WebContext, draft: CustomerDraft, language: str) -> list[View]:
    """Return views of the customers that this new one may be."""
    return [
        {"person": person_view(found.person, language), "why": found.why}
        for found in await find_on_file(context.database, draft)
    ]


async def _create(context: WebContext, request: Request, current_user: CurrentUser) -> Response:
    form = await form_fields(context, request)
    reading = await read_form(context, request, current_user, None, form)
    phones: tuple[PhoneDraft, ...] = ()
    if form.get("number", "").strip():
        phone, errors = read_number(form, context.plan, today_at(context))
        reading.errors |= errors
        phones = () if phone is None else (phone,)
    if reading.errors:
        return await customer_form(context, request, current_user, None, form, reading.errors)
    draft = CustomerDraft(**reading.values, phones=phones)
    if "anyway" not in form:
        on_file = await views_on_file(context, draft, context.renderer.language(request))
        if on_file:
            return await customer_form(context, request, current_user, None, form, {}, on_file)
    try:
        customer_id = await create_customer(
            context.database, draft, context.clock(), user_id=current_user.user.id
        )
    except CustomerRefusedError as refused:
        errors = {FIELD_FOR_ERROR.get(refused.code, "names"): refused.code}
        return await customer_form(context, request, current_user, None, form, errors)
    await forget_draft(context.database, current_user.user.id, request.url.path)
    return back_to(customer_id)
