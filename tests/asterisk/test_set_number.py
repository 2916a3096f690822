"""The caller's number where the dialplan sets another one than the trunk sent."""

import pytest

from screenpop.asterisk.ami_events import AmiEvent, NewCallerid, Newchannel, QueueCallerJoin
from screenpop.calls.events import CallerChanged, CallEvent, CallQueued, LegRinging
from tests.asterisk.test_handler_conditions import (
    COMPANY,
    CUSTOMER,
    PHONE,
    RING,
    changes_of,
    channel,
    dial,
    half,
    the,
)

ACCOUNT = "sip-account"
MOBILE = channel(5, "PJSIP/line2")
LOCAL = half(6, "101@from-queue", 1)
RINGS = dial(channel(1, "PJSIP/line", RING), PHONE)


def caller(sent: str, set_to: str, *then: AmiEvent) -> list[CallEvent]:
    """The trunk sends one number and the dialplan sets another."""
    trunk = channel(1, "PJSIP/line", RING, number=sent, exten=COMPANY)
    return changes_of(
        Newchannel(None, trunk), NewCallerid(None, trunk._replace(number=set_to)), *then
    )


@pytest.mark.parametrize(
    ("sent", "set_to", "rings_for"),
    [
        (ACCOUNT, CUSTOMER, CUSTOMER),
        ("02191009999", CUSTOMER, CUSTOMER),
        ("", CUSTOMER, CUSTOMER),
        ("unknown", CUSTOMER, CUSTOMER),
        ("9123456789", CUSTOMER, "9123456789"),  # the same number with its 0
        (CUSTOMER, f"9{CUSTOMER}", CUSTOMER),  # with a 9, so that a phone can call back
        (CUSTOMER, COMPANY, CUSTOMER),  # the phone is to show which line was dialled
        ("anonymous", CUSTOMER, "anonymous"),
        ("Restricted", CUSTOMER, "Restricted"),
        (ACCOUNT, "3456789", "3456789"),
        (ACCOUNT, "345678", ACCOUNT),  # six digits are an extension, or a label
        (CUSTOMER, "Sales", CUSTOMER),
        (CUSTOMER, "", CUSTOMER),
    ],
)
def test_a_phone_rings_for_the_number_that_the_dialplan_set(
    sent: str, set_to: str, rings_for: str
) -> None:
    [ringing] = the(LegRinging, caller(sent, set_to, RINGS))
    assert ringing.caller.number == rings_for


def test_the_board_has_the_number_from_the_queue_on() -> None:
    trunk = channel(1, "PJSIP/line", RING)
    changes = caller(ACCOUNT, CUSTOMER, QueueCallerJoin(None, trunk, "support", 1))
    kinds = [type(one) for one in changes]
    assert kinds.index(CallerChanged) < kinds.index(CallQueued)
    assert [one.caller.number for one in the(CallerChanged, changes)] == [CUSTOMER]


def test_the_companys_number_for_a_mobile_is_no_caller() -> None:
    """A dialplan that sends callers on to a mobile, before any phone or after one."""
    trunk = channel(1, "PJSIP/line", RING)
    at_once = caller(CUSTOMER, "02191009999", dial(trunk, MOBILE, "line2/09121112233"))
    assert [one.caller.number for one in the(LegRinging, at_once)] == [CUSTOMER]
    without_number = caller(CUSTOMER, "02191009999", dial(trunk, MOBILE, "line2"))
    assert [one.caller.number for one in the(LegRinging, without_number)] == [CUSTOMER]
    later = changes_of(
        Newchannel(None, trunk._replace(number=CUSTOMER, exten=COMPANY)),
        RINGS,
        NewCallerid(None, trunk._replace(number="02191009999")),
        dial(trunk, channel(3, "PJSIP/102")),
    )
    assert [one.caller.number for one in the(LegRinging, later)] == [CUSTOMER, CUSTOMER]


def test_a_number_that_is_set_back_is_forgotten() -> None:
    trunk = channel(1, "PJSIP/line", RING, number=CUSTOMER)
    [ringing] = the(LegRinging, caller(CUSTOMER, "02191009999", NewCallerid(None, trunk), RINGS))
    assert ringing.caller.number == CUSTOMER


def test_the_number_reaches_a_phone_behind_a_local_channel() -> None:
    trunk = channel(1, "PJSIP/line", RING)
    behind = half(7, "101@from-queue", 2)
    changes = caller(
        ACCOUNT,
        CUSTOMER,
        Newchannel(None, LOCAL),
        Newchannel(None, behind),
        dial(trunk, LOCAL),
        dial(behind, PHONE),
    )
    assert [one.caller.number for one in the(LegRinging, changes)] == [CUSTOMER]
