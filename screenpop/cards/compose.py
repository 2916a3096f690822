"""One agent's card of one call, made of what is known. Quick, and it never raises: whatever a
stranger sent as a name is text like any other."""

from datetime import date

from screenpop.accounts.departments import Section, view_of
from screenpop.agents.agent import Agent, AgentId
from screenpop.calls.changes import Direction
from screenpop.cards.card import (
    CallerPart,
    Card,
    CardCaller,
    CardId,
    CardLine,
    CardNow,
    CardPastCall,
    CardPerson,
    CardTrip,
    MatchKind,
)
from screenpop.cards.facts import CallFacts, Unanswered
from screenpop.cards.history import card_calls, card_trips
from screenpop.cards.now import matters_now
from screenpop.cards.person import candidate, certain_person
from screenpop.cards.places import now_in, suggestions_in, trips_in
from screenpop.customers.match import CustomerMatch, Sureness
from screenpop.customers.trips import itinerary
from screenpop.offers.suggestion import Reason, Suggestions
from screenpop.telephony.caller_id import CallerId, CallerIdKind
from screenpop.telephony.identifiers import CallId, PbxId
from screenpop.telephony.text import ascii_digits, fold_digits, shown
from screenpop.telephony.words import means_unknown, means_withheld, word
from screenpop.values import dataclass

LONGEST_NAME = 80
LONGEST_RAW = 128
MOST_CANDIDATES = 8

NO_SUGGESTIONS = Suggestions()


def compose(
    facts: CallFacts,
    caller: CallerId,
    match: CustomerMatch | Unanswered,
    suggestions: Suggestions,
    agent: Agent,
    today: date,
) -> Card:
    """The card with ``rev`` 1.

    ``today`` is the day where the agent sits. ``suggestions`` belong to the customer of a certain
    match and are left out of every other card. What the agent's department does not see is not in
    the card at all.
    """
    return compose_from(facts, caller_part(facts, caller, match, suggestions, agent, today), agent)


def caller_part(
    facts: CallFacts,
    caller: CallerId,
    match: CustomerMatch | Unanswered,
    suggestions: Suggestions,
    agent: Agent,
    today: date,
) -> CallerPart:
    """What an agent's card says of the caller. Of the facts it takes only who is shown, the
    direction and the colleague: while these stay, so does this, whatever the call does."""
    view = view_of(agent.department)
    kind, reason = _sureness(facts, caller, match)
    file = _file(kind, match, today, view, agent.language)
    offers = suggestions if file.person and Section.OFFERS in view else NO_SUGGESTIONS
    return CallerPart(
        caller=_caller(facts, caller),
        match=kind,
        match_reason=reason,
        person=file.person,
        candidates=file.candidates,
        now=now_in(agent.language, file.now),
        trips=trips_in(agent.language, file.trips),
        trips_more=file.trips_more,
        suggestions=suggestions_in(agent.language, offers.items),
        silence=offers.silence,
        calls=file.calls,
    )


def compose_from(facts: CallFacts, part: CallerPart, agent: Agent, rev: int = 1) -> Card:
    """The card, of what is said of the caller already."""
    return Card(
        id=card_id(facts.pbx, facts.call, agent.id),
        rev=rev,
        call=facts.call,
        pbx=facts.pbx,
        agent=agent.id,
        state=facts.state,
        reason=facts.reason,
        direction=facts.direction,
        arrived_at=facts.arrived_at,
        since=facts.since,
        rang_at=facts.rang_at,
        answered_at=facts.answered_at,
        caller=part.caller,
        line=_line(facts),
        match=part.match,
        match_reason=part.match_reason,
        person=part.person,
        candidates=part.candidates,
        now=part.now,
        trips=part.trips,
        trips_more=part.trips_more,
        suggestions=part.suggestions,
        silence=part.silence,
        calls=part.calls,
        legs=facts.legs,
        also_ringing=facts.also_ringing,
        transfer=facts.transfer,
        note=facts.note,
        estimated=facts.estimated,
        linked_by=facts.linked_by,
    )


def card_id(pbx: PbxId, call: CallId, agent: AgentId) -> CardId:
    return CardId(f"{pbx}/{call}/{agent}")


def read_card_id(card: CardId) -> tuple[PbxId, CallId, AgentId] | None:
    """The parts of a card's id; None for a text that is none."""
    pbx, _, rest = card.partition("/")
    call, _, agent = rest.rpartition("/")
    if not (pbx and call and agent.isascii() and agent.isdigit()):
        return None
    return PbxId(pbx), CallId(call), AgentId(int(agent))


# How sure, and why.


def _sureness(
    facts: CallFacts, caller: CallerId, match: CustomerMatch | Unanswered
) -> tuple[MatchKind, Reason | None]:
    if facts.direction is Direction.INTERNAL:
        name = facts.colleague or caller.extension or caller.display
        return MatchKind.COLLEAGUE, Reason("colleague", {"name": name})
    if caller.kind is CallerIdKind.WITHHELD:
        return MatchKind.WITHHELD, Reason("withheld")
    match match:
        case Unanswered.PENDING:
            return MatchKind.PENDING, None
        case Unanswered.UNREACHABLE:
            return MatchKind.UNREACHABLE, Reason("records_slow")
        case CustomerMatch():
            return _KINDS[match.sure], Reason(match.why.code, match.why.params)


_KINDS = {
    Sureness.CERTAIN: MatchKind.CERTAIN,
    Sureness.SHARED: MatchKind.SHARED,
    Sureness.MAYBE: MatchKind.MAYBE,
    Sureness.NONE: MatchKind.NONE,
}


# The customer's file, as far as it is certain whose it is and who may see it.


@dataclass(frozen=True, slots=True)
class _File:
    person: CardPerson | None = None
    candidates: tuple[CardPerson, ...] = ()
    now: tuple[CardNow, ...] = ()
    trips: tuple[CardTrip, ...] = ()
    trips_more: int = 0
    calls: tuple[CardPastCall, ...] = ()


_NO_FILE = _File()


def _file(
    kind: MatchKind,
    match: CustomerMatch | Unanswered,
    today: date,
    view: frozenset[Section],
    language: str,
) -> _File:
    if isinstance(match, Unanswered) or kind in {MatchKind.COLLEAGUE, MatchKind.WITHHELD}:
        return _NO_FILE
    found = match.customer
    if found is None:
        likeliest = match.files[:MOST_CANDIDATES]
        possible = tuple(candidate(one, view, language, today) for one in likeliest)
        return _File(candidates=possible, calls=card_calls(match.calls, view))
    stand = itinerary(found.trips, today)
    trips, more = card_trips(found.trips, stand, view)
    return _File(
        person=certain_person(found.customer, view),
        now=matters_now(found, stand, view, language),
        trips=trips,
        trips_more=more,
        calls=card_calls(found.calls, view),
    )


# What the PBX said: a stranger's text.


def _caller(facts: CallFacts, caller: CallerId) -> CardCaller:
    # The PBX may well have sent the number of a caller who does not want to be known.
    hidden = caller.kind is CallerIdKind.WITHHELD
    return CardCaller(
        raw="" if hidden else _writable(caller.raw),
        kind=caller.kind,
        e164=caller.e164,
        display=caller.display,
        region=caller.region,
        line_type=caller.line_type,
        name="" if hidden else shown_name(facts.shown.name, caller),
    )


def shown_name(name: str, caller: CallerId) -> str:
    """The display name as it may stand on a page; empty when it only repeats the number or says
    that there is none."""
    if name == caller.raw:
        return ""
    text = shown(name, LONGEST_NAME)
    if not text or _repeats(text, caller) or _is_no_name(word(text)):
        return ""
    return text


def _is_no_name(spoken: str) -> bool:
    return not spoken or means_withheld(spoken) or means_unknown(spoken)


def _repeats(name: str, caller: CallerId) -> bool:
    digits = ascii_digits(fold_digits(name))
    if caller.last_nine is not None and digits[-9:] == caller.last_nine:
        return True
    return len(digits) >= 3 and digits == ascii_digits(fold_digits(caller.raw[:LONGEST_RAW]))


def _line(facts: CallFacts) -> CardLine:
    rang = facts.rang_at
    return CardLine(
        did=_writable(facts.did),
        label=facts.label,
        display=facts.did_display or shown(facts.did, LONGEST_NAME),
        queue=facts.queue,
        waited_s=None if rang is None else max(0.0, rang - facts.arrived_at),
    )


def _writable(text: str) -> str:
    """As sent, but never longer than a page bears, and always writable as UTF-8."""
    head = text[:LONGEST_RAW]
    return head if head.isascii() else head.encode("utf-8", "replace").decode()
