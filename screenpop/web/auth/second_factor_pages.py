"""``/me/second-factor``: turns the own second factor on and off; administrators turn it off."""

from typing import Annotated

from fastapi import Form, Path
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from screenpop.accounts.users import UserId
from screenpop.protocol.close_codes import CloseCode
from screenpop.store.accounts.second_factor import (
    find_second_factor,
    new_recovery_codes,
    turn_off,
)
from screenpop.store.accounts.sessions import end_other_sessions
from screenpop.web.auth.current_user import CurrentUser, RequireAdmin, RequireUser
from screenpop.web.auth.password_confirmation import (
    confirm_page,
    is_confirmed,
    require_confirmed,
)
from screenpop.web.auth.second_step_pages import confirmed_setup, setup_view
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.forms import check_form_token

_Text = Annotated[str, Form(max_length=512)]
_Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
_PATH = "/me/second-factor"


def second_factor_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)

    @routes.get(_PATH)
    async def page(request: Request, current_user: RequireUser) -> Response:
        if not is_confirmed(context, current_user):
            return confirm_page(context, request, _PATH)
        return await _page(context, request, current_user)

    @routes.post(f"{_PATH}/on")
    async def on(
        request: Request,
        current_user: RequireUser,
        csrf: _Text = "",
        setup: _Text = "",
        code: _Text = "",
    ) -> Response:
        """Turn it on, show the recovery codes, and end sessions that the password alone began."""
        check_form_token(request, csrf, context.cookies)
        require_confirmed(context, current_user)
        user = current_user.user
        codes = await confirmed_setup(context, user, setup, code)
        if isinstance(codes, dict):
            return await _page(context, request, current_user, codes)
        await end_other_sessions(context.database, user.id, current_user.token)
        context.websocket_endpoint.end_user(
            user.id, CloseCode.EXPIRED, but_token=current_user.token
        )
        return _codes_page(context, request, codes)

    @routes.post(f"{_PATH}/codes")
    async def codes(request: Request, current_user: RequireUser, csrf: _Text = "") -> Response:
        """Replace the recovery codes and show the new ones."""
        check_form_token(request, csrf, context.cookies)
        require_confirmed(context, current_user)
        if await find_second_factor(context.database, current_user.user.id) is None:
            raise HTTPException(404, "not_found")
        made = await new_recovery_codes(context.database, current_user.user.id)
        return _codes_page(context, request, made)

    return routes


def second_factor_off_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)

    @routes.post(f"{_PATH}/off")
    async def off(request: Request, current_user: RequireUser, csrf: _Text = "") -> Response:
        check_form_token(request, csrf, context.cookies)
        require_confirmed(context, current_user)
        if current_user.user.role in context.second_factor_roles:
            raise HTTPException(403, "forbidden")
        user = current_user.user.id
        if await turn_off(context.database, user, keep_token=current_user.token):
            context.websocket_endpoint.end_user(
                user, CloseCode.EXPIRED, but_token=current_user.token
            )
        return RedirectResponse(_PATH, 303)

    @routes.post("/admin/users/{user_id}/second-factor/off")
    async def reset(
        request: Request, current_user: RequireAdmin, user_id: _Id, csrf: _Text = ""
    ) -> Response:
        """Turn off the second factor of a user whose phone is lost; their open pages close."""
        check_form_token(request, csrf, context.cookies)
        if current_user.user.id == user_id:
            raise HTTPException(403, "forbidden")
        if await turn_off(context.database, UserId(user_id)):
            context.websocket_endpoint.end_user(UserId(user_id), CloseCode.EXPIRED)
        return RedirectResponse(f"/admin/users/{user_id}", 303)

    return routes


async def _page(
    context: WebContext, request: Request, current_user: CurrentUser, view: View | None = None
) -> Response:
    factor = await find_second_factor(context.database, current_user.user.id)
    data: View = {
        "factor": factor,
        "required": current_user.user.role in context.second_factor_roles,
        "setup": None,
        "problem": "",
    }
    if factor is None:
        data |= view or await setup_view(context, current_user.user)
    status = 422 if data["problem"] else 200
    return context.renderer.page(request, "second_factor.html", "me", data, status=status)


def _codes_page(context: WebContext, request: Request, codes: tuple[str, ...]) -> Response:
    data: View = {"codes": codes, "next": _PATH, "first_login": False}
    return context.renderer.page(request, "recovery_codes.html", "me", data)
