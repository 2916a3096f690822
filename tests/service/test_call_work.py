"""What an agent asks for on a card reaches the records, checked; everything else has a code."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import pytest

from screenpop.accounts.departments import Section
from screenpop.accounts.users import UserId
from screenpop.calls.labels import LabelId, LabelKind
from screenpop.cards.card import CardId
from screenpop.customers.missing_facts import Fact, FactValue
from screenpop.follow_ups.models import FollowUpId, NewFollowUp
from screenpop.service.call_work import (
    CallWorkError,
    Result,
    WorkPlace,
    offer_answered,
    work_on_call,
)
from tests.service.event_script import Story
from tests.service.service_under_test import ELENI, MARYAM, NIKOS, Office


@dataclass
class Records:
    """Keeps what reaches it."""

    follow_ups: list[NewFollowUp] = field(default_factory=list)
    work: list[tuple[object, ...]] = field(default_factory=list)
    places: list[WorkPlace] = field(default_factory=list)
    is_log_full: bool = False

    async def load(self, place: WorkPlace) -> Result:
        self.places.append(place)
        return {"purposes": []}

    async def load_reason(self, place: WorkPlace) -> Result:
        self.places.append(place)
        return {"list": None}

    async def load_colleagues(self) -> Result:
        return {"colleagues": []}

    async def make_follow_up(self, place: WorkPlace, new: NewFollowUp) -> Result:
        self.places.append(place)
        self.follow_ups.append(new)
        return {"follow_up": {}}

    async def cancel_follow_up(self, place: WorkPlace, follow_up: FollowUpId) -> Result:
        self.work.append(("cancel", follow_up))
        return {}

    async def set_label(self, place: WorkPlace, kind: LabelKind, label: LabelId | None) -> Result:
        if label == 99:
            raise CallWorkError(f"unknown_{kind}")
        self.work.append((kind.value, label))
        return {}

    async def answer_offer(self, place: WorkPlace, later: NewFollowUp, answer: str) -> Result:
        self.follow_ups.append(later)
        self.work.append(("answer", answer))
        return {}

    async def wait_for_answers(self) -> None:
        if self.is_log_full:
            raise CallWorkError("not_saved_yet")
        self.work.append(("wait", None))

    async def open_case(self, place: WorkPlace, subject: str) -> Result:
        self.work.append(("case", subject))
        return {}

    async def save_fact(
        self, place: WorkPlace, fact: Fact, value: FactValue, *, is_shared: bool
    ) -> Result:
        self.places.append(place)
        self.work.append(("fact", fact, value, is_shared))
        return {"fact": fact}

    async def decline_fact(self, place: WorkPlace, fact: Fact) -> Result:
        self.work.append(("declined", fact))
        return {"fact": fact}


def ringing_office(*, known: bool = True) -> tuple[Office, str]:
    office = Office()
    if not known:
        office.records = {}
    story = Story()
    office.handles(story.arrives(), story.rings("101"), story.rings("103"))
    return office, str(office.card(MARYAM)["id"])


def asks(
    office: Office, records: Records, op: str, args: Mapping[str, object], user: UserId = MARYAM
) -> Result:
    return asyncio.run(work_on_call(office.screen_pop, records, user, op, args, office.now))


def today_of(office: Office) -> date:
    return office.screen_pop.today(office.now)


@pytest.mark.parametrize(("due", "days"), [("tomorrow", 1), ("in_3_days", 3), ("next_week", 7)])
def test_a_quick_choice_makes_a_follow_up_for_the_agent_and_the_customer_of_the_card(
    due: str, days: int
) -> None:
    office, card = ringing_office()
    records = Records()
    asks(office, records, "follow_up", {"card": card, "due": due, "request": "r1"})
    [new] = records.follow_ups
    assert (new.due - today_of(office)).days == days
    assert (new.assigned_to, new.made_by, new.promise) == (MARYAM, MARYAM, "")
    assert new.request_key == f"{MARYAM}:r1"
    [place] = records.places
    assert (place.customer_id, place.user_id) == (new.customer_id, MARYAM)
    assert Section.OFFERS in place.sections


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1405/09/08", date(2026, 11, 29)),
        ("2026-11-29", date(2026, 11, 29)),
        ("۱۴۰۵/۰۹/۰۸", date(2026, 11, 29)),
        ("29/11/2026", date(2026, 11, 29)),
    ],
)
def test_a_date_of_either_calendar_makes_a_follow_up_for_a_colleague(text: str, day: date) -> None:
    office, card = ringing_office()
    records = Records()
    args = {"due": text, "request": "r1", "for": int(ELENI), "promise": "the quote"}
    asks(office, records, "follow_up", {"card": card, **args})
    [new] = records.follow_ups
    assert (new.due, new.assigned_to, new.promise) == (day, ELENI, "the quote")


@pytest.mark.parametrize(
    ("op", "args", "code"),
    [
        ("follow_up", {"due": "soon", "request": "r"}, "bad_date"),
        ("follow_up", {"due": "", "request": "r"}, "bad_date"),
        ("follow_up", {"due": "12-05", "request": "r"}, "bad_date"),
        ("follow_up", {"due": "tomorrow"}, "bad_arguments"),
        ("follow_up", {"due": "tomorrow", "request": "r", "for": "me"}, "bad_arguments"),
        ("follow_up", {"due": "tomorrow", "request": "r", "promise": 5}, "bad_arguments"),
        ("follow_up", {"due": 5, "request": "r"}, "bad_arguments"),
        ("cancel_follow_up", {}, "bad_arguments"),
        ("cancel_follow_up", {"follow_up": True}, "bad_arguments"),
        ("purpose", {"purpose": "1"}, "bad_arguments"),
        ("purpose", {"purpose": 0}, "bad_arguments"),
        ("purpose", {"purpose": 99}, "unknown_purpose"),
        ("agent_disposition", {"agent_disposition": 99}, "unknown_agent_disposition"),
        ("agent_disposition", {"agent_disposition": "1"}, "bad_arguments"),
        ("agent_disposition", {"purpose": 3, "agent_disposition": False}, "bad_arguments"),
        ("open_case", {}, "bad_arguments"),
        ("open_case", {"subject": "  "}, "bad_arguments"),
        ("open_case", {"subject": "s" * 201}, "bad_arguments"),
    ],
)
def test_what_cannot_be_done_has_a_code_and_reaches_no_record(
    op: str, args: dict[str, object], code: str
) -> None:
    office, card = ringing_office()
    records = Records()
    assert asks(office, records, op, {"card": card, **args}) == {"error": code}
    assert (records.follow_ups, records.work) == ([], [])


def test_a_card_of_another_agent_or_without_a_customer_is_refused() -> None:
    office, card = ringing_office()
    records = Records()
    assert asks(office, records, "call_work", {"card": card}, NIKOS) == {"error": "unknown_card"}
    assert asks(office, records, "call_work", {}) == {"error": "bad_arguments"}
    assert asks(office, records, "colleagues", {"card": card}) == {"colleagues": []}
    assert asks(office, records, "colleagues", {"card": card}, NIKOS) == {"error": "unknown_card"}
    office, card = ringing_office(known=False)
    for op, args in (
        ("follow_up", {"due": "tomorrow", "request": "r"}),
        ("open_case", {"subject": "s" * 200}),
    ):
        assert asks(office, records, op, {"card": card, **args}) == {"error": "no_customer"}
    assert asks(office, records, "purpose", {"card": card, "purpose": 3}) == {}
    assert asks(office, records, "purpose", {"card": card, "purpose": None}) == {}
    result = {"card": card, "agent_disposition": 4}
    assert asks(office, records, "agent_disposition", result) == {}
    assert records.work == [("purpose", 3), ("purpose", None), ("agent_disposition", 4)]


def test_the_place_of_work_has_what_the_department_of_the_agent_sees() -> None:
    office, card = ringing_office()
    records = Records()
    asks(office, records, "call_work", {"card": card})
    asks(office, records, "call_work", {"card": office.card(NIKOS)["id"]}, NIKOS)
    asks(office, records, "call_reason", {"card": card})
    assert records.places[2] == records.places[0]
    assert (records.places[0].number, records.places[0].language) == ("+989123456789", "fa")
    records.places.pop()
    assert [Section.PERSONAL in place.sections for place in records.places] == [True, False]


def test_an_answer_to_an_offer_comes_with_a_follow_up_in_a_week_of_that_offer() -> None:
    office, card = ringing_office()
    records = Records()
    args = {"card": card, "offer": "loved:3", "answer": "later", "promise": "Crete once more"}
    asyncio.run(offer_answered(office.screen_pop, records, MARYAM, args, office.now))
    [later] = records.follow_ups
    assert (later.due - today_of(office)).days == 7
    assert (later.offer, later.promise, later.source) == (
        "loved:3",
        "Crete once more",
        "offer_later",
    )
    assert records.work == [("wait", None), ("answer", "later")]


def test_an_answer_is_waited_for_on_every_card_and_reported_as_not_saved() -> None:
    office, card = ringing_office(known=False)
    args = {"card": card, "offer": "loved:3", "answer": "no"}
    records = Records()
    for given in (args, args | {"card": "lab/9/9"}):
        asyncio.run(offer_answered(office.screen_pop, records, MARYAM, given, office.now))
    assert records.work == [("wait", None)] * 2
    records.is_log_full = True
    answer = asyncio.run(offer_answered(office.screen_pop, records, MARYAM, args, office.now))
    assert answer == {"error": "not_saved_yet"}


def test_the_reason_of_a_no_replaces_the_no_and_is_in_the_trace() -> None:
    office, card = ringing_office()
    offer = office.card(MARYAM)["suggestions"][0]["id"]  # type: ignore[index]
    for why in ("", "price"):
        given = {"card": card, "offer": offer, "answer": "no", "why": why}
        assert office.asks(MARYAM, "offer_answered", **given) == {}
    bad = {"card": card, "offer": offer, "answer": "no", "why": "rain"}
    assert office.asks(MARYAM, "offer_answered", **bad) == {"error": "bad_arguments"}
    entry = office.screen_pop.own_card(MARYAM, CardId(card))
    assert entry is not None
    file, _ = entry
    assert [(one.answer, one.why) for one in file.offer_answers] == [("no", "price")]
    assert file.trace.steps[-1]["why"] == "price"
