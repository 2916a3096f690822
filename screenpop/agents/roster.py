"""Who sits at which phone. A value: every change gives a new roster."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from screenpop.agents.agent import Agent, AgentId
from screenpop.agents.queue_interfaces import endpoint_of_interface
from screenpop.telephony.identifiers import Endpoint, PbxId

PhoneKey = tuple[PbxId, Endpoint]

MAX_REPORTED = 1000
"""Endpoints without an agent that are remembered; beyond that nobody would read on."""


@dataclass(frozen=True, slots=True)
class PhoneConflict:
    """Two agents of the settings claim one phone; ``kept`` has it."""

    pbx: PbxId
    endpoint: Endpoint
    kept: AgentId
    refused: AgentId


@dataclass(frozen=True, slots=True)
class Roster:
    """Three sources, the surest first: who has logged in at a phone (hot desk), whose phone it is
    in the settings, whom a queue names as the member behind it."""

    agents: Mapping[AgentId, Agent] = field(default_factory=dict)
    desks: Mapping[PhoneKey, AgentId] = field(default_factory=dict)
    logins: Mapping[PhoneKey, AgentId] = field(default_factory=dict)
    members: Mapping[PhoneKey, AgentId] = field(default_factory=dict)
    conflicts: tuple[PhoneConflict, ...] = ()
    reported: frozenset[PhoneKey] = frozenset()
    """Phones without an agent that somebody has been told of."""

    @classmethod
    def of(cls, agents: Mapping[PbxId, Iterable[Agent]]) -> "Roster":
        """The roster of the settings: by PBX its agents, each with their phones there. Of two who
        claim a phone the one with the lower id has it."""
        return cls().with_agents(agents)

    def agent_at(self, pbx: PbxId, endpoint: Endpoint) -> Agent | None:
        """Whose card it is when this phone rings; None when nobody is known to sit there."""
        seat = (pbx, endpoint)
        agent_id = self.logins.get(seat)
        if agent_id is None:
            agent_id = self.desks.get(seat)
        if agent_id is None:
            agent_id = self.members.get(seat)
        return None if agent_id is None else self.agents.get(agent_id)

    def phones_of(self, pbx: PbxId, agent: AgentId) -> frozenset[Endpoint]:
        """Every phone of a PBX at which this agent sits now."""
        seats = {*self.logins, *self.desks, *self.members}
        return frozenset(
            endpoint
            for where, endpoint in seats
            if where == pbx
            and (sitting := self.agent_at(where, endpoint)) is not None
            and sitting.id == agent
        )

    def has_phone(self, agent: AgentId) -> bool:
        """Whether this agent sits at any phone of any PBX now."""
        return any(
            sitting == agent and (seat not in self.logins or self.logins[seat] == agent)
            for seats in (self.logins, self.desks, self.members)
            for seat, sitting in seats.items()
        )

    def name_at(self, pbx: PbxId, endpoint: Endpoint) -> str:
        """The agent's display name; the phone's own where nobody is known to sit there."""
        agent = self.agent_at(pbx, endpoint)
        return agent.display_name if agent is not None else endpoint

    def with_agents(self, agents: Mapping[PbxId, Iterable[Agent]]) -> "Roster":
        """The same house with other settings: logins and members of agents who stay are kept."""
        known: dict[AgentId, Agent] = {}
        desks: dict[PhoneKey, AgentId] = {}
        conflicts: list[PhoneConflict] = []
        for pbx, sitting in agents.items():
            for agent in sorted(sitting, key=lambda agent: agent.id):
                known.setdefault(agent.id, agent)
                for endpoint in agent.endpoints:
                    kept = desks.setdefault((pbx, endpoint), agent.id)
                    if kept != agent.id:
                        conflicts.append(PhoneConflict(pbx, endpoint, kept, agent.id))
        roster = replace(
            self,
            agents=known,
            desks=desks,
            logins={seat: agent_id for seat, agent_id in self.logins.items() if agent_id in known},
            members={
                seat: agent_id for seat, agent_id in self.members.items() if agent_id in known
            },
            conflicts=tuple(conflicts),
        )
        return _forget_reported(roster)

    def with_login(self, pbx: PbxId, endpoint: Endpoint, agent: AgentId) -> "Roster":
        """An agent sits down at a phone: it is theirs until they leave it, whoever had it before.
        They leave the phone of that PBX where they sat, not the one of the settings."""
        if agent not in self.agents:
            return self
        logins = {
            seat: agent_id
            for seat, agent_id in self.logins.items()
            if (seat[0], agent_id) != (pbx, agent)
        }
        return _forget_reported(replace(self, logins={**logins, (pbx, endpoint): agent}))

    def with_member(
        self, pbx: PbxId, member_name: str, interface: str, state_interface: str = ""
    ) -> "Roster":
        """A queue names its member: by username or display name, when exactly one agent has it.

        ``interface`` and ``state_interface`` as AMI's ``QueueMember`` and ``AgentCalled`` have
        them; the state interface is the phone itself where the interface is a Local channel.
        """
        endpoint = endpoint_of_interface(state_interface) or endpoint_of_interface(interface)
        named = [agent.id for agent in self.agents.values() if _matches_name(agent, member_name)]
        if endpoint is None or len(named) != 1 or self.members.get((pbx, endpoint)) == named[0]:
            return self
        members = {**self.members, (pbx, endpoint): named[0]}
        return _forget_reported(replace(self, members=members))

    def with_members(self, pbx: PbxId, named: Iterable[tuple[str, str, str]]) -> "Roster":
        """All queue members of a PBX in place of those before: member name, interface, state
        interface of each."""
        others = {seat: agent_id for seat, agent_id in self.members.items() if seat[0] != pbx}
        roster = replace(self, members=others)
        for member in named:
            roster = roster.with_member(pbx, *member)
        return self if roster.members == self.members else roster

    def after(self, before: "Roster") -> "Roster":
        """This roster of settings and logins, with what the PBXs had told the one before it."""
        members = {
            seat: agent_id for seat, agent_id in before.members.items() if agent_id in self.agents
        }
        return _forget_reported(replace(self, members=members, reported=before.reported))

    def unmapped(self, pbx: PbxId, endpoint: Endpoint) -> "Roster | None":
        """The roster to go on with when somebody is to be told that nobody sits at this phone;
        None when somebody does, or when it has been told before."""
        seat = (pbx, endpoint)
        told = seat in self.reported or len(self.reported) >= MAX_REPORTED
        if told or self.agent_at(pbx, endpoint) is not None:
            return None
        return replace(self, reported=self.reported | {seat})


def _forget_reported(roster: Roster) -> Roster:
    """A phone that loses its agent again is worth telling again."""
    lonely = frozenset(seat for seat in roster.reported if roster.agent_at(*seat) is None)
    return roster if lonely == roster.reported else replace(roster, reported=lonely)


def _matches_name(agent: Agent, name: str) -> bool:
    return name.strip().casefold() in {agent.username.casefold(), agent.display_name.casefold()}
