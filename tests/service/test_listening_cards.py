"""The card of a supervisor who listens to a call: only theirs to see, and nowhere counted."""

from dataclasses import replace

import pytest

from screenpop.accounts.users import UserId
from screenpop.calls.events import CallEnded, EndReason
from screenpop.protocol.client_messages import Stage
from screenpop.service.availability_config import AvailabilityConfig
from tests.service.event_script import Story
from tests.service.service_under_test import ELENI, MARYAM, NIKOS, SARA, Office, people, states

PHONES = {MARYAM: ("101",), ELENI: ("102",), NIKOS: ("103",), SARA: ("104",)}


def office(
    teams: dict[UserId, frozenset[UserId]] | None = None,
    availability: AvailabilityConfig | None = None,
) -> Office:
    made = Office(availability=availability)
    staff = replace(people(phones=PHONES), teams=teams or {})
    made.does(lambda one: one.people_changed(staff))
    return made


def talk(office: Office, story: Story) -> None:
    office.handles(story.arrives(), story.rings("101"), story.answers("101"))


def test_listening_supervisor_has_the_customers_card(
    story: Story,
) -> None:
    one = office()
    talk(one, story)
    one.handles(story.is_listened_to_from("104"))
    card, agents = one.card(SARA), one.card(MARYAM)
    assert card["state"] == "listening"
    assert card["reason"] == {"code": "listening_to", "params": {"name": "Maryam"}}
    assert card["person"] is not None
    assert card["caller"] == agents["caller"]
    assert card["id"] != agents["id"]
    after = one.handles(story.is_listened_to_no_longer_from("104"))
    assert states(after, SARA) == ["gone"]
    assert one.sees_nothing(SARA)
    assert one.card(MARYAM)["state"] == "talking"
    # Listening again is another card: a page would ignore a lower revision of the old one.
    one.handles(story.is_listened_to_from("104"))
    assert one.card(SARA)["state"] == "listening"
    ended = one.handles(story.ends())
    assert states(ended, SARA) == ["gone"]
    assert one.card(MARYAM)["state"] == "wrap_up"


def test_card_of_a_listener_follows_the_call(story: Story) -> None:
    one = office()
    talk(one, story)
    one.handles(story.is_listened_to_from("104"))
    before = one.card(SARA)["rev"]
    one.handles(story.is_called("+989123456789", "Laleh K."), story.holds("101"))
    assert one.card(SARA)["rev"] != before
    assert one.card(SARA)["state"] == "listening"


@pytest.mark.parametrize("phone", ["102", "199"])
def test_phone_without_a_supervisor_that_listens_has_no_card(story: Story, phone: str) -> None:
    one = office()
    talk(one, story)
    published = one.handles(story.is_listened_to_from(phone))
    assert [update for update in published if update.kind == "card"] == []
    assert one.sees_nothing(ELENI)


def test_supervisor_sees_the_card_only_while_the_call_is_one_of_their_teams(story: Story) -> None:
    one = office({SARA: frozenset({ELENI})})
    talk(one, story)
    one.handles(story.is_listened_to_from("104"))
    assert one.sees_nothing(SARA)
    one.handles(story.rings("102"))  # A transfer to an agent of the team.
    assert one.card(SARA)["state"] == "listening"
    staff = replace(people(phones=PHONES), teams={SARA: frozenset({NIKOS})})
    one.does(lambda pop: pop.people_changed(staff))
    assert one.sees_nothing(SARA)


def test_listening_is_no_card_of_the_log_no_command_no_receipt_and_no_state(story: Story) -> None:
    one = office(availability=AvailabilityConfig())
    talk(one, story)
    [update] = one.handles(story.is_listened_to_from("104"))
    assert update.kind == "card"  # No board row, no agent.
    card = update.key
    for op, args in (
        ("note", {"text": "mine"}),
        ("dismiss", {}),
        ("offer_answered", {"offer": "x", "answer": "no"}),
    ):
        assert one.asks(SARA, op, card=card, **args) == {"error": "unknown_card"}, op
    one.does(lambda pop: pop.receipt(SARA, card, 1, {Stage.PAINTED: one.now}))
    one.handles(story.ends())
    [kept] = one.kept
    assert [delivery.agent for delivery in kept.painted] == [MARYAM]
    assert {step["step"] for step in kept.trace} >= {"listening"}
    assert {step["agent"] for step in kept.trace if step["step"] == "card"} == {"Maryam"}
    assert [leg.endpoint for leg in kept.entry.legs] == ["101"]


def test_listening_to_a_call_that_becomes_part_of_another_goes_on_there(story: Story) -> None:
    one, other = office(), Story(call=story.call.__class__("1795315020.0"))
    talk(one, story)
    one.handles(other.calls_colleague("101", "102"), other.rings("102"), other.answers("102"))
    one.handles(other.is_listened_to_from("104"))
    merged = CallEnded(
        pbx=other.pbx,
        boot=other.boot,
        call=other.call,
        at=other.at + 1,
        reason=EndReason.MERGED,
        into=story.call,
    )
    one.handles(merged, story.is_listened_to_from("104"))
    assert one.card(SARA)["call"] == story.call


def test_listener_of_a_call_that_was_never_seen_has_no_card(story: Story) -> None:
    one = office()
    assert one.handles(story.is_listened_to_from("104")) == []
    assert one.sees_nothing(SARA)
