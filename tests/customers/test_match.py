"""Who is calling, how sure that is, and why."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from screenpop.customers.match import (
    CustomerMatch,
    MatchReason,
    Sureness,
    apply_choice,
    match_caller,
)
from screenpop.customers.models import CallerRecord, CustomerFile, CustomerId, PastCall
from screenpop.telephony.identifiers import E164, CallId
from tests.customers.samples import TODAY, caller, customer, file, record, trip


def call(year: int, *, aware: bool = True) -> PastCall:
    at = datetime(year, 5, 1, 9, 2, tzinfo=UTC if aware else None)
    return PastCall(CallId(f"{year}.1"), at, "inbound", "answered", "Maryam", 60.0)


def test_one_customer_with_exactly_this_number_is_certain() -> None:
    match = match_caller(caller("09123456789"), record(file()))
    assert match.sure is Sureness.CERTAIN
    assert match.customer == file()
    assert match.why == MatchReason("number_on_file", {"label": "mobile", "since": "2023-03-01"})


def test_a_phone_of_unknown_age_is_certain_too() -> None:
    match = match_caller(caller(), record(file(since=None)))
    assert match.why.params == {"label": "mobile", "since": ""}


def test_a_number_of_several_customers_is_shared_until_one_is_chosen() -> None:
    people = [file(customer(number, household="Karimi")) for number in (1, 2, 3)]
    match = match_caller(caller(), record(*people))
    assert match.sure is Sureness.SHARED
    assert match.customer is None
    assert len(match.files) == 3
    assert match.household == "Karimi"
    assert match.why == MatchReason("shared_number", {"count": 3, "household": "Karimi"})


def test_the_customer_that_an_agent_chose_is_certain() -> None:
    people = [file(customer(number)) for number in (1, 2)]
    shared = match_caller(caller(), record(*people))
    chosen = apply_choice(shared, (CustomerId(2), "Maryam"))
    assert chosen.sure is Sureness.CERTAIN
    assert chosen.customer == people[1]
    assert chosen.why == MatchReason("chosen", {"name": "Maryam"})
    assert apply_choice(shared, (CustomerId(3), "Maryam")) == shared
    assert apply_choice(shared, None) == shared
    certain = match_caller(caller(), record(people[0]))
    assert apply_choice(certain, (CustomerId(1), "Maryam")) == certain


def test_people_of_different_households_have_none_in_common() -> None:
    people = [file(customer(number, household=f"House {number}")) for number in (1, 2)]
    assert match_caller(caller(), record(*people)).household == ""


def test_one_person_with_the_number_on_two_phones_is_one_person() -> None:
    match = match_caller(caller(), record(file(label="work"), file(label="mobile")))
    assert match.sure is Sureness.CERTAIN
    assert match.why.params["label"] == "work"


@pytest.mark.parametrize("how_many", [1, 2])
def test_the_same_last_nine_digits_are_a_maybe_however_few(how_many: int) -> None:
    people = tuple(
        file(customer(number), e164=E164("+302101234567")) for number in range(1, 1 + how_many)
    )
    match = match_caller(caller(), record(maybe=people))
    assert match.sure is Sureness.MAYBE
    assert match.customer is None
    assert match.why == MatchReason("last_nine_digits", {"stored": "+30 21 0123 4567"})


def test_a_maybe_shows_what_is_stored_where_it_is_no_number() -> None:
    unread = file(e164=None, raw="912 345 678 (Laleh)")
    match = match_caller(caller("691234567"), record(maybe=(unread,), e164=None))
    assert match.why.params == {"stored": "912 345 678 (Laleh)"}


def test_an_exact_number_excludes_possible_matches() -> None:
    match = match_caller(caller(), record(file(), maybe=(file(customer(2)),)))
    assert match.files == (file(),)


def test_several_are_ranked_by_last_call_then_open_trip_then_age() -> None:
    people = (
        file(customer(1)),
        file(customer(2, customer_since=date(2020, 1, 1))),
        file(customer(3, customer_since=date(2010, 1, 1))),
        file(customer(4), trips=(trip("Rome", TODAY),)),
        file(customer(5), calls=(call(2024), call(2025, aware=False))),
        file(customer(6), calls=(call(2026),)),
    )
    match = match_caller(caller(), record(*people))
    assert [one.customer.id for one in match.files] == [6, 5, 4, 3, 2, 1]
    assert [why.code for why in match.ranks] == [
        *("last_call", "last_call", "open_trip", "customer_since", "customer_since", "no_history")
    ]
    assert match.ranks[1].params == {"at": "2025-05-01T09:02:00+00:00"}


@for_all(st.permutations(range(1, 6)))
def test_the_order_of_the_records_does_not_matter(order: list[int]) -> None:
    people = [file(customer(number), calls=(call(2020 + number // 2),)) for number in order]
    assert [one.customer.id for one in match_caller(caller(), record(*people)).files] == [
        *(4, 5, 2, 3, 1)
    ]


def test_an_unknown_number_still_brings_the_calls_of_the_number() -> None:
    match = match_caller(caller(), record(calls=(call(2025),)))
    assert match == CustomerMatch(Sureness.NONE, MatchReason("not_on_file"), calls=(call(2025),))


@pytest.mark.parametrize(
    ("raw", "withheld", "why"),
    [
        ("+989123456789", True, "withheld"),
        ("anonymous", False, "withheld"),
        ("<unknown>", False, "no_number"),
        ("", False, "no_number"),
    ],
)
def test_a_caller_without_a_number_matches_no_customer_whatever_the_record_has(
    raw: str, withheld: bool, why: str
) -> None:
    mallory = record(file(), maybe=(file(),), e164=None)
    match = match_caller(caller(raw, withheld=withheld), mallory)
    assert match == CustomerMatch(Sureness.NONE, MatchReason(why))


def test_an_answer_about_another_number_proves_nothing() -> None:
    other = record(file(), e164=E164("+302101234567"))
    assert match_caller(caller(), other).sure is Sureness.NONE


@pytest.mark.parametrize("raw", ["101", "*8", "1-800-FLOWERS", "691234567"])
def test_what_is_no_number_is_never_certain(raw: str) -> None:
    mallory = CallerRecord(None, exact=(file(),))
    assert match_caller(caller(raw), mallory).sure is Sureness.NONE


FILES = st.lists(
    st.builds(
        lambda number, year: file(customer(number), calls=(call(year),)),
        st.integers(1, 4),
        st.integers(2020, 2026),
    ),
    max_size=4,
).map(tuple)


@for_all(
    st.sampled_from(("+989123456789", "anonymous", "", "101", "691234567", "00302101234567")),
    FILES,
    FILES,
    st.sampled_from((None, E164("+989123456789"))),
)
def test_certain_is_exactly_one_person_with_exactly_this_number(
    raw: str,
    exact: tuple[CustomerFile, ...],
    maybe: tuple[CustomerFile, ...],
    e164: E164 | None,
) -> None:
    caller_id = caller(raw)
    match = match_caller(caller_id, CallerRecord(e164, exact, maybe))
    people = {one.customer.id for one in exact}
    certain = caller_id.e164 is not None and caller_id.e164 == e164 and len(people) == 1
    assert (match.sure is Sureness.CERTAIN) == certain
    assert (match.customer is not None) == certain
    assert len(match.ranks) in (0, len(match.files))
    assert len({one.customer.id for one in match.files}) == len(match.files)


def test_people_of_one_company_with_households_of_their_own_are_that_company() -> None:
    people = [
        file(customer(1, household="Karimi", company="Aria Trading")),
        file(customer(2, household="Aria Trading", company="Aria Trading")),
        file(customer(3, household="Rezaei", company="Aria Trading")),
    ]
    assert match_caller(caller(), record(*people)).household == "Aria Trading"


def test_a_group_that_bears_the_name_of_one_of_them_is_no_heading() -> None:
    full = customer(1).names["en"].full
    people = [file(customer(number, household=full.upper())) for number in (1, 2)]
    match = match_caller(caller(), record(*people))
    assert (match.household, match.why.params["household"]) == ("", "")
