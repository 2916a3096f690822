"""An office of several processes keeps its promises while parts of it are killed or stopped."""

import os
import signal
import time

import pytest

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
