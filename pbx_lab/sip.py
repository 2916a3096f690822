"""Every SIP message that crosses the lab's loopback, seen from outside Asterisk."""

from __future__ import annotations

import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from typing_extensions import override

from pbx_lab.configuration import (
    CHAN_SIP_PHONES,
    CHAN_SIP_TRUNK_ADDRESS,
    PHONES,
    SECOND_CONTACT_OF_101,
    SECOND_TRUNK_ADDRESS,
    TRUNK_ADDRESS,
)
from pbx_lab.errors import NeverHappenedError

PBX = "127.0.0.1"
OUTGOING = 4
# The kernel's own clock: this thread may be late, and a late 200 OK would be an early card.
SO_TIMESTAMPNS = 35
NAMES = {address: name for name, address in {**PHONES, **CHAN_SIP_PHONES}.items()}
NAMES |= {TRUNK_ADDRESS: "trunk", CHAN_SIP_TRUNK_ADDRESS: "siptrunk"}
NAMES |= {SECOND_TRUNK_ADDRESS: "trunk2", SECOND_CONTACT_OF_101: "101"}


@dataclass(frozen=True)
class SipMessage:
    """One request or response."""

    at: float
    source: tuple[str, int]
    target: tuple[str, int]
    start: str
    headers: dict[str, str]

    @cached_property
    def code(self) -> int:
        """The status of a response, 0 for a request."""
        return int(self.start.split()[1]) if self.start.startswith("SIP/2.0 ") else 0

    @cached_property
    def method(self) -> str:
        """What is asked, or what is answered."""
        return self.headers.get("cseq", "0 ?").split()[-1]

    @property
    def from_pbx(self) -> bool:
        """Whether Asterisk sent it."""
        return self.source[0] == PBX


@dataclass
class SipLeg:
    """One dialog between Asterisk and one phone or the trunk, as its messages show it."""

    call_id: str
    endpoint: str
    address: tuple[str, int]
    dialled: bool
    invite: SipMessage
    messages: list[SipMessage] = field(default_factory=list)

    def first(self, method: str, code: int = 0, *, to_pbx: bool | None = None) -> SipMessage | None:
        """The first message of a kind, in one direction if wanted."""
        for message in self.messages:
            if message.method != method or message.code != code:
                continue
            if to_pbx is None or to_pbx is not message.from_pbx:
                return message
        return None

    @property
    def answered(self) -> SipMessage | None:
        """The 200 OK of the first INVITE."""
        for message in self.messages:
            if message.code == 200 and message.headers["cseq"] == self.invite.headers["cseq"]:
                return message
        return None

    @property
    def final(self) -> SipMessage | None:
        """The response that settled the first INVITE."""
        for message in self.messages:
            if message.code >= 200 and message.headers["cseq"] == self.invite.headers["cseq"]:
                return message
        return None

    @property
    def ringing(self) -> bool:
        """Whether a 180 came and nothing final yet."""
        return self.first("INVITE", 180) is not None and self.final is None

    @property
    def ended(self) -> SipMessage | None:
        """The BYE, or the refusal."""
        bye = self.first("BYE")
        if bye is None and self.final is not None and self.final.code >= 300:
            return self.final
        return bye

    @property
    def talking(self) -> bool:
        """Answered and not yet hung up."""
        return self.answered is not None and self.ended is None


def parse(at: float, source: tuple[str, int], target: tuple[str, int], body: bytes) -> SipMessage:
    """Read a datagram; of repeated headers the first counts."""
    lines = body.decode("utf-8", "replace").split("\r\n\r\n")[0].split("\r\n")
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers.setdefault(name.strip().lower(), value.strip())
    return SipMessage(at, source, target, lines[0], headers)


class SipWatch(threading.Thread):
    """Listens on lo and keeps the legs in order of appearance."""

    def __init__(self, over: set[str] | None = None) -> None:
        super().__init__(daemon=True, name="sip-watch")
        # Calls of earlier plays: an unanswered INVITE is repeated for half a minute.
        self.over = over if over is not None else set()
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.socket.bind(("lo", 0))
        self.socket.settimeout(0.2)
        self.legs: dict[str, SipLeg] = {}
        self.changed = threading.Condition()
        self.stopped = False

    @override
    def run(self) -> None:
        """Read until ``stop`` is called."""
        while not self.stopped:
            try:
                packet, extra, _, address = self.socket.recvmsg(65535, 64)
            except TimeoutError:
                continue
            message = sip_in(packet, arrival(extra)) if address[2] == OUTGOING else None
            if message is not None:
                with self.changed:
                    self.take(message)
                    self.changed.notify_all()
        self.socket.close()

    def stop(self) -> None:
        """Listen no longer."""
        self.stopped = True
        self.join(5)
        self.over.update(self.legs)

    def lines(self) -> Iterator[str]:
        """Every message, in order, for people."""
        messages = [m for leg in list(self.legs.values()) for m in leg.messages]
        for message in sorted(messages, key=lambda m: m.at):
            way = " > ".join(f"{host}:{port}" for host, port in (message.source, message.target))
            reason = message.headers.get("reason", "")
            yield f"{message.at:.3f} {way} {message.start} {message.headers['cseq']} {reason}"

    def take(self, message: SipMessage) -> None:
        """File a message under its dialog."""
        call_id = message.headers.get("call-id", "")
        leg = self.legs.get(call_id)
        if leg is None:
            if message.code or message.method != "INVITE" or call_id in self.over:
                return
            other = message.target if message.from_pbx else message.source
            endpoint = NAMES.get(other[0], other[0])
            leg = SipLeg(call_id, endpoint, other, message.from_pbx, message)
            self.legs[call_id] = leg
        leg.messages.append(message)

    def until(self, what: str, test: Callable[[], SipLeg | None], limit: float = 20) -> SipLeg:
        """Wait until the test gives a leg."""
        end = time.monotonic() + limit
        with self.changed:
            while True:
                found = test()
                if found is not None:
                    return found
                left = end - time.monotonic()
                if left <= 0:
                    raise NeverHappenedError(f"{what} did not happen within {limit} s")
                self.changed.wait(left)

    def of(self, endpoint: str, *, dialled: bool | None = None) -> Iterator[SipLeg]:
        """The legs of one endpoint, newest first."""
        for leg in reversed(list(self.legs.values())):
            if leg.endpoint == endpoint and dialled in (None, leg.dialled):
                yield leg


def arrival(extra: list[tuple[int, int, bytes]]) -> float:
    """When the kernel had the packet, in seconds since 1970."""
    for level, kind, value in extra:
        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS and len(value) >= 16:
            seconds, nanoseconds = struct.unpack("qq", value[:16])
            return float(seconds + nanoseconds / 1e9)
    return time.time()


def sip_in(packet: bytes, at: float) -> SipMessage | None:
    """The SIP message an IPv4 UDP packet carries, if it carries one."""
    if len(packet) < 28 or packet[0] >> 4 != 4 or packet[9] != 17:
        return None
    start = (packet[0] & 15) * 4
    ports = struct.unpack("!HH", packet[start : start + 4])
    body = packet[start + 8 :]
    if not re.match(rb"SIP/2\.0 \d|[A-Z]+ sip:\S+ SIP/2\.0", body[:200]):
        return None
    source = socket.inet_ntoa(packet[12:16])
    target = socket.inet_ntoa(packet[16:20])
    return parse(at, (source, ports[0]), (target, ports[1]), body)
