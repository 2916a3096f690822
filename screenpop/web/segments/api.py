"""JSON API of segments."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from screenpop.conditions.errors import ConditionError
from screenpop.conditions.fields import CUSTOMER_FIELDS, FIELDS, TRIP_FIELDS, own_code
from screenpop.conditions.json_format import VERSION, read_condition, write_condition
from screenpop.conditions.tree import Node
from screenpop.customers.own_fields import OwnField, OwnKind
from screenpop.store.follow_ups.call_lists import end_call_list
from screenpop.store.own_fields.definitions import list_own_fields
from screenpop.store.segments.found import count_customers
from screenpop.store.segments.saved import (
    LONGEST_NAME,
    Audience,
    Segment,
    SegmentProblem,
    SegmentRefusedError,
    delete_segment,
    save_segment,
)
from screenpop.web.auth.current_user import CurrentUser, RequireUser
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext
from screenpop.web.customers.api import check_json
from screenpop.web.customers.detail_pages import Number
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.problem_details import problem_response
from screenpop.web.segments.access import (
    RequireManageSegments,
    may_use_condition,
    own_codes,
    segment_or_404,
    usable_fields,
    usable_segments,
    wanted_of,
)


class ConditionInput(BaseModel):
    model_config = ConfigDict(extra="forbid")

    condition: dict[str, Any]
    """``{"version": 1, "condition": …}``; ``GET /api/v1/segments/fields`` has the fields."""


class SegmentInput(ConditionInput):
    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
    audience: Audience = Audience.ALL
    """``supervisors``: agents do not see it."""


def segment_api_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(prefix="/api/v1", tags=["segments"])

    @routes.get("/segments")
    async def listed(current_user: RequireUser) -> JSONResponse:
        """Return the segments that you may use, by name."""
        rows = [_view(one) for one in await usable_segments(context.database, current_user)]
        return JSONResponse({"segments": rows})

    @routes.get("/segments/fields")
    async def fields(current_user: RequireUser) -> JSONResponse:
        """Return the fields of conditions with their operators, choices and limits."""
        own = await list_own_fields(context.database)
        of_customer, of_trip = own_codes(own)
        names = {own_code(one): own_field_view(one) for one in own}
        customer = _fields(usable_fields((*CUSTOMER_FIELDS, *of_customer), current_user))
        trip = _fields(usable_fields((*TRIP_FIELDS, *of_trip), current_user))
        for one in (*customer, *trip):
            one.update(names.get(str(one["field"]), {}))
        return JSONResponse({"version": VERSION, "customer": customer, "trip": trip})

    @routes.post("/segments/count")
    async def count_unsaved(
        request: Request, current_user: RequireManageSegments, given: ConditionInput
    ) -> Response:
        """Return how many customers meet a condition that is not saved."""
        check_json(request)
        try:
            node = _condition(given, current_user)
        except ConditionError as error:
            return _refused(error)
        count = await count_customers(context.database, wanted_of(context, node))
        return JSONResponse({"count": count})

    @routes.get("/segments/{number}")
    async def read(current_user: RequireUser, number: Number) -> JSONResponse:
        return JSONResponse(_view(await segment_or_404(context.database, number, current_user)))

    @routes.get("/segments/{number}/count")
    async def count(current_user: RequireUser, number: Number) -> JSONResponse:
        """Return how many customers are in a segment now."""
        segment = await segment_or_404(context.database, number, current_user)
        if segment.condition is None:
            raise HTTPException(404, "not_found")
        found = await count_customers(context.database, wanted_of(context, segment.condition))
        return JSONResponse({"count": found})

    return routes


def segment_edit_api_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(prefix="/api/v1", tags=["segments"])

    @routes.post("/segments", status_code=201)
    async def create(
        request: Request, current_user: RequireManageSegments, given: SegmentInput
    ) -> Response:
        """Save a segment."""
        check_json(request)
        return await _save(context, current_user, given, None)

    @routes.put("/segments/{number}")
    async def change(
        request: Request, current_user: RequireManageSegments, number: Number, given: SegmentInput
    ) -> Response:
        """Change name, condition and audience of a segment."""
        check_json(request)
        await segment_or_404(context.database, number, current_user)
        return await _save(context, current_user, given, number)

    @routes.delete("/segments/{number}", status_code=204)
    async def delete(current_user: RequireManageSegments, number: Number) -> Response:
        await segment_or_404(context.database, number, current_user)
        await end_call_list(context.database, number, zone=context.zone, now=context.clock())
        await delete_segment(context.database, number)
        return Response(status_code=204)

    return routes


async def _save(
    context: WebContext, current_user: CurrentUser, given: SegmentInput, number: int | None
) -> Response:
    try:
        saved = await save_segment(
            context.database,
            given.name,
            _condition(given, current_user),
            given.audience,
            user_id=current_user.user.id,
            now=context.clock(),
            number=number,
        )
    except ConditionError as error:
        return _refused(error)
    except SegmentRefusedError as refused:
        status = 409 if refused.problem is SegmentProblem.NAME_TAKEN else 422
        raise HTTPException(status, "bad_request:name") from refused
    segment = await segment_or_404(context.database, saved, current_user)
    return JSONResponse(_view(segment), status_code=200 if number else 201)


def _condition(given: ConditionInput, current_user: CurrentUser) -> Node:
    node = read_condition(given.condition)
    if not may_use_condition(node, current_user):
        raise HTTPException(403, "not_allowed")
    return node


def _refused(error: ConditionError) -> Response:
    """Return the answer to a condition that is refused: field, value and remedy."""
    details = {"field": error.field or error.at, "problem": error.remedy}
    more = {"at": error.at, "problem": error.problem.value, "value": error.value}
    sentence = "The condition is refused; at, value and errors name the place and the remedy."
    return problem_response(422, "bad_condition", sentence, [details], more=more)


def _view(segment: Segment) -> View:
    return {
        "id": segment.id,
        "name": segment.name,
        "condition": write_condition(segment.condition) if segment.condition else None,
        "audience": segment.audience.value,
        "made_by": segment.made_by,
        "changed_at": segment.changed_at,
    }


def own_field_view(own: OwnField) -> View:
    """Return the names of an own field and of its choices."""
    view: View = {"names": dict(own.names)}
    if own.kind is OwnKind.CHOICE:
        offered = [one for one in own.choices if one.active and not one.gone]
        view["options"] = [{"id": one.id, "names": dict(one.names)} for one in offered]
    return view


def _fields(codes: list[str]) -> list[View]:
    return [
        {
            "field": code,
            "kind": FIELDS[code].kind.value,
            "ops": [op.value for op in FIELDS[code].ops],
            **({"choices": list(FIELDS[code].choices)} if FIELDS[code].choices else {}),
            **(
                {"least": FIELDS[code].least, "most": FIELDS[code].most}
                if FIELDS[code].most
                else {}
            ),
            **({"currencies": list(FIELDS[code].currencies)} if FIELDS[code].currencies else {}),
        }
        for code in codes
    ]
