"""The quick way of writing a customer is the ordinary way."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.draft import CustomerDraft, PhoneDraft
from screenpop.customers.records import Gender, PersonName, Tier, Title
from screenpop.store.customer_rows import customer_values
from screenpop.store.import_writing import new_customer_values
from screenpop.telephony.identifiers import E164

words = st.text(max_size=20) | st.sampled_from(
    ["Laleh Karimi", "لاله‌ کریمی", "Νίκος Σπύρος", "O'Brien-Smith", "\ud800", "a\0b", "²³ ½", "ﷺ"]
)
drafts = st.builds(
    CustomerDraft,
    names=st.dictionaries(words, st.builds(PersonName, words, words, words), max_size=2),
    title=st.sampled_from(Title),
    gender=st.sampled_from(Gender),
    language=words,
    tier=st.sampled_from(Tier),
    vip=st.booleans(),
    birthday=st.none() | st.just(date(1986, 8, 3)),
    balance=st.integers(-5, 5),
    currency=words,
    marketing_consent=st.booleans(),
    customer_since=st.none() | st.just(date(2020, 1, 1)),
    notes=words,
    company=st.just("") | words,
    tags=st.lists(words, max_size=1).map(tuple),
    phones=st.lists(
        st.builds(
            PhoneDraft,
            words | st.text("0123456789 ", max_size=60),
            st.none() | st.just(E164("+989123456789")),
            st.none(),
        ),
        max_size=2,
    ).map(tuple),
)


@given(drafts)
def test_quick_values_are_the_ordinary_values(draft: CustomerDraft) -> None:
    assert new_customer_values(draft, {}) == customer_values(draft, {})
