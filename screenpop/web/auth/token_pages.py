"""``/admin/tokens``: the tokens by which programs use the API."""

from typing import Annotated

from fastapi import Form, Path
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from screenpop.accounts.token_scopes import Scope, UnknownScopeError, parse_scopes
from screenpop.store.accounts.api_tokens import (
    LIFETIMES_D,
    ApiTokenRefusedError,
    list_api_tokens,
    make_api_token,
    revoke_api_token,
)
from screenpop.web.auth.current_user import RequireAdmin
from screenpop.web.context import WebContext
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.forms import check_form_token

_Text = Annotated[str, Form(max_length=200)]
_PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


def token_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)

    @routes.get("/admin/tokens")
    async def tokens(request: Request, _current_user: RequireAdmin) -> Response:
        return await _page(context, request)

    @routes.post("/admin/tokens")
    async def make(
        request: Request,
        current_user: RequireAdmin,
        csrf: _Text = "",
        name: _Text = "",
        days: Annotated[int, Form(ge=0, le=10_000)] = LIFETIMES_D[0],
        scope: Annotated[list[str] | None, Form(max_length=len(Scope))] = None,
    ) -> Response:
        """Make a token; its text is in this answer only."""
        check_form_token(request, csrf, context.cookies)
        try:
            text = await make_api_token(
                context.database,
                name=name,
                scopes=parse_scopes(scope or ()),
                days=days,
                maker=current_user.user.id,
                now=context.clock(),
            )
        except UnknownScopeError as unknown:
            raise HTTPException(422, "bad_request:scope") from unknown
        except ApiTokenRefusedError as refused:
            return await _page(
                context,
                request,
                problem=refused.code,
                typed={"name": name, "days": days, "scopes": frozenset(scope or ())},
            )
        return await _page(context, request, text=text)

    @routes.post("/admin/tokens/{token}/revoke")
    async def revoke(
        request: Request,
        _current_user: RequireAdmin,
        token: Annotated[int, Path(ge=1, le=2**63 - 1)],
        csrf: _Text = "",
    ) -> Response:
        check_form_token(request, csrf, context.cookies)
        if not await revoke_api_token(context.database, token):
            raise HTTPException(404, "not_found")
        return RedirectResponse("/admin/tokens", 303)

    return routes


async def _page(
    context: WebContext,
    request: Request,
    *,
    text: str = "",
    problem: str = "",
    typed: dict[str, object] | None = None,
) -> Response:
    language = context.renderer.language(request)
    data = {
        "tokens": [
            {"listed": one, "scopes": sorted(one.token.scopes)}
            for one in await list_api_tokens(context.database, context.clock())
        ],
        "scopes": [scope.value for scope in Scope],
        "lifetimes": [
            (days, str(days).translate(_PERSIAN) if language == "fa" else str(days))
            for days in LIFETIMES_D
        ],
        "text": text,
        "problem": problem,
        "typed": typed or {"name": "", "days": LIFETIMES_D[1], "scopes": frozenset()},
    }
    status = 422 if problem else 200
    response = context.renderer.page(request, "admin_tokens.html", "admin", data, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response
