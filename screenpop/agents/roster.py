"""Assignment of agents to phones. Immutable: every change returns a new roster."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from screenpop.agents.agent import Agent, AgentId
from screenpop.agents.queue_interfaces import endpoint_of_interface
from screenpop.telephony.identifiers import Endpoint, PbxId

PhoneKey = tuple[PbxId, Endpoint]

MAX_REPORTED = 1000
"""Phones without an agent that are remembered as reported; a longer list would not be read."""


@dataclass(frozen=True, slots=True)
class PhoneConflict:
    """Two agents of the settings claim one phone; ``kept`` has it."""

    pbx: PbxId
    endpoint: Endpoint
    kept: AgentId
    refused: AgentId


@dataclass(frozen=True, slots=True)
class Roster:
    """Agents by phone from three sources, the surest first: hot-desk login, settings, queue
    membership."""

    agents: Mapping[AgentId, Agent] = field(default_factory=dict)
    desks: Mapping[PhoneKey, AgentId] = field(default_factory=dict)
    logins: Mapping[PhoneKey, AgentId] = field(default_factory=dict)
    members: Mapping[PhoneKey, AgentId] = field(default_factory=dict)
    conflicts: tuple[PhoneConflict, ...] = ()
    reported: frozenset[PhoneKey] = frozenset()
    """Phones without an agent that were reported already."""

    @classmethod
    def of(cls, agents: Mapping[PbxId, Iterable[Agent]]) -> "Roster":
        """Return the roster of the settings: by PBX its agents, each with their phones there.

        If two agents claim a phone, the one with the lower id has it.
        """
        return cls().with_agents(agents)

    def agent_at(self, pbx: PbxId, endpoint: Endpoint) -> Agent | None:
        """Return the agent who gets the card when this phone rings; None for a phone without an
        agent."""
        phone_key = (pbx, endpoint)
        agent_id = self.logins.get(phone_key)
        if agent_id is None:
            agent_id = self.desks.get(phone_key)
        if agent_id is None:
            agent_id = self.members.get(phone_key)
        return None if agent_id is None else self.agents.get(agent_id)

    def phones_of(self, pbx: PbxId, agent: AgentId) -> frozenset[Endpoint]:
        """Return every phone of a PBX that this agent has now."""
        phone_keys = {*self.logins, *self.desks, *self.members}
        return frozenset(
            endpoint
            for where, endpoint in phone_keys
            if where == pbx
            and (assigned := self.agent_at(where, endpoint)) is not None
            and assigned.id == agent
        )

    def phones_by_agent(self) -> dict[AgentId, tuple[PhoneKey, ...]]:
        """Return every agent's phones in one pass over the roster."""
        phones: dict[AgentId, dict[PhoneKey, None]] = {}
        for phone in (*self.logins, *self.desks, *self.members):
            agent = self.agent_at(*phone)
            if agent is not None:
                phones.setdefault(agent.id, {})[phone] = None
        return {agent: tuple(keys) for agent, keys in phones.items()}

    def has_phone(self, agent: AgentId) -> bool:
        """Return whether this agent has any phone of any PBX now."""
        return any(
            assigned == agent and (phone_key not in self.logins or self.logins[phone_key] == agent)
            for phone_keys in (self.logins, self.desks, self.members)
            for phone_key, assigned in phone_keys.items()
        )

    def name_at(self, pbx: PbxId, endpoint: Endpoint) -> str:
        """Return the agent's display name; the phone itself if it has no agent."""
        agent = self.agent_at(pbx, endpoint)
        return agent.display_name if agent is not None else endpoint

    def with_agents(self, agents: Mapping[PbxId, Iterable[Agent]]) -> "Roster":
        """Return the roster for new settings; logins and members of remaining agents are kept."""
        known: dict[AgentId, Agent] = {}
        desks: dict[PhoneKey, AgentId] = {}
        conflicts: list[PhoneConflict] = []
        for pbx, assigned in agents.items():
            for agent in sorted(assigned, key=lambda agent: agent.id):
                known.setdefault(agent.id, agent)
                for endpoint in agent.endpoints:
                    kept = desks.setdefault((pbx, endpoint), agent.id)
                    if kept != agent.id:
                        conflicts.append(PhoneConflict(pbx, endpoint, kept, agent.id))
        roster = replace(
            self,
            agents=known,
            desks=desks,
            logins={
                phone_key: agent_id
                for phone_key, agent_id in self.logins.items()
                if agent_id in known
            },
            members={
                phone_key: agent_id
                for phone_key, agent_id in self.members.items()
                if agent_id in known
            },
            conflicts=tuple(conflicts),
        )
        return _forget_reported(roster)

    def with_logins(self, made: Iterable[tuple[PhoneKey, AgentId]]) -> "Roster":
        """Return the roster after these hot-desk logins, one after the other.

        Each replaces an earlier login at its phone. The agent leaves the previous hot desk on that
        PBX, but not the phone of the settings; a stranger to the roster is ignored.
        """
        logins = dict(self.logins)
        seats = {(phone_key[0], agent): phone_key for phone_key, agent in logins.items()}
        for phone_key, agent in made:
            if agent not in self.agents:
                continue
            previous = seats.get((phone_key[0], agent))
            if previous is not None:
                del logins[previous]
            displaced = logins.get(phone_key)
            if displaced is not None:
                del seats[phone_key[0], displaced]
            logins[phone_key] = agent
            seats[phone_key[0], agent] = phone_key
        return _forget_reported(replace(self, logins=logins))

    def with_members(self, pbx: PbxId, named: Iterable[tuple[str, str, str]]) -> "Roster":
        """Return the roster with these queue members of a PBX in place of the earlier ones.

        Each is member name, interface and state interface, as in AMI's ``QueueMember``; the state
        interface is the phone itself where the interface is a Local channel. A member is an agent
        by username or display name; ignored unless exactly one agent has the name.
        """
        members = {
            phone_key: agent_id
            for phone_key, agent_id in self.members.items()
            if phone_key[0] != pbx
        }
        by_name: dict[str, set[AgentId]] = {}
        for agent in self.agents.values():
            for name in (agent.username, agent.display_name):
                by_name.setdefault(name.casefold(), set()).add(agent.id)
        for member_name, interface, state_interface in named:
            endpoint = endpoint_of_interface(state_interface) or endpoint_of_interface(interface)
            agents = by_name.get(member_name.strip().casefold(), set())
            if endpoint is not None and len(agents) == 1:
                members[pbx, endpoint] = next(iter(agents))
        if members == self.members:
            return self
        return _forget_reported(replace(self, members=members))

    def after(self, before: "Roster") -> "Roster":
        """Return this roster of settings and logins with the queue members and reports of an
        earlier one."""
        members = {
            phone_key: agent_id
            for phone_key, agent_id in before.members.items()
            if agent_id in self.agents
        }
        return _forget_reported(replace(self, members=members, reported=before.reported))

    def unmapped(self, pbx: PbxId, endpoint: Endpoint) -> "Roster | None":
        """Return the next roster when a phone without an agent must be reported; else None.

        A phone is reported once while it has no agent.
        """
        phone_key = (pbx, endpoint)
        is_reported = phone_key in self.reported or len(self.reported) >= MAX_REPORTED
        if is_reported or self.agent_at(pbx, endpoint) is not None:
            return None
        return replace(self, reported=self.reported | {phone_key})


def _forget_reported(roster: Roster) -> Roster:
    """Forget reported phones that have an agent, so that they are reported again after losing
    it."""
    unassigned = frozenset(
        phone_key for phone_key in roster.reported if roster.agent_at(*phone_key) is None
    )
    return roster if unassigned == roster.reported else replace(roster, reported=unassigned)
