"""JSON API of the office's offers."""

from typing import Annotated, Any

from fastapi import Body
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from screenpop.offers.offer_errors import OfferError, OfferProblem
from screenpop.offers.offer_json import read_offer, write_offer
from screenpop.offers.office_offer import OfferId, OfferTerms
from screenpop.offers.templates import TEMPLATES
from screenpop.store.branches import branch_names
from screenpop.store.offers.holidays import list_holidays
from screenpop.store.offers.saved import (
    OfferRefusal,
    OfferRefusedError,
    add_offer,
    delete_offer,
    replace_offer,
    switch_offer,
)
from screenpop.web.auth.current_user import CurrentUser, RequireUser
from screenpop.web.context import WebContext
from screenpop.web.customers.api import check_json
from screenpop.web.customers.detail_pages import Number
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.offers.views import (
    count_of,
    fitting_views,
    offer_or_404,
    offer_view,
    refused_offer,
    visible_offers,
)
from screenpop.web.segments.access import RequireManageSegments, may_use_condition

_Offer = Annotated[dict[str, Any], Body()]


def offer_api_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(prefix="/api/v1", tags=["offers"])

    @routes.get("/offers")
    async def listed(current_user: RequireUser) -> JSONResponse:
        """Return the offers whose conditions you may see, in the order they were made."""
        saved = await visible_offers(context, current_user)
        return JSONResponse({"offers": [offer_view(one) for one in saved]})

    @routes.get("/offers/templates")
    async def templates(_: RequireUser) -> JSONResponse:
        """Return offers to start from, as ``POST /api/v1/offers`` takes them."""
        plain = {one.code: write_offer(one.terms(one.code)) for one in TEMPLATES}
        return JSONResponse({"templates": plain})

    @routes.get("/offers/{number}")
    async def read(current_user: RequireUser, number: Number) -> JSONResponse:
        return JSONResponse(offer_view(await offer_or_404(context, number, current_user)))

    @routes.get("/offers/{number}/customers")
    async def customers(
        request: Request, current_user: RequireUser, number: Number
    ) -> JSONResponse:
        """Return how many customers the offer fits today, and the newest 100 with the reason."""
        saved = await offer_or_404(context, number, current_user)
        language = context.renderer.language(request)
        rows = await fitting_views(context, saved, language)
        return JSONResponse({"count": await count_of(context, saved), "customers": rows})

    return routes


def offer_edit_api_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(prefix="/api/v1", tags=["offers"])

    @routes.post("/offers", status_code=201)
    async def create(
        request: Request, current_user: RequireManageSegments, given: _Offer
    ) -> Response:
        """Save an offer: ``{"version": 1, "offer": {…}}``; it is off until it is switched on."""
        check_json(request)
        try:
            terms = await _terms(context, current_user, given)
            number = await add_offer(
                context.database, terms, user_id=current_user.user.id, now=context.clock()
            )
        except OfferError as error:
            return refused_offer(error)
        except OfferRefusedError as refused:
            raise refusal(refused) from refused
        saved = await offer_or_404(context, number, current_user)
        return JSONResponse(offer_view(saved), status_code=201)

    @routes.put("/offers/{number}")
    async def change(
        request: Request, current_user: RequireManageSegments, number: Number, given: _Offer
    ) -> Response:
        """Replace the terms of an offer; whether it is on stays as it is."""
        check_json(request)
        await offer_or_404(context, number, current_user)
        try:
            terms = await _terms(context, current_user, given)
        except OfferError as error:
            return refused_offer(error)
        await save_change(context, current_user, OfferId(number), terms)
        return JSONResponse(offer_view(await offer_or_404(context, number, current_user)))

    @routes.post("/offers/{number}/switch")
    async def switch(
        request: Request,
        current_user: RequireManageSegments,
        number: Number,
        active: Annotated[bool, Body(embed=True)],
    ) -> Response:
        """Switch an offer on or off. Switching on needs words in all languages of the pages."""
        check_json(request)
        try:
            await switch_saved(context, current_user, number, active=active)
        except OfferError as error:
            return refused_offer(error)
        return JSONResponse(offer_view(await offer_or_404(context, number, current_user)))

    @routes.delete("/offers/{number}", status_code=204)
    async def delete(current_user: RequireManageSegments, number: Number) -> Response:
        """Delete an offer without answers; one with answers can only be switched off (409)."""
        await delete_saved(context, current_user, number)
        return Response(status_code=204)

    return routes


async def checked_offer(context: WebContext, plain: object) -> OfferTerms:
    """Return the terms of a JSON value. Raises ``OfferError``."""
    stated = [one.holidays for one in await list_holidays(context.database)]
    terms = read_offer(plain, context.renderer.languages, stated)
    if terms.branches:
        names = await branch_names(context.database)
        unknown = [one for one in terms.branches if one not in names]
        if unknown:
            known = ", ".join(f"{number} ({name})" for number, name in names.items())
            remedy = f"use the ids of branches: {known or 'none are stored'}"
            raise OfferError(OfferProblem.VALUE, "branches", remedy, unknown[0])
    return terms


async def _terms(
    context: WebContext, current_user: CurrentUser, given: dict[str, Any]
) -> OfferTerms:
    terms = await checked_offer(context, given)
    if terms.condition is not None and not may_use_condition(terms.condition, current_user):
        raise HTTPException(403, "not_allowed")
    return terms


async def save_change(
    context: WebContext, current_user: CurrentUser, number: OfferId, terms: OfferTerms
) -> None:
    """Replace the terms of an offer, for cards at once."""
    user_id, now = current_user.user.id, context.clock()
    try:
        await replace_offer(context.database, number, terms, user_id=user_id, now=now)
    except OfferRefusedError as refused:
        raise refusal(refused) from refused
    context.offers_changed()


async def switch_saved(
    context: WebContext, current_user: CurrentUser, number: int, *, active: bool
) -> None:
    """Switch an offer on or off, for cards at once. Raises ``OfferError``."""
    saved = await offer_or_404(context, number, current_user)
    if active:
        # A language may have been added since the offer was made.
        await checked_offer(context, write_offer(saved.offer.terms))
    await switch_offer(
        context.database,
        saved.offer.id,
        active=active,
        user_id=current_user.user.id,
        now=context.clock(),
    )
    context.offers_changed()


async def delete_saved(context: WebContext, current_user: CurrentUser, number: int) -> None:
    saved = await offer_or_404(context, number, current_user)
    try:
        await delete_offer(context.database, saved.offer.id)
    except OfferRefusedError as refused:
        raise refusal(refused) from refused
    context.offers_changed()


def refusal(refused: OfferRefusedError) -> HTTPException:
    match refused.refusal:
        case OfferRefusal.UNKNOWN:
            return HTTPException(404, "not_found")
        case OfferRefusal.HAS_ANSWERS:
            return HTTPException(409, "offer_has_answers")
        case OfferRefusal.HAS_VOUCHERS:
            return HTTPException(409, "offer_has_vouchers")
        case OfferRefusal.TOO_MANY:
            return HTTPException(409, "too_many_offers")
