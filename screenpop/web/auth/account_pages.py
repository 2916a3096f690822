"""Forms of ``/me`` for the user's own password and sessions."""

from typing import Annotated

from fastapi import Form, Path
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from screenpop.protocol.close_codes import CloseCode
from screenpop.store.accounts.sessions import end_other_sessions, end_session_by_id
from screenpop.store.accounts.users import change_password
from screenpop.web.agents.hot_desk_pages import me_page
from screenpop.web.auth.account_view import new_password_problem
from screenpop.web.auth.current_user import RequireUser
from screenpop.web.auth.password_confirmation import confirm
from screenpop.web.context import WebContext
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.forms import check_form_token

_Text = Annotated[str, Form(max_length=512)]
_Id = Annotated[int, Path(ge=1, le=2**63 - 1)]


def account_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)

    @routes.post("/me/password")
    async def change(
        request: Request,
        current_user: RequireUser,
        csrf: _Text = "",
        old: _Text = "",
        new: _Text = "",
        again: _Text = "",
    ) -> Response:
        check_form_token(request, csrf, context.cookies)
        problem = new_password_problem(current_user.user, new, again)
        if problem is None and not await confirm(context, request, current_user, old):
            problem = {"code": "wrong_password", "params": {}}
        if problem is not None:
            return await me_page(context, request, current_user, account_problem=problem)
        user = current_user.user.id
        await change_password(
            context.database, user, new, context.clock(), keep_token=current_user.token
        )
        context.websocket_endpoint.end_user(
            user, CloseCode.PASSWORD_CHANGED, but_token=current_user.token
        )
        return RedirectResponse("/me?done=password", 303)

    @routes.post("/me/sessions/end-others")
    async def end_others(request: Request, current_user: RequireUser, csrf: _Text = "") -> Response:
        check_form_token(request, csrf, context.cookies)
        await end_other_sessions(context.database, current_user.user.id, current_user.token)
        context.websocket_endpoint.end_user(
            current_user.user.id, CloseCode.EXPIRED, but_token=current_user.token
        )
        return RedirectResponse("/me?done=others", 303)

    @routes.post("/me/sessions/{session_id}/end")
    async def end(
        request: Request, current_user: RequireUser, session_id: _Id, csrf: _Text = ""
    ) -> Response:
        check_form_token(request, csrf, context.cookies)
        if not await end_session_by_id(context.database, current_user.user.id, session_id):
            raise HTTPException(404, "not_found")
        # Sockets are not indexed by session id; they close within two seconds.
        return RedirectResponse("/me?done=session", 303)

    return routes
