"""Routes for login and logout."""

import asyncio
import logging
from typing import Annotated

from fastapi import APIRouter, Form, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from screenpop.accounts.permissions import has_right
from screenpop.accounts.users import Right, User
from screenpop.agents.agent import AgentId
from screenpop.store.accounts.login_records import LoginOutcome, record_login
from screenpop.store.accounts.sessions import end_session, start_session
from screenpop.store.accounts.signing_key import find_signing_key, signing_key
from screenpop.store.accounts.users import find_username, list_agents, list_users, verify_login
from screenpop.web.auth.current_user import OptionalUser
from screenpop.web.auth.device_cookie import LASTS_S, known_device, with_account
from screenpop.web.context import WebContext
from screenpop.web.forms import check_form_token, safe_path

_log = logging.getLogger(__name__)

_Text = Annotated[str, Form(max_length=512)]
_RECORD_S = 2.0
REASONS = frozenset({"expired", "password_changed", "user_disabled"})
"""Reasons for a redirect to the login: the ``reason`` of the socket's ``bye``."""


def login_routes(site: WebContext) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/login")
    async def form(
        request: Request,
        visitor: OptionalUser,
        wanted: Annotated[str, Query(alias="next")] = "",
        why: str = "",
    ) -> Response:
        if visitor is not None:
            return RedirectResponse(_first_page(visitor.user, wanted), 303)
        return await _form(site, request, "", wanted, why=why if why in REASONS else "")

    @routes.post("/login")
    async def log_in(
        request: Request,
        visitor: OptionalUser,
        username: _Text = "",
        password: _Text = "",
        csrf: _Text = "",
        demo: _Text = "",
        wanted: Annotated[str, Form(alias="next", max_length=512)] = "",
    ) -> Response:
        check_form_token(request, csrf, site.cookies)
        device = await _device(site, request, username)
        async with site.throttle.trying(client_address(request), username, device) as attempt:
            user = None
            if attempt.is_allowed:
                user = await _who(site, username, password, demo=bool(demo))
                attempt.is_wrong = user is None
        if not attempt.is_allowed:
            await record_try(site, request, username, LoginOutcome.TOO_MANY)
            return await _form(site, request, "too_often", wanted, status=429)
        if user is None:
            await record_try(site, request, username, LoginOutcome.WRONG_PASSWORD)
            return await _form(site, request, "wrong", wanted, status=401)
        if visitor is not None:
            await _end(site, visitor.token)
        await record_try(site, request, username, LoginOutcome.LOGGED_IN)
        return await _let_in(site, request, user, wanted)

    @routes.post("/logout")
    async def log_out(request: Request, visitor: OptionalUser, csrf: _Text = "") -> Response:
        response = RedirectResponse("/login", 303)
        if visitor is not None:
            check_form_token(request, csrf, site.cookies)
            await _end(site, visitor.token)
        site.cookies.drop(response, site.cookies.session)
        return response

    return routes


async def _who(site: WebContext, username: str, password: str, *, demo: bool) -> User | None:
    if site.demo and demo:
        return await find_username(site.database, username)
    return await verify_login(site.database, username, password)


async def _let_in(site: WebContext, request: Request, user: User, wanted: str) -> Response:
    now = site.clock()
    session = await start_session(
        site.database,
        user.id,
        now,
        browser=request.headers.get("user-agent", ""),
        address=client_address(request),
    )
    response = RedirectResponse(_first_page(user, wanted), 303)
    lasts_s = int(session.expires_at - now)
    site.cookies.put(response, site.cookies.session, session.token, lasts_s)
    site.cookies.drop(response, site.cookies.login_form)
    key = await signing_key(site.database)
    if key is not None:
        known = request.cookies.get(site.cookies.device, "")
        device = with_account(known, user.username, key, now)
        site.cookies.put(response, site.cookies.device, device, LASTS_S)
    return response


async def _device(site: WebContext, request: Request, username: str) -> str:
    """Return the browser's random name if it has logged into this account before."""
    cookie = request.cookies.get(site.cookies.device, "")
    key = await find_signing_key(site.database) if cookie else None
    return known_device(cookie, username, key, site.clock()) if key else ""


async def record_try(
    site: WebContext, request: Request, username: str, outcome: LoginOutcome
) -> None:
    """Record the attempt; a login does not wait for its record or fail with it."""
    try:
        async with asyncio.timeout(_RECORD_S):
            await record_login(
                site.database,
                username=username,
                is_right=outcome is LoginOutcome.LOGGED_IN,
                address=client_address(request),
                browser=request.headers.get("user-agent", ""),
                now=site.clock(),
                failure=outcome,
            )
    except Exception as problem:  # noqa: BLE001 -- a missing record must not block the login
        _log.warning("A login could not be recorded: %s", problem)


def client_address(request: Request) -> str:
    """Return the client address, from the connection or a trusted proxy."""
    return request.client.host if request.client else ""


async def _end(site: WebContext, token: str) -> None:
    await end_session(site.database, token)
    site.door.end_session(token)


async def _form(
    site: WebContext, request: Request, error: str, wanted: str, status: int = 200, why: str = ""
) -> Response:
    return site.renderer.page(
        request,
        "login.html",
        "login",
        {
            "error": error,
            "why": why,
            "next": safe_path(wanted, ""),
            "demo_users": await _demo_users(site) if site.demo else [],
        },
        status=status,
    )


async def _demo_users(site: WebContext) -> list[dict[str, str]]:
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
    return safe_path(wanted, "/board" if has_right(user.role, Right.SEE_ALL_CALLS) else "/")
