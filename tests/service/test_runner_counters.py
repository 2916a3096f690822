"""What became of the cards of a call, and how long each took."""

from screenpop.accounts.users import UserId
from screenpop.protocol.client_messages import Stage
from screenpop.service.effects import LogCall
from screenpop.service.runner_counters import CardOutcome, RunnerCounters
from tests.service.event_script import Story
from tests.service.service_under_test import ELENI, MARYAM, Office


def counted(office: Office) -> RunnerCounters:
    tally = RunnerCounters()
    for effect in office.effects:
        if isinstance(effect, LogCall) and not effect.is_again:
            tally.call_ended(effect.record)
    return tally


def painted(office: Office, at: float, user: UserId = MARYAM) -> None:
    card = str(office.card(user)["id"])
    office.screen_pop.receipt(user, card, 1, {Stage.PAINTED: at})


def test_a_card_painted_before_the_answer_is_timed_from_the_ring(
    office: Office, story: Story
) -> None:
    office.handles(story.arrives(), story.rings("101"), story.rings("102"))
    rang_at = story.at
    painted(office, rang_at + 0.25)
    painted(office, rang_at + 0.25, ELENI)
    office.handles(story.answers("101"), story.ends())
    tally = counted(office)
    assert tally.card_outcomes == {CardOutcome.BEFORE_PICKUP: 1, CardOutcome.UNANSWERED: 1}
    assert tally.painted.count == 2
    assert tally.calls_kept == 1


def test_a_card_painted_after_the_answer_is_late(office: Office, story: Story) -> None:
    office.handles(story.arrives(), story.rings("101"), story.answers("101"))
    painted(office, story.at + 3)
    office.handles(story.ends())
    assert counted(office).card_outcomes == {CardOutcome.AFTER_PICKUP: 1}


def test_a_card_that_no_page_had_differs_from_one_that_a_page_did_not_paint(
    office: Office, story: Story
) -> None:
    office.handles(story.arrives(), story.rings("101"), story.rings("102"))
    card = str(office.card(MARYAM)["id"])
    office.screen_pop.receipt(MARYAM, card, 1, {Stage.RECEIVED: story.at})
    office.handles(story.answers("101"), story.ends())
    tally = counted(office)
    assert tally.card_outcomes == {CardOutcome.NOT_PAINTED: 1, CardOutcome.NO_PAGE: 1}
    assert tally.painted.count == 0


def test_a_call_logged_again_for_a_later_proof_is_counted_once(
    office: Office, story: Story
) -> None:
    office.handles(story.arrives(), story.rings("101"), story.answers("101"), story.ends())
    painted(office, story.at + 1)
    office.waits(1)
    assert len([one for one in office.effects if isinstance(one, LogCall)]) == 2
    assert counted(office).calls_kept == 1
