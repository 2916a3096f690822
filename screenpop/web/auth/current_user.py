"""Resolves the user of a request: by session cookie, by token, or none.

Two kinds of tokens: the one of the token file, with all rights, and API tokens with scopes, which
open routes of the API only (``web.auth.route_scopes``).
"""

import secrets
from base64 import b64decode
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request

from screenpop.accounts.api_token import is_usable_api_token
from screenpop.accounts.departments import Section, sections_for
from screenpop.accounts.permissions import has_right
from screenpop.accounts.token_scopes import TOKEN_PREFIX, Scope, may_be_in_an_address
from screenpop.accounts.users import Department, Right, Role, User, UserId
from screenpop.customers.visibility import FilesRule, Viewer
from screenpop.store.accounts.api_tokens import ApiToken, find_api_token, record_use
from screenpop.store.accounts.board_links import (
    BoardLink,
    find_board_link,
    usable_board_links,
)
from screenpop.store.accounts.session_use import (
    SessionCheck,
    check_sessions,
    touch_session,
    touch_sessions,
)
from screenpop.store.accounts.sessions import find_session
from screenpop.store.customers.visible import are_records_visible, load_viewer
from screenpop.store.engine.database import Database
from screenpop.store.engine.visible_rows import current_viewer, restrict_to
from screenpop.web.auth.cookies import Cookies
from screenpop.web.auth.route_scopes import scope_of_route
from screenpop.web.auth.token_failures import FAILURES_S, TokenFailures
from screenpop.web.ports import Clock

PHONEBOOK_PATHS = ("/api/v1/phonebook.xml", "/api/v1/phonebook/")
"""Here a token may be in the address."""
COMMAND_LINE = User(UserId(0), "command-line", "Command line", Role.ADMIN, Department.SUPPORT, "en")
"""The user of the token file, with all rights: it can read the data folder."""


class MissingScopeError(HTTPException):
    """A valid token without the scope of this route; ``scope`` None: no token opens it."""

    def __init__(self, scope: Scope | None) -> None:
        error = "insufficient_scope"  # RFC 6750, 3.1
        wanted = f', scope="{scope}"' if scope else ""
        headers = {"WWW-Authenticate": f'Bearer error="{error}"{wanted}'}
        super().__init__(403, "missing_scope" if scope else "not_for_tokens", headers)
        self.scope = scope


@dataclass(frozen=True, slots=True)
class CurrentUser:
    user: User
    csrf: str
    """The token that the user's forms must contain; empty without a session cookie."""
    token: str
    """The session token; empty for the command line."""
    expires_at: float
    session_id: int = 0
    confirmed_at: float | None = None
    """When the password was confirmed in this session, in seconds since 1970."""

    def may(self, right: Right) -> bool:
        return has_right(self.user.role, right)


class UserResolver:
    def __init__(
        self,
        database: Database,
        cookies: Cookies,
        api_token: str | None,
        clock: Clock,
        agents_see: FilesRule = FilesRule.ALL,
    ) -> None:
        self._database = database
        self._cookies = cookies
        self._api_token = api_token
        self._clock = clock
        self._agents_see = agents_see
        self._token_failures = TokenFailures()

    def token_of(self, connection: HTTPConnection) -> str:
        """Return the session token of a request, valid or not; empty if none."""
        return connection.cookies.get(self._cookies.session, "")

    async def of_token(self, token: str) -> CurrentUser | None:
        """Return the user of a valid session, and extend the session; None if invalid."""
        now = self._clock()
        session = await find_session(self._database, token, now) if token else None
        if session is None:
            return None
        touch_session(self._database, session, now)
        return CurrentUser(
            session.user,
            session.csrf,
            token,
            session.expires_at,
            session.id,
            session.confirmed_at,
        )

    async def check(self, owners: Mapping[str, tuple[UserId, float]]) -> Mapping[str, SessionCheck]:
        """Return the states of these sessions; see ``check_sessions``."""
        return await check_sessions(self._database, owners, self._clock())

    def keep_open(self, tokens: Collection[str]) -> None:
        """Extend the sessions of open pages, as far as they have not ended."""
        touch_sessions(self._database, tokens, self._clock())

    async def screen_of_token(self, token: str) -> BoardLink | None:
        """Return the link of a wall screen; None if it is unknown, expired or taken back."""
        return await find_board_link(self._database, token, self._clock())

    async def usable_screens(self, links: Collection[int]) -> frozenset[int]:
        """Return those of these links that can still be used."""
        if not links:
            return frozenset()
        return await usable_board_links(self._database, links, self._clock())

    async def of_request(self, request: Request) -> CurrentUser | None:
        given = bearer_token(request)
        if given is None:
            program = _token_of_basic(request) or _token_of_address(request)
            if program:
                return await self._program(request, program)
            return await self.of_token(self.token_of(request))
        if given.startswith(TOKEN_PREFIX):
            return await self._program(request, given)
        if not _is_file_token(given, self._api_token):
            raise HTTPException(401, "bad_token")
        return CurrentUser(COMMAND_LINE, "", "", float("inf"))

    async def limit_to(self, user: User | None) -> None:
        """Leave out of all that this task reads from now on what a user may not see."""
        restrict_to(None if user is None else await self._viewer_of(user))

    async def limit_request(self, request: Request, user: User | None) -> None:
        """As ``limit_to``. Raises 404 for the address of a record that the user may not see."""
        await self.limit_to(user)
        if current_viewer() is None:
            return
        route = getattr(request.scope.get("route"), "path", "")
        if not await are_records_visible(self._database, route, request.path_params):
            raise HTTPException(404, "not_found")

    async def _viewer_of(self, user: User) -> Viewer | None:
        """Return the limits of a user. Programs with a token see no hidden file."""
        if user == COMMAND_LINE or (user.role is Role.ADMIN and user.id):
            return None
        return await load_viewer(self._database, user.id, user.role, self._agents_see)

    async def of_api_token(self, request: Request, text: str) -> ApiToken:
        """Return a valid token, and record its use.

        Raises 401 ``bad_token`` for one that is unknown, expired or revoked, and 429
        ``too_many_tries`` when its address sent too many of those.
        """
        address = request.client.host if request.client else ""
        if self._token_failures.is_refused(address, text):
            raise HTTPException(429, "too_many_tries", {"Retry-After": str(int(FAILURES_S))})
        now = self._clock()
        token = await find_api_token(self._database, text, now)
        if token is None:
            self._token_failures.failed(address)
            raise HTTPException(401, "bad_token")
        self._token_failures.succeeded(text)
        record_use(self._database, token, now)
        return token

    async def _program(self, request: Request, text: str) -> CurrentUser:
        """Return the user of an API token. Raises ``MissingScopeError`` too."""
        token = await self.of_api_token(request, text)
        request.state.token_name = token.name
        # Without a route there is nothing that a token could open: a page for unknown paths.
        scope = scope_of_route(request.method, getattr(request.scope.get("route"), "path", ""))
        if _token_of_address(request) and not may_be_in_an_address(token.scopes):
            raise HTTPException(403, "token_in_address")
        if scope is None or scope not in token.scopes:
            raise MissingScopeError(scope)
        expires_at = float("inf") if token.expires_at is None else token.expires_at
        # With an administrator's rights, within its scopes. Rows that it writes have no author.
        user = User(UserId(0), "token", token.name, Role.ADMIN, Department.SUPPORT, "en")
        return CurrentUser(user, "", "", expires_at)


def _is_file_token(given: str, api_token: str | None) -> bool:
    """Return whether the server's token was sent; an empty or short token is never valid."""
    if api_token is None or not is_usable_api_token(api_token) or not is_usable_api_token(given):
        return False
    return secrets.compare_digest(given.encode(), api_token.encode())


async def optional_user(request: Request) -> CurrentUser | None:
    """Return the current user, or None; kept on the request for error pages."""
    user_resolver: UserResolver = request.app.state.user_resolver
    request.state.current_user = None  # also for an error page of a refused token
    current_user = await user_resolver.of_request(request)
    request.state.current_user = current_user
    await user_resolver.limit_request(request, None if current_user is None else current_user.user)
    return current_user


async def require_user(request: Request) -> CurrentUser:
    current_user = await optional_user(request)
    if current_user is None:
        raise HTTPException(401, "not_logged_in")
    return current_user


async def require_supervisor(request: Request) -> CurrentUser:
    return _require_right(await require_user(request), Right.SEE_ALL_CALLS)


async def require_simulate(request: Request) -> CurrentUser:
    return _require_right(await require_user(request), Right.SIMULATE)


async def require_edit(request: Request) -> CurrentUser:
    return _require_right(await require_user(request), Right.EDIT_CUSTOMERS)


async def require_admin(request: Request) -> CurrentUser:
    return _require_right(await require_user(request), Right.MANAGE_USERS)


OptionalUser = Annotated[CurrentUser | None, Depends(optional_user)]
RequireUser = Annotated[CurrentUser, Depends(require_user)]
RequireSupervisor = Annotated[CurrentUser, Depends(require_supervisor)]
"""A user who may see all calls."""
RequireEdit = Annotated[CurrentUser, Depends(require_edit)]
"""A user who may change customers."""
RequireAdmin = Annotated[CurrentUser, Depends(require_admin)]
"""A user who may manage users."""
RequireSimulate = Annotated[CurrentUser, Depends(require_simulate)]
"""A user who may play simulated calls."""


def _require_right(current_user: CurrentUser, right: Right) -> CurrentUser:
    if not current_user.may(right):
        raise HTTPException(403, "not_allowed")
    return current_user


def bearer_token(request: Request) -> str | None:
    """Return the token of an ``Authorization: Bearer`` header (RFC 6750)."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _token_of_basic(request: Request) -> str:
    """Return an API token that was sent as a password (RFC 7617); PBXs and phones can do that."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        _, _, password = b64decode(encoded.strip(), validate=True).decode().partition(":")
    except ValueError:
        return ""
    return password if password.startswith(TOKEN_PREFIX) else ""


def _token_of_address(request: Request) -> str:
    """Return an API token in the address of a phonebook, for phones that send no headers."""
    given = request.query_params.get("token", "")
    is_phonebook = request.url.path.startswith(PHONEBOOK_PATHS)
    return given if is_phonebook and given.startswith(TOKEN_PREFIX) else ""


def with_section(current_user: CurrentUser, section: Section) -> CurrentUser:
    """Return the user if their department sees a section. Raises 403 ``not_allowed``."""
    if section not in sections_for(current_user.user):
        raise HTTPException(403, "not_allowed")
    return current_user
