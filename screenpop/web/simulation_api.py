"""JSON API of the simulated PBX."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from screenpop.web.auth.current_user import RequireSimulate
from screenpop.web.context import WebContext
from screenpop.web.error_pages import SENTENCES
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.problem_details import problem_response

_Seconds = Annotated[float, Field(ge=0, le=3600)]


class SimulatedCall(BaseModel):
    """A call for the simulated PBX. Times are seconds."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    number: str = Field(default="", alias="from", max_length=80, examples=["+989123456789"])
    """The caller's number as the trunk sends it. Empty only for the scenarios ``internal`` and
    ``withheld``, which do not use it."""
    to: str | list[str] = Field(examples=["101"])
    """The phones that ring: one, a list, or several separated by commas."""
    name: str = Field(default="", max_length=200)
    queue: str = Field(default="", max_length=80)
    did: str = Field(default="", max_length=40)
    outcome: str = Field(default="answered", pattern="^(answered|missed|busy|abandoned)$")
    scenario: str = Field(default="", pattern="^[a-z_]{0,40}$", examples=["blind_transfer"])
    """A recorded call to play with this caller and these phones; outcome and times are those of
    the recording. Empty: play by the fields below."""
    wait_s: _Seconds = 0
    ring_s: _Seconds = 6
    talk_s: _Seconds = 20


def api_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(prefix="/api/v1", tags=["v1"])

    @routes.post("/simulated-calls", status_code=202)
    async def simulate(
        request: Request, current_user: RequireSimulate, call: SimulatedCall
    ) -> JSONResponse:
        """Play one call on the simulated PBX; statistics leave it out."""
        _check_json(request)
        if context.simulate is None:
            raise HTTPException(404, "simulator_off")
        answer = dict(await context.simulate(_as_asked(call)))
        if "error" in answer:
            code = str(answer["error"])
            return problem_response(422, code, str(answer.get("detail", SENTENCES["bad_request"])))
        return JSONResponse(answer, status_code=202)

    return routes


def _as_asked(call: SimulatedCall) -> dict[str, object]:
    phones = call.to.split(",") if isinstance(call.to, str) else call.to
    asked = call.model_dump(by_alias=True) | {"to": [phone.strip() for phone in phones]}
    return {key: value for key, value in asked.items() if value != ""}


def _check_json(request: Request) -> None:
    # A form of another site can send text, but no JSON without a CORS preflight.
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise HTTPException(415, "wrong_type")
