"""The office's login provider (OpenID Connect); implements ``web.auth.provider_port``.

Addresses, parameters and claims are authlib's work, signatures joserfc's; each request goes through
``http_client``. The discovery document is kept for some minutes, the keys are read at each login.
"""

import asyncio
import secrets
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

import orjson
import structlog
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.client import OAuth2Client
from authlib.oauth2.rfc6749.parameters import prepare_token_request
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from screenpop.accounts.users import Department, Role
from screenpop.app.http_client import HttpError, request
from screenpop.app.logout_token import subject_of_logout
from screenpop.settings.login import OidcSettings
from screenpop.web.auth.provider_port import BegunLogin, Identity, ProviderError
from screenpop.webhooks.addresses import may_ask

_log = structlog.get_logger()

SIGNATURES = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "Ed25519",
    "EdDSA",
)
"""Signatures by a key pair. None at all (``none``) and those by a shared secret are refused."""
TIMEOUT_S = 10.0
KEPT_S = 300.0
"""Seconds for which the discovery document is used again."""
KEYS_KEPT_S = 60.0
"""Seconds for which the keys are used again for log-outs: anyone can send those."""
MOST_AT_ONCE = 8
LEEWAY_S = 60
"""Seconds by which the provider's clock may differ."""
LONGEST_CLAIM = 255
_FORM = "application/x-www-form-urlencoded"
_Value = TypeVar("_Value", Role, Department)


class _RefusedError(Exception):
    """The answer of the provider is not one to log in by; the text is for the log."""


_BAD_ANSWERS = (_RefusedError, JoseError, ValueError, TypeError, KeyError, AttributeError)
"""What odd values in a token raise in the libraries."""


class OidcProvider:
    def __init__(
        self,
        settings: OidcSettings,
        origins: Sequence[str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``origins``: those to which browsers may be led back, the usual one first."""
        self._settings, self._origins, self._clock = settings, tuple(origins), clock
        self._free = asyncio.Semaphore(MOST_AT_ONCE)
        self._discovered: tuple[float, Mapping[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None
        self._reads_keys = asyncio.Lock()
        self.name = settings.name or urlsplit(settings.issuer).netloc
        self.has_second_factor = settings.second_factor_at_provider

    async def begin(self, origin: str) -> tuple[str, BegunLogin]:
        """Return the provider's address to go to, and what the browser must bring back."""
        try:
            endpoint = self._endpoint(await self._discovery(), "authorization_endpoint")
        except (HttpError, _RefusedError) as problem:
            raise self._down(problem) from problem
        login = BegunLogin(
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(48),
            back_to=f"{self._own(origin)}/login/oidc/return",
        )
        client = OAuth2Client(
            session=None,
            client_id=self._settings.client_id,
            redirect_uri=login.back_to,
            scope=" ".join(self._settings.scopes),
            code_challenge_method="S256",
        )
        address, _ = client.create_authorization_url(
            endpoint, state=login.state, code_verifier=login.verifier, nonce=login.nonce
        )
        return address, login

    async def finish(self, begun: BegunLogin, given: Mapping[str, str]) -> Identity:
        """Return who has logged in, after all checks."""
        try:
            return await self._finish(begun, given)
        except HttpError as problem:
            raise self._down(problem) from problem
        except _BAD_ANSWERS as problem:
            _log.warning(
                "A login by the provider was refused", why=f"{type(problem).__name__}: {problem}"
            )
            raise ProviderError("provider_refused") from problem

    async def end_address(self, origin: str) -> str:
        """Return where the browser logs out of the provider; empty if it is not known."""
        try:
            found = await self._discovery()
            if "end_session_endpoint" not in found:
                return ""
            endpoint = self._endpoint(found, "end_session_endpoint")
        except (HttpError, _RefusedError):
            return ""
        query = {
            "client_id": self._settings.client_id,
            "post_logout_redirect_uri": f"{self._own(origin)}/login",
        }
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"

    async def ended(self, token: str) -> tuple[str, str, str]:
        """Return issuer and id of the person who has logged out there, and the token's id."""
        settings = self._settings
        try:
            subject, token_id = subject_of_logout(
                token,
                await self._kept_keys(),
                SIGNATURES,
                issuer=settings.issuer,
                client_id=settings.client_id,
                leeway_s=LEEWAY_S,
            )
        except HttpError as problem:
            raise self._down(problem) from problem
        except _BAD_ANSWERS as problem:
            _log.warning("A log-out by the provider was refused", why=type(problem).__name__)
            raise ProviderError("provider_refused") from problem
        return settings.issuer, subject, token_id

    async def _kept_keys(self) -> KeySet:
        """Return the keys, read at most once in ``KEYS_KEPT_S``."""
        async with self._reads_keys:
            if self._keys is None or self._keys[0] <= self._clock():
                found = await self._discovery()
                self._keys = (self._clock() + KEYS_KEPT_S, await self._key_set(found))
            return self._keys[1]

    async def _key_set(self, found: Mapping[str, Any]) -> KeySet:
        document = await self._ask("GET", self._endpoint(found, "jwks_uri"))
        return KeySet.import_key_set(document)  # type: ignore[arg-type]

    async def _finish(self, begun: BegunLogin, given: Mapping[str, str]) -> Identity:
        found = await self._discovery()
        # RFC 9207: an answer of another provider than the one that was asked.
        needs_issuer = found.get("authorization_response_iss_parameter_supported") is True
        if given.get("iss", "" if needs_issuer else self._settings.issuer) != self._settings.issuer:
            raise _RefusedError("the way back names another issuer")
        if "error" in given or not given.get("code"):
            raise _RefusedError(f"the provider answered {given.get('error', 'nothing')[:100]!r}")
        tokens = await self._tokens(found, begun, given["code"])
        claims = await self._checked(found, tokens, begun.nonce)
        if not self._needed() <= claims.keys():
            claims = {**await self._userinfo(found, tokens, claims["sub"]), **claims}
        return self._identity(claims)

    async def _tokens(
        self, found: Mapping[str, Any], begun: BegunLogin, code: str
    ) -> Mapping[str, Any]:
        settings = self._settings
        secret = await asyncio.to_thread(settings.read_secret)
        body = prepare_token_request(
            "authorization_code",
            redirect_uri=begun.back_to,
            code=code,
            code_verifier=begun.verifier,
        )
        known = found.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        way = "client_secret_basic" if "client_secret_basic" in known else "client_secret_post"
        auth = ClientAuth(settings.client_id, secret, way)
        url, headers, body = auth.prepare(
            "POST", self._endpoint(found, "token_endpoint"), {"Content-Type": _FORM}, body
        )
        tokens = await self._ask("POST", url, headers, body.encode())
        if not isinstance(tokens.get("id_token"), str):
            raise _RefusedError(f"no ID token but {str(tokens.get('error', ''))[:100]!r}")
        return tokens

    async def _checked(
        self, found: Mapping[str, Any], tokens: Mapping[str, Any], nonce: str
    ) -> Mapping[str, Any]:
        """Return the claims of the ID token, whose signature and claims are right."""
        keys = await self._key_set(found)
        token = jwt.decode(tokens["id_token"], keys, algorithms=SIGNATURES)
        client_id = self._settings.client_id
        claims = CodeIDToken(
            token.claims,
            token.header,
            options={
                "iss": {"essential": True, "value": self._settings.issuer},
                "sub": {"essential": True},
                "aud": {"essential": True, "value": client_id},
                "exp": {"essential": True},
                "iat": {"essential": True},
                "nonce": {"essential": True, "value": nonce},
            },
            params={
                "nonce": nonce,
                "client_id": client_id,
                "access_token": tokens.get("access_token"),
            },
        )
        claims.validate(leeway=LEEWAY_S)
        return dict(claims)

    async def _userinfo(
        self, found: Mapping[str, Any], tokens: Mapping[str, Any], subject: str
    ) -> Mapping[str, Any]:
        """Return more claims about the same person (OpenID Connect Core, 5.3.2)."""
        if "userinfo_endpoint" not in found or not isinstance(tokens.get("access_token"), str):
            return {}
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        more = await self._ask("GET", self._endpoint(found, "userinfo_endpoint"), headers)
        if more.get("sub") != subject:
            raise _RefusedError("the user information is of another person")
        return more

    def _needed(self) -> set[str]:
        settings = self._settings
        of_new = {settings.role_claim, settings.department_claim} if settings.new_users else set()
        return ({settings.username_claim} | of_new) - {""}

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        settings = self._settings
        subject, username = claims.get("sub"), claims.get(settings.username_claim)
        for text in (subject, username):
            if not isinstance(text, str) or not 0 < len(text) <= LONGEST_CLAIM:
                raise _RefusedError(f"no usable sub or {settings.username_claim}")
        if settings.username_claim == "email" and claims.get("email_verified") is not True:
            raise _RefusedError("the mail address was not verified")
        shown = claims.get("name")
        name = shown if isinstance(shown, str) and 0 < len(shown.strip()) <= 80 else username
        return Identity(settings.issuer, str(subject), str(username), str(name), self._new(claims))

    def _new(self, claims: Mapping[str, Any]) -> tuple[Role, Department] | None:
        settings = self._settings
        if not settings.new_users:
            return None
        role = _by_claim(claims, settings.role_claim, settings.roles, Role.AGENT)
        department = _by_claim(
            claims, settings.department_claim, settings.departments, Department.SALES
        )
        return None if role is None or department is None else (role, department)

    async def _discovery(self) -> Mapping[str, Any]:
        if self._discovered is not None and self._discovered[0] > self._clock():
            return self._discovered[1]
        issuer = self._settings.issuer
        found = await self._ask("GET", issuer.rstrip("/") + "/.well-known/openid-configuration")
        if found.get("issuer") != issuer:
            raise _RefusedError(f"the discovery document is of {str(found.get('issuer'))[:200]!r}")
        self._discovered = (self._clock() + KEPT_S, found)
        return found

    def _endpoint(self, found: Mapping[str, Any], name: str) -> str:
        address = found.get(name)
        schemes = ("https://", "http://") if self._settings.private_http else ("https://",)
        if not isinstance(address, str) or not address.startswith(schemes):
            raise _RefusedError(f"the discovery document has no usable {name}")
        return address

    async def _ask(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Mapping[str, Any]:
        """Return the JSON object of an answer; that of an error has no use but its ``error``."""
        async with self._free:
            answer = await request(
                method,
                url,
                {"Accept": "application/json", **(headers or {})},
                body,
                is_allowed=may_ask(url, private_http=self._settings.private_http),
                timeout_s=TIMEOUT_S,
            )
        if answer.status >= 500:
            raise HttpError("status", str(answer.status))
        try:
            found = orjson.loads(answer.body)
        except orjson.JSONDecodeError:
            found = None
        if not isinstance(found, dict) or (answer.status != 200 and "error" not in found):
            raise _RefusedError(f"status {answer.status} without JSON")
        return found if answer.status == 200 else {"error": found["error"]}

    def _own(self, origin: str) -> str:
        return origin if origin in self._origins else self._origins[0]

    def _down(self, problem: Exception) -> ProviderError:
        code = problem.code if isinstance(problem, HttpError) else str(problem)
        detail = problem.detail if isinstance(problem, HttpError) else ""
        _log.warning("The login provider cannot be used", why=code, detail=detail)
        return ProviderError("provider_down")


def _by_claim(
    claims: Mapping[str, Any], claim: str, values: Mapping[str, _Value], otherwise: _Value
) -> _Value | None:
    """Return the first of the settings' values that the claim has; None if it has none."""
    if not claim:
        return otherwise
    given = claims.get(claim)
    has: Collection[Any] = given if isinstance(given, list) else [given]
    return next((value for text, value in values.items() if text in has), None)
