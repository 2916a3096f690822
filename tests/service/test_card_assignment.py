"""Whose card it is when a phone rings, whatever the source of its agent."""

from dataclasses import replace

from screenpop.accounts.users import Department
from screenpop.agents.agent import AgentId
from screenpop.asterisk.ami_message import AmiMessage
from screenpop.asterisk.snapshot import PbxSnapshot
from screenpop.calls.events import StopReason
from screenpop.service.pbx_tracker import queue_members
from screenpop.service.staff import Staff
from screenpop.telephony.identifiers import BootId, CallId, Endpoint
from tests.service.event_script import Story
from tests.service.service_under_test import ELENI, MARYAM, NIKOS, OFFICE, Office, people


def test_a_ringing_phone_without_a_known_agent_is_reported_once_by_name() -> None:
    office = Office()
    for number in range(3):
        story = Story(CallId(str(number)))
        office.handles(story.arrives(), story.rings("150"), story.rings("trunk2"))
    assert office.unmapped == ["150"]


def test_a_phone_with_an_agent_is_not_reported() -> None:
    office = Office()
    story = Story()
    office.handles(story.arrives(), story.rings("101"))
    assert office.unmapped == []


def test_it_is_not_reported_again_when_users_are_read_anew() -> None:
    office = Office()
    office.handles(Story(CallId("1")).rings("150"))
    office.does(lambda screen_pop: screen_pop.people_changed(people()))
    office.handles(Story(CallId("2")).rings("150"))
    assert office.unmapped == ["150"]


def test_an_agent_at_another_phone_today_has_its_cards() -> None:
    office = Office()
    at_105 = people()
    roster = at_105.roster.with_logins([((OFFICE, Endpoint("105")), AgentId(NIKOS))])
    office.does(lambda one: one.people_changed(Staff(at_105.everyone, at_105.watchers, roster)))
    story = Story()
    office.handles(story.arrives(), story.rings("105"))
    assert office.card(NIKOS)["state"] == "ringing"


def test_an_agent_logging_in_at_a_ringing_phone_sees_its_card_at_once() -> None:
    office = Office()
    story = Story()
    office.handles(story.arrives(), story.rings("105"))
    assert office.sees_nothing(NIKOS)
    now = people()
    roster = now.roster.with_logins([((OFFICE, Endpoint("105")), AgentId(NIKOS))])
    office.does(lambda one: one.people_changed(Staff(now.everyone, now.watchers, roster)))
    assert office.card(NIKOS)["state"] == "ringing"


def test_an_agent_choosing_another_language_while_it_rings_reads_the_card_in_it() -> None:
    office = Office()
    story = Story()
    office.handles(story.arrives(), story.rings("102"))
    assert _destinations(office) == ["Κωνσταντινούπολη"]
    office.does(lambda one: one.people_changed(_with_eleni(language="fa")))
    assert _destinations(office) == ["استانبول"]
    assert office.card(ELENI)["state"] == "ringing"


def test_an_agent_moved_to_another_department_while_it_rings_sees_what_that_one_may() -> None:
    office = Office()
    story = Story()
    office.handles(story.arrives(), story.rings("102"))
    assert office.card(ELENI)["suggestions"]
    office.does(lambda one: one.people_changed(_with_eleni(department=Department.ACCOUNTING)))
    assert office.card(ELENI)["suggestions"] == []


def _with_eleni(**other: object) -> Staff:
    now = people()
    agents = now.roster.agents
    eleni = replace(agents[AgentId(ELENI)], **other)  # type: ignore[arg-type]
    roster = replace(now.roster, agents={**agents, eleni.id: eleni})
    return Staff(now.everyone, now.watchers, roster)


def _destinations(office: Office) -> list[str]:
    return [trip["destination"] for trip in office.card(ELENI)["trips"]]  # type: ignore[attr-defined]


def test_the_members_of_a_queue_give_the_agent_of_a_phone() -> None:
    office = Office()
    member = {"Event": "QueueMember", "Name": "Nikos", "StateInterface": "PJSIP/150"}
    rows = (AmiMessage(member | {"Location": "Local/150@from-queue/n"}),)
    named = queue_members(PbxSnapshot(BootId("1"), (), rows))
    office.does(lambda screen_pop: screen_pop.members_named(OFFICE, named))
    story = Story()
    office.handles(story.arrives(), story.rings("150", queue="support"))
    assert office.card(NIKOS)["state"] == "ringing"
    assert office.unmapped == []


def test_two_devices_of_one_agent_make_one_card_and_one_missed_call() -> None:
    office = Office()
    story = Story()
    office.handles(story.arrives(), story.rings("101"), story.rings("99101"))
    office.handles(
        story.stops("101", StopReason.NO_ANSWER), story.stops("99101", StopReason.NO_ANSWER)
    )
    assert office.card(MARYAM)["state"] == "missed"
    assert office.sees_nothing(ELENI)
