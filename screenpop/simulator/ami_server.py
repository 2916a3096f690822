"""Serves the simulated PBX on a real loopback socket."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from screenpop.simulator.ami_session import Account, AmiSession
from screenpop.simulator.pbx import SimulatedPbx

_UNREAD_LIMIT = 4 << 20
"""Unread bytes after which a client is disconnected without notice, as Asterisk does."""

_READ_SIZE = 65_536
_LAST_WORDS_S = 1.0


class AmiServer:
    """Listens on 127.0.0.1, by default on a free port; see ``port``."""

    def __init__(self, pbx: SimulatedPbx, account: Account) -> None:
        self.port = 0
        self._pbx = pbx
        self._account = account
        self._open: dict[asyncio.Task[None], asyncio.WriteTransport] = {}
        self._followed = asyncio.Event()

    @contextlib.asynccontextmanager
    async def listening(self, port: int = 0) -> AsyncIterator["AmiServer"]:
        """Serve until the block is left; then every client is disconnected."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            await self._hang_up()
            await server.wait_closed()

    async def followed(self) -> None:
        """Return once a client has logged in and requested all lists, so it misses no event."""
        await self._followed.wait()

    async def _hang_up(self) -> None:
        """Give clients a moment to read what was sent, then disconnect them."""
        conversations = tuple(self._open)
        for transport in tuple(self._open.values()):
            transport.close()
        if conversations:
            await asyncio.wait(conversations, timeout=_LAST_WORDS_S)
        for transport in tuple(self._open.values()):
            transport.abort()
        await asyncio.gather(*conversations, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        conversation = asyncio.create_task(self._converse(reader, writer))
        self._open[conversation] = writer.transport
        conversation.add_done_callback(lambda task: self._open.pop(task, None))

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        transport = writer.transport

        def send(message: bytes) -> None:
            if transport.get_write_buffer_size() > _UNREAD_LIMIT:
                transport.abort()
            elif not transport.is_closing():
                transport.write(message)

        session = AmiSession(self._pbx, self._account, send)
        self._pbx.listeners.add(session.event)
        try:
            while not session.closed and (data := await reader.read(_READ_SIZE)):
                session.receive(data)
                if session.resynced:
                    self._followed.set()
            transport.close()
        except ConnectionError:
            transport.abort()
        finally:
            self._pbx.listeners.discard(session.event)
