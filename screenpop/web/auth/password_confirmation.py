"""Asks for the password again before a data export of a person or an erasure.

A confirmed session stays confirmed for ``CONFIRMED_S``. Programs with the API token need no
password.
"""

from typing import Annotated

from fastapi import Form
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from screenpop.store.accounts.login_records import LoginOutcome
from screenpop.store.accounts.sessions import confirm_session
from screenpop.store.accounts.users import is_own_password
from screenpop.web.auth.current_user import CurrentUser, RequireUser
from screenpop.web.auth.login_session import client_address, record_try
from screenpop.web.context import WebContext
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.forms import check_form_token, safe_path

CONFIRMED_S = 5 * 60.0
_Text = Annotated[str, Form(max_length=512)]


def is_confirmed(context: WebContext, current_user: CurrentUser) -> bool:
    """Return whether the password was confirmed in this session within ``CONFIRMED_S``."""
    if not current_user.token:
        return True
    at = current_user.confirmed_at
    return at is not None and 0 <= context.clock() - at < CONFIRMED_S


def require_confirmed(context: WebContext, current_user: CurrentUser) -> None:
    """Raise 403 ``confirm_password`` unless the session is confirmed."""
    if not is_confirmed(context, current_user):
        raise HTTPException(403, "confirm_password")


async def confirm(
    context: WebContext, request: Request, current_user: CurrentUser, password: str
) -> bool:
    """Return whether this is the user's own password; wrong ones delay the next attempts."""
    name = current_user.user.username
    device = f"session {current_user.session_id}"
    async with context.throttle.trying(client_address(request), name, device) as attempt:
        is_right = attempt.is_allowed and await is_own_password(
            context.database, current_user.user.id, password
        )
        attempt.is_wrong = not is_right
    if is_right:
        await confirm_session(context.database, current_user.token, context.clock())
    else:
        await record_try(context, request, name, LoginOutcome.NOT_CONFIRMED)
    return is_right


def confirm_page(context: WebContext, request: Request, wanted: str, problem: str = "") -> Response:
    """Return the page that asks for the password and then redirects to ``wanted``."""
    data = {"next": safe_path(wanted, "/"), "problem": problem}
    status = 422 if problem else 200
    return context.renderer.page(request, "confirm.html", "confirm", data, status=status)


def confirm_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)

    @routes.post("/me/confirm")
    async def confirm_password(
        request: Request,
        current_user: RequireUser,
        csrf: _Text = "",
        password: _Text = "",
        wanted: Annotated[str, Form(alias="next", max_length=512)] = "",
    ) -> Response:
        check_form_token(request, csrf, context.cookies)
        if not await confirm(context, request, current_user, password):
            return confirm_page(context, request, wanted, "wrong_password")
        return RedirectResponse(safe_path(wanted, "/"), 303)

    return routes
