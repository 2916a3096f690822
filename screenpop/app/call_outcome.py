"""The result of the test call of ``screenpop doctor``, and the events that it must produce."""

from collections.abc import Sequence
from enum import StrEnum

from screenpop.asterisk.ami_message import AmiMessage


class CallOutcome(StrEnum):
    ANSWERED = "answered"
    NOT_ANSWERED = "not_answered"
    BUSY = "busy"
    REFUSED = "refused"
    """Hung up or congested before it could ring."""
    UNREACHABLE = "unreachable"
    """No such phone, or not registered: Asterisk made no call."""
    UNKNOWN = "unknown"
    """No ``OriginateResponse`` and no ``DialEnd`` came."""


_BY_REASON = {
    "0": CallOutcome.UNREACHABLE,
    "1": CallOutcome.REFUSED,
    "3": CallOutcome.NOT_ANSWERED,
    "4": CallOutcome.ANSWERED,
    "5": CallOutcome.BUSY,
    "8": CallOutcome.REFUSED,
}
"""``Reason`` of ``OriginateResponse``: a control frame (AST_CONTROL_* of asterisk/frame.h)."""
_BY_STATUS = {
    "ANSWER": CallOutcome.ANSWERED,
    "NOANSWER": CallOutcome.NOT_ANSWERED,
    "CANCEL": CallOutcome.NOT_ANSWERED,
    "BUSY": CallOutcome.BUSY,
    "CONGESTION": CallOutcome.REFUSED,
    "CHANUNAVAIL": CallOutcome.UNREACHABLE,
}
_EVERY_CALL = ("Newchannel", "DialBegin", "Newstate", "DialEnd", "Hangup")
NEEDED = {
    CallOutcome.ANSWERED: _EVERY_CALL,
    CallOutcome.NOT_ANSWERED: ("Newchannel", "DialBegin", "Newstate", "Hangup"),
    CallOutcome.BUSY: ("Newchannel", "DialBegin", "Hangup"),
    CallOutcome.REFUSED: ("Newchannel", "DialBegin", "Hangup"),
    CallOutcome.UNREACHABLE: (),
    CallOutcome.UNKNOWN: _EVERY_CALL,
}
"""Which events each outcome gives on Asterisk 16 and 22: a phone that does not ring has no
``Newstate``, one that is not registered has no channel at all, and an Originate that times out
has no ``DialEnd`` (seen on 22)."""

WHAT_THE_PHONE_DID = {
    CallOutcome.ANSWERED: "answered",
    CallOutcome.NOT_ANSWERED: "rang without an answer",
    CallOutcome.BUSY: "is busy, or set to do not disturb",
    CallOutcome.REFUSED: "refused the call",
    CallOutcome.UNREACHABLE: "could not be reached",
    CallOutcome.UNKNOWN: "was called",
}


def read_outcome(response: AmiMessage | None, dial_ends: Sequence[AmiMessage]) -> CallOutcome:
    """Return the outcome by ``OriginateResponse``, or by the last ``DialEnd`` if none came."""
    if response is not None:
        known = _BY_REASON.get(response.get("Reason"))
        if known is not None:
            # Reason 0 also means a phone that was called but could not ring.
            if known is CallOutcome.UNREACHABLE and dial_ends:
                return _BY_STATUS.get(dial_ends[-1].get("DialStatus"), known)
            return known
    if dial_ends:
        return _BY_STATUS.get(dial_ends[-1].get("DialStatus"), CallOutcome.UNKNOWN)
    return CallOutcome.UNKNOWN
