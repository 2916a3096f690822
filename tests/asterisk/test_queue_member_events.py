"""Members of queues, in events and in the list of ``QueueStatus``."""

import pytest

from screenpop.asterisk.ami_events import Malformed, decode
from screenpop.asterisk.ami_message import AmiMessage
from screenpop.asterisk.queue_member_events import (
    MemberRow,
    QueueMemberAdded,
    QueueMemberPause,
    QueueMemberRemoved,
    listed_members,
)

MEMBER = {
    "Queue": "support",
    "Interface": "Local/101@agents/n",
    "StateInterface": "PJSIP/101",
    "Paused": "1",
    "PausedReason": "Lunch",
}
ROW = MemberRow("support", "Local/101@agents/n", "PJSIP/101", True, "Lunch")


@pytest.mark.parametrize("kind", [QueueMemberAdded, QueueMemberRemoved, QueueMemberPause])
def test_an_event_of_a_member_has_queue_phone_and_pause(kind: type) -> None:
    assert decode(AmiMessage({"Event": kind.__name__, **MEMBER})) == kind(None, ROW)


@pytest.mark.parametrize("missing", ["Queue", "Interface"])
def test_an_event_of_a_member_without_queue_or_phone_names_what_is_missing(missing: str) -> None:
    fields = {"Event": "QueueMemberPause", **MEMBER}
    del fields[missing]
    event = decode(AmiMessage(fields))
    assert isinstance(event, Malformed)
    assert missing in str(event)


def test_the_list_of_a_queue_gives_its_members_and_leaves_other_rows_out() -> None:
    listed = {**MEMBER, "Event": "QueueMember", "Location": MEMBER["Interface"]}
    del listed["Interface"]
    rows = (
        listed,
        {name: value for name, value in listed.items() if name != "Location"},
        {name: value for name, value in listed.items() if name != "Queue"},
        {**listed, "Event": "QueueEntry"},
    )
    assert listed_members(map(AmiMessage, rows)) == (ROW,)


def test_a_header_that_a_message_lacks_has_no_value() -> None:
    assert list(AmiMessage({"Event": "Hangup"}).all("ChanVariable")) == []
    repeated = AmiMessage({"ChanVariable": "a=1"}, (("ChanVariable", "b=2"), ("Other", "c")))
    assert list(repeated.all("ChanVariable")) == ["a=1", "b=2"]
