"""A number as the trunk sends it becomes E.164, an extension or a part of a number."""

import phonenumbers
import pytest

from screenpop.telephony.caller_id import CallerIdKind
from screenpop.telephony.identifiers import E164
from screenpop.telephony.phone_numbers import (
    NumberPlan,
    explain,
    format_for_people,
    resolve,
)
from tests.telephony.plans import ATHENS, BERLIN, GREECE, IRAN, MOBILE, NEW_YORK, ROME, TEHRAN

TEHRAN_HOME = "+982188776655"
ATHENS_HOME = "+302101234567"
GREEK_MOBILE = "+306912345678"


@pytest.mark.parametrize(
    ("raw", "plan", "e164", "how"),
    [
        # As trunks send them.
        ("+989123456789", IRAN, MOBILE, "international"),
        ("+98 912 345 6789", IRAN, MOBILE, "international"),
        ("+98 (0) 912 345 6789", IRAN, MOBILE, "international"),
        ("00989123456789", IRAN, MOBILE, "international"),
        ("989123456789", IRAN, MOBILE, "missing_plus"),
        ("09123456789", IRAN, MOBILE, "national"),
        ("9123456789", IRAN, MOBILE, "national"),
        ("00302101234567", IRAN, ATHENS_HOME, "international"),
        ("+302101234567", IRAN, ATHENS_HOME, "international"),
        ("302101234567", IRAN, ATHENS_HOME, "missing_plus"),
        ("302101234567", GREECE, ATHENS_HOME, "missing_plus"),
        ("989123456789", GREECE, MOBILE, "missing_plus"),
        ("0989123456789", GREECE, MOBILE, "missing_plus"),
        ("00302101234567", NEW_YORK, ATHENS_HOME, "international"),
        ("011302101234567", NEW_YORK, ATHENS_HOME, "international"),
        # One text, two countries.
        ("2101234567", IRAN, "+982101234567", "national"),
        ("2101234567", GREECE, ATHENS_HOME, "national"),
        # Zeros that an exchange has put there.
        ("06912345678", GREECE, GREEK_MOBILE, "extra_zeros"),
        ("02101234567", GREECE, ATHENS_HOME, "extra_zeros"),
        ("+09123456789", IRAN, MOBILE, "extra_zeros"),
        ("0989123456789", IRAN, MOBILE, "extra_zeros"),
        ("0302101234567", GREECE, ATHENS_HOME, "extra_zeros"),
        ("+00302101234567", IRAN, ATHENS_HOME, "international"),
        ("0009123456789", IRAN, MOBILE, "extra_zeros"),
        # Of this town.
        ("88776655", TEHRAN, TEHRAN_HOME, "area_code"),
        ("8877 6655", TEHRAN, TEHRAN_HOME, "area_code"),
        ("1234567", ATHENS, ATHENS_HOME, "area_code"),
        ("5551234", NEW_YORK, "+12125551234", "area_code"),
        ("69812345", ROME, "+390669812345", "area_code"),
        ("901820123", BERLIN, "+4930901820123", "area_code"),
        # Digits of other scripts, unseen characters, separators.
        ("۰۹۱۲۳۴۵۶۷۸۹", IRAN, MOBILE, "national"),
        ("٠٩١٢٣٤٥٦٧٨٩", IRAN, MOBILE, "national"),
        ("٠٩١٢٬٣٤٥٬٦٧٨٩", IRAN, MOBILE, "national"),
        ("０９１２３４５６７８９", IRAN, MOBILE, "national"),
        ("＋９８９１２３４５６７８９", IRAN, MOBILE, "international"),
        ("۰۹۱۲\u200c۳۴۵\u200c۶۷۸۹", IRAN, MOBILE, "national"),
        ("\u202a+98 912 345 6789\u202c", IRAN, MOBILE, "international"),
        ("\x000912\x1b3456789", IRAN, MOBILE, "national"),
        ("0912-345-6789", IRAN, MOBILE, "national"),
        ("(0912) 345.6789", IRAN, MOBILE, "national"),
        ("\N{NO-BREAK SPACE}0912\t345 6789\n", IRAN, MOBILE, "national"),
        # Addresses.
        ("tel:+98-912-345-6789", IRAN, MOBILE, "international"),
        ("tel:09123456789;phone-context=+98", GREECE, MOBILE, "international"),
        ("tel:88776655;phone-context=+9821", GREECE, TEHRAN_HOME, "international"),
        ("tel:09123456789;phone-context=example.com", IRAN, MOBILE, "national"),
        ("tel:+98-912-345-6789;ext=101", IRAN, MOBILE, "international"),
        ("sip:+989123456789@10.0.0.1:5060;user=phone", IRAN, MOBILE, "international"),
        ("SIPS:09123456789@trunk.example", IRAN, MOBILE, "national"),
        ("sip:%2B989123456789@10.0.0.1", IRAN, MOBILE, "international"),
        ("<sip:09123456789@trunk>", IRAN, MOBILE, "national"),
        ('"Laleh <3" <sip:09123456789@trunk;user=phone>;tag=1', IRAN, MOBILE, "national"),
        ("09123456789@trunk", IRAN, MOBILE, "national"),
        # What a dialplan has put before it, and the caller's own extension behind it.
        ("Sales:09123456789", IRAN, MOBILE, "national"),
        ("Sales: +98 912 345 6789", IRAN, MOBILE, "international"),
        ("SUP 09123456789", IRAN, MOBILE, "national"),
        ("B2B:09123456789", IRAN, MOBILE, "national"),
        ("Sales: SUP 09123456789", IRAN, MOBILE, "national"),
        ("Sales:sip:+989123456789@trunk", IRAN, MOBILE, "international"),
        ("فروش: ۰۹۱۲۳۴۵۶۷۸۹", IRAN, MOBILE, "national"),
        ("02188776655 ext. 12", IRAN, TEHRAN_HOME, "national"),
        ("02188776655x12", IRAN, TEHRAN_HOME, "national"),
        ("۰۲۱۸۸۷۷۶۶۵۵ داخلی ۱۲", IRAN, TEHRAN_HOME, "national"),
        ("2101234567 εσωτ. 12", GREECE, ATHENS_HOME, "national"),
        # With a plus it is no extension of ours.
        ("+101", TEHRAN, None, "invalid"),
    ],
)
def test_a_number_is_understood_on_its_trunk(
    raw: str, plan: NumberPlan, e164: str | None, how: str
) -> None:
    caller = resolve(raw, plan=plan)
    assert (caller.e164, caller.how) == (e164, how)
    assert caller.raw == raw
    assert caller.kind is (CallerIdKind.NUMBER if e164 else CallerIdKind.RAW)


@pytest.mark.parametrize(
    ("raw", "plan", "elsewhere", "here"),
    [
        ("06919345678", GREECE, "+6919345678", "+306919345678"),
        ("49301234", TEHRAN, "+49301234", "+982149301234"),
    ],
)
def test_a_number_of_this_place_is_not_looked_for_abroad(
    raw: str, plan: NumberPlan, elsewhere: str, here: str
) -> None:
    assert phonenumbers.is_valid_number(phonenumbers.parse(elsewhere)), "a trap no longer"
    assert resolve(raw, plan=plan).e164 == here


@pytest.mark.parametrize("raw", ["101", "۱۰۱", "sip:101@pbx", "SUP 101", "<101>", "1️⃣0️⃣1️⃣"])
def test_our_own_phones_are_extensions(raw: str) -> None:
    caller = resolve(raw, plan=TEHRAN)
    assert (caller.kind, caller.extension) == (CallerIdKind.EXTENSION, "101")
    assert resolve(raw, plan=IRAN).kind is CallerIdKind.RAW


@pytest.mark.parametrize(
    ("raw", "region", "line_type", "display"),
    [
        ("+989123456789", "IR", "mobile", "+98 912 345 6789"),
        ("+302101234567", "GR", "fixed", "+30 21 0123 4567"),
        ("+12125551234", "US", "fixed_or_mobile", "+1 212-555-1234"),
        ("+80012345678", None, "toll_free", "+800 1234 5678"),
    ],
)
def test_a_number_has_its_country_and_kind(
    raw: str, region: str | None, line_type: str, display: str
) -> None:
    caller = resolve(raw, plan=IRAN)
    assert (caller.region, caller.line_type, caller.display) == (region, line_type, display)
    assert format_for_people(E164(raw)) == display


def test_what_cannot_be_formatted_is_displayed_as_it_is() -> None:
    assert format_for_people(E164("no\nnumber")) == "no number"


@pytest.mark.defends("invisible-characters")
def test_a_number_that_hides_behind_bidi_marks_is_displayed_without_them() -> None:
    assert resolve("evil\u202e12\x07", plan=IRAN).display == "evil12"


def test_the_explanation_lists_every_step_up_to_the_one_that_fits() -> None:
    explanation = explain("49301234", plan=TEHRAN)
    assert explanation.caller == resolve("49301234", plan=TEHRAN)
    assert [reading.step for reading in explanation.readings if not reading.fits] == [
        *("withheld_presentation", "too_long", "empty", "withheld_word", "unknown_word"),
        *("letters", "service_code", "extension", "repeated_digit", "national"),
    ]
    assert explanation.readings[-1].step == "area_code"
    assert explanation.readings[-1].text == "2149301234"
