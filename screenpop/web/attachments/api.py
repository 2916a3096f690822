"""JSON API of attached files."""

from typing import Annotated

from fastapi import Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from screenpop.customers.attachments import (
    MAX_FILE_BYTES,
    MAX_NOTE_LENGTH,
    AttachmentDraft,
    AttachmentKind,
)
from screenpop.customers.models import CustomerId
from screenpop.web.attachments.access import (
    RequireAttachmentEdit,
    RequireAttachments,
    attachment_views,
    remove,
    send_attachment,
    store_attachment,
)
from screenpop.web.context import WebContext
from screenpop.web.customers.detail_pages import Number, file_or_404
from screenpop.web.error_pages import SENTENCES
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.imports.api import FILE_KIND
from screenpop.web.imports.uploads import body_pieces

_FILE_BODY = {
    "requestBody": {
        "required": True,
        "content": {FILE_KIND: {"schema": {"type": "string", "format": "binary"}}},
    }
}


def attachment_api_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(prefix="/api/v1/customers/{number}/attachments", tags=["customers"])

    @routes.get("")
    async def read(current_user: RequireAttachments, number: Number) -> JSONResponse:
        """Return the files of a customer, the newest first.

        ``name`` is empty where ``can_open`` is false. ``problem``: why names and files cannot be
        read: ``missing``, ``wrong`` or ``unreadable`` key.
        """
        await file_or_404(context, number)
        found = await attachment_views(context, current_user, CustomerId(number))
        return JSONResponse({"attachments": found["rows"], "problem": found["problem"]})

    @routes.post("", status_code=201, max_body_size=MAX_FILE_BYTES, openapi_extra=_FILE_BODY)
    async def add(
        request: Request,
        current_user: RequireAttachmentEdit,
        number: Number,
        kind: AttachmentKind,
        name: Annotated[str, Query(max_length=400)] = "",
        note: Annotated[str, Query(max_length=MAX_NOTE_LENGTH)] = "",
        trip: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
    ) -> JSONResponse:
        """Attach the body, a PDF, JPEG, PNG or WebP of at most 10 MB; ``name`` is its name."""
        # A form of another site cannot send this type without a CORS preflight request.
        if request.headers.get("content-type", "") != FILE_KIND:
            raise HTTPException(415, "wrong_type")
        await file_or_404(context, number)
        draft = AttachmentDraft(kind, name, note, trip)
        item_id, code, status = await store_attachment(
            context, current_user, number, draft, body_pieces(request)
        )
        if code:
            raise HTTPException(status, code if code in SENTENCES else f"bad_request:{code}")
        return JSONResponse({"id": item_id}, status_code=201)

    @routes.get("/{item_id}/content", response_class=Response)
    async def content(
        current_user: RequireAttachments, number: Number, item_id: Number
    ) -> Response:
        """Return the file; it is recorded in the customer's history first."""
        return await send_attachment(context, current_user, number, item_id)

    @routes.delete("/{item_id}", status_code=204)
    async def take_away(
        current_user: RequireAttachmentEdit, number: Number, item_id: Number
    ) -> None:
        """Remove a file."""
        await remove(context, current_user, number, item_id)

    return routes
