"""The call log as pages and JSON API: all calls or own calls, depending on the role."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from screenpop.accounts.users import Right
from screenpop.calls.events import Direction
from screenpop.customers.date_input import format_date
from screenpop.store.accounts.users import list_users
from screenpop.store.calls.access import openable_calls
from screenpop.store.calls.counts import list_queues
from screenpop.store.calls.queries import (
    DISPOSITIONS,
    CallDetail,
    CallPage,
    call_detail,
    list_calls,
)
from screenpop.store.customers.refs import customers_of_number
from screenpop.telephony.caller_id import CallerIdKind
from screenpop.web.auth.current_user import CurrentUser, RequireUser
from screenpop.web.calls.query import CallQuery, cursor, days_for, parse_call_query, wrong_day
from screenpop.web.calls.views import View, call_view, detail_view
from screenpop.web.context import WebContext
from screenpop.web.customers.views import person_view

_Query = Annotated[CallQuery, Query()]
_Id = Annotated[int, Path(ge=1, le=2**63 - 1)]


def call_routes(site: WebContext) -> APIRouter:
    routes = APIRouter(tags=["calls"])

    @routes.get("/calls", include_in_schema=False)
    async def log(request: Request, visitor: RequireUser, query: _Query) -> Response:
        language = site.renderer.language(request)
        wrong = wrong_day(query)
        page = CallPage((), None) if wrong else await _page(site, visitor, query)
        return site.renderer.page(
            request,
            "calls.html",
            "calls",
            {
                "rows": [call_view(call, language, site.lines) for call in page.calls],
                "next_cursor": cursor(page.after),
                "filters": query.model_dump(exclude={"after"}) | days_for(query, language),
                "wrong_day": wrong,
                "example_day": format_date(site.today(), language),
                "directions": [*Direction],
                "dispositions": DISPOSITIONS,
                "agents": await _agents(site, visitor),
                "queues": await _queues(site, query.queue),
            },
            status=422 if wrong else 200,
        )

    @routes.get("/calls/{number}", include_in_schema=False)
    async def call(request: Request, visitor: RequireUser, number: _Id) -> Response:
        detail = await detail_or_404(site, visitor, number)
        return await call_page(site, request, visitor, detail)

    @routes.get("/api/v1/calls")
    async def calls(visitor: RequireUser, query: _Query) -> JSONResponse:
        """Return the call log, newest first; send ``next_cursor`` as ``after`` for more."""
        page = await _page(site, visitor, query)
        rows = [call_view(call, visitor.user.language, site.lines) for call in page.calls]
        return JSONResponse({"calls": rows, "next_cursor": cursor(page.after)})

    @routes.get("/api/v1/calls/{number}")
    async def one_call(visitor: RequireUser, number: _Id) -> JSONResponse:
        """Return a call with its legs, transfers, receipts, notes and trace.

        ``sharing``: customers with this number, if it is not known which of them called."""
        detail = await detail_or_404(site, visitor, number)
        language = visitor.user.language
        sharing = await _sharing(site, detail, language)
        return JSONResponse(detail_view(detail, language, site.lines) | {"sharing": sharing})

    return routes


async def _page(site: WebContext, visitor: CurrentUser, query: CallQuery) -> CallPage:
    wanted = parse_call_query(query, visitor, site.zone)
    return await list_calls(site.database, wanted.filter, after=wanted.after)


async def call_page(
    site: WebContext,
    request: Request,
    visitor: CurrentUser,
    detail: CallDetail,
    *,
    typed: Mapping[str, str] | None = None,
    note_problem: str = "",
    status: int = 200,
) -> Response:
    """Return the page of one call.

    ``typed``: text of its note forms, by note id or ``new``; ``note_problem``: the error code of
    a note that was not saved."""
    language = site.renderer.language(request)
    data = detail_view(detail, language, site.lines)
    own = next((one.id for one in detail.notes if one.agent == visitor.user.id), None)
    data |= {
        "sharing": await _sharing(site, detail, language),
        "typed": dict(typed or {}),
        "note_problem": note_problem,
        "own_note": own,
        "corrects_all": visitor.may(Right.SEE_ALL_CALLS),
    }
    return site.renderer.page(request, "call.html", "call", data, status=status)


async def detail_or_404(site: WebContext, visitor: CurrentUser, number: int) -> CallDetail:
    """Return a call that this user may see; raises 404 for any other."""
    detail = await call_detail(site.database, number)
    if detail is None or not await _is_own_call(site, visitor, number):
        raise HTTPException(404, "not_found")
    return detail


async def _is_own_call(site: WebContext, visitor: CurrentUser, number: int) -> bool:
    """Return whether the agent made the call, had a card of it, or sat at a phone that rang.

    The seats at the time of the call count, not today's. A missed call that rang at no agent's
    phone belongs to all agents."""
    if visitor.may(Right.SEE_ALL_CALLS):
        return True
    return bool(await openable_calls(site.database, visitor.user.id, [number]))


async def _sharing(site: WebContext, detail: CallDetail, language: str) -> list[View]:
    """Return the customers with the caller's number, if the match is not certain."""
    call = detail.call
    hidden = call.withheld or call.caller_kind == CallerIdKind.WITHHELD
    if call.customer is not None or call.e164 is None or hidden:
        return []
    having = await customers_of_number(site.database, call.e164)
    return [person_view(one, language) for one in having]


async def _queues(site: WebContext, chosen: str) -> list[str]:
    """Return the queues for the filter, including the selected one."""
    return sorted({*await list_queues(site.database), *filter(None, [chosen])})


async def _agents(site: WebContext, visitor: CurrentUser) -> list[View]:
    """Return the agents for the filter; only oneself for an agent."""
    if not visitor.may(Right.SEE_ALL_CALLS):
        return []
    return [{"id": user.id, "name": user.display_name} for user in await list_users(site.database)]
