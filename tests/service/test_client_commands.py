"""Commands and receipts of pages, right and wrong."""

import pytest

from screenpop.protocol.client_messages import Stage
from screenpop.service.effects import LogNote
from tests.service.card_values import answers
from tests.service.event_script import Story
from tests.service.service_under_test import (
    ELENI,
    MARYAM,
    Office,
)


@pytest.mark.defends("socket-ownership")
def test_mallory_cannot_touch_a_card_of_another_agent(office: Office, story: Story) -> None:
    office.handles(story.arrives(), story.rings("101"), story.answers("101"), story.ends())
    card = str(office.card(MARYAM)["id"])
    for op, args in (
        ("note", {"text": "mine now"}),
        ("dismiss", {}),
        ("offer_answered", {"offer": "x", "answer": "no"}),
    ):
        assert office.asks(ELENI, op, card=card, **args) == {"error": "unknown_card"}
    office.screen_pop.receipt(ELENI, card, 1, {Stage.PAINTED: story.at})
    assert office.card(MARYAM)["note"] == ""
    assert not any(isinstance(effect, LogNote) for effect in office.effects)


def test_a_receipt_for_a_revision_that_was_never_sent_proves_nothing(
    office: Office, story: Story
) -> None:
    office.handles(story.arrives(), story.rings("101"))
    card = str(office.card(MARYAM)["id"])
    office.screen_pop.receipt(MARYAM, card, 7, {Stage.PAINTED: story.at})
    office.handles(story.answers("101"), story.ends())
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
    office.handles(story.arrives(), story.rings("101"), story.answers("101"))
    card = office.card(MARYAM)
    offer = card["suggestions"][0]["id"]  # type: ignore[index]
    assert office.asks(MARYAM, "offer_answered", card=card["id"], offer=offer, answer="later") == {}
    office.handles(story.hangs_up("101"), story.ends())
    assert answers(office.kept[-1]) == [(offer, "later")]
    made_up = office.asks(MARYAM, "offer_answered", card=card["id"], offer="moon", answer="no")
    assert made_up == {"error": "unknown_offer"}
