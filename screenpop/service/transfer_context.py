"""The previous holder of the call, for a card of a transfer or of a consultation."""

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
    file: CallSession, card: LiveCard, own_legs: list[LegInfo], roster: Roster
) -> CardTransfer | None:
    """Return the transfer that led to this agent.

    That is the last transfer before the agent's phone rang; else a colleague whose phone forwards,
    or who still holds the caller and consults this agent.
    """
    if file.about is not None:
        return _asks_by_consultation(file, file.about, roster)
    rang_at = max((leg.rang_at for leg in own_legs if leg.rang_at is not None), default=None)
    for transfer in reversed(file.call.transfers):
        if transfer.origin in card.phones or transfer.transfer is TransferKind.PICKUP:
            continue
        later = rang_at is None or transfer.at > rang_at
        if transfer.target not in card.phones and later and not _joined(transfer, own_legs):
            continue
        colleague = roster.agent_at(file.call.pbx, transfer.origin)
        return CardTransfer(
            origin=colleague.display_name if colleague is not None else transfer.origin,
            kind=transfer.transfer.value,
            talked_s=transfer.talked_s,
            note=_note_of(file, colleague),
            queue=file.call.first_queue,
        )
    return _forwarded(file, own_legs, roster) or _asks_within_call(file, card, own_legs, roster)


def _joined(transfer: CallTransferred, own_legs: list[LegInfo]) -> bool:
    """Return whether this agent was consulted before the transfer: its target is the dialled
    group."""
    return any(
        leg.asked_by == transfer.origin and (leg.over_at is None or leg.over_at > transfer.at)
        for leg in own_legs
    )


def _forwarded(file: CallSession, own_legs: list[LegInfo], roster: Roster) -> CardTransfer | None:
    """Return the forwarding of a colleague's phone, which has not talked."""
    phones = [leg.forwarded_from for leg in own_legs if leg.forwarded_from is not None]
    if not phones:
        return None
    colleague = roster.agent_at(file.call.pbx, phones[-1])
    return CardTransfer(
        origin=colleague.display_name if colleague is not None else phones[-1],
        kind=TransferKind.FORWARD.value,
        talked_s=None,
        note=_note_of(file, colleague),
        queue=file.call.first_queue,
    )


def _asks_within_call(
    file: CallSession, card: LiveCard, own_legs: list[LegInfo], roster: Roster
) -> CardTransfer | None:
    """Return a consultation by the PBX's transfer: part of the caller's call."""
    rang_at = max((leg.rang_at for leg in own_legs if leg.rang_at is not None), default=None)
    if rang_at is None:
        return None
    asked = next((leg.asked_by for leg in own_legs if leg.asked_by is not None), None)
    if asked is not None and (colleague := roster.agent_at(file.call.pbx, asked)) is not None:
        began = _answered_at(file.call, asked)
        return _still_has(file, colleague, None if began is None else max(0.0, rang_at - began))
    for leg in file.call.legs.values():
        if leg.endpoint in card.phones or leg.state not in _ON:
            continue
        colleague = roster.agent_at(file.call.pbx, leg.endpoint)
        if colleague is not None and leg.answered_at is not None and leg.answered_at < rang_at:
            return _still_has(file, colleague, rang_at - leg.answered_at)
    return None


def _asks_by_consultation(
    file: CallSession, about: CallSession, roster: Roster
) -> CardTransfer | None:
    """Return a consultation by the phone's transfer: a call of its own."""
    colleague = roster.agent_at(file.call.pbx, file.call.endpoint)
    if colleague is None:
        return None
    began = _answered_at(about.call, file.call.endpoint)
    talked_s = None if began is None else max(0.0, file.call.arrived_at - began)
    return _still_has(about, colleague, talked_s)


def _still_has(file: CallSession, colleague: Agent, talked_s: float | None) -> CardTransfer:
    return CardTransfer(
        origin=colleague.display_name,
        kind=TransferKind.ATTENDED.value,
        talked_s=None if talked_s is None else round(talked_s, 3),
        note=_note_of(file, colleague),
        queue=file.call.first_queue,
    )


def _note_of(file: CallSession, colleague: Agent | None) -> str:
    own_card = file.cards.get(colleague.id) if colleague is not None else None
    return own_card.note if own_card is not None else ""


def _answered_at(call: CallState, phone: Endpoint) -> float | None:
    if call.direction is Direction.OUTBOUND and call.endpoint == phone:
        return call.answered_at
    answers = [leg.answered_at for leg in call.legs.values() if leg.endpoint == phone]
    return max((at for at in answers if at is not None), default=None)


def consulted_call(consultation: CallState, others: Iterable[CallSession]) -> CallSession | None:
    """Return the call that the consulting agent holds: the subject of the consultation."""
    consulted: CallSession | None = None
    for file in others:
        call = file.call
        if call.over or call.direction is Direction.INTERNAL or call.pbx != consultation.pbx:
            continue
        if _has_in_hand(call, consultation.endpoint):
            consulted = file
    return consulted


def _has_in_hand(call: CallState, phone: Endpoint) -> bool:
    if call.direction is Direction.OUTBOUND and call.endpoint == phone:
        return any(True for _ in call.talking())
    return any(leg.endpoint == phone for leg in call.talking())
