"""Connects the AMI links of all PBXs to the one task that owns the calls."""

import asyncio
import time
from collections.abc import Callable

import structlog

from screenpop.ami.agent_actions import AgentActions
from screenpop.ami.client import AmiClient, OnState
from screenpop.ami.config import AmiConfig
from screenpop.ami.link_state import LinkState
from screenpop.ami.problem_codes import LinkProblem, ProblemCode
from screenpop.app.call_limit_notice import CallLimitNotice
from screenpop.asterisk.ami_events import WANTED_EVENTS
from screenpop.asterisk.snapshot import PbxSnapshot
from screenpop.service.availability_ports import ActionOutcome, Originate, QueuePause
from screenpop.service.pbx_status import OutageTracker, PbxProblem, PbxStatus
from screenpop.service.pbx_tracker import PbxTracker
from screenpop.service.runner import ScreenPopRunner
from screenpop.telephony.identifiers import SIMULATED, Endpoint, PbxId
from screenpop.web.translations import Catalogue, our_catalogues

_log = structlog.get_logger()

IsPhone = Callable[[Endpoint], bool]


class LinkedActions:
    """Implements ``service.availability_ports.PbxActions`` over the links."""

    def __init__(self, may_act: Callable[[], bool] = lambda: True) -> None:
        """``may_act``: False while another process may have taken the PBXs over."""
        self._may_act = may_act
        self.by_pbx: dict[PbxId, AgentActions] = {}

    async def pause(self, request: QueuePause) -> ActionOutcome:
        link = self._link_of(request.pbx)
        return ActionOutcome.UNREACHABLE if link is None else await link.pause(request)

    async def originate(self, request: Originate) -> ActionOutcome:
        link = self._link_of(request.pbx)
        return ActionOutcome.UNREACHABLE if link is None else await link.originate(request)

    def _link_of(self, pbx: PbxId) -> AgentActions | None:
        return self.by_pbx.get(pbx) if self._may_act() else None


class PbxLinks:
    """All links of one server. ``sentences`` are the English sentences for link problems."""

    def __init__(
        self,
        screen_pop: ScreenPopRunner,
        actions: LinkedActions | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """``actions``: filled with the links; None where nothing is ever sent to a PBX.

        ``clock``: that of ``screen_pop``, seconds since 1970."""
        self._clock = clock
        self._actions = actions
        self._learning: set[asyncio.Task[None]] = set()
        self.all: list[AmiClient] = []
        self._screen_pop = screen_pop
        self._trackings: list[PbxTracker] = []
        self._sentences = english_catalogue()

    def to(self, address: AmiConfig, is_phone: IsPhone) -> AmiClient:
        """Return a link whose state all pages show; the caller starts ``run``."""
        problems: list[LinkProblem] = []
        sight = OutageTracker()
        limit_notice = CallLimitNotice(address.pbx, self._screen_pop.pbx_changed, self._sentences)

        def on_state(state: LinkState, since: float, problem: LinkProblem | None) -> None:
            shown = PbxProblem(problem.code.value, dict(problem.params)) if problem else None
            live = state is LinkState.LIVE
            blind = sight.entered(live=live, since=since, unheard_s=_silent_before_s(problem))
            limit_notice.link_changed(PbxStatus(address.pbx, state.value, since, shown, blind))
            if problem is not None and problem not in problems:
                problems.append(problem)
                _log.warning(problem_sentence(self._sentences, problem), pbx=address.pbx)
            elif state is LinkState.LIVE:
                problems.clear()
                self._learn_rights(address.pbx)
                _log.info("The link to the PBX is live", pbx=address.pbx)

        tracking = PbxTracker(address.pbx, is_phone, on_too_many=limit_notice.calls_closed)
        link = self._link(address, tracking, on_state, limit_notice.listed)
        self.all.append(link)
        if self._actions is not None:
            self._actions.by_pbx[address.pbx] = AgentActions(link)
        self._trackings.append(tracking)
        return link

    async def end(self) -> None:
        """Write a log row with an estimated end for each call in progress, before Screenpop stops.

        If the call still goes on after the next start, its row is rewritten at its end."""
        for tracking in self._trackings:
            self._screen_pop.link_over(tracking)
        await self._screen_pop.done_so_far()

    async def follow(self, port: int, username: str, secret: str, is_phone: IsPhone) -> None:
        """Follow a PBX that another process of this machine simulates, until it is gone.

        Its calls count as simulated, and it is a separate boot."""
        tracking = PbxTracker(SIMULATED, is_phone)
        gone = asyncio.Event()

        def on_state(state: LinkState, since: float, problem: LinkProblem | None) -> None:
            del since
            if state is LinkState.DOWN and problem is not None:
                gone.set()

        address = AmiConfig(SIMULATED, "127.0.0.1", username, secret, port)
        following = asyncio.create_task(self._link(address, tracking, on_state).run())
        try:
            await gone.wait()
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
            self._screen_pop.link_over(tracking)

    @property
    def lost_sight_of(self) -> int:
        """Return how many calls were closed because too many were live at once."""
        return sum(tracking.lost_sight_of for tracking in self._trackings)

    def _learn_rights(self, pbx: PbxId) -> None:
        """Ask a PBX which actions it allows; it may have changed with every login."""
        if self._actions is None:
            return
        task = asyncio.get_running_loop().create_task(self._rights(pbx, self._actions))
        self._learning.add(task)
        task.add_done_callback(self._learning.discard)

    async def _rights(self, pbx: PbxId, actions: LinkedActions) -> None:
        rights = await actions.by_pbx[pbx].rights()
        if rights is not None:
            self._screen_pop.agents.rights_known(pbx, rights)

    def _link(
        self,
        address: AmiConfig,
        tracking: PbxTracker,
        on_state: OnState,
        before_snapshot: Callable[[], None] = lambda: None,
    ) -> AmiClient:
        def on_snapshot(snapshot: PbxSnapshot, at: float) -> None:
            before_snapshot()
            self._screen_pop.snapshot(tracking, snapshot, at)

        return AmiClient(
            address,
            wanted=WANTED_EVENTS,
            on_messages=lambda batch, at: self._screen_pop.messages(tracking, batch, at),
            on_snapshot=on_snapshot,
            on_state=on_state,
            clock=self._clock,
            unhandled=lambda: tracking.waiting,
        )


def _silent_before_s(problem: LinkProblem | None) -> float:
    """Return how many seconds a silent PBX had already been silent when its link went down."""
    if problem is None or problem.code is not ProblemCode.SILENT:
        return 0.0
    return float(problem.params.get("after_s", 0.0))


def english_catalogue() -> Catalogue:
    """Return the English catalogue of the pages, for the log and the command line."""
    return our_catalogues()["en"]


def problem_sentence(catalogue: Catalogue, problem: LinkProblem) -> str:
    """Return one sentence that names the problem and what to do."""
    return catalogue.gettext(f"pbx.{problem.code.value}", **problem.params)
