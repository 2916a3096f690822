"""Login by the office's provider: ``/login/oidc`` leads there, ``/login/oidc/return`` comes back.

The browser comes back with a code, which the server exchanges for an ID token (OpenID Connect,
authorization code with PKCE). State and cookie tie both ends to one browser, and each state counts
once, at whichever process. What is wrong with an answer is logged; the page has one sentence for
all of it.
"""

import logging
import secrets
from typing import Annotated

from fastapi import Form, Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from screenpop.accounts.users import User
from screenpop.protocol.close_codes import CloseCode
from screenpop.store.accounts.identities import (
    NoUser,
    give_identity,
    owner_of_identity,
    user_of_identity,
)
from screenpop.store.accounts.login_records import LoginOutcome
from screenpop.store.accounts.sessions import end_all_sessions
from screenpop.store.accounts.signing_key import find_signing_key, signing_key
from screenpop.store.accounts.used_tokens import use_token
from screenpop.store.accounts.users import UserRefusedError, create_user
from screenpop.web.auth.current_user import OptionalUser
from screenpop.web.auth.login_pages import login_form
from screenpop.web.auth.login_session import first_page, let_in, record_try
from screenpop.web.auth.provider_cookie import (
    BEGUN_S,
    BegunHere,
    read_begun,
    sign_begun,
)
from screenpop.web.auth.provider_port import Identity, LoginProvider, ProviderError
from screenpop.web.auth.second_step_pages import second_step_or_in
from screenpop.web.context import WebContext
from screenpop.web.feature_router import FeatureRouter

_log = logging.getLogger(__name__)


def provider_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(include_in_schema=False)

    @routes.get("/login/oidc")
    async def begin(
        request: Request,
        current_user: OptionalUser,
        wanted: Annotated[str, Query(alias="next", max_length=512)] = "",
    ) -> Response:
        provider = _provider_of(context)
        if current_user is not None:
            return RedirectResponse(first_page(current_user.user, wanted), 303)
        try:
            address, login = await provider.begin(_origin(request))
        except ProviderError as problem:
            return await login_form(context, request, problem.code, wanted, status=503)
        key = await signing_key(context.database)
        if key is None:
            raise HTTPException(503, "database")
        response = RedirectResponse(address, 303)
        cookie = sign_begun(login, wanted, context.clock(), key)
        context.cookies.put(response, context.cookies.provider, cookie, BEGUN_S)
        return response

    @routes.get("/login/oidc/return")
    async def finish(request: Request, _: OptionalUser) -> Response:
        provider = _provider_of(context)
        given = request.query_params
        begun = await _begun_of(context, request)
        state = given.get("state", "")
        is_first = (
            begun is not None
            and _is_same(begun.login.state, state)
            and await use_token(context.database, "state", state)
        )
        if begun is None or not is_first:
            return _without_cookie(context, RedirectResponse("/login?why=too_slow", 303))
        response = await _finish(context, request, provider, begun)
        return _without_cookie(context, response)

    @routes.get("/login/oidc/logout")
    async def end(request: Request, _: OptionalUser) -> Response:
        """Lead to the provider's page for logging out there."""
        address = await _provider_of(context).end_address(_origin(request))
        return RedirectResponse(address or "/login", 303)

    return routes


def provider_logout_routes(context: WebContext) -> FeatureRouter:
    """Return the route by which the provider itself ends sessions (back channel)."""
    routes = FeatureRouter(include_in_schema=False)

    @routes.post("/login/oidc/back-channel")
    async def end_sessions(token: Annotated[str, Form(alias="logout_token")] = "") -> Response:
        """End the sessions of a person who has logged out at the provider, which sends this."""
        try:
            issuer, subject, token_id = await _provider_of(context).ended(token)
        except ProviderError as problem:
            return _not_ended(503 if problem.code == "provider_down" else 400)
        if not await use_token(context.database, "logout", token_id):
            return _not_ended(400)
        user = await owner_of_identity(context.database, issuer, subject)
        if user is not None:
            ended = await end_all_sessions(context.database, user)
            context.websocket_endpoint.end_user(user, CloseCode.EXPIRED)
            _log.info("The login provider has ended %d sessions of user %d", ended, user)
        return Response(status_code=200)

    return routes


def _not_ended(status: int) -> Response:
    # OpenID Connect Back-Channel Logout 1.0, 2.8.
    return JSONResponse({"error": "invalid_request"}, status_code=status)


async def _finish(
    context: WebContext, request: Request, provider: LoginProvider, begun: BegunHere
) -> Response:
    try:
        identity = await provider.finish(begun.login, dict(request.query_params))
    except ProviderError as problem:
        status = 503 if problem.code == "provider_down" else 401
        return await login_form(context, request, problem.code, begun.wanted, status=status)
    user = await _user_of(context, identity)
    if not isinstance(user, User):
        _log.warning("A login by the provider has no user here: %s", user)
        await record_try(context, request, identity.username, LoginOutcome.NO_ACCOUNT)
        return await login_form(context, request, "no_account", begun.wanted, status=401)
    if provider.has_second_factor:
        return await let_in(context, request, user, begun.wanted)
    return await second_step_or_in(context, request, user, begun.wanted)


async def _user_of(context: WebContext, identity: Identity) -> User | NoUser | str:
    """Return the user; otherwise why there is none."""
    now = context.clock()
    found = await user_of_identity(
        context.database, identity.issuer, identity.subject, identity.username, now
    )
    if found is not NoUser.UNKNOWN or identity.new_user is None:
        return found
    role, department = identity.new_user
    try:
        user = await create_user(
            context.database,
            username=identity.username,
            display_name=identity.display_name,
            # It is known to no one; an administrator can hand out another one.
            password=secrets.token_urlsafe(32),
            role=role,
            department=department,
            language=context.renderer.languages[0],
            now=now,
        )
    except UserRefusedError as refused:
        return refused.code
    await give_identity(context.database, user.id, identity.issuer, identity.subject, now)
    _log.info("A user was made at the first login by the provider: %s", user.username)
    return user


async def _begun_of(context: WebContext, request: Request) -> BegunHere | None:
    cookie = request.cookies.get(context.cookies.provider, "")
    key = await find_signing_key(context.database) if cookie else None
    return read_begun(cookie, context.clock(), key) if key else None


def _is_same(one: str, other: str) -> bool:
    return secrets.compare_digest(one.encode(), other.encode())


def _provider_of(context: WebContext) -> LoginProvider:
    if context.provider is None:
        raise HTTPException(404, "not_found")
    return context.provider


def _origin(request: Request) -> str:
    return f"{request.url.scheme}://{request.headers.get('host', '')}"


def _without_cookie(context: WebContext, response: Response) -> Response:
    context.cookies.drop(response, context.cookies.provider)
    return response
