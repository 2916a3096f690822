"""Events about agents in queues: they are about no call, and ``service`` follows them itself."""

from collections.abc import Iterable
from typing import NamedTuple

from screenpop.asterisk.ami_message import AmiMessage
from screenpop.asterisk.ami_values import MissingHeaderError, unescape


class MemberRow(NamedTuple):
    """A member as a queue lists it; ``reason`` of a pause in the PBX's words."""

    queue: str
    interface: str
    state_interface: str
    is_paused: bool
    reason: str


class QueueMemberAdded(NamedTuple):
    pbx_at: float | None
    member: MemberRow


class QueueMemberRemoved(NamedTuple):
    pbx_at: float | None
    member: MemberRow


class QueueMemberPause(NamedTuple):
    """A member was paused or unpaused, by any program or phone."""

    pbx_at: float | None
    member: MemberRow


QueueMemberEvent = QueueMemberAdded | QueueMemberRemoved | QueueMemberPause
QUEUE_MEMBER_EVENTS = (QueueMemberAdded, QueueMemberRemoved, QueueMemberPause)
"""Events about agents in queues, not about a call."""


def member_of(message: AmiMessage) -> MemberRow:
    """Return the member of a ``QueueMember…`` event or of a row of ``QueueStatus``."""
    interface = message.get("Interface") or message.get("Location")
    if not message.get("Queue") or not interface:
        raise MissingHeaderError("Interface" if message.get("Queue") else "Queue")
    return MemberRow(
        message.get("Queue"),
        interface,
        message.get("StateInterface"),
        message.get("Paused").strip() == "1",
        unescape(message.get("PausedReason") or message.get("Reason")),
    )


def listed_members(rows: Iterable[AmiMessage]) -> tuple[MemberRow, ...]:
    """Return the members in the rows of ``QueueStatus``; rows without a queue are left out."""
    return tuple(
        member_of(row)
        for row in rows
        if row.event == "QueueMember" and row.get("Queue") and row.get("Location")
    )
