"""What happens at a login and its failures: the session's cookies, and the record."""

import asyncio
import logging

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from screenpop.accounts.permissions import has_right
from screenpop.accounts.users import Right, User
from screenpop.store.accounts.login_records import LoginOutcome, record_login
from screenpop.store.accounts.sessions import NewSession, start_session
from screenpop.store.accounts.signing_key import find_signing_key, signing_key
from screenpop.web.auth.device_cookie import LASTS_S, known_device, with_account
from screenpop.web.context import WebContext
from screenpop.web.forms import safe_path

_log = logging.getLogger(__name__)
_RECORD_S = 2.0


async def let_in(context: WebContext, request: Request, user: User, wanted: str) -> Response:
    """Return a redirect to ``wanted`` that starts a session."""
    response = RedirectResponse(first_page(user, wanted), 303)
    await start_session_of(context, request, user, response)
    return response


async def start_session_of(
    context: WebContext, request: Request, user: User, response: Response
) -> NewSession:
    """Start a session and record the login; its cookies go into ``response``."""
    await record_try(context, request, user.username, LoginOutcome.LOGGED_IN)
    now = context.clock()
    session = await start_session(
        context.database,
        user.id,
        now,
        browser=request.headers.get("user-agent", ""),
        address=client_address(request),
    )
    lasts_s = int(session.expires_at - now)
    context.cookies.put(response, context.cookies.session, session.token, lasts_s)
    context.cookies.drop(response, context.cookies.login_form)
    if context.cookies.second_step in request.cookies:
        context.cookies.drop(response, context.cookies.second_step)
    key = await signing_key(context.database)
    if key is not None:
        known = request.cookies.get(context.cookies.device, "")
        device = with_account(known, user.username, key, now)
        context.cookies.put(response, context.cookies.device, device, LASTS_S)
    return session


async def device_of(context: WebContext, request: Request, username: str) -> str:
    """Return the browser's random name if it has logged into this account before."""
    cookie = request.cookies.get(context.cookies.device, "")
    key = await find_signing_key(context.database) if cookie else None
    return known_device(cookie, username, key, context.clock()) if key else ""


async def record_try(
    context: WebContext, request: Request, username: str, outcome: LoginOutcome
) -> None:
    """Record the attempt; a login does not wait for its record or fail with it."""
    try:
        async with asyncio.timeout(_RECORD_S):
            await record_login(
                context.database,
                username=username,
                is_right=outcome is LoginOutcome.LOGGED_IN,
                address=client_address(request),
                browser=request.headers.get("user-agent", ""),
                now=context.clock(),
                failure=outcome,
            )
    except Exception as problem:  # noqa: BLE001 -- a missing record must not block the login
        _log.warning("A login could not be recorded: %s", problem)


def client_address(request: Request) -> str:
    """Return the client address, from the connection or a trusted proxy."""
    return request.client.host if request.client else ""


def first_page(user: User, wanted: str) -> str:
    """Return where a login leads: the wanted path if it is ours, else the user's own page."""
    return safe_path(wanted, "/board" if has_right(user.role, Right.SEE_ALL_CALLS) else "/")
