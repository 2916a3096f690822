"""``/admin/users``: adds, changes, disables and deletes users; hands out first passwords."""

from typing import Annotated

from fastapi import Form, Path
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from screenpop.accounts.users import Department, Role, User, UserId
from screenpop.common.text import display_text
from screenpop.protocol.close_codes import CloseCode
from screenpop.store.accounts.first_passwords import (
    FIRST_PASSWORD_S,
    hand_out_password,
    new_first_password,
)
from screenpop.store.accounts.second_factor import find_second_factor
from screenpop.store.accounts.sessions import end_other_sessions, load_open_sessions
from screenpop.store.accounts.user_admin import (
    UserAccount,
    delete_user,
    disable_user,
    enable_user,
    list_accounts,
    save_account,
)
from screenpop.store.accounts.users import UserRefusedError, create_user
from screenpop.store.branches import branch_names, branches_of_users, set_users_branch
from screenpop.telephony.identifiers import Endpoint
from screenpop.web.admin_pages import account_view
from screenpop.web.auth.account_view import session_views
from screenpop.web.auth.current_user import CurrentUser, RequireAdmin
from screenpop.web.calls.views import View
from screenpop.web.context import WebContext
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.forms import check_form_token

_Text = Annotated[str, Form(max_length=200)]
_Branch = Annotated[str | None, Form(pattern="^[0-9]{0,18}$")]
_Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
_ROLES = {role.value: role for role in Role}
_DEPARTMENTS = {one.value: one for one in Department}


def user_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)

    @routes.get("/admin/users/{user_id}")
    async def user_page(request: Request, current_user: RequireAdmin, user_id: _Id) -> Response:
        return await _user_page(context, request, current_user, user_id)

    @routes.post("/admin/users/{user_id}")
    async def change(
        request: Request,
        current_user: RequireAdmin,
        user_id: _Id,
        csrf: _Text = "",
        name: _Text = "",
        role: _Text = "",
        department: _Text = "",
        phones: _Text = "",
        branch: _Branch = None,
    ) -> Response:
        check_form_token(request, csrf, context.cookies)
        account = await _account(context, user_id)
        if role not in _ROLES or department not in _DEPARTMENTS:
            raise HTTPException(422, "bad_request:role")
        user = UserId(user_id)
        try:
            await save_account(
                context.database,
                user,
                display_name=name,
                role=_ROLES[role],
                department=_DEPARTMENTS[department],
                endpoints=_endpoints(phones),
            )
        except UserRefusedError as refused:
            typed: View = {"name": name, "phones": phones, "role": role}
            typed |= {"department": department, "branch": int(branch or 0) or None}
            return await _user_page(context, request, current_user, user_id, refused.code, typed)
        if branch is not None:
            await set_users_branch(context.database, user, int(branch) if branch else None)
        if account.user.role.value != role:
            context.websocket_endpoint.end_user(user, CloseCode.RIGHTS_CHANGED)
        context.desks.changed()
        return RedirectResponse("/admin#users", 303)

    @routes.post("/admin/users/{user_id}/{act}")
    async def switch(
        request: Request,
        current_user: RequireAdmin,
        user_id: _Id,
        act: Annotated[str, Path(pattern="^(disable|enable|delete)$")],
        csrf: _Text = "",
        sure: _Text = "",
    ) -> Response:
        check_form_token(request, csrf, context.cookies)
        await _account(context, user_id)
        if act == "delete" and not sure:
            return await _user_page(context, request, current_user, user_id, "not_sure")
        try:
            await _switch(context, UserId(user_id), act)
        except UserRefusedError as refused:
            return await _user_page(context, request, current_user, user_id, refused.code)
        return RedirectResponse("/admin#users", 303)

    return routes


def user_login_routes(context: WebContext) -> FeatureRouter:
    """Return the routes of first passwords and sessions; before ``user_routes``, whose paths are
    more general."""
    routes = FeatureRouter(include_in_schema=False)

    @routes.get("/admin/users/new")
    async def new_user(request: Request, _current_user: RequireAdmin) -> Response:
        return await _new_page(context, request)

    @routes.post("/admin/users/new")
    async def add(
        request: Request,
        _current_user: RequireAdmin,
        csrf: _Text = "",
        username: _Text = "",
        name: _Text = "",
        role: _Text = "agent",
        department: _Text = "sales",
        language: _Text = "",
        phones: _Text = "",
        branch: _Branch = None,
    ) -> Response:
        """Create a user and show the first password, once."""
        check_form_token(request, csrf, context.cookies)
        languages = context.renderer.languages
        if role not in _ROLES or department not in _DEPARTMENTS or language not in languages:
            raise HTTPException(422, "bad_request:role")
        password, now = new_first_password(), context.clock()
        try:
            user = await create_user(
                context.database,
                username=username.strip(),
                display_name=name,
                password=password,
                role=_ROLES[role],
                department=_DEPARTMENTS[department],
                language=language,
                now=now,
                endpoints=_endpoints(phones),
                first_password_until=now + FIRST_PASSWORD_S,
            )
        except UserRefusedError as refused:
            typed: View = {"username": username, "name": name, "phones": phones}
            typed |= {"role": role, "department": department, "language": language}
            typed |= {"branch": branch or ""}
            return await _new_page(context, request, typed, refused.code)
        if branch:
            await set_users_branch(context.database, user.id, int(branch))
        context.desks.changed()
        return _password_page(context, request, user, password, now)

    @routes.post("/admin/users/{user_id}/password")
    async def hand_out(
        request: Request, current_user: RequireAdmin, user_id: _Id, csrf: _Text = ""
    ) -> Response:
        """Replace a forgotten password by a new first one, and show it once."""
        check_form_token(request, csrf, context.cookies)
        account = await _account(context, user_id)
        if current_user.user.id == user_id:  # it would end the session that shows the password
            return await _user_page(context, request, current_user, user_id, "own_password")
        now = context.clock()
        password = await hand_out_password(context.database, account.user.id, now)
        context.websocket_endpoint.end_user(account.user.id, CloseCode.PASSWORD_CHANGED)
        return _password_page(context, request, account.user, password, now)

    @routes.post("/admin/users/{user_id}/log-out")
    async def log_out(
        request: Request, current_user: RequireAdmin, user_id: _Id, csrf: _Text = ""
    ) -> Response:
        """End all sessions of a user, but not the one of this request."""
        check_form_token(request, csrf, context.cookies)
        account = await _account(context, user_id)
        await end_other_sessions(context.database, account.user.id, current_user.token)
        context.websocket_endpoint.end_user(
            account.user.id, CloseCode.EXPIRED, but_token=current_user.token
        )
        return RedirectResponse(f"/admin/users/{user_id}", 303)

    return routes


async def _switch(context: WebContext, user: UserId, act: str) -> None:
    """Disable, enable or delete a user; their open pages close at once."""
    match act:
        case "enable":
            await enable_user(context.database, user)
        case "disable":
            await disable_user(context.database, user)
        case _:
            await delete_user(context.database, user, context.clock())
    if act != "enable":
        context.websocket_endpoint.end_user(user, CloseCode.USER_DISABLED)
    context.desks.changed()


async def _account(context: WebContext, user_id: int) -> UserAccount:
    for account in await list_accounts(context.database):
        if account.user.id == user_id:
            return account
    raise HTTPException(404, "not_found")


async def _user_page(
    context: WebContext,
    request: Request,
    current_user: CurrentUser,
    user_id: int,
    problem: str = "",
    typed: View | None = None,
) -> Response:
    """Return the page of a user; ``typed``: what a refused form held."""
    account = await _account(context, user_id)
    view = account_view(account)
    kept: View = {"name": account.user.display_name, "phones": view["phones_text"]}
    kept |= {"role": account.user.role.value, "department": account.user.department.value}
    kept |= {"branch": (await branches_of_users(context.database)).get(user_id)}
    data: View = {
        "account": view,
        "form": kept | (typed or {}),
        "roles": [*Role],
        "departments": [*Department],
        "branches": await branch_names(context.database),
        "sessions": session_views(
            await context.database.read(
                lambda connection: load_open_sessions(connection, account.user.id, context.clock())
            ),
            current_user.session_id,
        ),
        "problem": problem,
        "second_factor": await find_second_factor(context.database, account.user.id),
        "is_own": current_user.user.id == user_id,
    }
    status = 422 if problem else 200
    return context.renderer.page(request, "admin_user.html", "admin", data, status=status)


async def _new_page(
    context: WebContext, request: Request, typed: View | None = None, problem: str = ""
) -> Response:
    form: View = {"role": Role.AGENT.value, "department": Department.SALES.value}
    form |= {"language": context.renderer.language(request)}
    data: View = {
        "form": form | (typed or {}),
        "roles": [*Role],
        "departments": [*Department],
        "branches": await branch_names(context.database),
        "problem": problem,
    }
    status = 422 if problem else 200
    return context.renderer.page(request, "admin_user_new.html", "admin", data, status=status)


def _password_page(
    context: WebContext, request: Request, user: User, password: str, now: float
) -> Response:
    data: View = {"account": user, "password": password, "until": now + FIRST_PASSWORD_S}
    return context.renderer.page(request, "admin_user_password.html", "admin", data)


def _endpoints(text: str) -> list[Endpoint]:
    parts = (display_text(part, 40).strip() for part in text.replace("،", ",").split(","))
    return [Endpoint(part) for part in parts if part]
