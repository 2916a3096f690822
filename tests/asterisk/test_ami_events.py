"""AMI messages as typed events."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.asterisk.ami_events import (
    WANTED_EVENTS,
    DialBegin,
    Hangup,
    Malformed,
    Newchannel,
    QueueCallerJoin,
    decode,
)
from screenpop.asterisk.ami_framing import AmiFramer
from screenpop.asterisk.ami_message import AmiMessage
from screenpop.asterisk.ami_values import unescape
from tests.asterisk.recordings import PLAIN, WITH_TRUTH

NEWCHANNEL = {
    "Event": "Newchannel",
    "Timestamp": "1795316311.367135",
    "Channel": "PJSIP/trunk-00000000",
    "ChannelState": "4",
    "CallerIDNum": "+989123456789",
    "CallerIDName": "<unknown>",
    "Exten": "02191000101",
    "Uniqueid": "1795316311.0",
    "Linkedid": "1795316311.0",
}


def test_a_new_channel_has_the_caller_and_the_dialled_number() -> None:
    event = decode(AmiMessage(NEWCHANNEL))
    assert isinstance(event, Newchannel)
    shown = event.channel
    assert (shown.number, shown.caller_name, shown.exten) == ("+989123456789", "", "02191000101")
    assert (shown.state, event.pbx_at) == (4, 1795316311.367135)


def test_an_originate_has_no_caller() -> None:
    fields = {"Event": "DialBegin", "DestUniqueid": "c2c-1", "DestChannel": "PJSIP/101-00000001"}
    event = decode(AmiMessage(fields))
    assert isinstance(event, DialBegin)
    assert event.channel is None


@pytest.mark.parametrize("missing", ["Uniqueid"])
def test_an_event_without_its_channel_is_malformed_and_names_what_is_missing(missing: str) -> None:
    fields = {k: v for k, v in NEWCHANNEL.items() if k != missing}
    assert decode(AmiMessage(fields)) == Malformed("Newchannel", missing)


@pytest.mark.parametrize("event", ["RTCPSent", "", "Hangup\r\nEvent: DialBegin", "UserEvent"])
def test_what_is_no_event_of_ours_is_nothing(event: str) -> None:
    assert decode(AmiMessage({**NEWCHANNEL, "Event": event})) is None
    assert decode(AmiMessage({"Response": "Success"})) is None


def test_a_repeated_channel_variable_is_still_read_as_withheld() -> None:
    message = AmiMessage(
        {**NEWCHANNEL, "ChanVariable": "CRM_ID="},
        (("ChanVariable", "CALLERID(num-pres)=prohib_passed_screen"),),
    )
    event = decode(message)
    assert isinstance(event, Newchannel)
    assert event.channel.withheld


def test_a_variable_with_its_channel_in_brackets_withholds_that_channel_only() -> None:
    headers = b"".join(f"{k}: {v}\r\n".encode() for k, v in NEWCHANNEL.items())
    variable = b"ChanVariable(%b): CALLERID(num-pres)=prohib\r\n\r\n"
    dialled = headers.replace(b"Newchannel", b"DialBegin") + (
        b"DestChannel: SIP/101-2\r\nDestUniqueid: 1795316311.1\r\n"
    )
    [message] = AmiFramer(WANTED_EVENTS).feed(headers + variable % b"PJSIP/trunk-00000000")
    event = decode(message)
    assert isinstance(event, Newchannel)
    assert event.channel.withheld
    [message] = AmiFramer(WANTED_EVENTS).feed(dialled + variable % b"SIP/101-2")
    dial = decode(message)
    assert isinstance(dial, DialBegin)
    assert dial.channel is not None
    assert not dial.channel.withheld
    assert dial.dest.withheld


@pytest.mark.parametrize(
    ("sent", "meant"),
    [("O\\'Hara", "O'Hara"), ('\\"Bob\\"', '"Bob"'), ("a\\\\b", "a\\b"), ("plain", "plain")],
)
def test_a_name_is_unescaped_once(sent: str, meant: str) -> None:
    assert unescape(sent) == meant


@given(st.text(max_size=50))
def test_unescaping_undoes_escaping(name: str) -> None:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"').replace("'", "\\'")
    assert unescape(escaped) == name


@pytest.mark.defends("ami-bytes")
@given(st.dictionaries(st.sampled_from([*NEWCHANNEL, "Cause", "Position"]), st.text(max_size=30)))
def test_hostile_values_never_make_decoding_fail(fields: dict[str, str]) -> None:
    for name in WANTED_EVENTS:
        decode(AmiMessage({**fields, "Event": name}))


def test_an_absurd_cause_is_read_as_none_at_all() -> None:
    event = decode(AmiMessage({**NEWCHANNEL, "Event": "Hangup", "Cause": "9" * 5000}))
    assert isinstance(event, Hangup)
    assert event.cause == 0


def test_no_recorded_event_is_malformed() -> None:
    for path in [*PLAIN, *WITH_TRUTH[::7]]:
        for message in AmiFramer(WANTED_EVENTS).feed(path.read_bytes()):
            assert not isinstance(decode(message), Malformed), path


@pytest.mark.parametrize(("sent", "position"), [("2", 2), ("0", None), ("", None), ("x", None)])
def test_a_caller_joins_a_queue_at_a_position_that_is_known_from_one_on(
    sent: str, position: int | None
) -> None:
    fields = {**NEWCHANNEL, "Event": "QueueCallerJoin", "Queue": "support", "Position": sent}
    event = decode(AmiMessage(fields))
    assert isinstance(event, QueueCallerJoin)
    assert event.position == position
