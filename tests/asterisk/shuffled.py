"""Recordings as a worse network and a busier PBX would have sent them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from screenpop.asterisk.ami_events import WANTED_EVENTS
from screenpop.asterisk.ami_framing import AmiFramer
from screenpop.asterisk.ami_message import AmiMessage

_IDS = re.compile(rb"(?m)^(\w*(?:Uniqueid|Linkedid|BridgeId): )(?=[^\r\s])", re.IGNORECASE)
_NUMBERS = re.compile(rb"(?m)(?<=-)00(?=[0-9a-f]{6}(?:;[12])?(?:<\w+>)?\r?$)")
_LISTED = frozenset({"CoreShowChannel"})


@dataclass(frozen=True)
class Replay:
    """One playing of a recording: like no other in the ids and names of its channels."""

    messages: tuple[AmiMessage, ...]
    known: tuple[AmiMessage, ...]
    """The channels that were up when it began, as the login's lists have them."""


@cache
def replay(path: Path, number: int) -> Replay:
    """``number`` up to 255; the ids get a system name before them, as Asterisk can give them."""
    data = _IDS.sub(rb"\g<1>pbx%d-" % number, path.read_bytes())
    data = _NUMBERS.sub(b"%02x" % number, data)
    framed = list(AmiFramer(WANTED_EVENTS | _LISTED).feed(data))
    return Replay(
        tuple(m for m in framed if m.event in WANTED_EVENTS),
        tuple(m for m in framed if m.event in _LISTED),
    )


def channels_of(message: AmiMessage) -> set[str]:
    """The Uniqueids of the channels a message speaks of."""
    return {
        value
        for name, value in message.fields.items()
        if name.endswith("niqueid") and "Bridge" not in name and value
    }


def in_any_order(messages: Sequence[AmiMessage], rng: Random) -> Iterator[AmiMessage]:
    """Shuffled, but the events of one channel keep their order."""
    last: dict[str, int] = {}
    followers: list[list[int]] = [[] for _ in messages]
    awaits = [0] * len(messages)
    for index, message in enumerate(messages):
        before = {last[channel] for channel in channels_of(message) if channel in last}
        awaits[index] = len(before)
        for earlier in before:
            followers[earlier].append(index)
        last.update(dict.fromkeys(channels_of(message), index))
    ready = [index for index, count in enumerate(awaits) if not count]
    while ready:
        index = ready.pop(rng.randrange(len(ready)))
        yield messages[index]
        for later in followers[index]:
            awaits[later] -= 1
            if not awaits[later]:
                ready.append(later)


@dataclass(frozen=True)
class Delivered:
    message: AmiMessage
    again: bool = False
    """It was sent before."""


def doubled(messages: Iterable[AmiMessage], share: float, rng: Random) -> list[Delivered]:
    """Some come twice, the second time a little later, or long after."""
    once = list(messages)
    at: list[tuple[float, Delivered]] = []
    for index, message in enumerate(once):
        at.append((index, Delivered(message)))
        if rng.random() < share:
            later = rng.randrange(rng.choice((2, 12, len(once))))
            at.append((index + 0.5 + later, Delivered(message, again=True)))
    at.sort(key=lambda placed: placed[0])
    return [message for _, message in at]
