"""The live channels, legs and calls of one PBX."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypedDict

from screenpop.asterisk.channel_name import ChannelName
from screenpop.calls.events import CallerInfo, CallEvent, Direction, StopReason
from screenpop.calls.leg_states import LegStage
from screenpop.telephony.identifiers import BootId, CallId, Endpoint, LegId, PbxId

_MAX_REMEMBERED = 20_000


@dataclass(slots=True, eq=False)
class Leg:
    """One attempt to reach one real endpoint."""

    id: LegId
    endpoint: Endpoint
    call: "Call"
    queue: str
    began: float | None
    """The PBX's clock at ``DialBegin``."""
    is_phone: bool
    dialled_step: int
    answered_step: int = 0
    answered: tuple[float, float | None] | None = None
    """The time of the answer: our clock, and the PBX's."""
    step: LegStage = LegStage.DIALLED
    rang: bool = False
    dial_status: str = ""
    forward: str = ""
    dialled: str = ""
    """The number dialled, for a leg over a trunk."""
    asked_by: Endpoint | None = None
    """The colleague who consults this phone while the caller waits."""
    asked_cause: int | None = None
    """The cause with which the phone itself refused (``HangupRequest``)."""
    unanswered: bool = False
    """The queue, or the Local leg above this one, reported no answer in time."""
    reason: StopReason | None = None
    stopped_step: int = 0
    by: Endpoint | None = None
    """The endpoint that answered instead."""
    emitted_reason: StopReason | None = None
    """The reason emitted when the leg stopped; a later event may correct it."""
    sure: bool = True
    held: bool = False
    is_undialled: bool = False
    """Never dialled for this call: a pickup, a parked call taken, a conference joined."""
    asked_to_hang_up: bool = False

    @property
    def waiting(self) -> bool:
        return self.step in {LegStage.DIALLED, LegStage.RANG}

    @property
    def talking(self) -> bool:
        return self.step is LegStage.ANSWERED


@dataclass(slots=True, eq=False)
class Channel:
    uniqueid: str
    name: ChannelName
    linkedid: str
    call: "Call"
    first_exten: str
    first_number: str
    state: int = 0
    bridge: str = ""
    leg: Leg | None = None
    held: bool = False
    joined: bool = False
    """The channel opened a call of its own and was then merged into this one."""
    passed_on: bool = False
    """The channel transferred its call: its hangup is not a caller leaving."""
    absences: int = 0


@dataclass(slots=True, eq=False)
class Call:
    id: CallId
    order: int
    """Sequence of the call's opening: decides which call survives a merge."""
    origin: Channel | None = None
    origin_is_phone: bool = False
    originated: bool = False
    """Made by ``Originate``: the agent's own phone rings first."""
    customer_first: bool = False
    """An originated call that rings the customer before any agent."""
    arrived: bool = False
    estimated: bool = False
    direction: Direction = Direction.INBOUND
    caller: CallerInfo = field(default_factory=lambda: CallerInfo(""))
    called: str = ""
    set_number: str = ""
    """Another number of the caller, set by the dialplan before anything was dialled. It counts once
    a phone of the office is dialled or a queue has the call."""
    did: str = ""
    queue: str = ""
    """The queue in which the call waits now."""
    was_queued: bool = False
    last_queue: str = ""
    consulted_queue: str = ""
    """The queue consulted by feature code by an agent of this call, while the caller waits."""
    voicemail: bool = False
    """A voicemail took the call, and nothing rang afterwards."""
    fax: bool = False
    """A fax machine of the PBX took the call, and nothing rang afterwards."""
    was_up: bool = False
    """The PBX had answered the caller: a person, queue, menu or mailbox."""
    caller_abandoned: bool = False
    """The caller hung up while waiting."""
    caller_left: bool = False
    refused_with: int | None = None
    """The cause with which the PBX refused the caller (``Busy()``, ``Congestion()``)."""
    confirmed_at: float = 0.0
    """Our clock when an event or a list last confirmed one of its channels."""
    opened: float | None = None
    """The PBX's clock when its first channel came up."""
    last_party: tuple[float, float | None] | None = None
    """When the caller or the last talker hung up: our clock and the PBX's."""
    soft_hangup: bool = False
    """Asterisk hung up the caller's channel itself."""
    answered: bool = False
    """An endpoint other than the one that opened the call talked on it."""
    legs: dict[LegId, Leg] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    dialled_by: dict[str, list[str]] = field(default_factory=dict)
    """Uniqueid of a dialling channel → Uniqueids it dialled, Local halves included."""
    partners: dict[str, str] = field(default_factory=dict)
    """The two halves of each Local channel."""
    aliases: list[str] = field(default_factory=list)
    """Linkedids of the calls that became part of this one."""
    moved_to: "Call | None" = None
    forwarded_from: Endpoint | None = None
    parked_by: Endpoint | None = None
    pending_blind_transfer: tuple[Endpoint, str] | None = None
    """A blind transfer, emitted when the call moves on; ``ParkedCall`` cancels it."""
    transfer_emitted: bool = False
    """A transfer was emitted; the next dialling belongs to it."""
    remaining_bridge_leg: Leg | None = None
    """The agent still in the bridge that the caller left without a transfer event: maybe a
    redirect."""
    listens: bool = False
    """A phone that only listens to another call (``ChanSpy``): no call of its own."""

    def talking_legs(self) -> list[Leg]:
        return [leg for leg in self.legs.values() if leg.talking]

    def below(self, uniqueid: str) -> Iterator[Leg]:
        """Return the legs that a dialled channel led to, through any number of Local channels."""
        todo = [uniqueid]
        seen: set[str] = set()
        while todo:
            at = todo.pop()
            if at in seen:
                continue
            seen.add(at)
            leg = self.legs.get(LegId(at))
            if leg is not None:
                yield leg
            partner = self.partners.get(at)
            if partner is not None:
                todo.extend(self.dialled_by.get(partner, ()))


@dataclass(slots=True, eq=False)
class Listener:
    """A phone that listens to a channel."""

    id: LegId
    endpoint: Endpoint
    spyee: Channel
    call: Call | None = None
    """The call for which ``CallListenerJoined`` was emitted last."""


class EventHeader(TypedDict):
    """Fields of every call event."""

    pbx: PbxId
    boot: BootId
    call: CallId
    at: float
    pbx_at: float | None


def _remember_key(keys: OrderedDict[str, None], key: str) -> None:
    keys[key] = None
    if len(keys) > _MAX_REMEMBERED:
        keys.popitem(last=False)


class TrackerState:
    """Everything that is up on one PBX, and the call events being collected."""

    def __init__(
        self,
        pbx: PbxId,
        boot: BootId,
        is_phone: Callable[[Endpoint], bool],
        *,
        most_calls: int,
        most_channels: int,
    ) -> None:
        self.most_calls = most_calls
        self.most_channels = most_channels
        self.lost_sight_of = 0
        """Calls closed because there were too many."""
        self.pbx = pbx
        self.boot = boot
        self.is_phone = is_phone
        self.at = 0.0
        self.pbx_at: float | None = None
        self.channels: dict[str, Channel] = {}
        self.calls: dict[str, Call] = {}
        self.bridges: dict[str, set[str]] = {}
        self.halves: dict[str, str] = {}
        self.listeners: dict[str, Listener] = {}
        """By the Uniqueid of the channel that listens."""
        self.changes: list[CallEvent] = []
        self._gone: OrderedDict[str, None] = OrderedDict()
        self._over: OrderedDict[str, None] = OrderedDict()
        self._steps = 0
        self._opened = 0

    def head(self, call: Call) -> EventHeader:
        return EventHeader(
            pbx=self.pbx, boot=self.boot, call=call.id, at=self.at, pbx_at=self.pbx_at
        )

    def next_step(self) -> int:
        """Return the next number of a sequence that orders calls and legs."""
        self._steps += 1
        return self._steps

    def is_gone(self, uniqueid: str) -> bool:
        """Return whether a channel has already ended, so that its late events are ignored."""
        return uniqueid in self._gone

    def is_over(self, linkedid: str) -> bool:
        return linkedid in self._over

    def remember_gone(self, uniqueid: str) -> None:
        _remember_key(self._gone, uniqueid)

    def remember_over(self, linkedid: str) -> None:
        _remember_key(self._over, linkedid)

    def open_call(self, linkedid: str) -> Call:
        self._opened += 1
        call = Call(CallId(linkedid), self._opened, opened=self.pbx_at, confirmed_at=self.at)
        self.calls[linkedid] = call
        return call

    def open_calls(self) -> list[Call]:
        """Return each live call once, oldest first."""
        return sorted({id(c): c for c in self.calls.values()}.values(), key=lambda c: c.order)

    def take_changes(self) -> tuple[CallEvent, ...]:
        changes = tuple(self.changes)
        self.changes.clear()
        return changes

    def reached_from(self, start: Channel) -> Iterator[Channel]:
        """Return every channel connected to ``start`` over bridges and Local channels."""
        todo = [start.uniqueid]
        seen = {start.uniqueid}
        while todo:
            channel = self.channels.get(todo.pop())
            if channel is None:
                continue
            near = set(self.bridges.get(channel.bridge, ())) if channel.bridge else set()
            partner = channel.call.partners.get(channel.uniqueid)
            if partner is not None:
                near.add(partner)
            for uniqueid in near - seen:
                seen.add(uniqueid)
                todo.append(uniqueid)
                if uniqueid in self.channels:
                    yield self.channels[uniqueid]
