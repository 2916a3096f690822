"""Limits of what is sent to and read from a PBX: each at the limit, and one beside it."""

import pytest

from screenpop.ami.action_encoding import MAX_LINE_LENGTH, _line
from screenpop.ami.errors import UnsafeActionError
from screenpop.ami.event_permission_check import _is_settled_leg
from screenpop.ami.resync_request import read_boot
from screenpop.asterisk.ami_message import AmiMessage


@pytest.mark.parametrize(("beside", "is_sent"), [(-1, True), (0, True), (1, False)])
def test_a_line_to_the_pbx_is_as_long_as_asterisk_reads(beside: int, is_sent: bool) -> None:
    value = "v" * (MAX_LINE_LENGTH - len("Name: \r\n") + beside)
    if is_sent:
        assert len(_line("Name", value)) == MAX_LINE_LENGTH + beside
        return
    with pytest.raises(UnsafeActionError, match="Shorten it"):
        _line("Name", value)


@pytest.mark.parametrize(("year", "has_booted"), [(1969, False), (1970, False), (1971, True)])
def test_a_pbx_that_started_in_1971_or_later_has_booted(year: int, has_booted: bool) -> None:
    boot = read_boot(
        AmiMessage({"CoreStartupDate": f"{year}-01-01", "CoreStartupTime": "00:00:00"})
    )
    assert isinstance(boot, str) is has_booted


@pytest.mark.parametrize(
    ("duration", "is_settled"),
    [("00:00:04", False), ("00:00:05", True), ("00:00:06", True), ("00:01:00", True), ("5", False)],
)
def test_a_dialled_leg_is_settled_after_five_seconds(duration: str, is_settled: bool) -> None:
    row = AmiMessage({"Application": "AppDial", "Duration": duration})
    assert _is_settled_leg(row) is is_settled
