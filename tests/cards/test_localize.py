"""A card's destinations read in its agent's language."""

from screenpop.cards.card import CardAlert
from screenpop.cards.localize import localize_alerts, localize_suggestions
from screenpop.offers.suggestion import Reason, Suggestion


def test_a_chip_names_the_place_in_the_agents_language() -> None:
    chip = CardAlert("departs_in", {"destination": "استانبول", "days": 3}, "plain")
    assert localize_alerts("en", (chip,))[0].params == {"destination": "Istanbul", "days": 3}
    due = CardAlert("balance_due", {"amount": 1}, "due")
    assert localize_alerts("en", (due,)) == (due,)


def test_a_reason_names_the_place_in_the_agents_language() -> None:
    suggested = Suggestion("x", {"en": "…"}, Reason("loved", {"destination": "رم", "rating": 5}), 1)
    assert localize_suggestions("el", (suggested,))[0].reason.params["destination"] == "Ρώμη"
