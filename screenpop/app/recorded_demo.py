"""Plays a recording in the demo, again and again, as a PBX of its own."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from screenpop.app.pbx_links import IsPhone, PbxLinks
from screenpop.simulator.ami_server import AmiServer
from screenpop.simulator.ami_session import Account
from screenpop.simulator.pbx import SimulatedPbx
from screenpop.simulator.recording import Recording, play_recording, timed_messages
from screenpop.simulator.simulated_pbx_server import USERNAME

LONGEST_PAUSE_S = 12.0
"""Seconds; quiet hours of a recorded day are not waited for."""
AGAIN_AFTER_S = 5.0
_YEAR_S = 365 * 86_400


async def play_again_and_again(
    links: PbxLinks,
    recording: Recording,
    is_phone: IsPhone,
    is_watched: Callable[[], bool],
    wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Play the recording whenever a page is open. ``is_watched``: whether one is."""
    moments = timed_messages(recording)

    async def shortened(seconds: float) -> None:
        await wait(min(seconds, LONGEST_PAUSE_S))

    while True:
        while not is_watched():
            await wait(1.0)
        # The start-up time identifies a boot of the PBX, and each playing is one.
        booted = datetime.now(UTC) - timedelta(seconds=secrets.randbelow(_YEAR_S))
        pbx = SimulatedPbx(time.time, booted=booted, phones={})
        account = Account(USERNAME, secrets.token_urlsafe(24))
        async with AmiServer(pbx, account).listening() as ami:
            following = asyncio.create_task(
                links.follow(ami.port, USERNAME, account.secret, is_phone)
            )
            try:
                await ami.followed()
                await play_recording(pbx, moments, shortened)
                await wait(AGAIN_AFTER_S)
            finally:
                following.cancel()
                await asyncio.gather(following, return_exceptions=True)
