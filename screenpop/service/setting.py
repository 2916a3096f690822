"""What the use case needs to know of the house: people, lines, patience, the calendar."""

from collections.abc import Callable
from dataclasses import field
from datetime import date

from screenpop.accounts.users import UserId
from screenpop.service.lines import Lines
from screenpop.service.people import People
from screenpop.service.stays import Stays
from screenpop.telephony.identifiers import Endpoint, PbxId
from screenpop.values import dataclass


def _no_phones(_pbx: PbxId, _endpoint: Endpoint) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Setting:
    people: People
    lines: Lines
    today: Callable[[float], date]
    """Which day it is at the office at a time in seconds since 1970."""
    stays: Stays = field(default_factory=Stays)
    is_phone: Callable[[PbxId, Endpoint], bool] = _no_phones
    """What the settings call a phone: when one rings and nobody sits there, somebody is told."""
    readers: Callable[[UserId], int] | None = None
    """How many pages a user has open now, where that is known."""
