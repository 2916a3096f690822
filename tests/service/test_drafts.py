"""The half-filled form on a card: its agent's alone, checked, and gone with the card."""

from collections.abc import Mapping

import pytest

from screenpop.accounts.users import UserId
from screenpop.cards.card import CardId
from screenpop.service.card_index import CardIndex
from screenpop.service.commands import Draft, RefusedCommand, parse_command
from tests.service.event_script import Story
from tests.service.service_under_test import MARYAM, NIKOS, Office

CARD = CardId("pbx/1.1/7")
DRAFT = {"mode": "create", "given": "Eva", "family": "", "language": "el"}


def test_a_draft_is_understood_and_its_absence_reads_it() -> None:
    assert parse_command("draft", {"card": CARD, "draft": DRAFT}) == Draft(CARD, DRAFT)
    assert parse_command("draft", {"card": CARD}) == Draft(CARD, None)


@pytest.mark.parametrize(
    "draft",
    [
        "text",
        ["mode"],
        {"mode": 1},
        {"mode": "create", "password": "x"},
        {"given": "x" * 501},
        {1: "x"},
    ],
)
def test_a_draft_of_another_shape_is_refused(draft: object) -> None:
    assert parse_command("draft", {"card": CARD, "draft": draft}) == RefusedCommand("bad_arguments")


@pytest.mark.parametrize(("length", "understood"), [(500, True), (501, False)])
def test_draft_of_a_promise_is_as_long_as_a_promise(length: int, understood: bool) -> None:
    given = {"mode": "open", "promise": "x" * length}
    asked = {"card": CARD, "draft": given, "form": "work"}
    expected = Draft(CARD, given, "work") if understood else RefusedCommand("bad_arguments")
    assert parse_command("draft", asked) == expected


@pytest.mark.parametrize("form", ["note", 1, ""])
def test_draft_of_an_unknown_form_is_refused(form: object) -> None:
    asked = {"card": CARD, "form": form}
    assert parse_command("draft", asked) == RefusedCommand("bad_arguments")


def test_forms_have_drafts_of_their_own() -> None:
    office = Office()
    story = Story()
    office.handles(story.arrives(), story.rings("101"))
    card = str(office.card(MARYAM)["id"])
    work = {"mode": "open", "promise": "send it"}

    def draft(user: UserId = MARYAM, **more: object) -> Mapping[str, object]:
        return office.screen_pop.command(user, "draft", {"card": card, **more}, office.now)

    assert draft(draft=DRAFT) == {"draft": DRAFT}
    assert draft(draft=work, form="work") == {"draft": work}
    assert draft() == {"draft": DRAFT}
    assert draft(form="work") == {"draft": work}
    assert draft(NIKOS, form="work") == {"error": "unknown_card"}


def test_a_card_without_a_customer_has_no_draft() -> None:
    assert CardIndex().draft(UserId(7), Draft(CARD, DRAFT)) == {"error": "unknown_card"}
