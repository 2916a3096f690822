"""Consents and opt-outs, as sheets have them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.consent import CHANNELS, Consent, consents_from_json
from screenpop.customers.draft_json import draft_from_json
from screenpop.customers.import_columns import CONSENTS, OPT_OUTS, Field
from screenpop.spreadsheets.columns.header_aliases import match_heading
from screenpop.spreadsheets.reading.messages import ReadRequest
from screenpop.spreadsheets.reading.open_file import workbook_from_bytes
from screenpop.spreadsheets.rows.row_builder import RowBuilder
from screenpop.spreadsheets.rows.row_parser import ImportContext
from screenpop.spreadsheets.rows.sheets import select_sheet
from screenpop.spreadsheets.values.consent_cells import (
    parse_consent,
    parse_consent_cell,
    parse_consents,
)
from screenpop.spreadsheets.values.dates import DateParser
from screenpop.spreadsheets.values.enum_words import CellError
from screenpop.telephony.identifiers import Region
from screenpop.telephony.number_plan import NumberPlan

TODAY = date(2026, 11, 22)
DAYS = DateParser(TODAY)
MARCH = date(2025, 3, 4)


def consents_of(person: RowBuilder) -> dict[str, Consent]:
    return consents_from_json(person.fields.get("consents"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("E-mail (2025-03-04), SMS", {"email": MARCH, "sms": TODAY}),
        ("پیامک (۱۴۰۳/۱۲/۱۴)؛ نگهداری داده", {"sms": MARCH, "data": TODAY}),
        ("Ηχογράφηση\nΤήρηση δεδομένων ()", {"recording": TODAY, "data": TODAY}),
    ],
)
def test_several_consents_in_one_cell_are_read_with_their_days(
    text: str, expected: dict[str, date]
) -> None:
    person = RowBuilder()
    parse_consents(2, DAYS, person, text)
    assert consents_of(person) == {channel: Consent(True, day) for channel, day in expected.items()}
    assert person.wrong == []


@pytest.mark.parametrize(
    ("text", "code"),
    [("SMS, pigeons", "unknown_consent"), ("SMS, data (in summer)", "bad_date")],
)
def test_known_consents_of_a_cell_are_kept_and_unknown_ones_reported(text: str, code: str) -> None:
    person = RowBuilder()
    parse_consents(2, DAYS, person, text)
    assert (consents_of(person), person.wrong) == ({"sms": Consent(True, TODAY)}, [(2, code)])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Yes", Consent(True, TODAY)),
        ("subscribed", Consent(True, TODAY)),
        ("0", Consent(False, TODAY)),
        ("Unsubscribed", Consent(False, TODAY)),
        ("انصراف", Consent(False, TODAY)),
        ("Όχι · 2025-03-04 · Τηλεφωνικά · Ελένη", Consent(False, MARCH, "phone", "Ελένη")),
        ("بله · ۱۴۰۳/۱۲/۱۴ · نامه", Consent(True, MARCH, "نامه")),
        ("Never asked", None),
        ("δεν έχει ρωτηθεί", None),
    ],
)
def test_a_consent_cell_gives_state_day_and_source(text: str, expected: Consent | None) -> None:
    person = RowBuilder()
    parse_consent(1, Field.EMAIL_CONSENT, DAYS, person, text)
    assert (consents_of(person).get("email"), person.wrong) == (expected, [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Yes", Consent(False, TODAY)),
        ("TRUE", Consent(False, TODAY)),
        ("1", Consent(False, TODAY)),
        ("ναι", Consent(False, TODAY)),
        ("opted out", Consent(False, TODAY)),
        ("2025-03-04", Consent(False, MARCH)),
        ("No", None),
        ("FALSE", None),
        ("خیر", None),
        ("subscribed", None),
    ],
)
def test_a_yes_in_a_column_of_opt_outs_is_a_no_and_a_no_sets_nothing(
    text: str, expected: Consent | None
) -> None:
    person = RowBuilder()
    parse_consent(1, Field.EMAIL_OPT_OUT, DAYS, person, text)
    assert (consents_of(person).get("email"), person.wrong) == (expected, [])


@pytest.mark.parametrize("field", [Field.SMS_CONSENT, Field.PHONE_OPT_OUT])
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("perhaps", "unknown_consent_answer"),
        ("yes · tomorrow", "bad_date"),
        ("yes · 2026-11-23", "impossible_date"),
    ],
)
def test_a_consent_cell_that_cannot_be_read_is_reported(field: Field, text: str, code: str) -> None:
    person = RowBuilder()
    parse_consent(1, field, DAYS, person, text)
    # A no without its day is one all the same: losing it would be the worst.
    kept = {OPT_OUTS[field]: Consent(False, TODAY)} if field in OPT_OUTS and "·" in text else {}
    assert (consents_of(person), person.wrong) == (kept, [(1, code)])


@given(st.permutations([(Field.EMAIL_CONSENT, "yes"), (Field.EMAIL_OPT_OUT, "yes")]))
def test_an_opt_out_wins_over_a_consent_in_the_same_row(columns: list[tuple[Field, str]]) -> None:
    person = RowBuilder()
    for place, (field, text) in enumerate(columns):
        parse_consent(place, field, DAYS, person, text)
    assert consents_of(person) == {"email": Consent(False, TODAY)}


@given(st.sampled_from([*CONSENTS, *OPT_OUTS]), st.text() | st.sampled_from(["yes", "no · · x"]))
def test_any_text_is_an_answer_nothing_or_reported(field: Field, text: str) -> None:
    person = RowBuilder()
    parse_consent(0, field, DAYS, person, text)
    found = consents_of(person)
    assert not (found and person.wrong)
    assert set(found) <= set(CHANNELS)
    if field in OPT_OUTS:
        assert all(not consent.given for consent in found.values())


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Email Opt Out", Field.EMAIL_OPT_OUT),
        ("Unsubscribed from all email", Field.EMAIL_OPT_OUT),
        ("HasOptedOutOfEmail", Field.EMAIL_OPT_OUT),
        ("Newsletter opt-out", Field.EMAIL_OPT_OUT),
        ("DoNotBulkEMail", Field.EMAIL_OPT_OUT),
        ("SMS opt-out", Field.SMS_OPT_OUT),
        ("Do not call", Field.PHONE_OPT_OUT),
        ("Don't call", Field.PHONE_OPT_OUT),
        ("Do not record", Field.RECORDING_OPT_OUT),
        ("Opted out", Field.OFFERS_OPT_OUT),
        ("Do Not Contact", Field.OFFERS_OPT_OUT),
        ("لغو اشتراک خبرنامه", Field.EMAIL_OPT_OUT),
        ("عدم ارسال پیامک", Field.SMS_OPT_OUT),
        ("پیامک نفرستید", Field.SMS_OPT_OUT),
        ("تماس گرفته نشود", Field.PHONE_OPT_OUT),
        ("Απεγγραφή από newsletter", Field.EMAIL_OPT_OUT),
        ("Να μην αποστέλλονται SMS", Field.SMS_OPT_OUT),
        ("Να μην καλείται", Field.PHONE_OPT_OUT),
        ("Να μη λαμβάνει SMS", Field.SMS_OPT_OUT),
        ("Δεν επιθυμεί email", Field.EMAIL_OPT_OUT),
        ("پیامک نمی‌خواهد", Field.SMS_OPT_OUT),
        ("Διαγραφή από τη λίστα", Field.OFFERS_OPT_OUT),
        ("Marketing consent", Field.CONSENT),
        ("Consent to SMS", Field.SMS_CONSENT),
        ("Call recording consent", Field.RECORDING_CONSENT),
        ("Συγκατάθεση για e-mail", Field.EMAIL_CONSENT),
        ("رضایت به تماس تلفنی", Field.PHONE_CONSENT),
        ("WhatsApp opt in", Field.IGNORED),
        ("Email", Field.EMAIL),
        ("E-mail No", Field.EMAIL),
        ("Phone No", Field.PHONE),
        ("Notes", Field.NOTES),
    ],
)
def test_headings_of_consents_and_opt_outs_are_distinguished(heading: str, field: Field) -> None:
    found = match_heading(heading)
    assert found is not None
    assert found[0] is field


@pytest.mark.parametrize(
    ("text", "day", "source"),
    [
        ("No; 2026-01-31", date(2026, 1, 31), ""),
        ("no (31/1/2026)", date(2026, 1, 31), ""),
        ("No 2026-01-31;", date(2026, 1, 31), ""),
        ("opted out: 2026-01-31", date(2026, 1, 31), ""),
        ("no, asked twice", TODAY, "asked twice"),
        ("No · some day · web", TODAY, "web"),
        ("No · 2026-01-31 · ;ω", date(2026, 1, 31), ";ω"),
    ],
)
def test_no_with_something_behind_it_is_not_lost(text: str, day: date, source: str) -> None:
    assert parse_consent_cell(text, DAYS) == Consent(False, day, source)


@pytest.mark.parametrize("text", ["Yes; perhaps", "north", "nobody knows", "2026-01-31", "; no"])
def test_only_a_no_at_the_beginning_is_taken_for_one(text: str) -> None:
    assert isinstance(parse_consent_cell(text, DAYS), CellError)


def test_column_of_answers_about_sms_is_none_of_numbers() -> None:
    book = workbook_from_bytes(
        "First name,Last name,Mobile,SMS\nNikos,Pappas,6912345678,No · 2000-01-01 · ;x\n".encode(),
        "",
    )
    context = ImportContext(NumberPlan(region=Region("IR"), area_code="21"), TODAY)
    sheet = select_sheet(book, ReadRequest("", context, only_look=False))
    (row,) = sheet.understood(context)
    assert row.draft is not None
    draft = draft_from_json(row.draft)
    assert [phone.raw for phone in draft.phones] == ["6912345678"]
    assert draft.consents == {"sms": Consent(False, date(2000, 1, 1), ";x")}
