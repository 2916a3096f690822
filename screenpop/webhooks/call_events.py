"""The events of one call, from its record for the call log.

A record is written at the arrival, the ring, the answer and the end of a call, and whole each time.
So each record yields all events so far, with ids that stay the same; the queue keeps each once.
Internal calls yield none.
"""

from collections.abc import Iterator

from screenpop.calls.events import Direction, Disposition
from screenpop.service.ports import LoggedCall, OfferAnswerToKeep
from screenpop.telephony.identifiers import Endpoint
from screenpop.webhooks.events import EventType, OutgoingEvent, event_id


def call_events(record: LoggedCall, now: float) -> tuple[OutgoingEvent, ...]:
    """Return the events of a call so far, in order; ``now`` is used where no time is known."""
    if record.entry.direction is Direction.INTERNAL:
        return ()
    return (*_state_events(record, now), *_offer_events(record))


def _state_events(record: LoggedCall, now: float) -> Iterator[OutgoingEvent]:
    entry = record.entry
    agents = tuple(dict.fromkeys(int(card.agent) for card in record.painted))
    if agents:
        sent = [card.sent_at for card in record.painted if card.sent_at is not None]
        yield _event(record, EventType.CALL_RINGING, min(sent, default=now), agents=agents)
    yield from _answers(record, now)
    if entry.disposition is None:
        return
    ended_at = now if entry.ended_at is None else entry.ended_at
    last = _last_agent(record)
    result: dict[str, object] = {
        "disposition": entry.disposition.value,
        "wait_s": entry.wait_s,
        "talk_s": entry.talk_s,
        "estimated": entry.estimated,
    }
    if entry.direction is Direction.INBOUND and entry.disposition is not Disposition.ANSWERED:
        yield _event(record, EventType.CALL_MISSED, ended_at, agents=agents, more=result)
    yield _event(record, EventType.CALL_ENDED, ended_at, agents=last, more=result)


def _answers(record: LoggedCall, now: float) -> Iterator[OutgoingEvent]:
    """Yield the first answer, then a transfer for each further agent who answered."""
    entry = record.entry
    holder: tuple[int, ...] = ()
    for place, phone in enumerate(entry.answered_by):
        agents = _agent_at(record, phone)
        if place == 0:
            # Of a call we made, the customer answers and the agent who dialled has it.
            ours = phone if agents else record.dialled_from
            holder = _agent_at(record, ours)
            at = entry.answered_at if entry.answered_at is not None else now
            more: dict[str, object] = {"phone": ours} if holder else {}
            yield _event(record, EventType.CALL_ANSWERED, at, agents=holder, more=more)
        elif agents and agents != holder:
            more = {"phone": phone, "from_agent": holder[0] if holder else None}
            at = _answered_at(record, phone) or now
            holder = agents
            yield _event(
                record, EventType.CALL_TRANSFERRED, at, agents=agents, more=more, place=place
            )


def _offer_events(record: LoggedCall) -> Iterator[OutgoingEvent]:
    for given in record.offer_answers:
        yield _offer_event(record, given)


def _offer_event(record: LoggedCall, given: OfferAnswerToKeep) -> OutgoingEvent:
    data = {
        "call": _call_json(record),
        "offer": given.offer,
        "answer": given.answer,
        "reason": given.why,
    }
    kind = EventType.OFFER_ANSWERED
    number = event_id(*_key(record), kind, given.customer, given.offer, given.answer, given.why)
    return OutgoingEvent(
        number,
        kind,
        given.at,
        _order(record),
        data,
        int(given.customer),
        agents=(int(given.agent),),
    )


def _event(
    record: LoggedCall,
    kind: EventType,
    at: float,
    *,
    agents: tuple[int, ...],
    more: dict[str, object] | None = None,
    place: int = 0,
) -> OutgoingEvent:
    return OutgoingEvent(
        id=event_id(*_key(record), kind, place),
        type=kind,
        at=at,
        order=_order(record),
        data={"call": _call_json(record), **(more or {})},
        customer=None if record.customer is None else int(record.customer),
        number=_number(record),
        agents=agents,
    )


def _call_json(record: LoggedCall) -> dict[str, object]:
    entry = record.entry
    return {
        "id": entry.call,
        "pbx": entry.pbx,
        "direction": entry.direction.value,
        "line": entry.did,
        "queue": entry.queue,
        "arrived_at": entry.arrived_at,
    }


def _number(record: LoggedCall) -> str:
    """Return the number of the other side; empty where it is hidden."""
    entry = record.entry
    if entry.direction is Direction.INBOUND:
        return record.caller.e164 or ("" if entry.caller.withheld else entry.caller.number)
    return record.caller.e164 or entry.called


def _agent_at(record: LoggedCall, phone: str) -> tuple[int, ...]:
    """Return the agent of a phone, as one or no user id."""
    found = (int(card.agent) for card in record.painted if card.sat_at(phone))
    return tuple(found)[:1] if phone else ()


def _last_agent(record: LoggedCall) -> tuple[int, ...]:
    for phone in (*reversed(record.entry.answered_by), record.dialled_from):
        if agents := _agent_at(record, phone):
            return agents
    return ()


def _answered_at(record: LoggedCall, phone: Endpoint) -> float | None:
    times = [leg.answered_at for leg in record.entry.legs if leg.endpoint == phone]
    return max((at for at in times if at is not None), default=None)


def _key(record: LoggedCall) -> tuple[str, str, str]:
    return (record.entry.pbx, record.entry.boot, record.entry.call)


def _order(record: LoggedCall) -> str:
    return event_id("call", *_key(record))
