"""What is made quickly is what is made ordinarily."""

from dataclasses import FrozenInstanceError, dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.draft import CustomerDraft, IncomingRow, PhoneDraft
from screenpop.customers.quick_making import quick_maker
from screenpop.customers.records import PersonName, Title

phones: st.SearchStrategy[dict[str, str]] = st.builds(
    dict,
    raw=st.text(max_size=9),
    e164=st.none() | st.text(max_size=9),
    last_nine=st.none() | st.text(max_size=9),
)
few_words = st.fixed_dictionaries(
    {"names": st.just({"en": PersonName("Laleh", "Karimi")})},
    optional={
        "title": st.sampled_from(Title),
        "notes": st.text(max_size=9),
        "tags": st.just(("vip",)),
        "balance": st.integers(),
        "wishes": st.just({"seat": "window"}),
    },
)


@given(few_words)
def test_a_customer_with_whatever_was_said(said: dict[str, object]) -> None:
    quick, ordinary = quick_maker(CustomerDraft)(**said), CustomerDraft(**said)  # type: ignore[arg-type]

    assert quick == ordinary
    assert type(quick) is CustomerDraft
    assert repr(quick) == repr(ordinary)
    assert replace(quick, language="fa") == replace(ordinary, language="fa")


@given(phones)
def test_a_phone_by_name_and_by_place(said: dict[str, str]) -> None:
    make = quick_maker(PhoneDraft)

    assert make(**said) == PhoneDraft(**said) == make(*said.values())  # type: ignore[arg-type]
    assert hash(make(**said)) == hash(PhoneDraft(**said))  # type: ignore[arg-type]


def test_no_two_share_what_was_not_said() -> None:
    make = quick_maker(CustomerDraft)

    assert make(names={}).wishes is not make(names={}).wishes


def test_it_stays_as_it_was_made() -> None:
    row = quick_maker(IncomingRow)(1, CustomerDraft(names={}))

    with pytest.raises(FrozenInstanceError):
        row.line = 2  # type: ignore[misc]


def test_what_is_missing_is_missed() -> None:
    with pytest.raises(TypeError, match="names"):
        quick_maker(CustomerDraft)(notes="VIP")
    with pytest.raises(TypeError, match="nonsense"):
        quick_maker(CustomerDraft)(names={}, nonsense=1)


@dataclass(frozen=True, slots=True)
class Even:
    number: int

    def __post_init__(self) -> None:
        if self.number % 2:
            raise ValueError(self.number)


def test_a_record_that_looks_at_its_fields_is_refused() -> None:
    with pytest.raises(TypeError, match="Even"):
        quick_maker(Even)
