"""Routes by which programs play recordings and end calls on the simulated PBX."""

from collections.abc import Callable, Sequence
from typing import Annotated

from fastapi import Body, Path
from fastapi.responses import JSONResponse

from screenpop.simulator.call_player import CallPlayer
from screenpop.telephony.identifiers import SIMULATED, CallId
from screenpop.web.auth.current_user import RequireSimulate
from screenpop.web.feature_router import FeatureRouter


def simulated_pbx_routes(
    player: CallPlayer,
    *,
    follow: Callable[[int, str], object],
    trace_of: Callable[[CallId], Sequence[object]],
) -> FeatureRouter:
    """Return the routes. ``follow``: link to the recording at this port, with this secret."""
    routes = FeatureRouter(prefix="/api/v1", tags=["v1"])

    @routes.post("/replays", status_code=202)
    async def follow_replay(
        _: RequireSimulate,
        port: Annotated[int, Body(ge=1, le=65535)],
        secret: Annotated[str, Body(max_length=200)],
    ) -> dict[str, str]:
        """Follow the recording that ``screenpop replay`` plays on this machine at ``port``."""
        follow(port, secret)
        return {"pbx": SIMULATED}

    @routes.get("/simulated-calls/{call}")
    async def story(_: RequireSimulate, call: Annotated[str, Path(max_length=80)]) -> JSONResponse:
        """Return the steps so far of a played call; none once it is forgotten."""
        return JSONResponse({"steps": trace_of(CallId(call))})

    @routes.delete("/simulated-calls", status_code=204)
    async def finish(_: RequireSimulate) -> None:
        """Play all calls that still run to their end at once, without the waiting between."""
        await player.finish_all()

    return routes
