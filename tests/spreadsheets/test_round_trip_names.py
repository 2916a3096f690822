"""Names that another office does not know, and columns that a department does not see."""

import csv
from datetime import date
from pathlib import Path

from screenpop.accounts.departments import Section
from screenpop.customers.consent import Consent
from screenpop.customers.draft import CaseDraft, CustomerDraft, PhoneDraft, TripDraft
from screenpop.customers.export_record import CustomerExportRecord
from screenpop.customers.models import CustomerId, PersonName
from screenpop.spreadsheets.writing.files import CsvFile
from screenpop.telephony.identifiers import E164
from tests.spreadsheets.test_round_trip import ALL, TODAY, TRANSLATED, read_again


def test_an_owner_and_a_branch_not_known_here_are_reported_and_readable(
    tmp_path: Path,
) -> None:
    draft = CustomerDraft(
        names={"en": PersonName("Laleh", "Karimi")},
        phones=(PhoneDraft("", E164("+989123456789"), None, "mobile"),),
    )
    going = CustomerExportRecord(CustomerId(1), draft, "Somebody Else", "Lost Town")
    path = tmp_path / "out.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        CsvFile(out, TRANSLATED["el"], ALL).add([going])
    [laleh], reported = read_again(path)
    assert laleh.owner is None
    assert laleh.branch is None
    assert laleh.notes == "Υπεύθυνος: Somebody Else\nΥποκατάστημα: Lost Town"
    assert reported == {"unknown_owner", "unknown_branch"}


def test_a_user_not_allowed_to_see_cases_or_prices_exports_none(tmp_path: Path) -> None:
    """Mallory of sales."""
    draft = CustomerDraft(
        names={"en": PersonName("Laleh", "Karimi")},
        wishes={"seat": "window"},
        consents={"sms": Consent(True, date(2026, 1, 31), "phone")},
        cases=(CaseDraft(subject="lost case", opened=TODAY),),
        trips=(TripDraft(destination="Rome", supplier="Secret", margin=17, price=19),),
    )
    path = tmp_path / "out.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        file = CsvFile(out, TRANSLATED["en"], frozenset({Section.TRIPS}))
        file.add([CustomerExportRecord(CustomerId(1), draft)])
    text = path.read_text(encoding="utf-8-sig")
    [headings, row] = csv.reader(text.splitlines())
    assert "Rome" in row
    for secret in ("lost case", "Secret", "17", "19", "window", "2026-01-31"):
        assert secret not in text
    assert {"Subject", "Seat", "Allows", "Bought from"}.isdisjoint(headings)
