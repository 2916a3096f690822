"""Cards, commands and the board of a caller whose file is hidden."""

import orjson
import pytest

from screenpop.calls.events import CallerInfo
from tests.service.event_script import Story
from tests.service.service_under_test import ELENI, MARYAM, Office

FILE = 7
"""The customer of ``laleh()``."""


def hide(office: Office, *seen_by: int) -> None:
    office.screen_pop.hidden.seen_by = {FILE: frozenset(seen_by)}


def published_to(office: Office, user: int) -> str:
    return "".join(
        orjson.dumps(orjson.loads(one.payload)).decode()
        for one in office.published
        if one.kind == "card" and user in one.users
    )


@pytest.mark.defends("hidden-files")
def test_named_agent_has_the_card_and_others_only_the_number(office: Office) -> None:
    story = Story(caller=CallerInfo("09123456789", "Laleh Karimi"))
    hide(office, ELENI)
    office.handles(story.arrives(), story.rings("101"), story.rings("102"))
    theirs, card = office.card(ELENI), office.card(MARYAM)
    assert theirs["match"] == "certain"
    assert (card["match"], card["match_reason"]["code"]) == ("none", "hidden_file")  # type: ignore[index]
    assert (card["person"], card["candidates"], card["trips"]) == (None, [], [])
    for secret in ("Laleh", "لاله", "Istanbul", f'"id":{FILE},'):
        assert secret not in published_to(office, MARYAM), secret
    assert "09123456789" in published_to(office, MARYAM).replace(" ", "")


@pytest.mark.defends("hidden-files")
def test_list_of_calls_names_no_caller_with_a_hidden_file(office: Office) -> None:
    story = Story(caller=CallerInfo("09123456789", "Laleh Karimi"))
    hide(office, ELENI)
    office.handles(story.arrives(), story.rings("102"))
    (row,) = office.board.values()
    assert (row["match"], row["person"]) == ("none", None)
    assert "Laleh" not in orjson.dumps(row).decode()


def test_cards_are_whole_while_no_file_or_another_one_is_hidden(
    office: Office, story: Story
) -> None:
    office.screen_pop.hidden.seen_by = {FILE + 1: frozenset()}
    office.handles(story.arrives(), story.rings("101"))
    assert office.card(MARYAM)["match"] == "certain"
