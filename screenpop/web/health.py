"""Routes for monitoring: ``/healthz``, ``/readyz`` and ``/metrics``."""

from ipaddress import ip_address

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from screenpop.store.engine.database import Database
from screenpop.store.engine.health_check import FitnessCheck
from screenpop.web.auth.current_user import UserResolver, bearer_token
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.ports import Readiness


def health_routes(
    database: Database,
    readiness: Readiness,
    metrics: CollectorRegistry,
    user_resolver: UserResolver,
) -> FeatureRouter:
    routes = FeatureRouter(tags=["health"])
    fitness = FitnessCheck(database)

    @routes.get("/healthz", response_class=PlainTextResponse)
    async def healthz() -> str:
        """Return 200: the process answers."""
        return "ok\n"

    @routes.get("/readyz")
    async def readyz(request: Request) -> JSONResponse:
        """Return 200 if all dependencies are ready, else 503 with those that are not.

        Only local requests and requests with the token get the reasons."""
        missing = dict(readiness())
        missing |= await fitness.problems()
        if not await _may_see_details(request, user_resolver):
            missing = dict.fromkeys(missing, "not ready")
        return JSONResponse(
            {"ready": not missing, "missing": missing}, status_code=503 if missing else 200
        )

    @routes.get("/metrics", include_in_schema=False)
    async def metrics_page(request: Request) -> Response:
        """Return figures for Prometheus, to local requests or requests with the token."""
        if not await _may_see_details(request, user_resolver):
            raise HTTPException(403, "not_allowed")
        return Response(generate_latest(metrics), media_type=CONTENT_TYPE_LATEST)

    return routes


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
