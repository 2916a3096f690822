"""A small OpenID provider on loopback, which also lies as it is asked to."""

import asyncio
import base64
import hashlib
import hmac
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import orjson
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT, SECRET = "screenpop", "the secret of the client"
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})

Claims = dict[str, Any]


@dataclass
class IdentityProvider:
    port: int = 0
    person: Claims = field(default_factory=lambda: {"sub": "s-1", "preferred_username": "alice"})
    userinfo: Claims | None = None
    """Further claims, which only the user information has."""
    discovery: Claims = field(default_factory=dict)
    """Entries of the discovery document that differ."""
    lie: Callable[[Claims], None] = lambda _: None
    """Changes the claims of the next ID tokens."""
    sign: Callable[[Claims], str] = lambda claims: sign(claims, KEY)
    error: str = ""
    """The answer to a code."""
    asked: list[str] = field(default_factory=list)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)
    _logins: int = 0

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}/office"

    def authorize(self, address: str) -> dict[str, str]:
        """Return the query with which a browser that logs in here is led back."""
        wanted = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert address.startswith(f"{self.issuer}/authorize?")
        assert wanted["response_type"] == "code"
        assert wanted["client_id"] == CLIENT
        assert wanted["code_challenge_method"] == "S256"
        self._logins += 1
        code = f"code-{self._logins}"
        self._codes[code] = wanted
        return {"code": code, "state": wanted["state"]}

    def _document(self) -> Claims:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/me",
            "end_session_endpoint": f"{self.issuer}/logout",
        } | self.discovery

    def _token(self, given: dict[str, str], authorization: str) -> tuple[int, Claims]:
        if self.error:
            return 400, {"error": self.error}
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        wanted = self._codes.pop(given["code"], None)
        digest = hashlib.sha256(given["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            wanted is None
            or authorization != f"Basic {basic}"
            or given["redirect_uri"] != wanted["redirect_uri"]
            or challenge != wanted["code_challenge"]
        ):
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300}
        claims |= {"nonce": wanted["nonce"]} | self.person
        self.lie(claims)
        token = self.sign(claims)
        return 200, {"access_token": "access", "token_type": "Bearer", "id_token": token}

    def _answer(self, target: str, headers: dict[str, str], body: str) -> tuple[int, Claims]:
        path = target.removeprefix("/office")
        match path:
            case "/.well-known/openid-configuration":
                return 200, self._document()
            case "/keys":
                return 200, {"keys": [KEY.as_dict(private=False)]}
            case "/token":
                return self._token(dict(parse_qsl(body)), headers.get("authorization", ""))
            case "/me" if headers.get("authorization") == "Bearer access":
                return 200, self.userinfo or {}
            case _:
                return 404, {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
            headers = {name.lower(): text for name, text in (one.split(": ", 1) for one in lines)}
            body = (await reader.readexactly(int(headers.get("content-length", "0")))).decode()
            target = first.split(" ")[1]
            self.asked.append(target.removeprefix("/office"))
            status, value = self._answer(target, headers, body)
            text = orjson.dumps(value)
            head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n"
            writer.write(f"{head}Content-Length: {len(text)}\r\n\r\n".encode() + text)
            await writer.drain()
        finally:
            writer.close()


def sign(claims: Claims, key: RSAKey | OctKey, algorithm: str = "RS256") -> str:
    return jwt.encode({"alg": algorithm, "kid": "one"}, claims, key, algorithms=[algorithm])


def unsigned(claims: Claims) -> str:
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    return ".".join([*(_base64(orjson.dumps(part)) for part in parts), ""])


def signed_by_public_key(claims: Claims) -> str:
    """The confusion of HS256 with RS256: the public key is no secret."""
    parts = ({"alg": "HS256", "kid": "one"}, claims)
    text = ".".join(_base64(orjson.dumps(part)) for part in parts)
    return f"{text}.{_base64(hmac.digest(KEY.as_pem(private=False), text.encode(), 'sha256'))}"


def _base64(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


@asynccontextmanager
async def identity_provider() -> AsyncGenerator[IdentityProvider]:
    provider = IdentityProvider()
    async with await asyncio.start_server(provider.serve, "127.0.0.1", 0) as server:
        provider.port = server.sockets[0].getsockname()[1]
        yield provider
