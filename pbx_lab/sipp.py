"""SIPp as phones and as the trunk: its scenarios are put together from a few steps."""

from __future__ import annotations

import itertools
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from pbx_lab.versions import SIPP

MEDIA_PORTS = itertools.count(30000, 20)
CALLER_PORTS = itertools.count(5062, 2)

SDP = """Content-Type: application/sdp
Content-Length: [len]

v=0
o=lab 1 {version} IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 8 0
a=rtpmap:8 PCMA/8000
a=rtpmap:0 PCMU/8000
a=sendrecv
"""
NO_BODY = "Content-Length: 0\n\n"
COPIED = "[last_Via:]\n[last_From:]\n[last_To:]{tag}\n[last_Call-ID:]\n[last_CSeq:]\n"
CONTACT = "Contact: <sip:{user}@[local_ip]:[local_port]>\n"
TAG = ";tag=[pid]u[call_number]"
SPEAK = '<nop><action><exec rtp_stream="silence.alaw,-1,8"/></action></nop>\n'


@dataclass(frozen=True)
class Phone:
    """What a phone does when it is called. Times in seconds."""

    rings: float | None = 0.8
    refuses: str = ""
    forwards_to: str = ""
    media: bool = False


def send(text: str, attributes: str = "") -> str:
    """A <send> step."""
    return f"<send{attributes}><![CDATA[\n{text}]]></send>\n"


def reply(status: str, *, tag: str = "", more: str = "", attributes: str = "") -> str:
    """A response without a body."""
    head = f"SIP/2.0 {status}\n" + COPIED.format(tag=tag) + CONTACT.format(user="phone")
    return send(head + more + NO_BODY, attributes)


def accept(*, tag: str = "", version: int = 1) -> str:
    """200 OK with media."""
    head = "SIP/2.0 200 OK\n" + COPIED.format(tag=tag) + CONTACT.format(user="phone")
    return send(head + SDP.format(version=version), ' retrans="500"')


def conversation() -> str:
    """In a call: agree to everything until the other side hangs up."""
    optional = "".join(
        f'<recv request="{method}" optional="true" next="{label}"/>\n'
        for method, label in (
            ("INVITE", 3),
            ("UPDATE", 4),
            ("NOTIFY", 4),
            ("INFO", 4),
            ("OPTIONS", 4),
            ("ACK", 2),
        )
    )
    return (
        f'<label id="2"/>\n{optional}<recv request="BYE"/>\n'
        + reply("200 OK", attributes=' next="99"')
        + '<label id="3"/>\n'
        + accept(version=2)
        + '<recv request="ACK" next="2"/>\n<label id="4"/>\n'
        + reply("200 OK", attributes=' next="2"')
    )


def document(name: str, steps: str) -> str:
    """A whole SIPp scenario."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE scenario SYSTEM "sipp.dtd">\n'
        f'<scenario name="{name}">\n{steps}<label id="99"/>\n</scenario>\n'
    )


def phone_scenario(phone: Phone) -> str:
    """The called side."""
    steps = (
        '<recv request="INVITE"><action>\n'
        '<ereg regexp="[0-9]+" search_in="hdr" header="CSeq:" assign_to="cseq"/>\n'
        "</action></recv>\n"
        '<nop hide="true"><action><log message="[$cseq]"/></action></nop>\n'
    )
    if phone.refuses and phone.rings == 0:
        steps += reply(phone.refuses, tag=TAG) + '<recv request="ACK" next="99"/>\n'
    elif phone.forwards_to:
        moved = f"Contact: <sip:{phone.forwards_to}>\n"
        head = "SIP/2.0 302 Moved Temporarily\n" + COPIED.format(tag=TAG) + moved
        steps += send(head + NO_BODY) + '<recv request="ACK" next="99"/>\n'
    else:
        steps += reply("180 Ringing", tag=TAG) + after_ringing(phone)
    return document("a phone", steps)


def after_ringing(phone: Phone) -> str:
    """Answer, refuse or go on ringing, unless the call is cancelled before."""
    cancelled = (
        '<label id="9"/>\n'
        + reply("200 OK", tag=TAG)
        + send(
            "SIP/2.0 487 Request Terminated\n[last_Via:]\n[last_From:]\n"
            f"[last_To:]{TAG}\n[last_Call-ID:]\nCSeq: [$cseq] INVITE\n" + NO_BODY
        )
        + '<recv request="ACK"/>\n'
    )
    if phone.rings is None:
        return '<recv request="CANCEL" next="9"/>\n' + cancelled
    steps = (
        f'<recv request="CANCEL" timeout="{round(phone.rings * 1000)}" ontimeout="1" next="9"/>\n'
    )
    steps += '<label id="1"/>\n'
    if phone.refuses:
        return (
            steps + reply(phone.refuses, tag=TAG) + '<recv request="ACK" next="99"/>\n' + cancelled
        )
    speech = SPEAK if phone.media else ""
    taken = accept(tag=TAG) + '<recv request="ACK"/>\n' + speech + conversation()
    return steps + taken + cancelled


def caller_scenario(sender: str, headers: str, *, media: bool) -> str:
    """The calling side: dial, wait for the end of the attempt, then stay in the call."""
    invite = (
        "INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0\n"
        "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\nMax-Forwards: 70\n"
        f"From: {sender};tag=[pid]c[call_number]\n"
        "To: <sip:[service]@[remote_ip]:[remote_port]>\nCall-ID: [call_id]\nCSeq: 1 INVITE\n"
        + CONTACT.format(user="caller")
        + headers
        + SDP.format(version=1)
    )
    acknowledge = (
        "ACK sip:[service]@[remote_ip]:[remote_port] SIP/2.0\n{via}Max-Forwards: 70\n"
        f"From: {sender};tag=[pid]c[call_number]\n"
        "To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]\n"
        "Call-ID: [call_id]\nCSeq: 1 ACK\n" + NO_BODY
    )
    new_branch = "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n"
    refused = "".join(
        f'<recv response="{code}" optional="true" next="8"/>\n'
        for code in (403, 404, 408, 480, 486, 487, 488, 500, 503, 600, 603)
    )
    steps = send(invite, ' retrans="500"') + '<recv response="100" optional="true"/>\n'
    for code in (180, 181, 183):
        steps += f'<recv response="{code}" optional="true"/>\n'
    steps += refused + '<recv response="200"/>\n' + send(acknowledge.format(via=new_branch))
    if media:
        steps += SPEAK
    steps += conversation()
    steps += '<label id="8"/>\n' + send(acknowledge.format(via="[last_Via:]\n"))
    return document("a caller", steps)


class SippFleet:
    """The SIPp processes of one scenario."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: list[subprocess.Popen[bytes]] = []
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "silence.alaw").write_bytes(b"\xd5" * 80000)
        library = SIPP.path / "usr/lib/x86_64-linux-gnu"
        self.environment = {**os.environ, "LD_LIBRARY_PATH": str(library), "TERM": "dumb"}

    def start(self, scenario: str, address: str, port: int, pbx_port: int, *more: str) -> None:
        """Start one SIPp at an address."""
        number = len(self.processes)
        file = self.folder / f"{number}.xml"
        file.write_text(scenario, encoding="utf-8", errors="surrogateescape")
        with (self.folder / f"{number}.out").open("wb") as out:
            program = SIPP.path / SIPP.program
            where = ["-i", address, "-p", str(port), "-mi", address, "-mp", str(next(MEDIA_PORTS))]
            self.processes.append(
                subprocess.Popen(
                    [program, "-sf", file, *where, "-nostdin", *more, f"127.0.0.1:{pbx_port}"],
                    env=self.environment,
                    cwd=self.folder,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=subprocess.STDOUT,
                )
            )

    def stop(self) -> None:
        """End what was started here."""
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.wait(10)
        self.processes.clear()
