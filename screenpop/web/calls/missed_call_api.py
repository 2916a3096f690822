"""JSON API for missed calls, from the call log."""

from typing import Annotated

from fastapi import Path, Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from screenpop.accounts.users import Right
from screenpop.store.calls.missed_calls import (
    DoneCaller,
    MissedCaller,
    list_missed_callers,
    mark_caller_done,
    undo_caller_done,
)
from screenpop.store.calls.taken_callbacks import CallbackRefusedError
from screenpop.web.auth.current_user import RequireUser
from screenpop.web.calls.callback_refusal import callback_refusal, taken_view
from screenpop.web.calls.query import cursor, read_cursor
from screenpop.web.calls.views import View, call_view
from screenpop.web.context import WebContext
from screenpop.web.customers.api import check_json
from screenpop.web.feature_router import FeatureRouter

_Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
_After = Annotated[str, Query(max_length=80)]


def missed_call_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(prefix="/api/v1", tags=["calls"])

    @routes.get("/missed-calls")
    async def missed(current_user: RequireUser, after: _After = "") -> JSONResponse:
        """Return callers you missed who have not been talked to since, newest call first.

        ``missed``: ``{"call", "times", "first_at", "taken"}`` each, the call as in the call log,
        ``taken`` by which user (``/api/v1/callbacks`` has the whole office); ``total`` counts all
        pages; ``done``: what you marked as done in the last day. Send ``next_cursor``
        as ``after`` for the next page. When a heartbeat of the socket brings a ``missed`` other
        than ``version``, read the list again, at a random time within ``spread_ms``.
        """
        # Before the list: a change in between has another version later.
        version = context.missed_versions.of(current_user.user.id)
        page = await list_missed_callers(
            context.database, current_user.user.id, context.clock(), after=read_cursor(after)
        )
        language = current_user.user.language
        return JSONResponse(
            {
                "missed": [_missed(one, language, context) for one in page.callers],
                "total": page.total,
                "next_cursor": cursor(page.after),
                "done": [_done(one, language, context) for one in page.done],
                "version": version,
                "spread_ms": context.missed_versions.spread_ms,
            }
        )

    @routes.post("/missed-calls/{number}/done")
    async def done(request: Request, current_user: RequireUser, number: _Id) -> JSONResponse:
        """Mark a caller as done: their missed calls up to this one leave the list.

        Refused with 409 and ``taken_by_other`` if a colleague has taken the caller.
        """
        check_json(request)
        try:
            marked = await mark_caller_done(
                context.database,
                number,
                current_user.user.id,
                context.clock(),
                may_act_for_others=current_user.may(Right.SEE_ALL_CALLS),
            )
        except CallbackRefusedError as refused:
            return callback_refusal(refused)
        if not marked:
            raise HTTPException(404, "not_found")
        context.callback_changed(number, "done")
        return JSONResponse({"calls": marked})

    @routes.post("/missed-calls/{number}/undo")
    async def undo(request: Request, current_user: RequireUser, number: _Id) -> JSONResponse:
        """Undo "done": the calls that left the list with this one return."""
        check_json(request)
        returned = await undo_caller_done(context.database, number, current_user.user.id)
        if not returned:
            raise HTTPException(404, "not_found")
        context.callback_changed(number, "undone")
        return JSONResponse({"calls": returned})

    return routes


def _missed(one: MissedCaller, language: str, context: WebContext) -> View:
    call = call_view(one.call, language, context.lines)
    return {
        "call": call,
        "times": one.times,
        "first_at": one.first_at,
        "taken": taken_view(one.taken),
    }


def _done(one: DoneCaller, language: str, context: WebContext) -> View:
    return {"call": call_view(one.call, language, context.lines), "done_at": one.done_at}
