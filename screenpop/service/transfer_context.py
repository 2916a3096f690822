"""Who had the caller before this agent: what a card says of a transfer, and of a consultation
that may become one."""

from collections.abc import Iterable

from screenpop.agents.agent import Agent
from screenpop.agents.roster import Roster
from screenpop.calls.call_state import CallState, LegInfo, LegPhase
from screenpop.calls.events import CallTransferred, Direction, TransferKind
from screenpop.cards.card import CardTransfer
from screenpop.service.call_session import CallSession, LiveCard
from screenpop.telephony.identifiers import Endpoint

_ON = frozenset({LegPhase.TALKING, LegPhase.HELD})


def transfer_context(
    file: CallSession, card: LiveCard, mine: list[LegInfo], roster: Roster
) -> CardTransfer | None:
    """Who passed the call on to this agent: the last transfer before the agent's phone rang; else
    a colleague whose phone forwards, or who still has the caller and asks for this agent."""
    if file.about is not None:
        return _asks_by_consultation(file, file.about, roster)
    rang_at = max((leg.rang_at for leg in mine if leg.rang_at is not None), default=None)
    for transfer in reversed(file.call.transfers):
        if transfer.origin in card.phones or transfer.transfer is TransferKind.PICKUP:
            continue
        later = rang_at is None or transfer.at > rang_at
        if transfer.target not in card.phones and later and not _joined(transfer, mine):
            continue
        by = roster.agent_at(file.call.pbx, transfer.origin)
        return CardTransfer(
            origin=by.display_name if by is not None else transfer.origin,
            kind=transfer.transfer.value,
            talked_s=transfer.talked_s,
            note=_note_of(file, by),
            queue=file.call.first_queue,
        )
    return _forwarded(file, mine, roster) or _asks_within_call(file, card, mine, roster)


def _joined(transfer: CallTransferred, mine: list[LegInfo]) -> bool:
    """Whether this agent was asked before the caller was passed on: the target is the queue or
    group that the colleague had dialled."""
    return any(
        leg.asked_by == transfer.origin and (leg.over_at is None or leg.over_at > transfer.at)
        for leg in mine
    )


def _forwarded(file: CallSession, mine: list[LegInfo], roster: Roster) -> CardTransfer | None:
    """A colleague's phone sent the caller on by itself: nobody has talked."""
    phones = [leg.forwarded_from for leg in mine if leg.forwarded_from is not None]
    if not phones:
        return None
    by = roster.agent_at(file.call.pbx, phones[-1])
    return CardTransfer(
        origin=by.display_name if by is not None else phones[-1],
        kind=TransferKind.FORWARD.value,
        talked_s=None,
        note=_note_of(file, by),
        queue=file.call.first_queue,
    )


def _asks_within_call(
    file: CallSession, card: LiveCard, mine: list[LegInfo], roster: Roster
) -> CardTransfer | None:
    """The PBX's own transfer: the consultation is a part of the caller's call."""
    rang_at = max((leg.rang_at for leg in mine if leg.rang_at is not None), default=None)
    if rang_at is None:
        return None
    asked = next((leg.asked_by for leg in mine if leg.asked_by is not None), None)
    if asked is not None and (by := roster.agent_at(file.call.pbx, asked)) is not None:
        began = _answered_at(file.call, asked)
        return _still_has(file, by, None if began is None else max(0.0, rang_at - began))
    for leg in file.call.legs.values():
        if leg.endpoint in card.phones or leg.state not in _ON:
            continue
        by = roster.agent_at(file.call.pbx, leg.endpoint)
        if by is not None and leg.answered_at is not None and leg.answered_at < rang_at:
            return _still_has(file, by, rang_at - leg.answered_at)
    return None


def _asks_by_consultation(
    file: CallSession, about: CallSession, roster: Roster
) -> CardTransfer | None:
    """The phone's transfer: the consultation is a call of its own."""
    by = roster.agent_at(file.call.pbx, file.call.endpoint)
    if by is None:
        return None
    began = _answered_at(about.call, file.call.endpoint)
    talked_s = None if began is None else max(0.0, file.call.arrived_at - began)
    return _still_has(about, by, talked_s)


def _still_has(file: CallSession, by: Agent, talked_s: float | None) -> CardTransfer:
    return CardTransfer(
        origin=by.display_name,
        kind=TransferKind.ATTENDED.value,
        talked_s=None if talked_s is None else round(talked_s, 3),
        note=_note_of(file, by),
        queue=file.call.first_queue,
    )


def _note_of(file: CallSession, by: Agent | None) -> str:
    theirs = file.cards.get(by.id) if by is not None else None
    return theirs.note if theirs is not None else ""


def _answered_at(call: CallState, phone: Endpoint) -> float | None:
    if call.direction is Direction.OUTBOUND and call.endpoint == phone:
        return call.answered_at
    answers = [leg.answered_at for leg in call.legs.values() if leg.endpoint == phone]
    return max((at for at in answers if at is not None), default=None)


def consulted_call(consultation: CallState, others: Iterable[CallSession]) -> CallSession | None:
    """Whose call the agent has in hand who now dials a colleague: what they want to talk about."""
    found: CallSession | None = None
    for file in others:
        call = file.call
        if call.over or call.direction is Direction.INTERNAL or call.pbx != consultation.pbx:
            continue
        if _has_in_hand(call, consultation.endpoint):
            found = file
    return found


def _has_in_hand(call: CallState, phone: Endpoint) -> bool:
    if call.direction is Direction.OUTBOUND and call.endpoint == phone:
        return any(True for _ in call.talking())
    return any(leg.endpoint == phone for leg in call.talking())
