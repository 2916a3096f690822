"""One simulated browser: it sends the messages that ``static/js`` sends.

``tests/browser/test_benchmark_page.py`` compares it with the real page in a browser. Two functions
decide what is sent when: ``_ack_if_due`` and ``_receipts``.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson

from benchmarks.frames import masked

FRAME_S = 1 / 60
ACK_AFTER = 32
"""Messages that no receipt and no heartbeat has acknowledged (socket.js)."""
HELLO = masked(b'{"type":"hello","last":null,"tab":"bench"}')

_RINGS = frozenset({"ringing", "dialling"})
"""A stage is sent for each revision in these states, and once a card in any other (receipts.js)."""
_RANK = {"talking": 0, "dialling": 0, "held": 1, "ringing": 2, "wrap_up": 3}
"""Of the open cards the first by rank is whole (card_list.js)."""
_SHOWN = frozenset({"talking", "dialling", "held", "ringing", "wrap_up", "elsewhere"})
"""The cards of these states are on the page (card_list.js)."""


class Seen(NamedTuple):
    """A card as it came to a browser."""

    call: str
    phone: str
    """Of the browser."""
    state: str
    at: float


class Answer(NamedTuple):
    """The messages that a page sends, in their order."""

    now: tuple[bytes, ...] = ()
    next_frame: tuple[bytes, ...] = ()
    """After the next frame of the screen."""

    def frames(self) -> tuple[bytes, bytes]:
        """As websocket frames: those to send now, those to send after the next frame."""
        return b"".join(map(masked, self.now)), b"".join(map(masked, self.next_frame))


NOTHING = Answer()


class Page:
    """The page of one agent, visible and focused.

    ``talks`` is False for sockets without a protocol: then it only receives.
    """

    def __init__(self, phone: str, *, talks: bool) -> None:
        self.phone = phone
        self.ready = not talks
        self.bye = ""
        self._talks = talks
        self._revisions: dict[str, int] = {}
        """Of the cards that the page has, by card."""
        self._sent: dict[str, dict[str, int]] = {}
        """Card → stage → the revision whose receipt was sent; of the cards on the page."""
        self._open: dict[str, tuple[int, float, float, str]] = {}
        """Card → rank, answer and arrival (first is whole) and its customer; of open cards."""
        self._work = ("", "")
        """The card, with its customer, whose purpose and follow-ups the page has asked for."""
        self._commands = 0
        self._seq = 0
        """Of the last message applied."""
        self._unacknowledged = 0

    def receive(self, payload: bytes, at: float, seen: list[Seen]) -> Answer:
        """Handle a message: add a card to ``seen`` and return the page's answer."""
        message: dict[str, Any] = orjson.loads(payload)
        match message["type"]:
            case "card":
                card = message["card"]
                seen.append(Seen(card["call"], self.phone, card["state"], at))
                return self._card(message) if self._talks else NOTHING
            case "snapshot":
                self.ready = True
                return self._snapshot(message)
            case "pbx" | "call" | "agent":
                return Answer(self._applied(message))
            case "hb":
                return Answer((b'{"type":"hb","seq":%d}' % self._acknowledge(),))
            case "bye":
                self.bye = f"{message['code']} {message.get('detail', '')}"
            case _:
                pass
        return NOTHING

    def _snapshot(self, message: dict[str, Any]) -> Answer:
        self._seq = message["seq"]
        self._revisions = {card["id"]: card["rev"] for card in message["cards"]}
        parts = [self._receipts(card) for card in message["cards"]]
        return Answer(
            tuple([one for part in parts for one in part.now]),
            tuple([one for part in parts for one in part.next_frame]),
        )

    def _card(self, message: dict[str, Any]) -> Answer:
        card = message["card"]
        if self._revisions.get(card["id"], -1) >= card["rev"]:
            return Answer(self._applied(message))
        self._revisions[card["id"]] = card["rev"]
        if card["state"] == "gone":
            del self._revisions[card["id"]]
        self._count(message)
        work = self._ask_for_work(card)
        receipts = self._receipts(card)
        return Answer((*work, *receipts.now, *self._ack_if_due()), receipts.next_frame)

    def _ask_for_work(self, card: dict[str, Any]) -> tuple[bytes, ...]:
        """Ask for the purposes and follow-ups of a card that is whole now and not ringing.

        (call_work.js)"""
        self._open.pop(card["id"], None)
        if card["state"] in _RANK:
            # A floor's card may have fewer fields.
            is_certain = card.get("match") == "certain" and card.get("person")
            customer = str(card["person"]["id"]) if is_certain else ""
            answered_at, arrived_at = card.get("answered_at") or 0, card.get("arrived_at") or 0
            place = (_RANK[card["state"]], -answered_at, arrived_at)
            self._open[card["id"]] = (*place, customer)
        whole = min(self._open, key=lambda one: self._open[one], default="")
        rings = whole and self._open[whole][0] == _RANK["ringing"]
        work = (whole, self._open[whole][3]) if whole and not rings else ("", "")
        if work == self._work:
            return ()
        self._work = work
        if not work[0]:
            return ()
        self._commands += 1
        about = {"op": "call_work", "args": {"card": work[0]}, "id": f"bench-{self._commands}"}
        return (orjson.dumps({"type": "command", **about}),)

    def _receipts(self, card: dict[str, Any]) -> Answer:
        """One receipt for all stages, once the card was painted, or at once if it is not shown.

        A stage is in it once for each revision while the card rings, else once a card.
        """
        is_shown = card["state"] in _SHOWN
        stages = ("received", "painted", "seen") if is_shown else ("received",)
        sent = self._sent.setdefault(card["id"], {})
        due = [stage for stage in stages if stage not in sent or card["state"] in _RINGS]
        sent.update(dict.fromkeys(due, card["rev"]))
        if not is_shown:
            del self._sent[card["id"]]
        if not due:
            return NOTHING
        receipt = _receipt(card, due, self._acknowledge())
        return Answer(next_frame=(receipt,)) if is_shown else Answer((receipt,))

    def _applied(self, message: dict[str, Any]) -> tuple[bytes, ...]:
        self._count(message)
        return self._ack_if_due()

    def _count(self, message: dict[str, Any]) -> None:
        self._seq = message["seq"]
        self._unacknowledged += 1

    def _ack_if_due(self) -> tuple[bytes, ...]:
        """An acknowledgement, if nothing else acknowledged so many messages."""
        if self._unacknowledged < ACK_AFTER:
            return ()
        return (b'{"type":"ack","seq":%d}' % self._acknowledge(),)

    def _acknowledge(self) -> int:
        """What a message acknowledges that is about to be sent."""
        self._unacknowledged = 0
        return self._seq


def _receipt(card: dict[str, Any], stages: Sequence[str], seq: int) -> bytes:
    ago_ms = {stage: round(FRAME_S * 1e3) if stage == "received" else 0 for stage in stages}
    about = {"type": "receipt", "card": card["id"], "rev": card["rev"], "stages": ago_ms}
    return orjson.dumps({**about, "seq": seq})
