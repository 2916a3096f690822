"""JSON API to change many customers at once, and what its pages share with it."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from screenpop.accounts.departments import Section, sections_for
from screenpop.accounts.users import Right
from screenpop.customers.bulk_changes import LONGEST_TAG, Action, BulkChange
from screenpop.customers.consent import LONGEST_SOURCE, source_code
from screenpop.store.segments.bulk_edit import (
    BulkEdit,
    BulkEditError,
    BulkProblem,
    apply_step,
    load_step,
    preview_step,
    undo_step,
)
from screenpop.store.segments.selection import Selection
from screenpop.web.auth.current_user import CurrentUser, RequireEdit
from screenpop.web.context import WebContext
from screenpop.web.customers.api import check_json
from screenpop.web.customers.detail_pages import Number
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.segments.access import actor_of, is_own_step, selection_of
from screenpop.web.segments.bulk_views import step_json

MAX_CHOSEN = 1_000
_STATUS = {BulkProblem.UNKNOWN: 404, BulkProblem.VALUE: 422, BulkProblem.TOO_MANY: 422}


class BulkInput(BaseModel):
    """``ids``: these customers; without them all that ``q``, ``segment`` and ``of_branch`` find."""

    model_config = ConfigDict(extra="forbid")

    action: Action
    ids: Annotated[
        list[Annotated[int, Field(ge=1, le=2**63 - 1)]], Field(max_length=MAX_CHOSEN)
    ] = []
    q: Annotated[str, Field(max_length=200)] = ""
    segment: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None
    of_branch: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None
    """Only customers of this branch."""
    tag: Annotated[str, Field(max_length=LONGEST_TAG)] = ""
    old_tag: Annotated[str, Field(max_length=400)] = ""
    owner: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None
    branch: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None
    """For ``set_branch``; null: no branch."""
    channel: Annotated[str, Field(max_length=20)] = ""
    answer: Annotated[str, Field(max_length=20)] = ""
    """``yes``, ``no`` or ``never_asked``."""
    source: Annotated[str, Field(max_length=LONGEST_SOURCE)] = ""
    expected: Annotated[int, Field(ge=0)] | None = None
    """How many a preview counted; another number is refused."""
    preview: bool = False
    """Only count."""


def bulk_api_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(prefix="/api/v1", tags=["segments"])

    @routes.post("/customers/bulk", status_code=201, responses={200: {"description": "Counted."}})
    async def change_many(
        request: Request, current_user: RequireEdit, given: BulkInput
    ) -> JSONResponse:
        """Change many customers in one step, or count with ``preview`` how many it would change."""
        check_json(request)
        selection = await bulk_selection(context, current_user, given)
        change = bulk_change(given, current_user)
        actor = actor_of(context, current_user)
        try:
            if given.preview:
                found = await preview_step(context.database, selection, change, actor)
                return JSONResponse({"selected": found.selected, "changing": found.changing})
            step = await apply_step(
                context.database, selection, change, actor, expected=given.expected
            )
        except BulkEditError as error:
            raise _refusal(error) from error
        return JSONResponse(step_json(step), status_code=201)

    @routes.get("/bulk-edits/{number}")
    async def read(current_user: RequireEdit, number: Number) -> JSONResponse:
        return JSONResponse(step_json(await step_or_404(context, current_user, number)))

    @routes.post("/bulk-edits/{number}/undo")
    async def undo_many(
        request: Request, current_user: RequireEdit, number: Number
    ) -> JSONResponse:
        """Undo a step: ``restored`` counts the customers changed back, the others were changed
        since."""
        check_json(request)
        await step_or_404(context, current_user, number)
        try:
            step = await undo_step(context.database, number, actor_of(context, current_user))
        except BulkEditError as error:
            raise _refusal(error) from error
        return JSONResponse(step_json(step))

    return routes


def _refusal(error: BulkEditError) -> HTTPException:
    return HTTPException(
        _STATUS.get(error.problem, 409), f"bad_request:{error.detail or error.problem.value}"
    )


async def step_or_404(context: WebContext, current_user: CurrentUser, number: int) -> BulkEdit:
    """Return a step; one that the user may not see is not found."""
    step = await load_step(context.database, number)
    if step is None or not is_own_step(step.user_id, current_user):
        raise HTTPException(404, "not_found")
    if step.change.action is Action.SET_CONSENT and not _sees_consents(current_user):
        raise HTTPException(404, "not_found")
    return step


def _sees_consents(current_user: CurrentUser) -> bool:
    return Section.PERSONAL in sections_for(current_user.user)


async def bulk_selection(
    context: WebContext, current_user: CurrentUser, given: BulkInput
) -> Selection:
    if not given.ids and not current_user.may(Right.MANAGE_SEGMENTS):
        raise HTTPException(403, "not_allowed")
    return await selection_of(
        context,
        current_user,
        ids=tuple(given.ids),
        search=given.q,
        segment=given.segment,
        branch=given.of_branch,
    )


def bulk_change(given: BulkInput, current_user: CurrentUser) -> BulkChange:
    """Return the change with only the fields of its action; refuses what the user may not see."""
    match given.action:
        case Action.SET_OWNER:
            return BulkChange(given.action, owner=given.owner)
        case Action.SET_BRANCH:
            return BulkChange(given.action, branch=given.branch)
        case Action.SET_CONSENT:
            if not _sees_consents(current_user):
                raise HTTPException(403, "not_allowed")
            return BulkChange(
                given.action,
                channel=given.channel,
                answer=given.answer,
                source=source_code(given.source) if given.answer != "never_asked" else "",
            )
        case Action.RENAME_TAG:
            return BulkChange(given.action, tag=given.tag, old_tag=given.old_tag)
        case _:
            return BulkChange(given.action, tag=given.tag)
