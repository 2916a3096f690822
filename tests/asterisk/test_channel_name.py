"""Channel names, as Asterisk and hostile trunks write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.asterisk.channel_name import ChannelName, endpoint_of, read_channel_name


@pytest.mark.parametrize(
    ("name", "endpoint"),
    [
        ("PJSIP/101-0000001a", "101"),
        ("PJSIP/trunk-out-00000003", "trunk-out"),
        ("SIP/101-0000000f", "101"),
        ("SIP/my-provider-deadbeef", "my-provider"),
        ("IAX2/branch-1234", "branch"),
        ("DAHDI/i1/02188776655-1", "DAHDI/i1"),
        ("DAHDI/1-1", "DAHDI/1"),
        ("PJSIP/99101-00000002<ZOMBIE>", "99101"),
        ("PJSIP/101", "101"),
        ("PJSIP/agent-7", "agent-7"),
        ("101", "101"),
        (" 101 ", "101"),
    ],
)
def test_a_channel_belongs_to_the_endpoint_that_the_settings_name(name: str, endpoint: str) -> None:
    assert endpoint_of(name) == endpoint


def test_the_halves_of_a_local_channel_share_a_pair_and_have_no_endpoint() -> None:
    one = read_channel_name("Local/101@from-queue-00000000;1")
    two = read_channel_name("Local/101@from-queue-00000000;2")
    assert (one.endpoint, one.half, two.half) == (None, 1, 2)
    assert one.pair == two.pair


@pytest.mark.parametrize("name", ["Surrogate/x-1", "CBAnn/900-1;1", "Local/odd", "Parked/101"])
def test_channels_that_asterisk_made_for_itself_reach_no_endpoint(name: str) -> None:
    assert read_channel_name(name).endpoint is None


@given(st.text(max_size=200))
def test_no_name_makes_reading_fail(name: str) -> None:
    assert isinstance(read_channel_name(name), ChannelName)
    assert isinstance(endpoint_of(name), str)


INTERNAL = (
    "Local Surrogate AsyncGoto Parked Bridge ConfBridge CBAnn CBRec Announcer Recorder MulticastRTP"
    " UnicastRTP Message Snoop Dummy"
)


@pytest.mark.parametrize("technology", INTERNAL.split())
def test_each_technology_of_asterisks_own_channels_reaches_no_endpoint(technology: str) -> None:
    assert read_channel_name(f"{technology}/101-00000001").endpoint is None
