"""Requests of a SIPp phone inside a call that exists already."""

from __future__ import annotations

import itertools
import re
import socket
import uuid
from urllib.parse import quote

from pbx_lab.errors import NeverHappenedError
from pbx_lab.sip import SipLeg, SipMessage, parse

SEQUENCE = itertools.count(500)


def uri_in(value: str) -> str:
    """The address in a From, To or Contact header."""
    found = re.search(r"<([^>]+)>", value)
    return found.group(1) if found else value.split(";", maxsplit=1)[0].strip()


def tag_in(value: str) -> str:
    """The tag of a From or To header."""
    found = re.search(r";tag=([^;\s]+)", value)
    return found.group(1) if found else ""


def parties(leg: SipLeg) -> tuple[str, str]:
    """The phone's and Asterisk's own From/To values, with tags, of an answered leg."""
    answer = leg.answered
    if answer is None:
        raise NeverHappenedError(f"{leg.endpoint} has not answered, so nothing can be pressed")
    caller, called = answer.headers["from"], answer.headers["to"]
    return (called, caller) if leg.dialled else (caller, called)


def remote_target(leg: SipLeg) -> str:
    """Where requests inside the call go."""
    source = leg.invite if leg.dialled else leg.answered
    if source is None:
        raise NeverHappenedError(f"{leg.endpoint} has not answered")
    return uri_in(source.headers["contact"])


def request(leg: SipLeg, method: str, headers: str = "", body: str = "") -> SipMessage:
    """Send one request inside the call and return its final response."""
    own, other = parties(leg)
    number = next(SEQUENCE)
    pbx = leg.invite.source if leg.dialled else leg.invite.target
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind((leg.address[0], 0))
        line.settimeout(8)
        host, port = line.getsockname()
        head = (
            f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{uuid.uuid4().hex};rport\r\n"
            f"Max-Forwards: 70\r\nFrom: {own}\r\nTo: {other}\r\nCall-ID: {leg.call_id}\r\n"
        )
        contact = f"Contact: <sip:phone@{leg.address[0]}:{leg.address[1]}>\r\n"
        rest = f"{headers}Content-Length: {len(body)}\r\n\r\n{body}"
        target = remote_target(leg)
        text = f"{method} {target} SIP/2.0\r\n{head}CSeq: {number} {method}\r\n{contact}{rest}"
        line.sendto(text.encode(), pbx)
        while True:
            answer = parse(0, pbx, (host, port), line.recv(65535))
            if answer.code >= 200:
                break
        if method == "INVITE":
            ack = f"ACK {target} SIP/2.0\r\n{head}CSeq: {number} ACK\r\nContent-Length: 0\r\n\r\n"
            line.sendto(ack.encode(), pbx)
    return answer


def hang_up(leg: SipLeg) -> None:
    """End the call."""
    request(leg, "BYE")


def give_up(leg: SipLeg) -> None:
    """Hang up the caller's phone before the call is answered."""
    invite = leg.invite.headers
    head = "".join(
        f"{name}: {invite[name.lower()]}\r\n" for name in ("Via", "From", "To", "Call-ID")
    )
    number = invite["cseq"].split()[0]
    text = (
        f"CANCEL {leg.invite.start.split()[1]} SIP/2.0\r\n{head}CSeq: {number} CANCEL\r\n"
        "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    )
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind((leg.address[0], 0))
        line.settimeout(8)
        line.sendto(text.encode(), leg.invite.target)
        line.recv(65535)


def press(leg: SipLeg, digits: str) -> None:
    """Send digits, one INFO each."""
    for digit in digits:
        signal = f"Signal={digit}\r\nDuration=120\r\n"
        request(leg, "INFO", "Content-Type: application/dtmf-relay\r\n", signal)


def transfer(leg: SipLeg, target: str) -> None:
    """Blind transfer: REFER to an extension."""
    pbx = leg.invite.source if leg.dialled else leg.invite.target
    refer_to = f"Refer-To: <sip:{target}@{pbx[0]}:{pbx[1]}>\r\n"
    answer = request(leg, "REFER", refer_to + referred_by(leg))
    if answer.code != 202:
        raise NeverHappenedError(f"the transfer was refused: {answer.start}")


def transfer_to_call(leg: SipLeg, other: SipLeg, target: str) -> None:
    """Attended transfer: REFER on one leg, with Replaces naming the phone's other leg."""
    own, pbx_side = parties(other)
    replaces = f"{other.call_id};to-tag={tag_in(pbx_side)};from-tag={tag_in(own)}"
    pbx = leg.invite.source if leg.dialled else leg.invite.target
    refer_to = f"Refer-To: <sip:{target}@{pbx[0]}:{pbx[1]}?Replaces={quote(replaces)}>\r\n"
    answer = request(leg, "REFER", refer_to + referred_by(leg))
    if answer.code != 202:
        raise NeverHappenedError(f"the transfer was refused: {answer.start}")


def referred_by(leg: SipLeg) -> str:
    """Who passes the call on."""
    return f"Referred-By: <sip:{leg.endpoint}@{leg.address[0]}>\r\n"


def hold(leg: SipLeg, *, on: bool = True) -> None:
    """Hold, or take back, with a re-INVITE."""
    way = "sendonly" if on else "sendrecv"
    host = leg.address[0]
    body = (
        f"v=0\r\no=lab 1 {next(SEQUENCE)} IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
        f"m=audio 39000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na={way}\r\n"
    )
    request(leg, "INVITE", "Content-Type: application/sdp\r\n", body)
