"""Travel documents in sheets: known by their headings, checked, exported and read again."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from screenpop.accounts.departments import Section
from screenpop.customers.documents import DocumentDraft, DocumentKind
from screenpop.customers.draft import CustomerDraft, PhoneDraft, TripDraft
from screenpop.customers.draft_merge import merge_drafts
from screenpop.customers.export_record import CustomerExportRecord
from screenpop.customers.import_columns import DOCUMENTS, Field
from screenpop.customers.models import CustomerId, PersonName
from screenpop.spreadsheets.columns.header_aliases import match_heading
from screenpop.spreadsheets.values.dates import _FIRST_EXPIRY, _FURTHEST_EXPIRY, DateParser
from screenpop.spreadsheets.values.enum_words import CellError
from screenpop.spreadsheets.writing.columns import columns_for
from screenpop.spreadsheets.writing.files import CsvFile
from screenpop.telephony.identifiers import E164
from tests.spreadsheets.test_other_programs import TEHRAN, read
from tests.spreadsheets.test_round_trip import ALL, TODAY, TRANSLATED, read_again, written

LALEH = CustomerDraft(
    names={"en": PersonName("Laleh", "Karimi")},
    phones=(PhoneDraft("+989123456789", E164("+989123456789"), "123456789", "mobile"),),
)
DOCUMENTS_OF_LALEH = (
    DocumentDraft(
        kind=DocumentKind.PASSPORT,
        number="K48213907",
        country="IR",
        name="LALEH KARIMI",
        expires=date(2029, 5, 1),
    ),
    DocumentDraft(kind=DocumentKind.PASSPORT, number="A7654321", country="GR"),
    DocumentDraft(
        kind=DocumentKind.VISA,
        number="V1234567",
        country="IT",
        valid_from=date(2026, 12, 1),
        expires=date(2027, 3, 1),
    ),
    DocumentDraft(kind=DocumentKind.NATIONAL_CODE, number="0084575948"),
    DocumentDraft(kind=DocumentKind.TAX_NUMBER, number="094014201"),
    DocumentDraft(kind=DocumentKind.ID_CARD, number="AT123456"),
    DocumentDraft(kind=DocumentKind.FREQUENT_FLYER, issuer="A3 Miles", number="1001234567"),
    DocumentDraft(kind=DocumentKind.CLUB, issuer="Hilton Honors", number="900 1234"),
)


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Passport No.", Field.PASSPORT),
        ("PassportNumber", Field.PASSPORT),
        ("شماره گذرنامه", Field.PASSPORT),
        ("شماره پاسپورت مسافر", Field.PASSPORT),
        ("Αρ. διαβατηρίου", Field.PASSPORT),
        ("passport_expiry", Field.PASSPORT_EXPIRES),
        ("Passport valid until", Field.PASSPORT_EXPIRES),
        ("تاریخ انقضای پاسپورت", Field.PASSPORT_EXPIRES),
        ("اعتبار گذرنامه", Field.PASSPORT_EXPIRES),
        ("Ημ. λήξης διαβατηρίου", Field.PASSPORT_EXPIRES),
        ("Passport issuing country", Field.PASSPORT_COUNTRY),
        ("Name as in passport", Field.PASSPORT_NAME),
        ("کد ملی", Field.NATIONAL_CODE),
        ("کدملی مشتری", Field.NATIONAL_CODE),
        ("kod meli", Field.NATIONAL_CODE),
        ("kod melli", Field.NATIONAL_CODE),
        ("ΑΦΜ", Field.TAX_NUMBER),
        ("Α.Φ.Μ.", Field.TAX_NUMBER),
        ("Αρ. Ταυτότητας", Field.ID_CARD),
        ("ΑΔΤ", Field.ID_CARD),
        ("Visa expiry", Field.VISA_EXPIRES),
        ("Visa no", Field.VISA_NUMBER),
        ("انقضای ویزا", Field.VISA_EXPIRES),
        ("Frequent flyer number", Field.FREQUENT_FLYER),
        ("Visa", Field.VISA),
        ("Visa status", Field.VISA),
    ],
)
def test_a_column_of_a_document_is_known_by_its_heading(heading: str, field: Field) -> None:
    found = match_heading(heading)
    assert found is not None
    assert found[0] is field


def test_documents_come_in_with_a_row_and_a_wrong_number_is_kept_and_reported_masked() -> None:
    fields, [laleh, sara], problems = read(
        "Name,Phone,Passport No,Passport expiry,کد ملی,ΑΦΜ,Frequent flyer\n"
        "Laleh Karimi,0912 345 6789,K48213907,1408/02/12,84575948,EL094014201,Aegean 1001234567\n"
        "Sara Nouri,0912 345 6780,X,soon,0084575949,,\n",
        TEHRAN,
    )
    assert fields["کد ملی"] is Field.NATIONAL_CODE
    assert laleh.documents == (
        DocumentDraft(kind=DocumentKind.PASSPORT, number="K48213907", expires=date(2029, 5, 1)),
        DocumentDraft(kind=DocumentKind.NATIONAL_CODE, number="0084575948"),
        DocumentDraft(kind=DocumentKind.TAX_NUMBER, number="094014201"),
        DocumentDraft(kind=DocumentKind.FREQUENT_FLYER, issuer="Aegean", number="1001234567"),
    )
    assert laleh.notes == ""
    assert sara.documents == (
        DocumentDraft(kind=DocumentKind.PASSPORT, number="X", doubt="document_number"),
        DocumentDraft(
            kind=DocumentKind.NATIONAL_CODE, number="0084575949", doubt="national_code_digit"
        ),
    )
    # Notes are not encrypted: they have the day that could not be read, and no number.
    assert sara.notes == "Passport expiry: soon"
    assert problems == [
        "3 Passport No document_number",
        "3 Passport expiry bad_date",
        "3 کد ملی national_code_digit",
    ]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["en", "fa", "el"])
def test_an_exported_customer_comes_back_with_all_documents(
    kind: str, language: str, tmp_path: Path
) -> None:
    trips = (TripDraft(destination="Rome", departs=date(2027, 1, 1)),)
    whole = replace(LALEH, documents=DOCUMENTS_OF_LALEH, trips=trips)
    rows, problems = read_again(written([whole], kind, language, tmp_path))
    again = rows[0]
    for row in rows[1:]:
        again = merge_drafts(again, row).draft
    assert problems <= {"unknown_column"}
    assert sorted(again.documents, key=str) == sorted(DOCUMENTS_OF_LALEH, key=str)
    assert len(again.trips) == 1


def test_numbers_are_exported_only_where_they_were_asked_for(tmp_path: Path) -> None:
    whole = CustomerExportRecord(CustomerId(1), replace(LALEH, documents=DOCUMENTS_OF_LALEH))
    for name, sections, documents in (
        ("not asked", ALL, False),
        ("no right", ALL - {Section.PERSONAL}, True),
    ):
        path = tmp_path / f"{name}.csv"
        with path.open("w", encoding="utf-8", newline="") as out:
            CsvFile(out, TRANSLATED["en"], sections, documents=documents).add([whole])
        assert "48213907" not in path.read_text("utf-8")
    codes = {column.code for column in columns_for(ALL, TRANSLATED["en"], documents=True)}
    assert {field.value for field in DOCUMENTS} <= codes
    assert not {field.value for field in DOCUMENTS} & {
        c.code for c in columns_for(ALL, TRANSLATED["en"])
    }


@pytest.mark.parametrize(
    ("year", "is_day"),
    [
        (_FIRST_EXPIRY - 1, False),
        (_FIRST_EXPIRY, True),
        (TODAY.year + _FURTHEST_EXPIRY, True),
        (TODAY.year + _FURTHEST_EXPIRY + 1, False),
    ],
)
def test_the_last_day_of_a_document_is_from_1990_to_thirty_years_ahead(
    year: int, is_day: bool
) -> None:
    found = DateParser(TODAY, True, False).expiry(f"{year}-06-01")
    assert isinstance(found, CellError) is not is_day
