"""How one agent stands to one call: the state of the card, and why. One table, no I/O.

The state follows from the agent's legs alone, so it does not matter in which order a PBX tells
about several phones.
"""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet

from screenpop.calls.changes import Direction, Disposition, EndReason, StopReason, TransferKind
from screenpop.cards.card import CardState
from screenpop.offers.suggestion import Reason
from screenpop.service.live_call import LegState, LiveCall, LiveLeg
from screenpop.telephony.identifiers import Endpoint
from screenpop.values import dataclass

NameOf = Callable[[Endpoint], str]
"""Who sits at a phone: the display name, or the phone itself."""


@dataclass(frozen=True, slots=True)
class Standing:
    state: CardState
    reason: Reason | None = None


def standing(
    call: LiveCall,
    phones: AbstractSet[Endpoint],
    name_of: NameOf,
    *,
    asked_by: Endpoint | None = None,
) -> Standing:
    """``phones`` are the agent's. The agent has at least one leg in the call, or dialled it.

    ``asked_by``: the colleague whose whole call this is, to ask for this agent while a caller
    waits.
    """
    if call.ended is not None and call.ended.reason is EndReason.MERGED:
        return Standing(CardState.GONE, Reason("ended"))
    placing = call.placing_leg()
    legs = [leg for leg in call.legs.values() if leg.endpoint in phones and leg is not placing]
    if call.direction is Direction.OUTBOUND and call.endpoint in phones and not legs:
        return _dialling(call)
    return (
        _talking(legs)
        or _talked(call, legs, name_of)
        or _broken_off(legs, name_of, asked_by)
        or _stopped(call, legs, name_of)
    )


def _dialling(call: LiveCall) -> Standing:
    """The agent calls out: the other side's legs tell how it goes."""
    if any(leg.state is LegState.HELD for leg in call.talking()):
        return Standing(CardState.HELD)
    if call.over:
        return _after_talk(call) if call.reached_at() is not None else _not_reached(call)
    return Standing(CardState.DIALLING if call.reached_at() is None else CardState.TALKING)


def _not_reached(call: LiveCall) -> Standing:
    reasons = {leg.reason for leg in call.legs.values()}
    if StopReason.BUSY in reasons:
        return Standing(CardState.GONE, Reason("busy"))
    if StopReason.UNREACHABLE in reasons:
        return Standing(CardState.GONE, Reason("unreachable"))
    return Standing(CardState.GONE, Reason("not_answered"))


def _talking(legs: Sequence[LiveLeg]) -> Standing | None:
    states = {leg.state for leg in legs}
    if LegState.TALKING in states:
        return Standing(CardState.TALKING)
    if LegState.HELD in states:
        return Standing(CardState.HELD)
    if LegState.RINGING in states:
        return Standing(CardState.RINGING)
    return None


def _talked(call: LiveCall, legs: Sequence[LiveLeg], name_of: NameOf) -> Standing | None:
    if not any(leg.state is LegState.ENDED for leg in legs):
        return None
    mine = {leg.endpoint for leg in legs}
    passed_on = [t for t in call.transfers if t.origin in mine and t.target not in mine]
    if passed_on:
        target = name_of(Endpoint(passed_on[-1].target))
        return Standing(CardState.WRAP_UP, Reason("transferred_to", {"name": target}))
    return _after_talk(call)


def _after_talk(call: LiveCall) -> Standing:
    lost = call.ended is not None and call.ended.reason is EndReason.ENDED_UNKNOWN
    return Standing(CardState.WRAP_UP, Reason("lost_sight" if lost else "ended"))


def _broken_off(
    legs: Sequence[LiveLeg], name_of: NameOf, asked_by: Endpoint | None
) -> Standing | None:
    """The colleague went back to the caller before this agent answered: nobody missed a call."""
    if any(leg.reason is not StopReason.CANCELLED for leg in legs):
        return None
    colleagues = [leg.by or asked_by for leg in legs]
    if not colleagues or any(by is None for by in colleagues):
        return None
    name = name_of(colleagues[-1] or Endpoint(""))
    return Standing(CardState.GONE, Reason("consultation_ended", {"name": name}))


def _stopped(call: LiveCall, legs: Sequence[LiveLeg], name_of: NameOf) -> Standing:
    mine = {leg.endpoint for leg in legs}
    reasons = {leg.reason for leg in legs}
    if reasons & _LEAVE_AT_ONCE and not reasons & _RANG_IN_VAIN:
        return _left_at_once(legs, name_of)
    winner = _winner(call, legs, mine)
    if winner is not None:
        picked = any(t.transfer is TransferKind.PICKUP and t.origin in mine for t in call.transfers)
        code = "picked_up_by" if picked else "answered_by"
        return Standing(CardState.ELSEWHERE, Reason(code, {"name": name_of(winner)}))
    if call.ended is not None and call.ended.reason is EndReason.ENDED_UNKNOWN:
        return Standing(CardState.GONE, Reason("lost_sight"))
    if StopReason.ANSWERED_ELSEWHERE in reasons and not call.over:
        # Some PBXs silence the other phones before they say who has the call.
        return Standing(CardState.ELSEWHERE)
    if call.ended is not None and call.ended.disposition is Disposition.VOICEMAIL:
        return Standing(CardState.MISSED, Reason("voicemail"))
    code = "not_answered" if StopReason.NO_ANSWER in reasons else "caller_gave_up"
    return Standing(CardState.MISSED, Reason(code))


_LEAVE_AT_ONCE = frozenset(
    {StopReason.BUSY, StopReason.DECLINED, StopReason.UNREACHABLE, StopReason.FORWARDED}
)
_RANG_IN_VAIN = frozenset(
    {StopReason.NO_ANSWER, StopReason.CANCELLED, StopReason.ANSWERED_ELSEWHERE}
)


def _left_at_once(legs: Sequence[LiveLeg], name_of: NameOf) -> Standing:
    reasons = {leg.reason for leg in legs}
    sent_on = [leg.forwarded_to for leg in legs if leg.reason is StopReason.FORWARDED]
    if sent_on:
        target = name_of(Endpoint(sent_on[-1]))
        return Standing(CardState.GONE, Reason("forwarded_to", {"target": target}))
    for reason in (StopReason.DECLINED, StopReason.BUSY):
        if reason in reasons:
            return Standing(CardState.GONE, Reason(str(reason)))
    return Standing(CardState.GONE, Reason("unreachable"))


def _winner(
    call: LiveCall, legs: Sequence[LiveLeg], mine: AbstractSet[Endpoint]
) -> Endpoint | None:
    """Who answered instead: as the PBX says, else whoever talks or talked in this call."""
    named = [leg.by for leg in legs if leg.by is not None and leg.by not in mine]
    if named:
        return named[-1]
    rang_at = max((leg.rang_at for leg in legs if leg.rang_at is not None), default=None)
    placing = call.placing_leg()
    others = [
        (leg.answered_at, leg.endpoint)
        for leg in call.legs.values()
        if leg is not placing
        and leg.endpoint not in mine
        and leg.answered_at is not None
        and not _before(leg, rang_at)
    ]
    return max(others)[1] if others else None


def _before(leg: LiveLeg, rang_at: float | None) -> bool:
    """Whoever had passed the call on before the agent's phone rang has not taken it from there."""
    return leg.over_at is not None and rang_at is not None and leg.over_at <= rang_at
