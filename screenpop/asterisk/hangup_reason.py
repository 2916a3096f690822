"""Derives the stop reason of a leg, which Asterisk spreads over several events.

Seen in recordings of 16.28 and 22.10 (``tests/scenarios``); causes are those of ITU-T Q.850.
"""

from screenpop.asterisk.tracker_state import Leg
from screenpop.calls.events import StopReason

USER_BUSY = 17
NO_USER_RESPONDING = 18
NO_ANSWER = 19
CALL_REJECTED = 21
ANSWERED_ELSEWHERE = 26

REFUSED = frozenset({"CHANUNAVAIL", "CONGESTION"})
_HALF_SECOND_S = 0.5


def _refusal_reason(leg: Leg, cause: int) -> StopReason | None:
    """Return the refusal of the phone or trunk itself; None if it sent none.

    A 603 is BUSY from chan_sip and NOANSWER from PJSIP; only its cause is the same.
    """
    if leg.forward:
        return StopReason.FORWARDED
    if leg.dial_status == "CANCEL":
        return None
    asked = cause if leg.asked_cause is None else leg.asked_cause
    if asked == CALL_REJECTED:
        return StopReason.DECLINED
    if asked == USER_BUSY or leg.dial_status == "BUSY":
        return StopReason.BUSY
    # The cause does not always come through a Local channel's dialplan; the ringing phone's own
    # hangup request does.
    by_itself = leg.asked_cause is not None and leg.rang
    if by_itself and leg.asked_cause not in {NO_USER_RESPONDING, NO_ANSWER}:
        return StopReason.DECLINED
    return StopReason.UNREACHABLE if leg.dial_status in REFUSED else None


def _never_rang(leg: Leg, now: float | None) -> bool:
    """Return whether a leg was dialled for over half a second without ringing.

    A phone that is off is dialled all the same; only a ring proves that it was reached, and a
    caller or winner within half a second proves nothing.
    """
    if leg.rang or leg.is_undialled:
        return False
    return leg.began is None or now is None or now - leg.began > _HALF_SECOND_S


def current_stop_reason(leg: Leg, cause: int, now: float | None) -> tuple[StopReason, bool]:
    """Return the best stop reason so far, and whether it is final."""
    refusal = _refusal_reason(leg, cause)
    if refusal is not None:
        return refusal, True
    if leg.dial_status == "ANSWER":
        # A mobile that took the phone off but never confirmed, or its mailbox.
        others = leg.call.answered
        return (StopReason.ANSWERED_ELSEWHERE if others else StopReason.NO_ANSWER), True
    if _never_rang(leg, now):
        return StopReason.UNREACHABLE, True
    if leg.unanswered or leg.dial_status == "NOANSWER":
        return StopReason.NO_ANSWER, True
    call = leg.call
    # A talker from before this phone was dialled consulted it: that is not elsewhere.
    beaten = any(other.answered_step > leg.dialled_step for other in call.talking_legs())
    if beaten:
        return StopReason.ANSWERED_ELSEWHERE, True
    if leg.asked_by is not None:
        # The consulting colleague went back to the caller. Not final: in a consulted group another
        # phone may be about to answer.
        return StopReason.CANCELLED, False
    if call.caller_left:
        # Queue option C hangs up with "answered elsewhere" even then, so the cause comes last.
        return StopReason.CANCELLED, True
    if cause == ANSWERED_ELSEWHERE:
        return StopReason.ANSWERED_ELSEWHERE, True
    return StopReason.NO_ANSWER, False
