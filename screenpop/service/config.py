"""What the use case needs to know of the house: people, lines, patience, the calendar."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from screenpop.accounts.users import UserId
from screenpop.service.card_timeouts import CardTimeouts
from screenpop.service.staff import Staff
from screenpop.service.trunk_lines import TrunkLines
from screenpop.telephony.identifiers import Endpoint, PbxId


def _no_phones(_pbx: PbxId, _endpoint: Endpoint) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class ServiceConfig:
    people: Staff
    lines: TrunkLines
    today: Callable[[float], date]
    """Which day it is at the office at a time in seconds since 1970."""
    stays: CardTimeouts = field(default_factory=CardTimeouts)
    is_phone: Callable[[PbxId, Endpoint], bool] = _no_phones
    """What the settings call a phone: when one rings and nobody sits there, somebody is told."""
    readers: Callable[[UserId], int] | None = None
    """How many pages a user has open now, where that is known."""
