"""Limits of caller ids: each at the limit, and one beside it."""

from collections.abc import Iterator
from itertools import product

import pytest

from screenpop.telephony.caller_id import CallerIdKind
from screenpop.telephony.caller_id_parser import LONGEST, parse_caller_id
from screenpop.telephony.caller_id_words import means_unknown, means_withheld
from screenpop.telephony.identifiers import E164, Region
from screenpop.telephony.phone_number_patterns import build_number_matcher
from screenpop.telephony.phone_numbers import (
    MAX_DISPLAY_LENGTH,
    NumberPlan,
    explain,
    format_for_people,
    resolve,
)

IRAN = NumberPlan(Region("IR"))


@pytest.mark.parametrize(("length", "is_parsed"), [(511, True), (512, True), (513, False)])
def test_a_caller_id_of_512_characters_is_parsed_and_a_longer_one_kept(
    length: int, is_parsed: bool
) -> None:
    assert LONGEST == 512
    raw = "09123456789".ljust(length)
    assert parse_caller_id(raw).digits == ("09123456789" if is_parsed else "")
    caller = resolve(raw, plan=IRAN)
    assert (caller.kind is CallerIdKind.NUMBER) is is_parsed
    assert (caller.how == "too_long") is not is_parsed


@pytest.mark.parametrize("length", [63, 64, 65])
def test_a_caller_id_means_the_same_whether_it_is_short_enough_to_be_cached_or_not(
    length: int,
) -> None:
    raw = "09123456789".ljust(length)
    first, second = resolve(raw, plan=IRAN), resolve(raw, plan=IRAN)
    assert first == second
    assert first.e164 == "+989123456789"
    assert (first is second) is (length <= 64)


@pytest.mark.parametrize(("letters", "is_read"), [(56, True), (63, True), (64, True), (65, False)])
def test_a_text_of_at_most_64_letters_is_read_as_words(letters: int, is_read: bool) -> None:
    withheld = next(text for text in spelt("private", "blocked", "hidden") if len(text) == letters)
    assert means_withheld(withheld) is is_read
    unknown = next(text for text in spelt("unknown", "unavailable") if len(text) == letters)
    assert means_unknown(unknown) is is_read


def spelt(*words: str) -> Iterator[str]:
    """Texts of these words one after the other, in every length that they can have."""
    for counts in product(range(12), repeat=len(words)):
        yield "".join(word * count for word, count in zip(words, counts, strict=True))


@pytest.mark.parametrize(
    ("raw", "kind", "how"),
    [
        ("111", CallerIdKind.RAW, None),
        ("5555", CallerIdKind.RAW, "repeated_digit"),
        ("555555", CallerIdKind.RAW, "repeated_digit"),
        ("5555555", CallerIdKind.UNKNOWN, "repeated_digit"),
        ("55555555", CallerIdKind.UNKNOWN, "repeated_digit"),
    ],
)
def test_seven_equal_digits_are_a_placeholder_and_four_to_six_are_kept(
    raw: str, kind: CallerIdKind, how: str | None
) -> None:
    caller = resolve(raw, plan=IRAN)
    assert (caller.kind, caller.how) == (kind, how or caller.how)
    assert (caller.how == "repeated_digit") is (how is not None)


@pytest.mark.parametrize("length", [63, 64, 65])
def test_a_text_that_is_no_number_is_displayed_with_at_most_64_characters(length: int) -> None:
    assert MAX_DISPLAY_LENGTH == 64
    shown = format_for_people(E164("x" * length))
    assert len(shown) == min(length, 64)


@pytest.mark.parametrize(
    ("digits", "is_tried"),
    [("123", False), ("1234", True), ("1234567890" * 2, True), ("1234567890" * 2 + "1", False)],
)
def test_a_number_is_read_from_four_to_twenty_digits(digits: str, is_tried: bool) -> None:
    steps = [attempt.step for attempt in explain(digits, plan=IRAN).readings]
    assert ("national" in steps) is is_tried


@pytest.mark.parametrize(
    ("digits", "first"), [("8877665", "area_code"), ("88776655", "area_code"),
                          ("887766554", "missing_plus")],
)  # fmt: skip
def test_the_area_code_is_tried_first_for_at_most_eight_digits(digits: str, first: str) -> None:
    plan = NumberPlan(Region("IR"), area_code="21")
    steps = [attempt.step for attempt in explain(digits, plan=plan).readings]
    tried = [step for step in [*steps, "area_code"] if step in {"area_code", "missing_plus"}]
    assert tried[0] == first


@pytest.mark.parametrize(
    ("region", "raw", "e164"), [("AD", "312345", "+376312345"), ("SH", "51234", None)]
)
def test_only_a_number_of_at_least_nine_digits_with_its_country_code_is_matched(
    region: str, raw: str, e164: str | None
) -> None:
    matched = build_number_matcher(NumberPlan(Region(region)))(raw)
    assert (matched.e164 if matched else None) == e164
