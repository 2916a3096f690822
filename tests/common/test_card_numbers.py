"""Card numbers in free text are masked; other long numbers are not."""

import unicodedata

import phonenumbers
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from screenpop.common.card_numbers import (
    _DAY,
    FEWEST,
    MASK,
    MOST,
    VISIBLE,
    is_card_number,
    mask_card_numbers,
    passes_luhn,
)

CARDS = (
    "4111111111111111",
    "5555555555554444",
    "2223003122003222",
    "378282246310005",
    "30569309025904",
    "6011000990139424",
    "3530111333300000",
    "4222222222222",
    "4000000000000000006",  # Visa of 19 digits
    "6304000000000000",  # Maestro
    "6037991122334455",  # Melli
    "6104337812345674",  # Mellat
    "5022291099999995",  # Pasargad
    "6219861012345673",  # Saman
)
"""Test numbers of issuers, and invented ones of banks of Iran."""

TO_ASCII = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "0123456789" * 2)
PERSIAN, ARABIC = "۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩"


def with_check_digit(digits: str) -> str:
    return next(full for last in "0123456789" if passes_luhn(full := digits + last))


@st.composite
def card_numbers(draw: st.DrawFn) -> str:
    prefix, length = draw(
        st.sampled_from(
            [
                *(("4", length) for length in (13, 16, 19)),
                *((prefix, 14) for prefix in ("30", "36", "38", "39")),
                *((prefix, 15) for prefix in ("34", "37")),
                *((prefix, 16) for prefix in ("2", "3", "5", "6037", "6274", "5892", "991975")),
                *((prefix, length) for prefix in ("5", "6") for length in (17, 18, 19)),
            ]
        )
    )
    missing = length - len(prefix) - 1
    body = draw(st.text("0123456789", min_size=missing, max_size=missing))
    number = with_check_digit(prefix + body)
    assume(len(set(number)) > 1)
    return number


@st.composite
def spelled(draw: st.DrawFn, digits: str) -> str:
    """Write digits with separators anywhere, in any script."""
    parts: list[str] = []
    script = draw(st.sampled_from(["0123456789", PERSIAN, ARABIC]))
    for digit in digits:
        parts.append(script[int(digit)])
        parts.append(draw(st.sampled_from(["", "", "", " ", "-", "\u00a0", "–", "\u200c", " - "])))
    return "".join(parts[:-1])


def digits_in(text: str) -> str:
    return "".join(str(unicodedata.decimal(char)) for char in text if char.isdecimal())


@pytest.mark.defends("card-numbers")
@given(st.data(), card_numbers(), st.text("abc کارت\n", max_size=8), st.text("xyz؛\n", max_size=8))
def test_card_number_in_any_spelling_keeps_its_last_four_digits(
    data: st.DataObject, number: str, before: str, after: str
) -> None:
    typed = data.draw(spelled(number))
    assume(not _DAY.search(mask_card_numbers(typed).translate(TO_ASCII)))  # days stay
    masked = mask_card_numbers(f"{before}{typed}{after}")
    assert digits_in(masked) == number[-VISIBLE:]
    assert len(masked) == len(before) + len(typed) + len(after)
    assert masked.count(MASK) == len(number) - VISIBLE
    assert mask_card_numbers(masked) == masked


@given(card_numbers(), card_numbers(), st.sampled_from([" ", " / ", "\n", "، "]))
def test_two_cards_beside_each_other_are_both_masked(one: str, other: str, between: str) -> None:
    masked = mask_card_numbers(f"{one}{between}{other}")
    assert digits_in(masked) == one[-VISIBLE:] + other[-VISIBLE:]


@pytest.mark.parametrize("number", CARDS)
def test_known_numbers_are_card_numbers_and_neighbours_with_a_wrong_digit_are_not(
    number: str,
) -> None:
    assert is_card_number(number)
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert not is_card_number(wrong)
    assert mask_card_numbers(wrong) == wrong


def test_thirteen_to_nineteen_digits_are_a_card_number_and_twelve_or_twenty_are_not() -> None:
    for length, expected in ((12, False), (FEWEST, True), (MOST, True), (20, False)):
        number = with_check_digit(("4" + "12" * 10)[: length - 1])
        assert len(number) == length
        assert (mask_card_numbers(number) != number) is expected, number


@given(
    st.sampled_from(["IR", "GR", "DE", "GB", "US", "TR", "AE", "CY"]),
    st.integers(1, 10**11),
    st.sampled_from([0, 1, 2]),
)
def test_phone_numbers_are_not_masked(region: str, national: int, form: int) -> None:
    number = phonenumbers.PhoneNumber(
        country_code=phonenumbers.country_code_for_region(region), national_number=national
    )
    assume(phonenumbers.is_possible_number(number))
    text = phonenumbers.format_number(number, form)
    assert mask_card_numbers(text) == text
    for prefix in ("00", "+", "+ "):
        dialled = f"{prefix}{number.country_code}{national}"
        assert mask_card_numbers(f"tel {dialled}, again") == f"tel {dialled}, again"


@st.composite
def ibans(draw: st.DrawFn) -> str:
    country, length = draw(
        st.sampled_from([("IR", 26), ("GR", 27), ("DE", 22), ("NO", 15), ("BE", 16), ("TR", 26)])
    )
    body = draw(st.text("0123456789", min_size=length - 4, max_size=length - 4))
    rest = int("".join(str(int(char, 36)) for char in f"{body}{country}00")) % 97
    return f"{country}{98 - rest:02}{body}"


@given(ibans(), st.booleans(), st.sampled_from(["", " مانده", " thanks", "\n2 rooms", "."]))
@example("IR062960000000100324200001", True, "")
def test_ibans_are_not_masked(iban: str, in_groups: bool, after: str) -> None:
    text = iban
    if in_groups:
        text = " ".join(iban[start : start + 4] for start in range(0, len(iban), 4))
    assert mask_card_numbers(text + after) == text + after
    if iban.startswith("IR"):
        assert mask_card_numbers(text[2:].strip()) == text[2:].strip()


@given(st.integers(0, 10**10 - 1), st.integers(0, 10**10 - 1))
def test_national_codes_are_not_masked(one: int, other: int) -> None:
    for text in (f"{one:010}", f"کد ملی {one:010} و {other:010}", f"{one:010}\n{other:010}"):
        assert mask_card_numbers(text) == text


@given(st.dates(), st.dates(), st.sampled_from("-."))
def test_days_are_not_masked(one: object, other: object, sign: str) -> None:
    text = f"{one} {other}".replace("-", sign)
    assert mask_card_numbers(text) == text


@given(st.integers(10**12, 10**18))
def test_amounts_in_groups_of_three_are_not_masked(amount: int) -> None:
    for text in (f"{amount:,}", f"{amount:,}".replace(",", "."), f"{amount:,}".replace(",", " ")):
        assert mask_card_numbers(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "PNR K7XQ2P, ticket 096-2345678901",
        "BK4111111111111111",
        "4111111111111111B",
        "REF_4111111111111111",
        "/4111111111111111",
        "0000000000000000",
        "9999999999999999",
        "1795300000.12345",
        "1234567890123452",
    ],
)
def test_references_are_not_masked(text: str) -> None:
    assert mask_card_numbers(text) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("کارت ۶۰۳۷-۹۹۱۱-۲۲۳۳-۴۴۵۵ بانک ملی", "کارت ••••-••••-••••-۴۴۵۵ بانک ملی"),
        ("visa4111 1111 1111 1111 exp 12/29", "visa•••• •••• •••• 1111 exp 12/29"),
        ("09121234567 6037991122334455", "09121234567 ••••••••••••4455"),
        ("+989121234567 6037991122334455", "+989121234567 ••••••••••••4455"),
        ("6037991122334455 09121234567", "••••••••••••4455 09121234567"),
        ("3782 822463 10005 0912", "•••• •••••• •0005 0912"),
        ("<b>4111111111111111</b>", "<b>••••••••••••1111</b>"),
        ("Visa:4111111111111111.", "Visa:••••••••••••1111."),
    ],
)
def test_cards_among_other_words_and_numbers_are_masked(text: str, masked: str) -> None:
    assert mask_card_numbers(text) == masked


@given(st.text())
def test_any_text_is_masked_once_and_keeps_its_length(text: str) -> None:
    masked = mask_card_numbers(text)
    assert len(masked) == len(text)
    assert mask_card_numbers(masked) == masked


def test_long_runs_of_digits_are_read_once() -> None:
    for text in ("4" * 100_000, "4 " * 50_000, "4111 " * 20_000):
        assert len(mask_card_numbers(text)) == len(text)
