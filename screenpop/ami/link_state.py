"""The states of a PBX link and their transitions."""

from enum import StrEnum


class LinkState(StrEnum):
    DOWN = "down"
    """No connection; reconnecting is automatic."""
    CONNECTING = "connecting"
    LOGIN = "login"
    BUFFERING = "buffering"
    """Logged in; events are held until the PBX has booted and the snapshot is complete."""
    RESYNC = "resync"
    """The lists of a snapshot are being read."""
    LIVE = "live"
    """Every event is passed on as it comes."""


TRANSITIONS: dict[LinkState, frozenset[LinkState]] = {
    LinkState.DOWN: frozenset({LinkState.CONNECTING}),
    LinkState.CONNECTING: frozenset({LinkState.LOGIN, LinkState.DOWN}),
    LinkState.LOGIN: frozenset({LinkState.BUFFERING, LinkState.DOWN}),
    LinkState.BUFFERING: frozenset({LinkState.RESYNC, LinkState.DOWN}),
    # Back to buffering: a list was incomplete, or events were lost; both are requested again.
    LinkState.RESYNC: frozenset({LinkState.LIVE, LinkState.BUFFERING, LinkState.DOWN}),
    LinkState.LIVE: frozenset({LinkState.BUFFERING, LinkState.DOWN}),
}
