"""Calls as supervisors see them."""

import orjson

from screenpop.telephony.identifiers import SIMULATED
from tests.service.event_script import Story
from tests.service.service_under_test import (
    MARYAM,
    SARA,
    Office,
)


def test_supervisors_follow_a_call_from_its_arrival_to_its_end(
    office: Office, story: Story
) -> None:
    office.handles(story.arrives(), story.queues(position=2))
    (call,) = office.board.values()
    assert (call["state"], call["queue"], call["position"]) == ("waiting", "support", 2)
    assert call["person"]["address"]["en"] == "Dr Laleh Karimi"  # type: ignore[index]
    office.handles(story.rings("101", queue="support"), story.rings("102", queue="support"))
    (call,) = office.board.values()
    assert (call["state"], call["ringing"]) == ("ringing", ["Maryam", "Eleni"])
    office.handles(story.answers("102"))
    (call,) = office.board.values()
    assert (call["state"], call["answered_by"]) == ("talking", ["Eleni"])
    published = office.handles(story.ends())
    last = next(one for one in published if one.kind == "call")
    assert last.gone
    assert orjson.loads(last.payload)["disposition"] == "answered"
    assert office.board == {}


def test_agents_are_not_sent_calls_that_are_not_theirs(office: Office, story: Story) -> None:
    published = office.handles(story.arrives(), story.queues())
    assert [(one.kind, one.users) for one in published] == [("call", (SARA,))]


def test_the_time_in_a_state_starts_when_the_state_does(office: Office, story: Story) -> None:
    office.handles(story.arrives(), story.rings("101"))
    ringing_since = next(iter(office.board.values()))["since"]
    office.handles(story.rings("102"))
    assert next(iter(office.board.values()))["since"] == ringing_since
    office.handles(story.answers("101"))
    assert next(iter(office.board.values()))["since"] == office.now


def test_simulated_calls_are_marked(office: Office) -> None:
    story = Story(pbx=SIMULATED)
    office.handles(story.arrives(), story.rings("101"))
    assert next(iter(office.board.values()))["simulated"] is True
    assert office.card(MARYAM)["pbx"] == "simulated"
