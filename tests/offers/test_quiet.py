"""A declined offer is not suggested until its time is over."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from screenpop.offers.quiet import quiet_until
from screenpop.offers.suggest import suggest
from screenpop.offers.suggestion import Reason, Suggestions
from tests.customers.samples import TODAY, file, trip


@pytest.mark.parametrize(
    ("reason", "days"), [("", 30), ("not_now", 30), ("price", 90), ("date", 90), ("place", 180)]
)
def test_each_reason_of_a_no_has_its_days(reason: str, days: int) -> None:
    assert quiet_until(reason, TODAY) == TODAY + timedelta(days=days)


def test_an_offer_declined_for_ever_has_no_day() -> None:
    assert quiet_until("never", TODAY) == date.max


def test_a_declined_offer_is_quiet_until_its_day_and_others_are_suggested() -> None:
    about = file(trips=(trip("Istanbul", TODAY + timedelta(days=3)),))
    offers = [one.id for one in suggest(about, TODAY).items]
    assert "ready_to_go:1" in offers

    def after(until: date, *ids: str) -> Suggestions:
        quiet = dict.fromkeys(ids, until)
        return suggest(replace(about, customer=replace(about.customer, quiet_offers=quiet)), TODAY)

    tomorrow = TODAY + timedelta(days=1)
    left = [one.id for one in after(tomorrow, "ready_to_go:1").items]
    assert left == [one for one in offers if one != "ready_to_go:1"]
    assert [one.id for one in after(TODAY, "ready_to_go:1").items] == offers
    assert after(tomorrow, *offers) == Suggestions(silence=Reason("offers_declined"))
