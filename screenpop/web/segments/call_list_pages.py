"""Call lists of segments: made, renewed and ended, on the page of segments and by API."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from screenpop.accounts.departments import sections_for
from screenpop.follow_ups.call_lists import CallListRefusedError
from screenpop.follow_ups.work_list import WorkKind, visible_kinds
from screenpop.store.follow_ups.call_lists import (
    CallList,
    end_call_list,
    list_call_lists,
    make_call_list,
)
from screenpop.web.auth.current_user import CurrentUser, RequireUser
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext
from screenpop.web.customers.api import check_json
from screenpop.web.customers.detail_pages import Number, form_fields
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.problem_details import problem_response
from screenpop.web.segments.access import (
    RequireManageSegments,
    segment_or_404,
    usable_segments,
    wanted_of,
)

_SENTENCES = {
    "empty": "No customer is in this segment now.",
    "too_many": "More than 2,000 customers are in this segment. Narrow its condition.",
}


def call_list_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)

    @routes.post("/segments/{number:int}/call-list")
    async def make(
        request: Request, current_user: RequireManageSegments, number: Number
    ) -> Response:
        await form_fields(context, request)
        try:
            await _make(context, current_user, number)
        except CallListRefusedError as refused:
            return RedirectResponse(f"/segments?problem={refused.problem.value}", 303)
        return RedirectResponse(f"/segments#segment-{number}", 303)

    @routes.post("/segments/{number:int}/call-list/end")
    async def end(
        request: Request, current_user: RequireManageSegments, number: Number
    ) -> Response:
        await form_fields(context, request)
        await segment_or_404(context.database, number, current_user)
        await end_for_segment(context, number)
        return RedirectResponse(f"/segments#segment-{number}", 303)

    return routes


def call_list_api_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(prefix="/api/v1", tags=["segments"])

    @routes.get("/call-lists")
    async def lists(current_user: RequireUser) -> View:
        """Return the call lists of the segments that you may use."""
        found = await list_call_lists(context.database)
        usable = await usable_segments(context.database, current_user)
        return {
            "call_lists": [
                {"segment": {"id": one.id, "name": one.name}, **call_list_json(found[one.id])}
                for one in usable
                if one.id in found
            ]
        }

    @routes.post("/segments/{number}/call-list")
    async def make(
        request: Request, current_user: RequireManageSegments, number: Number
    ) -> JSONResponse:
        """Make the call list of a segment, or renew it with the customers of now.

        ``waiting``: the customers who are called; others declined calls or offers, were talked to
        lately, or are on another work list. At most 2,000 customers: else 422 with ``too_many``.
        """
        check_json(request)
        try:
            made = await _make(context, current_user, number)
        except CallListRefusedError as refused:
            code = refused.problem.value
            return problem_response(422, code, _SENTENCES[code])
        return JSONResponse(call_list_json(made))

    @routes.delete("/segments/{number}/call-list", status_code=204)
    async def end(current_user: RequireManageSegments, number: Number) -> Response:
        """End the call list of a segment: its customers are not called for it any more."""
        await segment_or_404(context.database, number, current_user)
        if not await end_for_segment(context, number):
            raise HTTPException(404, "not_found")
        return Response(status_code=204)

    return routes


async def end_for_segment(context: WebContext, number: int) -> bool:
    """End the call list of a segment; return whether there was one."""
    return await end_call_list(context.database, number, zone=context.zone, now=context.clock())


async def _make(context: WebContext, current_user: CurrentUser, number: int) -> CallList:
    if WorkKind.CALL_LIST not in visible_kinds(sections_for(current_user.user)):
        raise HTTPException(403, "not_allowed")
    segment = await segment_or_404(context.database, number, current_user)
    if segment.condition is None:
        raise HTTPException(404, "not_found")
    return await make_call_list(
        context.database,
        number,
        wanted_of(context, segment.condition),
        zone=context.zone,
        now=context.clock(),
        user_id=current_user.user.id,
    )


def call_list_json(one: CallList) -> View:
    return {
        "made_at": one.made_at,
        "made_by": one.made_by,
        "customers": one.customers,
        "waiting": one.waiting,
        "done_today": one.done,
    }
