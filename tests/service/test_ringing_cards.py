"""Cards of a ringing call: for which agents, with what in them."""

from screenpop.calls.events import CallerInfo, StopReason
from screenpop.customers.models import CallerRecord
from screenpop.service.card_timeouts import CardTimeouts
from screenpop.telephony.identifiers import BootId, CallId
from tests.service.event_script import Story
from tests.service.service_under_test import (
    ELENI,
    LALEH,
    MARYAM,
    NIKOS,
    SARA,
    Office,
    people,
)


def test_the_ringing_agent_sees_the_caller(office: Office, story: Story) -> None:
    office.handles(story.arrives(), story.rings("101"))
    card = office.card(MARYAM)
    assert card["state"] == "ringing"
    assert card["match"] == "certain"
    assert card["person"]["address"]["fa"] == "خانم دکتر لاله کریمی"  # type: ignore[index]
    assert card["line"]["label"] == "Sales line"  # type: ignore[index]
    assert card["rev"] == 1


def test_an_agent_without_a_ringing_phone_sees_nothing(office: Office, story: Story) -> None:
    office.handles(story.arrives(), story.rings("101"))
    assert office.sees_nothing(ELENI)
    assert office.sees_nothing(SARA)


def test_the_card_is_out_with_the_same_read_that_brought_the_ring(
    office: Office, story: Story
) -> None:
    published = office.handles(story.arrives(), story.rings("101"))
    assert [one.kind for one in published] == ["card", "call"]


def test_all_phones_of_a_ring_group_pop_and_know_of_each_other(
    office: Office, story: Story
) -> None:
    office.handles(story.arrives(), story.rings("101"), story.rings("102"))
    assert office.card(MARYAM)["also_ringing"] == ["Eleni"]
    assert office.card(ELENI)["also_ringing"] == ["Maryam"]
    assert office.card(ELENI)["rev"] == 1


def test_an_agent_with_two_devices_has_one_card_with_two_legs(office: Office, story: Story) -> None:
    office.handles(story.arrives(), story.rings("101"), story.rings("99101"))
    card = office.card(MARYAM)
    assert [leg["endpoint"] for leg in card["legs"]] == ["101", "99101"]  # type: ignore[attr-defined]
    assert card["also_ringing"] == []


def test_the_other_device_does_not_end_the_card_when_one_is_answered(
    office: Office, story: Story
) -> None:
    office.handles(story.arrives(), story.rings("101"), story.rings("99101"))
    office.handles(
        story.answers("99101"), story.stops("101", StopReason.ANSWERED_ELSEWHERE, "99101")
    )
    assert office.card(MARYAM)["state"] == "talking"


def test_each_department_gets_its_own_view_of_the_same_caller(office: Office, story: Story) -> None:
    office.handles(story.arrives(), story.rings("101"), story.rings("103"))
    sales, accounting = office.card(MARYAM), office.card(NIKOS)
    assert sales["trips"][0]["price"] is None  # type: ignore[index]
    assert accounting["trips"][0]["price"] == 900  # type: ignore[index]


def test_a_second_call_is_beside_the_first(office: Office) -> None:
    first, second = Story(), Story(CallId("2"), caller=CallerInfo("+302101234567"))
    office.handles(first.arrives(), first.rings("101"), first.answers("101"))
    office.handles(second.arrives(), second.rings("101"))
    assert len(office.screens[MARYAM]) == 2


def test_nothing_is_sent_twice(office: Office, story: Story) -> None:
    office.handles(story.arrives(), story.rings("101"))
    assert office.handles(story.is_called(story.caller.number, story.caller.name)) == []
    assert office.waits(1) == []


def test_a_name_learnt_later_makes_a_new_revision_and_no_new_lookup(
    office: Office, story: Story
) -> None:
    story.caller = CallerInfo("+302101234567")
    office.handles(story.arrives(), story.rings("101"))
    office.handles(story.is_called("+302101234567", "Taverna"))
    assert office.card(MARYAM)["caller"]["name"] == "Taverna"  # type: ignore[index]
    assert office.card(MARYAM)["rev"] == 2
    assert len(office.asked) == 1


def test_a_number_learnt_later_is_looked_up(office: Office, story: Story) -> None:
    story.caller = CallerInfo("")
    office.handles(story.arrives(), story.rings("101"))
    assert office.card(MARYAM)["match"] == "none"
    office.handles(story.is_called(LALEH))
    assert office.card(MARYAM)["match"] == "certain"


def test_a_withheld_number_is_not_looked_up_and_not_displayed(office: Office, story: Story) -> None:
    story.caller = CallerInfo(LALEH, "Laleh", withheld=True)
    published = office.handles(story.arrives(), story.rings("101"))
    assert office.asked == []
    assert office.card(MARYAM)["match"] == "withheld"
    assert all(b"912345" not in one.payload and b"Laleh" not in one.payload for one in published)


def test_the_same_recording_played_twice_never_reuses_a_revision(office: Office) -> None:
    first, second = Story(), Story(boot=BootId("boot 2"))
    office.handles(first.arrives(), first.rings("101"), first.answers("101"), first.ends())
    last = office.card(MARYAM)["rev"]
    second.at = first.at
    office.handles(second.arrives(), second.rings("101"))
    card = office.card(MARYAM)
    assert card["state"] == "ringing"
    assert card["rev"] > last  # type: ignore[operator]
    office.waits(CardTimeouts().wrap_up_s)
    assert office.card(MARYAM)["state"] == "ringing"
    office.handles(second.stops("101", StopReason.DECLINED), second.ends())
    assert office.sees_nothing(MARYAM)
    assert office.screen_pop.calls == 0


def test_a_phone_given_to_an_agent_while_it_rings_brings_the_card(
    office: Office, story: Story
) -> None:
    office.handles(story.arrives(), story.rings("150"))
    assert office.sees_nothing(ELENI)
    newly = people(phones={ELENI: ("102", "150")})
    office.does(lambda screen_pop: screen_pop.people_changed(newly))
    assert office.card(ELENI)["state"] == "ringing"


def test_a_call_rebuilt_after_the_link_was_down_is_marked_so(office: Office, story: Story) -> None:
    office.handles(story.arrives(estimated=True), story.rings("101"))
    assert office.card(MARYAM)["estimated"] is True


def test_an_unknown_caller_is_of_no_customer(office: Office, story: Story) -> None:
    story.caller = CallerInfo("+302101234567", "Someone")
    office.records[LALEH] = CallerRecord(LALEH)
    office.handles(story.arrives(), story.rings("101"))
    card = office.card(MARYAM)
    assert (card["match"], card["person"], card["candidates"]) == ("none", None, [])
    assert card["caller"]["display"] == "+30 21 0123 4567"  # type: ignore[index]
