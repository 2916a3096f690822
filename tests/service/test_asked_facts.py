"""An agent asks and answers on own cards only, while talking, what the department may see."""

from datetime import date

import pytest

from screenpop.accounts.departments import VIEWS
from screenpop.accounts.users import Department, UserId
from screenpop.customers.draft import PhoneDraft
from screenpop.customers.missing_facts import Fact
from screenpop.service.asked_facts import AskRules
from screenpop.service.call_work import WorkPlace
from tests.service.event_script import Story
from tests.service.service_under_test import ELENI, MARYAM, NIKOS, Office
from tests.service.test_call_work import Records, asks

RULES = AskRules(frozenset(Fact), 30)
BIRTHDAY = {"fact": "birthday", "value": "1366/05/12"}


def talking_office(rules: AskRules = RULES) -> tuple[Office, Story, dict[UserId, str]]:
    """Maryam of sales talks with the customer; the phone of Nikos of accounting rang too."""
    office, story = Office(ask_rules=rules), Story()
    office.handles(story.arrives(), story.rings("101"), story.rings("103"))
    cards = {user: str(office.card(user)["id"]) for user in (MARYAM, NIKOS)}
    return office, story, cards


def place_of(office: Office, card: str, user: UserId = MARYAM) -> WorkPlace:
    records = Records()
    asks(office, records, "call_work", {"card": card}, user)
    return records.places[-1]


def test_a_question_is_possible_while_the_agent_talks_and_not_while_it_rings() -> None:
    office, story, cards = talking_office()
    assert not place_of(office, cards[MARYAM]).can_ask
    office.handles(story.answers("101"))
    assert place_of(office, cards[MARYAM]).can_ask
    assert not place_of(office, cards[NIKOS], NIKOS).can_ask
    office.handles(story.holds("101"))
    assert place_of(office, cards[MARYAM]).can_ask
    office.handles(story.hangs_up("101"), story.ends())
    place = place_of(office, cards[MARYAM])
    assert (place.can_ask, place.again_days) == (False, 30)


@pytest.mark.parametrize("department", Department)
def test_a_department_asks_what_it_may_see_of_what_the_office_asks(department: Department) -> None:
    sections = VIEWS[department]
    personal = department in {Department.SALES, Department.SUPPORT}
    assert (Fact.BIRTHDAY in RULES.allowed(sections)) is personal
    assert Fact.EMAIL in RULES.allowed(sections)
    assert AskRules(frozenset({Fact.EMAIL})).allowed(sections) == {Fact.EMAIL}
    assert AskRules().allowed(sections) == frozenset()
    assert RULES.allowed(frozenset()) == frozenset()


def test_an_answer_is_read_and_reaches_the_records() -> None:
    office, story, cards = talking_office()
    office.handles(story.answers("101"))
    records = Records()
    card = {"card": cards[MARYAM]}
    assert asks(office, records, "answer_fact", card | BIRTHDAY) == {"fact": "birthday"}
    number = {"fact": "second_number", "value": "09351112233", "shared": True}
    asks(office, records, "answer_fact", card | number)
    asks(office, records, "decline_fact", card | {"fact": "email"})
    first, (_, fact, phone, is_shared), last = records.work
    assert first == ("fact", Fact.BIRTHDAY, date(1987, 8, 3), False)
    assert isinstance(phone, PhoneDraft)
    assert (fact, phone.e164, is_shared) == (Fact.SECOND_NUMBER, "+989351112233", True)
    assert last == ("declined", Fact.EMAIL)


@pytest.mark.parametrize(
    ("op", "args", "code"),
    [
        ("answer_fact", {"fact": "shoe_size", "value": "43"}, "bad_arguments"),
        ("answer_fact", {"value": "43"}, "bad_arguments"),
        ("answer_fact", {"fact": "email"}, "bad_arguments"),
        ("answer_fact", {"fact": "email", "value": 5}, "bad_arguments"),
        ("answer_fact", {"fact": "email", "value": "x" * 2001}, "bad_arguments"),
        ("answer_fact", {"fact": "email", "value": "x" * 2000}, "value_too_long"),
        ("answer_fact", {"fact": "second_number", "value": "1", "shared": "no"}, "bad_arguments"),
        ("answer_fact", {"fact": "birthday", "value": "1366/13/12"}, "not_a_birthday"),
        ("answer_fact", {"fact": "birthday", "value": " "}, "no_value"),
        ("decline_fact", {"fact": []}, "bad_arguments"),
    ],
)
def test_what_is_no_answer_has_a_code_and_reaches_no_record(
    op: str, args: dict[str, object], code: str
) -> None:
    office, _, cards = talking_office()
    records = Records()
    assert asks(office, records, op, {"card": cards[MARYAM], **args}) == {"error": code}
    assert records.work == []


def test_another_agent_and_another_department_answer_nothing() -> None:
    office, story, cards = talking_office()
    office.handles(story.answers("101"))
    records = Records()
    theirs = {"card": cards[MARYAM], **BIRTHDAY}
    for op in ("answer_fact", "decline_fact"):
        assert asks(office, records, op, theirs, NIKOS) == {"error": "unknown_card"}
        own = {"card": cards[NIKOS], **BIRTHDAY}
        assert asks(office, records, op, own, NIKOS) == {"error": "unknown_fact"}
    off, _, cards = talking_office(AskRules())
    assert asks(off, records, "answer_fact", theirs) == {"error": "unknown_fact"}
    assert records.work == []


def test_the_answer_on_a_card_that_is_over_is_left_to_the_records() -> None:
    office, story, cards = talking_office()
    office.handles(story.answers("101"), story.hangs_up("101"), story.ends())
    office.waits(10_000)
    assert office.sees_nothing(MARYAM)
    records = Records()
    late = {"card": cards[MARYAM], **BIRTHDAY}
    assert asks(office, records, "call_work", late) == {"error": "unknown_card"}
    assert asks(office, records, "answer_fact", late) == {"fact": "birthday"}
    [place] = records.places
    assert (place.customer_id, place.user_id, place.card) == (None, MARYAM, cards[MARYAM])
    for card, user in ((cards[MARYAM], ELENI), (cards[MARYAM], UserId(99)), ("x/y/z", MARYAM)):
        wrong = late | {"card": card}
        assert asks(office, records, "answer_fact", wrong, user) == {"error": "unknown_card"}
    assert len(records.work) == 1
