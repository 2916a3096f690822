"""Events of ``ChanSpy`` and ``ExtenSpy``: a phone listens to another channel.

Asterisk sends them since 12 (class ``call``), also for whispering and barging: the phone that
listens never enters the bridge. Checked against recordings of 16.28 and 22.10.
"""

from collections.abc import Callable
from typing import NamedTuple

from screenpop.asterisk.ami_message import AmiMessage
from screenpop.asterisk.ami_values import MissingHeaderError


class ChanSpyStart(NamedTuple):
    pbx_at: float | None
    spyer: str
    """Uniqueid of the channel that listens."""
    spyee: str
    """Uniqueid of the channel that is listened to."""


class ChanSpyStop(NamedTuple):
    pbx_at: float | None
    spyer: str


ChanSpyEvent = ChanSpyStart | ChanSpyStop


def _uniqueid(message: AmiMessage, role: str) -> str:
    name = role + "Uniqueid"
    found = message.get(name)
    if not found:
        raise MissingHeaderError(name)
    return found


CHAN_SPY_READERS: dict[str, Callable[[AmiMessage, float | None], ChanSpyEvent]] = {
    "ChanSpyStart": lambda m, at: ChanSpyStart(at, _uniqueid(m, "Spyer"), _uniqueid(m, "Spyee")),
    "ChanSpyStop": lambda m, at: ChanSpyStop(at, _uniqueid(m, "Spyer")),
}
