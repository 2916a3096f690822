"""Settings of the use cases: staff, lines, timeouts, calendar."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from screenpop.accounts.users import UserId
from screenpop.customers.visibility import HiddenFiles
from screenpop.service.announced_dials import AnnouncedDials
from screenpop.service.asked_facts import AskRules
from screenpop.service.availability_config import AvailabilityConfig
from screenpop.service.card_timeouts import CardTimeouts
from screenpop.service.office_offers import OffersInUse
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
    """Returns the office's date at a time in seconds since 1970."""
    stays: CardTimeouts = field(default_factory=CardTimeouts)
    is_phone: Callable[[PbxId, Endpoint], bool] = _no_phones
    """Returns whether an endpoint is a phone: a warning is logged when one without an agent
    rings."""
    readers: Callable[[UserId], int] | None = None
    """Returns how many pages a user has open now, if known."""
    availability: AvailabilityConfig | None = None
    """None: the agents' availability is not kept."""
    asks: AskRules = field(default_factory=AskRules)
    """What agents ask callers for."""
    dials: AnnouncedDials = field(default_factory=AnnouncedDials)
    """The calls that agents are about to make, with the customer they have chosen."""
    hidden: HiddenFiles = field(default_factory=HiddenFiles)
    """Files that some agents may not see."""
    offers: OffersInUse = field(default_factory=OffersInUse)
