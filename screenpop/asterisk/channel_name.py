"""Parses channel names: ``PJSIP/101-0000001a``, ``Local/101@from-queue-00000000;2``."""

from dataclasses import dataclass

from screenpop.telephony.identifiers import Endpoint

# Technologies that name a device, not a line: "DAHDI/1" would look like extension 1.
_LINES = frozenset({"DAHDI", "CAPI", "mISDN", "Console", "Motif"})
# Made by Asterisk itself to carry media; no phone or trunk is at their end.
_INTERNAL = frozenset(
    {"Surrogate", "AsyncGoto", "Parked", "Bridge", "ConfBridge", "CBAnn", "CBRec"}
    | {"Announcer", "Recorder", "MulticastRTP", "UnicastRTP", "Message", "Snoop", "Dummy"}
)


@dataclass(frozen=True, slots=True)
class ChannelName:
    """``endpoint`` is None for a channel that Asterisk made for itself.

    ``pair`` is the name that the two halves of a Local channel share, ``half`` is 1 or 2.
    """

    endpoint: Endpoint | None
    pair: str = ""
    half: int = 0


def read_channel_name(name: str) -> ChannelName:
    """Split a channel name into its parts. Never raises: an unknown form is an endpoint itself."""
    technology, slash, rest = name.partition("/")
    if not slash:
        return ChannelName(Endpoint(name))
    if technology == "Local":
        pair, semicolon, half = rest.rpartition(";")
        if semicolon and half in {"1", "2"}:
            return ChannelName(None, pair, int(half))
        return ChannelName(None, rest)
    if technology in _INTERNAL:
        return ChannelName(None)
    return ChannelName(endpoint_of(name))


def endpoint_of(name: str) -> Endpoint:
    """Return the endpoint of a channel name or of a device as settings write it.

    ``PJSIP/101-0000001a`` → ``101``; ``SIP/trunk-out-00000003`` → ``trunk-out``; ``PJSIP/101`` →
    ``101``; ``101`` → ``101``; ``DAHDI/i1/02188776655-1`` → ``DAHDI/i1``; ``DAHDI/1-1`` →
    ``DAHDI/1``. A device name may hold dashes, so only what looks like a channel number is cut.
    """
    technology, slash, rest = name.partition("/")
    if not slash:
        return Endpoint(name.strip())
    rest = rest.partition("<")[0].partition(";")[0]  # <ZOMBIE>, <MASQ>
    if technology in _LINES:
        return Endpoint(f"{technology}/{rest.partition('/')[0].partition('-')[0]}")
    head, dash, tail = rest.rpartition("-")
    # A channel's own number has eight digits from PJSIP and chan_sip; IAX2 counts in decimals.
    own_number = len(tail) >= 8 or technology == "IAX2"
    if dash and head and own_number and not tail.strip("0123456789abcdefABCDEF"):
        rest = head
    return Endpoint(rest.partition("@")[0] or rest)
