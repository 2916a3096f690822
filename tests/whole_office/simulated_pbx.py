"""The simulated Asterisk of an office, in a process of its own.

It lists its live calls to a client that logs in, as a real one does, so that a listener that takes
over finds them. Each ring is stamped with ``time.monotonic()``, which all processes share.
"""

import asyncio
import contextlib
import random
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

from screenpop.simulator.ami_session import AmiSession
from screenpop.simulator.call_player import MAX_CONCURRENT_CALLS
from screenpop.simulator.call_script import CallScriptError, ScriptedCall
from screenpop.simulator.simulated_pbx_server import SimulatedPbxServer, open_simulated_pbx
from tests.whole_office.child_process import ChildProcess

_LINKEDID = re.compile(rb"\r\nDestLinkedid: ([^\r]+)")
_PHONE = re.compile(rb"\r\nDestChannel: PJSIP/([^-\r]+)-")


@dataclass(frozen=True, slots=True)
class Account:
    """Where the PBX listens, and its AMI user."""

    port: int
    username: str
    secret: str


@dataclass(frozen=True, slots=True)
class PlayCalls:
    """Poisson calls from these numbers, each to one phone that is free. Times are seconds."""

    callers: tuple[str, ...]
    count: int
    rate: float
    """Calls a second."""
    ring_s: float
    talk_s: float
    seed: int


@dataclass(frozen=True, slots=True)
class Ring:
    """A phone that rang."""

    call: str
    phone: str
    at: float
    is_followed: bool
    """Whether a client was logged in and had asked for the live calls."""


@dataclass(frozen=True, slots=True)
class PlayedCalls:
    rings: tuple[Ring, ...]
    refused: int
    """Calls that were not played: all phones were busy."""


class OfficePbx(ChildProcess):
    """The process. Its calls ring the ``phones``."""

    def __init__(self, phones: tuple[str, ...]) -> None:
        super().__init__("pbx", serve)
        self.send(phones)
        account = self.receive()
        assert isinstance(account, Account)
        self.account = account

    def begin(self, play: PlayCalls) -> None:
        """Start playing; ``played`` waits for the end."""
        self.send(play)

    def played(self, within_s: float) -> PlayedCalls:
        answer = self.receive(within_s)
        assert isinstance(answer, PlayedCalls)
        return answer


# -- in the process ----------------------------------------------------------------------------


@dataclass(slots=True)
class _Stamps:
    """Listens to the events as a client does, and notes the rings."""

    pbx: SimulatedPbxServer
    rings: list[Ring] = field(default_factory=list)

    def event(self, message: bytes) -> None:
        if not message.startswith(b"Event: DialBegin"):
            return
        call, phone = _LINKEDID.search(message), _PHONE.search(message)
        if call and phone:
            ring = Ring(call[1].decode(), phone[1].decode(), time.monotonic(), self._is_followed())
            self.rings.append(ring)

    def _is_followed(self) -> bool:
        clients = (getattr(one, "__self__", None) for one in self.pbx.player.pbx.listeners)
        return any(isinstance(one, AmiSession) and one.resynced for one in clients)


def serve(pipe: Connection) -> None:
    """Run in the process."""
    asyncio.run(_serve(pipe))


async def _serve(pipe: Connection) -> None:
    loop = asyncio.get_running_loop()

    async def receive() -> PlayCalls:
        order = await loop.run_in_executor(None, pipe.recv)
        assert isinstance(order, PlayCalls)
        return order

    phones: tuple[str, ...] = pipe.recv()
    named = {phone: f"Agent {phone}" for phone in phones}
    async with open_simulated_pbx(phones=named, queues={}) as simulated:
        account = simulated.account
        pipe.send(Account(simulated.server.port, account.username, account.secret))
        with contextlib.suppress(EOFError):
            await _play_all(simulated, receive, pipe)


async def _play_all(
    simulated: SimulatedPbxServer, receive: Callable[[], Awaitable[PlayCalls]], pipe: Connection
) -> None:
    while True:
        order = await receive()
        stamps = _Stamps(simulated)
        simulated.player.pbx.listeners.add(stamps.event)
        refused = await _play(simulated, order)
        simulated.player.pbx.listeners.discard(stamps.event)
        pipe.send(PlayedCalls(tuple(stamps.rings), refused))


async def _play(simulated: SimulatedPbxServer, order: PlayCalls) -> int:
    """Play the calls to their end; return how many found no free phone."""
    rng, player, refused = random.Random(order.seed), simulated.player, 0
    due = time.monotonic()
    reserved: dict[str, float] = {}
    for _ in range(order.count):
        due += rng.expovariate(order.rate)
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        now = time.monotonic()
        # A phone rings again only when its agent's wrap-up, which the simulator has none of, fits.
        free = [phone for phone in player.free_phones() if reserved.get(phone, 0.0) <= now]
        if not free:
            refused += 1
            continue
        phone = rng.choice(free)
        reserved[phone] = now + order.ring_s + order.talk_s + 0.5
        call = ScriptedCall(
            number=rng.choice(order.callers),
            to=(phone,),
            ring_s=order.ring_s,
            talk_s=order.talk_s,
        )
        try:
            player.start(call)
        except CallScriptError:
            refused += 1
    # Not finish_all(), which would end the waits of the last calls early.
    await asyncio.sleep(order.ring_s + order.talk_s + 1.0)
    return refused


def most_rate(ring_s: float, talk_s: float) -> float:
    """Return the calls a second that the simulator can carry with calls of this length."""
    return MAX_CONCURRENT_CALLS / (ring_s + talk_s + 0.5)
