"""``/vouchers``: redeem by typing or scanning a code; the report; batches and exports."""

import secrets
from collections.abc import Mapping
from typing import Annotated

from fastapi import Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from screenpop.common.search_normalization import fold
from screenpop.customers.models import CustomerId
from screenpop.loyalty.voucher_code import MAX_TYPED, formatted
from screenpop.loyalty.vouchers import MAX_KEY, VoucherState
from screenpop.offers.office_offer import OfferId
from screenpop.store.vouchers.queries import list_vouchers, voucher_history, voucher_report
from screenpop.store.vouchers.redeeming import find_voucher
from screenpop.store.vouchers.rows import VoucherRefusedError
from screenpop.web.auth.current_user import CurrentUser, RequireEdit, RequireUser
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext
from screenpop.web.customers.detail_pages import form_fields
from screenpop.web.export_port import VoucherExportSpec
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.offers.views import offer_or_404, visible_offers
from screenpop.web.privacy.pages import RequireExport
from screenpop.web.streaming_download import stream_download
from screenpop.web.vouchers.actions import (
    Change,
    RequireManageVouchers,
    VoucherRequest,
    change_voucher,
    make_batch,
)
from screenpop.web.vouchers.views import (
    event_view,
    report_view,
    status_of,
    voucher_view,
    voucher_views,
)

_LISTED = 100
_MAX_ID_DIGITS = 18
_Typed = Annotated[str, Query(max_length=MAX_TYPED)]
_Customer = Annotated[int | None, Query(ge=1, le=2**63 - 1)]
Form = Mapping[str, str]


def voucher_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)

    @routes.get("/vouchers")
    async def page(
        request: Request, _: RequireUser, code: _Typed = "", customer: _Customer = None
    ) -> Response:
        return await _page(context, request, code, customer)

    @routes.post("/vouchers/redeem")
    async def redeem(request: Request, current_user: RequireEdit) -> Response:
        return await _change(context, request, current_user, "redeem")

    @routes.post("/vouchers/cancel")
    async def cancel(request: Request, current_user: RequireManageVouchers) -> Response:
        return await _change(context, request, current_user, "cancel")

    @routes.post("/vouchers/reverse")
    async def reverse(request: Request, current_user: RequireManageVouchers) -> Response:
        return await _change(context, request, current_user, "reverse")

    return routes


def voucher_report_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)

    @routes.get("/vouchers/report")
    async def report(
        request: Request,
        current_user: RequireUser,
        offer: Annotated[str, Query(max_length=20)] = "",
        state: Annotated[str, Query(max_length=20)] = "",
    ) -> Response:
        chosen = VoucherState(state) if state in set(VoucherState) else None
        return await _report(context, request, current_user, _id(offer), chosen)

    @routes.post("/vouchers/batch")
    async def batch(request: Request, current_user: RequireManageVouchers) -> Response:
        form = await form_fields(context, request)
        saved = await offer_or_404(context, _id(form.get("offer", "")) or 0, current_user)
        count = _id(fold(form.get("count", ""))) or 0
        days = form.get("first", "")[:40], form.get("last", "")[:40]
        key = form.get("key", "")[:MAX_KEY]
        try:
            await make_batch(context, current_user, saved.offer.id, count, days, key)
        except VoucherRefusedError as refused:
            return await _report(
                context, request, current_user, None, None, form=form, refused=refused
            )
        return RedirectResponse(f"/vouchers/report?offer={saved.offer.id}&state=open#list", 303)

    @routes.post("/vouchers/export")
    async def export(request: Request, current_user: RequireExport) -> Response:
        form = await form_fields(context, request)
        kind = form.get("format", "")
        if kind not in {"csv", "xlsx"}:
            raise HTTPException(422, "bad_request:format")
        order = VoucherExportSpec(
            "csv" if kind == "csv" else "xlsx",
            context.today(),
            str(context.zone),
            context.renderer.language(request),
        )
        return await stream_download(context.export, order, "vouchers")

    return routes


async def _page(
    context: WebContext,
    request: Request,
    typed: str,
    customer: int | None,
    *,
    refused: VoucherRefusedError | None = None,
    form: Form | None = None,
) -> Response:
    language = context.renderer.language(request)
    found = refused.voucher if refused else None
    if typed and found is None:
        try:
            found = await find_voucher(context.database, typed)
        except VoucherRefusedError as unknown:
            refused = refused or unknown
    data: View = {
        "typed": formatted(found.code) if found else typed,
        "customer": customer,
        "voucher": None,
        "hindrance": "",
        "history": [],
        "refusal": refused.refusal.value if refused else "",
        "likely": [formatted(code) for code in refused.likely] if refused else [],
        "form": form or {},
        "key": secrets.token_urlsafe(12),
    }
    if found is not None:
        data["voucher"] = await voucher_view(context, found, language)
        events = await voucher_history(context.database, found.id)
        data["history"] = [event_view(one) for one in events]
        # Without a customer the page names the one it is for, and the desk compares.
        holder = customer or found.customer_id
        person = None if holder is None else CustomerId(holder)
        hindrance = found.refusal_for(person, context.today())
        data["hindrance"] = hindrance.value if hindrance else ""
        data["holder"] = holder
    status = status_of(refused) if refused else 200
    return context.renderer.page(request, "vouchers.html", "customers", data, status=status)


async def _change(
    context: WebContext, request: Request, current_user: CurrentUser, change: Change
) -> Response:
    """Do it and return to the voucher, or return the page with the refusal."""
    form = await form_fields(context, request)
    customer = _id(form.get("for", ""))
    asked = VoucherRequest(
        code=form.get("code", ""),
        customer=_id(form.get("customer", "")),
        place=form.get("place", ""),
        reason=form.get("reason", ""),
        key=form.get("key", ""),
    )
    try:
        voucher = await change_voucher(context, current_user, change, asked)
    except VoucherRefusedError as refused:
        typed = asked.code[:MAX_TYPED]
        return await _page(context, request, typed, customer, refused=refused, form=form)
    more = f"&customer={customer}" if customer else ""
    return RedirectResponse(f"/vouchers?code={formatted(voucher.code)}{more}", 303)


async def _report(
    context: WebContext,
    request: Request,
    current_user: CurrentUser,
    offer: int | None,
    state: VoucherState | None,
    *,
    form: Form | None = None,
    refused: VoucherRefusedError | None = None,
) -> Response:
    language, today = context.renderer.language(request), context.today()
    rows = await voucher_report(context.database, today)
    listed = await list_vouchers(
        context.database,
        today,
        offer_id=None if offer is None else OfferId(offer),
        state=state,
        limit=_LISTED,
    )
    giving = [
        one.offer
        for one in await visible_offers(context, current_user)
        if one.offer.terms.voucher is not None
    ]
    data: View = {
        "report": [report_view(row) for row in rows],
        "states": [one.value for one in VoucherState],
        "offers": [{"id": one.id, "name": one.terms.name} for one in giving],
        "vouchers": await voucher_views(context, listed, language),
        "is_cut": len(listed) == _LISTED,
        "offer": offer,
        "state": state.value if state else "",
        "form": form or {},
        "refusal": refused.refusal.value if refused else "",
        "most": context.voucher_batch,
        "key": secrets.token_urlsafe(12),
        "exports": context.export is not None,
    }
    status = status_of(refused) if refused else 200
    return context.renderer.page(request, "voucher_report.html", "customers", data, status=status)


def _id(text: str) -> int | None:
    """Return a typed number; None for anything else."""
    return int(text) if text.isdecimal() and len(text) <= _MAX_ID_DIGITS else None
