"""What tests ask a tracker that the product does not."""

from screenpop.asterisk.tracker import CallTracker
from screenpop.telephony.identifiers import CallId


def live_calls(tracker: CallTracker) -> tuple[CallId, ...]:
    """Return the calls that are up, oldest first."""
    return tuple(call.id for call in tracker._board.open_calls())
