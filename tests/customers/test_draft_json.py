"""Drafts as JSON holds them."""

from datetime import date

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.consent import CHANNELS, Consent
from screenpop.customers.draft import CaseDraft, CustomerDraft, PhoneDraft, TripDraft
from screenpop.customers.draft_json import InvalidDraftError, draft_from_json, draft_to_json
from screenpop.customers.models import PersonName
from screenpop.telephony.identifiers import E164

words = st.text(st.characters(codec="utf-8"), max_size=12)
named = st.builds(PersonName, words, words, words)
phones = st.builds(
    PhoneDraft,
    words,
    st.none() | st.just(E164("+989123456789")),
    st.none() | st.just("123456789"),
    words,
    st.none() | st.dates(),
    st.none() | st.dates(),
)
days = st.none() | st.dates()
trips = st.builds(
    TripDraft,
    departs=days,
    returns=days,
    supplier=words,
    margin=st.integers(-9, 9),
    rating=st.none() | st.integers(1, 5),
    feedback_asked=days,
)
cases = st.builds(CaseDraft, subject=words, opened=days, promised_for=days, closed=days)
drafts = st.builds(
    CustomerDraft,
    names=st.dictionaries(
        words, st.builds(PersonName, words, words, words), min_size=1, max_size=3
    ),
    birthday=st.none() | st.dates(),
    anniversary=st.none() | st.dates(),
    customer_since=st.none() | st.dates(),
    tags=st.lists(words, max_size=3).map(tuple),
    wishes=st.dictionaries(words, words, max_size=2),
    consents=st.dictionaries(
        st.sampled_from(CHANNELS),
        st.builds(Consent, st.booleans(), st.none() | st.dates(), words, words),
        max_size=2,
    ),
    owner=st.none() | st.integers(1, 9),
    branch=st.none() | st.integers(1, 9),
    emails=st.lists(words, max_size=3).map(tuple),
    phones=st.lists(phones, max_size=3).map(tuple),
    trips=st.lists(trips, max_size=3).map(tuple),
    cases=st.lists(cases, max_size=3).map(tuple),
)


@given(drafts)
def test_a_draft_comes_back_from_json_as_it_was(draft: CustomerDraft) -> None:
    assert draft_from_json(orjson.loads(orjson.dumps(draft_to_json(draft)))) == draft


def test_empty_fields_are_left_out_of_the_json() -> None:
    draft = CustomerDraft(names={"en": PersonName("Laleh", "Karimi")}, birthday=date(1986, 8, 3))

    assert draft_to_json(draft) == {"names": {"en": ["Laleh", "Karimi"]}, "birthday": "1986-08-03"}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@given(
    json_values
    | st.fixed_dictionaries(
        {"names": json_values},
        optional=dict.fromkeys(
            ("title", "birthday", "phones", "trips", "cases", "vip", "tags"), json_values
        ),
    )
)
def test_any_json_is_read_or_refused_with_an_error(plain: object) -> None:
    try:
        draft = draft_from_json(plain)
    except InvalidDraftError:
        return
    assert isinstance(draft, CustomerDraft)
    assert draft_from_json(draft_to_json(draft)) == draft


@pytest.mark.parametrize(
    "plain",
    [
        None,
        [],
        {},
        {"names": {"en": 3}},
        {"names": {"en": ["a", "b", "c", "d"]}},
        {"names": {"en": ["Laleh", "Karimi"]}, "wishes": ["aisle"]},
        {"names": {"en": ["Laleh", "Karimi"]}, "tier": "diamond"},
        {"names": {"en": ["Laleh", "Karimi"]}, "birthday": "yesterday"},
        {"names": {"en": ["Laleh", "Karimi"]}, "vip": "no"},
        {"names": {"en": ["Laleh", "Karimi"]}, "balance": True},
        {"names": {"en": ["Laleh", "Karimi"]}, "password": "x"},
        {"names": {"en": ["Laleh", "Karimi"]}, "phones": ["09123456789"]},
    ],
)
def test_what_describes_no_customer_is_refused(plain: object) -> None:
    with pytest.raises(InvalidDraftError):
        draft_from_json(plain)
