"""Composes one agent's card of one call. Fast, and never raises for any caller name."""

import re
from dataclasses import dataclass, fields
from datetime import date
from operator import attrgetter

from screenpop.accounts.departments import Section, view_of
from screenpop.agents.agent import Agent, AgentId
from screenpop.calls.events import Direction
from screenpop.cards.alerts import build_alerts
from screenpop.cards.call_facts import CallerFacts, CallFacts, LookupStatus
from screenpop.cards.card import (
    CallerPart,
    CallPart,
    Card,
    CardAlert,
    CardCaller,
    CardId,
    CardLine,
    CardPastCall,
    CardPerson,
    CardRhythm,
    CardTrip,
    MatchKind,
)
from screenpop.cards.history import card_calls, card_rhythm, card_trips
from screenpop.cards.localize import localize_alerts, localize_suggestions, localize_trips
from screenpop.cards.person import candidate, person_for_certain_match
from screenpop.common.text import ascii_digits, display_text, fold_digits
from screenpop.customers.itinerary import itinerary
from screenpop.customers.match import CustomerMatch, Sureness
from screenpop.offers.suggestion import Reason, Suggestions
from screenpop.telephony.caller_id import CallerId, CallerIdKind
from screenpop.telephony.caller_id_words import means_unknown, means_withheld, normalize_word
from screenpop.telephony.identifiers import LINKEDID_PATTERN, CallId, LegId, PbxId

MAX_NAME_LENGTH = 80
MAX_RAW_LENGTH = 128
MAX_CANDIDATES = 8

_PBX_AND_LINKEDID = re.compile(rf"([a-z0-9_-]{{1,40}})/({LINKEDID_PATTERN})/")
NO_SUGGESTIONS = Suggestions()


def compose(
    facts: CallFacts,
    caller: CallerId,
    match: CustomerMatch | LookupStatus,
    suggestions: Suggestions,
    agent: Agent,
    today: date,
) -> Card:
    """Return the card with ``rev`` 1.

    ``today`` is the day in the agent's time zone. ``suggestions`` belong to the customer of a
    certain match and are left out of every other card. What the agent's department may not see is
    not in the card at all.
    """
    of_the_caller = CallerFacts(
        facts.party, facts.direction, facts.colleague, caller, match, suggestions, today
    )
    part = caller_part(of_the_caller, agent.department, agent.language)
    return compose_with_part(facts, part, agent)


def caller_part(facts: CallerFacts, department: str, language: str) -> CallerPart:
    """Return what the cards of a department, in one language, contain about the caller."""
    view = view_of(department)
    kind, reason = _match_kind(facts)
    file = _customer_part(kind, facts.match, facts.today, view, language)
    offers = facts.suggestions if file.person and Section.OFFERS in view else NO_SUGGESTIONS
    return CallerPart(
        caller=_caller(facts),
        match=kind,
        match_reason=reason,
        person=file.person,
        candidates=file.candidates,
        now=localize_alerts(language, file.now),
        trips=localize_trips(language, file.trips),
        trips_more=file.trips_more,
        suggestions=localize_suggestions(language, offers.items),
        silence=offers.silence,
        calls=file.calls,
        rhythm=file.rhythm,
    )


def compose_with_part(facts: CallFacts, part: CallerPart, agent: Agent, rev: int = 1) -> Card:
    """Return the card for a caller part that was built before."""
    return Card(
        *(_caller_fields(part) + _call_fields(facts)),
        id=make_card_id(facts.pbx, facts.call, agent.id),
        rev=rev,
        call=facts.call,
        pbx=facts.pbx,
        agent=agent.id,
        line=_line(facts),
    )


_caller_fields = attrgetter(*(field.name for field in fields(CallerPart)))
_call_fields = attrgetter(*(field.name for field in fields(CallPart)))


def make_card_id(pbx: PbxId, call: CallId, agent: AgentId) -> CardId:
    return CardId(f"{pbx}/{call}/{agent}")


def make_listening_card_id(pbx: PbxId, call: CallId, agent: AgentId, channel: LegId) -> CardId:
    """Return the id of the card of a supervisor who listens to a call with this channel.

    ``parse_card_id`` does not read it, so that no note is written for it.
    """
    return CardId(f"{pbx}/{call}/{agent}/{channel}/listening")


def parse_card_id(card: CardId) -> tuple[PbxId, CallId, AgentId] | None:
    """Return the parts of a card's id; None for a text that is no card id."""
    pbx, _, rest = card.partition("/")
    call, _, agent = rest.rpartition("/")
    if not (pbx and call and agent.isascii() and agent.isdigit()):
        return None
    return PbxId(pbx), CallId(call), AgentId(int(agent))


def call_of_card(card: object) -> dict[str, str]:
    """Return ``pbx`` and ``call`` of a card's id for the program's log; empty for another value.

    Browsers send the id: a text without a Linkedid is left out.
    """
    found = _PBX_AND_LINKEDID.match(card) if isinstance(card, str) else None
    return {} if found is None else {"pbx": found[1], "call": found[2]}


# The match: how sure, and why.


def _match_kind(facts: CallerFacts) -> tuple[MatchKind, Reason | None]:
    caller, match = facts.caller, facts.match
    if facts.direction is Direction.INTERNAL:
        name = facts.colleague or caller.extension or caller.display
        return MatchKind.COLLEAGUE, Reason("colleague", {"name": name})
    if caller.kind is CallerIdKind.WITHHELD:
        return MatchKind.WITHHELD, Reason("withheld")
    match match:
        case LookupStatus.PENDING:
            return MatchKind.PENDING, None
        case LookupStatus.UNREACHABLE:
            return MatchKind.UNREACHABLE, Reason("records_slow")
        case CustomerMatch():
            return _KINDS[match.sure], Reason(match.why.code, match.why.params)


_KINDS = {
    Sureness.CERTAIN: MatchKind.CERTAIN,
    Sureness.SHARED: MatchKind.SHARED,
    Sureness.MAYBE: MatchKind.MAYBE,
    Sureness.NONE: MatchKind.NONE,
}


# Customer data, when the match is certain and the department may see it.


@dataclass(frozen=True, slots=True)
class _CustomerPart:
    person: CardPerson | None = None
    candidates: tuple[CardPerson, ...] = ()
    now: tuple[CardAlert, ...] = ()
    trips: tuple[CardTrip, ...] = ()
    trips_more: int = 0
    calls: tuple[CardPastCall, ...] = ()
    rhythm: CardRhythm | None = None


_NO_FILE = _CustomerPart()


def _customer_part(
    kind: MatchKind,
    match: CustomerMatch | LookupStatus,
    today: date,
    view: frozenset[Section],
    language: str,
) -> _CustomerPart:
    if isinstance(match, LookupStatus) or kind in {MatchKind.COLLEAGUE, MatchKind.WITHHELD}:
        return _NO_FILE
    record = match.customer
    if record is None:
        likeliest = match.files[:MAX_CANDIDATES]
        possible = tuple(candidate(customer, view, language, today) for customer in likeliest)
        return _CustomerPart(candidates=possible, calls=card_calls(match.calls, view))
    stages = itinerary(record.trips, today)
    trips, more = card_trips(record.trips, stages, view)
    return _CustomerPart(
        person=person_for_certain_match(record.customer, view),
        now=build_alerts(record, stages, view, language),
        trips=trips,
        trips_more=more,
        calls=card_calls(record.calls, view),
        rhythm=card_rhythm(record.trips, today, view),
    )


# Untrusted text from the PBX.


def _caller(facts: CallerFacts) -> CardCaller:
    caller = facts.caller
    # The PBX may send the number of a caller who withheld it.
    hidden = caller.kind is CallerIdKind.WITHHELD
    return CardCaller(
        raw="" if hidden else _writable(caller.raw),
        kind=caller.kind,
        e164=caller.e164,
        display=caller.display,
        region=caller.region,
        line_type=caller.line_type,
        name="" if hidden else display_caller_name(facts.party.name, caller),
    )


def display_caller_name(name: str, caller: CallerId) -> str:
    """Return the caller ID name for display; empty when it is the number or means "unknown"."""
    if name == caller.raw:
        return ""
    text = display_text(name, MAX_NAME_LENGTH)
    if not text or _repeats_number(text, caller) or _is_no_name(normalize_word(text)):
        return ""
    return text


def _is_no_name(spoken: str) -> bool:
    return not spoken or means_withheld(spoken) or means_unknown(spoken)


def _repeats_number(name: str, caller: CallerId) -> bool:
    digits = ascii_digits(fold_digits(name))
    if caller.last_nine is not None and digits[-9:] == caller.last_nine:
        return True
    return len(digits) >= 3 and digits == ascii_digits(fold_digits(caller.raw[:MAX_RAW_LENGTH]))


def _line(facts: CallFacts) -> CardLine:
    rang = facts.rang_at
    return CardLine(
        did=_writable(facts.did),
        label=facts.label,
        display=facts.did_display or display_text(facts.did, MAX_NAME_LENGTH),
        queue=facts.queue,
        waited_s=None if rang is None else max(0.0, rang - facts.arrived_at),
    )


def _writable(text: str) -> str:
    """Return the text limited in length and encodable as UTF-8."""
    head = text[:MAX_RAW_LENGTH]
    return head if head.isascii() else head.encode("utf-8", "replace").decode()
