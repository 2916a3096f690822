"""Sends messages to the webhook of a gateway; implements ``web.ports.SendMessage``.

One POST of JSON over a connection of its own. Redirects are not followed. Plain http is possible
only to loopback and private addresses, and only where the office allows it.
"""

import asyncio
import hashlib
import hmac
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

import orjson
import structlog

from screenpop.app.http_client import HttpError, request
from screenpop.web.ports import MessageRefusedError, OutgoingMessage
from screenpop.webhooks.addresses import may_ask

_log = structlog.get_logger()

_MAX_AT_ONCE = 4
_LONGEST_PAUSE_S = 20.0
_AGAIN = frozenset({408, 425, 429})
"""Answers after which the same request may succeed, besides 5xx."""


@dataclass(frozen=True, slots=True)
class GatewayConfig:
    url: str
    secret: str
    private_http: bool = False
    """Whether http is allowed, to loopback and private addresses."""
    timeout_s: float = 10.0
    """Seconds of one attempt, from the name lookup to the answer."""
    retries: int = 3
    first_pause_s: float = 0.5
    """Seconds before the first retry; each later pause is twice as long."""


class _AgainError(Exception):
    """The attempt failed in a way that may pass."""


class MessageGateway:
    def __init__(self, config: GatewayConfig, clock: Callable[[], float] = time.time) -> None:
        self._config, self._clock = config, clock
        self._free = asyncio.Semaphore(_MAX_AT_ONCE)

    async def send(self, message: OutgoingMessage) -> None:
        """Send a message, with retries under one idempotency key.

        Raises ``MessageRefusedError``: ``gateway_unreachable``, ``gateway_refused``,
        ``gateway_address``.
        """
        body = orjson.dumps(
            {
                "id": message.key,
                "to": message.number,
                "text": message.text,
                "language": message.language,
                "reason": message.reason,
                "customer": message.customer_id,
            }
        )
        async with self._free:
            pause_s = self._config.first_pause_s
            for attempt in range(self._config.retries + 1):
                try:
                    return await self._attempt(message.key, body)
                except _AgainError as problem:
                    _log.warning("A message was not accepted", attempt=attempt, why=repr(problem))
                if attempt < self._config.retries:
                    await asyncio.sleep(pause_s * random.uniform(0.8, 1.2))  # noqa: S311 -- no secret
                    pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
        raise MessageRefusedError("gateway_unreachable")

    async def _attempt(self, key: str, body: bytes) -> None:
        status = await self._post(key, body)
        if 200 <= status < 300:
            return
        if status >= 500 or status in _AGAIN:
            raise _AgainError(f"status {status}")
        _log.warning("The gateway refused a message", status=status)
        raise MessageRefusedError("gateway_refused")

    async def _post(self, key: str, body: bytes) -> int:
        config = self._config
        try:
            answer = await request(
                "POST",
                config.url,
                self._headers(key, body),
                body,
                is_allowed=may_ask(config.url, private_http=config.private_http),
                timeout_s=config.timeout_s,
                limit=0,
            )
        except HttpError as problem:
            if problem.code == "address":
                raise MessageRefusedError("gateway_address") from problem
            raise _AgainError(problem.code, problem.detail) from problem
        return answer.status

    def _headers(self, key: str, body: bytes) -> dict[str, str]:
        sent_at = str(int(self._clock()))
        return {
            "Content-Type": "application/json",
            "Idempotency-Key": key,
            "X-Screenpop-Timestamp": sent_at,
            "X-Screenpop-Signature": signature(self._config.secret, sent_at, body),
        }


def signature(secret: str, sent_at: str, body: bytes) -> str:
    """Return ``sha256=`` and the HMAC of the timestamp, a dot and the body, in hex."""
    signed = hmac.new(secret.encode(), sent_at.encode() + b"." + body, hashlib.sha256)
    return f"sha256={signed.hexdigest()}"
