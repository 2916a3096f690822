"""Page and JSON API of the callbacks: callers who were missed and not talked to since."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from screenpop.accounts.departments import sections_for
from screenpop.accounts.users import Right, UserId
from screenpop.customers.models import CustomerId
from screenpop.follow_ups.callbacks import median_seconds
from screenpop.store.accounts.users import list_users
from screenpop.store.calls.access import openable_calls
from screenpop.store.calls.missed_calls import mark_caller_done, undo_caller_done
from screenpop.store.calls.note_edit import NoteRefusedError, add_note
from screenpop.store.calls.queries import logged_calls
from screenpop.store.calls.taken_callbacks import (
    CallbackProblem,
    CallbackRefusedError,
    release_callback,
    take_callback,
)
from screenpop.store.follow_ups.callback_times import list_callback_times
from screenpop.store.follow_ups.callbacks import (
    CallbackCursor,
    Whose,
    list_callbacks,
    still_open,
)
from screenpop.store.follow_ups.listed_customers import load_listed_customers
from screenpop.web.agents.availability_api import announce
from screenpop.web.auth.current_user import CurrentUser, RequireSupervisor, RequireUser
from screenpop.web.calls.callback_refusal import callback_refusal, taken_view
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext
from screenpop.web.customers.api import check_json
from screenpop.web.error_pages import SENTENCES
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.follow_ups.callback_views import (
    callback_view,
    dialled_number,
    time_view,
)
from screenpop.web.office_day import day_bounds
from screenpop.web.problem_details import problem_response

_Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
_CURSOR = re.compile(
    r"([01]):(\d{4}-\d{2}-\d{2}):(-?\d{1,2}):(\d{1,12}(?:\.\d{1,20})?):(\d{1,18})", re.ASCII
)
MAX_FOLLOWED = 200
"""Most rows that one request follows."""
LONGEST_NOTE = 2_000
_DAY_S = 86_400.0
_LONGEST_S = 32 * _DAY_S
"""Longest time that one answer of the times covers."""


class CallbackAction(BaseModel):
    """``note``: for ``done``, kept as your note on the missed call; ``user_id``: for ``assign``."""

    model_config = ConfigDict(extra="forbid")

    action: Literal["take", "release", "assign", "done", "undo"]
    note: Annotated[str, Field(max_length=LONGEST_NOTE)] = ""
    user_id: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None
    """None: of no user, as ``release``."""


class TakenModel(BaseModel):
    id: int
    name: str
    at: float


class ActionDone(BaseModel):
    done: str
    taken: TakenModel | None
    """The user who has the callback now."""


class CallbackTimeModel(BaseModel):
    """A callback that a talk closed; times are seconds since 1970 (UTC)."""

    call: int
    """The first missed attempt, by its id in the call log."""
    customer: int | None
    first_at: float
    reached_at: float
    seconds: float
    """From the first missed attempt to the talk."""
    attempts: int


class CallbackTimesModel(BaseModel):
    callbacks: list[CallbackTimeModel]
    median_s: float | None
    """The median of ``seconds``; null without any."""


class CalledBack(BaseModel):
    number: str = Field(examples=["+989123456789"])
    """The number that is called after your own phone was answered."""


def callback_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(tags=["callbacks"])

    @routes.get("/callbacks", include_in_schema=False)
    async def page(request: Request, current_user: RequireUser) -> Response:
        users = await list_users(context.database) if _may_assign(current_user) else ()
        data: View = {
            "users": [{"id": user.id, "name": user.display_name} for user in users],
            "supervises": _may_assign(current_user),
        }
        return context.renderer.page(request, "callbacks.html", "callbacks", data)

    @routes.get("/api/v1/callbacks")
    async def rows(
        current_user: RequireUser,
        whose: Whose = Whose.ALL,
        after: Annotated[str, Query(max_length=80)] = "",
    ) -> JSONResponse:
        """Return one page of the callers to call back, the most urgent first.

        One row a person, with all missed attempts since the last talk of ten seconds: ``reasons``
        for its place, ``problem`` if there is no number to call, ``taken`` by which user.
        ``whose``: ``all``, ``free`` (taken by no other user) or ``mine``. ``today``: how many
        callers were reached since midnight, and the median of seconds from the first attempt to
        the talk. Send ``next_cursor`` as ``after`` for the next page.
        """
        return JSONResponse(await _listed(context, current_user, whose, _read_cursor(after)))

    @routes.get("/api/v1/callbacks/open")
    async def open_rows(
        _current_user: RequireUser, calls: Annotated[str, Query(max_length=4000)] = ""
    ) -> JSONResponse:
        """Return which of these callbacks are open, and when the newest missed call arrived.

        ``calls``: up to 200 values of ``call`` with commas. Light enough to be asked every second.
        """
        wanted = [int(one) for one in calls.split(",") if re.fullmatch(r"[0-9]{1,18}", one)]
        states, newest_at = await still_open(
            context.database, wanted[:MAX_FOLLOWED], context.clock()
        )
        found = {
            str(call): {
                "call": state.newest_id,
                "times": state.times,
                "taken": taken_view(state.taken),
            }
            for call, state in states.items()
        }
        return JSONResponse({"open": found, "newest_at": newest_at})

    @routes.get("/api/v1/callbacks/times", response_model=CallbackTimesModel)
    async def times(
        _current_user: RequireSupervisor,
        since: Annotated[float, Query(ge=0, le=1e11)],
        until: Annotated[float | None, Query(ge=0, le=1e11)] = None,
    ) -> JSONResponse:
        """Return the times to callback of at most 32 days, by the talk that closed each."""
        end = min(context.clock() if until is None else until, since + _LONGEST_S)
        found = await list_callback_times(context.database, since, end)
        median_s = median_seconds(one.seconds for one in found)
        return JSONResponse({"callbacks": [time_view(one) for one in found], "median_s": median_s})

    @routes.post("/api/v1/callbacks/{call}", response_model=ActionDone)
    async def act(
        request: Request, current_user: RequireUser, call: _Id, given: CallbackAction
    ) -> JSONResponse:
        """Take, return, assign or close the callback of a missed call.

        Refused with 409 and the code ``taken_by_other`` (with ``taken``) or ``unknown_callback``.
        ``done`` concerns this attempt and the older ones; ``undo`` needs the same ``call``.
        """
        check_json(request)
        return await _act(context, current_user, call, given)

    @routes.post("/api/v1/callbacks/{call}/call", status_code=202, response_model=CalledBack)
    async def call_back(request: Request, current_user: RequireUser, call: _Id) -> JSONResponse:
        """Take the callback and call the person: your own phone rings first."""
        check_json(request)
        return await _call(context, current_user, call)

    @routes.post("/api/v1/callbacks/{call}/dialled", status_code=204)
    async def dialled(request: Request, current_user: RequireUser, call: _Id) -> Response:
        """Take the callback of a person whom you call yourself: the card shows the customer."""
        check_json(request)
        found = await _taken_number(context, current_user, call)
        return found if isinstance(found, JSONResponse) else Response(status_code=204)

    return routes


def _may_assign(current_user: CurrentUser) -> bool:
    return current_user.may(Right.SEE_ALL_CALLS)


async def _listed(
    context: WebContext, current_user: CurrentUser, whose: Whose, after: CallbackCursor | None
) -> View:
    user, now = current_user.user, context.clock()
    page = await list_callbacks(
        context.database, now, context.today(), user=user.id, whose=whose, after=after
    )
    openable = None
    if not current_user.may(Right.SEE_ALL_CALLS):
        ids = [attempt.call.id for row in page.rows for attempt in row.attempts]
        openable = await openable_calls(context.database, user.id, ids)
    since, until = day_bounds(now, context.zone)
    reached = await list_callback_times(context.database, since, until)
    moment = datetime.fromtimestamp(now, UTC)
    sections = sections_for(user)
    return {
        "rows": [
            callback_view(
                row,
                sections,
                user.language,
                moment,
                context.zone,
                context.office_hours,
                context.lines,
                openable,
            )
            for row in page.rows
        ],
        "total": page.total,
        "next_cursor": None if page.after is None else _write_cursor(page.after),
        "today": {
            "reached": len(reached),
            "median_s": median_seconds(one.seconds for one in reached),
        },
    }


async def _act(
    context: WebContext, current_user: CurrentUser, call: int, given: CallbackAction
) -> JSONResponse:
    if given.action == "assign" and not _may_assign(current_user):
        raise HTTPException(403, "not_allowed")
    try:
        taken = await _apply(context, current_user, call, given)
    except CallbackRefusedError as refused:
        return callback_refusal(refused)
    except NoteRefusedError as refused:
        return problem_response(409, refused.code, SENTENCES[refused.code])
    context.callback_changed(call, _CHANGES[given.action])
    return JSONResponse({"done": given.action, "taken": taken})


_CHANGES = {
    "take": "taken",
    "assign": "taken",
    "release": "released",
    "done": "done",
    "undo": "undone",
}


async def _apply(
    context: WebContext, current_user: CurrentUser, call: int, given: CallbackAction
) -> View | None:
    database, user_id, now = context.database, current_user.user.id, context.clock()
    match given.action:
        case "take":
            taken = await take_callback(database, call, user_id, by=user_id, now=now)
            return taken_view(taken)
        case "assign" if given.user_id is not None:
            target = UserId(given.user_id)
            return taken_view(
                await take_callback(
                    database, call, target, by=user_id, now=now, may_act_for_others=True
                )
            )
        case "release" | "assign":
            others = _may_assign(current_user)
            await release_callback(database, call, by=user_id, now=now, may_act_for_others=others)
        case "done":
            await _close(context, current_user, call, given.note.strip())
        case "undo":
            if not await undo_caller_done(database, call, user_id):
                raise CallbackRefusedError(CallbackProblem.UNKNOWN_CALLBACK)
    return None


async def _close(context: WebContext, current_user: CurrentUser, call: int, note: str) -> None:
    database, user_id, now = context.database, current_user.user.id, context.clock()
    closed = await mark_caller_done(
        database,
        call,
        user_id,
        now,
        only_own=False,
        may_act_for_others=_may_assign(current_user),
    )
    if not closed:
        raise CallbackRefusedError(CallbackProblem.UNKNOWN_CALLBACK)
    if not note:
        return
    try:
        await add_note(database, call, note, user_id=user_id, now=now)
    except NoteRefusedError:
        await undo_caller_done(database, call, user_id)
        raise


async def _call(context: WebContext, current_user: CurrentUser, call: int) -> JSONResponse:
    number = await _taken_number(context, current_user, call)
    if isinstance(number, JSONResponse):
        return number
    code = await context.agents.call(current_user.user.id, number)
    if code:
        return problem_response(409, code, SENTENCES.get(code, SENTENCES["bad_request"]))
    return JSONResponse({"number": number}, status_code=202)


async def _taken_number(
    context: WebContext, current_user: CurrentUser, call: int
) -> str | JSONResponse:
    """Take the callback for the user and announce their call; return the number, or a refusal."""
    found = await _number(context, call)
    if found is None:
        return callback_refusal(CallbackRefusedError(CallbackProblem.UNKNOWN_CALLBACK))
    number, customer = found
    user_id = current_user.user.id
    try:
        await take_callback(context.database, call, user_id, by=user_id, now=context.clock())
    except CallbackRefusedError as refused:
        return callback_refusal(refused)
    context.callback_changed(call, "taken")
    announce(context, user_id, number, customer)
    return number


async def _number(context: WebContext, call: int) -> tuple[str, CustomerId | None] | None:
    """Return number and customer of a missed call; None if unknown.

    Without a number of its own the number is the customer's, or empty.
    """
    async with context.database.reading() as connection:
        missed = (await logged_calls(connection, [call])).get(call)
        if missed is None:
            return None
        number = dialled_number(missed)
        if not number and missed.customer is not None:
            customers = await load_listed_customers(connection, [missed.customer])
            number = customers[missed.customer].number if customers else ""
    return number, missed.customer


def _write_cursor(place: CallbackCursor) -> str:
    day = place.trip.isoformat()
    return f"{place.no_promise}:{day}:{place.tier}:{place.first_at!r}:{place.id}"


def _read_cursor(text: str) -> CallbackCursor | None:
    if not text:
        return None
    found = _CURSOR.fullmatch(text)
    if found is None:
        raise HTTPException(422, "bad_request:after")
    promise, day, tier, first_at, call = found.groups()
    try:
        trip = date.fromisoformat(day)
    except ValueError:
        raise HTTPException(422, "bad_request:after") from None
    return CallbackCursor(int(promise), trip, int(tier), float(first_at), int(call))
