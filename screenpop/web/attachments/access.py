"""Who may see and open attached files, what pages show of them, and how they are sent."""

from collections.abc import AsyncIterator
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import StreamingResponse

from screenpop.accounts.departments import Section, sections_for
from screenpop.accounts.users import Right
from screenpop.customers.attachments import (
    Attachment,
    AttachmentDraft,
    AttachmentKind,
    AttachmentProblem,
    MediaType,
)
from screenpop.customers.models import CustomerId
from screenpop.store.attachments.files import AttachmentRefusedError, AttachmentUnreadableError
from screenpop.store.attachments.records import (
    add_attachment,
    load_attachments,
    open_attachment,
    remove_attachment,
)
from screenpop.store.customers.queries import CustomerRefusedError
from screenpop.store.engine.document_key import DocumentKeyError
from screenpop.web.auth.current_user import CurrentUser, require_edit, require_user, with_section
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext

_POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"
_STATUS_OF = {
    AttachmentProblem.TOO_LARGE: 413,
    AttachmentProblem.TOO_MANY: 409,
    AttachmentProblem.DISK_FULL: 507,
    AttachmentProblem.FOLDER: 503,
}


async def require_attachments(request: Request) -> CurrentUser:
    return with_section(await require_user(request), Section.PERSONAL)


async def require_attachment_edit(request: Request) -> CurrentUser:
    return with_section(await require_edit(request), Section.PERSONAL)


RequireAttachments = Annotated[CurrentUser, Depends(require_attachments)]
"""A user whose department may see attached files."""
RequireAttachmentEdit = Annotated[CurrentUser, Depends(require_attachment_edit)]
"""A user who may add and remove them."""


def may_open(current_user: CurrentUser, kind: AttachmentKind) -> bool:
    """Return whether a user may open a file: a copy of a passport has its number in clear."""
    is_passport = kind is AttachmentKind.PASSPORT_COPY
    return not is_passport or current_user.may(Right.SEE_DOCUMENT_NUMBERS)


def attachment_view(one: Attachment, current_user: CurrentUser) -> View:
    """Return the view; the name of a file that the user may not open is left out."""
    can_open = may_open(current_user, one.kind)
    return {
        "id": one.id,
        "kind": one.kind.value,
        "name": one.name if can_open else "",
        "note": one.note,
        "media_type": one.media_type.value,
        "size": one.size,
        "trip": one.trip_id,
        "added_at": one.added_at,
        "added_by": one.added_by,
        "can_open": can_open,
    }


async def attachment_views(
    context: WebContext, current_user: CurrentUser, customer_id: CustomerId
) -> View:
    """Return ``rows`` and ``problem`` for the customer's page and the API; nothing where the
    department may not see them."""
    if Section.PERSONAL not in sections_for(current_user.user):
        return {"rows": [], "problem": ""}
    found = await load_attachments(context.database, customer_id)
    rows = [attachment_view(one, current_user) for one in found.attachments]
    return {"rows": rows, "problem": found.problem}


async def store_attachment(
    context: WebContext,
    current_user: CurrentUser,
    number: int,
    draft: AttachmentDraft,
    pieces: AsyncIterator[bytes],
) -> tuple[int, str, int]:
    """Store a file; return its id, or 0 with an error code and its HTTP status."""
    try:
        item_id = await add_attachment(
            context.database,
            CustomerId(number),
            draft,
            pieces,
            user_id=current_user.user.id,
            now=context.clock(),
        )
    except AttachmentRefusedError as refused:
        return 0, refused.problem.value, _STATUS_OF.get(refused.problem, 422)
    except DocumentKeyError as error:
        return 0, f"document_key_{error.code}", 503
    except CustomerRefusedError:
        return 0, "unknown_customer", 404
    return item_id, "", 201


async def send_attachment(
    context: WebContext, current_user: CurrentUser, number: int, item_id: int
) -> StreamingResponse:
    """Record that the user opens a file, then send it."""
    customer_id = CustomerId(number)
    kept = (await load_attachments(context.database, customer_id)).attachments
    found = next((one for one in kept if one.id == item_id), None)
    if found is None:
        raise HTTPException(404, "not_found")
    if not may_open(current_user, found.kind):
        raise HTTPException(403, "not_allowed")
    try:
        opened = await open_attachment(
            context.database,
            customer_id,
            item_id,
            user_id=current_user.user.id,
            now=context.clock(),
        )
    except DocumentKeyError as error:
        raise HTTPException(503, "document_key") from error
    except CustomerRefusedError as refused:
        raise HTTPException(404, "not_found") from refused
    except AttachmentUnreadableError as error:
        raise HTTPException(404, "attachment_unreadable") from error
    one = opened.attachment
    return StreamingResponse(
        opened.pieces,
        headers={
            "Content-Type": one.media_type.value,
            "Content-Length": str(one.size),
            "Content-Disposition": _disposition(one),
            "Content-Security-Policy": _POLICY,
            "Cache-Control": "private, no-store",
        },
    )


def _disposition(one: Attachment) -> str:
    """Return the header: pictures are shown, a PDF is saved; RFC 6266 and 8187 for the name."""
    place = "attachment" if one.media_type is MediaType.PDF else "inline"
    plain = "".join(char if char.isascii() and char not in '\\"%' else "_" for char in one.name)
    return f"{place}; filename=\"{plain}\"; filename*=UTF-8''{quote(one.name, safe='')}"


async def remove(context: WebContext, current_user: CurrentUser, number: int, item_id: int) -> None:
    user_id, now = current_user.user.id, context.clock()
    try:
        await remove_attachment(
            context.database, CustomerId(number), item_id, user_id=user_id, now=now
        )
    except CustomerRefusedError as refused:
        raise HTTPException(404, "not_found") from refused
