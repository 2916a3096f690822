"""One scripted call, played: the events of Asterisk 22 in their order."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from screenpop.simulator import events
from screenpop.simulator.call_script import Outcome, ScriptedCall
from screenpop.simulator.channel import Channel, ChannelState
from screenpop.simulator.pbx import SimulatedPbx

Wait = Callable[[float], Awaitable[None]]
"""Waits so many seconds; a test gives one that does not."""

_NO_CAUSE, _NORMAL, _USER_BUSY, _ELSEWHERE, _CALLER_GAVE_UP = 0, 16, 17, 26, 127
_NETWORK_S = 0.02
"""From the dialling to the phone's ringing, about what a local SIP phone takes."""


async def play_call(pbx: SimulatedPbx, call: ScriptedCall, wait: Wait) -> None:
    """Play one call from its arrival to its end. Any number may play at once."""
    await ScriptedCallPlayer(pbx, call, wait).run()


@dataclass(slots=True)
class ScriptedCallPlayer:
    """A call that has its id, and is played by ``run``."""

    pbx: SimulatedPbx
    call: ScriptedCall
    wait: Wait
    caller: Channel = field(init=False)
    legs: list[Channel] = field(default_factory=list)
    rang_at: float = 0.0

    def __post_init__(self) -> None:
        self.caller = self.pbx.trunk_channel(self.call.number, self.call.name, self.call.did)

    @property
    def linkedid(self) -> str:
        return self.caller.linkedid

    async def run(self) -> None:
        caller = self.caller
        self.pbx.say(events.newchannel(caller))
        if self.call.queue:
            self._join_queue(caller)
        if self.call.wait_s:
            await self.wait(self.call.wait_s)
        self._dial(caller)
        match self.call.outcome:
            case Outcome.ANSWERED:
                await self._ring(caller)
                await self._talk(caller)
            case Outcome.MISSED:
                await self._ring(caller)
                self._no_answer(caller)
            case Outcome.ABANDONED:
                await self._ring(caller)
                self._abandoned(caller)
            case Outcome.BUSY:
                await self.wait(_NETWORK_S)
                self._busy(caller)

    def _join_queue(self, caller: Channel) -> None:
        caller.state, caller.priority = ChannelState.UP, 2
        self.pbx.say(events.newstate(caller))
        caller.priority = 3
        place = self.pbx.table.count(self.call.queue) + 1
        self.pbx.say(events.queue_caller_join(caller, self.call.queue, place, place))
        self.pbx.say(events.music_on_hold(caller, on=True))

    def _dial(self, caller: Channel) -> None:
        """A Dial makes all its channels first; a queue dials its members one after the other."""
        if self.call.queue:
            for phone in self.call.to:
                leg = self._leg(phone, caller)
                leg.exten = caller.exten
                leg.connected_number, leg.connected_name = caller.number, caller.shown_name
                self.pbx.say(events.agent_called(caller, leg, self.call.queue))
                self.pbx.say(events.dial_begin(caller, leg, f"PJSIP/{phone}"))
        else:
            caller.priority = 2
            for phone in self.call.to:
                leg = self._leg(phone, caller)
                leg.exten = caller.exten
                leg.connected_number, leg.connected_name = caller.number, caller.shown_name
                self.pbx.say(events.new_connected_line(leg))
            for leg in self.legs:
                self.pbx.say(events.dial_begin(caller, leg, leg.endpoint))
        self.rang_at = self.pbx.clock()

    def _leg(self, phone: str, caller: Channel) -> Channel:
        leg = self.pbx.phone_channel(phone, caller)
        self.pbx.say(events.newchannel(leg))
        self.legs.append(leg)
        return leg

    async def _ring(self, caller: Channel) -> None:
        await self.wait(_NETWORK_S)
        for leg in self.legs:
            leg.state = ChannelState.RINGING
            self.pbx.say(events.newstate(leg))
            self.pbx.say(events.dial_ringing(caller, leg))
            self.pbx.device(leg.endpoint, "RINGING")
        await self.wait(self.call.ring_s)

    async def _talk(self, caller: Channel) -> None:
        winner = next(leg for leg in self.legs if leg.endpoint == self.call.picks_up)
        losers = [leg for leg in self.legs if leg is not winner]
        self._answer(caller, winner, losers)
        answered_at = self.pbx.clock()
        hold_s = answered_at - caller.created_at
        if self.call.queue:
            self._leave_queue(caller)
            ring_s = answered_at - self.rang_at
            self.pbx.say(events.agent_connect(caller, winner, self.call.queue, hold_s, ring_s))
        for loser in losers:
            self._hangup(loser, _ELSEWHERE)
        bridge = self._bridge(winner, caller)
        await self.wait(self.call.talk_s)
        self.pbx.say(events.hangup_request(caller, _NORMAL))
        if self.call.queue:
            talk_s = self.pbx.clock() - answered_at
            self.pbx.say(events.agent_complete(caller, winner, self.call.queue, hold_s, talk_s))
        self._unbridge(bridge, caller, winner)
        self._hangup(winner, _NORMAL)
        self._hangup(caller, _NORMAL)

    def _answer(self, caller: Channel, winner: Channel, losers: list[Channel]) -> None:
        winner.state = ChannelState.UP
        self.pbx.say(events.newstate(winner))
        ended = [(winner, "ANSWER"), *((loser, "CANCEL") for loser in losers)]
        if not self.call.queue:
            # A Dial cancels the other phones before it reports the answer; a queue the other way.
            ended.reverse()
        for leg, status in ended:
            self.pbx.say(events.dial_end(caller, leg, status))
        caller.connected_number, caller.connected_name = winner.number, winner.shown_name
        self.pbx.say(events.new_connected_line(caller))
        if self.call.queue:
            # Seen in every recording: a queue ends each loser's dial a second time.
            for loser in losers:
                self.pbx.say(events.dial_end(caller, loser, "CANCEL"))
        else:
            caller.state = ChannelState.UP
            self.pbx.say(events.newstate(caller))

    def _leave_queue(self, caller: Channel) -> None:
        queue = self.call.queue
        self.pbx.say(events.music_on_hold(caller, on=False))
        place = self.pbx.table.position(queue, caller.uniqueid)
        left = max(0, self.pbx.table.count(queue) - 1)
        self.pbx.say(events.queue_caller_leave(caller, queue, place, left))

    def _bridge(self, winner: Channel, caller: Channel) -> str:
        bridge = self.pbx.bridge_id()
        self.pbx.say(events.bridge_create(bridge))
        self.pbx.say(events.bridge_enter(bridge, winner, 1))
        self.pbx.say(events.bridge_enter(bridge, caller, 2))
        self.pbx.device(winner.endpoint, "INUSE")
        return bridge

    def _unbridge(self, bridge: str, caller: Channel, winner: Channel) -> None:
        self.pbx.say(events.bridge_leave(bridge, caller, 1))
        self.pbx.say(events.bridge_leave(bridge, winner, 0))
        self.pbx.say(events.bridge_destroy(bridge))

    def _no_answer(self, caller: Channel) -> None:
        ring_s = self.pbx.clock() - self.rang_at
        for leg in self.legs:
            if self.call.queue:
                self.pbx.say(events.agent_ring_no_answer(caller, leg, self.call.queue, ring_s))
            self.pbx.say(events.dial_end(caller, leg, "NOANSWER"))
            if self.call.queue:
                self.pbx.say(events.dial_end(caller, leg, "CANCEL"))
        for leg in self.legs:
            self._hangup(leg, _NO_CAUSE)
        if self.call.queue:
            self._leave_queue(caller)
        self._end_caller(caller, _NORMAL)

    def _abandoned(self, caller: Channel) -> None:
        self.pbx.say(events.hangup_request(caller, _CALLER_GAVE_UP))
        for leg in self.legs:
            self.pbx.say(events.dial_end(caller, leg, "CANCEL"))
        if self.call.queue:
            queue, now = self.call.queue, self.pbx.clock()
            place = self.pbx.table.position(queue, caller.uniqueid)
            waited = now - caller.created_at
            self.pbx.say(events.queue_caller_abandon(caller, queue, place, waited))
            self._leave_queue(caller)
        cause = _NO_CAUSE if self.call.queue else _CALLER_GAVE_UP
        for leg in self.legs:
            self._hangup(leg, cause)
        self._end_caller(caller, cause)

    def _busy(self, caller: Channel) -> None:
        for leg in self.legs:
            self.pbx.say(events.hangup_request(leg, _USER_BUSY))
            self.pbx.say(events.dial_end(caller, leg, "BUSY"))
            self._hangup(leg, _USER_BUSY)
        if self.call.queue:
            self._leave_queue(caller)
        self._end_caller(caller, _USER_BUSY)

    def _end_caller(self, caller: Channel, cause: int) -> None:
        self.pbx.say(events.soft_hangup_request(caller))
        self._hangup(caller, cause)

    def _hangup(self, channel: Channel, cause: int) -> None:
        self.pbx.say(events.hangup(channel, cause))
        self.pbx.device(channel.endpoint, "NOT_INUSE")
