"""An agent's work on a call, from its card: labels, follow-ups, a case, one fact to ask.

Everything is written to the database before its result is sent, so nothing that was confirmed is
lost. A request that is sent again has no second effect. The facts that the card needs for this are
read after the ring, by ``call_work``, and not with the lookup of the caller.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from screenpop.accounts.departments import Section, view_of
from screenpop.accounts.users import UserId
from screenpop.agents.agent import AgentId
from screenpop.calls.call_state import CallKey
from screenpop.calls.labels import LabelId, LabelKind
from screenpop.cards.card import CardId
from screenpop.cards.compose import parse_card_id
from screenpop.customers.date_input import InvalidDateError, parse_date
from screenpop.customers.missing_facts import (
    MAX_VALUE_LENGTH,
    Fact,
    FactValue,
    InvalidFactError,
    read_fact,
)
from screenpop.customers.models import CustomerId
from screenpop.customers.yearless_days import NO_YEAR
from screenpop.follow_ups.due_days import QuickDay, quick_due_day
from screenpop.follow_ups.models import (
    MAX_PROMISE_LENGTH,
    FollowUpId,
    FollowUpRefusedError,
    FollowUpSource,
    NewFollowUp,
)
from screenpop.service import asked_facts
from screenpop.service.call_session import CallSession, LiveCard
from screenpop.service.hidden_cards import is_hidden_from
from screenpop.service.screen_pop import ScreenPop
from screenpop.telephony.caller_id import CallerIdKind
from screenpop.telephony.identifiers import BootId

OPS = asked_facts.OPS | {
    *("call_work", "call_reason", "colleagues"),
    *("follow_up", "cancel_follow_up", "open_case"),
    *LabelKind,
}
_MAX_ID = 256
_MAX_DATE_LENGTH = 40
_MAX_SUBJECT_LENGTH = 200
_QUICK = {choice.value: choice for choice in QuickDay}

Args = Mapping[str, object]
Result = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class WorkPlace:
    """Where an agent works: a call and its customer, and what the department may see."""

    call: CallKey
    customer_id: CustomerId | None
    user_id: UserId
    sections: frozenset[Section]
    today: date
    card: CardId
    number: str = ""
    """E.164 of the other side; empty if it is withheld or not known."""
    language: str = "en"
    """Language of the agent."""
    facts: frozenset[Fact] = frozenset()
    """The facts that the agent may ask for."""
    again_days: int = 0
    """Days after a question until the next one."""
    can_ask: bool = False
    """The agent talks with the customer, so that something can be asked now."""
    home: str = ""
    """The office's country, ISO 3166-1 alpha-2: a trip in it needs no passport."""


class CallWorkError(Exception):
    """``code``: ``unknown_purpose``, ``unknown_agent_disposition``, ``call_not_saved``,
    ``not_saved_yet``, ``unknown_fact``, ``fact_known``, ``number_there``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class CallWork(Protocol):
    """The records of the work on a call.

    All raise ``CallWorkError`` or ``FollowUpRefusedError``.
    """

    async def load(self, place: WorkPlace) -> Result:
        """Return lists and this call's labels, its case, follow-ups, a fact to ask.

        That the fact was asked for is stored before the result is there."""

    async def load_reason(self, place: WorkPlace) -> Result:
        """Return why the customer is called: the ``list`` they are on, calls that were ``missed``,
        and the ``last`` note or call; each may be None."""

    async def load_colleagues(self) -> Result:
        """Return the ``colleagues`` that a follow-up can be assigned to, of whom a large office has
        thousands: each ``id`` and ``name``, by name."""

    async def make_follow_up(self, place: WorkPlace, new: NewFollowUp) -> Result: ...

    async def cancel_follow_up(self, place: WorkPlace, follow_up: FollowUpId) -> Result: ...

    async def set_label(
        self, place: WorkPlace, kind: LabelKind, label: LabelId | None
    ) -> Result: ...

    async def open_case(self, place: WorkPlace, subject: str) -> Result: ...

    async def answer_offer(self, place: WorkPlace, later: NewFollowUp, answer: str) -> Result:
        """Make ``later`` for the answer "later"; for another answer cancel what it has made.

        "accepted" returns the ``voucher`` of an offer that gives one; other answers cancel it."""

    async def wait_for_answers(self) -> None:
        """Return when all answers so far are committed. Raises ``CallWorkError``."""

    async def save_fact(
        self, place: WorkPlace, fact: Fact, value: FactValue, *, is_shared: bool
    ) -> Result:
        """Save the answer to the question of this card. ``is_shared``: a second number is saved
        although other customers have it; without it they are returned as ``shared_with``."""

    async def decline_fact(self, place: WorkPlace, fact: Fact) -> Result: ...


async def work_on_call(
    screen_pop: ScreenPop, work: CallWork, user: UserId, op: str, args: Args, now: float
) -> Result:
    """Run one of ``OPS``; return its result, or ``{"error": code}``."""
    card_id = _text(args, "card", _MAX_ID)
    if not card_id:
        return {"error": "bad_arguments"}
    entry = screen_pop.own_card(user, CardId(card_id))
    if entry is not None:
        place = _place_of(screen_pop, *entry, now)
    elif op in asked_facts.OPS and (late := _late_place(screen_pop, CardId(card_id), user, now)):
        place = late
    else:
        return {"error": "unknown_card"}
    try:
        if op in asked_facts.OPS:
            return await _fact_answered(screen_pop, work, place, op, args)
        result = await _run(work, place, op, args)
    except (CallWorkError, FollowUpRefusedError, InvalidFactError) as refused:
        return {"error": str(refused.code)}
    if op == "call_work" and entry is not None:
        # Not a message of its own: each card that talks asks for it.
        return {**result, "draft": dict(entry[1].drafts.get("work", {}))}
    return result


async def offer_answered(
    screen_pop: ScreenPop, work: CallWork, user: UserId, args: Args, now: float
) -> Result:
    """Do what follows from an answer to an offer, which the card has already, once it is saved."""
    try:
        await work.wait_for_answers()
    except CallWorkError as refused:
        return {"error": refused.code}
    entry = screen_pop.own_card(user, CardId(str(args.get("card"))))
    if entry is None:
        return {}
    place = _place_of(screen_pop, *entry, now)
    if place.customer_id is None:
        return {}
    offer = str(args.get("offer"))
    later = NewFollowUp(
        place.customer_id,
        quick_due_day(QuickDay.NEXT_WEEK, place.today),
        _text(args, "promise", MAX_PROMISE_LENGTH) or "",
        FollowUpSource.OFFER_LATER,
        user,
        user,
        offer,
        request_key=":".join(("later", str(user), *place.call, offer)),
    )
    return await work.answer_offer(place, later, str(args.get("answer")))


async def _run(work: CallWork, place: WorkPlace, op: str, args: Args) -> Result:
    match op:
        case "call_reason":
            return await work.load_reason(place)
        case "colleagues":
            return await work.load_colleagues()
        case LabelKind.PURPOSE | LabelKind.AGENT_DISPOSITION:
            return await _set_label(work, place, LabelKind(op), args)
        case "follow_up":
            return await _make_follow_up(work, place, args)
        case "cancel_follow_up":
            number = _id(args, "follow_up")
            if number is None:
                return {"error": "bad_arguments"}
            return await work.cancel_follow_up(place, FollowUpId(number))
        case "open_case":
            subject = _text(args, "subject", _MAX_SUBJECT_LENGTH)
            if not subject or not subject.strip():
                return {"error": "bad_arguments"}
            if place.customer_id is None:
                return {"error": "no_customer"}
            return await work.open_case(place, subject.strip())
        case _:
            return await work.load(place)


async def _set_label(work: CallWork, place: WorkPlace, kind: LabelKind, args: Args) -> Result:
    number = _id(args, kind)
    if number is None and args.get(kind) is not None:
        return {"error": "bad_arguments"}
    return await work.set_label(place, kind, None if number is None else LabelId(number))


async def _make_follow_up(work: CallWork, place: WorkPlace, args: Args) -> Result:
    due = _text(args, "due", _MAX_DATE_LENGTH)
    # One more than allowed: the store refuses it with a code of its own.
    promise = _text(args, "promise", 10 * MAX_PROMISE_LENGTH) if "promise" in args else ""
    request = _text(args, "request", _MAX_ID)
    assigned_to = _id(args, "for") if "for" in args else int(place.user_id)
    if due is None or promise is None or not request or assigned_to is None:
        return {"error": "bad_arguments"}
    if place.customer_id is None:
        return {"error": "no_customer"}
    day = _due_day(due, place.today)
    if day is None:
        return {"error": "bad_date"}
    new = NewFollowUp(
        place.customer_id,
        day,
        promise,
        FollowUpSource.CALL,
        UserId(assigned_to),
        place.user_id,
        request_key=f"{place.user_id}:{request}",
    )
    return await work.make_follow_up(place, new)


async def _fact_answered(
    screen_pop: ScreenPop, work: CallWork, place: WorkPlace, op: str, args: Args
) -> Result:
    fact = asked_facts.FACTS.get(_text(args, "fact", _MAX_ID) or "")
    if fact is None:
        return {"error": "bad_arguments"}
    if fact not in place.facts:
        return {"error": "unknown_fact"}
    if op == "decline_fact":
        return await work.decline_fact(place, fact)
    # More than allowed: what is too long has a code of its own.
    value, is_shared = _text(args, "value", 10 * MAX_VALUE_LENGTH), args.get("shared", False)
    if value is None or not isinstance(is_shared, bool):
        return {"error": "bad_arguments"}
    parsed = read_fact(fact, value, place.today, screen_pop.plan)
    return await work.save_fact(place, fact, parsed, is_shared=is_shared)


def _due_day(text: str, today: date) -> date | None:
    """Return the day of a quick choice or of a typed date of either calendar, with its year."""
    choice = _QUICK.get(text)
    if choice is not None:
        return quick_due_day(choice, today)
    try:
        day = parse_date(text)
    except InvalidDateError:
        return None
    return None if day is None or day.year == NO_YEAR else day


def _place_of(screen_pop: ScreenPop, file: CallSession, card: LiveCard, now: float) -> WorkPlace:
    source = file.about or file
    hidden = source.caller.kind is CallerIdKind.WITHHELD
    sections, rules = view_of(card.agent.department), screen_pop.ask_rules
    return WorkPlace(
        _key_of(file),
        None if is_hidden_from(file, card, screen_pop.hidden) else source.customer_id,
        UserId(card.agent.id),
        sections,
        screen_pop.today(now),
        card.id,
        "" if hidden else source.caller.e164 or "",
        card.agent.language,
        rules.allowed(sections),
        rules.again_days,
        card.state in asked_facts.TALKS,
        screen_pop.plan.region,
    )


def _late_place(screen_pop: ScreenPop, card: CardId, user: UserId, now: float) -> WorkPlace | None:
    """Return the place of a card that is over, for the answer to a question asked on it.

    The page keeps a card in whose form the agent types. The store knows the customer."""
    parts, agent = parse_card_id(card), screen_pop.roster.agents.get(AgentId(user))
    if parts is None or parts[2] != AgentId(user) or agent is None:
        return None
    sections = view_of(agent.department)
    facts = screen_pop.ask_rules.allowed(sections)
    key = (parts[0], BootId(""), parts[1])
    return WorkPlace(key, None, user, sections, screen_pop.today(now), card, facts=facts)


def _key_of(file: CallSession) -> CallKey:
    """Return the key of the call's row: a merged call has none of its own."""
    ended = file.call.ended
    if ended is not None and ended.into is not None:
        return file.call.pbx, file.call.boot, ended.into
    return file.call.key


def _text(args: Args, name: str, longest: int) -> str | None:
    value = args.get(name)
    return value if isinstance(value, str) and len(value) <= longest else None


def _id(args: Args, name: str) -> int | None:
    value = args.get(name)
    return value if type(value) is int and 0 < value < 2**63 else None
