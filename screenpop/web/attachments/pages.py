"""Pages of attached files: the upload form, the file itself, and its removal."""

import re

from starlette.requests import Request
from starlette.responses import Response

from screenpop.customers.attachments import (
    MAX_FILE_BYTES,
    MAX_NOTE_LENGTH,
    AttachmentDraft,
    AttachmentKind,
)
from screenpop.customers.detail import CustomerDetail
from screenpop.web.attachments.access import (
    RequireAttachmentEdit,
    RequireAttachments,
    remove,
    send_attachment,
    store_attachment,
)
from screenpop.web.auth.current_user import CurrentUser
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext
from screenpop.web.customers.detail_pages import Number, back_to, file_or_404, form_fields
from screenpop.web.customers.forms import Errors, Form
from screenpop.web.customers.views import file_view
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.forms import check_form_token
from screenpop.web.imports.uploads import FORM_AROUND_FILE, FormFile
from screenpop.web.imports.views import in_digits

UPLOAD_PATHS = re.compile(r"(?:/api/v1)?/customers/[0-9]{1,19}/attachments(?:/new)?")
"""Paths that accept files of ``MAX_FILE_BYTES`` and check their size themselves."""
_MEGABYTE = 1024 * 1024


def attachment_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(tags=["customers"], include_in_schema=False)
    path = "/customers/{number:int}/attachments"

    @routes.get(f"{path}/new")
    async def new(
        request: Request, _: RequireAttachmentEdit, number: Number, trip: str = ""
    ) -> Response:
        customer = await file_or_404(context, number)
        return _form_page(context, request, customer, {"trip": trip[:20]}, {})

    @routes.post(f"{path}/new", max_body_size=MAX_FILE_BYTES + FORM_AROUND_FILE)
    async def add(
        request: Request, current_user: RequireAttachmentEdit, number: Number
    ) -> Response:
        """The fields come before the file, so that the form is checked before it is stored."""
        return await _add(context, request, current_user, number)

    @routes.get(f"{path}/{{item_id:int}}")
    async def content(
        current_user: RequireAttachments, number: Number, item_id: Number
    ) -> Response:
        return await send_attachment(context, current_user, number, item_id)

    @routes.post(f"{path}/{{item_id:int}}/remove")
    async def take_away(
        request: Request, current_user: RequireAttachmentEdit, number: Number, item_id: Number
    ) -> Response:
        await form_fields(context, request)
        await remove(context, current_user, number, item_id)
        return back_to(number, "#attachments")

    return routes


async def _add(
    context: WebContext, request: Request, current_user: CurrentUser, number: int
) -> Response:
    upload = FormFile(request)
    await upload.head()
    form = upload.fields
    check_form_token(request, form.get("csrf", ""), context.cookies)
    customer = await file_or_404(context, number)
    draft, errors = _read_form(form, upload.filename)
    status = 422
    if not errors:
        _, code, status = await store_attachment(
            context, current_user, number, draft, upload.pieces()
        )
        errors = {"file": code} if code else {}
    if errors:
        return _form_page(context, request, customer, form, errors, status)
    return back_to(number, "#attachments")


def _read_form(form: Form, filename: str) -> tuple[AttachmentDraft, Errors]:
    errors: Errors = {}
    kind, trip = form.get("kind", ""), form.get("trip", "")
    if kind not in {*AttachmentKind}:
        errors["kind"] = "not_a_choice"
        kind = AttachmentKind.OTHER
    note = form.get("note", "").strip()
    if len(note) > MAX_NOTE_LENGTH:
        errors["note"] = "too_long"
    is_trip = trip.isascii() and trip.isdigit() and len(trip) < 19
    if trip and not is_trip:
        errors["trip"] = "not_a_choice"
    trip_id = int(trip) if is_trip else None
    return AttachmentDraft(AttachmentKind(kind), filename, note, trip_id), errors


def _form_page(
    context: WebContext,
    request: Request,
    customer: CustomerDetail,
    form: Form,
    errors: Errors,
    status: int = 200,
) -> Response:
    language = context.renderer.language(request)
    data: View = {
        "who": file_view(customer, frozenset(), language),
        "kinds": [one.value for one in AttachmentKind],
        "trips": [
            {"id": one.trip.id, "destination": one.trip.destination, "departs": one.trip.departs}
            for one in customer.trips
            if one.buyer.id == customer.customer.id
        ],
        "form": form,
        "errors": errors,
        "largest": MAX_FILE_BYTES,
        "limit": in_digits(MAX_FILE_BYTES // _MEGABYTE, language),
        "longest_note": MAX_NOTE_LENGTH,
    }
    return context.renderer.page(
        request, "customer_attachment.html", "customers", data, status=status
    )
