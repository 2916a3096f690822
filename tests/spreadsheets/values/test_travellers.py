"""Travellers of one cell, as offices of three languages write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.draft import TravellerDraft
from screenpop.spreadsheets.values.phones import phone_parser
from screenpop.spreadsheets.values.travellers import parse_travellers
from screenpop.telephony.identifiers import Region
from screenpop.telephony.number_plan import NumberPlan

PHONES = phone_parser(NumberPlan(Region("IR"), "21"))
HERS = ("+989123456789",)


def names(text: str) -> list[str]:
    return [one.name for one in parse_travellers(text, PHONES)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dorsa Rostami, Shirin Rostami", ["Dorsa Rostami", "Shirin Rostami"]),
        ("Dorsa Rostami and Shirin Rostami", ["Dorsa Rostami", "Shirin Rostami"]),
        ("Dorsa Rostami / Shirin Rostami", ["Dorsa Rostami", "Shirin Rostami"]),
        ("درسا رستمی، شیرین رستمی", ["درسا رستمی", "شیرین رستمی"]),
        ("درسا رستمی؛ شیرین رستمی", ["درسا رستمی", "شیرین رستمی"]),
        ("درسا رستمی و شیرین رستمی", ["درسا رستمی", "شیرین رستمی"]),
        ("زرین‌گل و نیما", ["زرین‌گل", "نیما"]),
        ("Μαρία Βλάχου και Νίκος Βλάχος", ["Μαρία Βλάχου", "Νίκος Βλάχος"]),
        ("Μαρία Βλάχου & Νίκος Βλάχος", ["Μαρία Βλάχου", "Νίκος Βλάχος"]),
        ("Rostami, Dorsa; Rostami, Shirin", ["Dorsa Rostami", "Shirin Rostami"]),
        ("Dorsa Rostami\nShirin Rostami\n", ["Dorsa Rostami", "Shirin Rostami"]),
        ("Sandra Andersen", ["Sandra Andersen"]),
        ("Dr. Dorsa Rostami; κ. Νίκος Βλάχος", ["Dorsa Rostami", "Νίκος Βλάχος"]),
        ("Ann Lee; Ann Lee", ["Ann Lee"]),
        (" ; , ", []),
    ],
)
def test_travellers_are_separated_as_each_language_does(text: str, expected: list[str]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize(
    ("text", "traveller"),
    [
        ("Dorsa (0912 345 6789)", TravellerDraft("Dorsa", HERS)),
        ("درسا رستمی ۰۹۱۲۳۴۵۶۷۸۹", TravellerDraft("درسا رستمی", HERS)),
        ("+98 912 345 6789", TravellerDraft("", HERS)),
        ("#12", TravellerDraft("", (), 12)),
        ("Dorsa Rostami #۱۲", TravellerDraft("Dorsa Rostami", (), 12)),
        ("Dorsa Rostami *", TravellerDraft("Dorsa Rostami", child=True)),
        ("Dorsa (child)", TravellerDraft("Dorsa", child=True)),
        ("درسا (کودک)", TravellerDraft("درسا", child=True)),
        ("Δώρα (παιδί)", TravellerDraft("Δώρα", child=True)),
        ("Dorsa (+98 912 345 6789) *", TravellerDraft("Dorsa", HERS, child=True)),
    ],
)
def test_a_traveller_is_a_name_a_number_or_a_customer_number(
    text: str, traveller: TravellerDraft
) -> None:
    assert parse_travellers(text, PHONES) == [traveller]


def test_digits_that_are_no_number_stay_in_the_name() -> None:
    assert names("Ali 99 12 34") == ["Ali 99 12 34"]


@given(st.text(max_size=200))
def test_any_text_is_read_and_no_letter_of_it_is_lost(text: str) -> None:
    found = parse_travellers(text, PHONES)
    assert all(one.name or one.numbers or one.customer is not None for one in found)


@given(st.lists(st.sampled_from(["Ann Lee", "Βλάχος", "نیما", "7 7"]), min_size=1, unique=True))
def test_every_name_between_semicolons_is_a_traveller(parts: list[str]) -> None:
    assert names("; ".join(parts)) == parts
