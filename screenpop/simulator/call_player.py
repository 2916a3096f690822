"""Plays scripted and recorded calls, any number at once; all end when it closes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from screenpop.simulator.call_script import CallScriptError, ScriptedCall
from screenpop.simulator.pbx import SimulatedPbx
from screenpop.simulator.recorded_calls import CallParties, RecordedCall
from screenpop.simulator.script_player import ScriptedCallPlayer, Wait

MAX_CONCURRENT_CALLS = 500


class CallPlayer:
    def __init__(self, pbx: SimulatedPbx, wait: Wait = asyncio.sleep) -> None:
        self.pbx = pbx
        self._wait = wait
        self._playing: dict[asyncio.Task[None], asyncio.Event] = {}
        """Each with the event that ends its waiting."""

    def start(self, call: ScriptedCall) -> str:
        """Start a call; return its id (the Linkedid). Raises ``CallScriptError``."""
        self._check_room()
        finish = asyncio.Event()
        return self._begin(ScriptedCallPlayer(self.pbx, call, self._wait_unless(finish)), finish)

    def start_scenario(self, name: str, parties: CallParties) -> str:
        """Start a recorded call; return its id. Raises ``CallScriptError``."""
        self._check_room()
        finish = asyncio.Event()
        return self._begin(RecordedCall(self.pbx, name, parties, self._wait_unless(finish)), finish)

    async def finish_all(self) -> None:
        """Play every call to its end without further waiting; return when all have ended."""
        for finish in self._playing.values():
            finish.set()
        await asyncio.gather(*self._playing, return_exceptions=True)

    def _check_room(self) -> None:
        if len(self._playing) >= MAX_CONCURRENT_CALLS:
            raise CallScriptError(
                f"{MAX_CONCURRENT_CALLS} calls are being played already; wait until some have ended"
            )

    def _begin(self, played: ScriptedCallPlayer | RecordedCall, finish: asyncio.Event) -> str:
        task = asyncio.create_task(played.run())
        self._playing[task] = finish
        task.add_done_callback(self._playing.pop)
        return played.linkedid

    def _wait_unless(self, finish: asyncio.Event) -> Wait:
        """Return a wait that ends early when ``finish`` is set."""

        async def wait(seconds: float) -> None:
            ends = {
                asyncio.ensure_future(self._wait(seconds)),
                asyncio.ensure_future(finish.wait()),
            }
            try:
                await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for end in ends:
                    end.cancel()
                await asyncio.gather(*ends, return_exceptions=True)

        return wait

    def free_phones(self) -> list[str]:
        busy = self.pbx.table.busy_phones()
        return [phone for phone in self.pbx.phones if phone not in busy]

    @asynccontextmanager
    async def open(self) -> AsyncIterator["CallPlayer"]:
        try:
            yield self
        finally:
            for task in self._playing:
                task.cancel()
            await asyncio.gather(*self._playing, return_exceptions=True)
