"""``/me``: hot desk of today, settings, password and sessions."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from screenpop.accounts.users import User, UserId
from screenpop.store.accounts.hot_desks import list_hot_desk_logins, log_in_at, log_out
from screenpop.store.accounts.own_account import find_own_account
from screenpop.store.accounts.second_factor import find_second_factor
from screenpop.store.accounts.users import list_agents, list_users
from screenpop.telephony.identifiers import Endpoint, PbxId
from screenpop.web.auth.account_view import account_view
from screenpop.web.auth.current_user import CurrentUser, RequireUser
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.forms import check_form_token

_Text = Annotated[str, Form(max_length=80)]


def hot_desk_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)

    @routes.get("/me")
    async def me(request: Request, current_user: RequireUser, done: str = "") -> Response:
        return await me_page(context, request, current_user, done=done)

    @routes.post("/me/seat")
    async def sit(
        request: Request,
        current_user: RequireUser,
        csrf: _Text = "",
        endpoint: _Text = "",
        pbx: _Text = "",
    ) -> Response:
        """Take a phone for the rest of this session; an empty phone leaves it."""
        check_form_token(request, csrf, context.cookies)
        phone = Endpoint(endpoint.strip())
        if not phone:
            await log_out(context.database, current_user.user.id)
            context.desks.changed()
            return RedirectResponse("/me", 303)
        problem = await _why_not(context, current_user, PbxId(pbx), phone)
        if problem is None and not await log_in_at(
            context.database, current_user.token, PbxId(pbx), phone, context.clock()
        ):
            problem = {"code": "no_session", "name": ""}
        if problem is not None:
            return await me_page(context, request, current_user, problem | {"endpoint": phone})
        context.desks.changed()
        return RedirectResponse("/me", 303)

    return routes


async def me_page(
    context: WebContext,
    request: Request,
    current_user: CurrentUser,
    problem: Mapping[str, str] | None = None,
    *,
    account_problem: View | None = None,
    done: str = "",
) -> Response:
    """Return the page ``/me``, with the error of a failed change."""
    own = await find_own_account(context.database, current_user.user.id, context.clock())
    data = {
        "seat": own.hot_desk,
        "own_phones": own.phones,
        "pbxes": context.desks.pbxes,
        "seat_problem": problem,
        "account": account_view(
            own.sessions,
            current_user,
            account_problem,
            done,
            has_second_factor=await find_second_factor(context.database, current_user.user.id)
            is not None,
        ),
    }
    status = 200 if problem is None and account_problem is None else 422
    return context.renderer.page(request, "me.html", "me", data, status=status)


async def _why_not(
    context: WebContext, current_user: CurrentUser, pbx: PbxId, phone: Endpoint
) -> dict[str, str] | None:
    """Return why the user cannot take this phone; empty if possible.

    An agent with an open page keeps the phone, as their cards must not go to another user.
    """
    if pbx and pbx not in context.desks.pbxes:
        return {"code": "no_phone", "name": ""}
    if not context.desks.is_phone(pbx, phone):
        return {"code": "no_phone", "name": ""}
    holder = await _holder(context, pbx, phone)
    if (
        holder is not None
        and holder.id != current_user.user.id
        and context.websocket_endpoint.tabs(holder.id)
    ):
        return {"code": "taken", "name": holder.display_name}
    return None


async def _holder(context: WebContext, pbx: PbxId, phone: Endpoint) -> User | None:
    """Return the user of this phone now, by hot desk, else by the settings."""
    logins = await list_hot_desk_logins(context.database, context.clock())
    there = [one.user for one in logins if one.endpoint == phone and pbx in {"", one.pbx}]
    if not there:
        agents = await list_agents(context.database, pbx or None)
        there = [UserId(agent.id) for agent in agents if phone in agent.endpoints]
    users = {user.id: user for user in await list_users(context.database)}
    return users.get(there[-1]) if there else None
