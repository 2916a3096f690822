"""Which name of a column of whole names is first is decided by all of its cells."""

from datetime import date

import pytest

from screenpop.customers.import_columns import Field
from screenpop.customers.models import PersonName
from screenpop.spreadsheets.columns.detection import detect_columns
from screenpop.spreadsheets.columns.name_order import (
    _FEWEST_SIGNS,
    _MOST_ALIKE,
    NameOrder,
    name_order,
)
from screenpop.spreadsheets.rows.rows import Row
from screenpop.spreadsheets.values.given_names import _SHORTEST_FAMILY, ends_as_family_name
from screenpop.spreadsheets.values.names import split_name
from screenpop.telephony.identifiers import Region
from screenpop.telephony.number_plan import NumberPlan

FAMILY, GIVEN, UNCLEAR, UNKNOWN = (
    NameOrder.FAMILY_FIRST,
    NameOrder.GIVEN_FIRST,
    NameOrder.UNCLEAR,
    NameOrder.UNKNOWN,
)


@pytest.mark.parametrize(
    ("names", "order"),
    [
        ("Παπαδοπούλου Ελένη", FAMILY),
        ("ΠΑΠΑΔΟΠΟΥΛΟΥ ΕΛΕΝΗ|ΓΕΩΡΓΙΟΥ ΝΙΚΟΣ", FAMILY),
        ("κα Νικολάου Μαρία|Βλάχος Κώστας|Ξένος", FAMILY),
        ("Ελένη Παπαδοπούλου|Νίκος Γεωργίου|Θάλεια Ξένου", GIVEN),
        ("کریمی مریم|رضایی علی|حسینی نژاد فاطمه", FAMILY),
        ("مریم کریمی|محمد رضا رضایی|خانم زهرا احمدی", GIVEN),
        ("Karimi Maryam|Hosseini Reza", FAMILY),
        ("Papadopoulou Eleni", FAMILY),
        ("SMITH JOHN|Fairweather Petra", FAMILY),
        ("John Smith|Petra Fairweather|Kit James", GIVEN),
        ("Κυρίτσης Πέτρος|Πέτρος Κυρίτσης|Ελένη Γκίκα|Γκίκα Ελένη", UNCLEAR),
        ("Kit Helen", UNCLEAR),
        ("Xyz Abc|Foo Bar", UNKNOWN),
        ("Παπαδοπούλου, Ελένη|Mr & Mrs Thorn|Νότος ΑΕ|Ελένη", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_names_show_their_order(names: str, order: NameOrder) -> None:
    assert name_order(names.split("|")) is order


def test_an_order_needs_two_signs_and_four_of_five() -> None:
    one = "Zzz Helen"
    assert name_order([one] * (_FEWEST_SIGNS - 1)) is UNCLEAR
    assert name_order([one] * _FEWEST_SIGNS) is FAMILY
    many = round(10 * _MOST_ALIKE)
    assert name_order([one] * many + ["Helen Zzz"] * (10 - many)) is FAMILY
    assert name_order([one] * (many - 1) + ["Helen Zzz"] * (11 - many)) is UNCLEAR
    assert name_order(["Helen Zzz"] * many + [one] * (10 - many)) is GIVEN


def test_an_ending_is_of_a_family_name_in_words_of_four_letters_and_no_given_names() -> None:
    word = "ου".rjust(_SHORTEST_FAMILY, "α")
    assert ends_as_family_name(word)
    assert not ends_as_family_name(word[1:])
    assert not ends_as_family_name("علی")


@pytest.mark.parametrize(
    ("heading", "cells", "field", "is_asked"),
    [
        ("Ον/μο", ("Παπαδοπούλου Ελένη", "Βλάχου Μαρία"), Field.FAMILY_FIRST, False),
        ("نام و نام خانوادگی", ("کریمی مریم", "رضایی علی"), Field.FAMILY_FIRST, False),
        ("Name", ("Helen Thorn", "John Rey"), Field.NAME, False),
        ("Name", ("Helen Thorn", "Thorn Helen"), Field.NAME, True),
        ("Surname, first name", ("Helen Thorn", "John Rey"), Field.FAMILY_FIRST, True),
    ],
)
def test_a_column_of_names_is_read_as_its_cells_show_or_a_user_is_asked(
    heading: str, cells: tuple[str, ...], field: Field, is_asked: bool
) -> None:
    rows = [Row(1, [heading, "Mobile"])]
    rows += [Row(2 + n, [cell, f"+44791112345{n}"]) for n, cell in enumerate(cells)]
    column, _ = detect_columns(rows, NumberPlan(Region("GB")), date(2026, 3, 1)).columns

    assert (column.field, column.why == "name_order") == (field, is_asked)
    assert (column.confidence < 0.5) is is_asked


@pytest.mark.parametrize(
    ("written", "given", "family"),
    [
        ("Παπαδοπούλου Μαρία Ελένη", "Μαρία Ελένη", "Παπαδοπούλου"),
        ("حسینی نژاد مریم", "مریم", "حسینی نژاد"),
        ("کریمی محمد رضا", "محمد رضا", "کریمی"),
        ("رضایی سید علی", "سید علی", "رضایی"),
        ("Fairweather Zyx", "Zyx", "Fairweather"),
        ("Reza Ali", "Ali", "Reza"),
    ],
)
def test_a_name_with_the_family_name_first_is_split_where_the_given_name_begins(
    written: str, given: str, family: str
) -> None:
    assert split_name(written, family_first=True)[0] == PersonName(given, family)
