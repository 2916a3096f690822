"""Withheld and unknown callers, service codes, extensions, repeated digits."""

import pytest

from screenpop.telephony.caller_id import CallerIdKind
from screenpop.telephony.identifiers import Region
from screenpop.telephony.phone_numbers import (
    MAX_DISPLAY_LENGTH,
    NumberPlan,
    resolve,
)
from tests.telephony.plans import GREECE, IRAN, MOBILE, PLANS, TEHRAN


@pytest.mark.parametrize(
    ("raw", "how"),
    [
        ("1-800-FLOWERS", "letters"),
        ("1-800-FLY 09123456789", "letters"),
        ("Sales:", "letters"),
        ("نامه", "letters"),
        ("691234567", "invalid"),
        ("+6912345678", "invalid"),
        ("123456789012345678901234567890", "invalid"),
        ("0912+3456789", "invalid"),
        ("0", "invalid"),
        ("112", "invalid"),
        ("+98*912", "invalid"),
        ("8" * 10_000, "too_long"),
    ],
)
def test_what_is_no_number_is_kept_as_sent(raw: str, how: str) -> None:
    caller = resolve(raw, plan=GREECE)
    assert (caller.kind, caller.how, caller.raw) == (CallerIdKind.RAW, how, raw)
    assert caller.e164 is None
    assert 0 < len(caller.display) <= MAX_DISPLAY_LENGTH


def test_a_truncated_number_keeps_its_last_nine_digits_for_a_maybe() -> None:
    assert resolve("691234567", plan=GREECE).last_nine == "691234567"
    assert resolve("69123456", plan=GREECE).last_nine is None
    assert resolve("6912345678", plan=GREECE).last_nine == "912345678"


@pytest.mark.parametrize(
    "raw",
    [
        *("anonymous", "Anonymous", "<anonymous>", "sip:anonymous@anonymous.invalid", "private"),
        *("RESTRICTED", "withheld", "Sales:anonymous", "Private 09123456789", "no caller ID"),
        *("ناشناس", "شماره‌ی مخفی", "خصوصي", "Απόκρυψη", "ΑΠΟΡΡΗΤΟ", "ανώνυμος", "blocked"),
    ],
)
def test_a_word_for_withheld_is_respected(raw: str) -> None:
    caller = resolve(raw, plan=NumberPlan(Region("IR"), withheld_words=("شماره‌ی مخفی",)))
    assert (caller.kind, caller.how) == (CallerIdKind.WITHHELD, "withheld_word")
    assert (caller.e164, caller.last_nine, caller.display) == (None, None, "")


@pytest.mark.parametrize(
    ("raw", "how"),
    [
        *((word, "unknown_word") for word in ("<unknown>", "unknown", "Unknown", "unavailable")),
        *((word, "unknown_word") for word in ("نامشخص", "Άγνωστος", "ΑΓΝΩΣΤΗ", "s", "asterisk")),
        *((nothing, "empty") for nothing in ("", "   ", "\u200b\u202e", "-", "+", "<>", "\x00")),
    ],
)
def test_nothing_usable_is_an_unknown_caller(raw: str, how: str) -> None:
    caller = resolve(raw, plan=IRAN)
    assert (caller.kind, caller.how, caller.raw) == (CallerIdKind.UNKNOWN, how, raw)
    assert caller.display == ""


def test_a_trunk_may_have_words_of_its_own() -> None:
    plan = NumberPlan(Region("IR"), withheld_words=("0000", "CLIR on"), unknown_words=("999",))
    assert resolve("0000", plan=plan).kind is CallerIdKind.WITHHELD
    assert resolve("clir-on", plan=plan).kind is CallerIdKind.WITHHELD
    assert resolve("۹۹۹", plan=plan).kind is CallerIdKind.UNKNOWN
    assert resolve("0000", plan=IRAN).kind is CallerIdKind.RAW


@pytest.mark.parametrize("plan", PLANS)
def test_a_prohibited_presentation_hides_a_number_that_was_sent(plan: NumberPlan) -> None:
    caller = resolve("+989123456789", plan=plan, withheld=True)
    assert (caller.kind, caller.how) == (CallerIdKind.WITHHELD, "withheld_presentation")
    assert (caller.e164, caller.last_nine, caller.region, caller.display) == (None, None, None, "")


@pytest.mark.parametrize("raw", ["*8", "*", "#31#", "*72*101", "sip:*8@pbx"])
def test_service_codes_are_no_numbers(raw: str) -> None:
    caller = resolve(raw, plan=TEHRAN)
    assert (caller.kind, caller.how) == (CallerIdKind.SERVICE, "service_code")


@pytest.mark.parametrize(
    ("raw", "plan", "e164"),
    [
        ("+30 (0)210 6412345", GREECE, "+302106412345"),
        ("+30 (0) 210 6412345", IRAN, "+302106412345"),
        ("+30(0)2106412345", GREECE, "+302106412345"),
        ("(+30) (0)210 6412345", GREECE, "+302106412345"),
        ("0030 (0)210 6412345", GREECE, "+302106412345"),
        ("0030 (0)210 6412345", IRAN, "+302106412345"),
        ("30 (0)210 6412345", GREECE, "+302106412345"),
        ("+30 [0] 210 6412345", GREECE, "+302106412345"),
        ("۰۰۳۰ (۰)۲۱۰ ۶۴۱۲۳۴۵", IRAN, "+302106412345"),
        ("tel:+30(0)210-6412345", GREECE, "+302106412345"),
        ("(0)210 6412345", GREECE, "+302106412345"),
        ("+98 (0)912 345 6789", GREECE, MOBILE),
        ("+49 (0)30 901820123", GREECE, "+4930901820123"),
        ("+44 (0)20 7946 0018", GREECE, "+442079460018"),
        ("+34 (0)912 345 678", GREECE, "+34912345678"),
        ("+45 (0)32 12 34 56", GREECE, "+4532123456"),
        ("+1 (0)212 555 1234", GREECE, "+12125551234"),
        # In Italy the zero belongs to the number.
        ("+39 (0)6 69812345", GREECE, "+390669812345"),
        ("+39 06 69812345", GREECE, "+390669812345"),
    ],
)
def test_a_zero_in_brackets_after_any_country_code_is_understood(
    raw: str, plan: NumberPlan, e164: str
) -> None:
    assert resolve(raw, plan=plan).e164 == e164


@pytest.mark.parametrize(
    "raw",
    [
        "anonymous@anonymous.invalid",
        '"Anonymous" <sip:anonymous@anonymous.invalid>',
        "sip:c8oqz84zk7z@anonymous.invalid;user=phone",
        "<sip:+989123456789@Anonymous.Invalid>",
        "anonymous.invalid",
    ],
)
def test_an_address_of_a_caller_with_privacy_is_withheld(raw: str) -> None:
    caller = resolve(raw, plan=IRAN)
    assert (caller.kind, caller.e164, caller.last_nine) == (CallerIdKind.WITHHELD, None, None)


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize(
    "raw",
    [
        *("0000000", "9999999999", "1111111", "09999999999", "00000000000000", "+9999999999"),
        *("۹۹۹۹۹۹۹۹۹۹", "999-999-9999", "+000000000", "2222222", "22222222"),
    ],
)
def test_one_repeated_digit_is_no_number(raw: str, plan: NumberPlan) -> None:
    caller = resolve(raw, plan=plan)
    assert (caller.kind, caller.how) == (CallerIdKind.UNKNOWN, "repeated_digit")
    assert (caller.e164, caller.last_nine, caller.display) == (None, None, "")


@pytest.mark.parametrize(
    "raw", ["+989999999999", "00989999999999", "989999999999", "+306666666666"]
)
def test_one_repeated_digit_after_the_country_code_is_no_number(raw: str) -> None:
    for plan in (IRAN, GREECE):
        caller = resolve(raw, plan=plan)
        assert caller.kind is not CallerIdKind.NUMBER
        assert (caller.e164, caller.last_nine) == (None, None)


@pytest.mark.parametrize("digits", ["111", "1111", "11111111"])
def test_an_extension_of_one_repeated_digit_is_still_an_extension(digits: str) -> None:
    plan = NumberPlan(Region("IR"), extensions=("1XX", "1111", "11111111"))
    caller = resolve(digits, plan=plan)
    assert (caller.kind, caller.extension) == (CallerIdKind.EXTENSION, digits)


def test_a_number_that_ends_in_equal_digits_is_still_a_number() -> None:
    assert resolve("+302102222222", plan=GREECE).e164 == "+302102222222"
    assert resolve("2102222222", plan=GREECE).e164 == "+302102222222"
    assert resolve("+97455555555", plan=GREECE).e164 == "+97455555555"
    assert resolve("0000", plan=GREECE).kind is CallerIdKind.RAW
