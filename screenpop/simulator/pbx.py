"""The simulated PBX: names and numbers channels, and sends events to all listeners."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from screenpop.simulator import events
from screenpop.simulator.ami_encoding import stamped, to_bytes, to_headers
from screenpop.simulator.channel import UNKNOWN, Channel, ChannelState, Headers
from screenpop.simulator.channel_table import ChannelTable

Listener = Callable[[bytes], None]
Originate = Callable[[str, str], None]
"""``originate(phone, number)`` rings a phone, then the number."""


class SimulatedPbx:
    """One boot of a simulated PBX.

    ``phones`` maps each phone to the name it is known by; ``queues`` each queue to its members'
    phones. ``clock`` gives seconds since 1970. ``booted`` is the start-up time that marks the boot:
    two boots must differ in it.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        booted: datetime,
        phones: Mapping[str, str],
        queues: Mapping[str, Sequence[str]] | None = None,
        trunk: str = "trunk",
    ) -> None:
        self.clock = clock
        self.booted = booted.astimezone(UTC)
        self.phones = phones
        self.trunk = trunk
        self.table = ChannelTable(queues or {}, phones)
        self.listeners: set[Listener] = set()
        self.originate: Originate = lambda _phone, _number: None
        """Called for an ``Originate``; by default nothing rings."""
        self._next_id = 0
        self._next_bridge = 0

    def say(self, headers: Headers) -> None:
        """Send one event with a timestamp to all listeners."""
        now = self.clock()
        self.table.observe(headers, now)
        self._broadcast(to_bytes(stamped(headers, now)))

    def repeat(self, message: bytes) -> None:
        """Send one recorded message unchanged."""
        self.table.observe(to_headers(message), self.clock())
        self._broadcast(message)

    def trunk_channel(self, number: str, name: str, did: str) -> Channel:
        """Return the channel of an inbound call; no event is sent yet."""
        return self._channel(
            self.trunk,
            number=number or UNKNOWN,
            name=name or (number or UNKNOWN),
            context="from-trunk",
            exten=did,
            state=ChannelState.RING,
            linkedid=None,
        )

    def phone_channel(self, phone: str, caller: Channel) -> Channel:
        """Return the channel to a phone; no event is sent yet."""
        return self._channel(
            phone,
            number=phone,
            name=self.phones.get(phone, phone),
            context="from-internal",
            exten="s",
            state=ChannelState.DOWN,
            linkedid=caller.linkedid,
        )

    def fresh_uniqueid(self) -> str:
        """Return a uniqueid that no channel of this boot has."""
        self._next_id += 1
        return f"{int(self.clock())}.{self._next_id - 1}"

    def fresh_channel_number(self) -> str:
        """Return a channel name suffix that no channel of this boot has."""
        self._next_id += 1
        return f"{self._next_id - 1:08x}"

    def bridge_id(self) -> str:
        self._next_bridge += 1
        return f"00000000-0000-4000-8000-{self._next_bridge:012x}"

    def device(self, endpoint: str, state: str) -> None:
        self.say(events.device_state(f"PJSIP/{endpoint}", state))

    def _channel(
        self,
        endpoint: str,
        *,
        number: str,
        name: str,
        context: str,
        exten: str,
        state: ChannelState,
        linkedid: str | None,
    ) -> Channel:
        now = self.clock()
        uniqueid = f"{int(now)}.{self._next_id}"
        channel = Channel(
            name=f"PJSIP/{endpoint}-{self._next_id:08x}",
            uniqueid=uniqueid,
            linkedid=linkedid or uniqueid,
            number=number,
            shown_name=name,
            context=context,
            exten=exten,
            state=state,
            created_at=now,
        )
        self._next_id += 1
        return channel

    def _broadcast(self, message: bytes) -> None:
        for listener in tuple(self.listeners):
            listener(message)
