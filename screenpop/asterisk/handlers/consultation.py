"""Finds the colleague who consults a phone while the caller waits: feature code transfers (``*2``).

Asterisk opens a Local channel whose first half joins the colleague in a bridge without ever being
dialled; its second half runs the dialplan and dials. All of it stays in the caller's call.
"""

from screenpop.asterisk.tracker_state import Call, Channel, TrackerState
from screenpop.telephony.identifiers import Endpoint


def asking_colleague(state: TrackerState, source: Channel, number: str) -> Endpoint | None:
    """Return the phone that consults through ``source``; None if it dials for the caller.

    ``number`` is the caller number of ``source``: the colleague's, if the bridge is not known yet.
    """
    if source.name.half != 2:
        return None
    call = source.call
    first = _undialled_half(call, source)
    if first is None or call.originated:
        return None
    near = {first.uniqueid, *(c.uniqueid for c in state.reached_from(first))}
    phones = [leg.endpoint for leg in call.talking_legs() if leg.id in near and leg.is_phone]
    if phones:
        return phones[0]
    return Endpoint(number) if _talks(call, Endpoint(number)) else None


def _undialled_half(call: Call, source: Channel) -> Channel | None:
    """Return the Local half at the head of a chain of Local channels if it was not dialled."""
    seen: set[str] = set()
    at = source
    while at.uniqueid not in seen:
        seen.add(at.uniqueid)
        half = call.channels.get(call.partners.get(at.uniqueid, ""))
        if half is None:
            return None
        dialler = next(
            (d for d, dialled in call.dialled_by.items() if half.uniqueid in dialled), ""
        )
        if not dialler:
            return half
        above = call.channels.get(dialler)
        if above is None or above.name.half != 2:
            return None
        at = above
    return None


def _talks(call: Call, phone: Endpoint) -> bool:
    origin = call.origin
    if origin is not None and call.origin_is_phone and origin.name.endpoint == phone:
        return call.answered
    return any(leg.endpoint == phone for leg in call.talking_legs())
