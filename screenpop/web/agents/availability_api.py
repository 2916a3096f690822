"""JSON API of the agents' availability, and of calling a customer from one's own phone."""

from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from screenpop.accounts.users import UserId
from screenpop.agents.availability import AgentState, PauseReason
from screenpop.customers.models import CustomerId
from screenpop.store.accounts.agent_states import list_agent_states
from screenpop.store.accounts.teams import visible_agents
from screenpop.store.calls.dial_numbers import (
    CallNumber,
    CustomerPhone,
    find_call_number,
    find_card_number,
    find_customer_phone,
)
from screenpop.telephony.identifiers import CallId, PbxId
from screenpop.web.auth.current_user import RequireSupervisor, RequireUser
from screenpop.web.context import WebContext
from screenpop.web.customers.api import check_json
from screenpop.web.error_pages import SENTENCES
from screenpop.web.feature_router import FeatureRouter
from screenpop.web.problem_details import problem_response

_Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
_Name = Annotated[str, Query(min_length=1, max_length=200)]
_DAY_S = 86_400.0
_LONGEST_S = 32 * _DAY_S
"""Longest time that one answer of the history covers."""


class OwnAvailability(BaseModel):
    """``available`` ends a pause or a wrap-up."""

    model_config = ConfigDict(extra="forbid")

    state: Literal["available", "paused"]
    reason: PauseReason | None = None
    """Required for ``paused``."""


class AgentModel(BaseModel):
    """One agent's availability; times are seconds since 1970 (UTC)."""

    id: int
    username: str
    name: str
    state: AgentState
    since: float
    reason: PauseReason | Literal[""]
    reason_text: str
    """The reason in the PBX's words, if it is none of ours."""
    until: float | None
    """When the wrap-up ends by itself."""
    paused_next: bool
    """A pause begins after the call, or when a page is open again."""
    queues: Literal["linked", "own", "none"]
    """Whether the queues are informed, cannot be informed, or there are none."""
    member_of: list[str]
    """Queues of the PBX that list the agent, paused or not."""
    paused_in: list[str]
    """Queues in which the PBX pauses an agent who is not paused here."""


class AgentsModel(BaseModel):
    agents: list[AgentModel]


class StateSpan(BaseModel):
    """A time in one state; times are seconds since 1970 (UTC)."""

    agent: int
    state: AgentState
    reason: PauseReason | Literal[""]
    reason_text: str
    begun_at: float
    ended_at: float | None
    """Null while it goes on."""
    estimated: bool
    """The end is not known exactly: Screenpop was not running."""


class StateHistory(BaseModel):
    spans: list[StateSpan]


def availability_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(prefix="/api/v1", tags=["agents"])

    async def own(user: UserId) -> JSONResponse:
        found = await context.agents.view_of(user)
        if found is None:
            raise HTTPException(404, "not_found")
        return JSONResponse(dict(found))

    @routes.get("/availability", response_model=AgentModel)
    async def read(current_user: RequireUser) -> JSONResponse:
        """Return your own availability; 404 for a user without a phone."""
        return await own(current_user.user.id)

    @routes.put("/availability", response_model=AgentModel)
    async def change(
        request: Request, current_user: RequireUser, wanted: OwnAvailability
    ) -> JSONResponse:
        """Pause or become available; the queues of the PBX are informed first if allowed."""
        check_json(request)
        user = current_user.user.id
        if (wanted.state == "paused") is (wanted.reason is None):
            raise HTTPException(422, "bad_request")
        args: dict[str, object] = {} if wanted.reason is None else {"reason": wanted.reason.value}
        op = "available" if wanted.reason is None else "pause"
        answer = await context.commands(user, op, args)
        if answer.get("error") == "no_agent":
            raise HTTPException(404, "not_found")
        if "error" in answer:
            code = str(answer["error"])
            return problem_response(409, code, SENTENCES.get(code, SENTENCES["bad_request"]))
        return await own(user)

    @routes.get("/agents/availability", response_model=AgentsModel)
    async def everyone(current_user: RequireSupervisor) -> JSONResponse:
        """Return the agents that you may see by name."""
        seen = await visible_agents(context.database, current_user.user)
        views = await context.agents.views()
        visible = [dict(one) for one in views if seen is None or one["id"] in seen]
        return JSONResponse({"agents": visible})

    @routes.get("/agents/availability/history", response_model=StateHistory)
    async def history(
        current_user: RequireSupervisor,
        since: Annotated[float, Query(ge=0, le=1e11)],
        until: Annotated[float | None, Query(ge=0, le=1e11)] = None,
        agent: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
    ) -> JSONResponse:
        """Return the states that touch a time of at most 32 days, the oldest first."""
        end = min(until if until is not None else context.clock(), since + _LONGEST_S)
        user = None if agent is None else UserId(agent)
        seen = await visible_agents(context.database, current_user.user)
        spans = await list_agent_states(context.database, since, end, user)
        found = [
            StateSpan(
                agent=span.agent,
                state=AgentState(span.state),
                reason=PauseReason(span.reason) if span.reason else "",
                reason_text=span.reason_text,
                begun_at=span.begun_at,
                ended_at=span.ended_at,
                estimated=span.estimated,
            )
            for span in spans
            if seen is None or span.agent in seen
        ]
        return JSONResponse(StateHistory(spans=found).model_dump(mode="json"))

    return routes


class PlacedCall(BaseModel):
    number: str = Field(examples=["+989123456789"])
    """The number that is called after your own phone was answered."""


def calling_routes(context: WebContext) -> FeatureRouter:
    routes = FeatureRouter(prefix="/api/v1", tags=["agents"])

    @routes.post("/phones/{phone}/call", status_code=202, response_model=PlacedCall)
    async def call_phone(request: Request, current_user: RequireUser, phone: _Id) -> JSONResponse:
        """Call a stored number of a customer: your own phone rings first."""
        check_json(request)
        found = await find_customer_phone(context.database, phone)
        return await _call(context, current_user.user.id, found)

    @routes.post("/phones/{phone}/dialled", status_code=204)
    async def dialled(request: Request, current_user: RequireUser, phone: _Id) -> Response:
        """Announce that you call this number yourself: the card shows the customer it is of."""
        check_json(request)
        found = await find_customer_phone(context.database, phone)
        return _announce_only(context, current_user.user.id, found)

    @routes.post("/calls/{call}/call-back", status_code=202, response_model=PlacedCall)
    async def call_back(request: Request, current_user: RequireUser, call: _Id) -> JSONResponse:
        """Call the other side of a logged call: your own phone rings first."""
        check_json(request)
        found = await find_call_number(context.database, current_user.user, call)
        return await _call(context, current_user.user.id, found)

    @routes.post("/calls/{call}/dialled", status_code=204)
    async def dialled_back(request: Request, current_user: RequireUser, call: _Id) -> Response:
        """Announce that you call the other side yourself: the card shows the call's customer."""
        check_json(request)
        found = await find_call_number(context.database, current_user.user, call)
        return _announce_only(context, current_user.user.id, found)

    @routes.post("/call-back", status_code=202, response_model=PlacedCall)
    async def call_back_of_card(
        request: Request, current_user: RequireUser, pbx: _Name, call: _Name
    ) -> JSONResponse:
        """Call the other side of a card's call, by its ``pbx`` and ``call`` (the Linkedid)."""
        check_json(request)
        found = await find_card_number(
            context.database, current_user.user, PbxId(pbx), CallId(call)
        )
        return await _call(context, current_user.user.id, found)

    return routes


def _announce_only(
    context: WebContext, user: UserId, found: CustomerPhone | CallNumber | None
) -> Response:
    if found is None:
        raise HTTPException(404, "not_found")
    announce(context, user, found.number, found.customer_id)
    return Response(status_code=204)


def announce(
    context: WebContext, user: UserId, number: str, customer_id: CustomerId | None
) -> None:
    """Announce that a user is about to call a customer, if there are number and customer."""
    if number and customer_id is not None:
        context.agents.announce(user, number, customer_id)


async def _call(
    context: WebContext, user: UserId, found: CustomerPhone | CallNumber | None
) -> JSONResponse:
    """Place a call to a stored number, and announce its customer."""
    if found is None:
        raise HTTPException(404, "not_found")
    announce(context, user, found.number, found.customer_id)
    code = await context.agents.call(user, found.number)
    if code:
        return problem_response(409, code, SENTENCES.get(code, SENTENCES["bad_request"]))
    return JSONResponse({"number": found.number}, status_code=202)
