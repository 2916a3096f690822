"""The floor: the minimal program between a PBX and a browser, written by hand for this task.

It reads AMI, keeps the same events as Screenpop, reads the caller's records with five prepared
statements at the first event of a call, and writes it as JSON into the websocket of the phone that
rings. It knows one number format, matches nothing, keeps no log, checks no rights and never
reconnects. The difference to it is the cost of Screenpop. It imports nothing of Screenpop.

    python floor.py AMI_PORT DATABASE     prints the port of its sockets
"""

import asyncio
import base64
import gc
import hashlib
import sqlite3
import sys

import orjson
from typing_extensions import override

LOGIN = b"Action: Login\r\nActionID: 1\r\nUsername: bench\r\nSecret: bench-secret\r\n\r\n"
WANTED = frozenset(
    b"AgentRingNoAnswer AttendedTransfer BlindTransfer BridgeEnter BridgeLeave ChanSpyStart"
    b" ChanSpyStop DialBegin DialEnd"
    b" DialState FullyBooted Hangup HangupRequest Hold MessageWaiting NewCallerid"
    b" Newchannel Newstate ParkedCall"
    b" Pickup QueueCallerJoin QueueCallerLeave QueueMemberAdded QueueMemberPause QueueMemberRemoved"
    b" Shutdown SoftHangupRequest UnParkedCall Unhold".split()
)
PERSON = """
    SELECT c.id, c.title, c.gender, c.names, c.language, c.tier, c.vip, c.birthday, c.balance,
           c.currency, c.marketing_consent, c.customer_since, c.notes, c.preferences,
           c.household_id, p.e164, p.raw, p.label
    FROM customer_phones p JOIN customers c ON c.id = p.customer_id
    WHERE p.e164 = ? ORDER BY p.id LIMIT 12"""
HOUSEHOLD = "SELECT name FROM households WHERE id = ?"
TRIPS = """
    SELECT id, destination, country, product, departs, returns, status, adults, children, price,
           paid, currency, visa, note, rating
    FROM trips WHERE customer_id = ? ORDER BY departs DESC NULLS FIRST, id DESC LIMIT 20"""
CASES = """
    SELECT id, kind, state, subject, opened, promised_by, promised_for
    FROM cases WHERE customer_id = ? AND state != 'closed' ORDER BY id LIMIT 20"""
CALLS = """
    SELECT c.linkedid, c.arrived_at, c.direction, c.disposition, u.display_name, c.talk_s
    FROM calls c LEFT JOIN users u ON u.id = c.agent_id
    WHERE c.customer_id = ? ORDER BY c.arrived_at DESC LIMIT 5"""
WEBSOCKET_KEY = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, 4.2.2


class Records:
    def __init__(self, path: str) -> None:
        # In AUTOCOMMIT: an open transaction would never see new rows.
        self.connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
        self.connection.execute("PRAGMA cache_size=-65536")

    def records_of(self, number: str) -> dict[str, object]:
        read = self.connection.execute
        people = read(PERSON, (number,)).fetchall()
        if not people:
            return {"number": number, "person": None}
        customer_id, household = people[0][0], people[0][14]
        return {
            "number": number,
            "person": people[0],
            "household": read(HOUSEHOLD, (household,)).fetchall(),
            "trips": read(TRIPS, (customer_id,)).fetchall(),
            "cases": read(CASES, (customer_id,)).fetchall(),
            "calls": read(CALLS, (customer_id,)).fetchall(),
        }


class Browser(asyncio.Protocol):
    """``GET /ws/PHONE``; what a browser sends after that is not read."""

    browsers: "dict[str, Browser]" = {}  # noqa: RUF012
    transport: asyncio.Transport

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.request = transport, b""

    @override
    def data_received(self, data: bytes) -> None:
        if self.request.endswith(b"\r\n\r\n"):
            return
        self.request += data
        if self.request.endswith(b"\r\n\r\n"):
            lines = self.request.decode().split("\r\n")
            headers = {name.lower(): value for name, _, value in (x.partition(": ") for x in lines)}
            key = headers["sec-websocket-key"].encode() + WEBSOCKET_KEY
            accept = base64.b64encode(hashlib.sha1(key).digest())  # noqa: S324
            self.transport.write(
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                b"Connection: Upgrade\r\nSec-WebSocket-Accept: " + accept + b"\r\n\r\n"
            )
            self.opened(lines[0].split(" ")[1].removeprefix("/ws/"))

    def opened(self, phone: str) -> None:
        self.browsers[phone] = self


class Ami(asyncio.Protocol):
    def __init__(self, records: Records) -> None:
        self.records, self.tail = records, b""
        self.callers: dict[str, dict[str, object]] = {}

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(LOGIN)

    @override
    def data_received(self, data: bytes) -> None:
        *parts, self.tail = (self.tail + data).split(b"\r\n\r\n")
        for part in parts:
            if part[:7] != b"Event: " or part[7 : part.find(b"\r\n")] not in WANTED:
                continue
            self.happened(dict([line.split(": ", 1) for line in part.decode().split("\r\n")]))

    def happened(self, event: dict[str, str]) -> None:
        if event["Event"] == "DialBegin":
            self.ring(event)
        elif event["Event"] == "Newchannel" and event["Uniqueid"] == event["Linkedid"]:
            self.callers[event["Linkedid"]] = self.records.records_of(event["CallerIDNum"])

    def ring(self, event: dict[str, str]) -> None:
        phone = event["DestChannel"].rpartition("-")[0].partition("/")[2]
        browser, card = Browser.browsers.get(phone), self.callers.pop(event["Linkedid"])
        if browser is not None:
            card |= {"call": event["Linkedid"], "agent": phone, "state": "ringing"}
            browser.transport.write(frame(orjson.dumps({"type": "card", "card": card})))


def frame(payload: bytes) -> bytes:
    """An unmasked text frame (RFC 6455, 5.2)."""
    size = len(payload)
    if size < 126:
        return b"\x81%c%b" % (size, payload)
    if size < 65536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload


async def serve(
    ami_port: int, database: str, browser: type[Browser] = Browser, ami: type[Ami] = Ami
) -> None:
    loop, records = asyncio.get_running_loop(), Records(database)
    server = await loop.create_server(browser, "127.0.0.1", 0, backlog=2048)
    await loop.create_connection(lambda: ami(records), "127.0.0.1", ami_port)
    print(server.sockets[0].getsockname()[1], flush=True)
    gc.collect()
    gc.freeze()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), sys.argv[2]))
