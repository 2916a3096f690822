"""Saved views of the call log: save, open, delete."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import Path
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from screenpop.accounts.users import Right
from screenpop.store.calls.call_views import (
    CallView,
    ViewRefusedError,
    delete_view,
    list_views,
    load_view,
    save_view,
)
from screenpop.web.auth.current_user import CurrentUser, RequireUser
from screenpop.web.calls.query import CallQuery, parse_call_query
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext
from screenpop.web.customers.detail_pages import form_fields
from screenpop.web.feature_router import FeatureRouter

_Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
_NEVER_SAVED = frozenset({"q", "customer", "after"})
"""What is about one person, or a place in the list."""


def call_view_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(tags=["calls"])

    @routes.post("/calls/views", include_in_schema=False)
    async def save(request: Request, current_user: RequireUser) -> Response:
        form = await form_fields(context, request)
        shared = form.get("shared") == "yes"
        if shared and not current_user.may(Right.SEE_ALL_CALLS):
            raise HTTPException(403, "not_allowed")
        try:
            query = CallQuery.model_validate({**form, "after": ""})
        except ValidationError as refused:
            raise HTTPException(422, f"bad_request:{refused.errors()[0]['loc'][0]}") from None
        language = context.renderer.language(request)
        parse_call_query(
            query, current_user, context.zone, today=context.today(), language=language
        )
        filters = {
            name: value
            for name, value in query.model_dump(exclude=set(_NEVER_SAVED)).items()
            if value
        }
        try:
            await save_view(
                context.database,
                form.get("name", ""),
                filters,
                shared=shared,
                user=current_user.user.id,
                now=context.clock(),
            )
        except ViewRefusedError as refused:
            raise HTTPException(422, refused.problem.value) from refused
        return RedirectResponse(f"/calls?{urlencode(filters)}", 303)

    @routes.get("/calls/views/{number}", include_in_schema=False)
    async def open_view(current_user: RequireUser, number: _Id) -> Response:
        found = await load_view(context.database, number, current_user.user.id)
        if found is None:
            raise HTTPException(404, "view_not_shared")
        return RedirectResponse(f"/calls?{urlencode(found.filters)}", 303)

    @routes.post("/calls/views/{number}/delete", include_in_schema=False)
    async def delete(request: Request, current_user: RequireUser, number: _Id) -> Response:
        await form_fields(context, request)
        if not await delete_view(context.database, number, current_user.user.id):
            raise HTTPException(404, "view_not_shared")
        return RedirectResponse("/calls", 303)

    @routes.get("/api/v1/call-views")
    async def views(current_user: RequireUser) -> JSONResponse:
        """Return the user's own saved views of the call log and those shared with all users.

        ``filters``: parameters for ``/api/v1/calls``, which lists only what the user may see.
        """
        return JSONResponse({"views": await view_list(context, current_user)})

    return routes


async def view_list(context: WebContext, current_user: CurrentUser) -> list[View]:
    """Return the views that a user may open."""
    found = await list_views(context.database, current_user.user.id)
    return [_view(one, current_user) for one in found]


def _view(one: CallView, current_user: CurrentUser) -> View:
    return {
        "id": one.id,
        "name": one.name,
        "filters": dict(one.filters),
        "shared": one.shared,
        "own": one.owner == current_user.user.id,
        "owner": one.owner_name,
    }
