"""One AMI connection from connect to its end: login, boot, resync, then events, pings, audits."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import NoReturn, TypeVar

import structlog

from screenpop.ami.config import AmiConfig
from screenpop.ami.error_mapping import action_problem
from screenpop.ami.errors import AmiConnectionError, AmiError
from screenpop.ami.event_ordering import EventSequencer, OnMessages, OnSnapshot
from screenpop.ami.event_permission_check import EventPermissionCheck
from screenpop.ami.link_state import LinkState
from screenpop.ami.problem_codes import LinkProblem, ProblemCode, problem
from screenpop.ami.pyst2_manager import AmiManager
from screenpop.ami.read_buffer import MessageBatch
from screenpop.ami.resync_request import Outcome, ResyncRequest, read_boot
from screenpop.asterisk.action_list import UNCOUNTED_LISTS, ActionListCollector, ListOutcome
from screenpop.asterisk.snapshot import PbxSnapshot
from screenpop.telephony.identifiers import BootId

log = structlog.get_logger(__name__)

_TRIES = 3
"""Incomplete lists in a row before a fresh connection is tried."""
_MOST_BAD_LOGGED = 100
_REQUIRED_CLASSES = frozenset({"FullyBooted", "Shutdown"})

_T = TypeVar("_T")


class AmiSession:
    """One login session. ``on_state`` is called at each state and at each new problem while
    live."""

    def __init__(
        self,
        address: AmiConfig,
        *,
        wanted: frozenset[str] | None,
        on_messages: OnMessages,
        on_snapshot: OnSnapshot,
        on_state: Callable[[LinkState, LinkProblem | None], None],
        workers: Executor,
        clock: Callable[[], float],
        most_waiting: int,
        unhandled: Callable[[], int],
    ) -> None:
        self._address = address
        self._on_state = on_state
        self._workers = workers
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[LinkProblem] = self._loop.create_future()
        self._again = asyncio.Event()
        self._why_again: LinkProblem | None = None
        self._live = False
        self._waited = False
        self._bad_logged = 0
        self._watch = EventPermissionCheck()
        self.lost = 0
        self._stream = EventSequencer(
            on_messages,
            on_snapshot,
            on_hold=self._limit_hold,
            on_gap=self._gap,
            on_boot=self._booted,
            most_held=most_waiting,
        )
        self.manager = AmiManager(
            address,
            wanted=None if wanted is None else wanted | _REQUIRED_CLASSES,
            loop=self._loop,
            on_batch=self._arrived,
            on_end=self._end,
            clock=clock,
            most_waiting=most_waiting,
            unhandled=unhandled,
        )

    async def run(self) -> NoReturn:
        """Run until the connection is lost; raises ``AmiError``, alone or in a group."""
        grace: asyncio.TimerHandle | None = None
        try:
            self._on_state(LinkState.CONNECTING, None)
            await self.blocking(self.manager.connect)
            self._on_state(LinkState.LOGIN, None)
            await self.blocking(self.manager.log_in)
            self._on_state(LinkState.BUFFERING, None)
            grace = self._loop.call_later(self._address.timing.boot_grace, self._stop_waiting)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._ping_on())
                tasks.create_task(self._follow())
                raise AmiConnectionError(await self._ended)
        finally:
            if grace is not None:
                grace.cancel()
            self.manager.close()

    async def blocking(self, function: Callable[..., _T], *arguments: object) -> _T:
        """Call a method of the manager in a worker thread. Its own time limit ends it."""
        return await self._loop.run_in_executor(self._workers, function, *arguments)

    async def list_action(self, headers: dict[str, object]) -> ListOutcome:
        """Return the items of a list action, or the reason why there are none."""
        is_counted = headers["Action"] not in UNCOUNTED_LISTS
        answer = ActionListCollector(self.manager.next_action_id(), is_counted=is_counted)
        done = asyncio.Event()
        self._stream.collect(answer, done.set)
        try:
            await self.blocking(self.manager.post, [{**headers, "ActionID": answer.action_id}])
            async with asyncio.timeout(self._address.timing.list_limit):
                await done.wait()
        except TimeoutError:
            pass
        finally:
            outcome = answer.give_up()
        return outcome

    async def _ping_on(self) -> NoReturn:
        timing = self._address.timing
        while True:
            await asyncio.sleep(timing.ping_every)
            try:
                await self.blocking(self.manager.ping)
            except AmiError as error:
                if error.problem.code is not ProblemCode.TIMED_OUT:
                    raise
                silent = problem(ProblemCode.SILENT, after_s=f"{timing.ping_limit:g}")
                raise AmiConnectionError(silent) from error

    async def _follow(self) -> NoReturn:
        while True:
            boot = await self._boot()
            await self._resync(boot)
            await self._audit_until_again(boot)
            self._stream.hold()
            self._on_state(LinkState.BUFFERING, self._why_again)

    async def _boot(self) -> BootId:
        while True:
            reply = await self.blocking(self.manager.send_action, {"Action": "CoreStatus"})
            if reply.get_header("Response") != "Success":
                message = reply.get_header("Message", "") or ""
                raise AmiError(action_problem("CoreStatus", message))
            boot = read_boot(reply.message)
            match boot:
                case LinkProblem(ProblemCode.NOT_BOOTED):
                    self._on_state(LinkState.BUFFERING, boot)
                    await asyncio.sleep(self._address.timing.retry_after)
                case LinkProblem():
                    raise AmiError(boot)
                case _:
                    return boot

    async def _resync(self, boot: BootId) -> None:
        left = _TRIES
        while True:
            self._on_state(LinkState.RESYNC, None)
            self._again.clear()
            outcome = await self._ask(boot, audit=False)
            if isinstance(outcome, PbxSnapshot):
                return
            left -= outcome.code is not ProblemCode.NOT_BOOTED
            if outcome.code in _FATAL or not left:
                raise AmiError(outcome)
            self._on_state(LinkState.BUFFERING, outcome)
            await asyncio.sleep(self._address.timing.retry_after)

    async def _ask(self, boot: BootId, *, audit: bool) -> Outcome:
        done: asyncio.Future[Outcome] = self._loop.create_future()

        def settle(outcome: Outcome) -> None:
            if isinstance(outcome, PbxSnapshot):
                self._become_live(outcome)
            if not done.done():
                done.set_result(outcome)

        booted = self._stream.booted or self._waited
        resync = ResyncRequest(
            boot, self.manager.next_action_id, booted=booted, audit=audit, done=settle
        )
        self._stream.begin(resync)
        try:
            async with asyncio.timeout(self._address.timing.list_limit):
                await self.blocking(self.manager.post, resync.actions())
                return await done
        except TimeoutError:
            return resync.unanswered()
        finally:
            self._stream.abandon(resync)

    def _become_live(self, snapshot: PbxSnapshot) -> None:
        """Become live in the order of the stream, so that no event comes between snapshot and
        live."""
        missing = "system" if self._waited and not self._stream.booted else ""
        if self._watch.hidden(snapshot, self._stream.delivered):
            missing = "call"
        self._live = True
        self._on_state(LinkState.LIVE, _no_permission(missing) if missing else None)

    async def _audit_until_again(self, boot: BootId) -> None:
        while True:
            try:
                async with asyncio.timeout(self._address.timing.audit_every):
                    await self._again.wait()
            except TimeoutError:
                outcome = await self._ask(boot, audit=True)
                if isinstance(outcome, LinkProblem) and not self._again.is_set():
                    self._on_state(LinkState.LIVE, outcome)
            if self._again.is_set():
                self._live = False
                return

    def _arrived(self, batch: MessageBatch) -> None:
        for bad in batch.bad:
            if self._bad_logged < _MOST_BAD_LOGGED:
                self._bad_logged += 1
                log.warning(
                    "ami message bad",
                    pbx=self._address.pbx,
                    reason=bad.reason.value,
                    message=bad.type_name,
                )
        self._stream.arrived(batch)

    def _end(self, why: LinkProblem) -> None:
        if not self._ended.done():
            self._ended.set_result(why)

    def _limit_hold(self, resync: ResyncRequest) -> None:
        self._loop.call_later(self._address.timing.audit_hold, self._stream.flush_held, resync)

    def _gap(self, lost: int) -> None:
        self.lost += lost
        self._why_again = problem(ProblemCode.OVERRUN, lost=lost)
        self._again.set()

    def _stop_waiting(self) -> None:
        """Stop waiting for ``FullyBooted``, which comes with the login or at the end of booting."""
        self._waited = True
        if self._live and not self._stream.booted:
            self._on_state(LinkState.LIVE, _no_permission("system"))

    def _booted(self) -> None:
        if self._live:
            # It was live without knowing that the PBX was still loading modules.
            self._stream.hold()
            self._why_again = None
            self._again.set()


def _no_permission(missing: str) -> LinkProblem:
    return problem(ProblemCode.NO_EVENT_PERMISSION, missing=missing)


_FATAL = frozenset({ProblemCode.CLASS_REFUSED, ProblemCode.ACTION_REFUSED})
"""A session keeps the classes it logged in with: only a new one can get others."""
