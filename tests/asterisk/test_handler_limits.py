"""Limits of the event handlers: each at the limit, and one beside it."""

from collections import OrderedDict

import pytest

from screenpop.asterisk.ami_events import Newstate
from screenpop.asterisk.ami_message import AmiMessage
from screenpop.asterisk.handlers.dial import _really_called
from screenpop.asterisk.hangup_reason import _never_rang
from screenpop.asterisk.resync import _first_exten
from screenpop.asterisk.tracker_state import Call, Leg, TrackerState, _remember_key
from screenpop.calls.events import LegRinging
from screenpop.telephony.identifiers import BootId, CallId, Endpoint, LegId, PbxId
from tests.asterisk.test_handler_conditions import PHONE, changes_of, channel, dial, the


@pytest.mark.parametrize(("exten", "did"), [("1234", ""), ("12345", "12345"), ("123456", "123456")])
def test_a_dialled_number_of_a_call_already_up_has_at_least_five_digits(
    exten: str, did: str
) -> None:
    assert _first_exten(AmiMessage({"Exten": exten})) == did
    trunk = channel(1, "PJSIP/line", 4, number="09123456789", exten=exten)
    [ring] = the(LegRinging, changes_of(Newstate(None, trunk), dial(trunk, PHONE)))
    assert ring.did == did


@pytest.mark.parametrize(
    ("dialled", "called"),
    [("345678", "02191000101"), ("2345678", "2345678"), ("12345678", "12345678")],
)
def test_the_number_really_called_has_at_least_seven_digits(dialled: str, called: str) -> None:
    state = TrackerState(PbxId("p"), BootId("b"), lambda _: False, most_calls=9, most_channels=9)
    call = state.open_call("1.1")
    call.originated, call.called = True, "02191000101"
    _really_called(state, call, dialled)
    assert call.called == called


@pytest.mark.parametrize(
    ("dialled", "called"), [("8191000101", "02191000101"), ("8102191000102", "8102191000102")]
)
def test_a_number_with_the_same_last_seven_digits_is_the_called_one(
    dialled: str, called: str
) -> None:
    state = TrackerState(PbxId("p"), BootId("b"), lambda _: False, most_calls=9, most_channels=9)
    call = state.open_call("1.1")
    call.originated, call.called = True, "02191000101"
    _really_called(state, call, dialled)
    assert call.called == called


@pytest.mark.parametrize(("seconds", "never_rang"), [(0.49, False), (0.5, False), (0.51, True)])
def test_a_phone_that_did_not_ring_in_more_than_half_a_second_was_not_reached(
    seconds: float, never_rang: bool
) -> None:
    leg = Leg(LegId("l"), Endpoint("101"), Call(CallId("1.1"), 1), "", 0.0, True, 1)
    assert _never_rang(leg, seconds) is never_rang


def test_the_last_twenty_thousand_ids_are_remembered() -> None:
    keys: OrderedDict[str, None] = OrderedDict()
    for number in range(20_000):
        _remember_key(keys, str(number))
    assert (len(keys), "0" in keys) == (20_000, True)
    _remember_key(keys, "20000")
    assert (len(keys), "0" in keys, "20000" in keys) == (20_000, False, True)
