"""Which customer an agent is about to call, until the call is there.

A number may be of several customers. Who calls from a row of a list, or from the page of one
customer, has chosen one of them already.
"""

from dataclasses import dataclass, field

from screenpop.agents.agent import AgentId
from screenpop.customers.models import CustomerId
from screenpop.telephony.identifiers import E164

KEPT_S = 120.0
"""Seconds in which the call must begin: the own phone rings first, or one dials by hand."""


@dataclass(frozen=True, slots=True)
class _Dial:
    number: E164
    customer: CustomerId
    at: float


@dataclass(slots=True)
class AnnouncedDials:
    """The last announced call of each agent. Times are seconds since 1970."""

    _dials: dict[AgentId, _Dial] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Return whether any call is announced."""
        return bool(self._dials)

    def announce(self, agent: AgentId, number: E164, customer: CustomerId, now: float) -> None:
        self._dials[agent] = _Dial(number, customer, now)

    def take(self, agent: AgentId, number: E164 | None, now: float) -> CustomerId | None:
        """Return the customer of the agent's call to this number, once; None for any other."""
        dial = self._dials.get(agent)
        if dial is None:
            return None
        is_old = now - dial.at > KEPT_S
        if is_old or dial.number == number:
            del self._dials[agent]
        return None if is_old or dial.number != number else dial.customer
