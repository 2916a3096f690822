"""JSON schemas of the messages of the socket and of webhooks.

The schemas of cards, calls and PBX states are those of their dataclasses; frames are described here
and held against their encoders and parsers by ``tests/web/asyncapi/``.
"""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import TypeAdapter

from screenpop.agents.availability import AgentState
from screenpop.cards.card import Card
from screenpop.protocol.client_messages import Stage
from screenpop.protocol.close_codes import WORD, CloseCode
from screenpop.service.pbx_status import PbxStatus
from screenpop.service.supervisor_board import CallRow
from screenpop.webhooks.events import EventType

Schema = dict[str, Any]

REF = "#/components/schemas/{model}"
_STRING: Schema = {"type": "string"}
_SECONDS: Schema = {"type": "number", "description": "Seconds since 1970, UTC."}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_NULL: Schema = {"type": "null"}
_ID: Schema = {"type": "string", "pattern": "^[A-Za-z0-9_.:-]{1,64}$"}
_POSITION: Mapping[str, Schema] = {"epoch": _STRING, "seq": _COUNT}
_GONE: Schema = {
    "type": "boolean",
    "description": "true: the object is removed; absent otherwise.",
}


def ref(name: str) -> Schema:
    return {"$ref": REF.format(model=name)}


def fields(required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    """Return the schema of an object with exactly these fields."""
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def list_of(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, _NULL]}


def _frame(kind: str, required: Mapping[str, Schema], **optional: Schema) -> Schema:
    return fields({"type": {"const": kind}, **required}, optional)


def dataclass_schemas() -> dict[str, Schema]:
    """Return the schemas of cards, calls and PBX states, and of all that they contain."""
    asked: list[tuple[str, Literal["serialization"], TypeAdapter[Any]]] = [
        (name, "serialization", TypeAdapter(kind)) for name, kind in _DATACLASSES.items()
    ]
    found, shared = TypeAdapter.json_schemas(asked, ref_template=REF)
    schemas: dict[str, Schema] = dict(shared.get("$defs", {}))
    for (name, _), schema in found.items():
        if schema != ref(name):
            schemas[name] = schema
    return schemas


_DATACLASSES: Mapping[str, type] = {"Card": Card, "CallRow": CallRow, "PbxStatus": PbxStatus}

AGENT = fields(
    {
        "id": {"type": "integer"},
        "username": _STRING,
        "name": _STRING,
        "state": {"enum": [one.value for one in AgentState]},
        "since": or_null(_SECONDS),
        "reason": _STRING,
        "reason_text": _STRING,
        "until": or_null(_SECONDS),
        "paused_next": {"type": "boolean"},
        "queues": _STRING,
        "member_of": list_of(_STRING),
        "paused_in": list_of(_STRING),
    }
)
_CALL = {
    "anyOf": [
        ref("CallRow"),
        fields({"id": _STRING, "state": _STRING}),
    ],
    "description": "With gone: true only id and state, where the call belongs to others now.",
}


def server_frames() -> dict[str, Schema]:
    """Return the messages of the server by ``type``."""
    pbx = dataclass_schemas()["PbxStatus"]
    return {
        "welcome": _frame(
            "welcome",
            {
                "mode": {"enum": ["resumed", "snapshot"]},
                **_POSITION,
                "build": _STRING,
                "protocol": _STRING,
                "at": _SECONDS,
            },
        ),
        "snapshot": _frame(
            "snapshot",
            {
                **_POSITION,
                "cards": list_of(ref("Card")),
                "calls": list_of(ref("CallRow")),
                "pbx": list_of(ref("PbxStatus")),
                "agents": list_of(ref("Agent")),
            },
        ),
        "card": _frame("card", {**_POSITION, "card": ref("Card")}, gone=_GONE),
        "call": _frame("call", {**_POSITION, "call": _CALL}, gone=_GONE),
        # A PBX state has no name of its own: its fields are next to epoch and seq.
        "pbx": {
            "type": "object",
            "properties": {"type": {"const": "pbx"}, **_POSITION, **pbx["properties"]},
            "required": ["type", *_POSITION, *pbx["required"]],
            "additionalProperties": False,
        },
        "agent": _frame(
            "agent",
            {
                **_POSITION,
                "agent": {"anyOf": [ref("Agent"), fields({"id": {"type": "integer"}})]},
            },
            gone=_GONE,
        ),
        "callback": _frame(
            "callback",
            {
                **_POSITION,
                "callback": fields(
                    {
                        "call": {"type": "integer"},
                        "change": {"enum": ["taken", "released", "done", "undone"]},
                    }
                ),
            },
            gone=_GONE,
        ),
        "hb": _frame("hb", {**_POSITION, "at": _SECONDS}, missed=_COUNT),
        "result": _frame(
            "result",
            {"id": _STRING, "ok": {"type": "boolean"}},
            value={"type": "object"},
            error=_STRING,
        ),
        "bye": _frame(
            "bye",
            {
                "code": {"enum": [int(code) for code in CloseCode]},
                "retry_ms": or_null(_COUNT),
                "reason": {"enum": list(WORD.values())},
            },
            detail=_STRING,
        ),
    }


def client_frames() -> dict[str, Schema]:
    """Return the messages of a client by ``type``."""
    stages = {stage.value: _COUNT for stage in Stage}
    return {
        "hello": _frame("hello", {}, last=or_null(fields(_POSITION)), tab=_ID, build=_ID),
        "ack": _frame("ack", {"seq": _COUNT}),
        "receipt": _frame(
            "receipt",
            {"card": {"type": "string", "minLength": 1, "maxLength": 256}, "rev": _COUNT},
            stages=fields({}, stages),
            stage={"enum": list(stages), "description": "Of version 1.0, instead of stages."},
            seq=_COUNT,
        ),
        "hb": _frame("hb", {}, seq=_COUNT),
        "command": _frame(
            "command",
            {"id": _ID, "op": {"type": "string", "pattern": "^[a-z][a-z_]{0,31}$"}},
            args={"type": "object", "maxProperties": 16},
        ),
    }


_NUMBER: Schema = {"type": "number"}
_CALL_OF_EVENT = fields(
    {
        "id": _STRING,
        "pbx": _STRING,
        "direction": {"enum": ["inbound", "outbound"]},
        "line": _STRING,
        "queue": _STRING,
        "arrived_at": _SECONDS,
    }
)
_END: Mapping[str, Schema] = {
    "disposition": _STRING,
    "wait_s": or_null(_NUMBER),
    "talk_s": or_null(_NUMBER),
    "estimated": {"type": "boolean"},
}
_WITH_CALL: Mapping[str, Schema] = {"call": _CALL_OF_EVENT}
_PEOPLE: Mapping[str, Schema] = {
    "number": {"type": "string", "description": "E.164, or as sent by the PBX."},
    "customer": fields({"id": {"type": "integer"}}, {"name": _STRING}),
    "agents": list_of(fields({"id": {"type": "integer"}}, {"username": _STRING, "name": _STRING})),
}
_EVENTS: Mapping[EventType, tuple[Mapping[str, Schema], Mapping[str, Schema]]] = {
    EventType.CALL_RINGING: (_WITH_CALL, {}),
    EventType.CALL_ANSWERED: (_WITH_CALL, {"phone": _STRING}),
    EventType.CALL_TRANSFERRED: (
        {**_WITH_CALL, "phone": _STRING, "from_agent": or_null({"type": "integer"})},
        {},
    ),
    EventType.CALL_ENDED: ({**_WITH_CALL, **_END}, {"merged_into": _STRING}),
    EventType.CALL_MISSED: ({**_WITH_CALL, **_END}, {}),
    EventType.CALLBACK_OPENED: ({"callback": {"type": "integer"}}, {}),
    EventType.CALLBACK_CLOSED: ({"callback": {"type": "integer"}}, {}),
    EventType.PROMISE_DUE: (
        {"follow_up": {"type": "integer"}, "due": {"type": "string", "format": "date"}}
        | {"source": _STRING},
        {},
    ),
    EventType.OFFER_ANSWERED: (
        {**_WITH_CALL, "offer": _STRING, "answer": _STRING, "reason": _STRING},
        {},
    ),
    EventType.CUSTOMER_CHANGED: ({"what": _STRING, "fields": list_of(_STRING)}, {}),
    EventType.TEST: ({"text": _STRING, "step": _STRING}, {}),
}


def webhook_bodies() -> dict[EventType, Schema]:
    """Return the bodies of webhooks by event."""
    return {
        kind: fields(
            {
                "type": {"const": kind.value},
                "timestamp": {"type": "string", "format": "date-time"},
                "data": fields(required, {**optional, **_PEOPLE}),
            }
        )
        for kind, (required, optional) in _EVENTS.items()
    }
