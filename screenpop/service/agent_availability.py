"""Keeps each agent's availability: from calls, open pages, commands, and the queues of the PBX.

Pure as ``ScreenPop``: inputs come with the time, ``take_effects`` returns what must be published,
kept and sent. A pause that all queues of an agent know counts wherever it was made; a pause in
some of them is only shown.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import orjson

from screenpop.accounts.users import UserId
from screenpop.agents import availability as state_machine
from screenpop.agents.agent import AgentId
from screenpop.agents.availability import (
    WRAP_UP_REASON,
    AgentState,
    Availability,
    Pause,
    pause_named,
)
from screenpop.agents.queue_members import QueueMember, QueueMembers, pause_of_all, queue_member
from screenpop.agents.roster import PhoneKey, Roster
from screenpop.asterisk.queue_member_events import (
    MemberRow,
    QueueMemberAdded,
    QueueMemberEvent,
    QueueMemberPause,
    QueueMemberRemoved,
)
from screenpop.calls.call_state import CallKey, CallState
from screenpop.calls.talking_endpoints import endpoints_on, has_conversation
from screenpop.service.availability_config import AvailabilityConfig
from screenpop.service.availability_ports import AvailabilitySpan, PbxRights, QueuePause
from screenpop.service.board_updates import publish_to_watchers, withdraw
from screenpop.service.effects import Effect, KeepAvailability, Publish, UpdateQueue
from screenpop.service.staff import Staff
from screenpop.telephony.identifiers import BootId, PbxId


class AgentAvailability:
    """The availability of all agents."""

    def __init__(self, config: AvailabilityConfig) -> None:
        self._config = config
        self._staff: Staff | None = None
        self._phones: dict[AgentId, tuple[PhoneKey, ...]] = {}
        self._agents: dict[AgentId, Availability] = {}
        self._limits: dict[AgentId, float] = {}
        """When an agent's wrap-up ends; of those in one."""
        self._calls: dict[AgentId, set[CallKey]] = {}
        self._on_call: dict[CallKey, frozenset[AgentId]] = {}
        self._members = QueueMembers()
        self._boots: dict[PbxId, BootId] = {}
        self._rights: dict[PbxId, PbxRights] = {}
        self._published: dict[AgentId, bytes] = {}
        self._readers: dict[AgentId, tuple[UserId, ...]] = {}
        self._changed: set[AgentId] = set()
        self._effects: list[Effect] = []

    # -- who there is --------------------------------------------------------------------------

    def has(self, agent: AgentId) -> bool:
        return agent in self._agents

    def of(self, agent: AgentId) -> Availability | None:
        return self._agents.get(agent)

    def staff_changed(self, staff: Staff, now: float) -> None:
        """Follow new users and phones."""
        before, self._staff = self._staff, staff
        had, agents = self._phones, staff.roster.agents
        if before is None or before.roster is not staff.roster:
            self._phones = staff.roster.phones_by_agent()
        for agent in agents.keys() - self._agents.keys():
            self._put(agent, self._first(agent, now))
            self._kept(agent)
        for agent in self._agents.keys() - agents.keys():
            self._gone(agent, staff)
        if before is None or before.views != staff.views:
            self._published.clear()
            self._changed |= agents.keys()
            return
        known, has = before.roster.agents, self._phones
        self._changed |= {
            one for one in agents if agents[one] != known.get(one) or has.get(one) != had.get(one)
        }

    def _first(self, agent: AgentId, now: float) -> Availability:
        before = self._config.restored.get(agent)
        is_online = self._config.pages(UserId(agent)) > 0
        if before is None:
            return Availability(since=now, is_online=is_online)
        # A page that is about to come back finds the pause or the wrap-up as it was.
        left_at = None if is_online else now
        return state_machine.time_passed(replace(before, left_at=left_at), now)

    def _gone(self, agent: AgentId, staff: Staff) -> None:
        del self._agents[agent]
        self._limits.pop(agent, None)
        self._published.pop(agent, None)
        readers = self._readers.pop(agent, ())
        self._effects += withdraw("agent", str(agent), {"id": agent}, readers, ())
        self._calls.pop(agent, None)

    # -- calls, pages, time --------------------------------------------------------------------

    def follow(self, call: CallState, now: float) -> None:
        """Follow a changed call: agents come onto it and leave it."""
        before = self._on_call.get(call.key, frozenset())
        after = self._agents_on(call)
        if before == after:
            return
        if after:
            self._on_call[call.key] = after
        else:
            self._on_call.pop(call.key, None)
        for agent in after - before:
            calls = self._calls.setdefault(agent, set())
            calls.add(call.key)
            self._set(agent, state_machine.call_began(self._agents[agent], now))
        for agent in before - after:
            self._leave(agent, call, now)

    def _leave(self, agent: AgentId, call: CallState, now: float) -> None:
        calls = self._calls.get(agent, set())
        calls.discard(call.key)
        if calls:
            return
        talked = any(
            has_conversation(call, endpoint)
            for pbx, endpoint in self._phones.get(agent, ())
            if pbx == call.pbx
        )
        is_merged = call.ended is not None and call.ended.into is not None
        wrap_up_s = self._config.wrap_up_after(call.queue) if talked and not is_merged else 0.0
        self._set(agent, state_machine.call_ended(self._agents[agent], now, wrap_up_s))

    def _agents_on(self, call: CallState) -> frozenset[AgentId]:
        endpoints = endpoints_on(call)
        if not endpoints or self._staff is None:
            return frozenset()
        agents = (self._staff.roster.agent_at(call.pbx, endpoint) for endpoint in endpoints)
        return frozenset(agent.id for agent in agents if agent and agent.id in self._agents)

    def tick(self, now: float) -> None:
        """Count the open pages, and let wrap-ups and absences end."""
        for agent, before in tuple(self._agents.items()):
            pages = self._config.pages(UserId(agent))
            after = state_machine.time_passed(state_machine.pages_counted(before, pages, now), now)
            if after is not before:
                self._set(agent, after)

    def limits_passed(self, now: float) -> None:
        """Let wrap-ups end, without a look at agents in none."""
        for agent, limit in tuple(self._limits.items()):
            if limit <= now:
                self._set(agent, state_machine.time_passed(self._agents[agent], now))

    def due(self) -> float | None:
        """Return when ``limits_passed`` is needed next.

        Asked for after each event of a PBX: benchmark ``call_cost``.
        """
        return min(self._limits.values(), default=None)

    # -- commands ------------------------------------------------------------------------------

    def pause(self, agent: AgentId, pause: Pause, now: float) -> None:
        """Pause an agent; the queues are informed by the caller."""
        self._set(agent, state_machine.paused(self._agents[agent], pause, now), updates=False)

    def resume(self, agent: AgentId, now: float) -> None:
        """End pause and wrap-up; the queues are informed by the caller."""
        self._set(agent, state_machine.resumed(self._agents[agent], now), updates=False)

    def end_wrap_up(self, agent: AgentId, now: float) -> None:
        """Raises ``WrapUpError``."""
        self._set(agent, state_machine.wrap_up_ended(self._agents[agent], now))

    def extend_wrap_up(self, agent: AgentId, now: float) -> None:
        """Raises ``WrapUpError``."""
        self._set(agent, state_machine.wrap_up_extended(self._agents[agent], now))

    # -- queues --------------------------------------------------------------------------------

    def rights_known(self, pbx: PbxId, rights: PbxRights) -> None:
        """Handle which actions the AMI user of a PBX may send, after each login; inform the queues
        of what they lack."""
        self._rights[pbx] = rights
        self._changed |= self._agents.keys()
        for agent in self._agents:
            self._update_queues(agent, pbx)

    def end_spans(self, now: float) -> None:
        """Keep exact ends of the states that a stop of Screenpop ends: all but pauses."""
        for agent, one in self._agents.items():
            if one.pause is None and one.wrap_up_until is None:
                self._kept(agent, ended_at=now)

    def rights_of(self, pbx: PbxId) -> PbxRights:
        return self._rights.get(pbx, PbxRights())

    def members_listed(
        self, pbx: PbxId, boot: BootId, rows: Iterable[MemberRow], now: float
    ) -> None:
        """Handle the members that the queues of a PBX list now.

        After a restart of the PBX or of Screenpop the agents' own states win over "not paused".
        """
        is_first = self._boots.get(pbx) != boot
        self._boots[pbx] = boot
        before = {agent: self._pause_in_queues(agent) for agent in self._agents}
        self._members.replace(pbx, (queue_member(*row) for row in rows))
        for agent, paused_before in before.items():
            paused_now = self._pause_in_queues(agent)
            if paused_now is None and is_first:
                self._changed.add(agent)
            else:
                self._read_back(agent, paused_before, paused_now, now)
            self._update_queues(agent, pbx, leftovers_only=not is_first)

    def member_changed(self, pbx: PbxId, event: QueueMemberEvent, now: float) -> None:
        """Handle a member added, removed, paused or unpaused by any program or phone."""
        member = queue_member(*event.member)
        found = (
            None
            if member.endpoint is None or self._staff is None
            else self._staff.roster.agent_at(pbx, member.endpoint)
        )
        agent = found.id if found is not None and found.id in self._agents else None
        before = None if agent is None else self._pause_in_queues(agent)
        match event:
            case QueueMemberRemoved():
                self._members.remove(pbx, member)
            case QueueMemberAdded() | QueueMemberPause():
                self._members.put(pbx, member)
        if agent is None:
            return
        after = self._pause_in_queues(agent)
        if isinstance(event, QueueMemberPause) or after is not None:
            self._read_back(agent, before, after, now)
        else:
            self._changed.add(agent)
            self._update_queues(agent, pbx)

    def queue_pauses(self, agent: AgentId, reason: str) -> tuple[QueuePause, ...]:
        """Return the requests that pause (or with an empty reason unpause) all memberships."""
        return tuple(
            QueuePause(pbx, member.queue, member.interface, bool(reason), reason)
            for pbx, member in self._memberships(agent)
            if self.rights_of(pbx).can_pause
        )

    def _memberships(self, agent: AgentId) -> tuple[tuple[PbxId, QueueMember], ...]:
        return self._members.of(self._phones.get(agent, ()))

    def _pause_in_queues(self, agent: AgentId) -> str | None:
        return pause_of_all(member for _, member in self._memberships(agent))

    def _read_back(self, agent: AgentId, before: str | None, after: str | None, now: float) -> None:
        """Follow the queues: a pause in all of them, another reason, or the end of it."""
        self._changed.add(agent)
        if after == before:
            return
        if after is None:
            self._set(agent, state_machine.resumed(self._agents[agent], now), updates=False)
        elif state_machine.is_new_pause(self._agents[agent], after):
            pause = pause_named(after)
            self._set(agent, state_machine.paused(self._agents[agent], pause, now), updates=False)

    def _update_queues(self, agent: AgentId, pbx: PbxId, *, leftovers_only: bool = False) -> None:
        """Inform the queues of one PBX of what they lack: a pause, or the end of a wrap-up."""
        reason = self._agents[agent].queue_reason
        for request in self.queue_pauses(agent, reason):
            member = next(
                one
                for where, one in self._memberships(agent)
                if (where, one.queue, one.interface)
                == (request.pbx, request.queue, request.interface)
            )
            is_leftover = not reason and member.is_paused and member.reason == WRAP_UP_REASON
            is_lacking = bool(reason) and not member.is_paused and not leftovers_only
            if request.pbx == pbx and (is_leftover or is_lacking):
                self._effects.append(UpdateQueue(request))

    # -- output --------------------------------------------------------------------------------

    def view_of(self, agent: AgentId) -> dict[str, object] | None:
        """Return the object of the ``agent`` message; None for an unknown agent."""
        one = self._agents.get(agent)
        if one is None or self._staff is None:
            return None
        person = self._staff.roster.agents[agent]
        memberships = self._memberships(agent)
        pause = one.shown_pause
        partly = () if one.pause is not None else memberships
        return {
            "id": agent,
            "username": person.username,
            "name": person.display_name,
            "state": one.state.value,
            "since": one.since,
            "reason": pause.reason.value if pause else "",
            "reason_text": pause.text if pause else "",
            "until": one.wrap_up_until if one.state is AgentState.WRAP_UP else None,
            "paused_next": one.pause is not None and pause is None,
            "queues": self._updating(memberships),
            "member_of": sorted({member.queue for _, member in memberships}),
            "paused_in": sorted(
                {
                    member.queue
                    for _, member in partly
                    if member.is_paused and member.reason != WRAP_UP_REASON
                }
            ),
        }

    def phones_without_agent(self, roster: Roster) -> Mapping[str, int]:
        """Return by queue how many members take calls and are no agent's phone."""
        return self._members.count_unassigned(roster)

    def views(self) -> list[dict[str, object]]:
        """Return the objects of all agents, by name."""
        found = (self.view_of(agent) for agent in self._agents)
        return sorted((one for one in found if one), key=lambda one: str(one["name"]).casefold())

    def _updating(self, memberships: Iterable[tuple[PbxId, QueueMember]]) -> str:
        """Return ``linked``, ``own`` (the queues cannot be informed), or ``none`` (in no queue)."""
        can_pause = [self.rights_of(pbx).can_pause for pbx, _ in memberships]
        if not can_pause:
            return "none"
        return "linked" if all(can_pause) else "own"

    def take_effects(self) -> Iterator[Effect]:
        """Return the effects since the last call: what is published comes first."""
        if self._staff is None:
            return
        changed, self._changed = self._changed, set()
        for agent in sorted(changed & self._agents.keys()):
            view = self.view_of(agent) or {}
            payload = orjson.dumps(view)
            if self._published.get(agent) != payload:
                self._published[agent] = payload
                yield from self._publish(agent, view, payload, self._staff)
        effects, self._effects = self._effects, []
        yield from effects

    def _publish(
        self, agent: AgentId, view: dict[str, object], payload: bytes, staff: Staff
    ) -> Iterator[Publish]:
        """Publish an agent to themselves and to the watchers who see them."""
        readers = tuple(dict.fromkeys((UserId(agent), *staff.readers_of((agent,)))))
        before, self._readers[agent] = self._readers.get(agent, ()), readers
        yield from withdraw("agent", str(agent), {"id": agent}, before, readers)
        hidden = {"username": "", "name": "", "reason_text": ""}
        yield from publish_to_watchers(
            *(staff, "agent", str(agent), payload, lambda: orjson.dumps(view | hidden), readers)
        )

    def _set(self, agent: AgentId, after: Availability, *, updates: bool = True) -> None:
        """Set a state: publish it, keep its span, and inform the queues."""
        before = self._agents[agent]
        if after == before:
            return
        self._put(agent, after)
        self._changed.add(agent)
        if _span_fields(before) != _span_fields(after):
            self._kept(agent)
        if updates and before.queue_reason != after.queue_reason:
            self._effects += [
                UpdateQueue(request) for request in self.queue_pauses(agent, after.queue_reason)
            ]

    def _put(self, agent: AgentId, one: Availability) -> None:
        self._agents[agent] = one
        limit = state_machine.next_limit(one)
        if limit is not None:
            self._limits[agent] = limit
        else:
            self._limits.pop(agent, None)

    def _kept(self, agent: AgentId, ended_at: float | None = None) -> None:
        one = self._agents[agent]
        span = AvailabilitySpan(
            UserId(agent),
            one.state.value,
            one.pause.reason.value if one.pause else "",
            one.pause.text if one.pause else "",
            one.since,
            one.wrap_up_until,
            ended_at,
        )
        self._effects.append(KeepAvailability(span))


def _span_fields(one: Availability) -> tuple[object, ...]:
    return one.state, one.since, one.pause, one.wrap_up_until
