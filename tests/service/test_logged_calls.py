"""The record that a finished call leaves in the log."""

from screenpop.calls.events import Disposition
from screenpop.protocol.client_messages import Stage
from screenpop.service.effects import LogCall, Publish
from screenpop.telephony.identifiers import CallId
from tests.service.card_values import answers
from tests.service.event_script import Story
from tests.service.service_under_test import (
    ELENI,
    LALEH,
    MARYAM,
    Office,
)


def test_a_finished_call_is_kept_once_and_after_everything_else(
    office: Office, story: Story
) -> None:
    office.handles(story.arrives(), story.rings("101"), story.answers("101"))
    office.handles(story.hangs_up("101"), story.ends())
    office.handles(story.ends())
    office.waits(1000)
    (record,) = office.kept
    assert record.customer == 7
    assert record.entry.disposition is Disposition.ANSWERED
    assert isinstance(office.effects[office.effects.index(LogCall(record)) - 1], Publish)


def test_painted_before_pickup_is_kept_for_the_answering_agent(
    office: Office, story: Story
) -> None:
    office.handles(story.arrives(), story.rings("101"), story.rings("102"))
    card = str(office.card(MARYAM)["id"])
    office.screen_pop.receipt(MARYAM, card, 1, {Stage.RECEIVED: story.at + 0.1})
    office.screen_pop.receipt(MARYAM, card, 1, {Stage.PAINTED: story.at + 0.2})
    office.handles(story.answers("101"), story.ends())
    (record,) = office.kept
    by_agent = {one.agent: one for one in record.painted}
    assert by_agent[MARYAM].before_pickup is True
    assert by_agent[MARYAM].endpoint == "101"
    assert by_agent[ELENI].before_pickup is None


def test_a_page_in_the_background_that_only_gave_notice_is_recorded_so(
    office: Office, story: Story
) -> None:
    office.handles(story.arrives(), story.rings("101"))
    card = str(office.card(MARYAM)["id"])
    for stage in (Stage.RECEIVED, Stage.NOTIFIED, Stage.NOTIFIED):
        office.screen_pop.receipt(MARYAM, card, 1, {stage: story.at + 0.1})
    office.handles(story.answers("101"), story.ends())
    (record,) = office.kept
    reported = [step["step"] for step in record.trace if step["step"] in {*Stage}]
    assert reported == ["received", "notified"]
    assert record.painted[0].painted_at is None


def test_a_proof_that_came_alone_proves_that_the_card_was_received(
    office: Office, story: Story
) -> None:
    office.handles(story.arrives(), story.rings("101"))
    card = str(office.card(MARYAM)["id"])
    office.screen_pop.receipt(MARYAM, card, 1, {Stage.NOTIFIED: story.at + 0.1})
    office.handles(story.ends())
    assert office.kept[0].painted[0].received_at == story.at - 1.0 + 0.1


def test_a_receipt_with_several_stages_has_the_time_of_each_in_the_order_of_the_trace(
    office: Office, story: Story
) -> None:
    office.handles(story.arrives(), story.rings("101"))
    card, sent_at = str(office.card(MARYAM)["id"]), office.now
    office.handles(story.answers("101"))
    answered_at = story.at
    stages = {
        Stage.RECEIVED: sent_at + 0.1,
        Stage.PAINTED: answered_at - 0.1,
        Stage.SEEN: answered_at + 0.1,
    }
    office.screen_pop.receipt(MARYAM, card, 1, stages)
    office.handles(story.hangs_up("101"), story.ends())
    (record,) = office.kept
    (delivery,) = record.painted
    assert (delivery.received_at, delivery.painted_at, delivery.seen_at) == tuple(stages.values())
    assert delivery.before_pickup is True
    steps = [step["step"] for step in record.trace]
    order = [step for step in steps if step in {*Stage, "answered"}]
    assert order == ["received", "painted", "answered", "seen"]


def test_no_stage_is_reached_before_the_card_is_sent(office: Office, story: Story) -> None:
    office.handles(story.arrives(), story.rings("101"))
    card = str(office.card(MARYAM)["id"])
    office.screen_pop.receipt(MARYAM, card, 1, {Stage.RECEIVED: 0.0, Stage.PAINTED: -1e15})
    office.handles(story.answers("101"), story.ends())
    (delivery,) = office.kept[0].painted
    assert delivery.received_at == delivery.painted_at == delivery.sent_at


def test_a_receipt_after_the_call_was_logged_brings_its_record_again(
    office: Office, story: Story
) -> None:
    office.handles(story.arrives(), story.rings("101"), story.answers("101"))
    card = str(office.card(MARYAM)["id"])
    assert not office.screen_pop.receipt(MARYAM, card, 1, {Stage.RECEIVED: story.at})
    office.handles(story.hangs_up("101"), story.ends())
    assert office.screen_pop.receipt(MARYAM, card, 1, {Stage.SEEN: story.at})
    assert not office.screen_pop.receipt(MARYAM, card, 1, {Stage.SEEN: story.at})
    office.waits(0)
    first, second = office.kept
    assert first.painted[0].seen_at is None
    assert second.painted[0].seen_at == story.at


def test_the_log_has_the_phone_of_the_agent_and_the_agent_that_made_a_call(office: Office) -> None:
    inbound, outbound = Story(CallId("in")), Story(CallId("out"))
    office.handles(inbound.arrives(), inbound.rings("101"), inbound.rings("99101"))
    office.handles(inbound.answers("99101"), inbound.ends())
    office.handles(outbound.dials_out("99101", LALEH), outbound.rings("trunk"), outbound.ends())
    first, second = office.kept
    assert first.dialled_from == ""
    assert first.painted[0].phones == {"101", "99101"}
    assert second.dialled_from == "99101"
    assert (second.painted[0].agent, second.painted[0].endpoint) == (MARYAM, "99101")


def test_a_card_painted_only_after_the_answer_did_not_help(office: Office, story: Story) -> None:
    office.handles(story.arrives(), story.rings("101"), story.answers("101"))
    office.screen_pop.receipt(
        MARYAM, str(office.card(MARYAM)["id"]), 1, {Stage.PAINTED: story.at + 0.1}
    )
    office.handles(story.ends())
    assert office.kept[0].painted[0].before_pickup is False


def test_the_trace_has_the_reason_of_each_card_and_its_agent(office: Office, story: Story) -> None:
    office.handles(story.arrives(), story.rings("101"), story.rings("150"), story.ends())
    (record,) = office.kept
    steps = [step["step"] for step in record.trace]
    assert steps[:3] == ["caller", "matched", "arrived"] or steps[:2] == ["caller", "arrived"]
    assert {"matched", "dialled", "card", "ended"} <= set(steps)
    without_agent = [
        step for step in record.trace if step["step"] == "dialled" and not step["agent"]
    ]
    assert [step["endpoint"] for step in without_agent] == ["150"]


def test_what_is_learnt_after_the_call_makes_its_record_come_again(
    office: Office, story: Story
) -> None:
    office.handles(story.arrives(), story.rings("101"), story.answers("101"))
    office.handles(story.hangs_up("101"), story.ends())
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
