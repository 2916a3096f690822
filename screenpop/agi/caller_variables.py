"""What a dialplan learns of a caller."""

from collections.abc import Callable, Mapping
from enum import StrEnum

from screenpop.cards.caller_summary import caller_name
from screenpop.common.ascii_text import to_ascii
from screenpop.customers.match import Sureness, match_caller
from screenpop.customers.models import CallerRecord, Customer, CustomerFile, Tier
from screenpop.telephony.caller_id import CallerId, CallerIdKind

_PRIORITIES = {Tier.SILVER: 5, Tier.GOLD: 10, Tier.PLATINUM: 15}
VIP_PRIORITY = 20
"""For ``QUEUE_PRIO``: a caller with a higher one is answered before the others."""


class AgiStatus(StrEnum):
    FOUND = "found"
    """Exactly one customer."""
    SEVERAL = "several"
    """A number of several customers, or one that is only alike."""
    UNKNOWN = "unknown"
    WITHHELD = "withheld"
    UNREACHABLE = "unreachable"
    """The records could not be read in time."""


FindPhone = Callable[[int | None, str], str]
"""``find_phone(owner, last_agent)``: the phone of the user ``owner``, else of the agent of this
display name; empty where neither has a phone now."""


def caller_variables(
    caller: CallerId,
    record: CallerRecord | None,
    *,
    language: str,
    ascii_only: bool,
    find_phone: FindPhone,
) -> Mapping[str, str]:
    """Return the variables in the order in which they are set, the status last.

    Those that are not known are empty, so that a dialplan never reads the ones of an earlier call.
    ``record``: None if the records could not be read; ``language``: of the name.
    """
    if caller.kind is CallerIdKind.WITHHELD:
        return _variables(AgiStatus.WITHHELD)
    if record is None:
        return _variables(AgiStatus.UNREACHABLE)
    match = match_caller(caller, record)
    if match.sure is Sureness.NONE:
        return _variables(AgiStatus.UNKNOWN)
    name = caller_name(match, language, "{names}")
    name = to_ascii(name) if ascii_only else name
    certain = match.customer
    if certain is None:
        return _variables(AgiStatus.SEVERAL, name)
    customer = certain.customer
    last_agent = next((call.agent for call in certain.calls if call.agent), "")
    return _variables(
        AgiStatus.FOUND,
        name,
        tier="" if customer.tier is Tier.NONE else customer.tier.value,
        language=customer.language,
        priority=_priority(customer),
        agent=find_phone(_owner(certain), last_agent),
    )


def _variables(
    status: AgiStatus,
    name: str = "",
    *,
    tier: str = "",
    language: str = "",
    priority: int = 0,
    agent: str = "",
) -> Mapping[str, str]:
    named = {"CALLERID(name)": name} if name else {}
    return {
        **named,
        "SCREENPOP_NAME": name,
        "SCREENPOP_TIER": tier,
        "SCREENPOP_LANGUAGE": language,
        "SCREENPOP_PRIORITY": str(priority),
        "SCREENPOP_AGENT": agent,
        "SCREENPOP_STATUS": status.value,
    }


def _priority(customer: Customer) -> int:
    return VIP_PRIORITY if customer.vip else _PRIORITIES.get(customer.tier, 0)


def _owner(file: CustomerFile) -> int | None:
    return file.more.owner
