"""How raw caller ids are understood."""

import subprocess
import sys

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.telephony.caller_id import CallerIdKind
from screenpop.telephony.identifiers import E164, Region
from screenpop.telephony.phone_numbers import (
    MAX_DISPLAY_LENGTH,
    NumberPlan,
    explain,
    format_for_people,
    preload_metadata,
    resolve,
)

TEHRAN = NumberPlan(Region("IR"), area_code="21", extensions=("1XX",))
ATHENS = NumberPlan(Region("GR"), area_code="210", extensions=("1XX",))
IRAN = NumberPlan(Region("IR"))
GREECE = NumberPlan(Region("GR"))
NEW_YORK = NumberPlan(Region("US"), area_code="212")
ROME = NumberPlan(Region("IT"), area_code="06")
BERLIN = NumberPlan(Region("DE"), area_code="30")
PLANS = (TEHRAN, ATHENS, IRAN, GREECE, NEW_YORK, ROME, BERLIN)

MOBILE = "+989123456789"
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
def test_a_number_tells_its_country_and_kind(
    raw: str, region: str | None, line_type: str, display: str
) -> None:
    caller = resolve(raw, plan=IRAN)
    assert (caller.region, caller.line_type, caller.display) == (region, line_type, display)
    assert format_for_people(E164(raw)) == display


def test_what_cannot_be_formatted_is_shown_as_it_is() -> None:
    assert format_for_people(E164("no\nnumber")) == "no number"


def test_a_number_that_hides_behind_bidi_marks_is_shown_without_them() -> None:
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


@given(st.text(), st.sampled_from(PLANS))
def test_an_explanation_always_ends_with_the_step_that_fits(raw: str, plan: NumberPlan) -> None:
    explanation = explain(raw, plan=plan)
    assert [reading.fits for reading in explanation.readings].count(True) == 1
    assert explanation.readings[-1].fits
    assert explanation.caller == resolve(raw, plan=plan)


ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=600)
NUMBER_LIKE = st.text(
    "0123456789۰۹١+*#()-. :;=@<>%/xsipteldSales\u202e\u200c\x00\ud800", max_size=40
)


@given(st.one_of(ANY_TEXT, NUMBER_LIKE), st.sampled_from(PLANS), st.booleans())
def test_nothing_that_is_sent_raises_and_nothing_is_lost(
    raw: str, plan: NumberPlan, withheld: bool
) -> None:
    caller = resolve(raw, plan=plan, withheld=withheld)
    assert caller.raw == raw
    assert (caller.e164 is not None) == (caller.kind is CallerIdKind.NUMBER)
    assert (caller.extension is not None) == (caller.kind is CallerIdKind.EXTENSION)
    assert len(caller.display) <= MAX_DISPLAY_LENGTH
    caller.display.encode()
    if withheld:
        assert caller.kind is CallerIdKind.WITHHELD


@given(NUMBER_LIKE, st.sampled_from(PLANS), st.sampled_from(PLANS))
def test_a_number_understood_once_means_the_same_on_every_trunk(
    raw: str, plan: NumberPlan, other: NumberPlan
) -> None:
    caller = resolve(raw, plan=plan)
    if caller.e164 is not None:
        assert resolve(caller.e164, plan=other).e164 == caller.e164
        assert resolve(caller.display, plan=other).e164 == caller.e164


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_a_number_of_any_country_is_the_same_in_every_spelling(region: str) -> None:
    preload_metadata()
    example = phonenumbers.example_number(region)
    assert example is not None
    e164 = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    national = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.NATIONAL)
    own = NumberPlan(Region(region))
    spellings = (e164, f"tel:{e164}", f"sip:{e164}@trunk", f"Sales:{e164}")
    assert {resolve(text, plan=own).e164 for text in (*spellings, national)} == {e164}
    assert {resolve(text, plan=ATHENS).e164 for text in (*spellings, "00" + e164[1:])} == {e164}


@given(st.text("0123456789", min_size=4, max_size=15), st.sampled_from(("IR", "GR", "US", "DE")))
def test_only_what_the_library_calls_valid_is_a_number(digits: str, region: str) -> None:
    caller = resolve("+" + digits, plan=NumberPlan(Region(region)))
    try:
        valid = phonenumbers.is_valid_number(phonenumbers.parse("+" + digits, region))
    except phonenumbers.NumberParseException:
        valid = False
    assert (caller.how == "international") == valid


def test_the_geocoder_is_not_loaded_by_understanding_numbers() -> None:
    code = (
        "import sys; from screenpop.telephony.phone_numbers import NumberPlan, resolve;"
        "resolve('+989123456789', plan=NumberPlan('IR'));"
        "sys.exit(any('geo' in name or 'carrier' in name for name in sys.modules"
        " if name.startswith('phonenumbers')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# -- (0), addresses of callers who ask for privacy, repeated digits ----------------------------


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
def test_an_address_of_a_caller_who_asks_for_privacy_is_withheld(raw: str) -> None:
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
