"""Runs the agents' availability beside the calls: commands, effects, and what PBXs list."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping

from screenpop.accounts.users import UserId
from screenpop.asterisk.queue_member_events import QueueMemberEvent, listed_members
from screenpop.asterisk.snapshot import PbxSnapshot
from screenpop.service import availability_commands
from screenpop.service.agent_availability import AgentAvailability
from screenpop.service.availability_ports import (
    ActionOutcome,
    AvailabilityLog,
    PbxActions,
    PbxRights,
    QueuePause,
)
from screenpop.service.effects import KeepAvailability, UpdateQueue
from screenpop.telephony.identifiers import PbxId

OPS = availability_commands.OPS
_SAVED_WITHIN_S = 5.0
"""Seconds in which a page waits for the commit of its pause."""

Work = Callable[[float], None]


class AvailabilityRunner:
    """Nothing blocks. ``put`` runs work on the task that owns the calls.

    Without ``availability`` it does nothing: a test of calls alone.
    """

    def __init__(
        self,
        availability: AgentAvailability | None,
        put: Callable[[Work], None],
        log: AvailabilityLog | None,
        actions: PbxActions | None,
    ) -> None:
        self.availability = availability
        self._put = put
        self._log = log
        self._actions = actions
        self._updating: set[asyncio.Task[None]] = set()

    async def command(
        self, user: UserId, op: str, args: Mapping[str, object]
    ) -> Mapping[str, object]:
        """Run one of ``OPS``; a success is returned once the state is committed."""
        if self.availability is None:
            return {"error": "no_agent"}
        answer = await availability_commands.change_availability(
            self.availability, self._actions, self._run_now, user, op, args
        )
        if self._log is not None and not answer:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_SAVED_WITHIN_S):
                    await self._log.flush()
        return answer

    def rights_known(self, pbx: PbxId, rights: PbxRights) -> None:
        """Handle which actions a PBX allows, known after each login."""
        if (availability := self.availability) is not None:
            self._put(lambda _: availability.rights_known(pbx, rights))

    def listed(self, pbx: PbxId, snapshot: PbxSnapshot, now: float) -> None:
        """Handle the members that the queues list."""
        if self.availability is not None:
            rows = listed_members(snapshot.queues)
            self.availability.members_listed(pbx, snapshot.boot, rows, now)

    def heard(self, pbx: PbxId, events: Iterable[QueueMemberEvent], now: float) -> None:
        """Handle changes of queue members."""
        if self.availability is not None:
            for event in events:
                self.availability.member_changed(pbx, event, now)

    def end_spans(self) -> None:
        """Keep exact ends of the agents' states before Screenpop stops."""
        if self.availability is not None:
            self._put(self.availability.end_spans)

    def run(self, effect: KeepAvailability | UpdateQueue) -> None:
        """Run one effect."""
        if isinstance(effect, KeepAvailability):
            if self._log is not None:
                self._log.keep(effect.span)
        elif self._actions is not None:
            pausing = self._pause_member(self._actions, effect.request)
            task = asyncio.get_running_loop().create_task(pausing)
            self._updating.add(task)
            task.add_done_callback(self._updating.discard)

    async def stop(self) -> None:
        for task in self._updating:
            task.cancel()
        await asyncio.gather(*self._updating, return_exceptions=True)

    async def _pause_member(self, actions: PbxActions, request: QueuePause) -> None:
        if await actions.pause(request) is ActionOutcome.NOT_ALLOWED:
            self.rights_known(request.pbx, PbxRights())

    async def _run_now(self, work: Work) -> None:
        """Run work in its turn; return when it is done, or raise its error."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def do(now: float) -> None:
            try:
                work(now)
            except Exception as problem:  # noqa: BLE001 -- raised where the work was asked for
                done.set_exception(problem)
            else:
                done.set_result(None)

        self._put(do)
        await done
