"""Steps that several tests put into the script of a speaking server."""

import asyncio
import threading
from collections.abc import Callable

from tests.ami.speaking_server import (
    PATIENCE,
    Connection,
    SpeakingServer,
)

ROW: dict[str, object] = {"Channel": "PJSIP/101-00000001", "Uniqueid": "1.2", "Linkedid": "1.1"}


async def connection_of(server: SpeakingServer) -> Connection:
    return await asyncio.to_thread(server.next_connection)


def waiting_for(gate: threading.Event) -> Callable[[Connection], None]:
    def wait(_: Connection) -> None:
        assert gate.wait(PATIENCE)

    return wait
