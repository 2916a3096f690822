"""One agent's card of one call."""

from dataclasses import replace
from datetime import date, timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.accounts.users import Department
from screenpop.calls.events import CallerInfo, Direction
from screenpop.cards.call_facts import LookupStatus
from screenpop.cards.card import (
    Card,
    CardLeg,
    CardState,
    CardTransfer,
    MatchKind,
)
from screenpop.cards.compose import MAX_NAME_LENGTH, MAX_RAW_LENGTH, compose, display_caller_name
from screenpop.cards.encode import card_bytes
from screenpop.customers.match import match_caller
from screenpop.customers.models import (
    CallerRecord,
    CaseKind,
    CustomerFile,
    PersonName,
    Tier,
    TripStatus,
    VisaState,
)
from screenpop.offers.suggestion import Reason, Suggestions
from screenpop.telephony.identifiers import E164, Endpoint
from tests.cards.samples import agent, card, facts
from tests.customers.samples import LALEHS_MOBILE, TODAY, caller, case, customer, file, record, trip

ISTANBUL = trip("Istanbul", TODAY + timedelta(days=3), price=7771, paid=6662, currency="EUR")
FULL = file(
    customer(
        tier=Tier.GOLD,
        vip=True,
        balance=9993,
        currency="EUR",
        birthday=TODAY,
        notes="allergic to cats",
        preferences="window seat",
    ),
    trips=(ISTANBUL,),
    cases=(case(CaseKind.QUESTION, subject="Where is the voucher", promised_by="Nikos"),),
)


def test_a_certain_caller_is_greeted_by_title_and_name() -> None:
    shown = card(record(FULL))
    assert shown.match is MatchKind.CERTAIN
    assert shown.match_reason is not None
    assert shown.match_reason.code == "number_on_file"
    assert shown.person is not None
    assert shown.person.salutation["en"] == "Dr Karimi"
    assert shown.candidates == ()
    assert [one.mark for one in shown.trips] == ["next"]
    assert [one.id for one in shown.suggestions] == ["ready_to_go:1"]


def test_a_shared_number_has_the_household_and_asks_for_the_person() -> None:
    family = [file(customer(number, household="Karimi family")) for number in (1, 2)]
    shown = card(record(*family))
    assert shown.match is MatchKind.SHARED
    assert shown.match_reason == Reason("shared_number", {"count": 2, "household": "Karimi family"})
    assert shown.person is None
    assert [one.id for one in shown.candidates] == [1, 2]
    assert all(one.salutation == {} for one in shown.candidates)
    assert (shown.trips, shown.now, shown.suggestions) == ((), (), ())


def test_the_same_last_nine_digits_ask_for_the_name() -> None:
    shown = card(record(maybe=(file(e164=E164("+302101234567")),)))
    assert shown.match is MatchKind.MAYBE
    assert shown.match_reason == Reason("last_nine_digits", {"stored": "+30 21 0123 4567"})
    assert shown.person is None
    assert len(shown.candidates) == 1


def test_an_unknown_caller_shows_the_number_well_formatted_with_its_country() -> None:
    shown = card(record())
    assert (shown.match, shown.match_reason) == (MatchKind.NONE, Reason("not_on_file"))
    assert (shown.caller.display, shown.caller.region) == ("+98 912 345 6789", "IR")
    assert shown.caller.line_type == "mobile"


def test_a_withheld_number_gives_a_neutral_card_though_the_pbx_sent_it() -> None:
    shown = card(
        record(FULL),
        withheld=True,
        party=CallerInfo(LALEHS_MOBILE, "Laleh Karimi", withheld=True),
    )
    assert (shown.match, shown.match_reason) == (MatchKind.WITHHELD, Reason("withheld"))
    text = card_bytes(shown).decode()
    assert not any(secret in text for secret in ("912", "Laleh", "Karimi", "کریمی"))


def test_a_call_without_a_number_is_marked_so() -> None:
    shown = card(record(e164=None), "<unknown>")
    assert (shown.match, shown.match_reason) == (MatchKind.NONE, Reason("no_number"))
    assert shown.caller.kind == "unknown"


@pytest.mark.parametrize(
    ("records", "kind", "reason"),
    [
        (LookupStatus.PENDING, MatchKind.PENDING, None),
        (LookupStatus.UNREACHABLE, MatchKind.UNREACHABLE, Reason("records_slow")),
    ],
)
def test_the_card_goes_out_while_the_records_are_silent(
    records: LookupStatus, kind: MatchKind, reason: Reason | None
) -> None:
    shown = compose(facts(), caller(), records, Suggestions(), agent(), TODAY)
    assert (shown.match, shown.match_reason, shown.person) == (kind, reason, None)
    assert shown.caller.display == "+98 912 345 6789"


def test_a_withheld_number_waits_for_no_records() -> None:
    caller_id = caller(withheld=True)
    shown = compose(facts(), caller_id, LookupStatus.PENDING, Suggestions(), agent(), TODAY)
    assert shown.match is MatchKind.WITHHELD


def test_a_colleague_is_named_and_is_no_customer() -> None:
    shown = card(record(e164=None), "102", direction=Direction.INTERNAL, colleague="Eleni")
    assert (shown.match, shown.match_reason) == (
        MatchKind.COLLEAGUE,
        Reason("colleague", {"name": "Eleni"}),
    )
    nameless = card(record(e164=None), "102", direction=Direction.INTERNAL)
    assert nameless.match_reason == Reason("colleague", {"name": "102"})


def test_an_internal_call_never_opens_a_customers_file() -> None:
    shown = card(record(FULL), direction=Direction.INTERNAL)
    assert (shown.match, shown.person, shown.trips) == (MatchKind.COLLEAGUE, None, ())


def test_an_outside_caller_with_an_extension_as_number_is_no_colleague() -> None:
    assert card(record(e164=None), "102").match is MatchKind.NONE


def test_the_call_itself_is_on_the_card() -> None:
    transfer = CardTransfer("Eleni", "blind", 31.5, "wants a window seat")
    legs = (CardLeg(Endpoint("101"), "ringing"), CardLeg(Endpoint("99101"), "ringing"))
    shown = card(
        record(),
        did="02191000700",
        did_display="+98 21 9100 0700",
        label="Sales line",
        queue="support",
        legs=legs,
        also_ringing=("Eleni",),
        transfer=transfer,
        note="so far",
        reason=Reason("answered_by", {"name": "Eleni"}),
        state=CardState.ELSEWHERE,
        estimated=True,
    )
    assert shown.id == "office/1763.1/7"
    assert (shown.line.display, shown.line.label) == ("+98 21 9100 0700", "Sales line")
    assert (shown.line.queue, shown.line.waited_s) == ("support", 14.0)
    assert (shown.legs, shown.also_ringing) == (legs, ("Eleni",))
    assert (shown.transfer, shown.note, shown.estimated) == (transfer, "so far", True)
    assert shown.reason == Reason("answered_by", {"name": "Eleni"})


def test_waiting_is_not_known_before_it_rang_and_never_negative() -> None:
    assert card(record(), rang_at=None).line.waited_s is None
    assert card(record(), rang_at=999.0).line.waited_s == 0.0


def test_a_line_without_a_pretty_number_shows_what_was_dialled() -> None:
    assert card(record(), did="s\x00\u202e1").line.display == "s1"


@pytest.mark.parametrize(
    ("name", "raw", "shown"),
    [
        ("Laleh Karimi", LALEHS_MOBILE, "Laleh Karimi"),
        ("<script>alert(1)</script>", LALEHS_MOBILE, "<script>alert(1)</script>"),
        ("a\x00b\u202ec\nd", LALEHS_MOBILE, "abc d"),
        ("مریم احمدی · VIP", LALEHS_MOBILE, "مریم احمدی · VIP"),
        (LALEHS_MOBILE, LALEHS_MOBILE, ""),
        ("+98 912 345 6789", "09123456789", ""),
        ("۰۹۱۲۳۴۵۶۷۸۹", "09123456789", ""),
        ("Sales:09123456789", "09123456789", ""),
        ("101", "101", ""),
        ("<unknown>", LALEHS_MOBILE, ""),
        ("Anonymous", LALEHS_MOBILE, ""),
        ("Άγνωστος", LALEHS_MOBILE, ""),
        ("...", LALEHS_MOBILE, ""),
        ("", LALEHS_MOBILE, ""),
        ("Reception 2", "2", "Reception 2"),
        ("+30 21 0123 4567", LALEHS_MOBILE, "+30 21 0123 4567"),
    ],
)
def test_the_name_a_stranger_sent_is_text_and_not_the_number_again(
    name: str, raw: str, shown: str
) -> None:
    assert display_caller_name(name, caller(raw)) == shown


# What a department may not see is not in the card, wherever it might hide.

SECRETS = {
    "price": "7771",
    "paid": "6662",
    "balance": "9993",
    "case": "Where is the voucher",
    "promise": "Nikos",
    "notes": "allergic to cats",
    "preferences": "window seat",
    "offer": "ready_to_go",
}


@pytest.mark.parametrize(
    ("department", "sees"),
    [
        ("sales", {"notes", "preferences", "offer"}),
        ("accounting", {"price", "paid"}),
        ("finance", {"price", "paid", "balance"}),
        ("support", {"case", "promise", "notes", "preferences"}),
        ("mallory", set()),
        ("", set()),
    ],
)
def test_what_a_department_may_not_see_is_nowhere_in_the_card(
    department: str, sees: set[str]
) -> None:
    promised = FULL.cases[0]
    about = CustomerFile(
        FULL.customer,
        FULL.phone,
        FULL.trips,
        (case(promised.kind, subject=promised.subject, promised_by="Nikos", promised_for=TODAY),),
    )
    text = card_bytes(card(record(about), department=department)).decode()
    assert {name for name, secret in SECRETS.items() if secret in text} == sees
    assert "Dr Karimi" in text, "everybody may greet"


def test_sales_hears_that_a_complaint_is_open_but_not_what_about() -> None:
    angry = file(cases=(case(),), trips=(ISTANBUL,))
    shown = card(record(angry))
    assert shown.silence == Reason("complaint_open", {"since": "2026-11-10"})
    assert "window" not in card_bytes(shown).decode()
    assert card(record(angry), department="finance").silence is None


# Whatever is sent.

ANY = st.text(st.characters(exclude_categories=()), max_size=300)
PEOPLE = st.builds(
    lambda number, given, family, notes, destination: file(
        customer(number, names={"el": PersonName(given, family)}, notes=notes),
        trips=(trip(destination, TODAY, visa=VisaState.PENDING, price=7771, paid=6662),),
        cases=(case(CaseKind.REFUND),),
    ),
    st.integers(1, 3),
    *(ANY, ANY, ANY, ANY),
)
RECORDS = st.builds(
    lambda exact, maybe, e164: CallerRecord(e164, tuple(exact), tuple(maybe)),
    st.lists(PEOPLE, max_size=3),
    st.lists(PEOPLE, max_size=3),
    st.sampled_from((LALEHS_MOBILE, None)),
)
RAWS = st.one_of(st.sampled_from((LALEHS_MOBILE, "09123456789", "anonymous", "", "101")), ANY)
DEPARTMENTS = st.sampled_from((*map(str, Department), "mallory"))


def any_card(
    raw: str, name: str, records: CallerRecord, department: str, withheld: bool, inside: bool
) -> Card:
    direction = Direction.INTERNAL if inside else Direction.INBOUND
    shown = CallerInfo(raw, name, withheld)
    return card(
        records,
        raw,
        withheld=withheld,
        department=department,
        party=shown,
        direction=direction,
        did=name,
    )


@given(RAWS, ANY, RECORDS, DEPARTMENTS, st.booleans(), st.booleans())
def test_any_name_and_number_gives_a_card_that_can_be_sent(
    raw: str, name: str, records: CallerRecord, department: str, withheld: bool, inside: bool
) -> None:
    made = any_card(raw, name, records, department, withheld, inside)
    sent = orjson.loads(card_bytes(made))
    assert sent["id"] == made.id
    assert len(made.caller.raw) <= MAX_RAW_LENGTH
    assert len(made.caller.name) <= MAX_NAME_LENGTH


@given(RAWS, ANY, RECORDS, DEPARTMENTS, st.booleans(), st.booleans())
def test_a_title_and_a_name_are_used_only_when_certain(
    raw: str, name: str, records: CallerRecord, department: str, withheld: bool, inside: bool
) -> None:
    made = any_card(raw, name, records, department, withheld, inside)
    caller_id = caller(raw, withheld=withheld)
    certain = made.match is MatchKind.CERTAIN
    assert certain == (match_caller(caller_id, records).customer is not None and not inside)
    assert (made.person is not None) == certain
    assert all(one.salutation == {} and one.notes == "" for one in made.candidates)
    if not certain:
        assert (made.trips, made.now, made.suggestions) == ((), (), ())
    if withheld or inside:
        assert made.candidates == ()


@given(RAWS, RECORDS, DEPARTMENTS)
def test_prices_leave_only_for_users_allowed_to_see_them(
    raw: str, records: CallerRecord, department: str
) -> None:
    made = any_card(raw, "", records, department, withheld=False, inside=False)
    for shown in orjson.loads(card_bytes(made))["trips"]:
        assert (shown["price"] is not None) == (department in {"accounting", "finance"})


@given(RAWS, ANY, RECORDS, st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_the_same_facts_give_the_same_card(
    raw: str, name: str, records: CallerRecord, today: date
) -> None:
    shown = CallerInfo(raw, name)
    assert card(records, raw, party=shown, today=today) == card(
        records, raw, party=shown, today=today
    )


_DAYS = st.sampled_from([None, date.min, date.min + timedelta(1), TODAY, date.max]) | st.dates()


@given(st.lists(_DAYS, min_size=10, max_size=10), st.sampled_from([*TripStatus]))
def test_any_day_of_a_record_gives_a_card(days: list[date | None], status: TripStatus) -> None:
    born, wed, since, phone_since, verified, departs, returns, opened, promised, quiet = days
    person = customer(
        birthday=born,
        anniversary=wed,
        customer_since=since,
        quiet_offers={"trip_like_last": quiet} if quiet else {},
    )
    travels = tuple(
        replace(trip(number=number, status=one), departs=leaves, returns=back)
        for number, (one, leaves, back) in enumerate(
            [(status, departs, returns), (TripStatus.TRAVELLED, returns, departs)], 1
        )
    )
    of_the_office = case(opened=opened or TODAY, promised_for=promised)
    known = file(
        person, trips=travels, cases=(of_the_office,), since=phone_since, verified_on=verified
    )
    made = card(record(known), today=TODAY)
    assert orjson.loads(card_bytes(made))["person"] is not None
