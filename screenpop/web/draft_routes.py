"""Routes for the unfinished text of a page: kept for its user, so that the browser stores none."""

import re
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from screenpop.accounts.users import Right
from screenpop.store.accounts.form_drafts import (
    FormDraft,
    customer_of_form,
    forget_draft,
    keep_draft,
    list_drafts,
)
from screenpop.store.customers.visible import is_customer_visible
from screenpop.web.auth.current_user import CurrentUser, RequireUser
from screenpop.web.context import WebContext
from screenpop.web.customers.api import check_json
from screenpop.web.customers.forms import LONGEST_TEXT
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.forms import check_form_token

LONGEST_NAME = 200
"""Most characters of the name of a form or a field."""
MOST_FIELDS = 200
"""Most fields of a draft, as of a form."""
_FORM = re.compile(
    r"/customers/new"
    r"|/customers/[1-9]\d{0,17}/(?:edit|(?:trips|cases)/(?:new|[1-9]\d{0,17}))"
    r"|note:[!-~]{1,195}"
    r"|answers"
)
_FieldName = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
_Text = Annotated[str, Field(max_length=LONGEST_TEXT)]
_Fields = Annotated[dict[_FieldName, _Text], Field(max_length=MOST_FIELDS)]
_Name = Annotated[str, Query(max_length=LONGEST_NAME)]


class DraftInput(BaseModel):
    model_config = ConfigDict(extra="forbid")

    form: Annotated[str, Field(max_length=LONGEST_NAME)]
    """The path of a form of a customer, ``note:`` and a card's id, or ``answers``."""
    values: _Fields
    given: _Fields = Field(default_factory=dict)
    version: Annotated[str, Field(max_length=80)] = ""


def draft_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)

    @routes.get("/drafts")
    async def drafts(current_user: RequireUser, begins: _Name = "") -> JSONResponse:
        """Return the user's name, the token of their forms, and their drafts, newest first."""
        user = current_user.user
        found = await list_drafts(context.database, user.id, context.clock(), begins)
        kept = [one for one in found if await _is_visible(context, one.form)]
        return JSONResponse(
            {"user": user.username, "csrf": current_user.csrf, "drafts": list(map(_view, kept))}
        )

    @routes.put("/drafts")
    async def keep(request: Request, current_user: RequireUser, given: DraftInput) -> Response:
        """Store a draft. Another user's page, or a form that is none of theirs, is refused."""
        check_json(request)
        check_form_token(request, "", context.cookies)
        await _check_form(context, current_user, given.form)
        draft = FormDraft(given.form, given.values, given.given, given.version)
        await keep_draft(context.database, current_user.user.id, draft, context.clock())
        return Response(status_code=204)

    @routes.delete("/drafts")
    async def forget(request: Request, current_user: RequireUser, form: _Name) -> Response:
        check_form_token(request, "", context.cookies)
        await forget_draft(context.database, current_user.user.id, form)
        return Response(status_code=204)

    return routes


async def _check_form(context: WebContext, current_user: CurrentUser, form: str) -> None:
    """Raise 422, 403 or 404 for the form of a page that the user could not open."""
    if not _FORM.fullmatch(form):
        raise HTTPException(422, "bad_request:form")
    if form.startswith("/") and not current_user.may(Right.EDIT_CUSTOMERS):
        raise HTTPException(403, "not_allowed")
    if not await _is_visible(context, form):
        raise HTTPException(404, "not_found")


async def _is_visible(context: WebContext, form: str) -> bool:
    customer = customer_of_form(form)
    return customer is None or await is_customer_visible(context.database, customer)


def _view(draft: FormDraft) -> dict[str, object]:
    return {
        "form": draft.form,
        "values": draft.values,
        "given": draft.given,
        "version": draft.version,
        "saved_at": draft.saved_at,
    }
