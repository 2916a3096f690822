"""The links to the PBXs, joined to the one task that owns the calls."""

import asyncio
from collections.abc import Callable

import structlog

from screenpop.ami.address import AmiAddress
from screenpop.ami.link import AmiLink, OnState
from screenpop.ami.problems import LinkProblem, ProblemCode
from screenpop.ami.states import LinkState
from screenpop.app.crowd import CrowdNotice
from screenpop.asterisk.events import WANTED
from screenpop.asterisk.snapshot import PbxSnapshot
from screenpop.service.pbx_shown import PbxProblem, PbxShown, Sight
from screenpop.service.running import ScreenPopTask
from screenpop.service.tracking import Tracking
from screenpop.telephony.identifiers import SIMULATED, Endpoint
from screenpop.web.catalogue import Catalogue, our_catalogues

_log = structlog.get_logger()

IsPhone = Callable[[Endpoint], bool]


class Links:
    """All links of one server. ``sentences`` say in English what is wrong with one."""

    def __init__(self, screen_pop: ScreenPopTask) -> None:
        self.all: list[AmiLink] = []
        self._screen_pop = screen_pop
        self._trackings: list[Tracking] = []
        self._sentences = english()

    def to(self, address: AmiAddress, is_phone: IsPhone) -> AmiLink:
        """A link whose state everybody's page shows. ``run`` is still to be started."""
        told: list[LinkProblem] = []
        sight = Sight()
        crowd = CrowdNotice(address.pbx, self._screen_pop.pbx_changed, self._sentences)

        def on_state(state: LinkState, since: float, problem: LinkProblem | None) -> None:
            shown = PbxProblem(problem.code.value, dict(problem.params)) if problem else None
            live = state is LinkState.LIVE
            blind = sight.entered(live=live, since=since, unheard_s=_unheard_s(problem))
            crowd.link_changed(PbxShown(address.pbx, state.value, since, shown, blind))
            if problem is not None and problem not in told:
                told.append(problem)
                _log.warning(sentence_of(self._sentences, problem), pbx=address.pbx)
            elif state is LinkState.LIVE:
                told.clear()
                _log.info("The link to the PBX is live", pbx=address.pbx)

        tracking = Tracking(address.pbx, is_phone, on_too_many=crowd.calls_closed)
        link = self._link(address, tracking, on_state, crowd.listed)
        self.all.append(link)
        self._trackings.append(tracking)
        return link

    async def end(self) -> None:
        """Screenpop stops: every call that goes on gets its row in the log now, its end estimated.
        Of one that still goes on when Screenpop is back, the row is written anew at its end."""
        for tracking in self._trackings:
            self._screen_pop.link_over(tracking)
        await self._screen_pop.done_so_far()

    async def follow(self, port: int, username: str, secret: str, is_phone: IsPhone) -> None:
        """Follow a PBX that another process of this machine plays, until it is gone; its calls
        count as simulated, and it is a boot of its own."""
        tracking = Tracking(SIMULATED, is_phone)
        gone = asyncio.Event()

        def on_state(state: LinkState, since: float, problem: LinkProblem | None) -> None:
            del since
            if state is LinkState.DOWN and problem is not None:
                gone.set()

        address = AmiAddress(SIMULATED, "127.0.0.1", username, secret, port)
        following = asyncio.create_task(self._link(address, tracking, on_state).run())
        try:
            await gone.wait()
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
            self._screen_pop.link_over(tracking)

    def readiness(self) -> dict[str, str]:
        """The links that are not live, and how they stand."""
        return {
            f"pbx {link.address.pbx}": link.state.value
            for link in self.all
            if link.state is not LinkState.LIVE
        }

    @property
    def lost_sight_of(self) -> int:
        """How many calls were closed because too many were live at once."""
        return sum(tracking.lost_sight_of for tracking in self._trackings)

    def _link(
        self,
        address: AmiAddress,
        tracking: Tracking,
        on_state: OnState,
        before_snapshot: Callable[[], None] = lambda: None,
    ) -> AmiLink:
        def on_snapshot(snapshot: PbxSnapshot, at: float) -> None:
            before_snapshot()
            self._screen_pop.snapshot(tracking, snapshot, at)

        return AmiLink(
            address,
            wanted=WANTED,
            on_messages=lambda batch, at: self._screen_pop.messages(tracking, batch, at),
            on_snapshot=on_snapshot,
            on_state=on_state,
        )


def _unheard_s(problem: LinkProblem | None) -> float:
    """A half-open line is noticed by the ping that nobody answers."""
    if problem is None or problem.code is not ProblemCode.SILENT:
        return 0.0
    return float(problem.params.get("after_s", 0.0))


def english() -> Catalogue:
    """The words for the log and the command line: the same as on the pages."""
    return our_catalogues()["en"]


def sentence_of(catalogue: Catalogue, problem: LinkProblem) -> str:
    """One plain sentence that says what to do."""
    return catalogue.gettext(f"pbx.{problem.code.value}", **problem.params)
