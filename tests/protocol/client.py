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
        said = orjson.loads(frame)
        match said["type"]:
            case "snapshot":
                self._start(said)
            case "card" | "call" | "pbx":
                self._next(said)
            case _:
                pass  # a client ignores what it does not know

    def _start(self, said: Thing) -> None:
        self.epoch, self.seq, self.started = said["epoch"], said["seq"], True
        self.cards = {card["id"]: card for card in said["cards"]}
        self.calls = {call["id"]: call for call in said["calls"]}
        self.pbx = {pbx["id"]: pbx for pbx in said["pbx"]}
        self.seqs = []

    def _next(self, said: Thing) -> None:
        if said["epoch"] != self.epoch or said["seq"] != self.seq + 1:
            self.gaps += 1
            return
        self.seq = said["seq"]
        self.seqs.append(self.seq)
        match said["type"]:
            case "card":
                known = self.cards.get(said["card"]["id"], {"rev": -1})
                if said["card"]["rev"] > known["rev"]:
                    _apply(self.cards, said["card"], gone=said.get("gone", False))
            case "call":
                _apply(self.calls, said["call"], gone=said.get("gone", False))
            case _:
                state = {key: said[key] for key in said if key not in ("type", "epoch", "seq")}
                _apply(self.pbx, state, gone=False)


def _apply(things: dict[str, Thing], thing: Thing, *, gone: bool) -> None:
    if gone:
        things.pop(thing["id"], None)
    else:
        things[thing["id"]] = thing
