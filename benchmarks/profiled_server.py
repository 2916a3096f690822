"""The product with a profiler: ``python -m benchmarks.profiled_server serve``.

It records the time of each stage of a ring, what blocked the event loop for how long, how long
garbage collections took by generation, and which package used the CPU (sampled each millisecond of
CPU time).
It costs some microseconds a call, so no ratio is taken from it. At exit it writes the results as
JSON to the file that ``PROFILE_FILE`` names.
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

FILE_VARIABLE = "PROFILE_FILE"
STAGES = ("read", "parsed", "understood", "looked_up", "composed", "published", "written")
"""Each is over when: the bytes are read; they are framed and split; its call
event is emitted; the lookup is done; the card is composed; it is in its user's stream; it is
written to the socket."""

OUTSIDE = "the loop and libraries"
_SAMPLE_INTERVAL_S = 0.001
PAUSE_S = 0.001
"""Callbacks that block the loop this long, in seconds, are recorded by name."""
_PACKAGE_PATH = f"{Path(screenpop.__file__).parent}{os.sep}"

_now = time.monotonic
_CARD, _CALL = b'"type":"card"', b'"call":"'


class ServerProfile:
    """The recorded times: per call those of each stage, and the pauses of the event loop."""

    def __init__(self) -> None:
        self.stamps: dict[str, dict[str, float]] = {}
        self.collections: dict[int, list[float]] = {}
        """Generation → how long each collection took while a call was live, in seconds."""
        self.live_calls: set[str] = set()
        self.pauses: dict[str, list[float]] = {}
        """What ran → seconds that it blocked the loop, each of ``PAUSE_S`` or longer."""
        self.packages: Counter[str] = Counter()
        self._looked_up_at = 0.0

    # -- one hook for each profiled function ---------------------------------------------------

    def framed(self, began: float, messages: Any, *_: Any) -> None:
        for message in messages:
            if message.get("Event") == "DialBegin":
                if not self.stamps:
                    self._begin()
                call = message.get("Linkedid")
                self.stamps.setdefault(call, {"read": began, "parsed": _now()})

    def understood(self, _: float, changes: Any, *__: Any) -> None:
        for change in changes:
            if type(change).__name__ == "CallArrived":
                self.live_calls.add(change.call)
            elif type(change).__name__ == "CallEnded":
                self.live_calls.discard(change.call)
            elif type(change).__name__ == "LegRinging":
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
        if self.live_calls:
            took = _now() - self._collecting_at
            self.collections.setdefault(about["generation"], []).append(took)

    def sample(self, _signal: int, frame: FrameType | None) -> None:
        """Count the package of the innermost Screenpop frame."""
        while frame is not None and not frame.f_code.co_filename.startswith(_PACKAGE_PATH):
            frame = frame.f_back
        module = frame.f_code.co_filename.removeprefix(_PACKAGE_PATH) if frame is not None else ""
        package = module.partition(os.sep)[0]
        # ``cli`` is the outermost frame: it runs the loop.
        self.packages[OUTSIDE if package in {"", "cli"} else package] += 1

    def _begin(self) -> None:
        """Drop what was recorded during the start, which is no part of a call."""
        self.collections.clear()
        self.pauses.clear()
        signal.setitimer(signal.ITIMER_PROF, _SAMPLE_INTERVAL_S, _SAMPLE_INTERVAL_S)

    def _stamp(self, call: str, stage: str) -> None:
        self.stamps.get(call, {}).setdefault(stage, _now())

    def as_json(self) -> bytes:
        return orjson.dumps(
            {
                "stamps": self.stamps,
                "collections": self.collections,
                "pauses": self.pauses,
                "packages": self.packages,
            },
            option=orjson.OPT_NON_STR_KEYS,
        )


def _what_ran(handle: Any) -> str:
    """Return the name of a callback, or of the coroutine whose task it continues."""
    callback = handle._callback  # noqa: SLF001 -- it may be gone when the handle was cancelled
    owner = getattr(callback, "__self__", None)
    ran = owner.get_coro() if isinstance(owner, asyncio.Task) else callback
    while isinstance(ran, functools.partial):
        ran = ran.func
    return str(getattr(ran, "__qualname__", None) or type(ran).__name__)


def install(profile: ServerProfile) -> None:
    """Install the hooks. Raises AttributeError where the product no longer has a function."""
    from screenpop.asterisk.ami_framing import AmiFramer
    from screenpop.protocol.user_stream import UserStream
    from screenpop.service import card_updates
    from screenpop.service.pbx_tracker import PbxTracker
    from screenpop.store.lookup.caller_lookup import SqliteCallerLookup

    transport = asyncio.selector_events._SelectorSocketTransport  # type: ignore[attr-defined]  # noqa: SLF001
    _after(AmiFramer, "feed", profile.framed)
    _after(PbxTracker, "messages", profile.understood)
    _after(SqliteCallerLookup, "now_or_later", profile.handle_lookup)
    _after(card_updates, "compose_with_part", profile.composed)
    _after(UserStream, "publish", profile.published)
    _after(transport, "write", profile.written)
    _after(asyncio.events.Handle, "_run", profile.called_back)
    gc.callbacks.append(profile.collecting)
    signal.signal(signal.SIGPROF, profile.sample)


def _after(owner: Any, name: str, callback: Callable[..., None]) -> None:
    """Have ``callback(began, result, *arguments)`` called after each call of ``owner.name``."""
    original = getattr(owner, name)

    @functools.wraps(original)
    def timed(*arguments: Any, **named: Any) -> Any:
        began = _now()
        result = original(*arguments, **named)
        callback(began, result, *arguments, **named)
        return result

    setattr(owner, name, timed)


def run() -> None:
    from screenpop.cli import main

    profile = ServerProfile()
    install(profile)
    atexit.register(lambda: Path(os.environ[FILE_VARIABLE]).write_bytes(profile.as_json()))
    main()


if __name__ == "__main__":
    run()
