"""Changing many customers at once: pages."""

from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from screenpop.accounts.departments import Section, sections_for
from screenpop.customers.bulk_changes import ANSWERS, LONGEST_TAG, Action
from screenpop.customers.consent import CHANNELS, LONGEST_SOURCE, SOURCES
from screenpop.store.segments.bulk_edit import (
    BulkEditError,
    BulkProblem,
    apply_step,
    preview_step,
    undo_step,
)
from screenpop.store.segments.selection import Selection
from screenpop.store.segments.tags import list_tags
from screenpop.web.auth.current_user import CurrentUser, RequireEdit
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext
from screenpop.web.customers.detail_pages import Number
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.forms import check_form_token
from screenpop.web.segments.access import actor_of
from screenpop.web.segments.bulk_api import (
    MAX_CHOSEN,
    BulkInput,
    bulk_change,
    bulk_selection,
    step_or_404,
)
from screenpop.web.segments.bulk_views import step_view
from screenpop.web.segments.pages import words_of

_ACTIONS = (
    Action.ADD_TAG,
    Action.REMOVE_TAG,
    Action.SET_OWNER,
    Action.SET_BRANCH,
    Action.SET_CONSENT,
)


def bulk_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)

    @routes.post("/customers/bulk")
    async def choose(request: Request, current_user: RequireEdit) -> Response:
        form = await _form(context, request)
        return await _answer(context, request, current_user, form)

    @routes.get("/customers/bulk/{number:int}")
    async def made(request: Request, current_user: RequireEdit, number: Number) -> Response:
        step = await step_or_404(context, current_user, number)
        words = await words_of(context, request)
        data = {"step": step_view(step, words)}
        return context.renderer.page(request, "bulk_step.html", "customers", data)

    @routes.post("/customers/bulk/{number:int}/undo")
    async def undo(request: Request, current_user: RequireEdit, number: Number) -> Response:
        await _form(context, request)
        await step_or_404(context, current_user, number)
        try:
            await undo_step(context.database, number, actor_of(context, current_user))
        except BulkEditError as error:
            if error.problem is not BulkProblem.UNDONE:
                raise HTTPException(404, "not_found") from error
        return RedirectResponse(f"/customers/bulk/{number}", 303)

    return routes


async def _answer(
    context: WebContext, request: Request, current_user: CurrentUser, form: Mapping[str, Any]
) -> Response:
    """Show the form; with an action, how many customers it would change; with ``expected``
    change them."""
    given = _given(form, current_user)
    selection = await bulk_selection(context, current_user, given)
    if "action" not in form:
        return await _page(context, request, current_user, given, selection)
    change = bulk_change(given, current_user)
    actor = actor_of(context, current_user)
    try:
        if given.expected is None:
            preview = await preview_step(context.database, selection, change, actor)
            more: View = {"selected": preview.selected, "changing": preview.changing}
            return await _page(context, request, current_user, given, selection, more)
        step = await apply_step(context.database, selection, change, actor, expected=given.expected)
    except BulkEditError as error:
        problem = {"problem": error.problem.value, "detail": error.detail}
        return await _page(context, request, current_user, given, selection, problem, 422)
    return RedirectResponse(f"/customers/bulk/{step.id}", 303)


async def _form(context: WebContext, request: Request) -> dict[str, Any]:
    """Return the text fields of the form, and the customers that were ticked as ``ids``."""
    form = await request.form(max_files=0, max_fields=MAX_CHOSEN + 50)
    fields: dict[str, Any] = {name: value for name, value in form.items() if isinstance(value, str)}
    check_form_token(request, fields.get("csrf", ""), context.cookies)
    ticked = [value for value in form.getlist("id") if isinstance(value, str)]
    fields["ids"] = [*ticked, *fields.get("ids", "").split()]
    return fields


def _given(form: Mapping[str, Any], current_user: CurrentUser) -> BulkInput:
    ids = [int(one) for one in form["ids"] if one.isdecimal() and len(one) <= 18]
    expected = form.get("expected", "")
    if form.get("scope", "chosen") == "all":
        ids = []
    elif not ids:
        raise HTTPException(422, "bad_request:id")
    action = form.get("action", "")
    return BulkInput(
        action=Action(action) if action in _ACTIONS else Action.ADD_TAG,
        ids=ids[:MAX_CHOSEN],
        q=form.get("q", "")[:200],
        segment=_id(form, "segment"),
        of_branch=_id(form, "of_branch"),
        tag=form.get("tag", "")[:LONGEST_TAG],
        owner=_id(form, "owner"),
        branch=_id(form, "branch"),
        channel=form.get("channel", "")[:20],
        answer=form.get("answer", "")[:20],
        source=form.get("source", "")[:LONGEST_SOURCE],
        expected=int(expected) if expected.isdecimal() and len(expected) <= 9 else None,
    )


def _id(form: Mapping[str, Any], name: str) -> int | None:
    text = form.get(name, "")
    return (int(text) or None) if text.isdecimal() and len(text) <= 18 else None


async def _page(
    context: WebContext,
    request: Request,
    current_user: CurrentUser,
    given: BulkInput,
    selection: Selection,
    more: Mapping[str, object] | None = None,
    status: int = 200,
) -> Response:
    words = await words_of(context, request)
    personal = Section.PERSONAL in sections_for(current_user.user)
    left_out = set() if personal else {Action.SET_CONSENT}
    if not words.branches:
        left_out.add(Action.SET_BRANCH)
    counts = more or {}
    data: View = {
        "given": given,
        "actions": [one for one in _ACTIONS if one not in left_out],
        "branches": words.branches,
        "scope": "chosen" if given.ids else "all",
        "chosen": words.number(len(selection.ids)),
        "users": words.users,
        "channels": CHANNELS,
        "answers": list(ANSWERS),
        "sources": SOURCES,
        "tags": [row.tag for row in (await list_tags(context.database))[:200]],
        "problem": "",
        "detail": "",
        "selected": None,
        "changing": None,
        **counts,
        "number": words.number,
    }
    return context.renderer.page(request, "bulk.html", "customers", data, status=status)
