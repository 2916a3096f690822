"""What pages received over lines that fail, and what of it must not be.

``Recorder`` keeps every message in the order in which each page read it. ``problems_in`` reads it
afterwards: a number of the stream left out or taken twice, two messages under one number, a card of
another user, a revision that goes back, a card or call that comes back after its last message.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

Message = dict[str, Any]
Position = tuple[str, int]
"""Epoch and number of the last message that a page applied."""


class Received(NamedTuple):
    """One message, as one page read it."""

    page: str
    user: str
    message: Message


@dataclass
class Recorder:
    """The messages of all pages, oldest first."""

    received: list[Received] = field(default_factory=list)

    def keep(self, page: str, user: str, message: Message) -> None:
        self.received.append(Received(page, user, message))


@dataclass
class PageState:
    """What a page shows: the public contract of docs/websocket-protocol.md."""

    position: Position | None = None
    cards: dict[str, Message] = field(default_factory=dict)
    calls: dict[str, Message] = field(default_factory=dict)

    def take(self, message: Message) -> None:
        """Apply one message."""
        if message["type"] == "snapshot":
            self.cards = {card["id"]: card for card in message["cards"]}
            self.calls = {call["id"]: call for call in message["calls"]}
        elif (kind := message["type"]) in {"card", "call"}:
            shown, new = (self.cards if kind == "card" else self.calls), message[kind]
            shown[new["id"]] = new
            if message.get("gone"):
                del shown[new["id"]]
        if message["type"] not in {"welcome", "hb"} and "seq" in message:
            self.position = message["epoch"], message["seq"]

    def differs_from(self, fresh: "PageState") -> str:
        """Return what is not as on a page that is loaded now; empty for nothing."""
        if self.position != fresh.position:
            return f"at {self.position}, not {fresh.position}"
        if self.cards != fresh.cards:
            return f"cards {sorted(self.cards)}, not {sorted(fresh.cards)}, or others"
        return "" if self.calls == fresh.calls else f"calls {sorted(self.calls)}, or others"


def problems_in(
    received: list[Received], phones_of: Mapping[str, Collection[str]]
) -> dict[str, list[str]]:
    """Return what must not be, by its kind: ``lost``, ``double``, ``foreign``, ``back``,
    ``different``. ``phones_of``: the phones of each agent; other users see calls of all."""
    found: dict[str, list[str]] = {}
    pages: dict[str, _PageCheck] = {}
    texts: dict[tuple[str, str, int], bytes] = {}
    for page, user, message in received:
        check = pages.setdefault(page, _PageCheck(phones_of.get(user)))
        for kind, text in check.problems(message):
            found.setdefault(kind, []).append(f"{page}: {text}")
        if message["type"] in {"card", "call", "agent", "pbx"}:
            place = user, message["epoch"], message["seq"]
            text_now = orjson.dumps(message, option=orjson.OPT_SORT_KEYS)
            if texts.setdefault(place, text_now) != text_now:
                found.setdefault("different", []).append(f"{page}: two messages at {place}")
    return found


class _PageCheck:
    """What one page has applied so far."""

    def __init__(self, phones: Collection[str] | None) -> None:
        self._phones = phones
        self._at: Position | None = None
        self._revs: dict[str, int] = {}
        self._gone: set[str] = set()

    def problems(self, message: Message) -> Iterator[tuple[str, str]]:
        match message["type"]:
            case "welcome":
                if message["mode"] == "snapshot":
                    self._at = None
                elif self._at is None or message["epoch"] != self._at[0]:
                    yield "lost", f"resumed {message['epoch']} after {self._at}"
            case "snapshot":
                self._at = message["epoch"], message["seq"]
                for card in message["cards"]:
                    yield from self._card(card, is_gone=False)
                for call in message["calls"]:
                    yield from self._call(call, is_gone=False)
            case "card" | "call" | "agent" | "pbx":
                yield from self._number(message["epoch"], message["seq"])
                is_gone = bool(message.get("gone"))
                if message["type"] == "card":
                    yield from self._card(message["card"], is_gone=is_gone)
                elif message["type"] == "call":
                    yield from self._call(message["call"], is_gone=is_gone)
            case _:
                pass

    def _number(self, epoch: str, seq: int) -> Iterator[tuple[str, str]]:
        if self._at is None or epoch != self._at[0] or seq > self._at[1] + 1:
            yield "lost", f"{epoch} {seq} after {self._at}"
        elif seq <= self._at[1]:
            yield "double", f"{epoch} {seq} after {self._at}"
        self._at = epoch, seq

    def _card(self, card: Message, *, is_gone: bool) -> Iterator[tuple[str, str]]:
        legs = {leg["endpoint"] for leg in card.get("legs", ())}
        if self._phones is not None and not legs <= set(self._phones):
            yield "foreign", f"{card['id']} of {sorted(legs)}"
        if card["rev"] < self._revs.get(card["id"], 0):
            yield "back", f"{card['id']} from {self._revs[card['id']]} to {card['rev']}"
        if card["id"] in self._gone and card["state"] not in {"ringing", "gone"}:
            yield "back", f"{card['id']} is {card['state']} after its last message"
        self._revs[card["id"]] = card["rev"]
        (self._gone.add if is_gone else self._gone.discard)(card["id"])

    def _call(self, call: Message, *, is_gone: bool) -> Iterator[tuple[str, str]]:
        key = f"call {call['id']}"
        if key in self._gone and not is_gone:
            yield "back", f"{key} after its last message"
        if is_gone:
            self._gone.add(key)
