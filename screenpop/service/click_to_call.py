"""Click-to-call: rings the agent's own phone, then the customer. Built from ids only.

The number comes from the database, the phone from the roster, the context from the settings.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class DialRules:
    """How agents' phones of one PBX dial."""

    context: str
    technology: str
    region: Region
    """The country whose national numbers they dial without a prefix."""


@dataclass(frozen=True, slots=True)
class ClickToCall:
    """``rules``: the PBXs on which the office allows it."""

    rules: Mapping[PbxId, DialRules]
    roster: Callable[[], Roster]
    availability: Callable[[], AgentAvailability | None]
    actions: PbxActions

    @property
    def is_on(self) -> bool:
        """Return whether the office allows it anywhere."""
        return bool(self.rules)

    async def call(self, user: UserId, number: E164 | None) -> str:
        """Place a call; return an empty text or the code of the reason why not.

        Codes: ``calling_off``, ``not_dialable``, ``no_own_phone``, ``on_a_call``,
        ``calling_not_allowed``, ``pbx_unreachable``, ``calling_refused``.
        """
        if not self.is_on:
            return "calling_off"
        own = self._own_phone(AgentId(user))
        if own is None:
            return "no_own_phone"
        pbx, endpoint = own
        rules = self.rules[pbx]
        digits = dialled_digits(number, rules.region) if number else ""
        if not digits:
            return "not_dialable"
        if self._is_on_call(AgentId(user)):
            return "on_a_call"
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
