"""Which endpoints are on a call now: they talk, hold, or have dialled."""

from collections.abc import Set

from screenpop.calls.call_state import NO_ENDPOINT, CallState
from screenpop.calls.events import Direction
from screenpop.telephony.identifiers import Endpoint


def endpoints_on(call: CallState) -> Set[Endpoint]:
    """Return the endpoints that are on the call; a phone that only rings is not."""
    if call.over:
        return frozenset()
    found = {leg.endpoint for leg in call.talking()}
    if _is_made_by(call):
        found.add(call.endpoint)
    return found


def has_conversation(call: CallState, endpoint: Endpoint) -> bool:
    """Return whether this endpoint has talked with the other side of a call with the outside."""
    if call.direction is Direction.INTERNAL:
        return False
    if call.direction is Direction.OUTBOUND and call.endpoint == endpoint:
        return call.reached_at() is not None
    return any(
        leg.endpoint == endpoint and leg.answered_at is not None for leg in call.legs.values()
    )


def _is_made_by(call: CallState) -> bool:
    """Return whether the endpoint that makes this call is still on it; it may have no leg."""
    if call.direction is Direction.INBOUND or call.customer_first:
        return False
    if call.endpoint == NO_ENDPOINT or any(t.origin == call.endpoint for t in call.transfers):
        return False
    own = [leg for leg in call.legs.values() if leg.endpoint == call.endpoint]
    return not own or not all(leg.over for leg in own)
