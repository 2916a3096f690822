"""``/offers``: the office's offers, the customers that each fits today, and the form."""

from dataclasses import replace
from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from screenpop.accounts.users import Right
from screenpop.conditions.tree import Node
from screenpop.offers.offer_errors import OfferError
from screenpop.offers.templates import TEMPLATES, TEMPLATES_BY_CODE
from screenpop.store.offers.saved import OfferRefusedError, SavedOffer, add_offer
from screenpop.web.auth.current_user import CurrentUser, RequireUser
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext
from screenpop.web.customers.detail_pages import Number, form_fields
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.offers.api import delete_saved, refusal, save_change, switch_saved
from screenpop.web.offers.editor import (
    OfferForm,
    drafted,
    offer_editor,
    sent_form,
    shown_form,
    typed_terms,
)
from screenpop.web.offers.form import form_of
from screenpop.web.offers.views import (
    coming_holidays,
    count_of,
    fitting_views,
    offer_or_404,
    visible_offers,
)
from screenpop.web.segments.access import (
    RequireManageSegments,
)
from screenpop.web.segments.pages import words_of

_Template = Annotated[str, Query(max_length=40)]


def offer_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)

    @routes.get("/offers")
    async def listed(request: Request, current_user: RequireUser) -> Response:
        return await _list(context, request, current_user)

    @routes.get("/offers/{number:int}/count")
    async def count(request: Request, current_user: RequireUser, number: Number) -> Response:
        saved = await offer_or_404(context, number, current_user)
        found = await count_of(context, saved)
        words = await words_of(context, request)
        data: View = {"count": found, "count_text": words.number(found)}
        return context.renderer.page(request, "_segment_count.html", "customers", data)

    @routes.get("/offers/{number:int}")
    async def customers(request: Request, current_user: RequireUser, number: Number) -> Response:
        saved = await offer_or_404(context, number, current_user)
        words, language = await words_of(context, request), context.renderer.language(request)
        condition = saved.offer.terms.condition
        found = await count_of(context, saved)
        data: View = {
            "offer": saved.offer,
            "condition": words.describe(condition) if condition else "",
            "customers": await fitting_views(context, saved, language),
            "count": found,
            "count_text": words.number(found),
        }
        return context.renderer.page(request, "offer_customers.html", "customers", data)

    return routes


def offer_edit_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)

    @routes.get("/offers/new")
    async def new(
        request: Request, current_user: RequireManageSegments, template: _Template = ""
    ) -> Response:
        language = context.renderer.language(request)
        found = TEMPLATES_BY_CODE.get(template)
        if found is None:
            form = OfferForm({"limit": "1", "voucher.bound": "on"})
            return await offer_editor(context, request, current_user, form)
        name = context.renderer.catalogues[language].gettext(f"offer_template.{found.code}")
        fields = form_of(found.terms(name), language) | {"template": found.code}
        form = shown_form(fields, found.condition, language)
        return await offer_editor(context, request, current_user, form, own=found.condition)

    @routes.post("/offers/new")
    async def add(request: Request, current_user: RequireManageSegments) -> Response:
        return await _added(context, request, current_user)

    @routes.get("/offers/{number:int}/edit")
    async def edit(
        request: Request, current_user: RequireManageSegments, number: Number
    ) -> Response:
        saved = await offer_or_404(context, number, current_user)
        return await _edited(context, request, current_user, saved)

    @routes.post("/offers/draft")
    async def draft(request: Request, current_user: RequireManageSegments) -> Response:
        form = await sent_form(context, request)
        saved, own = await _saved_of(context, current_user, form)
        form = await drafted(context, current_user, form, context.renderer.language(request))
        return await offer_editor(context, request, current_user, form, saved, own=own)

    @routes.post("/offers/{number:int}/edit")
    async def change(
        request: Request, current_user: RequireManageSegments, number: Number
    ) -> Response:
        return await _changed(context, request, current_user, number)

    @routes.post("/offers/{number:int}/switch")
    async def switch(
        request: Request, current_user: RequireManageSegments, number: Number
    ) -> Response:
        return await _switched(context, request, current_user, number)

    @routes.post("/offers/{number:int}/delete")
    async def delete(
        request: Request, current_user: RequireManageSegments, number: Number
    ) -> Response:
        await form_fields(context, request)
        await delete_saved(context, current_user, number)
        return RedirectResponse("/offers", 303)

    return routes


async def _edited(
    context: WebContext,
    request: Request,
    current_user: CurrentUser,
    saved: SavedOffer,
    problem: OfferError | None = None,
) -> Response:
    language, own = context.renderer.language(request), saved.offer.terms.condition
    form = shown_form(form_of(saved.offer.terms, language), own, language)
    return await offer_editor(context, request, current_user, form, saved, own=own, problem=problem)


async def _saved_of(
    context: WebContext, current_user: CurrentUser, form: OfferForm
) -> tuple[SavedOffer | None, Node | None]:
    """Return the offer that a form changes, if any, and the condition it began with."""
    number = form.fields.get("offer", "")
    if number.isdecimal() and len(number) < 19:
        saved = await offer_or_404(context, int(number), current_user)
        return saved, saved.offer.terms.condition
    found = TEMPLATES_BY_CODE.get(form.fields.get("template", ""))
    return None, found.condition if found else None


async def _added(context: WebContext, request: Request, current_user: CurrentUser) -> Response:
    form = await sent_form(context, request)
    _, own = await _saved_of(context, current_user, form)
    try:
        terms = await typed_terms(context, current_user, form, own)
        await add_offer(context.database, terms, user_id=current_user.user.id, now=context.clock())
    except OfferError as error:
        return await offer_editor(context, request, current_user, form, own=own, problem=error)
    except OfferRefusedError as refused:
        raise refusal(refused) from refused
    return RedirectResponse("/offers", 303)


async def _changed(
    context: WebContext, request: Request, current_user: CurrentUser, number: int
) -> Response:
    form = await sent_form(context, request)
    saved = await offer_or_404(context, number, current_user)
    own = saved.offer.terms.condition
    try:
        terms = await typed_terms(context, current_user, form, own)
    except OfferError as error:
        return await offer_editor(
            context, request, current_user, form, saved, own=own, problem=error
        )
    # The form has one period; others came over the API and stay.
    terms = replace(terms, periods=(*terms.periods, *saved.offer.terms.periods[1:]))
    await save_change(context, current_user, saved.offer.id, terms)
    return RedirectResponse("/offers", 303)


async def _switched(
    context: WebContext, request: Request, current_user: CurrentUser, number: int
) -> Response:
    form = await form_fields(context, request)
    try:
        await switch_saved(context, current_user, number, active=form.get("active") == "yes")
    except OfferError as error:
        saved = await offer_or_404(context, number, current_user)
        return await _edited(context, request, current_user, saved, error)
    return RedirectResponse("/offers", 303)


async def _list(context: WebContext, request: Request, current_user: CurrentUser) -> Response:
    words, language = await words_of(context, request), context.renderer.language(request)
    today = context.today()
    rows = [
        {
            "id": one.offer.id,
            "name": one.offer.terms.name,
            "active": one.offer.active,
            "runs": one.offer.runs_on(today),
            "needs_holidays": one.offer.terms.needs_holidays,
            "words": one.offer.terms.words.get(language, ""),
            "condition": words.describe(one.offer.terms.condition)
            if one.offer.terms.condition
            else "",
            "places": one.offer.places_left,
            "answers": {code: words.number(number) for code, number in one.answers.items()},
        }
        for one in await visible_offers(context, current_user)
    ]
    data: View = {
        "offers": sorted(rows, key=lambda row: not row["active"]),
        "has_holidays": bool(await coming_holidays(context)),
        "templates": [
            {
                "code": one.code,
                "words": one.words[language],
                "condition": words.describe(one.condition),
            }
            for one in TEMPLATES
        ]
        if current_user.may(Right.MANAGE_SEGMENTS)
        else [],
    }
    return context.renderer.page(request, "offers.html", "customers", data)
