"""Checks and headers for every request: host, origin, sizes, security headers.

Pure ASGI. Websockets leave the middleware chain here, because each layer around a socket costs
memory as long as the socket lives.
"""

import re
from collections.abc import Callable
from functools import cache

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from screenpop.web.origins import OwnOrigins, RequestOrigin
from screenpop.web.problem_details import is_for_programs, problem_response

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "media-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
SOCKET_PATH = "/ws/v1"
LONGEST_PATH = 2048
"""Most characters of a decoded path."""
LARGEST_BODY = 64 * 1024
"""Most bytes of a form or an API request."""


class SecurityMiddleware:
    def __init__(
        self,
        pages: ASGIApp,
        sockets: ASGIApp,
        origins: OwnOrigins,
        uploads: frozenset[str] = frozenset(),
        upload_paths: re.Pattern[str] | None = None,
        cross_site: Callable[[Scope, str], None] = lambda scope, code: None,
    ) -> None:
        """``uploads``, ``upload_paths``: accept files and check their size themselves.

        ``cross_site(scope, code)``: is called for each request that another site's page sent.
        """
        self._pages = pages
        self._sockets = sockets
        self._origins = origins
        self._uploads = uploads
        self._upload_paths = upload_paths
        self._cross_site = cross_site
        self._headers = dict(_HEADERS)
        if origins.https:
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        elif scope["type"] == "http":
            await self._page(scope, receive, self._with_headers(send))
        else:
            await self._pages(scope, receive, send)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = Headers(scope=scope).get("host", "")
        if scope["path"] != SOCKET_PATH or not self._origins.answers_to(host):
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        await self._sockets(scope, receive, send)

    async def _page(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "HEAD":
            # HEAD is GET without the body (RFC 9110, 9.3.2); FastAPI adds no HEAD routes.
            scope, send = {**scope, "method": "GET"}, _without_body(send)
        if is_for_programs(scope["path"]):
            send = _with_problem_of_size(send)
        refusal = self._refusal(scope)
        await (refusal or self._pages)(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        if len(scope["path"]) > LONGEST_PATH:
            # Python refuses to parse an int of more than 4300 digits, in the router itself.
            return _refuse(scope, 414, "bad_request", "No page here has so long a name.")
        headers = Headers(scope=scope)
        if "transfer-encoding" in headers and "content-length" in headers:
            # A proxy may read the other one, and take what follows for another request
            # (RFC 9112, 6.1).
            refusal = _refuse(scope, 400, "bad_request", "This request has two lengths.")
            refusal.headers["Connection"] = "close"
            return refusal
        if not self._origins.answers_to(headers.get("host", "")):
            return _refuse(
                scope,
                400,
                "wrong_host",
                "This server does not answer to that name."
                " Open it by its address, or add it to the setting public_origins.",
            )
        asks_for_a_change = scope["method"] not in _SAFE_METHODS
        if (
            asks_for_a_change
            and self._origins.classify_request(headers) is RequestOrigin.ANOTHER_SITE
        ):
            self._cross_site(scope, "cross_site")
            return _refuse(
                scope,
                403,
                "cross_site",
                "A page of another site sent this request, so it was refused."
                " Behind a proxy, let the proxy pass the Host header on unchanged.",
            )
        takes_files = scope["method"] == "POST" and self._is_upload(scope["path"])
        if not takes_files and _announced_size(headers) > LARGEST_BODY:
            return _refuse(
                scope,
                413,
                "too_large",
                f"This is more than the server takes at once ({LARGEST_BODY // 1024} kB).",
            )
        return None

    def _is_upload(self, path: str) -> bool:
        pattern = self._upload_paths
        return path in self._uploads or (pattern is not None and bool(pattern.fullmatch(path)))

    def _with_headers(self, send: Send) -> Send:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                # A response's own policy counts as well as ours: browsers apply all of them.
                own = headers.get("Content-Security-Policy")
                for name, value in self._headers.items():
                    headers[name] = value
                if own is not None:
                    headers.append("Content-Security-Policy", own)
                # Pages hold personal data; only static files set their own cache headers.
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        return send_with_headers


def _refuse(scope: Scope, status: int, code: str, sentence: str) -> Response:
    if is_for_programs(scope["path"]):
        return problem_response(status, code, sentence)
    return PlainTextResponse(sentence + "\n", status_code=status)


def _without_body(send: Send) -> Send:
    async def send_without_body(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return send_without_body


def _with_problem_of_size(send: Send) -> Send:
    """Return ``send`` with a problem in place of Starlette's text about a body that is too large.

    Starlette finds it while it reads the body, outside of the exception handlers.
    """
    problem = _problem_of_size()
    is_replaced = False

    async def send_with_problem(message: Message) -> None:
        nonlocal is_replaced
        if message["type"] == "http.response.start" and message["status"] == 413:
            kind = Headers(raw=message["headers"]).get("content-type", "")
            if kind.startswith("text/plain"):
                is_replaced = True
                message = {**message, "headers": problem.raw_headers}
        elif is_replaced:
            message = {**message, "body": problem.body, "more_body": False}
        await send(message)

    return send_with_problem


@cache
def _problem_of_size() -> Response:
    return problem_response(413, "too_large", "This is more than the server takes at once.")


def _announced_size(headers: Headers) -> int:
    # Bodies without or beyond a Content-Length are counted while they are read.
    transfer_emitted = headers.get("content-length", "")
    return int(transfer_emitted) if transfer_emitted.isascii() and transfer_emitted.isdigit() else 0
