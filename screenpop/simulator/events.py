"""Builds the events of the simulated PBX with the headers of Asterisk 22.

Names, order and empty values are those of the recordings in ``tests/scenarios/22``, so that a
recording and a played call can be compared.
"""

from screenpop.simulator.channel import UNKNOWN, Channel, Headers

CAUSES = {
    0: "Unknown",
    16: "Normal Clearing",
    17: "User busy",
    26: "Answered elsewhere",
    127: "Interworking, unspecified",
}
"""ITU-T Q.850 causes with Asterisk's texts."""


def newchannel(channel: Channel) -> Headers:
    return [*_call("Newchannel"), *channel.headers()]


def newstate(channel: Channel) -> Headers:
    return [*_call("Newstate"), *channel.headers()]


def new_connected_line(channel: Channel) -> Headers:
    return [*_call("NewConnectedLine"), *channel.headers()]


def dial_begin(caller: Channel, dialled: Channel, dial_string: str) -> Headers:
    return [*_call("DialBegin"), *_both(caller, dialled), ("DialString", dial_string)]


def dial_ringing(caller: Channel, dialled: Channel) -> Headers:
    return [*_call("DialState"), *_both(caller, dialled), ("DialStatus", "RINGING")]


def dial_end(caller: Channel, dialled: Channel, status: str) -> Headers:
    """``status``: ``ANSWER``, ``CANCEL``, ``NOANSWER`` or ``BUSY``."""
    return [*_call("DialEnd"), *_both(caller, dialled), ("DialStatus", status)]


def hangup_request(channel: Channel, cause: int) -> Headers:
    return [*_call("HangupRequest"), *channel.headers(), ("Cause", str(cause))]


def soft_hangup_request(channel: Channel) -> Headers:
    return [*_call("SoftHangupRequest"), *channel.headers(), ("Cause", "16")]


def hangup(channel: Channel, cause: int) -> Headers:
    return [
        *_call("Hangup"),
        *channel.headers(),
        ("Cause", str(cause)),
        ("Cause-txt", CAUSES[cause]),
    ]


def bridge_create(bridge: str) -> Headers:
    return [*_call("BridgeCreate"), *_bridge(bridge, 0)]


def bridge_enter(bridge: str, channel: Channel, count: int) -> Headers:
    return [*_call("BridgeEnter"), *_bridge(bridge, count), *channel.headers()]


def bridge_leave(bridge: str, channel: Channel, count: int) -> Headers:
    return [*_call("BridgeLeave"), *_bridge(bridge, count), *channel.headers()]


def bridge_destroy(bridge: str) -> Headers:
    return [*_call("BridgeDestroy"), *_bridge(bridge, 0)]


def device_state(device: str, state: str) -> Headers:
    """``state``: ``RINGING``, ``INUSE`` or ``NOT_INUSE``."""
    return [*_call("DeviceStateChange"), ("Device", device), ("State", state)]


def music_on_hold(channel: Channel, *, on: bool) -> Headers:
    if on:
        return [*_call("MusicOnHoldStart"), *channel.headers(), ("Class", "default")]
    return [*_call("MusicOnHoldStop"), *channel.headers()]


def queue_caller_join(caller: Channel, queue: str, position: int, count: int) -> Headers:
    return [
        *_agent("QueueCallerJoin"),
        *caller.headers(),
        ("Queue", queue),
        ("Position", str(position)),
        ("Count", str(count)),
    ]


def queue_caller_abandon(caller: Channel, queue: str, position: int, hold_s: float) -> Headers:
    return [
        *_agent("QueueCallerAbandon"),
        *caller.headers(),
        ("Queue", queue),
        ("Position", str(position)),
        ("OriginalPosition", str(position)),
        ("HoldTime", str(round(hold_s))),
    ]


def queue_caller_leave(caller: Channel, queue: str, position: int, count: int) -> Headers:
    return [
        *_agent("QueueCallerLeave"),
        *caller.headers(),
        ("Queue", queue),
        ("Position", str(position)),
        ("Count", str(count)),
    ]


def agent_called(caller: Channel, dialled: Channel, queue: str) -> Headers:
    return [
        *_agent("AgentCalled"),
        *_both(caller, dialled),
        *_member(dialled, queue),
    ]


def agent_connect(
    caller: Channel, dialled: Channel, queue: str, hold_s: float, ring_s: float
) -> Headers:
    return [
        *_agent("AgentConnect"),
        *_both(caller, dialled),
        *_member(dialled, queue),
        ("HoldTime", str(round(hold_s))),
        ("RingTime", str(round(ring_s))),
    ]


def agent_complete(
    caller: Channel, dialled: Channel, queue: str, hold_s: float, talk_s: float
) -> Headers:
    return [
        *_agent("AgentComplete"),
        *_both(caller, dialled),
        *_member(dialled, queue),
        ("HoldTime", str(round(hold_s))),
        ("TalkTime", str(round(talk_s))),
        ("Reason", "caller"),
    ]


def agent_ring_no_answer(caller: Channel, dialled: Channel, queue: str, ring_s: float) -> Headers:
    """Return the event; only here Asterisk gives the ring time in milliseconds."""
    return [
        *_agent("AgentRingNoAnswer"),
        *_both(caller, dialled),
        *_member(dialled, queue),
        ("RingTime", str(round(ring_s * 1000))),
    ]


def _call(event: str) -> Headers:
    return [("Event", event), ("Privilege", "call,all")]


def _agent(event: str) -> Headers:
    return [("Event", event), ("Privilege", "agent,all")]


def _both(caller: Channel, dialled: Channel) -> Headers:
    return [*caller.headers(), *dialled.headers("Dest")]


def _member(dialled: Channel, queue: str) -> Headers:
    return [
        ("Queue", queue),
        ("Interface", f"PJSIP/{dialled.endpoint}"),
        ("MemberName", dialled.shown_name),
    ]


def _bridge(bridge: str, count: int) -> Headers:
    return [
        ("BridgeUniqueid", bridge),
        ("BridgeType", "basic"),
        ("BridgeTechnology", "simple_bridge"),
        ("BridgeCreator", UNKNOWN),
        ("BridgeName", UNKNOWN),
        ("BridgeNumChannels", str(count)),
        ("BridgeVideoSourceMode", "none"),
    ]
