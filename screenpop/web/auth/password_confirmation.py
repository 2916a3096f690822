"""Asks for the password again before a data export of a person or an erasure.

A confirmed session stays confirmed for ``CONFIRMED_S``. Programs with the API token need no
password.
"""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from screenpop.store.accounts.login_records import LoginOutcome
from screenpop.store.accounts.sessions import confirm_session
from screenpop.store.accounts.users import is_own_password
from screenpop.web.auth.current_user import CurrentUser, RequireUser
from screenpop.web.auth.login_pages import client_address, record_try
from screenpop.web.context import WebContext
from screenpop.web.forms import check_form_token, safe_path

CONFIRMED_S = 5 * 60.0
_Text = Annotated[str, Form(max_length=512)]


def is_confirmed(site: WebContext, visitor: CurrentUser) -> bool:
    """Return whether the password was confirmed in this session within ``CONFIRMED_S``."""
    if not visitor.token:
        return True
    at = visitor.confirmed_at
    return at is not None and 0 <= site.clock() - at < CONFIRMED_S


def require_confirmed(site: WebContext, visitor: CurrentUser) -> None:
    """Raise 403 ``confirm_password`` unless the session is confirmed."""
    if not is_confirmed(site, visitor):
        raise HTTPException(403, "confirm_password")


async def confirm(site: WebContext, request: Request, visitor: CurrentUser, password: str) -> bool:
    """Return whether this is the user's own password; wrong ones delay the next attempts."""
    name = visitor.user.username
    device = f"session {visitor.session_id}"
    async with site.throttle.trying(client_address(request), name, device) as attempt:
        is_right = attempt.is_allowed and await is_own_password(
            site.database, visitor.user.id, password
        )
        attempt.is_wrong = not is_right
    if is_right:
        await confirm_session(site.database, visitor.token, site.clock())
    else:
        await record_try(site, request, name, LoginOutcome.NOT_CONFIRMED)
    return is_right


def confirm_page(site: WebContext, request: Request, wanted: str, problem: str = "") -> Response:
    """Return the page that asks for the password and then redirects to ``wanted``."""
    data = {"next": safe_path(wanted, "/"), "problem": problem}
    status = 422 if problem else 200
    return site.renderer.page(request, "confirm.html", "confirm", data, status=status)


def confirm_routes(site: WebContext) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.post("/me/confirm")
    async def confirm_password(
        request: Request,
        visitor: RequireUser,
        csrf: _Text = "",
        password: _Text = "",
        wanted: Annotated[str, Form(alias="next", max_length=512)] = "",
    ) -> Response:
        check_form_token(request, csrf, site.cookies)
        if not await confirm(site, request, visitor, password):
            return confirm_page(site, request, wanted, "wrong_password")
        return RedirectResponse(safe_path(wanted, "/"), 303)

    return routes
