"""What to suggest, in which order, and when to keep silent."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.models import (
    LANGUAGES,
    Case,
    CaseKind,
    CaseState,
    CustomerFile,
    PastCall,
    Product,
    TripStatus,
    VisaState,
)
from screenpop.offers.rules import RULES
from screenpop.offers.suggest import MAX_SUGGESTIONS, suggest
from screenpop.offers.suggestion import Reason, Suggestions
from screenpop.offers.templates import TEMPLATES
from screenpop.telephony.identifiers import CallId
from tests.customers.samples import TODAY, case, customer, file, trip
from tests.offers.switched_on import switched_on


def days(number: int) -> date:
    return TODAY + timedelta(days=number)


def spoke(day: date) -> PastCall:
    at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    return PastCall(CallId("1.1"), at, "inbound", "answered", "Maryam", 60.0)


def ids(suggestions: Suggestions) -> list[str]:
    return [one.id for one in suggestions.items]


@pytest.mark.parametrize(
    ("about", "id_", "reason"),
    [
        (
            file(trips=(trip("Istanbul", days(3)),)),
            "ready_to_go:1",
            Reason("trip_soon", {"destination": "Istanbul", "days": 3}),
        ),
        (
            file(trips=(trip("Istanbul", days(0), children=2),)),
            "seats_together:1",
            Reason("travels_with_child", {"destination": "Istanbul", "days": 0, "children": 2}),
        ),
        (
            file(trips=(trip("Vienna", days(60), visa=VisaState.PENDING),)),
            "visa_news:1",
            Reason("visa_pending", {"destination": "Vienna", "days": 60}),
        ),
        (
            file(trips=(trip("Vienna", None, visa=VisaState.PENDING),)),
            "visa_news:1",
            Reason("visa_pending", {"destination": "Vienna"}),
        ),
        (
            file(trips=(trip("Kish", days(-10), nights=7),)),
            "how_was_it:1",
            Reason("just_returned", {"destination": "Kish", "days": 3}),
        ),
    ],
)
def test_each_rule_speaks_with_its_reason(about: CustomerFile, id_: str, reason: Reason) -> None:
    (suggested,) = suggest(about, TODAY).items
    assert (suggested.id, suggested.reason) == (id_, reason)
    assert set(suggested.text) == set(LANGUAGES)


@pytest.mark.parametrize(
    "about",
    [
        pytest.param(file(), id="nothing is known"),
        pytest.param(file(trips=(trip("Rome", days(15)),)), id="the trip is far"),
        pytest.param(
            file(trips=(trip("Rome", days(3), status=TripStatus.CANCELLED),)), id="cancelled"
        ),
        pytest.param(file(trips=(trip("Kish", days(-30)),)), id="returned long ago"),
        pytest.param(file(trips=(trip("Kish", days(-10), rating=2),)), id="has said how it was"),
        pytest.param(
            file(trips=(trip("Kish", days(-3), nights=1, product=Product.VISA),)), id="only a visa"
        ),
        pytest.param(
            file(
                customer(
                    birthday=date(1980, 11, 22),
                    anniversary=date(2010, 11, 22),
                    customer_since=date(2020, 1, 1),
                ),
                trips=(
                    trip("Oslo", days(50), status=TripStatus.ASKED, number=1),
                    trip("Antalya", date(2025, 3, 20), number=2, rating=5),
                    trip("Antalya", date(2024, 4, 2), number=3, rating=5),
                ),
            ),
            id="nothing is sold that no office offers",
        ),
    ],
)
def test_no_rule_speaks_without_a_reason(about: CustomerFile) -> None:
    assert suggest(about, TODAY) == Suggestions()


def test_one_destination_is_suggested_for_one_reason() -> None:
    loved = trip("Paris", date(2025, 3, 1), rating=5, number=2)
    both = switched_on("loved_place", "place_like_it")
    assert ids(suggest(file(trips=(loved,)), TODAY, both)) == ["offer:1"]
    soon = file(trips=(trip("Paris", days(3), status=TripStatus.BOOKED), loved))
    assert ids(suggest(soon, TODAY, switched_on("open_quote", "upgrade"))) == ["ready_to_go:1"]


def test_a_destination_of_a_service_suggestion_is_not_sold_too() -> None:
    quote = trip("Paris", days(90), status=TripStatus.ASKED, number=2)
    elsewhere = file(trips=(trip("Rome", days(3)), quote))
    there = file(trips=(trip("Paris", days(3)), quote))
    office = switched_on("open_quote")
    assert ids(suggest(elsewhere, TODAY, office)) == ["ready_to_go:1", "offer:1"]
    assert ids(suggest(there, TODAY, office)) == ["ready_to_go:1"]


def test_service_comes_before_sale() -> None:
    about = file(
        customer(birthday=date(1980, 11, 25)),
        trips=(
            trip("Istanbul", days(3), number=4, visa=VisaState.PENDING),
            trip("Paris", date(2026, 6, 1), number=2, rating=5),
        ),
    )
    assert ids(suggest(about, TODAY, switched_on("birthday"))) == [
        "ready_to_go:4",
        "visa_news:4",
        "offer:1",
    ]


def test_all_is_silent_while_a_complaint_is_open() -> None:
    about = file(trips=(trip("Istanbul", days(3)),), cases=(case(), case(opened=date(2026, 11, 1))))
    assert suggest(about, TODAY) == Suggestions(
        silence=Reason("complaint_open", {"since": "2026-11-01"})
    )


@pytest.mark.parametrize("state", [CaseState.OPEN, CaseState.WAITING])
def test_an_open_or_waiting_refund_silences_every_suggestion(state: CaseState) -> None:
    about = file(
        customer(birthday=date(1980, 11, 25), anniversary=date(2010, 11, 25)),
        trips=(trip("Oslo", days(50), status=TripStatus.ASKED),),
        cases=(case(CaseKind.REFUND, state=state, opened=date(2026, 11, 3)),),
    )
    office = switched_on("birthday", "anniversary", "open_quote")
    assert suggest(replace(about, cases=()), TODAY, office).items
    assert suggest(about, TODAY, office) == Suggestions(
        silence=Reason("refund_open", {"since": "2026-11-03"})
    )


def test_a_complaint_is_the_reason_for_silence_before_a_refund() -> None:
    about = file(cases=(case(CaseKind.REFUND), case(opened=date(2026, 11, 1))))
    assert suggest(about, TODAY).silence == Reason("complaint_open", {"since": "2026-11-01"})


@pytest.mark.parametrize(
    "settled",
    [
        case(state=CaseState.CLOSED),
        case(CaseKind.QUESTION),
        case(CaseKind.REFUND, state=CaseState.CLOSED),
    ],
)
def test_other_cases_do_not_silence(settled: Case) -> None:
    about = file(trips=(trip("Istanbul", days(3)),), cases=(settled,))
    assert ids(suggest(about, TODAY)) == ["ready_to_go:1"]


def test_without_consent_there_is_service_and_no_sale() -> None:
    quiet = customer(marketing_consent=False, birthday=date(1980, 11, 25))
    both = file(quiet, trips=(trip("Istanbul", days(3)),))
    office = switched_on("birthday")
    assert suggest(both, TODAY, office).silence is None
    assert ids(suggest(both, TODAY, office)) == ["ready_to_go:1"]
    assert suggest(file(quiet), TODAY, office) == Suggestions(silence=Reason("no_consent"))
    assert suggest(file(quiet), TODAY) == Suggestions()


def test_a_destination_in_the_other_direction_does_not_turn_the_sentence_round() -> None:
    about = file(trips=(trip("روستای ما", days(3)),))
    suggested = suggest(about, TODAY).items[0].text["en"]
    assert "\u2068روستای ما\u2069" in suggested


def test_a_known_destination_is_named_in_the_language_of_the_sentence() -> None:
    about = file(trips=(trip("آنتالیا", days(3)),))
    text = suggest(about, TODAY).items[0].text
    assert "\u2068Antalya\u2069" in text["en"]
    assert "\u2068آنتالیا\u2069" in text["fa"]


def test_a_destination_is_text_whatever_it_holds() -> None:
    about = file(trips=(trip("{0} {destination} <b>", days(3)),))
    assert suggest(about, TODAY).items[0].text["en"].count("{0} {destination} <b>") == 1


def test_the_table_is_whole_and_in_order() -> None:
    assert [rule.weight for rule in RULES] == sorted((rule.weight for rule in RULES), reverse=True)
    assert len({rule.id for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert set(rule.text) == set(LANGUAGES)
        assert len({"{destination}" in text for text in rule.text.values()}) == 1


OFFICE = switched_on(*(one.code for one in TEMPLATES))
DAYS = st.dates(date(2023, 1, 1), date(2028, 1, 1))
TRIPS = st.lists(
    st.builds(
        trip,
        st.sampled_from(("Rome", "Oslo", "Kish")),
        st.none() | DAYS,
        number=st.integers(1, 9),
        nights=st.integers(-3, 20),
        status=st.sampled_from(TripStatus),
        visa=st.sampled_from(VisaState),
        rating=st.none() | st.integers(1, 5),
        children=st.integers(0, 2),
    ),
    max_size=8,
).map(tuple)
FILES = st.builds(
    lambda trips, cases, **facts: file(customer(**facts), trips=trips, cases=cases),
    TRIPS,
    st.lists(
        st.builds(case, st.sampled_from(CaseKind), state=st.sampled_from(CaseState)), max_size=2
    ).map(tuple),
    birthday=st.none() | DAYS,
    customer_since=st.none() | DAYS,
    marketing_consent=st.booleans(),
)


@given(FILES, DAYS)
def test_a_few_ranked_suggestions_or_silence_with_its_reason(
    about: CustomerFile, today: date
) -> None:
    suggested = suggest(about, today, OFFICE)
    weights = [one.weight for one in suggested.items]
    assert weights == sorted(weights, reverse=True)
    assert len(weights) <= MAX_SUGGESTIONS
    assert len(set(ids(suggested))) == len(weights)
    assert not (suggested.items and suggested.silence)
    service = {rule.id for rule in RULES}
    if not about.customer.marketing_consent:
        assert {one.id.partition(":")[0] for one in suggested.items} <= service
    silent = {CaseKind.COMPLAINT, CaseKind.REFUND}
    if any(one.kind in silent and one.state is not CaseState.CLOSED for one in about.cases):
        assert suggested.items == ()
        assert suggested.silence is not None
