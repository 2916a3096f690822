"""``/offers``: the office's offers, the customers that each fits today, and the form."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

from fastapi import Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from screenpop.accounts.users import Right
from screenpop.conditions.tree import Node
from screenpop.customers.models import CURRENCIES, LANGUAGES
from screenpop.offers.calendars import Calendar
from screenpop.offers.offer_errors import OfferError
from screenpop.offers.offer_json import QUIET_REASONS, read_offer
from screenpop.offers.offer_words import FIELDS
from screenpop.offers.office_offer import OfferTerms
from screenpop.offers.templates import TEMPLATES, TEMPLATES_BY_CODE
from screenpop.store.offers.saved import OfferRefusedError, SavedOffer, add_offer
from screenpop.web.auth.current_user import CurrentUser, RequireUser
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext
from screenpop.web.customers.detail_pages import Number, form_fields
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.offers.api import delete_saved, refusal, save_change, switch_saved
from screenpop.web.offers.form import TIERS, form_of, typed_offer
from screenpop.web.offers.views import (
    count_of,
    fitting_views,
    offer_or_404,
    visible_offers,
)
from screenpop.web.segments.access import (
    RequireManageSegments,
    may_use_condition,
    segment_or_404,
    usable_segments,
)
from screenpop.web.segments.pages import words_of

_Template = Annotated[str, Query(max_length=40)]
Form = Mapping[str, str]


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
            form: Form = {"limit": "1", "voucher.bound": "on"}
            return await _editor(context, request, current_user, form)
        name = context.renderer.catalogues[language].gettext(f"offer_template.{found.code}")
        form = form_of(found.terms(name), language) | {"template": found.code}
        return await _editor(context, request, current_user, form, own=found.condition)

    @routes.post("/offers/new")
    async def add(request: Request, current_user: RequireManageSegments) -> Response:
        return await _added(context, request, current_user)

    @routes.get("/offers/{number:int}/edit")
    async def edit(
        request: Request, current_user: RequireManageSegments, number: Number
    ) -> Response:
        saved = await offer_or_404(context, number, current_user)
        form = form_of(saved.offer.terms, context.renderer.language(request))
        own = saved.offer.terms.condition
        return await _editor(context, request, current_user, form, saved, own=own)

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


async def _added(context: WebContext, request: Request, current_user: CurrentUser) -> Response:
    form = await form_fields(context, request)
    found = TEMPLATES_BY_CODE.get(form.get("template", ""))
    own = found.condition if found else None
    try:
        terms = await _terms(context, current_user, form, own)
        await add_offer(context.database, terms, user_id=current_user.user.id, now=context.clock())
    except OfferError as error:
        return await _editor(context, request, current_user, form, own=own, problem=error)
    except OfferRefusedError as refused:
        raise refusal(refused) from refused
    return RedirectResponse("/offers", 303)


async def _changed(
    context: WebContext, request: Request, current_user: CurrentUser, number: int
) -> Response:
    form = await form_fields(context, request)
    saved = await offer_or_404(context, number, current_user)
    own = saved.offer.terms.condition
    try:
        terms = await _terms(context, current_user, form, own)
    except OfferError as error:
        return await _editor(context, request, current_user, form, saved, own=own, problem=error)
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
        typed = form_of(saved.offer.terms, context.renderer.language(request))
        own = saved.offer.terms.condition
        return await _editor(context, request, current_user, typed, saved, own=own, problem=error)
    return RedirectResponse("/offers", 303)


async def _list(context: WebContext, request: Request, current_user: CurrentUser) -> Response:
    words, language = await words_of(context, request), context.renderer.language(request)
    today = context.today()
    rows = [
        {
            "id": one.offer.id,
            "name": one.offer.terms.name,
            "active": one.offer.active,
            "runs": one.offer.terms.runs_on(today),
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


async def _terms(
    context: WebContext, current_user: CurrentUser, form: Form, own: Node | None
) -> OfferTerms:
    """Return the terms of a form. Raises ``OfferError``.

    ``own``: the condition that the offer or its template has now.
    """
    chosen = form.get("condition", "")
    condition = own if chosen == "own" else None
    if chosen.isdecimal() and len(chosen) < 19:
        condition = (await segment_or_404(context.database, int(chosen), current_user)).condition
    if condition is not None and not may_use_condition(condition, current_user):
        raise HTTPException(403, "not_allowed")
    return read_offer(typed_offer(form, condition, context.today()), context.renderer.languages)


async def _editor(
    context: WebContext,
    request: Request,
    current_user: CurrentUser,
    form: Form,
    saved: SavedOffer | None = None,
    *,
    own: Node | None = None,
    problem: OfferError | None = None,
) -> Response:
    words = await words_of(context, request)
    segments = [
        {"id": str(one.id), "name": one.name, "words": words.describe(one.condition)}
        for one in await usable_segments(context.database, current_user)
        if one.condition is not None
    ]
    data: View = {
        "form": form,
        "saved": saved,
        "own": words.describe(own) if own is not None else "",
        "chosen": form.get("condition", "own" if own is not None else ""),
        "segments": segments,
        "problem": problem,
        "problem_field": problem.field.split("[")[0].split(" ")[0] if problem else "",
        "all_languages": LANGUAGES,
        "calendars": [one.value for one in Calendar],
        "currencies": CURRENCIES,
        "tiers": TIERS,
        "quiet_reasons": QUIET_REASONS,
        "word_fields": FIELDS,
    }
    status = 422 if problem else 200
    return context.renderer.page(request, "offer_edit.html", "customers", data, status=status)
