"""The answering floor: ``floor.py`` that also answers browsers and follows each call to its end.

It sends a card three times (ringing, talking, gone), numbers its messages, greets and sends
heartbeats as the websocket protocol has it, and reads each message of a browser: it notes
acknowledgements and receipts. The CPU time of a whole call of Screenpop is compared with it.

    python answering_floor.py AMI_PORT DATABASE     prints the port of its sockets
"""

import asyncio
import sys
import time

import orjson
from typing_extensions import override

from benchmarks.floor import Ami, Browser, frame, serve

HEARTBEAT_S = 5.0
TEXT = 0x81


class TalkingBrowser(Browser):
    """A browser whose messages are read."""

    def __init__(self) -> None:
        self.rest, self.seq, self.acknowledged = b"", 0, 0
        self.receipts: dict[str, dict[str, float]] = {}

    @override
    def data_received(self, data: bytes) -> None:
        if not self.request.endswith(b"\r\n\r\n"):
            super().data_received(data)
            return
        texts, self.rest = unmasked_texts(self.rest + data)
        for text in texts:
            self.receive(orjson.loads(text))

    def receive(self, message: dict[str, object]) -> None:
        match message:
            case {"type": "receipt", "card": str(card), "stages": dict(stages), "seq": int(seq)}:
                now = time.time()
                times = {stage: now - ago_ms / 1e3 for stage, ago_ms in stages.items()}
                self.receipts.setdefault(card, {}).update(times)
                self.acknowledged = seq
            case {"type": "ack" | "hb", "seq": int(seq)}:
                self.acknowledged = seq
            case {"type": "hello"}:
                self.send({"type": "welcome", "mode": "snapshot", "at": time.time()})
                self.publish({"type": "snapshot", "cards": [], "calls": [], "pbx": []})
            case _:
                pass

    def publish(self, message: dict[str, object]) -> None:
        self.seq += 1
        self.send({**message, "epoch": "floor", "seq": self.seq})

    def send(self, message: dict[str, object]) -> None:
        self.transport.write(frame(orjson.dumps(message)))

    def beat(self) -> None:
        self.send({"type": "hb", "epoch": "floor", "seq": self.seq, "at": time.time()})
        asyncio.get_running_loop().call_later(HEARTBEAT_S, self.beat)

    @override
    def opened(self, phone: str) -> None:
        self.browsers[phone] = self
        asyncio.get_running_loop().call_later(HEARTBEAT_S, self.beat)


class WholeCalls(Ami):
    """Follows a call to its end, for one phone each."""

    cards: dict[str, tuple[str, dict[str, object]]]

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.cards = {}
        super().connection_made(transport)

    @override
    def happened(self, event: dict[str, str]) -> None:
        match event["Event"]:
            case "DialEnd" if event["DialStatus"] == "ANSWER":
                self.changed(event["Linkedid"], "talking")
            case "Hangup" if event["Uniqueid"] == event["Linkedid"]:
                self.changed(event["Linkedid"], "gone")
                self.cards.pop(event["Linkedid"], None)
            case _:
                super().happened(event)

    @override
    def ring(self, event: dict[str, str]) -> None:
        call, phone = event["Linkedid"], event["DestChannel"].rpartition("-")[0].partition("/")[2]
        about = {"id": f"{call}/{phone}", "rev": 0, "call": call, "agent": phone}
        self.cards[call] = phone, {**self.callers.pop(call), **about}
        self.changed(call, "ringing")

    def changed(self, call: str, state: str) -> None:
        phone, card = self.cards.get(call, ("", {}))
        browser = TalkingBrowser.browsers.get(phone)
        if isinstance(browser, TalkingBrowser):
            card |= {"state": state, "rev": int(str(card["rev"])) + 1}
            browser.publish({"type": "card", "card": card})


def unmasked_texts(buffer: bytes) -> tuple[list[bytes], bytes]:
    """Return the payloads of the complete text frames in a buffer, and the rest. Frames of a
    client are masked (RFC 6455, 5.3); these are below 64 kB and in one piece."""
    texts: list[bytes] = []
    start = 0
    while len(buffer) - start >= 6:
        size, head = buffer[start + 1] & 0x7F, start + 2
        if size == 126:
            size, head = int.from_bytes(buffer[start + 2 : start + 4], "big"), start + 4
        end = head + 4 + size
        if len(buffer) < end:
            break
        if buffer[start] == TEXT:
            texts.append(unmask(buffer[head : head + 4], buffer[head + 4 : end]))
        start = end
    return texts, buffer[start:]


def unmask(mask: bytes, payload: bytes) -> bytes:
    whole = (mask * (len(payload) // 4 + 1))[: len(payload)]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(whole, "big")).to_bytes(
        len(payload), "big"
    )


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), sys.argv[2], TalkingBrowser, WholeCalls))
