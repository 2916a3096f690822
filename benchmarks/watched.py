"""The product with a stop-watch in it: ``python -m benchmarks.watched serve``.

Where a ring is on its way at each stage, what kept the loop for how long, how long collections of
garbage took by generation, and in which package the processor was (looked up each millisecond of
processor time).
It costs some microseconds a call, so no ratio is taken from it. At its end it writes what it saw as
JSON to the file that ``WATCHED_FILE`` names.
"""

import asyncio
import asyncio.selector_events
import atexit
import functools
import gc
import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import orjson

import screenpop

FILE_VARIABLE = "WATCHED_FILE"
STAGES = ("read", "parsed", "understood", "looked_up", "composed", "published", "written")
"""Each is over when: the bytes are read; they are framed and split; it is told as a change of a
call; the records have answered; the card is made; it is in its user's stream; the kernel has it."""

OUTSIDE = "the loop and libraries"
_LOOKS_EVERY_S = 0.001
PAUSE_S = 0.001
"""What keeps the loop so long, in seconds, is noted by its name."""
_HOUSE = f"{Path(screenpop.__file__).parent}{os.sep}"

_now = time.monotonic
_CARD, _CALL = b'"type":"card"', b'"call":"'


class Watch:
    """What was seen: per call the time of each stage, and the pauses of the loop."""

    def __init__(self) -> None:
        self.stamps: dict[str, dict[str, float]] = {}
        self.collections: dict[int, list[float]] = {}
        """Generation → how long each collection took, in seconds."""
        self.pauses: dict[str, list[float]] = {}
        """What ran → how long it kept the loop, each time that was ``PAUSE_S`` or longer."""
        self.rooms: Counter[str] = Counter()
        self._looked_up_at = 0.0

    # -- one for each place that is watched ----------------------------------------------------

    def framed(self, began: float, messages: Any, *_: Any) -> None:
        for message in messages:
            if message.get("Event") == "DialBegin":
                if not self.stamps:
                    self._begin()
                call = message.get("Linkedid")
                self.stamps.setdefault(call, {"read": began, "parsed": _now()})

    def understood(self, _: float, changes: Any, *__: Any) -> None:
        for change in changes:
            if type(change).__name__ == "LegRinging":
                self._stamp(change.call, "understood")

    def handle_lookup(self, *_: Any) -> None:
        self._looked_up_at = _now()

    def composed(self, _: float, card: Any, *__: Any) -> None:
        if "composed" not in self.stamps.get(card.call, {"composed": 0}):
            self.stamps[card.call]["looked_up"] = self._looked_up_at
            self._stamp(card.call, "composed")

    def published(
        self, _: float, __: Any, ___: Any, kind: str, key: str, *____: Any, **_____: Any
    ) -> None:
        if kind == "card":
            self._stamp(key.split("/")[1], "published")

    def written(self, _: float, __: Any, ___: Any, data: bytes) -> None:
        if _CARD in data[:64]:
            start = data.find(_CALL) + len(_CALL)
            self._stamp(data[start : data.find(b'"', start)].decode(), "written")

    def called_back(self, began: float, _: None, handle: Any) -> None:
        took = _now() - began
        if took >= PAUSE_S:
            self.pauses.setdefault(_what_ran(handle), []).append(took)

    def collecting(self, phase: str, about: dict[str, int]) -> None:
        if phase == "start":
            self._collecting_at = _now()
            return
        took = _now() - self._collecting_at
        self.collections.setdefault(about["generation"], []).append(took)

    def looked(self, _signal: int, frame: FrameType | None) -> None:
        """In which room the innermost line of ours is that runs now."""
        while frame is not None and not frame.f_code.co_filename.startswith(_HOUSE):
            frame = frame.f_back
        place = frame.f_code.co_filename.removeprefix(_HOUSE) if frame is not None else ""
        room = place.partition(os.sep)[0]
        # The command is the outermost frame of all: it runs the loop.
        self.rooms[OUTSIDE if room in {"", "cli"} else room] += 1

    def _begin(self) -> None:
        """What was done to start, a full collection too, is no part of a call."""
        self.collections.clear()
        self.pauses.clear()
        signal.setitimer(signal.ITIMER_PROF, _LOOKS_EVERY_S, _LOOKS_EVERY_S)

    def _stamp(self, call: str, stage: str) -> None:
        self.stamps.get(call, {}).setdefault(stage, _now())

    def as_json(self) -> bytes:
        return orjson.dumps(
            {
                "stamps": self.stamps,
                "collections": self.collections,
                "pauses": self.pauses,
                "rooms": self.rooms,
            },
            option=orjson.OPT_NON_STR_KEYS,
        )


def _what_ran(handle: Any) -> str:
    """The name of a callback, or of the coroutine of the task that it goes on with."""
    callback = handle._callback  # noqa: SLF001 -- it may be gone when the handle was cancelled
    owner = getattr(callback, "__self__", None)
    ran = owner.get_coro() if isinstance(owner, asyncio.Task) else callback
    while isinstance(ran, functools.partial):
        ran = ran.func
    return str(getattr(ran, "__qualname__", None) or type(ran).__name__)


def put_in(watch: Watch) -> None:
    """Raises AttributeError where the product has changed its insides."""
    from screenpop.asterisk.ami_framing import AmiFramer
    from screenpop.protocol.user_stream import UserStream
    from screenpop.service import card_updates
    from screenpop.service.pbx_tracker import PbxTracker
    from screenpop.store.lookup.caller_lookup import SqliteCallerLookup

    transport = asyncio.selector_events._SelectorSocketTransport  # type: ignore[attr-defined]  # noqa: SLF001
    _after(AmiFramer, "feed", watch.framed)
    _after(PbxTracker, "messages", watch.understood)
    _after(SqliteCallerLookup, "now_or_later", watch.handle_lookup)
    _after(card_updates, "compose_with_part", watch.composed)
    _after(UserStream, "publish", watch.published)
    _after(transport, "write", watch.written)
    _after(asyncio.events.Handle, "_run", watch.called_back)
    gc.callbacks.append(watch.collecting)
    signal.signal(signal.SIGPROF, watch.looked)


def _after(place: Any, name: str, tell: Callable[..., None]) -> None:
    """Have ``tell(began, result, *arguments)`` called after each call of ``place.name``."""
    whole = getattr(place, name)

    @functools.wraps(whole)
    def timed(*arguments: Any, **named: Any) -> Any:
        began = _now()
        result = whole(*arguments, **named)
        tell(began, result, *arguments, **named)
        return result

    setattr(place, name, timed)


def run() -> None:
    from screenpop.cli import main

    watch = Watch()
    put_in(watch)
    atexit.register(lambda: Path(os.environ[FILE_VARIABLE]).write_bytes(watch.as_json()))
    main()


if __name__ == "__main__":
    run()
