"""A voicemail that took a call has a disposition of its own."""

import pytest

from screenpop.asterisk.ami_message import AmiMessage
from screenpop.asterisk.snapshot import PbxSnapshot
from screenpop.asterisk.tracker import CallTracker
from screenpop.asterisk.voicemail import is_fax, is_voicemail
from screenpop.calls.events import CallEnded, Disposition
from screenpop.telephony.identifiers import BootId, PbxId
from tests.asterisk.recordings import SCENARIOS, events_of, phones_of
from tests.asterisk.strangers import GOODBYE, event, joined, row_of


@pytest.mark.parametrize(
    ("context", "exten", "taken"),
    [
        ("macro-vm", "s-NOANSWER", True),
        ("macro-vm", "s-BUSY", True),
        ("ext-local", "vmu101", True),
        ("ext-local", "vmb2001", True),
        ("ext-local", "vms101", True),
        ("app-voicemail", "s", True),
        ("sales_voicemail", "1", True),
        ("Voicemail", "s", True),
        *((f"sales-{word}", "1", True) for word in ("vm", "vmx", "vmail", "mailbox", "voicebox")),
        ("macro-exten-vm", "s-BUSY", False),
        ("app-vmmain", "s", False),
        ("app-dialvm", "*98101", False),
        ("from-internal", "101", False),
        ("ivr-1", "s", False),
        ("vmware", "s", False),
        ("", "", False),
    ],
)
def test_the_context_of_a_dialplan_marks_a_voicemail(context: str, exten: str, taken: bool) -> None:
    assert is_voicemail(context, exten) is taken


@pytest.mark.parametrize(
    ("context", "exten", "received"),
    [
        ("ext-fax", "s", True),
        ("ext-fax", "h", True),
        ("Fax_In", "s", True),
        ("from-pstn", "fax", True),  # where Asterisk sends a call in which it hears a fax
        ("from-fax", "02166000101", False),  # a line that was the fax line once
        ("ext-local", "101", False),
        ("", "", False),
    ],
)
def test_the_context_of_a_dialplan_marks_a_fax(context: str, exten: str, received: bool) -> None:
    assert is_fax(context, exten) is received


def test_a_fax_after_an_unanswered_phone_is_no_answer() -> None:
    place: dict[str, object] = {"Context": "ext-fax", "Exten": "s"}
    one: dict[str, object] = {"Uniqueid": "7.1", "Linkedid": "7.1", "ChannelState": 6}
    up = event("Newstate", **one, **place, Channel="PJSIP/line-00000001")
    ends = event("Hangup", **one, **place, Channel="PJSIP/line-00000001", Cause=16)
    assert row_of(call(up, ends, rings=False))["disposition"] == "answered"
    assert row_of(call(up, ends))["disposition"] == "no_answer"


def call(*between: bytes, origin: str = "PJSIP/line-00000001", rings: bool = True) -> bytes:
    """A call whose phone 101 is not answered; then ``between``; then the caller hangs up."""
    one: dict[str, object] = {"Uniqueid": "7.1", "Linkedid": "7.1", "Channel": origin}
    two: dict[str, object] = {"Uniqueid": "7.2", "Linkedid": "7.1", "Channel": "PJSIP/101-00000002"}
    to_two = {f"Dest{key}": value for key, value in two.items()}
    ringing = [
        event("Newchannel", **two, ChannelState=0),
        event("DialBegin", **one, **to_two, DialString="101"),
        event("Newstate", **two, ChannelState=5),
        event("DialEnd", **one, **to_two, DialStatus="NOANSWER"),
        event("Hangup", **two, Cause=19),
    ]
    return joined(
        [
            event("Newchannel", **one, ChannelState=4, CallerIDNum="0912", Exten="02166000101"),
            *(ringing if rings else []),
            *between,
            event("HangupRequest", **one, ChannelState=6, Cause=16),
            event("Hangup", **one, ChannelState=6, Cause=16),
            GOODBYE,
        ]
    )


LINE: dict[str, object] = {"Uniqueid": "7.1", "Linkedid": "7.1", "Channel": "PJSIP/line-00000001"}
IN_FREEPBX = event("Newstate", **LINE, ChannelState=6, Context="macro-vm", Exten="s-NOANSWER")
IN_PLAIN = event("Newstate", **LINE, ChannelState=6, Context="from-trunk", Exten="02166000101")
LEFT = event("MessageWaiting", **LINE, Mailbox="101@default", Waiting=1, New=1, Old=0)
OTHERS = event("MessageWaiting", Mailbox="101@default", Waiting=1, New=1, Old=0)


@pytest.mark.parametrize(
    ("between", "disposition"),
    [
        ((IN_FREEPBX,), "voicemail"),
        ((IN_PLAIN, LEFT), "voicemail"),
        ((IN_PLAIN,), "no_answer"),
        ((IN_PLAIN, OTHERS), "no_answer"),
    ],
)
def test_a_voicemail_after_a_phone_is_reported(
    between: tuple[bytes, ...], disposition: str
) -> None:
    row = row_of(call(*between))
    assert (row["disposition"], row["answered_by"]) == (disposition, [])
    assert [leg["outcome"] for leg in row["legs"]] == ["no_answer"]


def test_a_voicemail_without_a_phone_before_it_is_no_abandoned_call() -> None:
    assert row_of(call(IN_FREEPBX, rings=False))["disposition"] == "voicemail"
    assert row_of(call(IN_PLAIN, rings=False))["disposition"] == "abandoned"


def test_a_queue_that_ends_in_a_voicemail_is_known_by_where_the_caller_hangs_up() -> None:
    """The queue had answered: no channel comes up in the voicemail any more."""
    up = event("Newstate", **LINE, ChannelState=6, Context="ext-queues", Exten="700")
    asks = event("HangupRequest", **LINE, ChannelState=6, Context="macro-vm", Exten="s-NOANSWER")
    assert row_of(call(up, asks))["disposition"] == "voicemail"


def test_a_phone_that_answers_after_the_voicemail_answered_the_call() -> None:
    """Zero in the voicemail's menu leads to an operator."""
    three: dict[str, object] = {"Uniqueid": "7.3", "Linkedid": "7.1"}
    three["Channel"] = "PJSIP/102-00000003"
    to_three = {f"Dest{key}": value for key, value in three.items()}
    rings = [
        event("Newchannel", **three, ChannelState=0),
        event("DialBegin", **LINE, **to_three, DialString="102"),
        event("Newstate", **three, ChannelState=5),
    ]
    answers = [event("DialEnd", **LINE, **to_three, DialStatus="ANSWER")]
    over = [event("Hangup", **three, Cause=16)]
    row = row_of(call(IN_FREEPBX, *rings, *answers, *over))
    assert (row["disposition"], row["answered_by"]) == ("answered", ["102"])
    assert row_of(call(IN_FREEPBX, *rings, *over))["disposition"] != "voicemail"


def test_a_colleague_listening_to_messages_leaves_none() -> None:
    own = {**LINE, "Channel": "PJSIP/102-00000001"}
    up = event("Newstate", **own, ChannelState=6, Context="app-vmmain", Exten="*97")
    heard = event("MessageWaiting", **own, Mailbox="102@default", Waiting=0, New=0, Old=1)
    row = row_of(call(up, heard, origin="PJSIP/102-00000001", rings=False))
    assert row["direction"] == "internal"
    assert row["disposition"] != "voicemail"


def test_a_colleague_leaving_a_message_reached_the_voicemail() -> None:
    own = {**LINE, "Channel": "PJSIP/102-00000001"}
    left = event("MessageWaiting", **own, Mailbox="101@default", Waiting=1, New=1, Old=0)
    row = row_of(call(left, origin="PJSIP/102-00000001"))
    assert (row["direction"], row["disposition"]) == ("internal", "voicemail")


def test_the_list_of_channels_marks_a_voicemail_in_any_dialplan() -> None:
    path = SCENARIOS / "lab" / "22" / "plain_voicemail.ami"
    tracker = CallTracker(PbxId("p"), BootId("b"), is_phone=phones_of(path).__contains__)
    ends: list[CallEnded] = []
    for one in events_of(path):
        name = type(one).__name__
        if name == "MessageWaiting":
            continue
        if name == "HangupRequest":
            row = {"Event": "CoreShowChannel", "Channel": "PJSIP/trunk-00000000"}
            row |= {"Uniqueid": one.channel.uniqueid, "ChannelState": "6"}  # type: ignore[union-attr]
            row["Application"] = "VoiceMail"
            listed = PbxSnapshot(BootId("b"), (AmiMessage(row),), (), audit=True)
            tracker.resync(listed, 1.0)
        ends += [c for c in tracker.apply(one, 1.0) if isinstance(c, CallEnded)]
    assert [end.disposition for end in ends] == [Disposition.VOICEMAIL]
