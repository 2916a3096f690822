"""Headings as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.import_columns import Field
from screenpop.spreadsheets.columns.header_aliases import (
    LIKELY,
    SURE,
    known_headings,
    match_heading,
)


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("First Name", Field.GIVEN),
        ("LAST_NAME", Field.FAMILY),
        (" phone: ", Field.PHONE),
        ("Date of Birth", Field.BIRTHDAY),
        ("Birth date (dd/mm/yyyy)", Field.BIRTHDAY),
        ("نام خانوادگي", Field.FAMILY),
        ("نام‌خانوادگی", Field.FAMILY),
        ("نام و نام خانوادگی", Field.NAME),
        ("تلفن ۲", Field.PHONE),
        ("شماره موبایل", Field.MOBILE),
        ("تاریخ رفت", Field.DEPARTS),
        ("ΕΠΩΝΥΜΟ", Field.FAMILY),
        ("Επωνυμο", Field.FAMILY),
        ("Ονοματεπώνυμο", Field.NAME),
        ("Επώνυμο / Όνομα", Field.FAMILY_FIRST),
        ("Ημ. γέννησης", Field.BIRTHDAY),
        ("Ημ/νία Αναχώρησης", Field.DEPARTS),
        ("Σημειώσεις", Field.NOTES),
        ("Τηλ. 1", Field.PHONE),
        ("Α/Α", Field.IGNORED),
        ("Owner", Field.OWNER),
        ("کارشناس", Field.OWNER),
        ("Υπεύθυνος", Field.OWNER),
        ("Supplier", Field.SUPPLIER),
        ("تأمین‌کننده", Field.SUPPLIER),
        ("تامين كننده", Field.SUPPLIER),
        ("Προμηθευτής", Field.SUPPLIER),
        ("Seat", Field.SEAT),
        ("صندلی", Field.SEAT),
        ("Θέση", Field.SEAT),
        ("Meal", Field.MEALS),
        ("Destination", Field.DESTINATION),
        ("Favourite destinations", Field.DESTINATIONS),
        ("Our margin", Field.MARGIN),
        ("Nickname", Field.CALLED),
        ("Stars (1–5)", Field.RATING),
        ("Subject", Field.CASE_SUBJECT),
        ("Travellers", Field.TRAVELLERS),
        ("Passengers", Field.TRAVELLERS),
        ("Travelling with", Field.TRAVELLERS),
        ("مسافران", Field.TRAVELLERS),
        ("همراهان", Field.TRAVELLERS),
        ("همراه", Field.MOBILE),
        ("تعداد مسافر", Field.ADULTS),
        ("ΕΠΙΒΑΤΕΣ", Field.TRAVELLERS),
        ("Συνταξιδιώτες", Field.TRAVELLERS),
        ("City", Field.CITY),
        ("شهر", Field.CITY),
        ("محل سكونت", Field.CITY),
        ("ΠΟΛΗ", Field.CITY),
        ("Πόλη κατοικίας", Field.CITY),
        ("How did you hear about us?", Field.HEARD_FROM),
        ("نحوه آشنایی", Field.HEARD_FROM),
        ("ΠΩΣ ΜΑΣ ΕΜΑΘΕ", Field.HEARD_FROM),
        ("شهر مقصد", Field.DESTINATION),
        ("Πόλη προορισμού", Field.DESTINATION),
    ],
)
def test_a_heading_is_recognised_in_any_spelling(heading: str, field: Field) -> None:
    assert match_heading(heading) == (field, SURE)


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Customer mobile", Field.MOBILE),
        ("Customer city", Field.CITY),
        ("Πόλη πελάτη", Field.CITY),
        ("شماره موبایل مشتری", Field.MOBILE),
        ("Our client's birthday please", Field.BIRTHDAY),
        ("Destination city", Field.DESTINATION),
    ],
)
def test_a_heading_with_more_words_is_recognised_less_surely(heading: str, field: Field) -> None:
    found = match_heading(heading)

    assert found is not None
    assert found[0] is field
    assert found[1] < SURE


@pytest.mark.parametrize(
    "heading", ["", "  ", "Shoe size", "Laleh", "۱۲۳", "😀", "City of arrival"]
)
def test_other_words_have_no_meaning(heading: str) -> None:
    assert match_heading(heading) is None
    assert not known_headings(heading)


@given(st.text(max_size=300))
def test_any_text_is_read(heading: str) -> None:
    found = match_heading(heading)

    assert known_headings(heading) == (found is not None and found[1] >= LIKELY)
