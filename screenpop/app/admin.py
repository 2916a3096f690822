"""Data for ``/admin``: settings, PBX links, and the live test of a PBX."""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from screenpop.ami.client import AmiClient
from screenpop.ami.config import AmiConfig
from screenpop.ami.link_state import LinkState
from screenpop.ami.problem_codes import LinkProblem
from screenpop.app.caller_source import CallerSource
from screenpop.app.lookback_service import LookbackService
from screenpop.app.pbx_links import PbxLinks
from screenpop.asterisk.snapshot import PbxSnapshot
from screenpop.settings import Settings
from screenpop.telephony.identifiers import PbxId
from screenpop.web.ports import AdminFacts, PbxFacts, PbxTestResult, TrunkFacts
from screenpop.web.setup.port import SetupPort

_TEST_S = 10.0
"""Seconds until a PBX that has not accepted the login is reported as silent."""


def admin_facts(
    settings: Settings,
    addresses: Callable[[], Mapping[PbxId, AmiConfig]],
    links: PbxLinks,
    caller_source: CallerSource | None = None,
    setup: SetupPort | None = None,
) -> AdminFacts:
    """Return the facts; ``addresses``: of each followed PBX, simulated ones too."""

    async def test_pbx(pbx: PbxId) -> PbxTestResult:
        address = addresses().get(pbx)
        if address is None:
            return PbxTestResult(is_live=False, took_s=0.0, code="not_followed")
        return await check_connection(address)

    return AdminFacts(
        pbxes=tuple(
            PbxFacts(
                PbxId(pbx.id),
                pbx.host,
                pbx.port,
                pbx.username,
                pbx.tls,
                pbx.phones,
                tuple(
                    TrunkFacts(trunk.name, trunk.region, tuple(trunk.lines.items()))
                    for trunk in pbx.trunks
                ),
            )
            for pbx in settings.pbx
        ),
        region=settings.number_plan.region,
        extensions=settings.number_plan.extensions,
        keep_days={
            "calls": settings.keep_calls_days,
            "traces": settings.keep_traces_days,
            "notes": settings.keep_notes_days,
            "logins": settings.keep_logins_days,
        },
        link_states=lambda: {link.address.pbx: link.state.value for link in links.all},
        test_pbx=test_pbx,
        lookback=LookbackService(settings),
        caller_source=lambda: caller_source.facts() if caller_source is not None else None,
        setup=setup,
    )


async def check_connection(address: AmiConfig, within_s: float = _TEST_S) -> PbxTestResult:
    """Connect, log in, read the channel lists, disconnect, and return the result."""
    ended = asyncio.Event()
    problems: list[LinkProblem] = []
    channel_counts: list[int] = []

    def on_state(state: LinkState, _: float, problem: LinkProblem | None) -> None:
        if problem is not None:
            problems[:] = [problem]
        if state is LinkState.LIVE or (state is LinkState.DOWN and problem is not None):
            ended.set()

    def on_snapshot(snapshot: PbxSnapshot, _: float) -> None:
        channel_counts.append(len(snapshot.channels))

    began = time.monotonic()
    link = AmiClient(
        address,
        wanted=frozenset(),
        on_messages=lambda _batch, _at: None,
        on_snapshot=on_snapshot,
        on_state=on_state,
    )
    running = asyncio.create_task(link.run())
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await ended.wait()
        took_s = time.monotonic() - began
        problem = problems[0] if problems else None
        code = problem.code.value if problem else ""
        is_live = link.state is LinkState.LIVE
        if not is_live and not code:
            code = "timed_out"
        params = dict(problem.params) if problem else {}
        return PbxTestResult(is_live, took_s, sum(channel_counts[-1:]), code, params)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
