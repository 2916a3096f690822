"""Which offers a call was about, in its record; and offers of a queue on recorded calls."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from screenpop.customers.models import CallerRecord
from screenpop.offers.control_share import is_in_control
from screenpop.offers.office_offer import OfficeOffer
from screenpop.protocol.client_messages import Stage
from screenpop.service.office_offers import OffersInUse
from screenpop.service.ports import OfferShownToKeep
from tests.customers.samples import TODAY
from tests.service.event_script import Story
from tests.service.recorded import Heard, hear
from tests.service.service_under_test import (
    ELENI,
    LALEH,
    MARYAM,
    NIKOS,
    Office,
    laleh,
    people,
)
from tests.service.test_office_offers import offer

SCENARIOS = Path(__file__).parents[1] / "scenarios"


def office_with(*offers: OfficeOffer) -> Office:
    in_use = OffersInUse()
    asyncio.run(in_use.replace(offers, TODAY))
    return Office(offers=in_use)


def paints(office: Office, user: object, at: float) -> None:
    card = str(office.card(user)["id"])  # type: ignore[arg-type]
    office.screen_pop.receipt(user, card, 1, {Stage.PAINTED: at})  # type: ignore[arg-type]


def shown(office: Office) -> list[tuple[str, bool]]:
    return [(one.offer, one.is_withheld) for one in office.kept[-1].offers_shown]


def test_the_record_of_a_call_has_the_offers_that_a_card_showed(story: Story) -> None:
    office = office_with(offer(1), offer(2))
    office.handles(story.arrives(), story.rings("101"))
    painted_at = story.at + 0.1
    paints(office, MARYAM, painted_at)
    office.handles(story.answers("101"), story.ends())
    (record,) = office.kept
    assert record.customer is not None
    assert record.offers_shown == tuple(
        OfferShownToKeep(record.customer, one, False, MARYAM, "Maryam", painted_at)
        for one in ("offer:1", "offer:2")
    )


def test_an_offer_that_was_answered_is_no_offer_without_an_answer(story: Story) -> None:
    office = office_with(offer(1), offer(2))
    office.handles(story.arrives(), story.rings("101"), story.answers("101"))
    paints(office, MARYAM, story.at)
    card = office.card(MARYAM)["id"]
    office.asks(MARYAM, "offer_answered", card=card, offer="offer:1", answer="later")
    office.handles(story.ends())
    assert shown(office) == [("offer:2", False)]


@pytest.mark.parametrize("phone", ["", "103"])
def test_offers_that_no_agent_could_see_are_not_in_the_record(phone: str, story: Story) -> None:
    """No page was open, or only one of a department that makes no offers."""
    office = office_with(offer(1))
    office.handles(story.arrives(), story.rings(phone or "101"))
    if phone:
        paints(office, NIKOS, story.at)
    office.handles(story.ends())
    assert shown(office) == []


def test_a_withheld_offer_is_in_the_record_under_the_same_conditions(story: Story) -> None:
    number = next(n for n in range(1, 50) if is_in_control(f"offer:{n}", 7, 50))
    held = replace(offer(number), terms=replace(offer(number).terms, control_percent=50))
    office = office_with(held)
    office.handles(story.arrives(), story.rings("101"))
    assert [one["id"] for one in office.card(MARYAM)["suggestions"]] == ["ready_to_go:70"]  # type: ignore[attr-defined]
    paints(office, MARYAM, story.at)
    office.handles(story.ends())
    assert shown(office) == [(f"offer:{number}", True)]


def test_offers_of_the_queue_before_count_once_a_card_was_there(story: Story) -> None:
    office = office_with(offer(1, queues=("support",)), offer(2, queues=("sales",)))
    office.handles(story.arrives(), story.queues("support"), story.rings("101", queue="support"))
    paints(office, MARYAM, story.at)
    office.handles(story.queues("sales"), story.rings("101", queue="sales"), story.ends())
    assert sorted(shown(office)) == [("offer:1", False), ("offer:2", False)]
    early = office_with(offer(1, queues=("support",)), offer(2, queues=("sales",)))
    other = Story()
    early.handles(other.arrives(), other.queues("support"), other.queues("sales"))
    early.handles(other.rings("101", queue="sales"))
    paints(early, MARYAM, other.at)
    early.handles(other.ends())
    assert shown(early) == [("offer:2", False)]


def suggested(heard: Heard) -> list[list[str]]:
    cards = [card for call in heard.seen.values() for some in call.values() for card in some]
    return [[one["id"] for one in card["suggestions"]] for card in cards]


@pytest.mark.parametrize("name", ["22/queue_ringall", "16/queue_ringall", "22/queue_rrmemory"])
def test_a_recorded_call_has_the_offers_of_its_queue_once_it_is_in_it(name: str) -> None:
    path = SCENARIOS / f"{name}.ami"
    first = hear(path).office
    number = first.asked[0].caller.e164
    assert number is not None
    queue = first.kept[-1].entry.queue
    assert queue
    record = CallerRecord(number, exact=(replace(laleh().exact[0], trips=()),))
    for queues, expected in (((queue,), ["offer:1"]), (("another",), []), ((), ["offer:1"])):
        office = office_with(offer(1, queues=queues))
        office.records = {LALEH: laleh(), number: record}
        lists = [ids for ids in suggested(hear(path, office)) if ids]
        assert all(ids == expected for ids in lists)
        assert bool(lists) is bool(expected)


def test_a_call_that_learns_its_line_later_has_the_offers_of_the_line(story: Story) -> None:
    office = office_with(offer(1, lines=("982100",)))
    arrives = replace(story.arrives(), did="")
    office.handles(arrives, replace(story.rings("101"), did=""))
    assert "offer:1" not in str(office.card(MARYAM)["suggestions"])
    office.handles(replace(story.rings("102"), did="982100"))
    assert "offer:1" in str(office.card(MARYAM)["suggestions"])


def offers_on_card(office: Office, user: object) -> list[str]:
    ids = [one["id"] for one in office.card(user)["suggestions"]]  # type: ignore[arg-type, attr-defined]
    return [one for one in ids if one.startswith("offer:")]


def test_an_offer_of_a_branch_is_suggested_once_a_call_rings_at_one_of_its_agents(
    story: Story,
) -> None:
    office = office_with(offer(1, branches=(2,)), offer(2, branches=(1, 3)))
    office.screen_pop.people_changed(people(branches={MARYAM: 1, ELENI: 2}))
    office.handles(story.arrives(), story.rings("101"))
    assert offers_on_card(office, MARYAM) == ["offer:2"]
    paints(office, MARYAM, story.at)
    office.handles(story.rings("102"))
    assert offers_on_card(office, ELENI) == ["offer:1", "offer:2"]
    office.handles(story.ends())
    assert ("offer:2", False) in shown(office)


def test_an_offer_of_a_branch_is_not_suggested_at_an_agent_without_one(story: Story) -> None:
    office = office_with(offer(1, branches=(2,)), offer(2))
    office.handles(story.arrives(), story.rings("101"))
    assert offers_on_card(office, MARYAM) == ["offer:2"]
