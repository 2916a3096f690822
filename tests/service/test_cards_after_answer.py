"""Cards once a call is answered, missed, transferred or over."""

import orjson
import pytest

from screenpop.calls.events import CallerInfo, Disposition, EndReason, StopReason, TransferKind
from screenpop.service.card_timeouts import CardTimeouts
from screenpop.service.effects import LogNote
from screenpop.telephony.identifiers import CallId
from tests.service.card_values import reason
from tests.service.event_script import Story
from tests.service.service_under_test import (
    ELENI,
    MARYAM,
    NIKOS,
    Office,
    states,
)


def test_a_losing_agents_card_names_the_answering_agent_and_then_leaves(
    office: Office, story: Story
) -> None:
    office.handles(story.arrives(), story.rings("101"), story.rings("102"))
    office.handles(story.answers("102"), story.stops("101", StopReason.ANSWERED_ELSEWHERE, "102"))
    card = office.card(MARYAM)
    assert card["state"] == "elsewhere"
    assert reason(card) == ("answered_by", {"name": "Eleni"})
    assert office.card(ELENI)["state"] == "talking"
    assert states(office.waits(CardTimeouts().elsewhere_s), MARYAM) == ["gone"]
    assert office.sees_nothing(MARYAM)


def test_a_phone_without_an_agent_is_named_by_its_number(office: Office, story: Story) -> None:
    office.handles(story.arrives(), story.rings("101"), story.rings("150"))
    office.handles(story.answers("150"), story.stops("101", StopReason.ANSWERED_ELSEWHERE, "150"))
    assert reason(office.card(MARYAM)) == ("answered_by", {"name": "150"})


def test_a_call_without_an_answer_stays_as_missed(office: Office, story: Story) -> None:
    office.handles(story.arrives(), story.rings("101"))
    office.handles(story.stops("101", StopReason.CANCELLED), story.ends(Disposition.ABANDONED))
    card = office.card(MARYAM)
    assert (card["state"], reason(card)[0]) == ("missed", "caller_gave_up")
    office.waits(CardTimeouts().missed_s - 1)
    assert office.card(MARYAM)["state"] == "missed"
    office.waits(1)
    assert office.sees_nothing(MARYAM)


def test_an_agent_letting_it_ring_learns_when_a_colleague_takes_it(
    office: Office, story: Story
) -> None:
    office.handles(story.arrives(), story.queues(), story.rings("101", queue="support"))
    office.handles(story.stops("101", StopReason.NO_ANSWER))
    assert office.card(MARYAM)["state"] == "missed"
    office.handles(story.rings("102", queue="support"), story.answers("102"))
    assert reason(office.card(MARYAM)) == ("answered_by", {"name": "Eleni"})


def test_a_queue_that_rings_the_same_phone_again_brings_its_card_back(
    office: Office, story: Story
) -> None:
    office.handles(story.arrives(), story.queues(), story.rings("101", leg="a"))
    office.handles(story.stops("101", StopReason.NO_ANSWER, leg="a"))
    office.handles(story.rings("101", leg="b"))
    card = office.card(MARYAM)
    assert (card["state"], card["rev"]) == ("ringing", 3)


@pytest.mark.parametrize("why", [StopReason.BUSY, StopReason.DECLINED, StopReason.UNREACHABLE])
def test_a_phone_that_could_not_ring_takes_its_card_down_at_once(
    office: Office, story: Story, why: StopReason
) -> None:
    office.handles(story.arrives(), story.rings("101"))
    published = office.handles(story.stops("101", why))
    assert states(published, MARYAM) == ["gone"]
    assert orjson.loads(published[0].payload)["reason"]["code"] == why.value
    assert office.sees_nothing(MARYAM)


def test_a_call_picked_up_by_a_colleague_is_marked_so(office: Office, story: Story) -> None:
    office.handles(story.arrives(), story.rings("101"))
    office.handles(
        story.passes_on("101", "102", TransferKind.PICKUP),
        story.answers("102", leg="picker"),
        story.stops("101", StopReason.ANSWERED_ELSEWHERE, "102"),
    )
    assert reason(office.card(MARYAM)) == ("picked_up_by", {"name": "Eleni"})
    assert office.card(ELENI)["state"] == "talking"


def test_hold_is_seen_and_so_is_its_end(office: Office, story: Story) -> None:
    office.handles(story.arrives(), story.rings("101"), story.answers("101"))
    office.handles(story.holds("101"))
    assert office.card(MARYAM)["state"] == "held"
    office.handles(story.resumes("101"))
    assert office.card(MARYAM)["state"] == "talking"


def test_after_the_talk_the_card_stays_for_notes_until_its_time_is_up(
    office: Office, story: Story
) -> None:
    office.handles(story.arrives(), story.rings("101"), story.answers("101"))
    office.handles(story.hangs_up("101"), story.ends())
    assert office.card(MARYAM)["state"] == "wrap_up"
    office.waits(CardTimeouts().wrap_up_s - 1)
    assert office.card(MARYAM)["state"] == "wrap_up"
    office.waits(1)
    assert office.sees_nothing(MARYAM)


def test_a_note_is_kept_displayed_and_gives_more_time(office: Office, story: Story) -> None:
    office.handles(story.arrives(), story.rings("101"), story.answers("101"))
    office.handles(story.hangs_up("101"), story.ends())
    card = office.card(MARYAM)["id"]
    office.waits(CardTimeouts().wrap_up_s - 1)
    assert office.asks(MARYAM, "note", card=card, text="wants a window seat") == {}
    assert office.card(MARYAM)["note"] == "wants a window seat"
    notes = [one for one in office.effects if isinstance(one, LogNote)]
    assert [(one.call, one.agent, one.text) for one in notes] == [
        (story.call, MARYAM, "wants a window seat")
    ]
    office.waits(CardTimeouts().wrap_up_s - 1)
    assert office.card(MARYAM)["state"] == "wrap_up"


def test_the_next_answered_call_clears_the_last_one(office: Office) -> None:
    first, second = Story(CallId("1")), Story(CallId("2"))
    office.handles(first.arrives(), first.rings("101"), first.answers("101"))
    office.handles(first.hangs_up("101"), first.ends())
    second.at = first.at
    office.handles(second.arrives(), second.rings("101"))
    assert len(office.screens[MARYAM]) == 2
    office.handles(second.answers("101"))
    assert office.card(MARYAM)["call"] == "2"


def test_a_card_is_put_away_by_hand_but_not_while_the_call_is_on(
    office: Office, story: Story
) -> None:
    office.handles(story.arrives(), story.rings("101"), story.answers("101"))
    card = office.card(MARYAM)["id"]
    assert office.asks(MARYAM, "dismiss", card=card) == {"error": "call_is_on"}
    office.handles(story.hangs_up("101"), story.ends())
    assert office.asks(MARYAM, "dismiss", card=card) == {}
    assert office.sees_nothing(MARYAM)
    assert office.asks(MARYAM, "dismiss", card=card) == {"error": "unknown_card"}


def test_a_card_put_away_comes_back_when_the_same_call_rings_again(
    office: Office, story: Story
) -> None:
    office.handles(story.arrives(), story.rings("101", leg="a"))
    office.handles(story.stops("101", StopReason.NO_ANSWER, leg="a"))
    office.asks(MARYAM, "dismiss", card=office.card(MARYAM)["id"])
    assert office.sees_nothing(MARYAM)
    office.handles(story.rings("101", leg="b"))
    assert office.card(MARYAM)["state"] == "ringing"


def test_only_so_many_missed_calls_are_displayed_and_the_oldest_leaves() -> None:
    office = Office(stays=CardTimeouts(most_missed=2))
    for n in range(3):
        story = Story(CallId(str(n)), at=1_795_315_010.0 + 10 * n)
        office.handles(story.arrives(), story.rings("101"))
        office.handles(story.stops("101", StopReason.NO_ANSWER), story.ends(Disposition.NO_ANSWER))
    assert [card["call"] for card in office.screens[MARYAM].values()] == ["1", "2"]


def test_the_receiver_of_a_transfer_sees_the_previous_agent_and_their_note(
    office: Office, story: Story
) -> None:
    office.handles(story.arrives(), story.rings("101"), story.answers("101"))
    office.asks(MARYAM, "note", card=office.card(MARYAM)["id"], text="asks about the invoice")
    office.handles(story.passes_on("101", "103"), story.hangs_up("101"), story.rings("103"))
    card = office.card(NIKOS)
    assert card["state"] == "ringing"
    assert card["transfer"] == {
        "origin": "Maryam",
        "kind": "blind",
        "talked_s": 42.0,
        "note": "asks about the invoice",
        "queue": "",
    }
    assert card["person"]["id"] == 7  # type: ignore[index]
    mine = office.card(MARYAM)
    assert (mine["state"], reason(mine)) == ("wrap_up", ("transferred_to", {"name": "Nikos"}))


def test_a_consultation_that_becomes_part_of_the_call_leaves_no_card(office: Office) -> None:
    consultation = Story(CallId("consult"), caller=CallerInfo("101"))
    office.handles(consultation.calls_colleague("101", "102"), consultation.rings("102"))
    card = office.card(ELENI)
    assert (card["match"], card["match_reason"]["params"]) == ("colleague", {"name": "Maryam"})  # type: ignore[index]
    office.handles(consultation.ends(None, EndReason.MERGED))
    assert office.sees_nothing(ELENI)
    assert office.kept == []


def test_an_agent_dialling_a_customer_sees_the_customers_card(office: Office, story: Story) -> None:
    office.handles(story.dials_out("101", "09123456789"), story.rings("trunk"))
    card = office.card(MARYAM)
    assert (card["state"], card["match"], card["direction"]) == ("dialling", "certain", "outbound")
    office.handles(story.answers("trunk"))
    assert office.card(MARYAM)["state"] == "talking"
    office.handles(story.hangs_up("trunk"), story.ends())
    assert office.card(MARYAM)["state"] == "wrap_up"


def test_an_unreachable_customer_leaves_no_card(office: Office, story: Story) -> None:
    office.handles(story.dials_out("101", "09123456789"), story.rings("trunk"))
    published = office.handles(story.stops("trunk", StopReason.BUSY), story.ends(Disposition.BUSY))
    assert states(published, MARYAM) == ["gone"]
