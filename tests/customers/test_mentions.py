"""Mentions of a person in text about others: which are replaced, which are only likely."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.mentions import (
    FEWEST_FAMILY_LETTERS,
    FEWEST_NAME_LETTERS,
    FEWEST_NUMBER_CHARACTERS,
    MentionKeys,
    cleaned_text,
    cleaned_value,
    email_pattern,
    family_names,
    is_certain_name,
    number_pattern,
    whole_names,
)
from screenpop.customers.models import PersonName

NAMES = [
    PersonName("Laleh", "Zarringol"),
    PersonName("لاله", "زرین‌گل"),
    PersonName("Λαλέ", "Ζαρινγκόλ"),
]
PASSPORT = number_pattern("A-1234567")
assert PASSPORT is not None
KEYS = MentionKeys(
    certain=whole_names(NAMES),
    rare_families=family_names(NAMES),
    numbers=frozenset({"989127718834", "302101234567"}),
    written=(email_pattern("zg@example.com"), PASSPORT),
)
COMMON = MentionKeys(likely=whole_names(NAMES), common_families=family_names(NAMES))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ask Laleh Zarringol's aunt", "ask [erased]'s aunt"),
        ("ZARRINGOL, Laleh", "[erased]"),
        ("laleh_zarringol.pdf", "[erased].pdf"),
        ("Mr. Zarringol paid", "Mr. [erased] paid"),
        ("q=laleh%20zarringol&x=1", "q=[erased]&x=1"),
        ("/%D9%84%D8%A7%D9%84%D9%87+%D8%B2%D8%B1%DB%8C%D9%86%20%DA%AF%D9%84", "/[erased]"),
        ("خانم زرين گل آمد", "خانم [حذف‌شده] آمد"),
        ("کیف لاله زرین‌گل‌ها", "کیف [حذف‌شده]‌ها"),
        ("η κυρία ΖΑΡΙΝΓΚΟΛ", "η κυρία [διαγράφηκε]"),
        ("at 0912 771 8834.", "at [erased]."),
        ("+98-912-771-88-34 or 00989127718834", "[erased] or [erased]"),
        ("۰۹۱۲۷۷۱۸۸۳۴", "[حذف‌شده]"),
        ("210 1234567, (210) 123.4567", "[erased], ([erased]"),
        ("tel 5 09127718834", "tel 5 [erased]"),
        ("<ZG@Example.com>", "<[erased]>"),
        ("passport a 123 4567", "passport [erased]"),
    ],
)
def test_what_certainly_means_the_person_is_replaced(text: str, expected: str) -> None:
    assert cleaned_text(text, KEYS) == (expected, False)


@pytest.mark.parametrize(
    "text",
    [
        *("199127718834", "91277188345", "0912 771 8835", "912,771,8834 7"),
        *("xzg@example.com", "zg@example.com.gr", "XA1234567", "A12345678"),
        *("Laleh went", "Zarringolabad", "Laleh\n\n\n\nand Zarr", "", "%zz", "%"),
    ],
)
def test_other_text_is_left_as_it_is(text: str) -> None:
    assert cleaned_text(text, KEYS) == (text, False)


def test_a_rare_family_name_alone_and_a_name_of_others_are_only_likely() -> None:
    for text in ("the Zarringol family", "خانواده زرین‌گل"):
        assert cleaned_text(text, KEYS) == (text, True)
    for text in ("Laleh Zarringol", "Mrs Zarringol", "x=laleh+zarringol%20"):
        assert cleaned_text(text, COMMON) == (text, True)
    assert cleaned_text("the Zarringol family", COMMON)[1] is False


def test_the_shortest_names_and_numbers_that_are_certain() -> None:
    assert FEWEST_NAME_LETTERS == 6
    assert [is_certain_name(name) for name in ("liwei", "liweiy", "liweiyu")] == [False, True, True]
    assert FEWEST_FAMILY_LETTERS == 3
    assert family_names([PersonName("A", name) for name in ("Li", "Lia", "Liam")]) == {
        "lia",
        "liam",
    }
    assert FEWEST_NUMBER_CHARACTERS == 6
    numbers = ("A-1234", "A-12345", "A-123456", "ABCDEFG")
    assert [number_pattern(one) is not None for one in numbers] == [False, True, True, False]
    assert whole_names([PersonName("", "Zarringol"), PersonName("Laleh", "")]) == frozenset()


def test_values_as_json_holds_them_are_cleaned_to_their_last_text() -> None:
    value = {"names": {"en": ["Laleh Zarringol", 7, None]}, "Laleh Zarringol": [{"a": "Zarringol"}]}
    cleaned = {"names": {"en": ["[erased]", 7, None]}, "[erased]": [{"a": "Zarringol"}]}
    assert cleaned_value(value, KEYS) == (cleaned, True)


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_text_around_a_mention_is_kept_and_a_second_cleaning_changes_nothing(
    before: str, after: str
) -> None:
    text = f"{before} | Laleh Zarringol | {after}"
    cleaned, _ = cleaned_text(text, KEYS)
    assert "Laleh Zarringol" not in cleaned
    assert cleaned_text(cleaned, KEYS)[0] == cleaned
