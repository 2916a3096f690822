"""Routes of points: spend, correct, and the ledger as JSON."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from screenpop.common.search_normalization import fold
from screenpop.customers.models import CustomerId
from screenpop.loyalty.points import MOST_POINTS, PointKind
from screenpop.loyalty.vouchers import MAX_KEY
from screenpop.store.points.ledger import (
    MAX_REASON,
    PointRefusal,
    PointsRefusedError,
    add_entry,
)
from screenpop.web.auth.current_user import CurrentUser, RequireEdit, RequireUser
from screenpop.web.context import WebContext
from screenpop.web.customers.api import check_json
from screenpop.web.customers.detail_pages import (
    Number,
    back_to,
    customer_page,
    file_or_404,
    form_fields,
)
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.points.views import points_view
from screenpop.web.problem_details import problem_response
from screenpop.web.vouchers.actions import RequireManageVouchers

_SENTENCES = {
    PointRefusal.REASON_NEEDED: "Write a reason; it is kept with the points.",
    PointRefusal.NUMBER: f"Write a whole number from 1 to {MOST_POINTS:,}; a correction may be"
    " below 0.",
    PointRefusal.TOO_FEW: "The customer has fewer points than that; balance has how many.",
    PointRefusal.KEY_USED: "This key was used for something else; send a new one.",
}
_MAX_DIGITS = 8


class PointsRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    points: int
    reason: Annotated[str, Field(max_length=MAX_REASON)]
    key: Annotated[str, Field(max_length=MAX_KEY)] = ""
    """The same request again, with the same key, has no second effect."""


def point_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)

    @routes.post("/customers/{number:int}/points/spend")
    async def spend(request: Request, current_user: RequireEdit, number: Number) -> Response:
        return await _from_page(context, request, current_user, number, PointKind.SPENT)

    @routes.post("/customers/{number:int}/points/correct")
    async def correct(
        request: Request, current_user: RequireManageVouchers, number: Number
    ) -> Response:
        return await _from_page(context, request, current_user, number, PointKind.CORRECTED)

    return routes


def point_api_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(prefix="/api/v1/customers/{number}", tags=["customers"])

    @routes.get("/points")
    async def read(_: RequireUser, number: Number) -> JSONResponse:
        """Return a customer's points: the balance is the sum of the entries."""
        await file_or_404(context, number)
        return JSONResponse(await points_view(context, CustomerId(number)))

    @routes.post("/points/spend")
    async def spend(
        request: Request, current_user: RequireEdit, number: Number, given: PointsRequest
    ) -> Response:
        """Spend points, at most those that the customer has."""
        check_json(request)
        return await _from_api(context, current_user, number, given, PointKind.SPENT)

    @routes.post("/points/correct")
    async def correct(
        request: Request, current_user: RequireManageVouchers, number: Number, given: PointsRequest
    ) -> Response:
        """Add points, or take some away with a number below 0."""
        check_json(request)
        return await _from_api(context, current_user, number, given, PointKind.CORRECTED)

    return routes


async def _from_page(
    context: WebContext,
    request: Request,
    current_user: CurrentUser,
    number: int,
    kind: PointKind,
) -> Response:
    form = await form_fields(context, request)
    file = await file_or_404(context, number)
    given = PointsRequest.model_construct(
        points=_typed(form.get("points", "")),
        reason=form.get("reason", "")[:MAX_REASON],
        key=form.get("key", "")[:MAX_KEY],
    )
    try:
        await _add(context, current_user, number, given, kind)
    except PointsRefusedError as refused:
        errors = {f"points_{kind.value}": refused.refusal.value}
        return await customer_page(context, request, current_user, file, form, errors)
    return back_to(number, "#points")


async def _from_api(
    context: WebContext,
    current_user: CurrentUser,
    number: int,
    given: PointsRequest,
    kind: PointKind,
) -> Response:
    try:
        await _add(context, current_user, number, given, kind)
    except PointsRefusedError as refused:
        view = await points_view(context, CustomerId(number))
        status = (
            422 if refused.refusal in (PointRefusal.REASON_NEEDED, PointRefusal.NUMBER) else 409
        )
        return problem_response(
            status,
            refused.refusal.value,
            _SENTENCES[refused.refusal],
            more={"balance": view["balance"]},
        )
    return JSONResponse(await points_view(context, CustomerId(number)))


async def _add(
    context: WebContext,
    current_user: CurrentUser,
    number: int,
    given: PointsRequest,
    kind: PointKind,
) -> None:
    try:
        await add_entry(
            context.database,
            CustomerId(number),
            kind,
            given.points,
            given.reason,
            today=context.today(),
            user_id=current_user.user.id,
            now=context.clock(),
            key=given.key,
        )
    except PointsRefusedError as refused:
        if refused.refusal is PointRefusal.UNKNOWN_CUSTOMER:
            raise HTTPException(404, "not_found") from refused
        raise


def _typed(text: str) -> int:
    """Return a typed number in any digits; 0, which is refused, for anything else."""
    plain = fold(text).replace("−", "-").replace("+", "")
    digits = plain.removeprefix("-")
    return int(plain) if digits.isdecimal() and len(digits) <= _MAX_DIGITS else 0
