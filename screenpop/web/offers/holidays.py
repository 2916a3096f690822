"""``/offers/holidays``: the school holidays that the office states, on a page and as JSON."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from screenpop.customers.date_input import InvalidDateError, parse_date
from screenpop.customers.yearless_days import NO_YEAR
from screenpop.offers.school_holidays import (
    HolidaysError,
    HolidaysProblem,
    checked_holidays,
)
from screenpop.store.offers.holidays import add_holidays, delete_holidays, list_holidays
from screenpop.web.auth.current_user import CurrentUser, RequireUser
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext
from screenpop.web.customers.api import check_json
from screenpop.web.customers.detail_pages import Number, form_fields
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.offers.views import holidays_view
from screenpop.web.problem_details import problem_response
from screenpop.web.segments.access import RequireManageSegments

_Text = Annotated[str, Field(max_length=200)]


class HolidaysRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: _Text
    """Such as ``Summer 2027``."""
    first: _Text
    """As ``2027-06-15`` or ``1406/03/25``."""
    last: _Text


def holiday_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)

    @routes.get("/offers/holidays")
    async def page(request: Request, _: RequireUser) -> Response:
        return await _page(context, request)

    @routes.post("/offers/holidays")
    async def add(request: Request, current_user: RequireManageSegments) -> Response:
        form = await form_fields(context, request)
        given = HolidaysRequest.model_construct(
            name=form.get("name", ""), first=form.get("first", ""), last=form.get("last", "")
        )
        try:
            await _add(context, current_user, given)
        except HolidaysError as problem:
            return await _page(context, request, form, problem)
        return RedirectResponse("/offers/holidays", 303)

    @routes.post("/offers/holidays/{number:int}/delete")
    async def delete(
        request: Request, current_user: RequireManageSegments, number: Number
    ) -> Response:
        await form_fields(context, request)
        await _delete(context, number)
        return RedirectResponse("/offers/holidays", 303)

    return routes


def holiday_api_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(prefix="/api/v1", tags=["offers"])

    @routes.get("/school-holidays")
    async def listed(_: RequireUser) -> JSONResponse:
        """Return the school holidays that the office has stated, the earliest first."""
        found = await list_holidays(context.database)
        return JSONResponse({"holidays": [holidays_view(one) for one in found]})

    @routes.post("/school-holidays", status_code=201)
    async def add(
        request: Request, current_user: RequireManageSegments, given: HolidaysRequest
    ) -> Response:
        """State school holidays. 422 names the field, the value and the remedy."""
        check_json(request)
        try:
            number = await _add(context, current_user, given)
        except HolidaysError as error:
            more = {"problem": error.problem.value, "field": error.field, "value": error.value}
            details = [{"field": error.field, "problem": error.remedy}]
            sentence = "The holidays are refused; field, value and errors name the remedy."
            return problem_response(422, "bad_holidays", sentence, details, more=more)
        found = await list_holidays(context.database)
        [made] = [holidays_view(one) for one in found if one.id == number]
        return JSONResponse(made, status_code=201)

    @routes.delete("/school-holidays/{number}", status_code=204)
    async def delete(_: RequireManageSegments, number: Number) -> Response:
        """Delete school holidays; offers do not run around them any more."""
        await _delete(context, number)
        return Response(status_code=204)

    return routes


async def _add(context: WebContext, current_user: CurrentUser, given: HolidaysRequest) -> int:
    """Save typed holidays, for cards at once. Raises ``HolidaysError``."""
    first, last = (_day(context, one, getattr(given, one)) for one in ("first", "last"))
    number = await add_holidays(
        context.database,
        checked_holidays(given.name, first, last),
        user_id=current_user.user.id,
        now=context.clock(),
    )
    context.offers_changed()
    return number


async def _delete(context: WebContext, number: int) -> None:
    if not await delete_holidays(context.database, number):
        raise HTTPException(404, "not_found")
    context.offers_changed()


def _day(context: WebContext, field: str, text: str) -> date | None:
    remedy = "write a day with its year, as 2027-06-15 or 1406/03/25"
    try:
        day = parse_date(text, context.today())
    except InvalidDateError as error:
        raise HolidaysError(HolidaysProblem.DAY, field, text[:40], remedy) from error
    if day is not None and day.year == NO_YEAR:
        raise HolidaysError(HolidaysProblem.DAY, field, text[:40], remedy)
    return day


async def _page(
    context: WebContext,
    request: Request,
    form: Mapping[str, str] | None = None,
    problem: HolidaysError | None = None,
) -> Response:
    today = context.today()
    data: View = {
        "holidays": [
            holidays_view(one) | {"past": one.holidays.last < today}
            for one in await list_holidays(context.database)
        ],
        "form": form or {},
        "problem": problem,
    }
    status = 422 if problem else 200
    return context.renderer.page(request, "offer_holidays.html", "customers", data, status=status)
