import pytest

from screenpop.asterisk.dial_string import number_dialled


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
