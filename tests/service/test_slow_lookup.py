"""Cards while the customer records are slow or do not answer."""

from screenpop.calls.events import Disposition, StopReason
from screenpop.service.caller_identification import PATIENCE_S
from screenpop.service.lookup_queue import LOOKUP_TIMEOUT_S
from screenpop.telephony.identifiers import CallId
from tests.service.event_script import Story
from tests.service.service_under_test import (
    ELENI,
    LALEH,
    MARYAM,
    Office,
)


def test_a_slow_lookup_sends_a_pending_card_first(story: Story) -> None:
    office = Office(slow=True)
    office.handles(story.arrives(), story.rings("101"))
    assert office.sees_nothing(MARYAM)
    office.waits(PATIENCE_S)
    assert office.card(MARYAM)["match"] == "pending"
    office.records_answer(office.records[LALEH])
    card = office.card(MARYAM)
    assert (card["match"], card["rev"]) == ("certain", 2)


def test_a_lookup_that_answers_in_time_makes_one_card_and_not_two(story: Story) -> None:
    office = Office(slow=True)
    office.handles(story.arrives(), story.rings("101"))
    office.records_answer(office.records[LALEH])
    assert office.card(MARYAM)["rev"] == 1
    office.waits(PATIENCE_S)
    assert office.card(MARYAM)["rev"] == 1


def test_records_that_do_not_answer_are_reported_as_unreachable(story: Story) -> None:
    office = Office(slow=True)
    office.handles(story.arrives(), story.rings("101"))
    office.waits(LOOKUP_TIMEOUT_S)
    assert office.card(MARYAM)["match"] == "unreachable"
    before = len(office.published)
    office.records_answer(office.records[LALEH])
    assert len(office.published) == before


def test_records_that_refuse_are_reported_as_unreachable_and_the_next_call_asks_again(
    story: Story,
) -> None:
    office = Office(slow=True)
    office.handles(story.arrives(), story.rings("101"))
    office.records_answer(None)
    assert office.card(MARYAM)["match"] == "unreachable"
    next_call = Story(CallId("2"))
    office.handles(next_call.arrives(), next_call.rings("102"))
    office.records_answer(office.records[LALEH])
    assert office.card(ELENI)["match"] == "certain"


def test_an_answer_for_a_call_that_is_over_and_shows_nothing_is_dropped(story: Story) -> None:
    office = Office(slow=True)
    office.handles(story.arrives(), story.queues(), story.ends(Disposition.ABANDONED))
    office.waits(PATIENCE_S)
    before = len(office.published)
    office.records_answer(office.records[LALEH])
    assert len(office.published) == before


def test_a_missed_card_still_learns_the_missed_customer(story: Story) -> None:
    office = Office(slow=True)
    office.handles(story.arrives(), story.rings("101"))
    office.handles(story.stops("101", StopReason.CANCELLED), story.ends(Disposition.ABANDONED))
    office.records_answer(office.records[LALEH])
    card = office.card(MARYAM)
    assert (card["state"], card["match"]) == ("missed", "certain")


def test_two_calls_of_one_number_wait_for_one_answer() -> None:
    office = Office(slow=True)
    first, second = Story(CallId("1")), Story(CallId("2"))
    office.handles(first.arrives(), first.rings("101"), second.arrives(), second.rings("102"))
    assert len(office.asked) == 1
    office.records_answer(office.records[LALEH])
    assert office.card(MARYAM)["match"] == office.card(ELENI)["match"] == "certain"
