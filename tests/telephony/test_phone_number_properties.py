"""What holds for any text, any plan and every country."""

import subprocess
import sys

import phonenumbers
from hypothesis import given
from hypothesis import strategies as st

from screenpop.telephony.caller_id import CallerIdKind
from screenpop.telephony.identifiers import Region
from screenpop.telephony.phone_numbers import (
    MAX_DISPLAY_LENGTH,
    NumberPlan,
    explain,
    preload_metadata,
    resolve,
)
from tests.each import each
from tests.telephony.plans import ATHENS, PLANS


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


@each(sorted(phonenumbers.SUPPORTED_REGIONS))
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
