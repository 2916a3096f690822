"""Routes for login and logout."""

from typing import Annotated

from fastapi import Form, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from screenpop.accounts.users import User
from screenpop.agents.agent import AgentId
from screenpop.store.accounts.first_passwords import FirstPassword, first_password_of
from screenpop.store.accounts.form_drafts import forget_drafts_of
from screenpop.store.accounts.login_records import LoginOutcome
from screenpop.store.accounts.sessions import end_session
from screenpop.store.accounts.users import (
    change_password,
    find_username,
    list_agents,
    list_users,
    verify_login,
)
from screenpop.web.auth.account_view import new_password_problem
from screenpop.web.auth.current_user import OptionalUser
from screenpop.web.auth.login_session import (
    client_address,
    device_of,
    first_page,
    let_in,
    record_try,
)
from screenpop.web.auth.second_step_pages import second_step_or_in
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.forms import check_form_token, safe_path

_Text = Annotated[str, Form(max_length=512)]
REASONS = frozenset({"expired", "password_changed", "user_disabled", "too_slow", "logged_out"})
"""Reasons for a redirect to the login: the ``reason`` of the socket's ``bye``, a code that came too
late after the password, or a log-out, after which the page deletes what the browser has kept."""


def login_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)

    @routes.get("/login")
    async def form(
        request: Request,
        current_user: OptionalUser,
        wanted: Annotated[str, Query(alias="next")] = "",
        why: str = "",
    ) -> Response:
        if current_user is not None:
            return RedirectResponse(first_page(current_user.user, wanted), 303)
        return await login_form(context, request, "", wanted, why=why if why in REASONS else "")

    @routes.post("/login")
    async def log_in(
        request: Request,
        current_user: OptionalUser,
        username: _Text = "",
        password: _Text = "",
        csrf: _Text = "",
        demo: _Text = "",
        wanted: Annotated[str, Form(alias="next", max_length=512)] = "",
    ) -> Response:
        check_form_token(request, csrf, context.cookies)
        user = await _try_login(context, request, username, password, demo=bool(demo))
        if not isinstance(user, User):
            return await _refused(context, request, user, wanted)
        if current_user is not None:
            await _end(context, current_user.token)
        first = await first_password_of(context.database, user.id, context.clock())
        if first is not FirstPassword.NONE:
            return await _first_login(context, request, user, first, wanted)
        if context.demo and demo:
            return await let_in(context, request, user, wanted)
        return await second_step_or_in(context, request, user, wanted)

    @routes.post("/logout")
    async def log_out(request: Request, current_user: OptionalUser, csrf: _Text = "") -> Response:
        response = RedirectResponse("/login?why=logged_out", 303)
        if current_user is not None:
            check_form_token(request, csrf, context.cookies)
            forget_drafts_of(context.database, current_user.user.id)
            await _end(context, current_user.token)
        context.cookies.drop(response, context.cookies.session)
        return response

    return routes


def first_login_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)

    @routes.post("/login/first")
    async def choose(
        request: Request,
        username: _Text = "",
        password: _Text = "",
        new: _Text = "",
        again: _Text = "",
        csrf: _Text = "",
        wanted: Annotated[str, Form(alias="next", max_length=512)] = "",
    ) -> Response:
        """Replace a password that was handed out, and log in with the new one."""
        check_form_token(request, csrf, context.cookies)
        user = await _try_login(context, request, username, password)
        if user is LoginOutcome.WRONG_PASSWORD:
            wrong: View = {"code": "wrong_password", "params": {}}
            return _choose_form(context, request, username, wanted, wrong, status=401)
        if not isinstance(user, User):
            return await _refused(context, request, user, wanted)
        now = context.clock()
        first = await first_password_of(context.database, user.id, now)
        if first is not FirstPassword.USABLE:
            # The usual form is for a password of one's own.
            error = "wrong" if first is FirstPassword.NONE else "first_password_expired"
            return await login_form(context, request, error, wanted, status=401)
        problem = new_password_problem(user, new, again)
        if problem is None and new == password:
            problem = {"code": "same_as_first", "params": {}}
        if problem is not None:
            return _choose_form(context, request, username, wanted, problem, status=422)
        await change_password(context.database, user.id, new, now)
        return await second_step_or_in(context, request, user, wanted)

    return routes


async def _try_login(
    context: WebContext, request: Request, username: str, password: str, *, demo: bool = False
) -> User | LoginOutcome:
    """Return the user of a name and password, or why there is none, which is recorded."""
    device = await device_of(context, request, username)
    async with context.throttle.trying(client_address(request), username, device) as attempt:
        user = None
        if attempt.is_allowed:
            user = await _authenticate(context, username, password, demo=demo)
            attempt.is_wrong = user is None
    if user is not None:
        return user
    outcome = LoginOutcome.WRONG_PASSWORD if attempt.is_allowed else LoginOutcome.TOO_MANY
    await record_try(context, request, username, outcome)
    return outcome


async def _refused(
    context: WebContext, request: Request, outcome: LoginOutcome, wanted: str
) -> Response:
    if outcome is LoginOutcome.TOO_MANY:
        return await login_form(context, request, "too_often", wanted, status=429)
    return await login_form(context, request, "wrong", wanted, status=401)


async def _authenticate(
    context: WebContext, username: str, password: str, *, demo: bool
) -> User | None:
    if context.demo and demo:
        return await find_username(context.database, username)
    return await verify_login(context.database, username, password)


async def _end(context: WebContext, token: str) -> None:
    await end_session(context.database, token)
    context.websocket_endpoint.end_session(token)


async def login_form(
    context: WebContext, request: Request, error: str, wanted: str, status: int = 200, why: str = ""
) -> Response:
    """Return the page of the login; ``error``: ``login.<code>`` of the catalogues."""
    provider = context.provider
    return context.renderer.page(
        request,
        "login.html",
        "login",
        {
            "error": error,
            "why": why,
            "next": safe_path(wanted, ""),
            "provider": provider.name if provider else "",
            "demo_users": await _demo_users(context) if context.demo else [],
        },
        status=status,
    )


async def _first_login(
    context: WebContext, request: Request, user: User, first: FirstPassword, wanted: str
) -> Response:
    if first is FirstPassword.EXPIRED:
        return await login_form(context, request, "first_password_expired", wanted, status=401)
    return _choose_form(context, request, user.username, wanted)


def _choose_form(
    context: WebContext,
    request: Request,
    username: str,
    wanted: str,
    problem: View | None = None,
    status: int = 200,
) -> Response:
    """Return the form for an own password, which also asks for the one handed out again: the
    page does not hold it."""
    data: View = {"username": username, "next": safe_path(wanted, ""), "problem": problem}
    return context.renderer.page(request, "login_first.html", "login", data, status=status)


async def _demo_users(context: WebContext) -> list[dict[str, str]]:
    phones = {agent.id: agent.endpoints[0] for agent in await list_agents(context.database)}
    return [
        {
            "username": user.username,
            "display_name": user.display_name,
            "role": user.role.value,
            "department": user.department.value,
            "language": user.language,
            "extension": str(phones.get(AgentId(user.id), "")),
        }
        for user in await list_users(context.database)
    ]
