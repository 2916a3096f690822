"""Publishes a call: each agent's card, and the row of the supervisors' list."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import orjson

from screenpop.accounts.users import UserId
from screenpop.agents.agent import AgentId
from screenpop.calls.call_state import CallState, LegInfo, LegPhase
from screenpop.calls.events import Direction
from screenpop.cards.call_facts import CallerFacts, CallFacts, LookupStatus
from screenpop.cards.card import Card, CardLeg, CardState, MatchKind
from screenpop.cards.card_difference import has_changed
from screenpop.cards.compose import compose_with_part, display_caller_name, make_listening_card_id
from screenpop.cards.encode import card_bytes_with
from screenpop.cards.person import person_for_possible_match
from screenpop.customers.match import CustomerMatch
from screenpop.offers.suggestion import Reason
from screenpop.service.board_updates import publish_to_watchers, withdraw
from screenpop.service.call_session import ON, CallSession, LiveCard, LookupProgress
from screenpop.service.caller_bodies import AgentView
from screenpop.service.card_state import CardStatus, card_status
from screenpop.service.config import ServiceConfig
from screenpop.service.effects import Publish
from screenpop.service.hidden_cards import (
    HIDDEN_FILE,
    has_hidden_file,
    hidden_body,
    is_hidden_from,
)
from screenpop.service.supervisor_board import (
    CallRow,
    RowAgent,
    RowCaller,
    RowLine,
    RowPerson,
    RowState,
    row_state,
    without_names,
)
from screenpop.service.transfer_context import transfer_context
from screenpop.telephony.caller_id import CallerIdKind
from screenpop.telephony.identifiers import SIMULATED, Endpoint
from screenpop.telephony.phone_numbers import resolve

_NOTHING_TO_SHOW = frozenset({CardState.GONE, CardState.ELSEWHERE})


def publish_cards(file: CallSession, setting: ServiceConfig, now: float) -> Iterator[Publish]:
    """Return the effects that publish the changed cards of a call."""
    for card in file.cards.values():
        effect = _publish_card(file, card, setting, now)
        if effect is not None:
            yield effect
    if file.call.listeners or file.listening:
        yield from _publish_to_listeners(file, setting, now)


def _publish_to_listeners(
    file: CallSession, setting: ServiceConfig, now: float
) -> Iterator[Publish]:
    """Return the effects for the supervisors who listen to the call and may see it."""
    listeners = _listeners(file, setting)
    cards = {card.agent.id: card for card in file.listening}
    for agent, card in listeners.items():
        cards.setdefault(agent, card).agent = card.agent
    file.listening = tuple(cards[agent] for agent in listeners)
    for card in cards.values():
        listens = card in file.listening
        status = _listening_status(file, setting) if listens else CardStatus(CardState.GONE)
        if card.state is not status.state:
            card.state, card.since = status.state, now
        effect = _publish_revision(file, card, status, setting, now)
        if effect is not None:
            yield effect


def _listening_status(file: CallSession, setting: ServiceConfig) -> CardStatus:
    roster = setting.people.roster
    agents = (roster.agent_at(file.call.pbx, leg.endpoint) for leg in file.call.talking())
    names = dict.fromkeys(agent.display_name for agent in agents if agent is not None)
    reason = Reason("listening_to", {"name": ", ".join(names)}) if names else None
    return CardStatus(CardState.LISTENING, reason)


def _listeners(file: CallSession, setting: ServiceConfig) -> dict[AgentId, LiveCard]:
    """Return an unpublished card for each supervisor who listens to the call and may see it."""
    call, people = file.call, setting.people
    readers = people.readers_of(_agents_of(file, setting) if people.teams else ())
    found: dict[AgentId, LiveCard] = {}
    for channel, phone in call.listeners:
        agent = people.roster.agent_at(call.pbx, phone)
        if agent is not None and UserId(agent.id) in readers:
            card_id = make_listening_card_id(call.pbx, call.call, agent.id, channel)
            found.setdefault(agent.id, LiveCard(card_id, agent, set()))
    return found


def _publish_card(
    file: CallSession, card: LiveCard, setting: ServiceConfig, now: float
) -> Publish | None:
    status = current_status(file, card, setting, now)
    if card.card is None and status.state in _NOTHING_TO_SHOW:
        return None
    if not card.on_screen and card.card is not None and status.state is CardState.GONE:
        return None
    return _publish_revision(file, card, status, setting, now)


def _publish_revision(
    file: CallSession, card: LiveCard, status: CardStatus, setting: ServiceConfig, now: float
) -> Publish | None:
    """Return the effect that publishes a card in this state, if that changes it."""
    facts = _call_facts(file, card, status, setting)
    view = AgentView(card.agent.department, card.agent.language)
    known = _caller_facts(file, setting, now)
    is_hidden = is_hidden_from(file, card, setting.hidden)
    body = hidden_body(known, view) if is_hidden else file.bodies.get(known, view)
    revision = compose_with_part(facts, body.part, card.agent, card.rev + 1)
    listens = revision.id != card.id
    if listens:
        revision = replace(revision, id=card.id)
    if not has_changed(card.card, revision):
        return None
    is_first = card.card is None
    card.card, card.rev = revision, revision.rev
    if not listens:
        _trace_card(file, card, revision, setting, now, is_first=is_first)
    gone = status.state is CardState.GONE
    payload = card_bytes_with(revision, body.encoded)
    return Publish((UserId(card.agent.id),), "card", card.id, payload, gone)


def prepare_bodies(
    file: CallSession, views: Iterable[AgentView], setting: ServiceConfig, now: float
) -> None:
    """Build the caller bodies of a call before it rings."""
    facts = _caller_facts(file, setting, now)
    for view in views:
        file.bodies.get(facts, view)


def _caller_facts(file: CallSession, setting: ServiceConfig, now: float) -> CallerFacts:
    source = file.about or file
    return CallerFacts(
        source.call.far_side(),
        source.call.direction,
        _colleague(file, setting),
        source.caller,
        _match(source),
        source.suggestions,
        setting.today(now),
    )


def _trace_card(
    file: CallSession,
    card: LiveCard,
    revision: Card,
    setting: ServiceConfig,
    now: float,
    *,
    is_first: bool,
) -> None:
    """Add a revision to the trace, and to the first one how many open pages receive it."""
    agent = card.agent.display_name
    if is_first:
        card.receipts.sent_at = now
        if setting.readers is not None:
            count = setting.readers(UserId(card.agent.id))
            file.trace.add(now, "browsers", agent=agent, count=count)
    state, match = revision.state.value, revision.match.value
    file.trace.add(now, "card", agent=agent, rev=card.rev, state=state, match=match)


def current_status(
    file: CallSession, card: LiveCard, setting: ServiceConfig, now: float
) -> CardStatus:
    """Return the state of the agent's card and since when; an expired card is gone."""
    pbx = file.call.pbx

    def name_of(phone: Endpoint) -> str:
        return file.call.outside_number(phone) or setting.people.roster.name_at(pbx, phone)

    asked_by = file.call.endpoint if file.about is not None else None
    status = card_status(file.call, card.phones, name_of, asked_by=asked_by)
    if status.state in ON:
        card.dismissed, card.leaves_at = False, None
    elif card.dismissed:
        status = replace(status, state=CardState.GONE)
    if status.state is not card.state:
        card.state, card.since = status.state, now
        if status.state not in ON:
            stay = setting.stays.of(status.state)
            card.leaves_at = None if status.state is CardState.GONE else now + stay
    return status


def _match(file: CallSession) -> CustomerMatch | LookupStatus:
    match file.records:
        case LookupProgress.PENDING:
            return LookupStatus.PENDING
        case LookupProgress.UNREACHABLE:
            return LookupStatus.UNREACHABLE
        case LookupProgress.HERE:
            return file.match


def _call_facts(
    file: CallSession, card: LiveCard, status: CardStatus, setting: ServiceConfig
) -> CallFacts:
    call = file.call
    described = (file.about or file).call
    own_legs = [leg for leg in call.legs.values() if leg.endpoint in card.phones]
    return CallFacts(
        pbx=call.pbx,
        call=call.call,
        direction=described.direction,
        party=described.far_side(),
        arrived_at=call.arrived_at,
        state=status.state,
        since=card.since,
        did=described.did,
        did_display=_did_display(described, setting),
        label=setting.lines.label_of(described.pbx, described.did),
        queue=described.queue,
        rang_at=min((leg.rang_at for leg in own_legs if leg.rang_at is not None), default=None),
        answered_at=_answered_at(file, own_legs),
        reason=status.reason,
        legs=tuple(CardLeg(leg.endpoint, leg.state.value) for leg in own_legs),
        also_ringing=_also_ringing(file, card, setting),
        colleague=_colleague(file, setting),
        transfer=transfer_context(file, card, own_legs, setting.people.roster),
        note=card.note,
        estimated=call.estimated,
        linked_by=(file.about or file).linked_by,
        created_here=(file.about or file).created_here,
    )


def _answered_at(file: CallSession, own_legs: list[LegInfo]) -> float | None:
    """Return when the agent's own phone answered, or the other side's if the agent dialled."""
    placing = file.call.placing_leg()
    if not own_legs or all(leg is placing for leg in own_legs):
        return file.call.answered_at
    return min((leg.answered_at for leg in own_legs if leg.answered_at is not None), default=None)


def _did_display(call: CallState, setting: ServiceConfig) -> str:
    if not call.did:
        return ""
    return resolve(call.did, plan=setting.lines.plan_of(call.pbx, call.endpoint)).display


def _also_ringing(file: CallSession, card: LiveCard, setting: ServiceConfig) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for leg in file.call.ringing():
        agent = setting.people.roster.agent_at(file.call.pbx, leg.endpoint)
        if agent is not None and agent.id != card.agent.id:
            names[agent.display_name] = None
    return tuple(names)


def _colleague(file: CallSession, setting: ServiceConfig) -> str:
    call = file.call
    if call.direction is not Direction.INTERNAL:
        return ""
    agent = setting.people.roster.agent_at(call.pbx, call.endpoint)
    return agent.display_name if agent is not None else ""


# -- the list of calls -------------------------------------------------------------------------


def publish_call_row(file: CallSession, setting: ServiceConfig, now: float) -> Iterator[Publish]:
    """Return the effects that publish the call's row to those who see the call, if changed."""
    people = setting.people
    if not people.watchers or file.end_published:
        return
    state = row_state(file.call)
    if file.view is None or file.view.state is not state:
        file.view_since = now
    view = _call_row(file, setting, now)
    readers = people.readers_of(_agents_of(file, setting) if people.teams else ())
    if view == file.view and readers == file.readers:
        return
    before, file.readers, file.view = file.readers, readers, view
    file.end_published = file.call.over
    ids: dict[str, object] = {"id": view.id, "state": view.state}
    yield from withdraw("call", view.id, ids, before, readers)
    yield from publish_to_watchers(
        *(people, "call", view.id, orjson.dumps(view)),
        lambda: orjson.dumps(without_names(view)),
        readers,
        gone=file.call.over,
    )


def _agents_of(file: CallSession, setting: ServiceConfig) -> frozenset[AgentId]:
    """Return the agents that the call belongs to: those with a card, and who made it."""
    maker = setting.people.roster.agent_at(file.call.pbx, file.call.endpoint)
    return frozenset(file.cards) | (frozenset() if maker is None else {maker.id})


def _agents_on(file: CallSession, setting: ServiceConfig, now: float) -> tuple[RowAgent, ...]:
    """Return the agents who ring, talk, hold or dial, with the time of that state."""
    call, found = file.call, dict[int, str]()
    if call.over:
        return ()
    for leg in call.legs.values():
        if not leg.over and not leg.dialled:
            agent = setting.people.roster.agent_at(call.pbx, leg.endpoint)
            if agent is not None and found.get(agent.id) != LegPhase.TALKING:
                found[agent.id] = leg.state.value
    placing = call.placing_leg()
    is_dialling = call.direction is Direction.OUTBOUND and call.reached_at() is None
    if is_dialling and not call.customer_first:
        maker = setting.people.roster.agent_at(call.pbx, call.endpoint)
        if maker is not None and (placing is None or not placing.over):
            found[maker.id] = RowState.DIALLING.value
    before = {} if file.view is None else {one.id: one for one in file.view.agents}
    return tuple(
        before[agent]
        if agent in before and before[agent].state == state
        else RowAgent(agent, state, now)
        for agent, state in found.items()
    )


def _call_row(file: CallSession, setting: ServiceConfig, now: float) -> CallRow:
    call = file.call
    is_hidden = has_hidden_file(file, setting.hidden)

    def name_of(phone: Endpoint) -> str:
        return call.outside_number(phone) or setting.people.roster.name_at(call.pbx, phone)

    ringing = dict.fromkeys(name_of(leg.endpoint) for leg in call.ringing())
    answered_by = [name_of(phone) for phone in call.answered_by]
    disposition = call.ended.disposition if call.ended is not None else None
    return CallRow(
        id=f"{call.pbx}/{call.call}",
        pbx=call.pbx,
        call=call.call,
        state=row_state(call),
        direction=call.direction.value,
        caller=replace(_row_caller(file), name="") if is_hidden else _row_caller(file),
        match=HIDDEN_FILE.sure.value if is_hidden else _row_match(file),
        person=None if is_hidden else _row_person(file),
        line=RowLine(
            call.did, setting.lines.label_of(call.pbx, call.did), _did_display(call, setting)
        ),
        queue=call.queue,
        position=call.position,
        arrived_at=call.arrived_at,
        since=file.view_since,
        ringing=tuple(ringing),
        answered_by=tuple(answered_by),
        made_by=_made_by(call, setting),
        agents=_agents_on(file, setting, now),
        disposition=disposition.value if disposition is not None else None,
        estimated=call.estimated,
        simulated=call.pbx == SIMULATED,
    )


def _made_by(call: CallState, setting: ServiceConfig) -> str:
    """Return the agent's name for a call made here, or the phone's if it has no agent."""
    if call.direction is Direction.INBOUND or call.customer_first:
        return ""
    return setting.people.roster.name_at(call.pbx, call.endpoint)


def _row_caller(file: CallSession) -> RowCaller:
    caller = file.caller
    hidden = caller.kind is CallerIdKind.WITHHELD
    name = "" if hidden else display_caller_name(file.call.far_side().name, caller)
    return RowCaller(caller.display, caller.kind.value, name, caller.e164, caller.region)


def _row_match(file: CallSession) -> str:
    """Return the match as on the cards, of which there may be none yet."""
    if file.call.direction is Direction.INTERNAL:
        return MatchKind.COLLEAGUE
    if file.caller.kind is CallerIdKind.WITHHELD:
        return MatchKind.WITHHELD
    return file.match.sure.value if file.records is LookupProgress.HERE else file.records.value


def _row_person(file: CallSession) -> RowPerson | None:
    certain = file.match.customer
    if certain is None or _row_match(file) != MatchKind.CERTAIN:
        return None
    before = file.view.person if file.view is not None else None
    if before is not None and before.id == certain.customer.id:
        return before
    person = person_for_possible_match(certain.customer)
    return RowPerson(person.id, person.address, person.tier, person.vip)
