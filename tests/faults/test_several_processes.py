"""An office of several processes keeps its promises while parts of it are killed or stopped."""

import asyncio
import os
import signal
import time

import pytest

from tests.faults.fault_proxy import Fault, FaultProxy, Kind
from tests.faults.several_processes import answer_of, several_processes

pytestmark = [pytest.mark.anyio, pytest.mark.postgres, pytest.mark.timeout(300)]


async def test_a_listener_killed_amid_calls_loses_no_note_and_no_row() -> None:
    async with several_processes() as here:
        here.begin_calls(40, rate=2.0)
        await here.cards_shown(5)
        epochs = here.epochs()
        here.listeners[0].kill()
        killed_at = time.time()
        await here.pages_follow_another(epochs)
        await here.check(await here.rings(), killed_at)


async def test_a_command_sent_again_to_another_web_process_runs_once() -> None:
    async with several_processes(agents=1) as here:
        here.begin_calls(1, rate=2.0)
        await here.cards_shown(1)
        [card], login, webs = here.pages[0].cards, here.pages[0].login, here.webs
        name = {"given": "Once", "family": "Only", "language": "en"}
        command = {"id": "c-1", "op": "create", "args": {"card": card, **name}}
        await answer_of(webs[0], login, command, waits=False)
        first = await answer_of(webs[1], login, command)
        assert first["ok"] is True, first
        webs[1].kill()
        assert await answer_of(webs[0], login, command) == first
        await here.until(
            lambda rows: [row[0] for row in rows] == [1],
            "SELECT count(*) FROM customers WHERE names::text LIKE '%Only%'",
        )


@pytest.mark.long
async def test_a_listener_that_slept_past_its_lease_writes_nothing_more() -> None:
    async with several_processes() as here:
        here.begin_calls(40, rate=2.0)
        await here.cards_shown(5)
        sleeper = here.listeners[0].process.pid
        epochs = here.epochs()
        os.kill(sleeper, signal.SIGSTOP)
        await here.pages_follow_another(epochs)
        os.kill(sleeper, signal.SIGCONT)
        rings = await here.rings()
        await here.check(rings)
        # It waits now, so it is there when the other one dies.
        epochs = here.epochs()
        here.listeners[1].kill()
        killed_at = time.time()
        await here.pages_follow_another(epochs)
        here.begin_calls(5, rate=2.0)
        await here.check(rings + await here.rings(), killed_at)


@pytest.mark.long
async def test_a_redis_that_lost_everything_gets_it_again() -> None:
    async with several_processes() as here:
        here.begin_calls(30, rate=2.0)
        await here.cards_shown(5)
        epochs = here.epochs()
        here.redis.kill()
        here.restart_redis()
        await here.pages_follow_another(epochs)
        await here.check(await here.rings())


@pytest.mark.long
async def test_cards_go_on_while_the_database_is_stopped_and_the_log_follows() -> None:
    async with several_processes() as here:
        here.begin_calls(30, rate=2.0)
        await here.cards_shown(5)
        stalled = await here.stall_postgres()
        try:
            await here.cards_shown(here.card_count + 3)
        finally:
            here.resume_postgres(stalled)
        await here.check(await here.rings())


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("is_stopped", [False, True], ids=["killed", "stopped past its lease"])
async def test_another_listener_takes_over_while_the_line_to_the_pbx_fails_in_each_way(
    is_stopped: bool,
) -> None:
    now: list[Fault] = []
    line = FaultProxy(draw=lambda _: now[0] if now else None)
    rings, ended_at = 0, list[float]()
    async with several_processes(line=line) as here:
        active, waiting = here.listeners
        # Not changed bytes: a changed id cannot be distinguished from that of another call.
        for kind in (kind for kind in Kind if kind is not Kind.CORRUPT):
            now[:] = [Fault(kind, after=20_000, seconds=0.005)]
            line.cut()
            here.begin_calls(24, rate=2.0)
            await here.cards_shown(here.card_count + 2)
            epochs = here.epochs()
            if is_stopped:
                active.process.send_signal(signal.SIGSTOP)
            else:
                active.kill()
            ended_at.append(time.time())
            await here.pages_follow_another(epochs)
            now.clear()
            line.cut()
            if is_stopped:  # It must write nothing any more, and wait.
                active.process.send_signal(signal.SIGCONT)
            rings += await here.rings()
            await here.check(rings, *ended_at)
            if not is_stopped:
                active = await asyncio.to_thread(here.start_listener)
            active, waiting = waiting, active
