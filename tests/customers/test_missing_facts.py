"""One fact is asked for, the one worth most, and not again for a time; answers are checked."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.draft import PhoneDraft
from screenpop.customers.missing_facts import (
    MAX_VALUE_LENGTH,
    Fact,
    FactProblem,
    FactsOnFile,
    InvalidFactError,
    choose_fact,
    read_fact,
)
from screenpop.customers.yearless_days import NO_YEAR
from screenpop.telephony.identifiers import Region
from screenpop.telephony.number_plan import NumberPlan

TODAY = date(2026, 2, 26)
ALL = frozenset(Fact)
PLAN = NumberPlan(region=Region("IR"), area_code="21", extensions=("1XX",))


def on_file(
    missing: frozenset[Fact] = ALL,
    *,
    ahead: bool = False,
    travelled: bool = True,
    complaint: bool = False,
    asked_on: date | None = None,
) -> FactsOnFile:
    return FactsOnFile(missing, ahead, travelled, complaint, asked_on)


@pytest.mark.parametrize(
    ("ahead", "travelled", "first", "then"),
    [
        (True, True, Fact.SECOND_NUMBER, Fact.EMAIL),
        (True, False, Fact.SECOND_NUMBER, Fact.EMAIL),
        (False, False, Fact.HEARD_FROM, Fact.BIRTHDAY),
        (False, True, Fact.BIRTHDAY, Fact.EMAIL),
    ],
)
def test_the_fact_worth_most_depends_on_the_trips_of_the_customer(
    ahead: bool, travelled: bool, first: Fact, then: Fact
) -> None:
    customer = on_file(ahead=ahead, travelled=travelled)
    assert choose_fact(customer, ALL, 90, TODAY) is first
    assert choose_fact(customer, ALL - {first}, 90, TODAY) is then
    assert choose_fact(
        on_file(ALL - {first}, ahead=ahead, travelled=travelled), ALL, 90, TODAY
    ) is (then)


def test_the_expiry_of_the_passport_is_asked_first_before_a_trip_abroad_and_never_else() -> None:
    abroad = replace(on_file(ahead=True), has_trip_abroad=True)
    assert choose_fact(abroad, ALL, 90, TODAY) is Fact.PASSPORT_EXPIRES
    assert choose_fact(abroad, ALL - {Fact.PASSPORT_EXPIRES}, 90, TODAY) is Fact.SECOND_NUMBER
    only = frozenset({Fact.PASSPORT_EXPIRES})
    assert choose_fact(on_file(only, ahead=True), ALL, 90, TODAY) is None
    assert choose_fact(on_file(only), ALL, 90, TODAY) is None


@pytest.mark.parametrize("text", ["05-01", "soon", "2031-02-30"])
def test_an_expiry_is_a_day_with_its_year(text: str) -> None:
    with pytest.raises(InvalidFactError) as error:
        read_fact(Fact.PASSPORT_EXPIRES, text, TODAY, PLAN)
    assert error.value.code is FactProblem.BAD_DATE
    assert read_fact(Fact.PASSPORT_EXPIRES, "۱۴۱۰/۰۲/۱۱", TODAY, PLAN) == date(2031, 5, 1)


@pytest.mark.parametrize(("days", "again"), [(89, 90), (0, 1)])
def test_nothing_is_asked_until_the_days_of_the_setting_are_over(days: int, again: int) -> None:
    lately = on_file(asked_on=TODAY - timedelta(days))
    assert choose_fact(lately, ALL, again, TODAY) is None
    assert choose_fact(on_file(asked_on=TODAY - timedelta(days + 1)), ALL, again, TODAY) is not None


facts = st.frozensets(st.sampled_from(Fact))
customers = st.builds(
    FactsOnFile,
    facts,
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.none() | st.dates(TODAY - timedelta(200), TODAY),
    st.booleans(),
)


@given(customers, facts, st.integers(0, 200))
def test_a_question_is_missing_allowed_and_due_and_only_then_there_is_none(
    customer: FactsOnFile, allowed: frozenset[Fact], again_days: int
) -> None:
    chosen = choose_fact(customer, allowed, again_days, TODAY)
    waited = customer.asked_on is None or customer.asked_on + timedelta(again_days) <= TODAY
    can_ask = waited and not customer.has_open_complaint
    askable = customer.missing & allowed
    if not customer.has_trip_abroad:
        askable -= {Fact.PASSPORT_EXPIRES}
    assert chosen in askable if chosen else True
    assert (chosen is not None) == (can_ask and bool(askable))


@pytest.mark.parametrize(
    ("fact", "text", "value"),
    [
        (Fact.BIRTHDAY, "۱۳۶۶/۰۵/۱۲", date(1987, 8, 3)),
        (Fact.BIRTHDAY, " 1987-08-03 ", date(1987, 8, 3)),
        (Fact.BIRTHDAY, "08-03", date(NO_YEAR, 8, 3)),
        (Fact.BIRTHDAY, "2026-02-26", TODAY),
        (Fact.EMAIL, " laleh@example.com ", "laleh@example.com"),
        (Fact.HEARD_FROM, "  رادیو  ", "رادیو"),
    ],
)
def test_an_answer_is_read_as_the_form_of_the_customer_reads_it(
    fact: Fact, text: str, value: object
) -> None:
    assert read_fact(fact, text, TODAY, PLAN) == value


def test_a_second_number_is_normalised() -> None:
    phone = read_fact(Fact.SECOND_NUMBER, "۰۹۱۲ ۳۴۵ ۶۷۸۹", TODAY, PLAN)
    assert isinstance(phone, PhoneDraft)
    assert phone.e164 == "+989123456789"


@pytest.mark.parametrize(
    ("fact", "text", "code"),
    [
        (Fact.BIRTHDAY, "  ", "no_value"),
        (Fact.BIRTHDAY, "soon", "not_a_birthday"),
        (Fact.BIRTHDAY, "1366/13/01", "not_a_birthday"),
        (Fact.BIRTHDAY, "2026-02-27", "birthday_ahead"),
        (Fact.SECOND_NUMBER, "0912", "incomplete_number"),
        (Fact.SECOND_NUMBER, "101", "incomplete_number"),
        (Fact.SECOND_NUMBER, "0000000000", "incomplete_number"),
        (Fact.EMAIL, "laleh@example", "bad_email"),
        (Fact.EMAIL, "a@b.com, c@d.com", "bad_email"),
    ],
)
def test_what_is_no_answer_has_a_code(fact: Fact, text: str, code: str) -> None:
    with pytest.raises(InvalidFactError) as refused:
        read_fact(fact, text, TODAY, PLAN)
    assert refused.value.code == code


def test_an_answer_has_at_most_200_characters() -> None:
    assert read_fact(Fact.HEARD_FROM, "r" * 200, TODAY, PLAN) == "r" * 200
    with pytest.raises(InvalidFactError, match="value_too_long"):
        read_fact(Fact.HEARD_FROM, "r" * 201, TODAY, PLAN)


@given(st.sampled_from(Fact), st.text(max_size=MAX_VALUE_LENGTH + 2))
def test_any_text_is_a_value_or_refused_with_a_code(fact: Fact, text: str) -> None:
    outcome: object
    try:
        outcome = read_fact(fact, text, TODAY, PLAN)
    except InvalidFactError as refused:
        outcome = refused.code
    assert outcome
