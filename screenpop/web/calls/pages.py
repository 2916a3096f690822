"""The call log as pages and JSON API: all calls or own calls, depending on the role."""

from collections.abc import Mapping
from dataclasses import replace
from operator import itemgetter
from typing import Annotated

from fastapi import Path, Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from screenpop.accounts.users import Right
from screenpop.calls.events import Direction
from screenpop.calls.labels import LabelKind
from screenpop.customers.date_input import format_date
from screenpop.customers.models import Tier
from screenpop.follow_ups.json_view import follow_up_view
from screenpop.reports.relative_days import RelativeDays
from screenpop.store.accounts.teams import visible_agents, visible_of
from screenpop.store.accounts.users import list_users
from screenpop.store.calls.access import openable_calls
from screenpop.store.calls.call_filter import DISPOSITIONS, CallSort
from screenpop.store.calls.counts import list_queues
from screenpop.store.calls.label_list import list_labels
from screenpop.store.calls.queries import CallDetail, CallPage, call_detail, list_calls
from screenpop.store.customers.refs import customers_of_number
from screenpop.store.follow_ups.queries import follow_ups_of_call
from screenpop.store.offers.call_offers import offers_of_call
from screenpop.telephony.caller_id import CallerIdKind
from screenpop.web.auth.current_user import CurrentUser, RequireUser
from screenpop.web.calls.drawing import drawing_view, live_leg_views, recording_of
from screenpop.web.calls.query import (
    CallQuery,
    CallQueryFilter,
    cursor,
    days_for,
    parse_call_query,
    wrong_day,
)
from screenpop.web.calls.view_pages import view_list
from screenpop.web.calls.views import View, call_view, detail_view
from screenpop.web.context import WebContext
from screenpop.web.customers.views import person_view
from screenpop.web.feature_router import FeatureRouter

_Query = Annotated[CallQuery, Query()]
_Id = Annotated[int, Path(ge=1, le=2**63 - 1)]


def call_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(tags=["calls"])

    @routes.get("/calls", include_in_schema=False)
    async def log(request: Request, current_user: RequireUser, query: _Query) -> Response:
        language = context.renderer.language(request)
        wrong = wrong_day(query)
        page, is_hidden = CallPage((), None), False
        if not wrong:
            wanted = await _asked(context, current_user, query, language)
            is_hidden = wanted.is_hidden
            page = page if is_hidden else await _page(context, wanted)
        return context.renderer.page(
            request,
            "calls.html",
            "calls",
            {
                "rows": [call_view(call, language, context.lines) for call in page.calls],
                "next_cursor": cursor(page.after),
                "filters": query.model_dump(exclude={"after"}) | days_for(query, language),
                "wrong_day": wrong,
                "is_hidden": is_hidden,
                "views": await view_list(context, current_user),
                "sorts": [*CallSort],
                "relative_days": [*RelativeDays],
                "example_day": format_date(context.today(), language),
                "directions": [*Direction],
                "dispositions": DISPOSITIONS,
                "agents": await _agents(context, current_user),
                "queues": await _queues(context, query.queue),
                "line_names": _lines(context, query.line),
                "tiers": [*Tier],
                "labels": {
                    kind.value: [
                        {"id": one.id, "name": one.name(language)}
                        for one in await list_labels(context.database, kind)
                    ]
                    for kind in LabelKind
                },
            },
            status=422 if wrong else 200,
        )

    @routes.get("/calls/{number}", include_in_schema=False)
    async def call(request: Request, current_user: RequireUser, number: _Id) -> Response:
        detail = await detail_or_404(context, current_user, number)
        return await call_page(context, request, current_user, detail)

    @routes.get("/api/v1/calls")
    async def calls(current_user: RequireUser, query: _Query) -> JSONResponse:
        """Return the call log as ``sort`` names it; send ``next_cursor`` as ``after`` for more."""
        language = current_user.user.language
        page = await _page(context, await _asked(context, current_user, query, language))
        rows = [call_view(call, language, context.lines) for call in page.calls]
        return JSONResponse({"calls": rows, "next_cursor": cursor(page.after)})

    @routes.get("/api/v1/calls/{number}")
    async def one_call(current_user: RequireUser, number: _Id) -> JSONResponse:
        """Return a call with its legs, transfers, receipts, notes and trace.

        ``sharing``: customers with this number, if it is not known which of them called.
        ``follow_ups``: those that were made on the call."""
        detail = await detail_or_404(context, current_user, number)
        language = current_user.user.language
        sharing = await _sharing(context, detail, language)
        more = {"sharing": sharing, "follow_ups": await _follow_ups(context, detail)}
        return JSONResponse(detail_view(detail, language, context.lines) | more)

    return routes


async def _asked(
    context: WebContext, current_user: CurrentUser, query: CallQuery, language: str
) -> CallQueryFilter:
    visible = await visible_agents(context.database, current_user.user)
    today = context.today()
    return parse_call_query(
        query, current_user, context.zone, visible, today=today, language=language
    )


async def _page(context: WebContext, wanted: CallQueryFilter) -> CallPage:
    return await list_calls(context.database, wanted.filter, after=wanted.after, sort=wanted.sort)


async def call_page(
    context: WebContext,
    request: Request,
    current_user: CurrentUser,
    detail: CallDetail,
    *,
    typed: Mapping[str, str] | None = None,
    note_problem: str = "",
    status: int = 200,
) -> Response:
    """Return the page of one call.

    ``typed``: text of its note forms, by note id or ``new``; ``note_problem``: the error code of
    a note that was not saved."""
    language = context.renderer.language(request)
    data = detail_view(detail, language, context.lines)
    own = next((one.id for one in detail.notes if one.agent == current_user.user.id), None)
    if detail.call.ended_at is None and not detail.legs:
        data["legs"] = live_leg_views(detail)
    data |= {
        "drawing": drawing_view(detail, context.clock()),
        "offers": await offers_of_call(context.database, detail.call.id),
        "recording": recording_of(context, detail) if current_user.may(Right.SEE_ALL_CALLS) else "",
        "sharing": await _sharing(context, detail, language),
        "typed": dict(typed or {}),
        "note_problem": note_problem,
        "own_note": own,
        "follow_ups": await _follow_ups(context, detail),
        "today": context.today().isoformat(),
        "corrects_all": current_user.may(Right.SEE_ALL_CALLS),
    }
    return context.renderer.page(request, "call.html", "call", data, status=status)


async def detail_or_404(context: WebContext, current_user: CurrentUser, number: int) -> CallDetail:
    """Return a call that this user may see; raises 404 for any other.

    A call in progress has its trace so far."""
    detail = await call_detail(context.database, number)
    if detail is None or not await _is_own_call(context, current_user, number):
        raise HTTPException(404, "not_found")
    call = detail.call
    if call.ended_at is None and not detail.trace:
        return replace(detail, trace=await context.trace_of(call.pbx, call.call))
    return detail


async def _is_own_call(context: WebContext, current_user: CurrentUser, number: int) -> bool:
    """Return whether the agent made the call, had a card of it, or sat at a phone that rang.

    The seats at the time of the call count, not today's. A missed call that rang at no agent's
    phone belongs to all agents. A supervisor of teams sees the calls of those teams."""
    if current_user.may(Right.SEE_ALL_CALLS):
        return number in await visible_of(context.database, current_user.user, (number,))
    return bool(await openable_calls(context.database, current_user.user.id, [number]))


async def _sharing(context: WebContext, detail: CallDetail, language: str) -> list[View]:
    """Return the customers with the caller's number, if the match is not certain."""
    call = detail.call
    hidden = call.withheld or call.caller_kind == CallerIdKind.WITHHELD
    if call.customer is not None or call.e164 is None or hidden:
        return []
    having = await customers_of_number(context.database, call.e164)
    return [person_view(one, language) for one in having]


async def _follow_ups(context: WebContext, detail: CallDetail) -> list[View]:
    async with context.database.reading() as connection:
        found = await follow_ups_of_call(connection, detail.call.id)
    return [follow_up_view(one) for one in found]


async def _queues(context: WebContext, chosen: str) -> list[str]:
    """Return the queues for the filter, including the selected one."""
    return sorted({*await list_queues(context.database), *filter(None, [chosen])})


def _lines(context: WebContext, chosen: str) -> list[View]:
    """Return the named lines for the filter by name, including the selected one."""
    names = {did: name for (_, did), name in context.lines.labels.items()}
    if chosen:
        names.setdefault(chosen, chosen)
    return [{"did": did, "name": name} for did, name in sorted(names.items(), key=itemgetter(1))]


async def _agents(context: WebContext, current_user: CurrentUser) -> list[View]:
    """Return the agents for the filter; only oneself for an agent."""
    if not current_user.may(Right.SEE_ALL_CALLS):
        return []
    visible = await visible_agents(context.database, current_user.user)
    return [
        {"id": user.id, "name": user.display_name}
        for user in await list_users(context.database)
        if visible is None or user.id in visible
    ]
