"""JSON API of vouchers."""

from typing import Annotated

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from screenpop.customers.models import CustomerId
from screenpop.loyalty.voucher_code import MAX_TYPED
from screenpop.loyalty.vouchers import MAX_KEY, MAX_PLACE, MAX_REASON
from screenpop.store.vouchers.queries import voucher_history, voucher_report
from screenpop.store.vouchers.redeeming import find_voucher
from screenpop.store.vouchers.rows import VoucherRefusedError
from screenpop.web.auth.current_user import CurrentUser, RequireEdit, RequireUser
from screenpop.web.context import WebContext
from screenpop.web.customers.api import check_json
from screenpop.web.customers.detail_pages import Number, file_or_404
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.offers.views import offer_or_404
from screenpop.web.vouchers.actions import (
    Change,
    RequireManageVouchers,
    VoucherRequest,
    change_voucher,
    make_batch,
)
from screenpop.web.vouchers.views import (
    customer_voucher_views,
    event_view,
    refused_voucher,
    report_view,
    voucher_view,
    voucher_views,
)

_Code = Annotated[str, Path(max_length=MAX_TYPED)]
_Key = Annotated[str, Field(max_length=MAX_KEY)]


class RedeemRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    customer: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None
    """The customer at the desk; needed for a voucher that is bound to one."""
    place: Annotated[str, Field(max_length=MAX_PLACE)] = ""
    """The desk, till or branch."""
    key: _Key = ""
    """The same request again, with the same key, has no second effect."""


class ReasonRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(max_length=MAX_REASON)]
    key: _Key = ""


class BatchRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    count: int
    valid_from: Annotated[str, Field(max_length=20)] = ""
    """As ``2031-05-01`` or ``1410/02/11``; empty: today."""
    valid_to: Annotated[str, Field(max_length=20)] = ""
    """The last day; empty: after the days of the offer."""
    key: _Key = ""


def voucher_api_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(prefix="/api/v1", tags=["vouchers"])

    @routes.get("/vouchers/report")
    async def report(_: RequireUser) -> JSONResponse:
        """Return the vouchers of each offer and currency by state; the states add up to issued."""
        rows = await voucher_report(context.database, context.today())
        return JSONResponse({"report": [report_view(row) for row in rows]})

    @routes.get("/vouchers/{code}")
    async def read(request: Request, _: RequireUser, code: _Code) -> Response:
        """Return a voucher and what happened to it. 404 names likely codes for a typing error."""
        return await _read(context, request, code)

    @routes.post("/vouchers/{code}/redeem")
    async def redeem(
        request: Request, current_user: RequireEdit, code: _Code, given: RedeemRequest
    ) -> Response:
        """Redeem a voucher, once. 409 with the reason: used when and where, expired, not yet, …"""
        asked = VoucherRequest(code=code, customer=given.customer, place=given.place, key=given.key)
        return await _change(context, request, current_user, "redeem", asked)

    @routes.post("/vouchers/{code}/cancel")
    async def cancel(
        request: Request, current_user: RequireManageVouchers, code: _Code, given: ReasonRequest
    ) -> Response:
        """Cancel a voucher that was not redeemed."""
        asked = VoucherRequest(code=code, reason=given.reason, key=given.key)
        return await _change(context, request, current_user, "cancel", asked)

    @routes.post("/vouchers/{code}/reverse")
    async def reverse(
        request: Request, current_user: RequireManageVouchers, code: _Code, given: ReasonRequest
    ) -> Response:
        """Take back that a voucher was redeemed; it can be used again until its last day."""
        asked = VoucherRequest(code=code, reason=given.reason, key=given.key)
        return await _change(context, request, current_user, "reverse", asked)

    @routes.post("/offers/{number}/vouchers", status_code=201)
    async def batch(
        request: Request, current_user: RequireManageVouchers, number: Number, given: BatchRequest
    ) -> Response:
        """Make vouchers of an offer for their bearers; a repeated key returns the first ones."""
        return await _batch(context, request, current_user, number, given)

    @routes.get("/customers/{number}/vouchers")
    async def of_customer(request: Request, _: RequireUser, number: Number) -> JSONResponse:
        """Return the vouchers that a customer got, the newest first."""
        await file_or_404(context, number)
        language = context.renderer.language(request)
        views = await customer_voucher_views(context, CustomerId(number), language)
        return JSONResponse({"vouchers": views})

    return routes


async def _read(context: WebContext, request: Request, code: str) -> Response:
    language = context.renderer.language(request)
    try:
        found = await find_voucher(context.database, code)
    except VoucherRefusedError as refused:
        return await refused_voucher(context, refused, language)
    events = await voucher_history(context.database, found.id)
    view = await voucher_view(context, found, language)
    return JSONResponse({**view, "history": [event_view(one) for one in events]})


async def _change(
    context: WebContext,
    request: Request,
    current_user: CurrentUser,
    change: Change,
    asked: VoucherRequest,
) -> Response:
    """Do it; return the voucher as it is now, or the refusal."""
    check_json(request)
    language = context.renderer.language(request)
    try:
        found = await change_voucher(context, current_user, change, asked)
    except VoucherRefusedError as refused:
        return await refused_voucher(context, refused, language)
    return JSONResponse(await voucher_view(context, found, language))


async def _batch(
    context: WebContext,
    request: Request,
    current_user: CurrentUser,
    number: int,
    given: BatchRequest,
) -> Response:
    check_json(request)
    language = context.renderer.language(request)
    saved = await offer_or_404(context, number, current_user)
    days = given.valid_from, given.valid_to
    try:
        made = await make_batch(context, current_user, saved.offer.id, given.count, days, given.key)
    except VoucherRefusedError as refused:
        return await refused_voucher(context, refused, language)
    views = await voucher_views(context, made, language)
    return JSONResponse({"vouchers": views}, status_code=201)
