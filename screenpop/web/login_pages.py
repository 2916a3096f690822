"""Logging in and out."""

from typing import Annotated

from fastapi import APIRouter, Form, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from screenpop.accounts.rights import may
from screenpop.accounts.users import Right, User
from screenpop.agents.agent import AgentId
from screenpop.store.sessions import end_session, start_session
from screenpop.store.users import find_username, list_agents, list_users, verify_login
from screenpop.web.forms import check_form_token, safe_path
from screenpop.web.login_limits import LoginLimits
from screenpop.web.site import Site
from screenpop.web.visitors import Anybody

_Text = Annotated[str, Form(max_length=512)]


def login_routes(site: Site) -> APIRouter:
    routes = APIRouter(include_in_schema=False)
    limits = LoginLimits()

    @routes.get("/login")
    async def form(
        request: Request, visitor: Anybody, wanted: Annotated[str, Query(alias="next")] = ""
    ) -> Response:
        if visitor is not None:
            return RedirectResponse(_first_page(visitor.user, wanted), 303)
        return await _form(site, request, "", wanted)

    @routes.post("/login")
    async def log_in(
        request: Request,
        visitor: Anybody,
        username: _Text = "",
        password: _Text = "",
        csrf: _Text = "",
        demo: _Text = "",
        wanted: Annotated[str, Form(alias="next", max_length=512)] = "",
    ) -> Response:
        check_form_token(request, csrf, site.cookies)
        address = request.client.host if request.client else ""
        with limits.trying(address, username) as one:
            if not one.allowed:
                return await _form(site, request, "too_often", wanted, status=429)
            user = await _who(site, username, password, demo=bool(demo))
            one.wrong = user is None
        if user is None:
            return await _form(site, request, "wrong", wanted, status=401)
        if visitor is not None:
            await _end(site, visitor.token)
        return await _let_in(site, user, wanted)

    @routes.post("/logout")
    async def log_out(request: Request, visitor: Anybody, csrf: _Text = "") -> Response:
        response = RedirectResponse("/login", 303)
        if visitor is not None:
            check_form_token(request, csrf, site.cookies)
            await _end(site, visitor.token)
        site.cookies.drop(response, site.cookies.session)
        return response

    return routes


async def _who(site: Site, username: str, password: str, *, demo: bool) -> User | None:
    if site.demo and demo:
        return await find_username(site.database, username)
    return await verify_login(site.database, username, password)


async def _let_in(site: Site, user: User, wanted: str) -> Response:
    session = await start_session(site.database, user.id, site.clock())
    response = RedirectResponse(_first_page(user, wanted), 303)
    lasts_s = int(session.expires_at - site.clock())
    site.cookies.put(response, site.cookies.session, session.token, lasts_s)
    site.cookies.drop(response, site.cookies.login_form)
    return response


async def _end(site: Site, token: str) -> None:
    await end_session(site.database, token)
    site.door.end_session(token)


async def _form(
    site: Site, request: Request, error: str, wanted: str, status: int = 200
) -> Response:
    return site.renderer.page(
        request,
        "login.html",
        "login",
        {
            "error": error,
            "next": safe_path(wanted, ""),
            "demo_users": await _demo_users(site) if site.demo else [],
        },
        status=status,
    )


async def _demo_users(site: Site) -> list[dict[str, str]]:
    phones = {agent.id: agent.endpoints[0] for agent in await list_agents(site.database)}
    return [
        {
            "username": user.username,
            "display_name": user.display_name,
            "role": user.role.value,
            "department": user.department.value,
            "language": user.language,
            "extension": str(phones.get(AgentId(user.id), "")),
        }
        for user in await list_users(site.database)
    ]


def _first_page(user: User, wanted: str) -> str:
    return safe_path(wanted, "/board" if may(user.role, Right.SEE_ALL_CALLS) else "/")
