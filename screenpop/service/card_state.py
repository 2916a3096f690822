"""Derives the state of one agent's card from the call. One table, no I/O.

The state follows from the agent's legs alone, so it does not depend on the order in which a PBX
reports several phones.
"""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from screenpop.calls.call_state import CallState, LegInfo, LegPhase
from screenpop.calls.events import Direction, Disposition, EndReason, StopReason, TransferKind
from screenpop.cards.card import CardState
from screenpop.offers.suggestion import Reason
from screenpop.telephony.identifiers import Endpoint

NameOf = Callable[[Endpoint], str]
"""The display name of the agent at a phone, or the phone itself."""


@dataclass(frozen=True, slots=True)
class CardStatus:
    state: CardState
    reason: Reason | None = None


def card_status(
    call: CallState,
    phones: AbstractSet[Endpoint],
    name_of: NameOf,
    *,
    asked_by: Endpoint | None = None,
) -> CardStatus:
    """Return the state of the card and its reason; ``phones`` are the agent's.

    The agent has at least one leg in the call, or dialled it. ``asked_by``: the colleague whose
    whole call this is, made to consult this agent while a caller waits.
    """
    if call.ended is not None and call.ended.reason is EndReason.MERGED:
        return CardStatus(CardState.GONE, Reason("ended"))
    placing = call.placing_leg()
    legs = [leg for leg in call.legs.values() if leg.endpoint in phones and leg is not placing]
    if call.direction is Direction.OUTBOUND and call.endpoint in phones and not legs:
        return _passed_on(call, phones, name_of) or _dialling(call)
    return (
        _talking(legs)
        or _talked(call, legs, name_of)
        or _broken_off(legs, name_of, asked_by)
        or _stopped(call, legs, name_of)
    )


def _dialling(call: CallState) -> CardStatus:
    """Return the state of an outbound call, which follows from the other side's legs."""
    if any(leg.state is LegPhase.HELD for leg in call.talking()):
        return CardStatus(CardState.HELD)
    if call.over:
        return _after_talk(call) if call.reached_at() is not None else _not_reached(call)
    return CardStatus(CardState.DIALLING if call.reached_at() is None else CardState.TALKING)


def _not_reached(call: CallState) -> CardStatus:
    reasons = {leg.reason for leg in call.legs.values()}
    if StopReason.BUSY in reasons:
        return CardStatus(CardState.GONE, Reason("busy"))
    if StopReason.UNREACHABLE in reasons:
        return CardStatus(CardState.GONE, Reason("unreachable"))
    return CardStatus(CardState.GONE, Reason("not_answered"))


def _talking(legs: Sequence[LegInfo]) -> CardStatus | None:
    states = {leg.state for leg in legs}
    if LegPhase.TALKING in states:
        return CardStatus(CardState.TALKING)
    if LegPhase.HELD in states:
        return CardStatus(CardState.HELD)
    if LegPhase.RINGING in states:
        return CardStatus(CardState.RINGING)
    return None


def _talked(call: CallState, legs: Sequence[LegInfo], name_of: NameOf) -> CardStatus | None:
    if not any(leg.state is LegPhase.ENDED for leg in legs):
        return None
    own_phones = {leg.endpoint for leg in legs}
    return _passed_on(call, own_phones, name_of) or _after_talk(call)


def _passed_on(
    call: CallState, own_phones: AbstractSet[Endpoint], name_of: NameOf
) -> CardStatus | None:
    """Return the state of an agent who passed the call on to another; None if none was."""
    passed_on = [t for t in call.transfers if t.origin in own_phones and t.target not in own_phones]
    if not passed_on:
        return None
    target = name_of(Endpoint(passed_on[-1].target))
    return CardStatus(CardState.WRAP_UP, Reason("transferred_to", {"name": target}))


def _after_talk(call: CallState) -> CardStatus:
    lost = call.ended is not None and call.ended.reason is EndReason.ENDED_UNKNOWN
    return CardStatus(CardState.WRAP_UP, Reason("lost_sight" if lost else "ended"))


def _broken_off(
    legs: Sequence[LegInfo], name_of: NameOf, asked_by: Endpoint | None
) -> CardStatus | None:
    """Return the state after a colleague ended the consultation unanswered: it is no missed
    call."""
    if any(leg.reason is not StopReason.CANCELLED for leg in legs):
        return None
    colleagues = [leg.by or asked_by for leg in legs]
    if not colleagues or any(colleague is None for colleague in colleagues):
        return None
    name = name_of(colleagues[-1] or Endpoint(""))
    return CardStatus(CardState.GONE, Reason("consultation_ended", {"name": name}))


def _stopped(call: CallState, legs: Sequence[LegInfo], name_of: NameOf) -> CardStatus:
    own_phones = {leg.endpoint for leg in legs}
    reasons = {leg.reason for leg in legs}
    if reasons & _LEAVE_AT_ONCE and not reasons & _RANG_IN_VAIN:
        return _left_at_once(legs, name_of)
    winner = _winner(call, legs, own_phones)
    if winner is not None:
        picked = any(
            t.transfer is TransferKind.PICKUP and t.origin in own_phones for t in call.transfers
        )
        code = "picked_up_by" if picked else "answered_by"
        return CardStatus(CardState.ELSEWHERE, Reason(code, {"name": name_of(winner)}))
    if call.ended is not None and call.ended.reason is EndReason.ENDED_UNKNOWN:
        return CardStatus(CardState.GONE, Reason("lost_sight"))
    if StopReason.ANSWERED_ELSEWHERE in reasons and not call.over:
        # Some PBXs stop the other phones before they report which one has the call.
        return CardStatus(CardState.ELSEWHERE)
    if call.ended is not None and call.ended.disposition is Disposition.VOICEMAIL:
        return CardStatus(CardState.MISSED, Reason("voicemail"))
    code = "not_answered" if StopReason.NO_ANSWER in reasons else "caller_gave_up"
    return CardStatus(CardState.MISSED, Reason(code))


_LEAVE_AT_ONCE = frozenset(
    {StopReason.BUSY, StopReason.DECLINED, StopReason.UNREACHABLE, StopReason.FORWARDED}
)
_RANG_IN_VAIN = frozenset(
    {StopReason.NO_ANSWER, StopReason.CANCELLED, StopReason.ANSWERED_ELSEWHERE}
)


def _left_at_once(legs: Sequence[LegInfo], name_of: NameOf) -> CardStatus:
    reasons = {leg.reason for leg in legs}
    sent_on = [leg.forwarded_to for leg in legs if leg.reason is StopReason.FORWARDED]
    if sent_on:
        target = name_of(Endpoint(sent_on[-1]))
        return CardStatus(CardState.GONE, Reason("forwarded_to", {"target": target}))
    for reason in (StopReason.DECLINED, StopReason.BUSY):
        if reason in reasons:
            return CardStatus(CardState.GONE, Reason(str(reason)))
    return CardStatus(CardState.GONE, Reason("unreachable"))


def _winner(
    call: CallState, legs: Sequence[LegInfo], own_phones: AbstractSet[Endpoint]
) -> Endpoint | None:
    """Return the endpoint that answered instead: as the PBX reports, else one that talks or
    talked."""
    named = [leg.by for leg in legs if leg.by is not None and leg.by not in own_phones]
    if named:
        return named[-1]
    rang_at = max((leg.rang_at for leg in legs if leg.rang_at is not None), default=None)
    placing = call.placing_leg()
    others = [
        (leg.answered_at, leg.endpoint)
        for leg in call.legs.values()
        if leg is not placing
        and leg.endpoint not in own_phones
        and leg.answered_at is not None
        and not _before(leg, rang_at)
    ]
    return max(others)[1] if others else None


def _before(leg: LegInfo, rang_at: float | None) -> bool:
    """Return whether a leg ended before the agent's phone rang: it has not taken the call from
    there."""
    return leg.over_at is not None and rang_at is not None and leg.over_at <= rang_at
