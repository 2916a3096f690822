"""The single owner of all calls, with one work queue.

Everything that can change a call comes through ``put``: AMI, lookup answers, receipts, commands,
ticks. So the order is defined and no lock is needed. Work that finds the queue empty and the owner
idle runs immediately: a turn of the event loop is a large part of a card's time budget.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import assert_never

import structlog

from screenpop.accounts.users import UserId
from screenpop.agents.roster import Roster
from screenpop.asterisk.ami_message import AmiMessage
from screenpop.asterisk.snapshot import PbxSnapshot
from screenpop.calls.events import CallEvent
from screenpop.cards.compose import call_of_card
from screenpop.protocol.client_messages import Stage
from screenpop.service import availability_runner, call_work, identify_caller
from screenpop.service.alarm import Alarm, ReceiptWork, Work, flush_only
from screenpop.service.availability_ports import AvailabilityLog, PbxActions
from screenpop.service.effects import (
    CloseLeftOpen,
    Effect,
    KeepAvailability,
    KeepOpen,
    LogCall,
    LogNote,
    MergeRow,
    Publish,
    UpdateQueue,
    WarnUnmappedPhone,
)
from screenpop.service.late_notes import NOT_SAVED_YET, log_late_note
from screenpop.service.lookup_runner import LookupRunner
from screenpop.service.pbx_status import PbxStatus
from screenpop.service.pbx_tracker import PbxTracker, queue_members
from screenpop.service.ports import (
    CallerLookup,
    CallLog,
    Clock,
    PastCards,
    Publisher,
)
from screenpop.service.runner_counters import RunnerCounters
from screenpop.service.screen_pop import ScreenPop
from screenpop.service.staff import Staff
from screenpop.telephony.identifiers import CallId, Endpoint, PbxId

_log = structlog.get_logger()

TICK_S = 1.0
_MAX_RUN_S = 0.002
"""Longest run in seconds before the sockets get their turn."""
_SETTLES_WITHIN_S = 2.0
_SAVED_WITHIN_S = 5.0
"""Seconds in which a page waits for the commit of its note before it gets ``not_saved_yet``."""
_REST_S = 0.0002
"""Seconds between two pieces of work that prove that the loop ran other tasks."""

OnUnmapped = Callable[[PbxId, Endpoint, float], None]
"""Called when a phone without an agent rings; must not block."""


class ScreenPopRunner:
    """Start ``run`` as a task; call everything else on the same loop; nothing blocks."""

    def __init__(
        self,
        screen_pop: ScreenPop,
        *,
        lookup: CallerLookup,
        publisher: Publisher,
        log: CallLog,
        clock: Clock,
        on_unmapped: OnUnmapped = lambda _pbx, _endpoint, _at: None,
        files: identify_caller.CustomerFiles | None = None,
        past_cards: PastCards | None = None,
        work: call_work.CallWork | None = None,
        availability_log: AvailabilityLog | None = None,
        actions: PbxActions | None = None,
    ) -> None:
        self.tally = RunnerCounters()
        self._screen_pop = screen_pop
        self._publisher = publisher
        self._log = log
        self._clock = clock
        self._on_unmapped = on_unmapped
        self._files, self._past_cards, self._work = files, past_cards, work
        self.agents = availability_runner.AvailabilityRunner(
            screen_pop.availability, self.put, availability_log, actions
        )
        self._queue: asyncio.Queue[Work | ReceiptWork] = asyncio.Queue()
        self._saved_notes: dict[UserId, Awaitable[bool]] = {}
        """Whether each agent's last note was committed."""
        self._lookups = LookupRunner(
            screen_pop, lookup, put=self.put, tally=self.tally, clock=clock
        )
        self._alarm = Alarm(clock, partial(self.put, screen_pop.limits_passed))
        self._change: CallEvent | None = None
        """The event being handled, for the log of a failure."""
        self._at_leisure = False
        """``run`` waits for work, and no work is running."""
        self._turn_began = self._rested_at = 0.0
        self._loop_time: Callable[[], float] = lambda: 0.0

    @property
    def backlog(self) -> int:
        """Return the number of waiting pieces of work."""
        return self._queue.qsize()

    @property
    def calls(self) -> int:
        return self._screen_pop.calls

    def is_idle(self) -> bool:
        """Return whether no call is live and no work waits."""
        return self._queue.empty() and not self._screen_pop.calls

    @property
    def roster(self) -> Roster:
        return self._screen_pop.roster

    def trace_of(self, pbx: PbxId, call: CallId) -> tuple[dict[str, object], ...]:
        return self._screen_pop.trace_of(pbx, call)

    # -- input ---------------------------------------------------------------------------------

    def put(self, work: Work) -> None:
        """Run a piece of work: immediately if idle, else in its turn."""
        if not self._at_leisure or not self._queue.empty() or self._had_its_turn():
            self._queue.put_nowait(work)
            return
        self._at_leisure = False
        try:
            self._do(work)
        finally:
            self._at_leisure = True
            self._rested_at = self._loop_time()

    def messages(self, tracking: PbxTracker, batch: Sequence[AmiMessage], at: float) -> None:
        """Handle one read of one link, which arrived at ``at``."""
        self.tally.messages += len(batch)
        tracking.waiting += len(batch)

        def do(now: float) -> bool:
            tracking.waiting -= len(batch)
            self.tally.lag.observe(now - at)
            changes, members = tracking.messages(batch, at), tracking.take_member_events()
            self._happened(changes, now)
            self.agents.heard(tracking.pbx, members, now)
            return bool(changes or members)  # Most events mean nothing: benchmark ``call_cost``.

        self.put(do)

    def snapshot(self, tracking: PbxTracker, snapshot: PbxSnapshot, at: float) -> None:

        def do(now: float) -> None:
            self._screen_pop.members_named(tracking.pbx, queue_members(snapshot))
            self.agents.listed(tracking.pbx, snapshot, now)
            is_first = not tracking.is_resynced
            self._happened(tracking.snapshot(snapshot, at), now)
            if is_first and tracking.is_resynced:
                self._screen_pop.resynced(tracking.pbx)

        self.put(do)

    def link_over(self, tracking: PbxTracker) -> None:
        """Handle the removal of a link."""
        at = self._clock()
        self.put(lambda now: self._happened(tracking.over(at), now))

    def receipt(self, user: UserId, card: str, rev: int, stages: Mapping[Stage, float]) -> None:
        """Handle a receipt after the work that waits; benchmark: ``browser_messages``."""
        work = ReceiptWork(user, card, rev, stages)
        if self._at_leisure and self._queue.empty():
            self._take_receipt(work)
        else:
            self._queue.put_nowait(work)

    async def command(
        self, user: UserId, op: str, args: Mapping[str, object]
    ) -> Mapping[str, object]:
        if op in identify_caller.OPS and self._files is not None:
            return await identify_caller.identify_caller(
                self._screen_pop, self._files, self.put, user, op, args
            )
        if op in call_work.OPS and self._work is not None:
            return await call_work.work_on_call(
                self._screen_pop, self._work, user, op, args, self._clock()
            )
        if op in availability_runner.OPS:
            return await self.agents.command(user, op, args)
        done: asyncio.Future[Mapping[str, object]] = asyncio.get_running_loop().create_future()

        def do(now: float) -> None:
            self._saved_notes.pop(user, None)
            try:
                result = self._screen_pop.command(user, op, args, now)
            except Exception as problem:
                done.set_exception(problem)
                raise
            if not done.done():
                done.set_result(result)

        self.put(do)
        result = await done
        if op == "note":
            return await self._note_saved(user, args, result)
        if op == "offer_answered" and self._work is not None and not result:
            return await call_work.offer_answered(
                self._screen_pop, self._work, user, args, self._clock()
            )
        return result

    def note_changed(self, pbx: PbxId, call: CallId, user: UserId, text: str) -> None:
        """Handle a note changed on the call's page, which is in the log already."""
        self.put(lambda _: self._screen_pop.note_changed(pbx, call, user, text))

    async def _note_saved(
        self, user: UserId, args: Mapping[str, object], result: Mapping[str, object]
    ) -> Mapping[str, object]:
        """Return ``{}`` when the note is committed, else ``not_saved_yet``.

        The database may take too long or refuse; the page keeps the text and sends it again.
        """
        saved = self._saved_notes.get(user)
        try:
            async with asyncio.timeout(_SAVED_WITHIN_S):
                if result.get("error") == "unknown_card" and self._past_cards is not None:
                    return await log_late_note(self._log, self._past_cards, user, args)
                if result.get("error") is not None:
                    return result
                # Shielded: another command of the same agent may wait for the same note.
                is_saved = saved is not None and await asyncio.shield(saved)
                return {} if is_saved else NOT_SAVED_YET
        except TimeoutError:
            return NOT_SAVED_YET

    def pbx_changed(self, status: PbxStatus) -> None:
        self.put(lambda _: self._screen_pop.pbx_changed(status))

    def clock_set(self, by: float) -> None:
        """Handle that the clock of this task was set by so many seconds."""
        self.put(lambda _: self._screen_pop.clock_set(by))

    def people_changed(self, people: Staff) -> None:
        self.put(lambda _: self._screen_pop.people_changed(people))

    async def done_so_far(self) -> None:
        """Wait until all earlier work is done; with a limit, in case ``run`` has failed."""
        done = asyncio.Event()
        self.put(lambda _: done.set())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_SETTLES_WITHIN_S):
                await done.wait()

    # -- the task ------------------------------------------------------------------------------

    async def run(self) -> None:
        """Run until cancelled. A failing piece of work is logged and skipped."""
        self._loop_time = asyncio.get_running_loop().time
        ticking = asyncio.create_task(self._tick_for_ever())
        try:
            while True:
                if self._queue.empty():
                    work = await self._wait_for_work()
                else:
                    work = self._queue.get_nowait()
                self._do(work)
                if self._loop_time() - self._turn_began > _MAX_RUN_S:
                    await asyncio.sleep(0)
                    self._turn_began = self._loop_time()
        finally:
            await self._stop(ticking)

    async def _wait_for_work(self) -> Work | ReceiptWork:
        self._at_leisure, self._rested_at = True, self._loop_time()
        try:
            work = await self._queue.get()
        finally:
            self._at_leisure = False
        self._turn_began = self._loop_time()
        return work

    def _had_its_turn(self) -> bool:
        """Return whether immediate work has run for so long that other tasks are due."""
        now = self._loop_time()
        if now - self._rested_at > _REST_S:
            self._turn_began = now
        return now - self._turn_began > _MAX_RUN_S

    async def _stop(self, ticking: asyncio.Task[None]) -> None:
        self._alarm.cancel()
        tasks = [ticking, *self._lookups.tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.agents.stop()

    async def _tick_for_ever(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            self.put(self._screen_pop.tick)

    def _do(self, work: Work | ReceiptWork) -> None:
        if isinstance(work, ReceiptWork):
            self._take_receipt(work)
            return
        try:
            if work(self._clock()) is False:
                return
            self._lookups.start_waiting()
        except Exception:  # noqa: BLE001 -- the next call must not suffer from this one
            self.tally.failures += 1
            change, self._change = self._change, None
            ids = {} if change is None else {"pbx": change.pbx, "call": change.call}
            _log.exception(
                "Something that happened to a call could not be worked out; it is left", **ids
            )
        self._flush()

    def _take_receipt(self, work: ReceiptWork) -> None:
        try:
            if self._screen_pop.receipt(*work):
                self.put(flush_only)
        except Exception:  # noqa: BLE001 -- the next call must not suffer from this one
            self.tally.failures += 1
            ids = call_of_card(work.card)
            _log.exception("A receipt could not be handled; it is skipped", **ids)

    def _happened(self, changes: Iterable[CallEvent], now: float) -> None:
        for change in changes:
            self._change = change
            self._screen_pop.happened(change, now)
        self._change = None

    def _flush(self) -> None:
        try:
            for effect in self._screen_pop.flush(self._clock()):
                self._effect(effect)
        except Exception:  # noqa: BLE001
            self.tally.failures += 1
            key = self._screen_pop.at_work
            ids = {} if key is None else {"pbx": key[0], "call": key[2]}
            _log.exception("A card could not be made; the call goes on without it", **ids)
        self._alarm.set(self._screen_pop.due())

    def _effect(self, effect: Effect) -> None:
        match effect:
            case Publish(users, kind, key, payload, gone):
                self.tally.cards += kind == "card"
                self._publisher.publish(users, kind, key, payload, gone=gone)
            case LogCall(record, is_again):
                if not is_again:
                    self.tally.call_ended(record)
                self._log.keep(record)
            case KeepOpen(key, open_record):
                self._log.keep_open(key, open_record)
            case MergeRow(key, into):
                self._log.merge(key, into)
            case CloseLeftOpen(pbx):
                self._log.close_left_open(pbx)
            case LogNote(call, pbx, boot, agent, text):
                self._saved_notes[agent] = self._log.keep_note(call, pbx, agent, text, boot)
            case WarnUnmappedPhone(pbx, call, endpoint, at):
                _log.warning(
                    "A phone rings that belongs to no agent, so there is no card. Assign it with:"
                    " screenpop user endpoint",
                    pbx=pbx,
                    call=call,
                    phone=endpoint,
                )
                self._on_unmapped(pbx, endpoint, at)
            case KeepAvailability() | UpdateQueue():
                self.agents.run(effect)
            case _:
                assert_never(effect)
