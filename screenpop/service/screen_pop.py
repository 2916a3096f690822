"""The main use case: turns PBX events into cards, board rows and log records.

Values and the time are passed in, ``flush`` returns the effects; nothing waits or does I/O. So a
whole day of calls is tested in a second, and the order of effects is the order of the events.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import partial

import orjson

from screenpop.accounts.users import UserId
from screenpop.agents.agent import Agent, AgentId
from screenpop.agents.roster import Roster
from screenpop.calls.call_log import build_record
from screenpop.calls.call_state import CallKey, apply_event, open_call
from screenpop.calls.events import (
    CallArrived,
    CallEnded,
    CallEvent,
    Direction,
    LegAnswered,
    LegRinging,
)
from screenpop.cards.card import CardId, CardState
from screenpop.cards.compose import make_card_id
from screenpop.customers.models import CallerRecord
from screenpop.protocol.client_messages import Stage
from screenpop.service import card_commands, card_updates, commands
from screenpop.service.agent_availability import AgentAvailability
from screenpop.service.asked_facts import AskRules
from screenpop.service.call_session import CallSession, LiveCard
from screenpop.service.caller_bodies import LineViews
from screenpop.service.caller_identification import CallerIdentification
from screenpop.service.commands import RefusedCommand
from screenpop.service.config import ServiceConfig
from screenpop.service.effects import (
    CloseLeftOpen,
    Effect,
    LogCall,
    MergeRow,
    Publish,
    WarnUnmappedPhone,
)
from screenpop.service.live_calls import LiveCalls
from screenpop.service.logged_call import build_logged_call
from screenpop.service.lookup_queue import LookupRequest, NumberKey
from screenpop.service.pbx_status import PbxStatus
from screenpop.service.staff import Staff
from screenpop.service.trace import trace_change
from screenpop.service.transfer_context import consulted_call
from screenpop.telephony.identifiers import CallId, Endpoint, PbxId
from screenpop.telephony.number_plan import NumberPlan


class ScreenPop:
    """All calls and cards. Times are seconds since 1970, UTC.

    After any input, ``lookups_to_start`` returns the lookups and ``flush`` the effects to run.
    """

    def __init__(self, setting: ServiceConfig) -> None:
        self._setting = setting
        self.hidden = setting.hidden
        self._live = LiveCalls()
        self._pbx: dict[PbxId, PbxStatus] = {}
        self._callers = CallerIdentification(self._live.is_done)
        self._line_views = LineViews()
        config = setting.availability
        self.availability = None if config is None else AgentAvailability(config)
        self._knows_staff = False

    @property
    def calls(self) -> int:
        """Return how many calls are live."""
        return sum(not file.call.over for file in self._live.sessions.values())

    @property
    def at_work(self) -> CallKey | None:
        """Return the call of which ``flush`` has begun the effects; for the program's log."""
        return self._live.at_work

    @property
    def roster(self) -> Roster:
        """Return which agent is at which phone, from all sources."""
        return self._setting.people.roster

    @property
    def ask_rules(self) -> AskRules:
        """Return what agents ask callers for."""
        return self._setting.asks

    @property
    def plan(self) -> NumberPlan:
        """Return how the office writes phone numbers."""
        return self._setting.lines.plan

    def today(self, now: float) -> date:
        """Return the office's date."""
        return self._setting.today(now)

    def trace_of(self, pbx: PbxId, call: CallId) -> tuple[dict[str, object], ...]:
        """Return the trace so far of a known call; else an empty one."""
        files = (
            file for key, file in self._live.sessions.items() if (key[0], key[2]) == (pbx, call)
        )
        return tuple(step for file in files for step in file.trace.steps)

    # -- events --------------------------------------------------------------------------------

    def happened(self, change: CallEvent, now: float) -> None:
        file = self._file_of(change, now)
        if file is None or file.call.over:
            return
        self._consult(file, change)
        call = file.call
        before, place = call.far_side(), (call.did, call.queue)
        changed = apply_event(call, change)
        if call.far_side() != before:
            self._callers.changed(file, self._setting, now)
        if (call.did, call.queue) != place:
            self._callers.moved(file, self._setting, now)
        agent_at = partial(self._setting.people.roster.agent_at, change.pbx)
        trace_change(file.trace, change, agent_at, file.call)
        self._assign_card(file, change)
        if isinstance(change, CallArrived | LegAnswered):
            self._live.to_keep_open[file.call.key] = file
        if isinstance(change, CallEnded):
            self._end(file, change)
        if changed:
            self._live.changed[file.call.key] = file

    def _end(self, file: CallSession, change: CallEnded) -> None:
        if change.into is not None:
            card_commands.move_notes(self._live, file, change.into)
            self._live.effects.append(MergeRow(file.call.key, change.into))
        record = build_record(file.call)
        if record is not None:
            self._live.finished.append((file, record))

    def lookups_to_start(self) -> Iterator[LookupRequest]:
        return self._callers.lookups_to_start()

    def handle_lookup(self, key: NumberKey, record: CallerRecord | None, now: float) -> None:
        """Handle the answer of a lookup; ``record`` is None for a failure."""
        for file in self._callers.answered(key, record, self._setting, now):
            self._live.touch(file)
            self._live.to_keep_open[file.call.key] = file

    def calls_awaiting(self, number: NumberKey) -> tuple[CallKey, ...]:
        """Return the calls that wait for the lookup of a number."""
        return self._callers.awaiting(number)

    def receipt(self, user: UserId, card_id: str, rev: int, stages: Mapping[Stage, float]) -> bool:
        """Handle a receipt of a browser; ignored for a card of another user.

        ``stages`` have the times at which they were reached, as the browser reports them; none is
        before the card was sent. Returns whether the call is logged again: ``flush`` is due then.
        """
        entry = self._live.cards.own(user, CardId(card_id))
        if entry is None or not 0 < rev <= entry[1].rev:
            return False
        file, card = entry
        is_new = False
        for stage, reported_at in stages.items():
            at = max(reported_at, card.receipts.sent_at or reported_at)
            if card.receipts.take(stage, at):
                is_new = True
                agent = card.agent.display_name
                file.trace.add_earlier(at, stage.value, agent=agent, rev=rev)
        return is_new and self._live.log_again(file)

    def command(
        self, user: UserId, op: str, args: Mapping[str, object], now: float
    ) -> Mapping[str, object]:
        """Run a command; return ``{}``, ``{"draft": fields}``, or ``{"error": code}``."""
        asked = commands.parse_command(op, args)
        if isinstance(asked, commands.Draft):
            return self._live.cards.draft(user, asked)
        if isinstance(asked, RefusedCommand):
            return {"error": asked.code}
        refused = card_commands.run_command(self._live, self._setting, user, asked, now)
        return {} if refused is None else {"error": refused.code}

    def own_card(self, user: UserId, card: CardId) -> tuple[CallSession, LiveCard] | None:
        return self._live.cards.own(user, card)

    def note_changed(self, pbx: PbxId, call: CallId, user: UserId, text: str) -> None:
        """Put a note changed in the log on a user's card, if it still exists."""
        entry = self._live.cards.own(user, make_card_id(pbx, call, AgentId(user)))
        if entry is not None:
            file, card = entry
            card.note = text
            self._live.touch(file)

    def look_again(self, number: NumberKey, now: float) -> None:
        """Look this number up again for every call of it: the records have changed."""
        self._callers.look_again(number, self._live.sessions.values(), now)

    def people_changed(self, people: Staff) -> None:
        """Replace users and phones. Live calls keep their cards, recomposed for department and
        language."""
        before = self._setting.people
        people = replace(people, roster=people.roster.after(before.roster))
        strangers = tuple(sorted({*people.everyone} - {*before.everyone}))
        for pbx_status in self._pbx.values():
            self._publish_pbx(pbx_status, strangers)
        self._have(people)
        if people.views != before.views:
            for file in self._live.sessions.values():
                file.view = None

    def members_named(self, pbx: PbxId, named: Iterable[tuple[str, str, str]]) -> None:
        """Replace the members that the queues of a PBX list; see ``Roster.with_members``."""
        people = self._setting.people
        roster = people.roster.with_members(pbx, named)
        if roster is not people.roster:
            self._have(replace(people, roster=roster))

    def _have(self, people: Staff) -> None:
        """Apply a changed roster: ringing phones bring cards to other agents."""
        self._setting = replace(self._setting, people=people)
        self._knows_staff = False
        for file in self._live.sessions.values():
            for card in file.cards.values():
                card.agent = people.roster.agents.get(card.agent.id, card.agent)
            self._assign_cards_at(
                file, [leg.endpoint for leg in file.call.legs.values() if not leg.over]
            )
            self._live.changed[file.call.key] = file

    def resynced(self, pbx: PbxId) -> None:
        """Handle the first complete list of a PBX in this run."""
        self._live.effects.append(CloseLeftOpen(pbx))

    def pbx_changed(self, pbx_status: PbxStatus) -> None:
        self._pbx[pbx_status.id] = pbx_status
        self._publish_pbx(pbx_status, self._setting.people.everyone)

    def tick(self, now: float) -> None:
        """Do what time and open pages ask for; needed about each second."""
        self.limits_passed(now)
        if self.availability is not None:
            self.availability.tick(now)

    def limits_passed(self, now: float) -> None:
        """End lookups, cards and wrap-ups whose time is over: needed at ``due``."""
        for file in self._callers.expired(self._setting, now):
            self._live.touch(file)
        self._live.dismiss_due(now)
        if self.availability is not None:
            self.availability.limits_passed(now)

    def clock_set(self, by: float) -> None:
        """Move the times at which cards leave with the clock, set by so many seconds."""
        self._live.cards.move_times(by)

    def flush(self, now: float) -> Iterator[Effect]:
        """Return the effects since the last call, in order: cards, board rows, log.

        Run each before taking the next: a card must not wait for what only supervisors see.
        """
        touched: dict[CallKey, CallSession] = {}
        while ready := [file for file in self._live.changed.values() if not file.waits(now)]:
            for file in ready:
                del self._live.changed[file.call.key]
                touched[file.call.key] = file
                self._live.at_work = file.call.key
                yield from card_updates.publish_cards(file, self._setting, now)
                self._live.limit_missed(file, self._setting.stays.most_missed)
        for file in (*touched.values(), *self._live.changed.values()):
            self._live.at_work = file.call.key
            yield from card_updates.publish_call_row(file, self._setting, now)
        self._live.at_work = None
        if self.availability is not None:
            yield from self._availability_effects(self.availability, touched, now)
        yield from self._live.open_rows()
        effects, self._live.effects = self._live.effects, []
        yield from effects
        finished, self._live.finished = self._live.finished, []
        for file, entry in finished:
            is_again, file.kept = file.kept is not None, entry
            self._live.at_work = file.call.key
            yield LogCall(build_logged_call(file, entry), is_again)
        for file in touched.values():
            self._live.at_work = file.call.key
            self._live.forget_if_done(file)
            self._prepare_ring(file, now)
        self._live.at_work = None

    def _availability_effects(
        self, availability: AgentAvailability, touched: dict[CallKey, CallSession], now: float
    ) -> Iterator[Effect]:
        """Return the effects of changed calls and staff on the agents' availability."""
        if not self._knows_staff:
            self._knows_staff = True
            availability.staff_changed(self._setting.people, now)
        for file in (*touched.values(), *self._live.changed.values()):
            availability.follow(file.call, now)
        yield from availability.take_effects()

    def _prepare_ring(self, file: CallSession, now: float) -> None:
        """Compose the caller's part of the cards of a call that has not rung yet."""
        views = () if file.cards or file.call.over else self._line_views.of(file.call)
        if views and file.call.direction is Direction.INBOUND:
            card_updates.prepare_bodies(file, views, self._setting, now)

    def due(self) -> float | None:
        """Return when ``tick`` and ``flush`` are needed next, besides the regular tick."""
        times = [file.patient_until for file in self._live.changed.values()]
        if (limit := self._callers.next_limit()) is not None:
            times.append(limit)
        if self.availability is not None and (limit := self.availability.due()) is not None:
            times.append(limit)
        return min(times, default=None)

    def _publish_pbx(self, pbx_status: PbxStatus, users: tuple[UserId, ...]) -> None:
        if users:
            payload = orjson.dumps(pbx_status, default=dict)
            self._live.effects.append(Publish(users, "pbx", pbx_status.id, payload))

    # -- calls ---------------------------------------------------------------------------------

    def _file_of(self, change: CallEvent, now: float) -> CallSession | None:
        key = (change.pbx, change.boot, change.call)
        file = self._live.sessions.get(key)
        if file is None and (call := open_call(change)) is not None:
            file = self._live.sessions[key] = self._callers.opened(call, self._setting, now)
        return file

    def _consult(self, file: CallSession, change: CallEvent) -> None:
        """Link a consultation to the call whose caller the consulting agent holds."""
        call = file.call
        ringing = isinstance(change, LegRinging) and call.direction is Direction.INTERNAL
        if not ringing or file.about is not None:
            return
        file.about = consulted_call(call, self._live.sessions.values())
        if file.about is not None:
            file.about.consultations.append(file)
            name = self._setting.people.roster.name_at(call.pbx, call.endpoint)
            file.trace.add(change.at, "consultation", agent=name, call=file.about.call.call)

    # -- cards ---------------------------------------------------------------------------------

    def _assign_card(self, file: CallSession, change: CallEvent) -> None:
        """Assign a card to the agent whose phone rings, answers, or dials out."""
        match change:
            case LegRinging():
                self._assign_cards_at(file, (change.endpoint,))
                self._warn_unmapped(change)
            case CallArrived(direction=Direction.OUTBOUND):
                self._assign_cards_at(file, (change.endpoint,))
            case LegAnswered():
                self._assign_cards_at(file, (change.endpoint,))
                self._next_call(file, change)
            case _:
                pass

    def _assign_cards_at(self, file: CallSession, phones: Iterable[Endpoint]) -> None:
        for phone in phones:
            agent = self._setting.people.roster.agent_at(file.call.pbx, phone)
            if agent is not None:
                self._callers.rang_at(file, agent.branch, self._setting)
                card = file.cards.get(agent.id) or self._new_card(file, agent)
                self._line_views.rang(file.call, agent)
                card.phones.add(phone)

    def _warn_unmapped(self, change: LegRinging) -> None:
        people = self._setting.people
        if not self._setting.is_phone(change.pbx, change.endpoint):
            return
        roster = people.roster.unmapped(change.pbx, change.endpoint)
        if roster is not None:
            self._setting = replace(self._setting, people=replace(people, roster=roster))
            warning = WarnUnmappedPhone(change.pbx, change.call, change.endpoint, change.at)
            self._live.effects.append(warning)

    def _new_card(self, file: CallSession, agent: Agent) -> LiveCard:
        card, earlier = self._live.cards.new(file, agent)
        self._live.to_keep_open[file.call.key] = file
        if earlier is not None:
            self._live.changed[earlier.call.key] = earlier
        return card

    def _next_call(self, answered: CallSession, change: LegAnswered) -> None:
        """Dismiss the cards left for notes when the agent talks to the next caller."""
        agent = self._setting.people.roster.agent_at(change.pbx, change.endpoint)
        if agent is None:
            return
        for file, card in self._live.cards.of(agent.id):
            if file is answered:
                continue
            # Both events may be in one read, before anything of the earlier call was published.
            status = card_updates.current_status(file, card, self._setting, change.at)
            if status.state is CardState.WRAP_UP:
                self._live.dismiss_card(file, card)
