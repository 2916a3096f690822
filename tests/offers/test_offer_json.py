"""Offers as JSON: the same offer back, and each refusal with field, value and remedy."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.conditions.tree import Money
from screenpop.customers.models import LANGUAGES
from screenpop.offers.calendars import Calendar
from screenpop.offers.offer_errors import OfferError, OfferProblem
from screenpop.offers.offer_json import (
    _FIRST_YEAR,
    _LAST_YEAR,
    MAX_PERIOD_DAYS,
    MAX_PERIODS,
    MOST_PLACES,
    read_offer,
    write_offer,
)
from screenpop.offers.offer_words import MAX_WORDS_LENGTH
from screenpop.offers.templates import TEMPLATES, OfferTemplate

BEEN_TO_ROME = {
    "version": 1,
    "condition": {
        "trips": {
            "where": [{"field": "trip.destination", "op": "is_any", "value": ["Rome"]}],
            "op": ">=",
            "count": 1,
        }
    },
}
WORDS = {"en": "Rome again?", "fa": "دوباره رم؟", "el": "Ξανά Ρώμη;"}


def plain(**more: Any) -> dict[str, Any]:
    return {"version": 1, "offer": {"name": "Rome", "words": WORDS, **more}}


def test_offer_with_every_field_is_written_as_it_was_read() -> None:
    given_offer = plain(
        condition=BEEN_TO_ROME,
        starts="2027-01-01",
        ends="2027-12-31",
        periods=[
            {"calendar": "nowruz", "before": 30, "after": 5},
            {"calendar": "own", "first": "2027-06-15", "last": "2027-09-01"},
        ],
        lines=["982100"],
        queues=["sales"],
        branches=[3, 1],
        product="A week in Rome",
        price={"amount": 900, "currency": "EUR"},
        tier_prices={"gold": {"amount": 850, "currency": "EUR"}},
        places=12,
        margin={"amount": 120, "currency": "EUR"},
        voucher={
            "kind": "gift",
            "gift": "Airport transfer",
            "amount": {"amount": 40, "currency": "EUR"},
            "days": 90,
            "bound": False,
        },
        limit=2,
        control_percent=20,
        quiet_days={"not_now": 10, "price": 20, "date": 30, "place": 40},
    )
    terms = read_offer(given_offer)
    assert write_offer(terms) == given_offer
    assert terms.price == Money(900, "EUR")
    assert terms.periods[0].calendar is Calendar.NOWRUZ
    assert terms.quiet_until("price", date(2027, 1, 1)) == date(2027, 1, 21)
    assert terms.quiet_until("", date(2027, 1, 1)) == date(2027, 1, 11)
    assert terms.quiet_until("never", date(2027, 1, 1)) == date.max


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda one: one.code)
def test_template_has_words_in_all_languages_and_can_be_met(template: OfferTemplate) -> None:
    terms = template.terms("A name")
    assert read_offer(write_offer(terms)) == terms
    assert set(terms.words) == set(LANGUAGES)


def test_there_are_thirteen_templates_with_codes_of_their_own() -> None:
    assert len({one.code for one in TEMPLATES}) == len(TEMPLATES) == 13


NEVER = {
    "version": 1,
    "condition": {
        "all": [
            {"field": "trip_count", "op": ">", "value": 5},
            {"field": "trip_count", "op": "<", "value": 3},
        ]
    },
}


@pytest.mark.parametrize(
    ("more", "problem", "field", "value"),
    [
        ({"words": {"en": "A", "fa": "ب"}}, OfferProblem.WORDS, "words.el", ""),
        ({"words": {**WORDS, "el": "  "}}, OfferProblem.WORDS, "words.el", ""),
        ({"words": {**WORDS, "de": "A"}}, OfferProblem.WORDS, "words", "'de'"),
        ({"words": {**WORDS, "en": "{nmae}"}}, OfferProblem.WORDS, "words.en", "'{nmae}'"),
        ({"words": {**WORDS, "fa": "{name"}}, OfferProblem.WORDS, "words.fa", "'{name'"),
        ({"words": {**WORDS, "en": "{price}"}}, OfferProblem.WORDS, "words.en", "'{price}'"),
        ({"words": {**WORDS, "en": "{places}"}}, OfferProblem.WORDS, "words.en", "'{places}'"),
        ({"words": {**WORDS, "en": "{product}"}}, OfferProblem.WORDS, "words.en", "'{product}'"),
        (
            {"words": {**WORDS, "en": "{destination}"}},
            OfferProblem.WORDS,
            "words.en",
            "'{destination}'",
        ),
        ({"name": " "}, OfferProblem.MISSING, "name", ""),
        ({"name": "a\0b"}, OfferProblem.VALUE, "name", "'a\\x00b'"),
        (
            {"starts": "2027-02-01", "ends": "2027-01-31"},
            OfferProblem.REVERSED,
            "ends",
            "'2027-01-31'",
        ),
        (
            {"periods": [{"calendar": "own", "first": "2027-02-01", "last": "2027-01-31"}]},
            OfferProblem.REVERSED,
            "periods[0].last",
            "'2027-01-31'",
        ),
        (
            {
                "starts": "2027-06-01",
                "ends": "2027-06-30",
                "periods": [{"calendar": "nowruz", "before": 10}],
            },
            OfferProblem.NEVER_RUNS,
            "periods",
            "'2027-06-01'",
        ),
        ({"starts": "2027-02-30"}, OfferProblem.VALUE, "starts", "'2027-02-30'"),
        ({"discount": 5}, OfferProblem.FIELD, "discount", "5"),
        ({"periods": [{"calendar": "moon"}]}, OfferProblem.VALUE, "periods[0].calendar", "'moon'"),
        (
            {"periods": [{"calendar": "own", "before": 2}]},
            OfferProblem.FIELD,
            "periods[0].before",
            "",
        ),
        (
            {"periods": [{"calendar": "own", "first": "2027-02-01"}]},
            OfferProblem.MISSING,
            "periods[0].last",
            "",
        ),
        ({"price": {"amount": -1, "currency": "EUR"}}, OfferProblem.VALUE, "price.amount", "-1"),
        (
            {"price": {"amount": 1, "currency": "XXX"}},
            OfferProblem.VALUE,
            "price.currency",
            "'XXX'",
        ),
        ({"places": True}, OfferProblem.VALUE, "places", "True"),
        ({"limit": 0}, OfferProblem.VALUE, "limit", "0"),
        ({"voucher": 1}, OfferProblem.VALUE, "voucher", "1"),
        ({"quiet_days": {"never": 5}}, OfferProblem.VALUE, "quiet_days", "'never'"),
        (
            {"tier_prices": {"bronze": {"amount": 1, "currency": "EUR"}}},
            OfferProblem.VALUE,
            "tier_prices",
            "'bronze'",
        ),
        ({"condition": NEVER}, OfferProblem.CONDITION, "condition (trip_count)", "3"),
    ],
)
def test_refused_offer_names_field_value_and_remedy(
    more: dict[str, Any], problem: OfferProblem, field: str, value: str
) -> None:
    with pytest.raises(OfferError) as refused:
        read_offer(plain(**more))
    assert (refused.value.problem, refused.value.field) == (problem, field)
    assert refused.value.value == value
    assert refused.value.remedy
    assert field in str(refused.value)


@pytest.mark.parametrize(
    "value", [None, [], {}, {"version": 1}, plain() | {"more": 1}, {"version": 1, "offer": []}]
)
def test_value_of_another_shape_is_refused(value: object) -> None:
    with pytest.raises(OfferError) as refused:
        read_offer(value)
    assert refused.value.problem is OfferProblem.SHAPE


@pytest.mark.parametrize("version", [0, 2, True, "1"])
def test_offer_of_another_version_is_refused(version: object) -> None:
    with pytest.raises(OfferError) as refused:
        read_offer(plain() | {"version": version})
    assert refused.value.problem is OfferProblem.VERSION


def test_limits_of_numbers_and_words_are_accepted_and_one_more_is_refused() -> None:
    longest = {**WORDS, "en": "a" * MAX_WORDS_LENGTH}
    widest = [{"calendar": "nowruz", "before": MAX_PERIOD_DAYS, "after": 0}]
    assert read_offer(plain(places=MOST_PLACES, words=longest, periods=widest)).places
    for more in (
        {"places": MOST_PLACES + 1},
        {"words": {**WORDS, "en": "a" * (MAX_WORDS_LENGTH + 1)}},
        {"periods": [{"calendar": "nowruz", "before": MAX_PERIOD_DAYS + 1}]},
    ):
        with pytest.raises(OfferError):
            read_offer(plain(**more))


def test_years_and_the_number_of_periods_end_at_their_limits() -> None:
    nowruz = {"calendar": "nowruz", "before": 1, "after": 0}
    assert read_offer(plain(periods=[nowruz] * MAX_PERIODS)).periods
    for day in (f"{_FIRST_YEAR}-01-01", f"{_LAST_YEAR}-12-31"):
        assert read_offer(plain(starts=day)).starts == date.fromisoformat(day)
    for more in (
        {"periods": [nowruz] * (MAX_PERIODS + 1)},
        {"starts": f"{_FIRST_YEAR - 1}-12-31"},
        {"starts": f"{_LAST_YEAR + 1}-01-01"},
    ):
        with pytest.raises(OfferError):
            read_offer(plain(**more))


_json = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text(max_size=5), parts),
    max_leaves=8,
)


_fields = st.sampled_from(list(write_offer(read_offer(plain()))["offer"]))


@given(st.dictionaries(_fields, _json))
def test_any_json_is_read_or_refused_with_a_remedy(more: dict[str, Any]) -> None:
    remedy = ""
    try:
        terms = read_offer(plain(**more))
    except OfferError as refused:
        remedy = refused.remedy
    else:
        remedy = "none needed" if read_offer(write_offer(terms)) == terms else ""
    assert remedy
