"""What the web room needs from the rest of the house, as plain callables and one protocol."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Literal, Protocol

from screenpop.accounts.departments import Section
from screenpop.accounts.users import UserId
from screenpop.protocol.client_messages import Stage
from screenpop.protocol.server_messages import Position, Start
from screenpop.telephony.identifiers import CallId, Endpoint, PbxId


class Reader(Protocol):
    """One browser's socket, as the bus sees it. Neither member blocks or raises."""

    @property
    def room(self) -> int:
        """How many more frames it takes before it ought to acknowledge some."""

    def deliver(self, seq: int, frame: bytes) -> None: ...


class Streams(Protocol):
    """The bus: every user's stream."""

    async def join(self, user: UserId, last: Position | None, reader: Reader) -> Start:
        """From the answer on, ``reader`` gets everything that follows it, in order."""

    def leave(self, user: UserId, reader: Reader) -> None:
        """Harmless for a reader that never joined or has left."""

    def head(self, user: UserId) -> Position: ...


Receipts = Callable[[UserId, str, int, Stage, float], None]
"""``receipts(user, card_id, rev, stage, at)``: must not block. ``at`` is the wall clock."""

Commands = Callable[[UserId, str, dict[str, object]], Awaitable[Mapping[str, object]]]
"""``await commands(user, op, args)``: what came of it. A mapping with the key ``error`` (a code)
says that it was not done. Called once for each command id, however often a page asks."""

Simulate = Callable[[dict[str, object]], Awaitable[Mapping[str, object]]]
"""``await simulate(request)`` plays one call; ``request`` is a checked ``SimulatedCall`` as a
dict. The answer says at least ``call``, the call's id. A key ``error`` (a code) says why not."""

Readiness = Callable[[], Mapping[str, str]]
"""What is not ready, and why: ``{"pbx office": "connecting"}``. Empty when all is well."""


@dataclass(frozen=True, slots=True)
class HotDesks:
    """Where people may sit down. ``is_phone`` takes the PBX, or an empty one for whichever;
    ``changed`` is called after somebody has sat down, left, or wants another language; it must not
    block."""

    pbxes: tuple[PbxId, ...] = ()
    is_phone: Callable[[PbxId, Endpoint], bool] = lambda _pbx, _endpoint: True
    changed: Callable[[], None] = lambda: None
    has_phone: Callable[[UserId], bool] = lambda _user: False
    """Whether a user sits at a phone now: by login, by the settings, or as a member of a queue."""


@dataclass(frozen=True, slots=True)
class ExportRequestSpec:
    """Which customers are to go out, and as what."""

    kind: Literal["csv", "xlsx"]
    language: str
    """Of the headings."""
    sections: frozenset[Section]
    """What whoever asks may see; nothing else goes out."""
    search: str = ""
    """As typed on the list; empty: all."""

    @property
    def notes(self) -> bool:
        """Whether the search looks through notes: a hit would tell what they say."""
        return Section.PERSONAL in self.sections


class ExportRefusedError(Exception):
    """``code``: ``busy``, ``failed``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


Export = Callable[[ExportRequestSpec], AbstractAsyncContextManager[AsyncIterator[bytes]]]
"""``async with export(order) as pieces``: the file as it is written."""

NoteChanged = Callable[[PbxId, CallId, UserId, str], None]
"""``note_changed(pbx, call, author, text)``: a call's page has a new note; must not block."""


def no_note_changed(_pbx: PbxId, _call: CallId, _author: UserId, _text: str) -> None:
    """For a site without cards."""


@dataclass(frozen=True, slots=True)
class TrunkFacts:
    """One trunk of the settings."""

    name: str
    region: str
    lines: tuple[tuple[str, str], ...]
    """Number that callers dial, and its name on the card."""


@dataclass(frozen=True, slots=True)
class PbxFacts:
    """One PBX of the settings, without its secret."""

    pbx: PbxId
    host: str
    port: int
    username: str
    has_tls: bool
    phones: tuple[str, ...]
    """Patterns of extensions."""
    trunks: tuple[TrunkFacts, ...]


@dataclass(frozen=True, slots=True)
class PbxTestResult:
    """What a new connection to a PBX found; ``code`` and ``params`` name what is wrong."""

    is_live: bool
    took_s: float
    channel_count: int = 0
    code: str = ""
    params: Mapping[str, str | int | float] = field(default_factory=dict)


async def _no_pbx(_: PbxId) -> PbxTestResult:
    return PbxTestResult(is_live=False, took_s=0.0)


@dataclass(frozen=True, slots=True)
class AdminFacts:
    """What ``/admin`` shows of the settings and the links."""

    pbxes: tuple[PbxFacts, ...] = ()
    region: str = ""
    extensions: tuple[str, ...] = ()
    keep_days: Mapping[str, int] = field(default_factory=dict)
    """Of ``calls``, ``traces`` and ``logins``; 0 keeps them for ever."""
    link_states: Callable[[], Mapping[PbxId, str]] = dict
    """The state of each link now, such as ``live``."""
    test_pbx: Callable[[PbxId], Awaitable[PbxTestResult]] = _no_pbx
    """Opens a connection of its own, logs in, reads the lists, and leaves."""


Clock = Callable[[], float]
