"""Notes on a call: the forms on its page, and the same as JSON API.

A user who may see the call may write and correct an own note; a user who may see all calls may
correct every note. Each change is stored with its author.
"""

from typing import Annotated

from fastapi import Form, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from screenpop.accounts.users import Right
from screenpop.service.commands import MAX_NOTE_LENGTH
from screenpop.store.calls.note_edit import (
    NoteRefusedError,
    WrittenNote,
    add_note,
    correct_note,
)
from screenpop.store.calls.queries import CallDetail
from screenpop.web.auth.current_user import CurrentUser, RequireUser
from screenpop.web.calls.pages import call_page, detail_or_404
from screenpop.web.calls.views import detail_view
from screenpop.web.context import WebContext
from screenpop.web.customers.api import check_json
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.forms import check_form_token

_Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
_Token = Annotated[str, Form(max_length=512)]
_Text = Annotated[str, Form(max_length=4 * MAX_NOTE_LENGTH)]
_STATUS = {"not_found": 404, "note_changed": 409, "note_too_long": 422, "note_empty": 422}


class NoteGiven(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(min_length=1, max_length=MAX_NOTE_LENGTH)]


class CorrectionGiven(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(max_length=MAX_NOTE_LENGTH)]
    """The new text; empty removes the note from the pages."""
    read_at: float | None = None
    """``changed_at`` of the corrected note; 409 if the note has changed since."""


def call_note_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(tags=["calls"])

    @routes.post("/calls/{number}/notes", include_in_schema=False)
    async def add_on_page(
        request: Request,
        current_user: RequireUser,
        number: _Id,
        csrf: _Token = "",
        text: _Text = "",
    ) -> Response:
        check_form_token(request, csrf, context.cookies)
        detail = await detail_or_404(context, current_user, number)
        try:
            await _add(context, current_user, detail, _lines(text))
        except NoteRefusedError as refused:
            return await _refused_page(
                context, request, current_user, detail, refused, {"new": text}
            )
        return RedirectResponse(f"/calls/{number}#notes", 303)

    @routes.post("/calls/{number}/notes/{note}", include_in_schema=False)
    async def correct_on_page(
        request: Request,
        current_user: RequireUser,
        number: _Id,
        note: _Id,
        csrf: _Token = "",
        text: _Text = "",
        read_at: Annotated[str, Form(max_length=40)] = "",
    ) -> Response:
        check_form_token(request, csrf, context.cookies)
        detail = await detail_or_404(context, current_user, number)
        try:
            await _correct(context, current_user, detail, note, _lines(text), _moment(read_at))
        except NoteRefusedError as refused:
            detail = await detail_or_404(context, current_user, number)
            return await _refused_page(
                context, request, current_user, detail, refused, {str(note): text}
            )
        return RedirectResponse(f"/calls/{number}#notes", 303)

    @routes.post("/api/v1/calls/{number}/notes", status_code=201)
    async def add(
        request: Request, current_user: RequireUser, number: _Id, given: NoteGiven
    ) -> JSONResponse:
        """Add an own note to a call; a second one goes below the first."""
        check_json(request)
        detail = await detail_or_404(context, current_user, number)
        try:
            await _add(context, current_user, detail, _lines(given.text))
        except NoteRefusedError as refused:
            raise _problem(refused) from refused
        return await _notes(context, current_user, number, 201)

    @routes.put("/api/v1/calls/{number}/notes/{note}")
    async def correct(
        request: Request, current_user: RequireUser, number: _Id, note: _Id, given: CorrectionGiven
    ) -> JSONResponse:
        """Replace the text of an own note, or of any note for users who see all calls."""
        check_json(request)
        detail = await detail_or_404(context, current_user, number)
        try:
            await _correct(context, current_user, detail, note, _lines(given.text), given.read_at)
        except NoteRefusedError as refused:
            raise _problem(refused) from refused
        return await _notes(context, current_user, number, 200)

    return routes


async def _add(
    context: WebContext, current_user: CurrentUser, detail: CallDetail, text: str
) -> None:
    if not text:
        raise NoteRefusedError("note_empty")
    note = await add_note(
        context.database, detail.call.id, text, user_id=current_user.user.id, now=context.clock()
    )
    _show_on_card(context, detail, note)


async def _correct(
    context: WebContext,
    current_user: CurrentUser,
    detail: CallDetail,
    note: int,
    text: str,
    read_at: float | None,
) -> None:
    before = next((one for one in detail.notes if one.id == note), None)
    if before is None:
        raise NoteRefusedError("not_found")
    if before.agent != current_user.user.id and not current_user.may(Right.SEE_ALL_CALLS):
        raise HTTPException(403, "not_allowed")
    written = await correct_note(
        context.database,
        detail.call.id,
        note,
        text,
        user_id=current_user.user.id,
        now=context.clock(),
        read_at=read_at,
    )
    _show_on_card(context, detail, written)


def _show_on_card(context: WebContext, detail: CallDetail, note: WrittenNote) -> None:
    if note.author is not None:
        context.note_changed(detail.call.pbx, detail.call.call, note.author, note.text)


def _lines(text: str) -> str:
    """Return the text with LF line ends; empty for nothing but spaces."""
    return text.replace("\r\n", "\n").strip()


def _moment(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _problem(refused: NoteRefusedError) -> HTTPException:
    return HTTPException(_STATUS[refused.code], refused.code)


async def _refused_page(
    context: WebContext,
    request: Request,
    current_user: CurrentUser,
    detail: CallDetail,
    refused: NoteRefusedError,
    typed: dict[str, str],
) -> Response:
    """Return the call's page with the reason and the typed text in its form."""
    if refused.code == "not_found":
        raise _problem(refused) from refused
    return await call_page(
        context,
        request,
        current_user,
        detail,
        typed=typed,
        note_problem=refused.code,
        status=_STATUS[refused.code],
    )


async def _notes(
    context: WebContext, current_user: CurrentUser, number: int, status: int
) -> JSONResponse:
    detail = await detail_or_404(context, current_user, number)
    view = detail_view(detail, current_user.user.language, context.lines)
    return JSONResponse({"notes": view["notes"]}, status_code=status)
