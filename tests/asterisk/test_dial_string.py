import pytest

from screenpop.asterisk.dial_string import is_same_number, number_dialled, without_line_prefix


@pytest.mark.parametrize(
    ("dial_string", "endpoint", "number"),
    [
        ("09123456789@trunk", "trunk", "09123456789"),
        ("trunk/09123456789", "trunk", "09123456789"),
        ("trunk/sip:+989123456789@203.0.113.5:5060", "trunk", "+989123456789"),
        ("sip:0912@203.0.113.5;transport=tcp", "", "0912"),
        ("Local/09123456789@from-internal/n", "", "09123456789"),
        ("Local/09123456789@from-internal-0000000a", "", "09123456789"),
        ("02188776655/09123456789", "02188776655", "09123456789"),
        ("09123456789@02188776655", "02188776655", "09123456789"),
        ("1001:secret@host/09123456789", "host", "09123456789"),
        ("i1/09123456789", "DAHDI/i1", "09123456789"),
        ("line/*98", "line", "*98"),
        ("trunk/sip:trunk@203.0.113.5", "trunk", ""),
        ("trunk", "trunk", ""),
        ("101/sip:101@127.0.0.101:5060", "101", ""),
        ("Local/s@dialler", "", ""),
        ("", "trunk", ""),
        ("line/12", "line", ""),
        ("line/123", "line", "123"),
    ],
)
def test_a_dial_string_gives_the_number_and_never_the_trunk(
    dial_string: str, endpoint: str, number: str
) -> None:
    assert number_dialled(dial_string, endpoint) == number


@pytest.mark.parametrize(
    ("typed", "dialled", "called"),
    [
        ("909123456789", "09123456789", "09123456789"),
        ("009123456789", "09123456789", "09123456789"),  # a 0 for a line outside
        ("92101234567", "2101234567", "2101234567"),
        ("*909123456789", "09123456789", "09123456789"),
        ("9+302101234567", "+302101234567", "+302101234567"),
        ("80109123456789", "09123456789", "09123456789"),
        ("880109123456789", "09123456789", "880109123456789"),  # four digits are too many
        ("09123456789", "9123456789", "09123456789"),  # the trunk wants it without the 0
        ("00302101234567", "302101234567", "00302101234567"),
        ("+302101234567", "302101234567", "+302101234567"),
        ("302101234567", "2101234567", "302101234567"),
        ("09123456789", "00989123456789", "09123456789"),
        ("77", "02166554433", "77"),
        ("09123456789", "09123456789", "09123456789"),
        ("09123456789", "", "09123456789"),
        ("", "09123456789", ""),
    ],
)
def test_a_prefix_for_a_line_outside_is_no_part_of_the_number(
    typed: str, dialled: str, called: str
) -> None:
    assert without_line_prefix(typed, dialled) == called


@pytest.mark.parametrize(
    ("number", "other", "same"),
    [
        ("+98 912 345-6789", "09123456789", True),
        ("09123456789", "Sales:9123456789", True),
        ("3456789", "09123456789", True),
        ("456789", "09123456789", False),  # six digits are too few
        ("09123456788", "09123456789", False),
        ("", "", False),
    ],
)
def test_numbers_with_equal_last_seven_digits_are_the_same(
    number: str, other: str, same: bool
) -> None:
    assert is_same_number(number, other) is same
