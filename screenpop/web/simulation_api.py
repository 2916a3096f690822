"""The JSON API. ``/api/v1/openapi.json`` describes it."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from screenpop.web.auth.current_user import RequireSimulate
from screenpop.web.context import WebContext
from screenpop.web.error_pages import SENTENCES
from screenpop.web.problem_details import problem_response

_Seconds = Annotated[float, Field(ge=0, le=3600)]


class SimulatedCall(BaseModel):
    """One call to be played by the simulated PBX. Times are seconds."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    number: str = Field(default="", alias="from", max_length=80, examples=["+989123456789"])
    """What the trunk sends as the caller's number. Empty only for scenes without a caller of their
    own choice: ``internal`` and ``withheld``."""
    to: str | list[str] = Field(examples=["101"])
    """The phones that ring: one, several in a list, or several with commas between."""
    name: str = Field(default="", max_length=200)
    queue: str = Field(default="", max_length=80)
    did: str = Field(default="", max_length=40)
    outcome: str = Field(default="answered", pattern="^(answered|missed|busy|abandoned)$")
    scene: str = Field(default="", pattern="^[a-z_]{0,40}$", examples=["blind_transfer"])
    """A call as it was recorded once, with this caller and these phones; then the outcome and the
    times are the recording's. Empty: played by the fields below."""
    wait_s: _Seconds = 0
    ring_s: _Seconds = 6
    talk_s: _Seconds = 20


def api_routes(site: WebContext) -> APIRouter:
    routes = APIRouter(prefix="/api/v1", tags=["v1"])

    @routes.post("/simulated-calls", status_code=202)
    async def simulate(
        request: Request, visitor: RequireSimulate, call: SimulatedCall
    ) -> JSONResponse:
        """Play one call on the simulated PBX. It is kept out of the statistics."""
        _check_json(request)
        if site.simulate is None:
            raise HTTPException(404, "simulator_off")
        answer = dict(await site.simulate(_as_asked(call)))
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
    # Another site's form can send text, but not JSON, without asking us first (CORS).
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise HTTPException(415, "wrong_type")
