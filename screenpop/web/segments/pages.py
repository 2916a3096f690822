"""Pages of segments: the list with live counts, and the editor."""

from typing import Annotated

from fastapi import Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from screenpop.accounts.departments import sections_for
from screenpop.accounts.users import Right
from screenpop.conditions.fields import CUSTOMER_FIELDS, FIELDS, TRIP_FIELDS, Kind
from screenpop.conditions.tree import SET_OPS, Node, Op
from screenpop.follow_ups.call_lists import CallListProblem
from screenpop.follow_ups.work_list import WorkKind, visible_kinds
from screenpop.store.branches import branch_names
from screenpop.store.engine.database import Database
from screenpop.store.follow_ups.call_lists import end_call_list, list_call_lists
from screenpop.store.own_fields.definitions import list_own_fields
from screenpop.store.segments.found import count_customers
from screenpop.store.segments.saved import (
    Audience,
    Segment,
    SegmentRefusedError,
    delete_segment,
    save_segment,
)
from screenpop.store.segments.tags import list_tags
from screenpop.web.auth.current_user import CurrentUser, RequireUser
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext
from screenpop.web.customers.detail_pages import Number
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.forms import check_form_token
from screenpop.web.segments.access import (
    RequireManageSegments,
    may_use_condition,
    own_codes,
    segment_or_404,
    usable_fields,
    usable_segments,
    user_names,
    wanted_of,
)
from screenpop.web.segments.form import (
    MODES,
    TRIP_OPS,
    GroupForm,
    RowForm,
    SegmentForm,
    act_on,
    complete,
    form_of,
    read_form,
    read_tree,
)
from screenpop.web.segments.words import Words

_Tag = Annotated[str, Query(max_length=200)]
_MOST_TAGS = 200


def segment_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)

    @routes.get("/segments")
    async def page(
        request: Request,
        current_user: RequireUser,
        deleted: bool = False,
        problem: CallListProblem | None = None,
    ) -> Response:
        words = await words_of(context, request)
        rows = [
            segment_view(one, words)
            for one in await usable_segments(context.database, current_user)
        ]
        data: View = {"segments": rows, "deleted": deleted, "call_problem": problem or ""}
        if WorkKind.CALL_LIST in visible_kinds(sections_for(current_user.user)):
            data |= {"call_lists": await list_call_lists(context.database), "number": words.number}
        return context.renderer.page(request, "segments.html", "customers", data)

    @routes.get("/segments/{number:int}/count")
    async def count(request: Request, current_user: RequireUser, number: Number) -> Response:
        segment = await segment_or_404(context.database, number, current_user)
        found = await _count(context, segment.condition)
        words = await words_of(context, request)
        data = {"count": found, "count_text": words.number(found or 0)}
        return context.renderer.page(request, "_segment_count.html", "customers", data)

    @routes.get("/segments/new")
    async def new(
        request: Request, current_user: RequireManageSegments, tag: _Tag = ""
    ) -> Response:
        row = RowForm("tag", Op.IS_ANY.value, [tag]) if tag else RowForm()
        form = SegmentForm(groups=[GroupForm(rows=[row])])
        return await _editor(context, request, current_user, form, None)

    @routes.get("/segments/{number:int}/edit")
    async def edit(
        request: Request, current_user: RequireManageSegments, number: Number
    ) -> Response:
        segment = await segment_or_404(context.database, number, current_user)
        language = context.renderer.language(request)
        form = form_of(segment.condition, language) if segment.condition else None
        if form is None:
            words = await words_of(context, request)
            data = {"segments": [segment_view(segment, words)], "only_by_api": True}
            return context.renderer.page(request, "segments.html", "customers", data)
        form.name, form.audience = segment.name, segment.audience.value
        return await _editor(context, request, current_user, form, number)

    return routes


def segment_edit_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)

    @routes.post("/segments/draft")
    async def draft_new(request: Request, current_user: RequireManageSegments) -> Response:
        return await _draft(context, request, current_user, None)

    @routes.post("/segments/{number:int}/draft")
    async def draft(
        request: Request, current_user: RequireManageSegments, number: Number
    ) -> Response:
        return await _draft(context, request, current_user, number)

    @routes.post("/segments/new")
    async def save_new(request: Request, current_user: RequireManageSegments) -> Response:
        return await _save(context, request, current_user, None)

    @routes.post("/segments/{number:int}/edit")
    async def save(
        request: Request, current_user: RequireManageSegments, number: Number
    ) -> Response:
        return await _save(context, request, current_user, number)

    @routes.post("/segments/{number:int}/delete")
    async def delete(
        request: Request, current_user: RequireManageSegments, number: Number
    ) -> Response:
        await _sent(context, request)
        await segment_or_404(context.database, number, current_user)
        await end_call_list(context.database, number, zone=context.zone, now=context.clock())
        await delete_segment(context.database, number)
        return RedirectResponse("/segments?deleted=1", 303)

    return routes


async def _draft(
    context: WebContext, request: Request, current_user: CurrentUser, number: int | None
) -> Response:
    """Show the form again, with the count, and with the row or group that was added or removed."""
    form, act = await _sent(context, request)
    act_on(form, act)
    return await _editor(context, request, current_user, form, number)


async def _save(
    context: WebContext, request: Request, current_user: CurrentUser, number: int | None
) -> Response:
    form, _ = await _sent(context, request)
    if number is not None:
        await segment_or_404(context.database, number, current_user)
    complete(form)
    node = read_tree(form, context.today())
    if node is None:
        return await _editor(context, request, current_user, form, number, status=422)
    if not may_use_condition(node, current_user):
        raise HTTPException(403, "not_allowed")
    audience = Audience.ALL if form.audience == Audience.ALL else Audience.SUPERVISORS
    try:
        await save_segment(
            context.database,
            form.name,
            node,
            audience,
            user_id=current_user.user.id,
            now=context.clock(),
            number=number,
        )
    except SegmentRefusedError as refused:
        form.problem = refused.problem.value
        return await _editor(context, request, current_user, form, number, status=422)
    return RedirectResponse("/segments", 303)


def segment_view(segment: Segment, words: Words) -> View:
    """Return one segment for a page, with what it means in words."""
    return {
        "id": segment.id,
        "name": segment.name,
        "words": words.describe(segment.condition) if segment.condition else "",
        "audience": segment.audience.value,
        "made_by": segment.made_by,
        "changed_at": segment.changed_at,
    }


async def words_of(context: WebContext, request: Request) -> Words:
    """Return the words of conditions in the user's language."""
    language = context.renderer.language(request)
    own = {one.key: one for one in await list_own_fields(context.database)}
    return Words(
        context.renderer.catalogues[language],
        await user_names(context.database),
        await branch_names(context.database),
        own,
    )


async def _sent(context: WebContext, request: Request) -> tuple[SegmentForm, str]:
    """Return the form as sent and the button that was pressed."""
    form = await request.form(max_files=0, max_fields=2_000)
    items = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    fields = dict(items)
    check_form_token(request, fields.get("csrf", ""), context.cookies)
    return read_form(items), fields.get("act", "")


async def _count(context: WebContext, node: Node | None) -> int | None:
    return (
        None if node is None else await count_customers(context.database, wanted_of(context, node))
    )


async def _editor(
    context: WebContext,
    request: Request,
    current_user: CurrentUser,
    form: SegmentForm,
    number: int | None,
    *,
    status: int = 200,
) -> Response:
    complete(form)
    words = await words_of(context, request)
    is_new = all(not row.field for group in form.groups for row in group.rows)
    problem, problem_field = form.problem, form.problem_field
    node = None if is_new and status != 422 else read_tree(form, context.today())
    if problem:
        form.problem, form.problem_field = problem, problem_field
    if node is not None and not may_use_condition(node, current_user):
        raise HTTPException(403, "not_allowed")
    found = await _count(context, node)
    data: View = {
        "form": form,
        "number": number,
        "count": found,
        "count_text": "" if found is None else words.number(found),
        "words": words.describe(node) if node else "",
        "may_delete": current_user.may(Right.MANAGE_SEGMENTS),
        **await condition_choices(context, words, current_user, form),
    }
    return context.renderer.page(request, "segment_edit.html", "customers", data, status=status)


async def condition_choices(
    context: WebContext, words: Words, current_user: CurrentUser, form: SegmentForm
) -> dict[str, object]:
    """Return what ``_condition_editor.html`` needs: the form, fields, comparisons, users, tags."""
    of_customer, of_trip = own_codes(words.own.values(), _codes_in(form))
    trip_fields = usable_fields((*TRIP_FIELDS, *of_trip), current_user)
    return {
        "tree": form,
        "w": words,
        "specs": FIELDS,
        "customer_fields": usable_fields((*CUSTOMER_FIELDS, *of_customer), current_user),
        "trip_fields": trip_fields,
        "modes": MODES if trip_fields else MODES[:-1],
        "trip_ops": TRIP_OPS,
        "set_ops": {op.value for op in SET_OPS},
        "ops": {
            code: [(op.value, words.op(FIELDS[code], op)) for op in FIELDS[code].ops]
            for code in (*FIELDS, *of_customer, *of_trip)
        },
        "kinds": Kind,
        "users": words.users,
        "tags": await _tags(context.database),
    }


def _codes_in(form: SegmentForm) -> frozenset[str]:
    return frozenset(row.field for group in form.groups for row in group.rows if row.spec)


async def _tags(database: Database) -> list[str]:
    return [row.tag for row in (await list_tags(database))[:_MOST_TAGS]]
