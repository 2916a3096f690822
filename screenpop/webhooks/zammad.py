"""The requests of Zammad's generic CTI interface.

Source: https://docs.zammad.org/en/latest/api/generic-cti/index.html. A call is ``newCall``,
``answer`` and ``hangup`` with one ``callId``; Zammad matches ``answeringNumber`` with a user's
phone, login or id. Numbers have no ``+``. There is no event for a transfer: it is another
``answer``.
"""

import hashlib

import orjson

from screenpop.webhooks.events import AgentName, EventType, OutgoingEvent, People

TYPES = frozenset(
    {
        EventType.CALL_RINGING,
        EventType.CALL_ANSWERED,
        EventType.CALL_TRANSFERRED,
        EventType.CALL_ENDED,
    }
)
_EVENTS = {
    EventType.CALL_RINGING: "newCall",
    EventType.CALL_ANSWERED: "answer",
    EventType.CALL_TRANSFERRED: "answer",
    EventType.CALL_ENDED: "hangup",
}
_CAUSES = {
    "answered": "normalClearing",
    "abandoned": "cancel",
    "no_answer": "noAnswer",
    "voicemail": "forwarded",
    "busy": "busy",
    "failed": "congestion",
}


def build_body(event: OutgoingEvent, people: People, *, with_numbers: bool) -> bytes | None:
    """Return the JSON of one request; None for an event that Zammad has no place for.

    Zammad needs the caller's number: without numbers it reads ``anonymous``.
    """
    if event.type is EventType.TEST:
        return _test_body(event)
    name = _EVENTS.get(event.type)
    call = event.data.get("call")
    if name is None or not isinstance(call, dict):
        return None
    other = event.number.removeprefix("+") if with_numbers and event.number else "anonymous"
    line = str(call.get("line") or "").removeprefix("+")
    is_inbound = call.get("direction") == "inbound"
    body: dict[str, object] = {
        "event": name,
        "from": other if is_inbound else line,
        "to": line if is_inbound else other,
        "direction": "in" if is_inbound else "out",
        "callId": _call_id(call),
        "user": [one.display_name for one in _agents(event, people)],
    }
    if name == "newCall" and call.get("queue"):
        body["queue"] = call["queue"]
    if name == "answer":
        usernames = [one.username for one in _agents(event, people)]
        body["answeringNumber"] = event.data.get("phone") or next(iter(usernames), "")
    if name == "hangup":
        body["cause"] = _CAUSES.get(str(event.data.get("disposition")), "normalClearing")
    return orjson.dumps(body)


def _test_body(event: OutgoingEvent) -> bytes:
    """Return a call without a number, which appears in Zammad's caller log and ends at once."""
    body = {"from": "anonymous", "to": "", "direction": "in", "callId": event.order}
    is_first = event.data.get("step") == "begin"
    more = {"event": "newCall"} if is_first else {"event": "hangup", "cause": "cancel"}
    return orjson.dumps(body | more)


def _agents(event: OutgoingEvent, people: People) -> list[AgentName]:
    return [people.agents[one] for one in event.agents if one in people.agents]


def _call_id(call: dict[str, object]) -> str:
    """Return an id of at most 64 characters that no other call has, whichever PBX it is on."""
    text = f"{call.get('pbx')}/{call.get('id')}/{call.get('arrived_at')}"
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
