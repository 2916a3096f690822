"""Pages and API to export customers, export the data of one person, and erase one person.

No GET changes anything except the record of views."""

from datetime import datetime
from functools import partial
from typing import Annotated

import orjson
from fastapi import Depends
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from screenpop.accounts.departments import Section, sections_for
from screenpop.accounts.users import Right
from screenpop.customers.consent import CHANNELS, SOURCES, stored_consents
from screenpop.customers.detail import CustomerDetail
from screenpop.customers.models import CustomerId
from screenpop.store.customers.audit import log_view
from screenpop.store.customers.document_keys import load_document_key
from screenpop.store.customers.queries import CustomerRefusedError
from screenpop.store.engine.document_key import DocumentKeyError
from screenpop.store.privacy.erasure import (
    Erased,
    confirmation_names,
    erase_customer,
    is_confirmation_name,
)
from screenpop.store.privacy.mentions import LikelyMention
from screenpop.store.privacy.plain_rows import Plain
from screenpop.store.privacy.records import log_export
from screenpop.store.privacy.subject_access import subject_access_report
from screenpop.web.auth.current_user import CurrentUser, require_user
from screenpop.web.auth.password_confirmation import (
    confirm,
    confirm_page,
    is_confirmed,
    require_confirmed,
)
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext
from screenpop.web.customers.api import check_json
from screenpop.web.customers.detail_pages import Number, file_or_404, form_fields, today_at
from screenpop.web.customers.views import consents_view
from screenpop.web.export_port import ExportRequestSpec
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.own_fields.record_forms import named_view, own_change
from screenpop.web.privacy.likely_places import likely_places
from screenpop.web.segments.access import segment_order
from screenpop.web.streaming_download import Kind, StreamingDownload, stream_download


async def require_export(request: Request) -> CurrentUser:
    return await _with(request, Right.EXPORT_CUSTOMERS)


async def require_access_export(request: Request) -> CurrentUser:
    return await _with(request, Right.GIVE_OUT_FILES)


async def require_erase(request: Request) -> CurrentUser:
    return await _with(request, Right.ERASE_CUSTOMERS)


async def _with(request: Request, right: Right) -> CurrentUser:
    current_user = await require_user(request)
    if not current_user.may(right):
        raise HTTPException(403, "not_allowed")
    return current_user


RequireExport = Annotated[CurrentUser, Depends(require_export)]
"""A user who may export customers."""
RequireAccessExport = Annotated[CurrentUser, Depends(require_access_export)]
"""A user who may export all data of a person."""
RequireErase = Annotated[CurrentUser, Depends(require_erase)]
"""A user who may erase a person."""


class ExportRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    format: Kind = "xlsx"
    q: Annotated[str, Field(max_length=200)] = ""
    """The search as typed on the list of customers; empty: all."""
    documents: bool = False
    """With the numbers of passports and other documents; needs the right to see them."""
    segment: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None
    """Only customers of this segment."""
    branch: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None
    """Only customers of this branch."""
    payments: bool = False
    """The payments of these customers instead, as CSV; needs a department that sees prices."""


class ErasureRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(max_length=400)]
    """The customer's whole name in any of its scripts, as a confirmation."""
    password: Annotated[str, Field(max_length=512)] = ""
    """The user's own password; not needed with the API token."""


class LikelyPlace(BaseModel):
    """A place that may mean an erased person."""

    place: str
    """Table and column, as ``trips.note``."""
    row: int
    customer: int | None
    call: int | None

    @classmethod
    def of(cls, one: LikelyMention) -> "LikelyPlace":
        return cls(place=one.place, row=one.row, customer=one.customer_id, call=one.call_id)


class ErasureResult(BaseModel):
    """How much was erased permanently."""

    files: int
    numbers: int
    trips: int
    calls: int
    attachments: int
    mentions: int
    """Places in records of others where the person was replaced by a neutral word."""
    likely: list[LikelyPlace]
    """Places that may mean the person; they were not changed."""


def privacy_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)

    @routes.post("/customers/export")
    async def export(request: Request, current_user: RequireExport) -> Response:
        form = await form_fields(context, request)
        kind, language = form.get("format", ""), context.renderer.language(request)
        if kind not in {"csv", "xlsx", "payments"}:
            raise HTTPException(422, "bad_request:format")
        given = ExportRequest(
            format="xlsx" if kind == "xlsx" else "csv",
            payments=kind == "payments",
            q=form.get("q", "")[:200],
            documents="documents" in form,
            segment=int(number) if (number := form.get("segment", "")).isdecimal() else None,
            branch=int(number) if (number := form.get("branch", "")).isdecimal() else None,
        )
        return await _export(context, current_user, given, language)

    @routes.get("/customers/{number:int}/whole-file")
    async def whole(
        request: Request, current_user: RequireAccessExport, number: Number
    ) -> Response:
        if not is_confirmed(context, current_user):
            await file_or_404(context, number)
            return confirm_page(context, request, request.url.path)
        kept = await _whole_file(context, current_user, number)
        file = await file_or_404(context, number)
        names = [name.full for name in file.customer.names.values()]
        data = {
            "kept": kept,
            "names": names or [str(number)],
            "who": number,
            "today": today_at(context).isoformat(),
            "channels": CHANNELS,
            "sources": SOURCES,
            "consents_of": _consents_of,
            "own_change": partial(_own_change, file, context.renderer.language(request)),
            "own_value": partial(named_view, language=context.renderer.language(request)),
            "epoch": lambda iso: datetime.fromisoformat(iso).timestamp(),
        }
        return context.renderer.page(request, "customer_subject_access.html", "customers", data)

    @routes.get("/customers/{number:int}/erase")
    async def ask(request: Request, _: RequireErase, number: Number) -> Response:
        return await _erase_page(context, request, number)

    @routes.post("/customers/{number:int}/erase")
    async def erase(request: Request, current_user: RequireErase, number: Number) -> Response:
        form = await form_fields(context, request)
        names = await confirmation_names(context.database, CustomerId(number))
        if not is_confirmation_name(form.get("name", ""), names):
            return await _erase_page(context, request, number, "other_name")
        password = form.get("password", "")[:512]
        if current_user.token and not await confirm(context, request, current_user, password):
            return await _erase_page(context, request, number, "wrong_password")
        return await _erase_and_answer(context, request, current_user, number)

    return routes


def privacy_api_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(prefix="/api/v1", tags=["customers"])

    @routes.post("/customers/export", response_class=Response)
    async def export(
        request: Request, current_user: RequireExport, given: ExportRequest
    ) -> Response:
        """Return all or the found customers as XLSX or CSV, as far as your department may see."""
        check_json(request)
        return await _export(context, current_user, given, current_user.user.language)

    @routes.get("/customers/{number}/whole-file")
    async def whole(current_user: RequireAccessExport, number: Number) -> Response:
        """Return all data stored about one person.

        In a browser session the password must have been confirmed within five minutes.
        """
        require_confirmed(context, current_user)
        kept = await _whole_file(context, current_user, number)
        text = orjson.dumps(kept, option=orjson.OPT_INDENT_2)
        name = f'attachment; filename="customer-{number}.json"'
        headers = {"Content-Disposition": name}
        return Response(text, media_type="application/json", headers=headers)

    @routes.post("/customers/{number}/erase", response_model=ErasureResult)
    async def erase(
        request: Request, current_user: RequireErase, number: Number, given: ErasureRequest
    ) -> JSONResponse:
        """Erase one person permanently; calls stay as figures without number and name."""
        check_json(request)
        names = await confirmation_names(context.database, CustomerId(number))
        if not names:
            raise HTTPException(404, "not_found")
        if not is_confirmation_name(given.name, names):
            raise HTTPException(422, "bad_request:name")
        if current_user.token and not await confirm(context, request, current_user, given.password):
            raise HTTPException(403, "confirm_password")
        try:
            erased = await _erase(context, current_user, number)
        except CustomerRefusedError as refused:
            raise HTTPException(409, f"bad_request:{refused.code}") from refused
        done = ErasureResult(
            files=erased.files,
            numbers=erased.numbers,
            trips=erased.trips,
            calls=erased.calls,
            attachments=erased.attachments,
            mentions=erased.mentions,
            likely=[LikelyPlace.of(one) for one in erased.likely],
        )
        return JSONResponse(done.model_dump())

    return routes


async def _export(
    context: WebContext, current_user: CurrentUser, given: ExportRequest, language: str
) -> StreamingDownload:
    sections = sections_for(current_user.user)
    if given.documents:
        await _check_documents(context, current_user, sections)
    if given.payments and not {Section.TRIPS, Section.PRICES} <= sections:
        raise HTTPException(403, "not_allowed")
    segment = await segment_order(context, current_user, given.segment, given.branch)
    order = ExportRequestSpec(
        *("csv" if given.payments else given.format, language, sections, given.q),
        *(given.documents, segment, given.payments),
    )
    what = "payments" if given.payments else "customers"
    file = await stream_download(context.export, order, f"{what}-{today_at(context).isoformat()}")
    filtered = bool(given.q.strip()) or segment is not None
    user_id, now = current_user.user.id, context.clock()
    await log_export(
        context.database,
        kind=_recorded_kind(given),
        filtered=filtered,
        user_id=user_id,
        now=now,
    )
    return file


def _recorded_kind(given: ExportRequest) -> str:
    if given.payments:
        return "payments"
    return f"{given.format}+documents" if given.documents else given.format


async def _check_documents(
    context: WebContext, current_user: CurrentUser, sections: frozenset[Section]
) -> None:
    if Section.PERSONAL not in sections or not current_user.may(Right.SEE_DOCUMENT_NUMBERS):
        raise HTTPException(403, "not_allowed")
    try:
        await load_document_key(context.database)
    except DocumentKeyError as error:
        raise HTTPException(503, "document_key") from error


def _consents_of(person: Plain) -> View:
    return consents_view(stored_consents(person["consents"], person["marketing_consent"]))


def _own_change(
    file: CustomerDetail, language: str, name: str, pair: tuple[object, object]
) -> View:
    return own_change(file.own_fields, name, pair, language)


async def _whole_file(context: WebContext, current_user: CurrentUser, number: int) -> Plain:
    kept = await subject_access_report(context.database, CustomerId(number))
    if kept is None:
        raise HTTPException(404, "not_found")
    log_view(context.database, CustomerId(number), current_user.user.id, context.clock())
    return kept


async def _erase(context: WebContext, current_user: CurrentUser, number: int) -> Erased:
    user_id, now = current_user.user.id, context.clock()
    return await erase_customer(context.database, CustomerId(number), user_id=user_id, now=now)


async def _erase_and_answer(
    context: WebContext, request: Request, current_user: CurrentUser, number: int
) -> Response:
    """Erase; show the places that may mean the person, once, or go to the list of customers."""
    try:
        erased = await _erase(context, current_user, number)
    except CustomerRefusedError as refused:
        return await _erase_page(context, request, number, refused.code)
    if not erased.likely:
        return RedirectResponse("/customers?erased=1", 303)
    data = {"mentions": erased.mentions, "places": likely_places(erased.likely)}
    return context.renderer.page(request, "customer_erased.html", "customers", data)


async def _erase_page(
    context: WebContext, request: Request, number: int, problem: str = ""
) -> Response:
    file = await file_or_404(context, number)
    if file.merged_into is not None:
        return RedirectResponse(f"/customers/{file.merged_into}/erase", 303)
    names = await confirmation_names(context.database, CustomerId(number))
    shared = any(number.shared_with for number in file.numbers)
    data = {
        "who": number,
        "names": names,
        "merged": len(file.merges),
        "shared": shared,
        "trips": sum(trip.buyer.id == number for trip in file.trips),
        "cases": len(file.cases),
        "problem": problem,
    }
    status = 422 if problem else 200
    return context.renderer.page(request, "customer_erase.html", "customers", data, status=status)
