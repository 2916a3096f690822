"""The order of names in the lists of each language."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screenpop.customers.models import LANGUAGES, PersonName
from screenpop.customers.name_order import KEY_LENGTH, name_order_key

SORTED = {
    "fa": "آذر احمدی بهار پارسا تهرانی ثابت جمشیدی چراغی زند ژاله سعیدی کاظمی گلشن لاله وحید هادی"
    " یزدی Adams Zoe Άγγελος",
    "el": "Άγγελος Αλέξης Άννα Γεωργίου Έλενα Ζωή Ήβη Ψαλτής Ωμέγα Adam Zoe علی",
    "en": "Adams Ådne Álvarez Brown Zoe Άγγελος Ωμέγα علی یزدی Ян",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_follow_the_alphabet_of_the_reader_and_other_alphabets_come_after_it(
    language: str,
) -> None:
    names = SORTED[language].split()

    names.reverse()
    names.sort(key=lambda one: _key(one, language))

    assert names == SORTED[language].split()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("كريمي", "کریمی"),
        ("کیان‌پور", "کیانپور"),
        ("ΝΙΚΟΣ", "νίκος"),
        ("Straße", "STRASSE"),
        ("۱۲", "12"),
        ("O'Dowd", "o dowd"),
    ],
)
def test_spellings_of_one_name_have_one_key(one: str, other: str) -> None:
    for language in LANGUAGES:
        assert _key(one, language) == _key(other, language)


def test_the_family_name_comes_before_the_given_name() -> None:
    zoe, adam = PersonName("Zoe", "Adams"), PersonName("Adam", "Brown")

    assert name_order_key(zoe, "en") < name_order_key(adam, "en")
    assert name_order_key(PersonName("Ann", "Lee"), "en") < name_order_key(
        PersonName("Ann", "Leeson"), "en"
    )


def test_a_customer_without_a_name_comes_last() -> None:
    for language in LANGUAGES:
        assert name_order_key(PersonName("", ""), language) > _key("Ян", language)


@settings(max_examples=50)
@given(st.text(), st.text(), st.sampled_from(LANGUAGES))
def test_every_name_has_a_key_of_limited_length(given: str, family: str, language: str) -> None:
    assert 1 <= len(name_order_key(PersonName(given, family), language)) <= KEY_LENGTH


def _key(name: str, language: str) -> bytes:
    return name_order_key(PersonName("", name), language)
