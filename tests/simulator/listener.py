"""An AMI client on a real socket, as plain as can be: it reads, and asks by hand."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from screenpop.simulator.ami_encoding import END, to_headers
from screenpop.simulator.ami_server import AmiServer
from screenpop.simulator.ami_session import Account

ACCOUNT = Account("screenpop", "its secret")
Message = dict[str, str]


@dataclass
class Listener:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    events: list[Message] = field(default_factory=list)

    async def hear(self) -> Message:
        async with asyncio.timeout(10):
            message = await self.reader.readuntil(END)
        if message.startswith(b"Asterisk Call Manager/"):
            message = message.partition(b"\r\n")[2]
        return dict(reversed(to_headers(message.removesuffix(END))))

    async def ask(self, action: str, **headers: str) -> Message:
        """The reply to one action; events on the way are kept."""
        lines = [f"Action: {action}", "ActionID: 7", *(f"{k}: {v}" for k, v in headers.items())]
        self.writer.write("\r\n".join([*lines, "", ""]).encode())
        while "Response" not in (message := await self.hear()):
            self.events.append(message)
        return message

    async def ask_for_list(self, action: str) -> tuple[list[Message], Message]:
        """The items and the closing event of a list."""
        reply = await self.ask(action)
        assert reply["EventList"] == "start", reply
        items = []
        while (item := await self.hear()).get("EventList") != "Complete":
            items.append(item)
        return items, item

    async def log_in(self, secret: str = ACCOUNT.secret) -> Message:
        return await self.ask("Login", Username=ACCOUNT.username, Secret=secret)

    async def hear_until(self, event: str) -> list[Message]:
        heard = [await self.hear()]
        while heard[-1].get("Event") != event:
            heard.append(await self.hear())
        return heard

    async def closed(self) -> bytes:
        """What was still sent before the other side hung up."""
        async with asyncio.timeout(10):
            try:
                return await self.reader.read()
            except ConnectionResetError:
                return b""


@asynccontextmanager
async def listening_to(server: AmiServer) -> AsyncGenerator[Listener]:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        yield Listener(reader, writer)
    finally:
        writer.close()
