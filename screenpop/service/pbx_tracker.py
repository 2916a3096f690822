"""Turns the messages of one PBX into call events, with one tracker per boot."""

from collections import Counter
from collections.abc import Callable, Iterable

from screenpop.asterisk.ami_events import Malformed, decode
from screenpop.asterisk.ami_message import AmiMessage
from screenpop.asterisk.limits import MOST_CALLS
from screenpop.asterisk.queue_member_events import QUEUE_MEMBER_EVENTS, QueueMemberEvent
from screenpop.asterisk.snapshot import PbxSnapshot
from screenpop.asterisk.tracker import CallTracker
from screenpop.calls.events import CallEvent
from screenpop.telephony.identifiers import BootId, Endpoint, PbxId


class PbxTracker:
    """The tracker of one link. ``is_phone`` distinguishes agents' phones from trunks."""

    def __init__(
        self,
        pbx: PbxId,
        is_phone: Callable[[Endpoint], bool],
        *,
        on_too_many: Callable[[], None] | None = None,
        most_calls: int = MOST_CALLS,
    ) -> None:
        """``on_too_many``: calls were closed because more than ``most_calls`` were live."""
        self.pbx = pbx
        self.waiting = 0
        """Messages that wait for their turn in the queue of the runner, which counts them."""
        self.lost_sight_of = 0
        """Calls closed because there were too many at once."""
        self._on_too_many = on_too_many
        self._most_calls = most_calls
        self.malformed: Counter[Malformed] = Counter()
        """Counts of malformed events, by event and missing header."""
        self._is_phone = is_phone
        self._tracker: CallTracker | None = None
        self._over = False
        self.is_resynced = False
        """The PBX has listed its calls at least once."""
        self._member_events: list[QueueMemberEvent] = []

    def messages(self, batch: Iterable[AmiMessage], at: float) -> list[CallEvent]:
        """Return the call events of one read, in order."""
        if self._over:
            return []
        tracker = self._tracker or self._begin(BootId("unknown"))
        lost_before = tracker.lost_sight_of
        changes: list[CallEvent] = []
        for message in batch:
            event = decode(message)
            if event is None:
                continue
            if isinstance(event, Malformed):
                self.malformed[event] += 1
            elif events := tracker.apply(event, at):
                changes += events
            elif isinstance(event, QUEUE_MEMBER_EVENTS):
                self._member_events.append(event)
        if tracker.lost_sight_of != lost_before:
            self._note_lost(tracker.lost_sight_of - lost_before)
        return changes

    def take_member_events(self) -> list[QueueMemberEvent]:
        """Return the events about queue members since the last call."""
        events, self._member_events = self._member_events, []
        return events

    def snapshot(self, snapshot: PbxSnapshot, at: float) -> list[CallEvent]:
        """Apply a snapshot. Another boot means that every earlier call is gone."""
        if self._over:
            return []
        changes: list[CallEvent] = []
        tracker = self._tracker
        if tracker is None or tracker.boot != snapshot.boot:
            if tracker is not None:
                changes += tracker.shut_down(at)
            tracker = self._begin(snapshot.boot)
        lost_before = tracker.lost_sight_of
        changes += tracker.resync(snapshot, at)
        self.is_resynced = True
        if tracker.lost_sight_of != lost_before:
            self._note_lost(tracker.lost_sight_of - lost_before)
        return changes

    def _note_lost(self, calls: int) -> None:
        self.lost_sight_of += calls
        if self._on_too_many is not None:
            self._on_too_many()

    def over(self, at: float) -> list[CallEvent]:
        """End every call: the link was removed; its later messages are ignored."""
        self._over = True
        return list(self._tracker.shut_down(at)) if self._tracker is not None else []

    def _begin(self, boot: BootId) -> CallTracker:
        self._tracker = CallTracker(
            self.pbx, boot, is_phone=self._is_phone, most_calls=self._most_calls
        )
        return self._tracker


def queue_members(snapshot: PbxSnapshot) -> tuple[tuple[str, str, str], ...]:
    """Return name, interface and state interface of every queue member."""
    return tuple(
        (
            row.get("Name") or row.get("MemberName"),
            row.get("Location") or row.get("Interface"),
            row.get("StateInterface"),
        )
        for row in snapshot.queues
        if row.event == "QueueMember"
    )
