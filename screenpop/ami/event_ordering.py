"""Orders the messages and snapshots of one connection for the consumer.

A snapshot is newer than everything before the list began, and older than everything after. So it is
delivered before the events that arrived since then: on a resync before everything since the login,
on an audit before the events of the milliseconds that the list took.
"""

from collections.abc import Callable

import structlog

from screenpop.ami.problem_codes import ProblemCode, problem
from screenpop.ami.read_buffer import MessageBatch
from screenpop.ami.resync_request import Outcome, ResyncRequest
from screenpop.asterisk.action_list import ActionListCollector
from screenpop.asterisk.ami_message import AmiMessage
from screenpop.asterisk.snapshot import PbxSnapshot

log = structlog.get_logger(__name__)

OnMessages = Callable[[list[AmiMessage], float], None]
OnSnapshot = Callable[[PbxSnapshot, float], None]


class EventSequencer:
    """Holds events back until the first snapshot. All calls are made in the loop's thread.

    ``on_hold`` is called when an audit begins to hold events (``flush_held`` ends that), ``on_gap``
    with the number of lost messages: then events are held again until the next resync. ``on_boot``
    is called at each ``FullyBooted``.
    """

    def __init__(
        self,
        on_messages: OnMessages,
        on_snapshot: OnSnapshot,
        *,
        on_hold: Callable[[ResyncRequest], None],
        on_gap: Callable[[int], None],
        on_boot: Callable[[], None],
        most_held: int,
    ) -> None:
        self.booted = False
        self.delivered = 0
        """Events passed on so far."""
        self._on_messages = on_messages
        self._on_snapshot = on_snapshot
        self._on_hold = on_hold
        self._on_gap = on_gap
        self._on_boot = on_boot
        self._most_held = most_held
        self._holding = True
        self._held: list[tuple[list[AmiMessage], float]] = []
        self._held_messages = 0
        self._resync: ResyncRequest | None = None
        self._lists: dict[str, tuple[ActionListCollector, Callable[[], None]]] = {}

    def arrived(self, batch: MessageBatch) -> None:
        if batch.lost:
            self._lose(batch.lost)
        if self._lists or self._holding or not self.booted:
            self._sort(batch.messages, batch.at)
            return
        events = [message for message in batch.messages if "Event" in message.fields]
        if events:
            self._deliver(events, batch.at)

    def begin(self, resync: ResyncRequest) -> None:
        """Expect the answers of this resync, which are not passed on."""
        self._resync = resync
        for answer in resync.answers.values():
            self._lists[answer.action_id] = (answer, _nothing)

    def abandon(self, resync: ResyncRequest) -> None:
        """Stop waiting for a resync that takes too long or was cancelled."""
        if self._resync is resync:
            self._resync = None
            resync.give_up()
            if resync.audit:
                self._release()

    def hold(self) -> None:
        """Hold events until the next snapshot."""
        self._holding = True

    def flush_held(self, audit: ResyncRequest) -> None:
        """Pass the held events on; an audit that is still running continues without them."""
        if self._resync is audit:
            audit.flush_held = True
            self._release()

    def collect(self, answer: ActionListCollector, done: Callable[[], None]) -> None:
        """Keep the answers to another list action out of the event stream."""
        self._lists[answer.action_id] = (answer, done)

    def _sort(self, messages: list[AmiMessage], at: float) -> None:
        passing: list[AmiMessage] = []
        for message in messages:
            entry = self._lists.get(message.fields.get("ActionID", ""))
            if entry is not None:
                passing = self._answer(*entry, message, passing, at)
            elif "Event" in message.fields:
                passing.append(message)
                self._notice(message)
        self._pass(passing, at)

    def _answer(
        self,
        answer: ActionListCollector,
        done: Callable[[], None],
        message: AmiMessage,
        passing: list[AmiMessage],
        at: float,
    ) -> list[AmiMessage]:
        answer.take(message)
        if answer.over:
            del self._lists[answer.action_id]
        if answer.outcome is not None:
            done()
        resync = self._resync
        if resync is None or answer not in resync.answers.values():
            return passing
        if resync.audit and resync.begun and not resync.flush_held and not self._holding:
            self._pass(passing, at)
            passing = []
            self._holding = True
            self._on_hold(resync)
        outcome = resync.outcome()
        if outcome is None:
            return passing
        self._pass(passing, at)
        if self._resync is resync:
            self._finish(resync, outcome, at)
        return []

    def _finish(self, resync: ResyncRequest, outcome: Outcome, at: float) -> None:
        self._resync = None
        if isinstance(outcome, PbxSnapshot):
            self._hand_out(outcome, at)
        if resync.audit or isinstance(outcome, PbxSnapshot):
            self._release()
        resync.done(outcome)

    def _notice(self, message: AmiMessage) -> None:
        match message.fields["Event"]:
            case "FullyBooted":
                self.booted = True
                self._on_boot()
            case "Hangup" if self._resync is not None and self._resync.flush_held:
                self._resync.hung_up.add(message.get("Uniqueid"))
            case _:
                pass

    def _pass(self, messages: list[AmiMessage], at: float) -> None:
        if not messages:
            return
        if not self._holding:
            self._deliver(messages, at)
            return
        self._held.append((messages, at))
        self._held_messages += len(messages)
        if self._held_messages > self._most_held:
            self._lose(0)

    def _release(self) -> None:
        held, self._held, self._held_messages = self._held, [], 0
        self._holding = False
        for messages, at in held:
            self._deliver(messages, at)

    def _lose(self, lost: int) -> None:
        """Handle lost messages: the held ones are older than the next snapshot and are dropped."""
        lost += self._held_messages
        self._held, self._held_messages = [], 0
        self._holding = True
        resync, self._resync = self._resync, None
        if resync is not None:
            resync.give_up()
            resync.done(problem(ProblemCode.OVERRUN, lost=lost))
        self._on_gap(lost)

    def _deliver(self, messages: list[AmiMessage], at: float) -> None:
        self.delivered += len(messages)
        try:
            self._on_messages(messages, at)
        except Exception:
            # A failing consumer must not stop the stream: the next event may be fine.
            log.exception("ami messages not taken", count=len(messages))

    def _hand_out(self, snapshot: PbxSnapshot, at: float) -> None:
        try:
            self._on_snapshot(snapshot, at)
        except Exception:
            log.exception("pbx snapshot not taken", audit=snapshot.audit)


def _nothing() -> None:
    pass
