"""Recordings of other people's PBXs, as they are and slightly changed."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from screenpop.simulator.replay_report import replay_changes
from screenpop.telephony.identifiers import Endpoint

FOLDER = Path(__file__).parents[1] / "scenarios" / "strangers"
PHONES = frozenset(Endpoint(phone) for phone in ("101", "102", "103"))
_END = b"\r\n\r\n"
_CHANNEL = re.compile(rb"PJSIP/([\w.-]+?)-([0-9a-f]{8})\b")
_IDS = re.compile(rb"(?m)^(\w*(?:Uniqueid|Linkedid): )(?=[^\r\s])")


def blocks_of(name: str) -> list[bytes]:
    """The messages of a recording, the banner with the first."""
    return (FOLDER / f"{name}.ami").read_bytes().removesuffix(_END).split(_END)


def joined(blocks: Iterable[bytes]) -> bytes:
    return b"".join(block + _END for block in blocks)


def row_of(data: bytes, phones: frozenset[Endpoint] = PHONES) -> dict[str, Any]:
    """The one row that a recording gives."""
    (row,) = [one for one in replay_changes([data], phones) if one["kind"] == "row"]
    return row


def outcomes(row: dict[str, Any]) -> dict[str, str]:
    return {leg["endpoint"]: leg["outcome"] for leg in row["legs"]}


def as_it_is(data: bytes) -> bytes:
    return data


def through_chan_sip(data: bytes) -> bytes:
    return data.replace(b"PJSIP/", b"SIP/")


def through_iax2(data: bytes) -> bytes:
    named = _CHANNEL.sub(lambda m: b"IAX2/%s-%d" % (m[1], int(m[2], 16)), data)
    return named.replace(b"PJSIP/", b"IAX2/")


def with_system_name(data: bytes) -> bytes:
    return _IDS.sub(rb"\g<1>athens-", data)


REWRITTEN = (as_it_is, through_chan_sip, through_iax2, with_system_name)


def event(name: str, **headers: object) -> bytes:
    """One event as bytes; ``None`` leaves a header out."""
    lines = [f"Event: {name}"]
    lines += [f"{key}: {value}" for key, value in headers.items() if value is not None]
    return "\r\n".join(lines).encode()


GOODBYE = b"Response: Goodbye\r\nMessage: Thanks for all the fish."
