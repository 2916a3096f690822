"""Two drafts of one person, merged."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.consent import CHANNELS, Consent
from screenpop.customers.draft import CustomerDraft, PhoneDraft, TripDraft
from screenpop.customers.draft_merge import (
    full_names,
    merge_drafts,
    new_phones,
    new_trips,
    same_trip,
)
from screenpop.customers.models import PersonName, Product, Tier, Title
from screenpop.telephony.identifiers import E164

LALEH = CustomerDraft(
    names={"en": PersonName("Laleh", "Karimi")},
    tier=Tier.GOLD,
    phones=(PhoneDraft("0912 345 6789", E164("+989123456789"), "123456789", "mobile"),),
)
ISTANBUL = TripDraft(destination="Istanbul", departs=date(2026, 12, 1), price=900)


def test_what_was_missing_is_added_and_what_is_known_stays() -> None:
    more = replace(LALEH, tier=Tier.SILVER, birthday=date(1986, 8, 3), title=Title.DR)

    both = merge_drafts(LALEH, more)

    assert (both.draft.tier, both.draft.birthday, both.draft.title) == (
        Tier.GOLD,
        date(1986, 8, 3),
        Title.DR,
    )
    assert (set(both.added), both.differs) == ({"birthday", "title"}, ("tier",))


def test_the_same_again_adds_nothing() -> None:
    both = merge_drafts(LALEH, LALEH)

    assert both == (type(both))(LALEH, (), ())


def test_a_name_in_another_script_is_one_more_name_of_the_same_person() -> None:
    more = CustomerDraft(names={"fa": PersonName("لاله", "کریمی")})

    assert list(merge_drafts(LALEH, more).draft.names) == ["en", "fa"]


def test_another_name_in_the_same_script_is_reported() -> None:
    more = CustomerDraft(names={"en": PersonName("Lily", "Karimi")})

    assert merge_drafts(LALEH, more).differs == ("names",)
    assert merge_drafts(LALEH, more).draft.names == LALEH.names


def test_names_are_the_same_whatever_the_order_of_their_words() -> None:
    assert full_names(["KARIMI Laleh"]) == full_names(["Laleh  Karimi"])
    assert full_names(["", "  "]) == frozenset()


def test_a_number_in_another_spelling_is_not_another_number() -> None:
    again = PhoneDraft("+98 912 345 6789", E164("+989123456789"), "123456789", "work")
    unread = PhoneDraft("12-34", None, None, "other")

    assert new_phones(LALEH.phones, [again, unread, replace(unread, raw="12 34")]) == (unread,)


def test_a_trip_to_the_same_place_on_the_same_day_is_the_same_trip() -> None:
    again = replace(ISTANBUL, destination="ISTANBUL", price=950, paid=950)
    later = replace(ISTANBUL, departs=date(2027, 1, 1))

    assert new_trips([ISTANBUL], [again, later]) == (later,)


def test_trips_without_a_day_are_distinguished_by_their_price() -> None:
    visa = TripDraft(product=Product.VISA, price=100)

    assert same_trip(visa) != same_trip(replace(visa, price=120))


def test_an_amount_never_changes_its_currency_on_the_way() -> None:
    owing = replace(LALEH, balance=100, currency="EUR")

    assert merge_drafts(LALEH, owing).draft.currency == "EUR"
    both = merge_drafts(owing, replace(owing, balance=100, currency="IRR"))
    assert (both.draft.balance, both.draft.currency, both.differs) == (100, "EUR", ("balance",))


def test_a_no_to_offers_outweighs_a_yes() -> None:
    yes = replace(LALEH, consents={"offers": Consent(True, date(2026, 2, 1))})
    no = replace(LALEH, consents={"offers": Consent(False, date(2026, 1, 1))})

    assert merge_drafts(yes, no).draft.consents == no.consents
    assert merge_drafts(no, yes).draft.consents == no.consents
    assert merge_drafts(no, yes).differs == ("consents",)
    assert merge_drafts(yes, no).added == ("consents",)


def test_notes_are_joined_line_by_line() -> None:
    noted = replace(LALEH, notes="tea\naisle")

    assert (
        merge_drafts(noted, replace(LALEH, notes="aisle\nno fish")).draft.notes
        == "tea\naisle\nno fish"
    )


words = st.sampled_from(["", "tea", "aisle", "tea\naisle"])
people = st.builds(
    CustomerDraft,
    names=st.just(LALEH.names),
    tier=st.sampled_from(Tier),
    vip=st.booleans(),
    consents=st.dictionaries(
        st.sampled_from(CHANNELS), st.builds(Consent, st.booleans()), max_size=2
    ),
    birthday=st.none() | st.just(date(1986, 8, 3)) | st.just(date(1990, 1, 1)),
    notes=words,
    balance=st.integers(0, 2),
    currency=st.sampled_from(["EUR", "IRR"]),
    tags=st.lists(st.sampled_from(["vip", "VIP", "doctor"]), max_size=2, unique=True).map(tuple),
    trips=st.lists(st.sampled_from([ISTANBUL, TripDraft(price=3)]), max_size=1).map(tuple),
)


@given(people, people)
def test_joining_again_changes_nothing_and_filled_fields_stay(
    kept: CustomerDraft, more: CustomerDraft
) -> None:
    once = merge_drafts(kept, more)

    assert merge_drafts(once.draft, more).added == ()
    for field in set(once.differs) - {"consents"}:
        assert getattr(once.draft, field) == getattr(kept, field)
    assert set(kept.tags) <= set(once.draft.tags)
    assert set(kept.notes.splitlines()) <= set(once.draft.notes.splitlines())


def test_a_number_that_could_not_be_read_is_the_same_in_another_spelling() -> None:
    unread, again, other = (
        PhoneDraft(raw, None, None, "mobile") for raw in ("ext. 22-b", "EXT 22 B", "ext. 23-b")
    )
    assert new_phones((unread,), (again, other)) == (other,)
