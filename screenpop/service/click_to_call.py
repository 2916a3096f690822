"""Click-to-call: rings the agent's own phone, then the customer. Built from ids only.

The number comes from the database, the phone from the roster, the context from the settings.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from screenpop.accounts.users import UserId
from screenpop.agents.agent import AgentId
from screenpop.agents.availability import AgentState
from screenpop.agents.roster import Roster
from screenpop.service.agent_availability import AgentAvailability
from screenpop.service.availability_ports import (
    ActionOutcome,
    Originate,
    PbxActions,
)
from screenpop.telephony.dialled_digits import dialled_digits
from screenpop.telephony.identifiers import E164, Endpoint, PbxId, Region
from screenpop.telephony.toll_fraud import toll_refusal

HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class DialRules:
    """How agents' phones of one PBX dial."""

    context: str
    technology: str
    region: Region
    """The country whose national numbers they dial without a prefix."""
    countries: frozenset[str] = frozenset()
    """Other countries whose numbers may be dialled, as for ``toll_refusal``."""


@dataclass(frozen=True, slots=True)
class CallsPerHour:
    """Counts the calls that each agent placed from a page in the last hour."""

    most: int
    clock: Callable[[], float]
    """Seconds on a clock that is never set."""
    _placed: dict[AgentId, deque[float]] = field(default_factory=dict)

    def take(self, agent: AgentId) -> bool:
        """Count one more call; return False, and count none, when there were ``most`` already."""
        now, placed = self.clock(), self._placed.setdefault(agent, deque())
        while placed and now - placed[0] >= HOUR_S:
            placed.popleft()
        if len(placed) >= self.most:
            return False
        placed.append(now)
        return True


@dataclass(frozen=True, slots=True)
class ClickToCall:
    """``rules``: the PBXs on which the office allows it."""

    rules: Mapping[PbxId, DialRules]
    roster: Callable[[], Roster]
    availability: Callable[[], AgentAvailability | None]
    actions: PbxActions
    per_hour: CallsPerHour

    @property
    def is_on(self) -> bool:
        """Return whether the office allows it anywhere."""
        return bool(self.rules)

    async def call(self, user: UserId, number: E164 | None) -> str:
        """Place a call; return an empty text or the code of the reason why not.

        Codes: ``calling_off``, ``not_dialable``, ``premium_number``, ``country_not_allowed``,
        ``no_own_phone``, ``on_a_call``, ``too_many_placed``, ``calling_not_allowed``,
        ``pbx_unreachable``, ``calling_refused``.
        """
        if not self.is_on:
            return "calling_off"
        own = self._own_phone(AgentId(user))
        if own is None:
            return "no_own_phone"
        pbx, endpoint = own
        rules = self.rules[pbx]
        digits = dialled_digits(number, rules.region) if number else ""
        if number is None or not digits:
            return "not_dialable"
        if refusal := toll_refusal(number, rules.region, rules.countries):
            return refusal
        if self._is_on_call(AgentId(user)):
            return "on_a_call"
        if not self.per_hour.take(AgentId(user)):
            return "too_many_placed"
        request = Originate(pbx, rules.technology, endpoint, digits, rules.context)
        return _CODES[await self.actions.originate(request)]

    def _own_phone(self, agent: AgentId) -> tuple[PbxId, Endpoint] | None:
        """Return the phone that rings: the hot desk of today, else the first of the settings."""
        roster = self.roster()
        for (pbx, endpoint), user in roster.logins.items():
            if user == agent and pbx in self.rules:
                return pbx, endpoint
        known = roster.agents.get(agent)
        for pbx in self.rules:
            for endpoint in known.endpoints if known is not None else ():
                found = roster.agent_at(pbx, endpoint)
                if found is not None and found.id == agent:
                    return pbx, endpoint
        return None

    def _is_on_call(self, agent: AgentId) -> bool:
        availability = self.availability()
        one = availability.of(agent) if availability is not None else None
        return one is not None and one.state is AgentState.ON_CALL


_CODES = {
    ActionOutcome.DONE: "",
    ActionOutcome.NOT_ALLOWED: "calling_not_allowed",
    ActionOutcome.NOT_A_MEMBER: "calling_refused",
    ActionOutcome.REFUSED: "calling_refused",
    ActionOutcome.UNREACHABLE: "pbx_unreachable",
}
