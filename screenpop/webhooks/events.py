"""The events that other programs can receive, and the JSON of their requests."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

import orjson


class EventType(StrEnum):
    CALL_RINGING = "call.ringing"
    """The call rang at the first agent."""
    CALL_ANSWERED = "call.answered"
    CALL_TRANSFERRED = "call.transferred"
    """A further agent has the call now."""
    CALL_ENDED = "call.ended"
    CALL_MISSED = "call.missed"
    """An inbound call ended unanswered; beside ``call.ended``."""
    CALLBACK_OPENED = "callback.opened"
    CALLBACK_CLOSED = "callback.closed"
    PROMISE_DUE = "promise.due"
    OFFER_ANSWERED = "offer.answered"
    CUSTOMER_CHANGED = "customer.changed"
    TEST = "webhook.test"
    """Sent by the button on the page, to any target."""


CALL_TYPES = frozenset(one for one in EventType if one.startswith("call."))
CHOSEN_TYPES = tuple(one for one in EventType if one is not EventType.TEST)
"""What an administrator chooses from."""


@dataclass(frozen=True, slots=True)
class OutgoingEvent:
    id: str
    """The same for the same event, however often it is built."""
    type: EventType
    at: float
    """When it happened, seconds since 1970, UTC."""
    order: str
    """Events of equal order are delivered one after the other: those of one call, for example."""
    data: Mapping[str, object]
    """JSON values without the names of people outside, without numbers."""
    customer: int | None = None
    number: str = ""
    """The number of the other side: E.164, or as the PBX sent it."""
    agents: tuple[int, ...] = field(default=())
    """User ids of the agents concerned."""


@dataclass(frozen=True, slots=True)
class People:
    """Names looked up when an event is sent, so that none waits in the queue."""

    agents: Mapping[int, "AgentName"]
    customer: str = ""
    """The customer's display name; empty where none is sent."""


@dataclass(frozen=True, slots=True)
class AgentName:
    username: str
    display_name: str


def event_id(*parts: object) -> str:
    """Return an id that depends only on the parts, such as PBX, boot, call and type."""
    text = "\0".join(str(part) for part in parts)
    return "evt_" + hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]


def build_body(
    event: OutgoingEvent, people: People, *, with_numbers: bool, with_names: bool
) -> bytes:
    """Return the JSON of one request: ``type``, ``timestamp`` and ``data``.

    ``with_names`` adds the names of customer and agents; the customer's id is always there.
    """
    data = dict(event.data)
    if with_numbers and event.number:
        data["number"] = event.number
    if event.customer is not None:
        data["customer"] = {"id": event.customer}
        if with_names and people.customer:
            data["customer"] = {"id": event.customer, "name": people.customer}
    if event.agents:
        data["agents"] = [
            _agent_json(agent, people.agents.get(agent), with_name=with_names)
            for agent in event.agents
        ]
    return orjson.dumps({"type": event.type, "timestamp": iso_time(event.at), "data": data})


def _agent_json(agent: int, name: AgentName | None, *, with_name: bool) -> dict[str, object]:
    found: dict[str, object] = {"id": agent}
    if name is not None:
        found["username"] = name.username
        if with_name:
            found["name"] = name.display_name
    return found


def iso_time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
