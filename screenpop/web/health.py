"""Routes for monitoring: ``/healthz``, ``/readyz`` and ``/metrics``."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import partial
from ipaddress import ip_address

from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from screenpop.store.engine.health_check import FitnessCheck
from screenpop.web.auth.current_user import UserResolver, bearer_token
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.metric_families import add_part, gauge, labelled_gauge
from screenpop.web.ports import LinkStates
from screenpop.web.websocket.endpoint import WebSocketEndpoint

CheckReady = Callable[[], Awaitable[Mapping[str, str]]]
"""Returns why the process should get no requests: codes, each with a sentence; empty: it is
ready."""


FIGURES_WAIT_S = 0.25
"""Seconds for which figures wait for a check of readiness."""
LAST_CHECK_S = 60.0
"""Seconds for which the outcome of a check is used in place of one that takes longer."""


def readiness_check(fitness: FitnessCheck, endpoint: WebSocketEndpoint) -> CheckReady:
    """Return the check of a process that serves pages."""

    async def check() -> Mapping[str, str]:
        reasons = await fitness.problems()
        if endpoint.is_stopping:
            reasons["stopping"] = "The server stops."
        return reasons

    return check


class LastReadiness:
    """Checks readiness for figures without waiting for a database that does not answer.

    ``steady``: returns seconds of a clock that is never set."""

    def __init__(self, check: CheckReady, steady: Callable[[], float] = time.monotonic) -> None:
        self._check, self._steady = check, steady
        self._checking: asyncio.Task[Mapping[str, str]] | None = None
        self._last: Mapping[str, str] = {}
        self._last_at = float("-inf")

    async def reasons(self) -> Mapping[str, str]:
        """Return the outcome of a check that begins now, as ``CheckReady``.

        One that takes longer than ``FIGURES_WAIT_S`` goes on, and is the last outcome for the next
        figures; these get that of the last one, if it is not older than ``LAST_CHECK_S``.
        """
        if self._checking is None or self._checking.done():
            self._checking = asyncio.create_task(self._run())
        has_last = self._steady() - self._last_at <= LAST_CHECK_S
        timeout_s = FIGURES_WAIT_S if has_last else None
        done, _ = await asyncio.wait([self._checking], timeout=timeout_s)
        return self._checking.result() if done else self._last

    async def _run(self) -> Mapping[str, str]:
        self._last = await self._check()
        self._last_at = self._steady()
        return self._last


def health_routes(
    check_ready: CheckReady,
    link_states: LinkStates,
    metrics: CollectorRegistry,
    user_resolver: UserResolver,
) -> FeatureRouter:
    routes = FeatureRouter(tags=["health"])
    last_readiness = LastReadiness(check_ready)

    @routes.get("/healthz", response_class=PlainTextResponse)
    async def healthz() -> str:
        """Return 200: the process answers."""
        return "ok\n"

    @routes.get("/readyz")
    async def readyz(request: Request) -> JSONResponse:
        """Return 200 if requests can be served, else 503.

        Local requests and requests with the token also get the reasons, and the state of each PBX
        link. A link that is down is no reason: pages work, and show it."""
        reasons = await check_ready()
        body: dict[str, object] = {"ready": not reasons}
        if await _may_see_details(request, user_resolver):
            body |= {"reasons": dict(reasons), "pbx": dict(link_states())}
        return JSONResponse(body, status_code=503 if reasons else 200)

    @routes.get("/metrics", include_in_schema=False)
    async def metrics_page(request: Request) -> Response:
        """Return figures for Prometheus, to local requests or requests with the token."""
        if not await _may_see_details(request, user_resolver):
            raise HTTPException(403, "not_allowed")
        readiness = CollectorRegistry()
        add_part(readiness, partial(_readiness, await last_readiness.reasons()))
        text = generate_latest(readiness) + generate_latest(metrics)
        return Response(text, media_type=CONTENT_TYPE_LATEST)

    return routes


def _readiness(reasons: Mapping[str, str]) -> Iterator[Metric]:
    yield gauge("ready", "1 while /readyz answers that requests can be served.", not reasons)
    yield labelled_gauge(
        "not_ready",
        "1 for each reason why it does not; no line while it does.",
        ("reason",),
        {(code,): 1.0 for code in reasons},
    )


async def _may_see_details(request: Request, user_resolver: UserResolver) -> bool:
    if bearer_token(request) is not None:
        return await user_resolver.of_request(request) is not None
    return _from_this_machine(request)


def _from_this_machine(request: Request) -> bool:
    if request.client is None or "x-forwarded-for" in request.headers:
        return False  # behind a proxy all requests come from this machine
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False
