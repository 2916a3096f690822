"""A card's destinations read in its agent's language."""

from screenpop.cards.card import CardNow
from screenpop.cards.places import now_in, suggestions_in
from screenpop.offers.suggestion import Reason, Suggestion


def test_a_chip_names_the_place_in_the_agents_language() -> None:
    chip = CardNow("departs_in", {"destination": "استانبول", "days": 3}, "plain")
    assert now_in("en", (chip,))[0].params == {"destination": "Istanbul", "days": 3}
    due = CardNow("balance_due", {"amount": 1}, "due")
    assert now_in("en", (due,)) == (due,)


def test_a_reason_names_the_place_in_the_agents_language() -> None:
    said = Suggestion("x", {"en": "…"}, Reason("loved", {"destination": "رم", "rating": 5}), 1)
    assert suggestions_in("el", (said,))[0].reason.params["destination"] == "Ρώμη"
