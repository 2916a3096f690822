"""Page and JSON API of the work lists."""

import re
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal, cast, get_args

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from screenpop.accounts.departments import sections_for
from screenpop.accounts.users import Right, Role, UserId
from screenpop.customers.models import CustomerId
from screenpop.follow_ups.models import FollowUp, FollowUpId, FollowUpRefusedError
from screenpop.follow_ups.work_list import AwayReason, WorkKind, visible_kinds
from screenpop.store.accounts.users import list_users
from screenpop.store.customers.refs import load_customer_refs
from screenpop.store.follow_ups.changes import (
    close_follow_up,
    reassign_follow_up,
    reopen_follow_up,
    snooze_follow_up,
)
from screenpop.store.follow_ups.listed_customers import load_listed_customers
from screenpop.store.follow_ups.promises import (
    PromiseCursor,
    PromiseFilter,
    count_promises,
    list_promises,
)
from screenpop.store.follow_ups.work_lists import (
    RowState,
    WorkCursor,
    WorkFilter,
    WorkListRefusedError,
    act_on_row,
    assign_rows,
    count_work,
    list_work,
    share_out,
    still_listed,
    undo_act,
)
from screenpop.store.privacy.records import log_export
from screenpop.web.auth.current_user import CurrentUser, RequireSupervisor, RequireUser
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext
from screenpop.web.customers.api import check_json
from screenpop.web.customers.detail_pages import form_fields
from screenpop.web.export_port import WorkListExportSpec
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.follow_ups.row_refusal import row_refusal
from screenpop.web.follow_ups.views import (
    Moment,
    promise_view,
    referred_ids,
    user_view,
    work_row_view,
)
from screenpop.web.privacy.pages import RequireExport
from screenpop.web.streaming_download import stream_download

_ROW_ID = re.compile(r"[cp][1-9][0-9]{0,17}")
_CURSOR = re.compile(r"(-?[0-9]{1,9}):([0-9]{1,18})")
_PROMISE_CURSOR = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}):([0-9]{1,18})")
_MAX_FOLLOWED = 120
SNOOZE_DAYS = (1, 3, 7, 30)
Owner = Literal["open", "mine", "none", "all"]
_RowId = Annotated[str, Path(pattern=f"^{_ROW_ID.pattern}$", max_length=20)]


class ActionInput(BaseModel):
    """``days``: for ``snooze``, from today; ``away_reason``: for ``done`` of a lapsed customer."""

    model_config = ConfigDict(extra="forbid")

    action: Literal["done", "snooze", "never", "undo", "take", "assign"]
    days: Annotated[int, Field(ge=1, le=365)] = 1
    away_reason: AwayReason | None = None
    user_id: int | None = None
    """For ``assign``: whose row it is from now on; None: of no user."""


class ShareInput(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: WorkKind
    user_ids: Annotated[list[int], Field(max_length=200)] = []
    """Empty: all agents."""


def follow_up_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(tags=["follow-ups"])

    @routes.get("/follow-ups", include_in_schema=False)
    async def page(request: Request, current_user: RequireUser) -> Response:
        users = await list_users(context.database) if _is_supervisor(current_user) else ()
        data: View = {
            "users": [
                {"id": user.id, "name": user.display_name, "agent": user.role is Role.AGENT}
                for user in users
            ],
            "supervises": _is_supervisor(current_user),
            "messages": context.messages is not None,
        }
        return context.renderer.page(request, "follow_ups.html", "follow_ups", data)

    @routes.get("/api/v1/follow-ups")
    async def rows(
        current_user: RequireUser,
        kind: WorkKind = WorkKind.PROMISE,
        owner: Owner = "open",
        after: Annotated[str, Query(max_length=40)] = "",
    ) -> JSONResponse:
        """Return one page of a work list, and how many rows each list has (999: or more).

        ``owner``: ``open`` (own rows and those of no user), ``mine``, ``none``, ``all``
        (supervisors only). Send
        ``next_cursor`` as ``after`` for the next page.
        """
        return JSONResponse(await _listed(context, current_user, kind, owner, after))

    @routes.get("/api/v1/follow-ups/open")
    async def still_open(
        current_user: RequireUser, ids: Annotated[str, Query(max_length=4000)] = ""
    ) -> JSONResponse:
        """Return which of these rows are still listed, each with the user who has it.

        ``ids``: up to 120 row ids with commas. Light enough to be asked every second.
        """
        return JSONResponse({"open": await _still_open(context, current_user, ids)})

    @routes.post("/follow-ups/export", include_in_schema=False)
    async def export(request: Request, current_user: RequireExport) -> Response:
        form = await form_fields(context, request)
        kind, owner = form.get("kind", ""), form.get("owner", "")
        if kind not in set(WorkKind) or owner not in get_args(Owner):
            raise HTTPException(422, "bad_request:kind")
        language = context.renderer.language(request)
        return await _export(context, current_user, WorkKind(kind), cast("Owner", owner), language)

    @routes.post("/api/v1/follow-ups/share")
    async def share(
        request: Request, current_user: RequireSupervisor, given: ShareInput
    ) -> JSONResponse:
        """Share the rows of no user of one list among users, in turn.

        Without ``user_ids`` among all agents; supervisors and administrators only where they are
        named.
        """
        check_json(request)
        if given.kind not in visible_kinds(sections_for(current_user.user)):
            raise HTTPException(403, "not_allowed")
        users = [UserId(one) for one in given.user_ids] or [
            user.id for user in await list_users(context.database) if user.role is Role.AGENT
        ]
        try:
            done = await share_out(context.database, given.kind, users, context.today())
        except WorkListRefusedError as refused:
            raise HTTPException(422, refused.code.value) from refused
        return JSONResponse({"rows": done})

    @routes.post("/api/v1/follow-ups/{row_id}")
    async def act(
        request: Request, current_user: RequireUser, row_id: _RowId, given: ActionInput
    ) -> JSONResponse:
        """Act on a row. Refused with 409 and a code when another user has it or has done it."""
        check_json(request)
        return await _act(context, current_user, row_id, given)

    return routes


async def _listed(
    context: WebContext, current_user: CurrentUser, kind: WorkKind, owner: Owner, after: str
) -> View:
    kinds = visible_kinds(sections_for(current_user.user))
    if kind not in kinds or (owner == "all" and not _is_supervisor(current_user)):
        raise HTTPException(403, "not_allowed")
    owners = owners_of(owner, current_user)
    promises = _promises(context, owners)
    counts = await count_work(context.database, kinds, owners, context.today())
    counts[WorkKind.PROMISE] = await count_promises(context.database, promises)
    if kind is WorkKind.PROMISE:
        page = await list_promises(context.database, promises, after=_read_promise_cursor(after))
        rows = await _promise_views(context, current_user, page.rows)
        place = page.after
        cursor = None if place is None else f"{place.listed_from.isoformat()}:{place.id}"
    else:
        rows, cursor = await _work_views(context, current_user, kind, owners, after)
    return {
        "rows": rows,
        "lists": [{"kind": one.value, "count": counts[one]} for one in kinds],
        "next_cursor": cursor,
    }


async def _export(
    context: WebContext, current_user: CurrentUser, kind: WorkKind, owner: Owner, language: str
) -> Response:
    sections = sections_for(current_user.user)
    if kind not in visible_kinds(sections) or (owner == "all" and not _is_supervisor(current_user)):
        raise HTTPException(403, "not_allowed")
    today = context.today()
    order = WorkListExportSpec(
        kind, owners_of(owner, current_user), today, context.zone.key, language, sections
    )
    name = f"follow-ups-{kind.value}-{today.isoformat()}"
    file = await stream_download(context.export, order, name)
    await log_export(
        context.database,
        kind="xlsx",
        filtered=True,
        user_id=current_user.user.id,
        now=context.clock(),
        work_list=kind.value,
    )
    return file


async def _still_open(
    context: WebContext, current_user: CurrentUser, ids: str
) -> dict[str, View | None]:
    wanted = [one for one in ids.split(",") if _ROW_ID.fullmatch(one)][:_MAX_FOLLOWED]
    numbers = [int(one[1:]) for one in wanted if one[0] == "c"]
    left = await still_listed(context.database, numbers, context.today())
    found: dict[str, View | None] = {
        f"c{number}": user_view(user, name) for number, (user, name) in left.items()
    }
    promised = [int(one[1:]) for one in wanted if one[0] == "p"]
    if promised:
        chosen = _promises(context, (), promised)
        page = await list_promises(context.database, chosen, limit=_MAX_FOLLOWED)
        for one in page.rows:
            found[f"p{one.id}"] = user_view(one.assigned_to, one.assigned_name)
    return found


async def _act(
    context: WebContext, current_user: CurrentUser, row_id: str, given: ActionInput
) -> JSONResponse:
    number = int(row_id[1:])
    try:
        if row_id[0] == "c":
            await _act_on_customer(context, current_user, CustomerId(number), given)
        else:
            await _act_on_promise(context, current_user, FollowUpId(number), given)
    except WorkListRefusedError as refused:
        return row_refusal(refused.code.value, refused.name)
    except FollowUpRefusedError as refused:
        return row_refusal(str(refused), "")
    return JSONResponse({"done": given.action})


def _is_supervisor(current_user: CurrentUser) -> bool:
    return current_user.may(Right.SEE_ALL_CALLS)


def owners_of(owner: Owner, current_user: CurrentUser) -> tuple[UserId | None, ...]:
    match owner:
        case "open":
            return (current_user.user.id, None)
        case "mine":
            return (current_user.user.id,)
        case "none":
            return (None,)
        case "all":
            return ()


def _promises(
    context: WebContext, owners: tuple[UserId | None, ...], ids: Collection[int] | None = None
) -> PromiseFilter:
    return PromiseFilter(context.today(), context.zone, owners, ids)


async def _promise_views(
    context: WebContext, current_user: CurrentUser, promises: Sequence[FollowUp]
) -> list[View]:
    async with context.database.reading() as connection:
        people = await load_listed_customers(connection, [one.customer_id for one in promises])
    return [
        promise_view(one, people[one.customer_id], current_user.user.language, _now(context))
        for one in promises
        if one.customer_id in people
    ]


async def _work_views(
    context: WebContext,
    current_user: CurrentUser,
    kind: WorkKind,
    owners: tuple[UserId | None, ...],
    after: str,
) -> tuple[list[View], str | None]:
    page = await list_work(
        context.database, WorkFilter(kind, owners), context.today(), after=_read_cursor(after)
    )
    async with context.database.reading() as connection:
        names = await load_customer_refs(connection, referred_ids(page.rows))
    sections, language = sections_for(current_user.user), current_user.user.language
    now = _now(context)
    views = [work_row_view(row, sections, language, now, names) for row in page.rows]
    place = page.after
    return views, None if place is None else f"{place.position}:{place.customer_id}"


def _now(context: WebContext) -> Moment:
    now = datetime.fromtimestamp(context.clock(), UTC)
    return Moment(now, context.zone, context.office_hours.closed_days)


def _read_cursor(text: str) -> WorkCursor | None:
    if not text:
        return None
    found = _CURSOR.fullmatch(text)
    if found is None:
        raise HTTPException(422, "bad_request:after")
    return WorkCursor(int(found[1]), int(found[2]))


def _read_promise_cursor(text: str) -> PromiseCursor | None:
    if not text:
        return None
    found = _PROMISE_CURSOR.fullmatch(text)
    try:
        day = date.fromisoformat(found[1]) if found is not None else None
    except ValueError:
        day = None
    if found is None or day is None:
        raise HTTPException(422, "bad_request:after")
    return PromiseCursor(day, int(found[2]))


async def _act_on_customer(
    context: WebContext, current_user: CurrentUser, customer_id: CustomerId, given: ActionInput
) -> None:
    user_id, today = current_user.user.id, context.today()
    others = _is_supervisor(current_user)
    match given.action:
        case "undo":
            await undo_act(context.database, customer_id, user_id=user_id)
        case "take" | "assign":
            target = user_id if given.action == "take" else _target(given)
            await assign_rows(
                context.database,
                [customer_id],
                target,
                user_id=user_id,
                may_act_for_others=others and given.action == "assign",
            )
        case "done" | "snooze" | "never":
            snoozed = given.action == "snooze"
            await act_on_row(
                context.database,
                customer_id,
                RowState.SNOOZED if snoozed else RowState(given.action),
                user_id=user_id,
                now=context.clock(),
                today=today,
                until=today + timedelta(days=given.days) if snoozed else None,
                away_reason=given.away_reason,
                may_act_for_others=others,
            )


def _target(given: ActionInput) -> UserId | None:
    return None if given.user_id is None else UserId(given.user_id)


async def _act_on_promise(
    context: WebContext, current_user: CurrentUser, follow_up_id: FollowUpId, given: ActionInput
) -> None:
    database, user_id = context.database, current_user.user.id
    only_for = None if _is_supervisor(current_user) else user_id
    match given.action:
        case "done" | "never":
            await close_follow_up(
                database, follow_up_id, user_id=user_id, now=context.clock(), only_for=only_for
            )
        case "undo":
            await reopen_follow_up(database, follow_up_id, only_for=only_for)
        case "snooze":
            today = context.today()
            until = today + timedelta(days=given.days)
            await snooze_follow_up(database, follow_up_id, until, today=today, only_for=only_for)
        case "take":
            await reassign_follow_up(database, follow_up_id, user_id, only_for=only_for)
        case "assign":
            if not _is_supervisor(current_user):
                raise HTTPException(403, "not_allowed")
            await reassign_follow_up(database, follow_up_id, _target(given))
