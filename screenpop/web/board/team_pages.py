"""``/admin/teams``: teams of agents, and the supervisors who see their calls."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Path
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from screenpop.accounts.users import Role, UserId
from screenpop.store.accounts.teams import (
    LONGEST_NAME,
    TeamRefusedError,
    delete_team,
    list_teams,
    save_team,
)
from screenpop.store.accounts.users import list_users
from screenpop.web.auth.current_user import RequireAdmin
from screenpop.web.context import WebContext
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.forms import check_form_token

_Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
_MOST_FIELDS = 4000


def team_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)

    @routes.get("/admin/teams")
    async def teams(request: Request, _current_user: RequireAdmin) -> Response:
        return await _teams(context, request)

    @routes.post("/admin/teams")
    async def create(request: Request, _current_user: RequireAdmin) -> Response:
        return await _save(context, request, None)

    @routes.post("/admin/teams/{team}")
    async def change(request: Request, _current_user: RequireAdmin, team: _Id) -> Response:
        return await _save(context, request, team)

    @routes.post("/admin/teams/{team}/delete")
    async def delete(request: Request, _current_user: RequireAdmin, team: _Id) -> Response:
        form = await request.form(max_files=0, max_fields=5)
        check_form_token(request, str(form.get("csrf", "")), context.cookies)
        await delete_team(context.database, team)
        context.desks.changed()
        return RedirectResponse("/admin/teams", 303)

    return routes


async def _save(context: WebContext, request: Request, team: int | None) -> Response:
    form = await request.form(max_files=0, max_fields=_MOST_FIELDS)
    check_form_token(request, str(form.get("csrf", "")), context.cookies)
    name = str(form.get("name", ""))[: LONGEST_NAME + 1]
    try:
        await save_team(
            context.database, team, name, _ids(form.getlist("member")), _ids(form.getlist("lead"))
        )
    except TeamRefusedError as refused:
        if refused.code == "unknown_team":
            raise HTTPException(404, "not_found") from refused
        return await _teams(context, request, problem=refused.code)
    context.desks.changed()
    return RedirectResponse("/admin/teams", 303)


def _ids(values: Sequence[object]) -> set[UserId]:
    """Return the ids among values of a form; what is none is left out."""
    texts = [value for value in values if isinstance(value, str)]
    return {UserId(int(text)) for text in texts if text.isascii() and text.isdigit()}


async def _teams(context: WebContext, request: Request, *, problem: str = "") -> Response:
    users = await list_users(context.database)
    data = {
        "teams": await list_teams(context.database),
        "people": users,
        "leads": [user for user in users if user.role is Role.SUPERVISOR],
        "problem": problem,
    }
    status = 422 if problem else 200
    return context.renderer.page(request, "admin_teams.html", "admin", data, status=status)
