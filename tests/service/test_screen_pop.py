"""Stories of calls, and what everybody sees of them."""

import orjson
import pytest

from screenpop.calls.events import CallerInfo, Disposition, EndReason, StopReason, TransferKind
from screenpop.customers.models import CallerRecord
from screenpop.protocol.client_messages import Stage
from screenpop.service.caller_identification import PATIENCE_S
from screenpop.service.card_timeouts import CardTimeouts
from screenpop.service.effects import LogCall, LogNote, Publish
from screenpop.service.lookup_queue import LOOKUP_TIMEOUT_S
from screenpop.service.ports import LoggedCall
from screenpop.telephony.identifiers import SIMULATED, BootId, CallId
from tests.service.event_script import Story
from tests.service.service_under_test import (
    ELENI,
    LALEH,
    MARYAM,
    NIKOS,
    SARA,
    Office,
    people,
    states,
)


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def story() -> Story:
    return Story()


def reason(card: dict[str, object]) -> tuple[str, dict[str, object]]:
    found = card["reason"]
    assert isinstance(found, dict)
    return found["code"], found["params"]


# -- ringing -----------------------------------------------------------------------------------


def test_the_ringing_agent_sees_who_calls(office: Office, story: Story) -> None:
    office.hears(story.arrives(), story.rings("101"))
    card = office.card(MARYAM)
    assert card["state"] == "ringing"
    assert card["match"] == "certain"
    assert card["person"]["address"]["fa"] == "خانم دکتر لاله کریمی"  # type: ignore[index]
    assert card["line"]["label"] == "Sales line"  # type: ignore[index]
    assert card["rev"] == 1


def test_an_agent_who_does_not_ring_sees_nothing(office: Office, story: Story) -> None:
    office.hears(story.arrives(), story.rings("101"))
    assert office.sees_nothing(ELENI)
    assert office.sees_nothing(SARA)


def test_the_card_is_out_with_the_same_read_that_brought_the_ring(
    office: Office, story: Story
) -> None:
    told = office.hears(story.arrives(), story.rings("101"))
    assert [one.kind for one in told] == ["card", "call"]


def test_all_phones_of_a_ring_group_pop_and_know_of_each_other(
    office: Office, story: Story
) -> None:
    office.hears(story.arrives(), story.rings("101"), story.rings("102"))
    assert office.card(MARYAM)["also_ringing"] == ["Eleni"]
    assert office.card(ELENI)["also_ringing"] == ["Maryam"]
    assert office.card(ELENI)["rev"] == 1


def test_an_agent_with_two_devices_has_one_card_with_two_legs(office: Office, story: Story) -> None:
    office.hears(story.arrives(), story.rings("101"), story.rings("99101"))
    card = office.card(MARYAM)
    assert [leg["endpoint"] for leg in card["legs"]] == ["101", "99101"]  # type: ignore[attr-defined]
    assert card["also_ringing"] == []


def test_the_other_device_does_not_end_the_card_when_one_is_answered(
    office: Office, story: Story
) -> None:
    office.hears(story.arrives(), story.rings("101"), story.rings("99101"))
    office.hears(story.answers("99101"), story.stops("101", StopReason.ANSWERED_ELSEWHERE, "99101"))
    assert office.card(MARYAM)["state"] == "talking"


def test_each_department_gets_its_own_view_of_the_same_caller(office: Office, story: Story) -> None:
    office.hears(story.arrives(), story.rings("101"), story.rings("103"))
    sales, accounting = office.card(MARYAM), office.card(NIKOS)
    assert sales["trips"][0]["price"] is None  # type: ignore[index]
    assert accounting["trips"][0]["price"] == 900  # type: ignore[index]


def test_a_second_call_stands_beside_the_first(office: Office) -> None:
    first, second = Story(), Story(CallId("2"), caller=CallerInfo("+302101234567"))
    office.hears(first.arrives(), first.rings("101"), first.answers("101"))
    office.hears(second.arrives(), second.rings("101"))
    assert len(office.screens[MARYAM]) == 2


def test_nothing_is_told_twice(office: Office, story: Story) -> None:
    office.hears(story.arrives(), story.rings("101"))
    assert office.hears(story.is_called(story.caller.number, story.caller.name)) == []
    assert office.waits(1) == []


def test_a_name_learnt_later_makes_a_new_revision_and_no_new_lookup(
    office: Office, story: Story
) -> None:
    story.caller = CallerInfo("+302101234567")
    office.hears(story.arrives(), story.rings("101"))
    office.hears(story.is_called("+302101234567", "Taverna"))
    assert office.card(MARYAM)["caller"]["name"] == "Taverna"  # type: ignore[index]
    assert office.card(MARYAM)["rev"] == 2
    assert len(office.asked) == 1


def test_a_number_learnt_later_is_looked_up(office: Office, story: Story) -> None:
    story.caller = CallerInfo("")
    office.hears(story.arrives(), story.rings("101"))
    assert office.card(MARYAM)["match"] == "none"
    office.hears(story.is_called(LALEH))
    assert office.card(MARYAM)["match"] == "certain"


def test_a_withheld_number_is_not_looked_up_and_not_shown(office: Office, story: Story) -> None:
    story.caller = CallerInfo(LALEH, "Laleh", withheld=True)
    told = office.hears(story.arrives(), story.rings("101"))
    assert office.asked == []
    assert office.card(MARYAM)["match"] == "withheld"
    assert all(b"912345" not in one.payload and b"Laleh" not in one.payload for one in told)


# -- the records are slow ----------------------------------------------------------------------


def test_a_slow_lookup_sends_a_pending_card_first(story: Story) -> None:
    office = Office(slow=True)
    office.hears(story.arrives(), story.rings("101"))
    assert office.sees_nothing(MARYAM)
    office.waits(PATIENCE_S)
    assert office.card(MARYAM)["match"] == "pending"
    office.records_answer(office.records[LALEH])
    card = office.card(MARYAM)
    assert (card["match"], card["rev"]) == ("certain", 2)


def test_a_lookup_that_answers_in_time_makes_one_card_and_not_two(story: Story) -> None:
    office = Office(slow=True)
    office.hears(story.arrives(), story.rings("101"))
    office.records_answer(office.records[LALEH])
    assert office.card(MARYAM)["rev"] == 1
    office.waits(PATIENCE_S)
    assert office.card(MARYAM)["rev"] == 1


def test_records_that_do_not_answer_are_said_to_be_unreachable(story: Story) -> None:
    office = Office(slow=True)
    office.hears(story.arrives(), story.rings("101"))
    office.waits(LOOKUP_TIMEOUT_S)
    assert office.card(MARYAM)["match"] == "unreachable"
    before = len(office.published)
    office.records_answer(office.records[LALEH])
    assert len(office.published) == before


def test_records_that_refuse_are_said_to_be_unreachable_and_the_next_call_asks_again(
    story: Story,
) -> None:
    office = Office(slow=True)
    office.hears(story.arrives(), story.rings("101"))
    office.records_answer(None)
    assert office.card(MARYAM)["match"] == "unreachable"
    next_call = Story(CallId("2"))
    office.hears(next_call.arrives(), next_call.rings("102"))
    office.records_answer(office.records[LALEH])
    assert office.card(ELENI)["match"] == "certain"


def test_an_answer_for_a_call_that_is_over_and_shows_nothing_is_dropped(story: Story) -> None:
    office = Office(slow=True)
    office.hears(story.arrives(), story.queues(), story.ends(Disposition.ABANDONED))
    office.waits(PATIENCE_S)
    before = len(office.published)
    office.records_answer(office.records[LALEH])
    assert len(office.published) == before


def test_a_missed_card_still_learns_whom_it_missed(story: Story) -> None:
    office = Office(slow=True)
    office.hears(story.arrives(), story.rings("101"))
    office.hears(story.stops("101", StopReason.CANCELLED), story.ends(Disposition.ABANDONED))
    office.records_answer(office.records[LALEH])
    card = office.card(MARYAM)
    assert (card["state"], card["match"]) == ("missed", "certain")


def test_two_calls_of_one_number_wait_for_one_answer() -> None:
    office = Office(slow=True)
    first, second = Story(CallId("1")), Story(CallId("2"))
    office.hears(first.arrives(), first.rings("101"), second.arrives(), second.rings("102"))
    assert len(office.asked) == 1
    office.records_answer(office.records[LALEH])
    assert office.card(MARYAM)["match"] == office.card(ELENI)["match"] == "certain"


# -- answered, or not --------------------------------------------------------------------------


def test_a_losing_agents_card_says_who_answered_and_then_leaves(
    office: Office, story: Story
) -> None:
    office.hears(story.arrives(), story.rings("101"), story.rings("102"))
    office.hears(story.answers("102"), story.stops("101", StopReason.ANSWERED_ELSEWHERE, "102"))
    card = office.card(MARYAM)
    assert card["state"] == "elsewhere"
    assert reason(card) == ("answered_by", {"name": "Eleni"})
    assert office.card(ELENI)["state"] == "talking"
    assert states(office.waits(CardTimeouts().elsewhere_s), MARYAM) == ["gone"]
    assert office.sees_nothing(MARYAM)


def test_a_phone_nobody_sits_at_is_named_by_its_number(office: Office, story: Story) -> None:
    office.hears(story.arrives(), story.rings("101"), story.rings("150"))
    office.hears(story.answers("150"), story.stops("101", StopReason.ANSWERED_ELSEWHERE, "150"))
    assert reason(office.card(MARYAM)) == ("answered_by", {"name": "150"})


def test_the_call_that_nobody_takes_stays_as_missed(office: Office, story: Story) -> None:
    office.hears(story.arrives(), story.rings("101"))
    office.hears(story.stops("101", StopReason.CANCELLED), story.ends(Disposition.ABANDONED))
    card = office.card(MARYAM)
    assert (card["state"], reason(card)[0]) == ("missed", "caller_gave_up")
    office.waits(CardTimeouts().missed_s - 1)
    assert office.card(MARYAM)["state"] == "missed"
    office.waits(1)
    assert office.sees_nothing(MARYAM)


def test_an_agent_who_let_it_ring_learns_when_somebody_else_takes_it(
    office: Office, story: Story
) -> None:
    office.hears(story.arrives(), story.queues(), story.rings("101", queue="support"))
    office.hears(story.stops("101", StopReason.NO_ANSWER))
    assert office.card(MARYAM)["state"] == "missed"
    office.hears(story.rings("102", queue="support"), story.answers("102"))
    assert reason(office.card(MARYAM)) == ("answered_by", {"name": "Eleni"})


def test_a_queue_that_rings_the_same_phone_again_brings_its_card_back(
    office: Office, story: Story
) -> None:
    office.hears(story.arrives(), story.queues(), story.rings("101", leg="a"))
    office.hears(story.stops("101", StopReason.NO_ANSWER, leg="a"))
    office.hears(story.rings("101", leg="b"))
    card = office.card(MARYAM)
    assert (card["state"], card["rev"]) == ("ringing", 3)


@pytest.mark.parametrize("why", [StopReason.BUSY, StopReason.DECLINED, StopReason.UNREACHABLE])
def test_a_phone_that_could_not_ring_takes_its_card_down_at_once(
    office: Office, story: Story, why: StopReason
) -> None:
    office.hears(story.arrives(), story.rings("101"))
    told = office.hears(story.stops("101", why))
    assert states(told, MARYAM) == ["gone"]
    assert orjson.loads(told[0].payload)["reason"]["code"] == why.value
    assert office.sees_nothing(MARYAM)


def test_a_call_picked_up_by_a_colleague_says_so(office: Office, story: Story) -> None:
    office.hears(story.arrives(), story.rings("101"))
    office.hears(
        story.passes_on("101", "102", TransferKind.PICKUP),
        story.answers("102", leg="picker"),
        story.stops("101", StopReason.ANSWERED_ELSEWHERE, "102"),
    )
    assert reason(office.card(MARYAM)) == ("picked_up_by", {"name": "Eleni"})
    assert office.card(ELENI)["state"] == "talking"


# -- talking and after -------------------------------------------------------------------------


def test_hold_is_seen_and_so_is_its_end(office: Office, story: Story) -> None:
    office.hears(story.arrives(), story.rings("101"), story.answers("101"))
    office.hears(story.holds("101"))
    assert office.card(MARYAM)["state"] == "held"
    office.hears(story.resumes("101"))
    assert office.card(MARYAM)["state"] == "talking"


def test_after_the_talk_the_card_stays_for_notes_until_its_time_is_up(
    office: Office, story: Story
) -> None:
    office.hears(story.arrives(), story.rings("101"), story.answers("101"))
    office.hears(story.hangs_up("101"), story.ends())
    assert office.card(MARYAM)["state"] == "wrap_up"
    office.waits(CardTimeouts().wrap_up_s - 1)
    assert office.card(MARYAM)["state"] == "wrap_up"
    office.waits(1)
    assert office.sees_nothing(MARYAM)


def test_a_note_is_kept_shown_and_gives_more_time(office: Office, story: Story) -> None:
    office.hears(story.arrives(), story.rings("101"), story.answers("101"))
    office.hears(story.hangs_up("101"), story.ends())
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
    office.hears(first.arrives(), first.rings("101"), first.answers("101"))
    office.hears(first.hangs_up("101"), first.ends())
    second.at = first.at
    office.hears(second.arrives(), second.rings("101"))
    assert len(office.screens[MARYAM]) == 2
    office.hears(second.answers("101"))
    assert office.card(MARYAM)["call"] == "2"


def test_a_card_is_put_away_by_hand_but_not_while_the_call_is_on(
    office: Office, story: Story
) -> None:
    office.hears(story.arrives(), story.rings("101"), story.answers("101"))
    card = office.card(MARYAM)["id"]
    assert office.asks(MARYAM, "dismiss", card=card) == {"error": "call_is_on"}
    office.hears(story.hangs_up("101"), story.ends())
    assert office.asks(MARYAM, "dismiss", card=card) == {}
    assert office.sees_nothing(MARYAM)
    assert office.asks(MARYAM, "dismiss", card=card) == {"error": "unknown_card"}


def test_a_card_put_away_comes_back_when_the_same_call_rings_again(
    office: Office, story: Story
) -> None:
    office.hears(story.arrives(), story.rings("101", leg="a"))
    office.hears(story.stops("101", StopReason.NO_ANSWER, leg="a"))
    office.asks(MARYAM, "dismiss", card=office.card(MARYAM)["id"])
    assert office.sees_nothing(MARYAM)
    office.hears(story.rings("101", leg="b"))
    assert office.card(MARYAM)["state"] == "ringing"


def test_only_so_many_missed_calls_are_shown_and_the_oldest_leaves() -> None:
    office = Office(stays=CardTimeouts(most_missed=2))
    for n in range(3):
        story = Story(CallId(str(n)), at=1_795_315_010.0 + 10 * n)
        office.hears(story.arrives(), story.rings("101"))
        office.hears(story.stops("101", StopReason.NO_ANSWER), story.ends(Disposition.NO_ANSWER))
    assert [card["call"] for card in office.screens[MARYAM].values()] == ["1", "2"]


# -- transfers ---------------------------------------------------------------------------------


def test_the_receiver_of_a_transfer_sees_who_talked_before_and_their_note(
    office: Office, story: Story
) -> None:
    office.hears(story.arrives(), story.rings("101"), story.answers("101"))
    office.asks(MARYAM, "note", card=office.card(MARYAM)["id"], text="asks about the invoice")
    office.hears(story.passes_on("101", "103"), story.hangs_up("101"), story.rings("103"))
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
    office.hears(consultation.calls_colleague("101", "102"), consultation.rings("102"))
    card = office.card(ELENI)
    assert (card["match"], card["match_reason"]["params"]) == ("colleague", {"name": "Maryam"})  # type: ignore[index]
    office.hears(consultation.ends(None, EndReason.MERGED))
    assert office.sees_nothing(ELENI)
    assert office.kept == []


def test_an_agent_who_dials_a_customer_sees_the_customers_card(
    office: Office, story: Story
) -> None:
    office.hears(story.dials_out("101", "09123456789"), story.rings("trunk"))
    card = office.card(MARYAM)
    assert (card["state"], card["match"], card["direction"]) == ("dialling", "certain", "outbound")
    office.hears(story.answers("trunk"))
    assert office.card(MARYAM)["state"] == "talking"
    office.hears(story.hangs_up("trunk"), story.ends())
    assert office.card(MARYAM)["state"] == "wrap_up"


def test_a_customer_who_cannot_be_reached_leaves_no_card(office: Office, story: Story) -> None:
    office.hears(story.dials_out("101", "09123456789"), story.rings("trunk"))
    told = office.hears(story.stops("trunk", StopReason.BUSY), story.ends(Disposition.BUSY))
    assert states(told, MARYAM) == ["gone"]


# -- supervisors -------------------------------------------------------------------------------


def test_supervisors_follow_a_call_from_its_arrival_to_its_end(
    office: Office, story: Story
) -> None:
    office.hears(story.arrives(), story.queues(position=2))
    (call,) = office.board.values()
    assert (call["state"], call["queue"], call["position"]) == ("waiting", "support", 2)
    assert call["person"]["address"]["en"] == "Dr Laleh Karimi"  # type: ignore[index]
    office.hears(story.rings("101", queue="support"), story.rings("102", queue="support"))
    (call,) = office.board.values()
    assert (call["state"], call["ringing"]) == ("ringing", ["Maryam", "Eleni"])
    office.hears(story.answers("102"))
    (call,) = office.board.values()
    assert (call["state"], call["answered_by"]) == ("talking", ["Eleni"])
    told = office.hears(story.ends())
    last = next(one for one in told if one.kind == "call")
    assert last.gone
    assert orjson.loads(last.payload)["disposition"] == "answered"
    assert office.board == {}


def test_agents_are_not_told_of_calls_that_are_not_theirs(office: Office, story: Story) -> None:
    told = office.hears(story.arrives(), story.queues())
    assert [(one.kind, one.users) for one in told] == [("call", (SARA,))]


def test_the_time_in_a_state_starts_when_the_state_does(office: Office, story: Story) -> None:
    office.hears(story.arrives(), story.rings("101"))
    ringing_since = next(iter(office.board.values()))["since"]
    office.hears(story.rings("102"))
    assert next(iter(office.board.values()))["since"] == ringing_since
    office.hears(story.answers("101"))
    assert next(iter(office.board.values()))["since"] == office.now


def test_simulated_calls_are_marked(office: Office) -> None:
    story = Story(pbx=SIMULATED)
    office.hears(story.arrives(), story.rings("101"))
    assert next(iter(office.board.values()))["simulated"] is True
    assert office.card(MARYAM)["pbx"] == "simulated"


# -- the log -----------------------------------------------------------------------------------


def test_a_finished_call_is_kept_once_and_after_everything_else(
    office: Office, story: Story
) -> None:
    office.hears(story.arrives(), story.rings("101"), story.answers("101"))
    office.hears(story.hangs_up("101"), story.ends())
    office.hears(story.ends())
    office.waits(1000)
    (record,) = office.kept
    assert record.customer == 7
    assert record.entry.disposition is Disposition.ANSWERED
    assert isinstance(office.effects[office.effects.index(LogCall(record)) - 1], Publish)


def test_painted_before_pickup_is_kept_for_the_agent_who_answered(
    office: Office, story: Story
) -> None:
    office.hears(story.arrives(), story.rings("101"), story.rings("102"))
    card = str(office.card(MARYAM)["id"])
    office.screen_pop.receipt(MARYAM, card, 1, Stage.RECEIVED, story.at + 0.1)
    office.screen_pop.receipt(MARYAM, card, 1, Stage.PAINTED, story.at + 0.2)
    office.hears(story.answers("101"), story.ends())
    (record,) = office.kept
    by_agent = {one.agent: one for one in record.painted}
    assert by_agent[MARYAM].before_pickup is True
    assert by_agent[MARYAM].endpoint == "101"
    assert by_agent[ELENI].before_pickup is None


def test_a_page_in_the_background_that_only_gave_notice_is_told_so(
    office: Office, story: Story
) -> None:
    office.hears(story.arrives(), story.rings("101"))
    card = str(office.card(MARYAM)["id"])
    for stage in (Stage.RECEIVED, Stage.NOTIFIED, Stage.NOTIFIED):
        office.screen_pop.receipt(MARYAM, card, 1, stage, story.at + 0.1)
    office.hears(story.answers("101"), story.ends())
    (record,) = office.kept
    told = [step["step"] for step in record.trace if step["step"] in {*Stage}]
    assert told == ["received", "notified"]
    assert record.painted[0].painted_at is None


def test_a_proof_that_came_alone_proves_that_the_card_was_received(
    office: Office, story: Story
) -> None:
    office.hears(story.arrives(), story.rings("101"))
    card = str(office.card(MARYAM)["id"])
    office.screen_pop.receipt(MARYAM, card, 1, Stage.NOTIFIED, story.at + 0.1)
    office.hears(story.ends())
    assert office.kept[0].painted[0].received_at == story.at - 1.0 + 0.1


def test_the_log_learns_at_which_phone_the_agent_sat_and_who_made_a_call(office: Office) -> None:
    inbound, outbound = Story(CallId("in")), Story(CallId("out"))
    office.hears(inbound.arrives(), inbound.rings("101"), inbound.rings("99101"))
    office.hears(inbound.answers("99101"), inbound.ends())
    office.hears(outbound.dials_out("99101", LALEH), outbound.rings("trunk"), outbound.ends())
    first, second = office.kept
    assert first.dialled_from == ""
    assert first.painted[0].phones == {"101", "99101"}
    assert second.dialled_from == "99101"
    assert (second.painted[0].agent, second.painted[0].endpoint) == (MARYAM, "99101")


def test_a_card_painted_only_after_the_answer_did_not_help(office: Office, story: Story) -> None:
    office.hears(story.arrives(), story.rings("101"), story.answers("101"))
    office.screen_pop.receipt(
        MARYAM, str(office.card(MARYAM)["id"]), 1, Stage.PAINTED, story.at + 0.1
    )
    office.hears(story.ends())
    assert office.kept[0].painted[0].before_pickup is False


def test_the_trace_says_why_there_was_a_card_and_for_whom(office: Office, story: Story) -> None:
    office.hears(story.arrives(), story.rings("101"), story.rings("150"), story.ends())
    (record,) = office.kept
    steps = [step["step"] for step in record.trace]
    assert steps[:3] == ["caller", "matched", "arrived"] or steps[:2] == ["caller", "arrived"]
    assert {"matched", "dialled", "card", "ended"} <= set(steps)
    nobody = [step for step in record.trace if step["step"] == "dialled" and not step["agent"]]
    assert [step["endpoint"] for step in nobody] == ["150"]


# -- strangers ---------------------------------------------------------------------------------


def test_mallory_cannot_touch_a_card_of_somebody_else(office: Office, story: Story) -> None:
    office.hears(story.arrives(), story.rings("101"), story.answers("101"), story.ends())
    card = str(office.card(MARYAM)["id"])
    for op, args in (
        ("note", {"text": "mine now"}),
        ("dismiss", {}),
        ("offer_answered", {"offer": "x", "answer": "no"}),
    ):
        assert office.asks(ELENI, op, card=card, **args) == {"error": "unknown_card"}
    office.screen_pop.receipt(ELENI, card, 1, Stage.PAINTED, story.at)
    assert office.card(MARYAM)["note"] == ""
    assert not any(isinstance(effect, LogNote) for effect in office.effects)


def test_a_receipt_for_a_revision_that_was_never_sent_proves_nothing(
    office: Office, story: Story
) -> None:
    office.hears(story.arrives(), story.rings("101"))
    card = str(office.card(MARYAM)["id"])
    office.screen_pop.receipt(MARYAM, card, 7, Stage.PAINTED, story.at)
    office.hears(story.answers("101"), story.ends())
    assert office.kept[0].painted[0].painted_at is None


@pytest.mark.parametrize(
    ("op", "args", "code"),
    [
        ("fly", {}, "unknown_command"),
        ("note", {"card": 7, "text": "x"}, "bad_arguments"),
        ("note", {"card": "x", "text": "y" * 20_000}, "bad_arguments"),
        ("offer_answered", {"card": "x", "offer": "o", "answer": "maybe"}, "bad_arguments"),
        ("dismiss", {"card": "no such card"}, "unknown_card"),
    ],
)
def test_nonsense_is_refused_by_a_code(
    office: Office, op: str, args: dict[str, object], code: str
) -> None:
    assert office.asks(MARYAM, op, **args) == {"error": code}


def test_an_offer_is_answered_only_if_it_was_made(office: Office, story: Story) -> None:
    office.hears(story.arrives(), story.rings("101"), story.answers("101"))
    card = office.card(MARYAM)
    offer = card["suggestions"][0]["id"]  # type: ignore[index]
    assert office.asks(MARYAM, "offer_answered", card=card["id"], offer=offer, answer="later") == {}
    office.hears(story.hangs_up("101"), story.ends())
    assert answers(office.kept[-1]) == [(offer, "later")]
    made_up = office.asks(MARYAM, "offer_answered", card=card["id"], offer="moon", answer="no")
    assert made_up == {"error": "unknown_offer"}


def test_what_is_learnt_after_the_call_makes_its_record_come_again(
    office: Office, story: Story
) -> None:
    office.hears(story.arrives(), story.rings("101"), story.answers("101"))
    office.hears(story.hangs_up("101"), story.ends())
    card = office.card(MARYAM)
    offer = card["suggestions"][0]["id"]  # type: ignore[index]
    office.asks(MARYAM, "offer_answered", card=card["id"], offer=offer, answer="accepted")
    first, second = office.kept
    assert first.entry == second.entry
    assert (answers(first), answers(second)) == ([], [(offer, "accepted")])
    assert first.offer_answers == ()
    [kept] = second.offer_answers
    assert (kept.customer, kept.offer, kept.answer) == (second.customer, offer, "accepted")
    assert kept.agent == MARYAM
    assert kept.reason["code"] == card["suggestions"][0]["reason"]["code"]  # type: ignore[index]


def answers(record: LoggedCall) -> list[tuple[object, object]]:
    return [
        (step["offer"], step["answer"]) for step in record.trace if step["step"] == "offer_answered"
    ]


# -- boots and people --------------------------------------------------------------------------


def test_the_same_recording_played_twice_never_reuses_a_revision(office: Office) -> None:
    first, second = Story(), Story(boot=BootId("boot 2"))
    office.hears(first.arrives(), first.rings("101"), first.answers("101"), first.ends())
    last = office.card(MARYAM)["rev"]
    second.at = first.at
    office.hears(second.arrives(), second.rings("101"))
    card = office.card(MARYAM)
    assert card["state"] == "ringing"
    assert card["rev"] > last  # type: ignore[operator]
    office.waits(CardTimeouts().wrap_up_s)
    assert office.card(MARYAM)["state"] == "ringing"
    office.hears(second.stops("101", StopReason.DECLINED), second.ends())
    assert office.sees_nothing(MARYAM)
    assert office.screen_pop.calls == 0


def test_a_phone_given_to_an_agent_while_it_rings_brings_the_card(
    office: Office, story: Story
) -> None:
    office.hears(story.arrives(), story.rings("150"))
    assert office.sees_nothing(ELENI)
    newly = people(phones={ELENI: ("102", "150")})
    office.does(lambda screen_pop: screen_pop.people_changed(newly))
    assert office.card(ELENI)["state"] == "ringing"


def test_a_call_rebuilt_after_the_link_was_down_says_so(office: Office, story: Story) -> None:
    office.hears(story.arrives(estimated=True), story.rings("101"))
    assert office.card(MARYAM)["estimated"] is True


def test_an_unknown_caller_is_no_ones_customer(office: Office, story: Story) -> None:
    story.caller = CallerInfo("+302101234567", "Someone")
    office.records[LALEH] = CallerRecord(LALEH)
    office.hears(story.arrives(), story.rings("101"))
    card = office.card(MARYAM)
    assert (card["match"], card["person"], card["candidates"]) == ("none", None, [])
    assert card["caller"]["display"] == "+30 21 0123 4567"  # type: ignore[index]
