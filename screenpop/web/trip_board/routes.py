"""The board of trips: its page, its columns as JSON, and the changes made on it."""

import re
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from screenpop.accounts.departments import Section, sections_for
from screenpop.accounts.users import Right, UserId
from screenpop.customers.date_input import InvalidDateError, parse_date
from screenpop.customers.models import TripStatus
from screenpop.customers.trip_board import COLUMNS, TICKED_BY_HAND, CheckItem
from screenpop.store.accounts.users import list_users
from screenpop.store.customers.queries import CustomerRefusedError
from screenpop.store.trip_board.changes import (
    TripChangedError,
    move_trip,
    set_owner,
    tick_item,
)
from screenpop.store.trip_board.queries import (
    MOST_COUNTED,
    BoardFilter,
    ColumnCursor,
    load_board,
    load_card,
    load_column,
)
from screenpop.web.auth.current_user import CurrentUser, require_user
from screenpop.web.context import WebContext
from screenpop.web.customers.api import check_json
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.problem_details import problem_response
from screenpop.web.trip_board.views import card_view, column_view

TripNumber = Annotated[int, Path(ge=1, le=2**63 - 1)]
_CURSOR = re.compile(r"(\d{4}-\d{2}-\d{2}|none)\.([0-9]{1,19})")


async def require_trips(request: Request) -> CurrentUser:
    current_user = await require_user(request)
    if Section.TRIPS not in sections_for(current_user.user):
        raise HTTPException(403, "not_allowed")
    return current_user


async def require_trip_edit(request: Request) -> CurrentUser:
    current_user = await require_trips(request)
    if not current_user.may(Right.EDIT_CUSTOMERS):
        raise HTTPException(403, "not_allowed")
    return current_user


RequireTrips = Annotated[CurrentUser, Depends(require_trips)]
RequireTripEdit = Annotated[CurrentUser, Depends(require_trip_edit)]


class _Change(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: Annotated[int, Field(ge=0, le=2**31 - 1)]
    """The trip's version on the page that asks."""


class MoveInput(_Change):
    to: TripStatus
    """One of the columns, or ``cancelled``."""


class TickInput(_Change):
    item: CheckItem
    """``passport``, ``seats`` or ``voucher``; the others follow from the trip."""
    done: bool


class OwnerInput(_Change):
    user_id: Annotated[int, Field(ge=1, le=2**63 - 1)] | None
    """None: no owner."""


def trip_board_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)

    @routes.get("/trips")
    async def page(request: Request, current_user: RequireTrips) -> Response:
        users = await list_users(context.database)
        data = {
            "edits": current_user.may(Right.EDIT_CUSTOMERS),
            "users": [{"id": user.id, "name": user.display_name} for user in users],
            "me": current_user.user.id,
        }
        return context.renderer.page(request, "trips.html", "trips", data)

    return routes


def trip_board_api_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(prefix="/api/v1/trip-board", tags=["trips"])

    @routes.get("")
    async def board(
        request: Request,
        current_user: RequireTrips,
        owner: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
        stuck: bool = False,
    ) -> JSONResponse:
        """Return the first page of each column, and how many trips it has (``has_more``: and more).

        ``owner``: only trips of this user. ``stuck``: only trips that are stuck; the counts are of
        all trips.
        """
        chosen = _filter(context, current_user, owner, only_stuck=stuck)
        columns, counts = await load_board(context.database, chosen)
        language = context.renderer.language(request)
        views = [
            column_view(one, chosen, language)
            | {
                "count": min(counts[one.status], MOST_COUNTED),
                "has_more": counts[one.status] > MOST_COUNTED,
            }
            for one in columns
        ]
        return JSONResponse({"columns": views})

    @routes.get("/{status}")
    async def column(
        request: Request,
        current_user: RequireTrips,
        status: TripStatus,
        after: Annotated[str, Query(max_length=40)] = "",
        owner: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
        stuck: bool = False,
    ) -> JSONResponse:
        """Return the page of a column after ``next_cursor``."""
        if status not in COLUMNS:
            raise HTTPException(404, "not_found")
        chosen = _filter(context, current_user, owner, only_stuck=stuck)
        found = await load_column(context.database, status, chosen, _cursor(after))
        return JSONResponse(column_view(found, chosen, context.renderer.language(request)))

    _change_routes(context, routes)
    return routes


def _change_routes(context: WebContext, routes: FeatureRouter) -> None:
    @routes.post("/trips/{trip}/move")
    async def move(
        request: Request, current_user: RequireTripEdit, trip: TripNumber, given: MoveInput
    ) -> Response:
        """Move a trip to a column; 409 with the trip as it is when it was changed meanwhile."""
        return await _change(
            context,
            request,
            current_user,
            trip,
            lambda: move_trip(
                context.database,
                trip,
                given.to,
                version=given.version,
                user_id=current_user.user.id,
                now=context.clock(),
            ),
        )

    @routes.post("/trips/{trip}/tick")
    async def tick(
        request: Request, current_user: RequireTripEdit, trip: TripNumber, given: TickInput
    ) -> Response:
        """Tick an item of a trip's checklist, or take the tick away; 409 as for ``move``."""
        if given.item not in TICKED_BY_HAND:
            raise HTTPException(422, "bad_request:item")
        return await _change(
            context,
            request,
            current_user,
            trip,
            lambda: tick_item(
                context.database,
                trip,
                given.item,
                is_done=given.done,
                version=given.version,
                user_id=current_user.user.id,
                now=context.clock(),
            ),
        )

    @routes.post("/trips/{trip}/owner")
    async def own(
        request: Request, current_user: RequireTripEdit, trip: TripNumber, given: OwnerInput
    ) -> Response:
        """Give a trip to a user or to none; 409 as for ``move``."""
        owner = None if given.user_id is None else UserId(given.user_id)
        return await _change(
            context,
            request,
            current_user,
            trip,
            lambda: set_owner(
                context.database,
                trip,
                owner,
                version=given.version,
                user_id=current_user.user.id,
                now=context.clock(),
            ),
        )


async def _change(
    context: WebContext,
    request: Request,
    current_user: CurrentUser,
    trip: int,
    write: Callable[[], Awaitable[None]],
) -> Response:
    """Make a change; return the trip as it is afterwards."""
    check_json(request)
    is_conflict = False
    try:
        await write()
    except TripChangedError:
        is_conflict = True
    except CustomerRefusedError as refused:
        status = 422 if refused.code == "unknown_user" else 404
        raise HTTPException(
            status, "bad_request:user_id" if status == 422 else "not_found"
        ) from refused
    chosen = _filter(context, current_user, None, only_stuck=False)
    card = await load_card(context.database, trip, chosen)
    if card is None:
        raise HTTPException(404, "not_found")
    view = card_view(card, chosen, context.renderer.language(request))
    if is_conflict:
        sentence = "The trip was changed meanwhile; look at it as it is now, then repeat."
        return problem_response(409, "trip_changed", sentence, more={"trip": view})
    return JSONResponse({"trip": view})


def _filter(
    context: WebContext, current_user: CurrentUser, owner: int | None, *, only_stuck: bool
) -> BoardFilter:
    return BoardFilter(
        context.today(),
        context.zone,
        context.trip_rules,
        None if owner is None else UserId(owner),
        only_stuck,
        Section.PRICES in sections_for(current_user.user),
    )


def _cursor(text: str) -> ColumnCursor | None:
    if not text:
        return None
    found = _CURSOR.fullmatch(text)
    if found is None or int(found[2]) >= 2**63:
        raise HTTPException(422, "bad_request:after")
    try:
        return ColumnCursor(None if found[1] == "none" else parse_date(found[1]), int(found[2]))
    except InvalidDateError as error:
        raise HTTPException(422, "bad_request:after") from error
