"""A running PBX with phones: the environment of a scenario."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

from pbx_lab import keypad
from pbx_lab.ami import AmiLine
from pbx_lab.asterisk import Asterisk
from pbx_lab.configuration import CHAN_SIP_PHONES, CHAN_SIP_TRUNK_ADDRESS, PHONES, TRUNK_ADDRESS
from pbx_lab.errors import LabBrokenError, NeverHappenedError
from pbx_lab.sip import SipLeg, SipWatch
from pbx_lab.sipp import CALLER_PORTS, Phone, SippFleet, caller_scenario, phone_scenario

CHAN_SIP = {*CHAN_SIP_PHONES.values(), CHAN_SIP_TRUNK_ADDRESS}
PJSIP_PORT = 5060
CHAN_SIP_PORT = 5160
CUSTOMER = "09123456789"


class Stage:
    """Everything one scenario needs, in the field's words."""

    def __init__(self, asterisk: Asterisk) -> None:
        self.asterisk = asterisk
        self.version = asterisk.version.name
        self.watch = SipWatch(asterisk.calls_over)
        self.watch.start()
        self.fleet = SippFleet(asterisk.folder / "sipp")
        self.operator = AmiLine("operator")
        self.recorder = AmiLine("recorder")
        self.remembered: dict[str, str] = {}

    def phone(
        self,
        name: str,
        rings: float | None = 0.8,
        *,
        refuses: str = "",
        forwards_to: str = "",
        media: bool = False,
    ) -> None:
        """Put a phone on a desk; rings=None rings for ever."""
        address = {**PHONES, **CHAN_SIP_PHONES}[name]
        pbx_port = CHAN_SIP_PORT if name in CHAN_SIP_PHONES else PJSIP_PORT
        behaviour = Phone(rings=rings, refuses=refuses, forwards_to=forwards_to, media=media)
        self.listen(behaviour, address, pbx_port)

    def mobile(self, rings: float | None = 0.8, *, refuses: str = "", media: bool = False) -> None:
        """The world behind the trunk answers."""
        self.listen(Phone(rings=rings, refuses=refuses, media=media), TRUNK_ADDRESS, PJSIP_PORT)

    def listen(self, behaviour: Phone, address: str, pbx_port: int) -> None:
        """Start a called side and wait until it listens."""
        self.fleet.start(phone_scenario(behaviour), address, 5060, pbx_port)
        wait_until(lambda: is_bound(address, 5060), f"SIPp did not open {address}:5060")

    def call(
        self,
        did: str,
        caller: str = CUSTOMER,
        name: str = "",
        *,
        headers: str = "",
        media: bool = False,
        trunk: str = TRUNK_ADDRESS,
    ) -> SipLeg:
        """A customer dials a DID; gives the leg on the trunk."""
        shown = f'"{name}" ' if name else ""
        return self.start_call(did, f"{shown}<sip:{caller}@{trunk}>", trunk, headers, media=media)

    def dial(self, phone: str, number: str, *, media: bool = False) -> SipLeg:
        """An agent dials; gives the leg from that phone."""
        address = {**PHONES, **CHAN_SIP_PHONES}[phone]
        return self.start_call(number, f"<sip:{phone}@127.0.0.1>", address, "", media=media)

    def start_call(
        self,
        number: str,
        sender: str,
        address: str,
        headers: str,
        *,
        media: bool,
    ) -> SipLeg:
        """Start a calling side and wait until its INVITE is on the wire."""
        port = next(CALLER_PORTS)
        pbx_port = CHAN_SIP_PORT if address in CHAN_SIP else PJSIP_PORT
        scenario = caller_scenario(sender, headers, media=media)
        self.fleet.start(scenario, address, port, pbx_port, "-s", number, "-m", "1")
        return self.watch.until(
            f"{sender} calling {number}",
            lambda: next(
                (leg for leg in self.watch.legs.values() if leg.address == (address, port)), None
            ),
        )

    def until_rings(self, endpoint: str, *, calls: int = 1) -> SipLeg:
        """Wait until an endpoint rings (for the n-th call at once)."""

        def ringing() -> SipLeg | None:
            legs = [leg for leg in self.watch.of(endpoint, dialled=True) if leg.ringing]
            return legs[0] if len(legs) >= calls else None

        return self.watch.until(f"ringing of {endpoint}", ringing)

    def until_talks(self, endpoint: str, *, again: SipLeg | None = None) -> SipLeg:
        """Wait until an endpoint has answered (again: a call after the one named)."""

        def talking() -> SipLeg | None:
            newest = next(self.watch.of(endpoint, dialled=True), None)
            return newest if newest is not again and newest and newest.talking else None

        return self.watch.until(f"an answer of {endpoint}", talking)

    def until_one_talks(self, endpoints: Sequence[str]) -> str:
        """Wait until any of these has answered; gives which."""

        def talking() -> SipLeg | None:
            for endpoint in endpoints:
                leg = next(self.watch.of(endpoint, dialled=True), None)
                if leg is not None and leg.talking:
                    return leg
            return None

        return self.watch.until(f"an answer of {' or '.join(endpoints)}", talking).endpoint

    def until_answered(self, leg: SipLeg) -> SipLeg:
        """Wait until a party (or the PBX) answers this call."""
        return self.watch.until(
            f"an answer for {leg.endpoint}", lambda: leg if leg.answered else None
        )

    def until_over(self, leg: SipLeg) -> SipLeg:
        """Wait until a leg is refused, cancelled or hung up."""
        return self.watch.until(f"the end of {leg.endpoint}", lambda: leg if leg.ended else None)

    def until_stops(self, endpoint: str) -> SipLeg:
        """Wait until the endpoint's last ringing has ended unanswered."""

        def stopped() -> SipLeg | None:
            leg = next(self.watch.of(endpoint, dialled=True), None)
            return leg if leg is not None and leg.final is not None else None

        return self.watch.until(f"the end of {endpoint}'s ringing", stopped)

    def until_dialled(self, endpoint: str) -> SipLeg:
        """Wait until Asterisk has sent the endpoint an INVITE."""
        return self.watch.until(
            f"an INVITE to {endpoint}",
            lambda: next(self.watch.of(endpoint, dialled=True), None),
        )

    def people_talk(self, seconds: float = 0.8) -> None:
        """Let time pass while a party speaks or waits; it is part of the recorded call."""
        time.sleep(seconds)

    def hang_up(self, leg: SipLeg) -> None:
        """One side hangs up."""
        keypad.hang_up(self.until_answered(leg))

    def give_up(self, leg: SipLeg) -> None:
        """Hang up a caller before the call is answered."""
        keypad.give_up(leg)
        self.until_over(leg)

    def reconnect_ami(self) -> None:
        """The recording begins here: a fresh login in the middle of a call, with a resync."""
        self.recorder.log_off()
        self.recorder = AmiLine("recorder")
        self.recorder.send("CoreStatus")
        self.recorder.ask("CoreShowChannels", b"CoreShowChannelsComplete")
        self.recorder.ask("QueueStatus", b"QueueStatusComplete")

    def asterisk_stops(self, *, killed: bool = False) -> None:
        """Stop the PBX: in order with a ``Shutdown`` event, or killed."""
        if killed:
            self.asterisk.stop()
        else:
            self.asterisk.run_console("core stop now")
        self.recorder.join(10)

    def channel_of(self, endpoint: str) -> str:
        """The name of an endpoint's channel, as the console shows it."""
        for line in self.asterisk.run_console("core show channels concise").splitlines():
            name = line.split("!")[0]
            if name.split("/")[-1].rpartition("-")[0] == endpoint:
                return name
        raise NeverHappenedError(f"{endpoint} has no channel")

    def remember(self, family_and_key: str, value: str) -> None:
        """Set a value in Asterisk's database, as a FreePBX page would, until the stage closes."""
        before = self.asterisk.run_console(f"database get {family_and_key}")
        _, _, known = before.partition("Value: ")
        self.remembered.setdefault(family_and_key, known.strip())
        self.asterisk.run_console(f'database put {family_and_key} "{value}"')

    def forget(self) -> None:
        """Set the database back."""
        for family_and_key, value in self.remembered.items():
            order = f'put {family_and_key} "{value}"' if value else f"del {family_and_key}"
            self.asterisk.run_console(f"database {order}")
        self.remembered.clear()

    def settle(self) -> None:
        """Wait until all channels are gone."""
        if self.recorder.closed:
            return
        try:
            wait_until(self.asterisk.is_idle, "channels were left over", 10)
        except LabBrokenError as problem:
            left = self.asterisk.run_console("core show channels concise")
            # The next play must not suffer from this one.
            self.asterisk.run_console("channel request hangup all")
            raise LabBrokenError(f"{problem}:\n{left}") from None

    def close(self) -> None:
        """Stop every phone."""
        self.fleet.stop()
        self.watch.stop()
        self.operator.close()
        self.recorder.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, problem: type[BaseException] | None, *_: object) -> None:
        try:
            if problem is None:
                self.settle()
            self.forget()
        finally:
            self.close()


def is_bound(address: str, port: int) -> bool:
    """Whether some process listens on this UDP address."""
    packed = struct.unpack("<I", socket.inet_aton(address))[0]
    return f"{packed:08X}:{port:04X}" in Path("/proc/net/udp").read_text()


def wait_until(test: Callable[[], bool], complaint: str, limit: float = 5) -> None:
    """Ask again and again until it is so."""
    end = time.monotonic() + limit
    while not test():
        if time.monotonic() > end:
            raise LabBrokenError(complaint)
        time.sleep(0.02)
