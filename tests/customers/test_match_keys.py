"""Skeletons that spellings of a name share, close names, and the keys of a customer."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.match_keys import (
    MatchFacts,
    MatchKind,
    are_close,
    first_key_after,
    kind_of,
    match_keys,
    name_skeleton,
)


@pytest.mark.parametrize(
    "spellings",
    [
        ("Ali Noori", "Ali Nouri", "علی نوری", "NOORI ALI", "علي نوري"),
        ("Νίκος Παππάς", "Nikos Pappas", "NIKOS PAPPAS"),
        ("Maryam Hosseini", "Mariam Hoseini", "مریم حسینی"),
        ("Shirin Rezaei", "Shirin Rezaee", "شیرین رضایی"),
        ("Khosrow Ghasemi", "خسرو قاسمی"),
        ("Δημήτρης Οικονόμου", "Dimitris Ikonomou"),
    ],
)
def test_spellings_of_a_name_have_one_skeleton(spellings: tuple[str, ...]) -> None:
    assert len({name_skeleton(one) for one in spellings}) == 1


def test_other_names_have_other_skeletons() -> None:
    names = ("Ali Noori", "Ali Naderi", "Eva Noori", "Nima Karimi", "Nikos Pappas", "Maria Pappa")
    assert len({name_skeleton(one) for one in names}) == len(names)


@pytest.mark.parametrize(
    ("one", "other", "close"),
    [
        ("Ali Noor", "Ali Noot", True),
        ("Abcdefgh", "Abcdefxx", False),  # eight letters: one may differ
        ("Abcdefghi", "Abcdefgxx", True),  # nine: two
        ("Abcdefghi", "Abcdefxxx", False),
        ("Noori Ali", "Ali Noori", True),
        ("", "A", False),
        ("", "", False),
    ],
)
def test_long_names_differ_by_two_letters_and_short_ones_by_one(
    one: str, other: str, close: bool
) -> None:
    assert are_close(one, other) is are_close(other, one) is close


@given(
    st.lists(st.text(max_size=20), max_size=3),
    st.lists(st.text("0123456789", max_size=9), max_size=3),
    st.lists(st.text(max_size=20), max_size=2),
    st.none() | st.dates(),
)
def test_keys_are_positive_64_bit_numbers_in_the_order_of_kinds(
    names: list[str], numbers: list[str], emails: list[str], birthday: date | None
) -> None:
    keys = match_keys(MatchFacts(tuple(names), tuple(numbers), tuple(emails), birthday))

    assert all(0 < key < 2**63 for key in keys)
    kinds = [kind_of(key) for key in sorted(keys)]
    assert kinds == sorted(kinds)
    assert all(key < first_key_after(kind_of(key)) for key in keys)
    assert all(
        key >= first_key_after(MatchKind(kind_of(key) - 1))
        for key in keys
        if kind_of(key) > MatchKind.NUMBER
    )


@pytest.mark.parametrize("name", ["", " ", "!?", "-"])
def test_a_name_without_letters_has_no_key(name: str) -> None:
    assert match_keys(MatchFacts((name,), ("123456789",))) == frozenset()
