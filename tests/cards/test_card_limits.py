"""Limits of a card's texts, and the values that a card has where nothing else is known."""

import pytest

from screenpop.calls.events import CallerInfo
from screenpop.cards.card import MatchKind
from screenpop.cards.compose import MAX_NAME_LENGTH, MAX_RAW_LENGTH
from tests.cards.samples import card
from tests.customers.samples import LALEHS_MOBILE, customer, file, record, trip


@pytest.mark.parametrize(("length", "kept"), [(79, 79), (80, 80), (81, 80)])
def test_a_callers_name_has_at_most_eighty_characters(length: int, kept: int) -> None:
    assert MAX_NAME_LENGTH == 80
    made = card(record(), party=CallerInfo(LALEHS_MOBILE, "n" * length))
    assert len(made.caller.name) == kept


@pytest.mark.parametrize(("length", "kept"), [(127, 127), (128, 128), (129, 128)])
@pytest.mark.parametrize("sign", ["7", "\u06f7", "\ud800"])
def test_a_did_has_at_most_128_characters_that_can_be_sent(
    sign: str, length: int, kept: int
) -> None:
    assert MAX_RAW_LENGTH == 128
    made = card(record(), did=sign * length)
    assert made.line.did == ("?" if sign == "\ud800" else sign) * kept


@pytest.mark.parametrize(("trips", "shown", "more"), [(4, 4, 0), (5, 5, 0), (6, 5, 1), (7, 5, 2)])
def test_a_card_shows_five_trips_and_counts_the_others(trips: int, shown: int, more: int) -> None:
    about = file(customer(), trips=tuple(trip(number=number) for number in range(1, trips + 1)))
    made = card(record(about))
    assert (len(made.trips), made.trips_more) == (shown, more)


def test_a_card_without_a_customer_has_no_trips_and_was_not_estimated_linked_or_created() -> None:
    made = card(record())
    assert (made.match, made.trips, made.trips_more) == (MatchKind.NONE, (), 0)
    assert (made.estimated, made.linked_by, made.created_here) == (False, "", False)


def test_the_kinds_of_a_match_are_the_words_of_the_protocol() -> None:
    assert {str(kind) for kind in MatchKind} == {
        "certain",
        "shared",
        "maybe",
        "none",
        "colleague",
        "withheld",
        "pending",
        "unreachable",
    }
