"""From what one PBX says to what happens to its calls: one tracker a boot."""

from collections import Counter
from collections.abc import Callable, Iterable

from screenpop.asterisk.ami_events import Malformed, decode
from screenpop.asterisk.ami_message import AmiMessage
from screenpop.asterisk.limits import MOST_CALLS
from screenpop.asterisk.snapshot import PbxSnapshot
from screenpop.asterisk.tracker import CallTracker
from screenpop.calls.events import CallEvent
from screenpop.telephony.identifiers import BootId, Endpoint, PbxId


class PbxTracker:
    """One link to one PBX. ``is_phone`` tells its agents' phones from its trunks."""

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
        self.lost_sight_of = 0
        """Calls closed because there were too many at once."""
        self._on_too_many = on_too_many
        self._most_calls = most_calls
        self.malformed: Counter[Malformed] = Counter()
        """What could not be understood, and how often."""
        self._is_phone = is_phone
        self._tracker: CallTracker | None = None
        self._over = False
        self.is_resynced = False
        """The PBX has said which calls are up, at least once."""

    def messages(self, batch: Iterable[AmiMessage], at: float) -> list[CallEvent]:
        """The changes of one read, in order."""
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
            elif found := tracker.apply(event, at):
                changes += found
        if tracker.lost_sight_of != lost_before:
            self._note_lost(tracker.lost_sight_of - lost_before)
        return changes

    def snapshot(self, snapshot: PbxSnapshot, at: float) -> list[CallEvent]:
        """The PBX was asked for everything. Another boot means that every earlier call is gone."""
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
        """The link is taken away for good: no call survives it, and what it still brings means
        nothing."""
        self._over = True
        return list(self._tracker.shut_down(at)) if self._tracker is not None else []

    def _begin(self, boot: BootId) -> CallTracker:
        self._tracker = CallTracker(
            self.pbx, boot, is_phone=self._is_phone, most_calls=self._most_calls
        )
        return self._tracker


def queue_members(snapshot: PbxSnapshot) -> tuple[tuple[str, str, str], ...]:
    """Name, interface and state interface of every queue member."""
    return tuple(
        (
            row.get("Name") or row.get("MemberName"),
            row.get("Location") or row.get("Interface"),
            row.get("StateInterface"),
        )
        for row in snapshot.queues
        if row.event == "QueueMember"
    )
