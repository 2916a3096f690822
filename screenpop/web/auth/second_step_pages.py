"""The second step of a login: ``/login/code`` asks for a code, ``/login/setup`` makes one needed.

Both follow the right password and start the session. A role that needs a second factor (setting
``login.second_factor_roles``) is led to the setup once.
"""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import Form, Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from screenpop.accounts.users import User
from screenpop.store.accounts.login_records import LoginOutcome
from screenpop.store.accounts.second_factor import (
    CodeResult,
    Setup,
    check_code,
    find_second_factor,
    is_password_unchanged,
    new_setup,
    open_setup,
    turn_on,
)
from screenpop.store.accounts.signing_key import find_signing_key, signing_key
from screenpop.store.accounts.users import list_users
from screenpop.store.engine.document_key import DocumentKeyError
from screenpop.web.auth.current_user import OptionalUser
from screenpop.web.auth.login_session import (
    device_of,
    first_page,
    let_in,
    record_try,
    start_session_of,
)
from screenpop.web.auth.qr_code import qr_code_svg
from screenpop.web.auth.second_step import SECOND_STEP_S, read_second_step, sign_second_step
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.forms import check_form_token, safe_path

Text = Annotated[str, Form(max_length=512)]
_Wanted = Annotated[str, Query(alias="next", max_length=512)]
_FormWanted = Annotated[str, Form(alias="next", max_length=512)]


async def second_step_or_in(
    context: WebContext, request: Request, user: User, wanted: str
) -> Response:
    """Return the way on after the right password: a session, or the second step."""
    if await find_second_factor(context.database, user.id) is not None:
        path = "/login/code"
    elif user.role in context.second_factor_roles:
        path = "/login/setup"
    else:
        return await let_in(context, request, user, wanted)
    key = await signing_key(context.database)
    if key is None:
        raise HTTPException(503, "database")
    query = f"?{urlencode({'next': wanted})}" if safe_path(wanted, "") else ""
    response = RedirectResponse(path + query, 303)
    cookie = sign_second_step(user.id, context.clock(), key)
    context.cookies.put(response, context.cookies.second_step, cookie, SECOND_STEP_S)
    return response


def second_step_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)

    @routes.get("/login/code")
    async def code_form(request: Request, _: OptionalUser, wanted: _Wanted = "") -> Response:
        user = await _user_of(context, request)
        return _code_page(context, request, wanted) if user else _again()

    @routes.post("/login/code")
    async def log_in(
        request: Request,
        _: OptionalUser,
        csrf: Text = "",
        code: Text = "",
        wanted: _FormWanted = "",
    ) -> Response:
        check_form_token(request, csrf, context.cookies)
        user = await _user_of(context, request)
        if user is None:
            return _again()
        problem = await try_code(context, request, user, code)
        if problem:
            return _code_page(context, request, wanted, problem)
        return await let_in(context, request, user, wanted)

    @routes.get("/login/setup")
    async def setup_form(request: Request, _: OptionalUser, wanted: _Wanted = "") -> Response:
        user = await _user_of(context, request)
        return await _setup_page(context, request, user, wanted) if user else _again()

    @routes.post("/login/setup")
    async def set_up(
        request: Request,
        _: OptionalUser,
        csrf: Text = "",
        setup: Text = "",
        code: Text = "",
        wanted: _FormWanted = "",
    ) -> Response:
        """Turn the second factor on, log in, and show the recovery codes."""
        check_form_token(request, csrf, context.cookies)
        user = await _user_of(context, request)
        if user is None:
            return _again()
        codes = await confirmed_setup(context, user, setup, code)
        if isinstance(codes, dict):
            return await _setup_page(context, request, user, wanted, codes)
        data: View = {"codes": codes, "next": first_page(user, wanted), "first_login": True}
        response = context.renderer.page(request, "recovery_codes.html", "login", data)
        await start_session_of(context, request, user, response)
        return response

    return routes


async def try_code(context: WebContext, request: Request, user: User, code: str) -> str:
    """Return why a code is refused; empty if it is right, and then it is used up."""
    device = await device_of(context, request, user.username)
    async with context.throttle.trying_code(user.username, device) as attempt:
        if not attempt.is_allowed:
            result, problem = None, "too_often"
        else:
            result = await check_code(context.database, user.id, code, context.clock())
            attempt.is_wrong = result is CodeResult.WRONG
            problem = result.value if result in {CodeResult.WRONG, CodeResult.NO_KEY} else ""
    if result is CodeResult.WRONG:
        await record_try(context, request, user.username, LoginOutcome.WRONG_CODE)
    return problem


async def setup_view(
    context: WebContext, user: User, setup: Setup | None = None, problem: str = ""
) -> View:
    """Return the data of ``_second_factor_setup.html``, with a new secret if none is given."""
    try:
        setup = setup or await new_setup(context.database, user.id, context.clock())
    except DocumentKeyError:
        return {"setup": None, "problem": "no_key"}
    groups = [setup.secret[start : start + 4] for start in range(0, len(setup.secret), 4)]
    return {
        "setup": setup.sealed,
        "qr": qr_code_svg(setup.address(user.username)),
        "groups": groups,
        "problem": problem,
    }


async def confirmed_setup(
    context: WebContext, user: User, sealed: str, code: str
) -> tuple[str, ...] | View:
    """Turn the second factor of a form on; return the recovery codes, or the form's data."""
    now = context.clock()
    try:
        setup = await open_setup(context.database, user.id, sealed, now)
        if setup is None:
            return await setup_view(context, user, problem="expired")
        codes = await turn_on(context.database, user.id, setup, code, now)
    except DocumentKeyError:
        return await setup_view(context, user)
    return codes or await setup_view(context, user, setup, "wrong")


async def _user_of(context: WebContext, request: Request) -> User | None:
    """Return whose password this browser has entered, unless it was changed since."""
    cookie = request.cookies.get(context.cookies.second_step, "")
    key = await find_signing_key(context.database) if cookie else None
    now = context.clock()
    step = read_second_step(cookie, now, key) if key else None
    if step is None or not await is_password_unchanged(context.database, step.user, step.at, now):
        return None
    return next((one for one in await list_users(context.database) if one.id == step.user), None)


def _again() -> Response:
    return RedirectResponse("/login?why=too_slow", 303)


def _code_page(context: WebContext, request: Request, wanted: str, problem: str = "") -> Response:
    data: View = {"next": safe_path(wanted, ""), "problem": problem}
    status = {"": 200, "too_often": 429}.get(problem, 401)
    return context.renderer.page(request, "login_code.html", "login", data, status=status)


async def _setup_page(
    context: WebContext, request: Request, user: User, wanted: str, view: View | None = None
) -> Response:
    if await find_second_factor(context.database, user.id) is not None:
        return RedirectResponse("/login/code", 303)
    view = view or await setup_view(context, user)
    data: View = view | {"next": safe_path(wanted, "")}
    status = 422 if view["problem"] else 200
    return context.renderer.page(request, "login_setup.html", "login", data, status=status)
