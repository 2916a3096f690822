"""A client that follows ``docs/websocket-protocol.md`` and nothing else."""

from dataclasses import dataclass, field
from typing import Any

import orjson

Thing = dict[str, Any]


@dataclass
class Client:
    """What a page knows. ``seqs`` are the numbers it applied since it last started anew."""

    epoch: str = ""
    seq: int = 0
    started: bool = False
    cards: dict[str, Thing] = field(default_factory=dict)
    calls: dict[str, Thing] = field(default_factory=dict)
    pbx: dict[str, Thing] = field(default_factory=dict)
    seqs: list[int] = field(default_factory=list)
    gaps: int = 0

    @property
    def last(self) -> Thing | None:
        return {"epoch": self.epoch, "seq": self.seq} if self.started else None

    @property
    def picture(self) -> tuple[dict[str, Thing], dict[str, Thing], dict[str, Thing]]:
        return self.cards, self.calls, self.pbx

    def hear(self, frame: bytes) -> None:
        message = orjson.loads(frame)
        match message["type"]:
            case "snapshot":
                self._start(message)
            case "card" | "call" | "pbx":
                self._next(message)
            case _:
                pass  # a client ignores what it does not know

    def _start(self, message: Thing) -> None:
        self.epoch, self.seq, self.started = message["epoch"], message["seq"], True
        self.cards = {card["id"]: card for card in message["cards"]}
        self.calls = {call["id"]: call for call in message["calls"]}
        self.pbx = {pbx["id"]: pbx for pbx in message["pbx"]}
        self.seqs = []

    def _next(self, message: Thing) -> None:
        if message["epoch"] != self.epoch or message["seq"] != self.seq + 1:
            self.gaps += 1
            return
        self.seq = message["seq"]
        self.seqs.append(self.seq)
        match message["type"]:
            case "card":
                known = self.cards.get(message["card"]["id"], {"rev": -1})
                if message["card"]["rev"] > known["rev"]:
                    _apply(self.cards, message["card"], gone=message.get("gone", False))
            case "call":
                _apply(self.calls, message["call"], gone=message.get("gone", False))
            case _:
                state = {
                    key: message[key] for key in message if key not in ("type", "epoch", "seq")
                }
                _apply(self.pbx, state, gone=False)


def _apply(things: dict[str, Thing], thing: Thing, *, gone: bool) -> None:
    if gone:
        things.pop(thing["id"], None)
    else:
        things[thing["id"]] = thing
