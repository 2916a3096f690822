"""The same calls under other names: another channel driver, or channels renamed on the way."""

import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from screenpop.simulator.replay_report import replay_changes
from tests.asterisk.recordings import WITH_TRUTH, WITHOUT_EVENTS, name_of, phones_of
from tests.each import each

_CHANNEL = re.compile(rb"PJSIP/([\w.-]+?)-([0-9a-f]{8})\b")
_NUMBER = re.compile(rb"(?m)(?<=-)00(?=[0-9a-f]{6}(?:<\w+>)?\r?$)")
OF_PJSIP = [p for p in WITH_TRUTH if p.parent.name == "22" and p.stem not in WITHOUT_EVENTS]


def rows(data: bytes, path: Path) -> list[dict[str, Any]]:
    return [one for one in replay_changes([data], phones_of(path)) if one["kind"] == "row"]


def through_chan_sip(data: bytes) -> bytes:
    return data.replace(b"PJSIP/", b"SIP/")


def through_iax2(data: bytes) -> bytes:
    """Its channels are counted in decimals: ``IAX2/branch-26``."""
    named = _CHANNEL.sub(lambda m: b"IAX2/%s-%d" % (m[1], int(m[2], 16)), data)
    return named.replace(b"PJSIP/", b"IAX2/")


@pytest.mark.parametrize("driver", [through_chan_sip, through_iax2])
@each(OF_PJSIP, name_of)
def test_another_channel_driver_changes_no_row(
    path: Path, driver: Callable[[bytes], bytes]
) -> None:
    data = path.read_bytes()
    other = driver(data)
    assert other != data
    assert rows(other, path) == rows(data, path)


@each(WITH_TRUTH, name_of)
def test_channels_that_are_renamed_on_the_way_change_no_row(path: Path) -> None:
    data = path.read_bytes()
    cut = data.index(b"\r\n\r\n", random.Random(path.name).randrange(len(data) // 2))
    renamed = data[:cut] + _NUMBER.sub(b"7f", data[cut:])
    assert rows(renamed, path) == rows(data, path)
