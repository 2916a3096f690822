"""The live test of a PBX: a connection of its own, a login, the channel lists."""

import asyncio
import time
from contextlib import suppress

from screenpop.ami.client import AmiClient
from screenpop.ami.config import AmiConfig
from screenpop.ami.link_state import LinkState
from screenpop.ami.problem_codes import LinkProblem
from screenpop.asterisk.snapshot import PbxSnapshot
from screenpop.web.ports import PbxTestResult

_TEST_S = 10.0
"""Seconds until a PBX that has not accepted the login is reported as silent."""


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
