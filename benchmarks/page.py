"""One browser, as far as the server can tell: it says what ``static/js`` says.

Each message is acknowledged, each ringing card gets its receipts (``received`` at once, ``painted``
and ``seen`` one frame of the screen later), each later one of a card gets none, each heartbeat is
answered.
"""

from typing import Any, NamedTuple

import orjson

from benchmarks.frames import masked

FRAME_S = 1 / 60
HELLO = masked(b'{"type":"hello","last":null,"tab":"bench"}')
BEAT = masked(b'{"type":"hb"}')


class Seen(NamedTuple):
    """A card as it came to a browser."""

    call: str
    phone: str
    """Of the browser."""
    state: str
    at: float


class Answer(NamedTuple):
    now: bytes
    next_frame: bytes


NOTHING = Answer(b"", b"")


class Page:
    """``talks`` is False for sockets that have no protocol: then it only looks."""

    def __init__(self, phone: str, *, talks: bool) -> None:
        self.phone = phone
        self.ready = not talks
        self.bye = ""
        self._talks = talks
        self._told: set[str] = set()

    def heard(self, payload: bytes, at: float, seen: list[Seen]) -> Answer:
        """A message came; a card among what was seen, and what a page says to it."""
        message: dict[str, Any] = orjson.loads(payload)
        match message["type"]:
            case "card":
                card = message["card"]
                seen.append(Seen(card["call"], self.phone, card["state"], at))
                return self._answer(message["seq"], card) if self._talks else NOTHING
            case "snapshot":
                self.ready = True
                return Answer(_ack(message["seq"]), b"")
            case "hb":
                return Answer(BEAT, b"")
            case "pbx" | "call":
                return Answer(_ack(message["seq"]), b"")
            case "bye":
                self.bye = f"{message['code']} {message.get('detail', '')}"
            case _:
                pass
        return NOTHING

    def _answer(self, seq: int, card: dict[str, Any]) -> Answer:
        ack, card_id = _ack(seq), card["id"]
        if card["state"] != "ringing" and card_id in self._told:
            if card["state"] in {"gone", "wrap_up"}:
                self._told.discard(card_id)
            return Answer(ack, b"")
        self._told.add(card_id)
        received, painted, looked = (
            masked(
                orjson.dumps({"type": "receipt", "card": card_id, "rev": card["rev"], "stage": s})
            )
            for s in ("received", "painted", "seen")
        )
        return Answer(ack + received, painted + looked)


def _ack(seq: int) -> bytes:
    return masked(b'{"type":"ack","seq":%d}' % seq)
