"""The states of a PBX link, and every step between them."""

from enum import StrEnum


class LinkState(StrEnum):
    DOWN = "down"
    """No connection; the next try comes by itself."""
    CONNECTING = "connecting"
    LOGIN = "login"
    BUFFERING = "buffering"
    """Logged in; events are kept until the PBX has booted and said what is up."""
    RESYNC = "resync"
    """The lists of what is up are on their way."""
    LIVE = "live"
    """Every event is passed on as it comes."""


TRANSITIONS: dict[LinkState, frozenset[LinkState]] = {
    LinkState.DOWN: frozenset({LinkState.CONNECTING}),
    LinkState.CONNECTING: frozenset({LinkState.LOGIN, LinkState.DOWN}),
    LinkState.LOGIN: frozenset({LinkState.BUFFERING, LinkState.DOWN}),
    LinkState.BUFFERING: frozenset({LinkState.RESYNC, LinkState.DOWN}),
    # Back to buffering: a list was incomplete, or events were lost; both are asked anew.
    LinkState.RESYNC: frozenset({LinkState.LIVE, LinkState.BUFFERING, LinkState.DOWN}),
    LinkState.LIVE: frozenset({LinkState.BUFFERING, LinkState.DOWN}),
}
