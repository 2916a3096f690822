"""One simulated browser: it sends the messages that ``static/js`` sends.

``tests/browser/test_benchmark_page.py`` compares it with the real page in a browser. Two functions
decide what is sent when: ``_acknowledge`` and ``_receipts``.
"""

from typing import Any, NamedTuple

import orjson

from benchmarks.frames import masked

FRAME_S = 1 / 60
HELLO = masked(b'{"type":"hello","last":null,"tab":"bench"}')
BEAT = b'{"type":"hb"}'

_RINGS = frozenset({"ringing", "dialling"})
"""A stage is sent for each revision in these states, and once a card in any other (receipts.js)."""
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
            case "pbx" | "call":
                return Answer(self._acknowledge(message))
            case "hb":
                return Answer((BEAT,))
            case "bye":
                self.bye = f"{message['code']} {message.get('detail', '')}"
            case _:
                pass
        return NOTHING

    def _snapshot(self, message: dict[str, Any]) -> Answer:
        cards = message["cards"]
        self._revisions = {card["id"]: card["rev"] for card in cards}
        received = [one for card in cards for one in self._receipts(card, "received")]
        later = [one for card in cards for one in self._rendered(card)]
        return Answer((*received, *self._acknowledge(message)), tuple(later))

    def _card(self, message: dict[str, Any]) -> Answer:
        card = message["card"]
        if self._revisions.get(card["id"], -1) >= card["rev"]:
            return Answer(self._acknowledge(message))
        self._revisions[card["id"]] = card["rev"]
        if card["state"] == "gone":
            del self._revisions[card["id"]]
        received = self._receipts(card, "received")
        return Answer((*received, *self._acknowledge(message)), self._rendered(card))

    def _rendered(self, card: dict[str, Any]) -> tuple[bytes, ...]:
        """What is sent once the card was painted, if it is on the page."""
        if card["state"] not in _SHOWN:
            self._sent.pop(card["id"], None)
            return ()
        return self._receipts(card, "painted", "seen")

    def _receipts(self, card: dict[str, Any], *stages: str) -> tuple[bytes, ...]:
        """One receipt a stage: once for each revision while it rings, else once a card."""
        sent = self._sent.setdefault(card["id"], {})
        due = [stage for stage in stages if stage not in sent or card["state"] in _RINGS]
        sent.update(dict.fromkeys(due, card["rev"]))
        return tuple([_receipt(card, stage) for stage in due])

    def _acknowledge(self, message: dict[str, Any]) -> tuple[bytes, ...]:
        """Each message with a ``seq`` is acknowledged at once."""
        return (b'{"type":"ack","seq":%d}' % message["seq"],)


def _receipt(card: dict[str, Any], stage: str) -> bytes:
    about = {"type": "receipt", "card": card["id"], "rev": card["rev"], "stage": stage}
    return orjson.dumps(about)
